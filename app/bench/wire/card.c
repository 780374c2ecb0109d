/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>

#include <rte_cycles.h>

#include "card.h"

enum bench_exit
wire_card_open(struct wire_card *card, const struct wire_options *o,
	const struct wire_buffers *buffers, const struct wire_flow *flow, int cpu,
	struct labyrinth_error *error)
{
	struct labyrinth_nic_config config;
	const struct bench_nic_plan plan = { &config, 1, o->rxd, &buffers->source };
	enum bench_exit ret;

	labyrinth_nic_config_init(&config);
	wire_size_apply(flow->size, &config);
	config.name = "wire";
	config.rate = wire_bandwidth(flow->size, flow->load) * 1e-9;
	config.frames = flow->frames;
	config.policy = flow->policy;
	config.mode = o->mode;
	config.device_cpu = cpu;
	config.scatter = flow->size->largest > buffers->source.room;
	config.tsc_hz = rte_get_tsc_hz();
	ret = bench_nic_open(&plan, &card->nic, error);
	if (ret == BENCH_OK)
		card->rxq = labyrinth_nic_rxq(card->nic, 0);
	return ret;
}

enum bench_exit
wire_card_close(struct wire_card *card, struct labyrinth_rxq_stats *stats,
	struct labyrinth_error *error)
{
	int64_t off;

	labyrinth_nic_stop(card->nic);
	labyrinth_nic_rx_stats(card->nic, stats);
	labyrinth_nic_destroy(card->nic);
	off = labyrinth_ledger_imbalance(&stats->ledger);
	if (off == 0 && stats->ledger.in_flight == 0)
		return BENCH_OK;
	return labyrinth_fail(error, BENCH_INVARIANT,
		"the ledger of a trial is off by %+" PRId64 " frames", off);
}
