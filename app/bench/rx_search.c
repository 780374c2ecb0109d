/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <math.h>

#include "bench.h"
#include "rx_search.h"

/** Gb/s between which is searched. */
#define LOW  0.5
#define HIGH LABYRINTH_RATE_MAX
/** Slices that do not count after one that was void, or at the start. */
#define SETTLE 3u

/** A slice. */
#define SLICE_S 1e-4
/** Two polls may be apart for so much of what the ring lasts: more, and the core was gone,
 * for a poll takes a burst of the ring only. */
#define GAP_OF_RING 0.25

enum verdict { CLEAN, LOSSY, VOID };

/*
 * Poll for a slice. It says nothing if somebody took the core away, or that of the device:
 * then fewer frames came than the wire sent, though none was missed.
 */
static enum verdict
poll_slice(const struct rx_bench *bench, const struct rx_card *card, double frame_rate)
{
	uint64_t last = rte_rdtsc(), end = bench_deadline(SLICE_S);
	uint64_t gap_max = (uint64_t)(GAP_OF_RING * labyrinth_rxq_size(card->rxq) /
		frame_rate * (double)rte_get_tsc_hz());
	uint64_t missed = rx_card_missed(card), frames = 0;
	bool gap = false;

	while (last < end) {
		uint64_t now;

		frames += rx_poll(bench, card->rxq);
		now = rte_rdtsc();
		gap |= now - last > gap_max;
		last = now;
	}
	if (gap)
		return VOID;
	if (rx_card_missed(card) != missed)
		return LOSSY;
	/* a fifth for what was in the ring before and is now */
	return (double)frames < 0.8 * frame_rate * SLICE_S ? VOID : CLEAN;
}

/* Do nearly all slices that count have no loss? */
static enum bench_exit
try_rate(struct rx_bench *bench, const struct labyrinth_nic_config *config, uint32_t ring,
	const struct labyrinth_source *source, bool *passes, struct labyrinth_error *error)
{
	double frame_rate = labyrinth_nic_config_frame_rate(config);
	unsigned int n = (unsigned int)(bench->plan.search / SLICE_S);
	unsigned int of[3] = { 0 }, settle = SETTLE;
	struct rx_card card;
	enum bench_exit ret = rx_card_open(bench, config, ring, source, &card, error);

	if (ret != BENCH_OK)
		return ret;
	for (unsigned int i = 0; i < n; i++) {
		enum verdict verdict = poll_slice(bench, &card, frame_rate);

		/* what piled up meanwhile has to go first */
		if (verdict == VOID)
			settle = SETTLE;
		else if (settle > 0)
			settle--;
		else
			of[verdict]++;
	}
	*passes = of[CLEAN] > 9 * of[LOSSY];
	return rx_card_close(&card, error);
}

enum bench_exit
rx_search(struct rx_bench *bench, const struct labyrinth_nic_config *config,
	uint32_t ring, const struct labyrinth_source *source, double *rate,
	struct labyrinth_error *error)
{
	struct labyrinth_nic_config now = *config;
	double low = LOW, high = HIGH;
	enum bench_exit ret = BENCH_OK;
	bool passes = false;

	*rate = 0;
	now.tsc_hz = rte_get_tsc_hz();
	for (uint32_t i = 0; i < bench->plan.steps && ret == BENCH_OK; i++) {
		now.rate = sqrt(low * high);
		ret = try_rate(bench, &now, ring, source, &passes, error);
		if (passes)
			low = *rate = now.rate;
		else
			high = now.rate;
	}
	return ret;
}
