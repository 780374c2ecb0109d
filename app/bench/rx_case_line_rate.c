/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * 64 byte frames at 100 Gb/s for seconds. If frames are missed, was it the loop or was the
 * core taken away? A gap between two polls that is longer than the ring lasts loses
 * frames whatever the loop does: those are told apart by how long the gaps were.
 */

#include "bench.h"
#include "rx_bench.h"

struct run {
	uint64_t frames, missed;
	uint64_t missed_in_gaps;  /* in polls that came later than the ring lasts */
	uint64_t longest;         /* gap, in ticks */
	uint64_t gaps;            /* longer than the ring lasts */
};

static void
receive(const struct rx_bench *bench, const struct rx_card *card, uint64_t ring_ticks,
	struct run *run)
{
	uint64_t last = rte_rdtsc(), end = bench_deadline(bench->plan.line_rate);
	uint64_t before = rx_card_missed(card), missed = before;

	while (last < end) {
		uint64_t now, gap;

		run->frames += rx_poll(bench, card->rxq);
		now = rte_rdtsc();
		gap = now - last;
		last = now;
		if (gap > run->longest)
			run->longest = gap;
		if (labyrinth_unlikely(gap > ring_ticks)) {
			/* within this poll or before: the next knows in any case */
			run->frames += rx_poll(bench, card->rxq);
			run->gaps++;
			run->missed_in_gaps += rx_card_missed(card) - missed;
			last = rte_rdtsc();
		}
		missed = rx_card_missed(card);
	}
	run->missed = rx_card_missed(card) - before;
}

static enum bench_exit
run_once(struct rx_bench *bench, struct labyrinth_error *error)
{
	struct bench_results *results = &bench->results;
	struct labyrinth_nic_config config;
	struct run run = { 0 };
	struct rx_card card;
	enum bench_exit ret;
	double us = 1e6 / (double)rte_get_tsc_hz();

	labyrinth_nic_config_init(&config);
	config.tsc_hz = rte_get_tsc_hz();
	ret = rx_card_open(bench, &config, RX_RING, &bench->source[0], &card, error);
	if (ret != BENCH_OK)
		return ret;
	receive(bench, &card,
		(uint64_t)(RX_RING / labyrinth_nic_config_frame_rate(&config) *
			(double)rte_get_tsc_hz()),
		&run);
	bench_results_add(results, "line_rate", "delivered", "frames", (double)run.frames);
	bench_results_add(results, "line_rate", "missed", "frames", (double)run.missed);
	bench_results_add(results, "line_rate", "missed, core taken away", "frames",
		(double)run.missed_in_gaps);
	bench_results_add(results, "line_rate", "gaps longer than the ring", "gaps",
		(double)run.gaps);
	bench_results_add(results, "line_rate", "longest gap", "us",
		(double)run.longest * us);
	return rx_card_close(&card, error);
}

enum bench_exit
rx_case_line_rate(struct rx_bench *bench, struct labyrinth_error *error)
{
	return run_once(bench, error);
}
