/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_TRIAL_H
#define BENCH_WIRE_TRIAL_H

/**
 * @file
 * One trial on the simulated wire: the Measurer of RFC 9971 §4.9.1. A card of its own is
 * started, its wire sends a number of frames at one load, and the main lcore takes what
 * it can, reads each header, and gives the buffers back, until every frame is accounted
 * for.
 *
 * So of the phases of a trial (RFC 2544 §23) there are no learning frames, and no waits
 * of fixed length: the ledger says when no frame is left. All frames are sent; those that
 * are not delivered by the end are lost ones.
 */

#include <stdbool.h>
#include <stdint.h>

#include "buffers.h"
#include "hold.h"
#include "labyrinth_histogram.h"
#include "labyrinth_ledger.h"

#include "wire_options.h"

/** What all trials have in common. */
struct wire_bench {
	const struct wire_options *options;
	struct wire_buffers buffers;
	struct wire_hold hold;
	int device_cpu;           /**< in mode thread: that of the second lcore */
	struct labyrinth_ledger ledger;  /**< sum of all trials since it was zeroed */
};

struct wire_trial {
	const struct wire_size *size;
	double load;              /**< frames a second */
	uint64_t frames;          /**< sent in all */
	/** Receives nanoseconds from arrival on the wire to delivery, of one of
	 * WIRE_LATENCY_EVERY frames. NULL: nothing is noted. */
	struct labyrinth_histogram *latency;
};

#define WIRE_LATENCY_EVERY 16u

struct wire_outcome {
	struct labyrinth_ledger ledger;
	double loss_ratio;        /**< of the frames that were to be sent */
	double forwarding_rate;   /**< RFC 9971 §4.5.7: load less loss, frames a second */
	uint64_t alloc_fail;      /**< attempts to replace buffers that brought too few */
};

/** Frames of a trial of so many seconds; at least 1. */
uint64_t
wire_trial_frames(double load, double seconds);

/**
 * Make a trial.
 *
 * @return BENCH_OK; BENCH_USAGE the card refuses the configuration; BENCH_ENVIRONMENT;
 *   BENCH_INVARIANT the ledger does not balance or a buffer is missing
 */
enum bench_exit
wire_trial_run(struct wire_bench *bench, const struct wire_trial *trial,
	struct wire_outcome *outcome, struct labyrinth_error *error);

/** Let the trial that runs, and all to come, end at once. Also from a signal handler. */
void
wire_stop(void);

/** Were they to? Then the outcome of the last trial is none. */
bool
wire_stopped(void);

#endif /* BENCH_WIRE_TRIAL_H */
