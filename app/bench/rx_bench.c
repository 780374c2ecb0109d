/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>

#include "nic_private.h"
#include "rx_bench.h"

enum bench_exit
rx_bench_open(struct rx_bench *bench, struct labyrinth_error *error)
{
	const struct labyrinth_pool_config config = {
		.name = "rx-loop", .pages = RX_PAGES, .numa_node = -1,
	};

	if (labyrinth_pool_create(&config, &bench->pool, error) != 0)
		return BENCH_ENVIRONMENT;
	if (labyrinth_owner_register(bench->pool, "rx", NULL, 0, &bench->owner) != 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT, "no owner for the rx core");
	for (int i = 0; i < 2; i++)
		labyrinth_page_source_init(&bench->pages[i], &bench->source[i], bench->pool,
			bench->owner, i == 1);
	return BENCH_OK;
}

enum bench_exit
rx_bench_close(struct rx_bench *bench, struct labyrinth_error *error)
{
	struct labyrinth_pool_stats stats;
	uint64_t refused = 0;

	if (bench->pool == NULL)
		return BENCH_OK;
	labyrinth_pool_stats(bench->pool, &stats);
	for (int i = 0; i < LABYRINTH_REFUSAL_KINDS; i++)
		refused += stats.refused[i];
	if (refused != 0 || stats.owned != 0)
		return labyrinth_fail(error, BENCH_INVARIANT,
			"%" PRIu32 " pages did not come back, %" PRIu64 " were refused",
			stats.owned, refused);
	labyrinth_owner_unregister(bench->owner, NULL);
	if (labyrinth_pool_destroy(bench->pool, error) != 0)
		return BENCH_INVARIANT;
	bench->pool = NULL;
	return BENCH_OK;
}

enum bench_exit
rx_bench_renew(struct rx_bench *bench, struct labyrinth_error *error)
{
	enum bench_exit ret = rx_bench_close(bench, error);

	return ret == BENCH_OK ? rx_bench_open(bench, error) : ret;
}

enum bench_exit
rx_card_open(struct rx_bench *bench, const struct labyrinth_nic_config *config,
	uint32_t ring, const struct labyrinth_source *source, struct rx_card *card,
	struct labyrinth_error *error)
{
	const struct bench_nic_plan plan = { config, 1, ring, source };
	enum bench_exit ret = rx_bench_renew(bench, error);

	if (ret == BENCH_OK)
		ret = bench_nic_open(&plan, &card->nic, error);
	if (ret == BENCH_OK)
		card->rxq = labyrinth_nic_rxq(card->nic, 0);
	return ret;
}

enum bench_exit
rx_card_close(struct rx_card *card, struct labyrinth_error *error)
{
	struct labyrinth_rxq_stats stats;
	int64_t off;

	labyrinth_nic_stop(card->nic);
	labyrinth_rxq_stats(card->rxq, &stats);
	off = labyrinth_ledger_imbalance(&stats.ledger);
	labyrinth_nic_destroy(card->nic);
	if (off == 0)
		return BENCH_OK;
	return labyrinth_fail(error, BENCH_INVARIANT,
		"the card's ledger is off by %+" PRId64 " frames", off);
}

uint64_t
rx_card_missed(const struct rx_card *card)
{
	/* straight from the counter: the case that asks does so with each poll */
	return lab_counter_read(&card->rxq->device.lost[LABYRINTH_REASON_IMISSED]);
}
