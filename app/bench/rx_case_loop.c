/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * As fast as the core can: with each poll just as much virtual time passes as a burst
 * takes on the wire. Coloured pages, uncoloured ones, and the bare loops, by turns.
 *
 * The pages of a new ring stand in order, and as long as each poll brings a full burst they
 * come back so, for which the pool has a fast way. A real wire brings bursts of all sizes,
 * after which pages are in no order any more: that is "aged".
 */

#include "bench.h"
#include "rx_bare.h"
#include "rx_bench.h"
#include "wire.h"

/* Polls between two looks at the clock. */
#define POLLS 64u
/* Polls until no two pages are as they were. */
#define AGE_POLLS 100000u

static struct labyrinth_nic_config
loop_config(void)
{
	struct labyrinth_nic_config config;

	labyrinth_nic_config_init(&config);
	config.virtual_clock = true;
	return config;
}

/* Mpps of a slice. */
static double
card_slice(const struct rx_bench *bench, const struct rx_card *card, uint64_t burst_ps)
{
	uint64_t start = rte_rdtsc(), end = bench_deadline(BENCH_SLICE_S), frames = 0;

	do {
		for (unsigned int i = 0; i < POLLS; i++) {
			labyrinth_nic_clock_advance(card->nic, burst_ps);
			frames += rx_poll(bench, card->rxq);
		}
	} while (rte_rdtsc() < end);
	return bench_mobj(frames, rte_rdtsc() - start);
}

/* Polls of 1 to RX_BURST frames, by chance. */
static void
age(const struct rx_bench *bench, const struct rx_card *card)
{
	uint64_t burst_ps = labyrinth_nic_arrival_ps(card->nic, 0), random = 1;

	for (unsigned int i = 0; i < AGE_POLLS; i++) {
		labyrinth_nic_clock_advance(
			card->nic, (1 + lab_random_below(&random, RX_BURST)) * burst_ps);
		rx_poll(bench, card->rxq);
	}
}

struct way {
	const char *impl;
	bool uncoloured, aged;
};

static enum bench_exit
run_card(struct rx_bench *bench, const char *name, uint32_t ring, const struct way *way,
	struct labyrinth_error *error)
{
	const struct labyrinth_nic_config config = loop_config();
	unsigned int n = bench_slices(bench->plan.loop);
	double rate[BENCH_SLICES_MAX];
	struct rx_card card;
	enum bench_exit ret = rx_card_open(
		bench, &config, ring, &bench->source[way->uncoloured], &card, error);
	uint64_t burst_ps;

	if (ret != BENCH_OK)
		return ret;
	burst_ps = labyrinth_nic_arrival_ps(card.nic, RX_BURST - 1);
	if (way->aged)
		age(bench, &card);
	card_slice(bench, &card, burst_ps);
	for (unsigned int i = 0; i < n; i++)
		rate[i] = card_slice(bench, &card, burst_ps);
	bench_results_add(
		&bench->results, name, way->impl, "Mpps", bench_median(rate, n));
	return rx_card_close(&card, error);
}

static double
bare_slice(struct rx_bare *bare, bool descriptors)
{
	uint64_t start = rte_rdtsc(), end = bench_deadline(BENCH_SLICE_S), frames = 0;

	do {
		rx_bare_round(bare, descriptors);
		frames += bare->size;
	} while (rte_rdtsc() < end);
	return bench_mobj(frames, rte_rdtsc() - start);
}

static enum bench_exit
run_bare(struct rx_bench *bench, const char *name, uint32_t ring, bool descriptors,
	struct labyrinth_error *error)
{
	const struct labyrinth_nic_config config = loop_config();
	unsigned int n = bench_slices(bench->plan.loop);
	double rate[BENCH_SLICES_MAX];
	enum bench_exit fresh = rx_bench_renew(bench, error);
	struct rx_bare bare;
	int ret;

	if (fresh != BENCH_OK)
		return fresh;
	ret = rx_bare_open(&bare, &config, &bench->source[0], ring);
	if (ret == 0) {
		bare_slice(&bare, descriptors);
		for (unsigned int i = 0; i < n; i++)
			rate[i] = bare_slice(&bare, descriptors);
		bench_results_add(&bench->results, name,
			descriptors ? "bare" : "bare-frames", "Mpps",
			bench_median(rate, n));
	}
	rx_bare_close(&bare);
	if (ret != 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"no memory for a bare ring of %u", ring);
	return BENCH_OK;
}

enum bench_exit
rx_case_loop(struct rx_bench *bench, struct labyrinth_error *error)
{
	static const uint32_t rings[] = RX_RINGS;
	static const char *const names[] = { "loop/512", "loop/1024", "loop/2048" };
	static const struct way ways[] = {
		{ "labyrinth", false, false },
		{ "labyrinth-uncoloured", true, false },
		{ "labyrinth-aged", false, true },
	};
	enum bench_exit ret = BENCH_OK;

	for (unsigned int run = 0; run < bench->runs; run++)
		for (unsigned int i = 0; i < RX_RING_KINDS; i++) {
			for (int w = 0; w < 3 && ret == BENCH_OK; w++)
				ret = run_card(
					bench, names[i], rings[i], &ways[w], error);
			for (int bare = 0; bare < 2 && ret == BENCH_OK; bare++)
				ret = run_bare(
					bench, names[i], rings[i], bare == 1, error);
		}
	return ret;
}
