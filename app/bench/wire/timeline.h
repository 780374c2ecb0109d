/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_TIMELINE_H
#define BENCH_WIRE_TIMELINE_H

/**
 * @file
 * Losses over time: line rate for 20 ms, of which the application keeps all that it gets
 * for 5 ms and then frees it at once. How soon a policy begins to lose frames, for which
 * reason, and how soon it recovers.
 */

#include "trial.h"

#define WIRE_TIMELINE_US       20000u
#define WIRE_TIMELINE_KEEP_US  5000u   /**< from here on it keeps … */
#define WIRE_TIMELINE_FREE_US  10000u  /**< … until here */
#define WIRE_TIMELINE_SAMPLES  200u

/** Counted up to then. */
struct wire_sample {
	double us;        /**< since the wire began */
	struct labyrinth_ledger ledger;
};

struct wire_timeline {
	enum labyrinth_rx_policy policy;
	struct wire_sample sample[WIRE_TIMELINE_SAMPLES];
	uint32_t samples;
};

/** @return BENCH_OK, also if it was broken off; else as wire_trial_run() */
enum bench_exit
wire_timeline_run(struct wire_bench *bench, const struct wire_size *size, double load,
	struct wire_timeline *timeline, struct labyrinth_error *error);

#endif /* BENCH_WIRE_TIMELINE_H */
