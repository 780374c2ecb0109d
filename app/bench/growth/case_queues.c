/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * So many rx queues of the simulated card, 512 descriptors each, polled by one core by
 * turns: bursts of up to 32 frames of 64 bytes, which RSS deals to the queues. Virtual
 * time goes on by a burst for each queue with each round. In cycles for a frame: written
 * by the card, received, its header read, freed.
 */

#include "growth.h"
#include "nic.h"

#define QUEUES_MAX 16u
#define RING       512u
#define FLOWS      4096u

static const uint32_t counts[] = { 1, 2, 4, 8, QUEUES_MAX };

struct card {
	struct labyrinth_nic *nic;
	struct labyrinth_owner *owner;
	uint32_t queues;
	uint64_t round_ps;
};

static uint32_t
poll_queue(const struct card *card, uint32_t q)
{
	struct labyrinth_seg seg[BENCH_BULK];
	uint32_t page[BENCH_BULK];
	uint32_t n = labyrinth_rx_burst(
		labyrinth_nic_rxq(card->nic, q), seg, BENCH_BULK, BENCH_BULK);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		sum += bench_read_header(seg[i].data);
		page[i] = labyrinth_page_of_buffer(seg[i].buffer);
	}
	bench_use(sum);
	if (n != 0)
		labyrinth_free_index_bulk(card->owner, page, n, NULL);
	return n;
}

static uint64_t
queues_loop(void *arg, uint64_t until)
{
	const struct card *card = arg;
	uint64_t frames = 0;

	do {
		labyrinth_nic_clock_advance(card->nic, card->round_ps);
		for (uint32_t q = 0; q < card->queues; q++)
			frames += poll_queue(card, q);
	} while (rte_rdtsc() < until || frames == 0);
	return frames;
}

static enum bench_exit
measure(struct growth *growth, struct card *card, const struct labyrinth_source *source,
	struct labyrinth_error *error)
{
	struct labyrinth_nic_config config;
	const struct bench_nic_plan plan = { &config, card->queues, RING, source };
	enum bench_exit ret;
	char name[24];

	labyrinth_nic_config_init(&config);
	config.virtual_clock = true;
	config.flows = FLOWS;
	ret = bench_nic_open(&plan, &card->nic, error);
	if (ret != BENCH_OK)
		return ret;
	card->round_ps =
		labyrinth_nic_arrival_ps(card->nic, BENCH_BULK * card->queues - 1);
	snprintf(name, sizeof(name), "queues/%u", card->queues);
	bench_results_add(&growth->results, name, "labyrinth", "cycles",
		bench_cycles_each(queues_loop, card, growth->cell));
	labyrinth_nic_stop(card->nic);
	labyrinth_nic_destroy(card->nic);
	return BENCH_OK;
}

static enum bench_exit
run(struct growth *growth, uint32_t queues, struct labyrinth_error *error)
{
	const struct labyrinth_pool_config config = {
		.name = "growth",
		.pages = 2 * QUEUES_MAX * RING,
		.numa_node = -1,
	};
	struct labyrinth_page_source pages;
	struct card card = { .queues = queues };
	struct labyrinth_source source;
	struct labyrinth_pool *pool;
	enum bench_exit ret;

	if (labyrinth_pool_create(&config, &pool, error) != 0)
		return BENCH_ENVIRONMENT;
	if (labyrinth_owner_register(pool, "rx", NULL, 0, &card.owner) != 0)
		return labyrinth_fail(
			error, BENCH_ENVIRONMENT, "no owner for the rx core");
	labyrinth_page_source_init(&pages, &source, pool, card.owner, false);
	ret = measure(growth, &card, &source, error);
	if (ret == BENCH_OK && (labyrinth_owner_unregister(card.owner, error) != 0 ||
				       labyrinth_pool_destroy(pool, error) != 0))
		ret = BENCH_INVARIANT;
	return ret;
}

enum bench_exit
growth_case_queues(struct growth *growth, struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (unsigned int r = 0; r < growth->runs; r++)
		for (size_t i = 0; i < RTE_DIM(counts) && ret == BENCH_OK; i++)
			ret = run(growth, counts[i], error);
	return ret;
}
