/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_MEASURE_H
#define BENCH_WIRE_MEASURE_H

/**
 * @file
 * All that is measured for one frame size, the Manager of RFC 9971 §4.9.3: the search of
 * NDR and PDR, then MRR, loss against load, back-to-back, latency at parts of PDR, and
 * losses over time by policy. What is there when it is broken off is kept and says so.
 */

#include "burst.h"
#include "progress.h"
#include "search.h"
#include "timeline.h"
#include "trial.h"

/** Room for repetitions of MRR and of back-to-back. */
#define WIRE_REPEATS_MAX 64u
/** Loads of the loss curve: 100, 90 … 10 % of line rate. */
#define WIRE_LOSS_STEPS 10u
/** Loads at which latency is measured. */
#define WIRE_LATENCY_LOADS 3u

/** Policies of which losses over time are noted. */
#define WIRE_POLICIES 3u

/** A trial as it was. */
struct wire_record {
	const char *what;     /**< the goal's name, or "mrr", "loss", "latency" */
	double load, seconds;
	struct wire_outcome outcome;
};

struct wire_latency {
	uint32_t percent;     /**< of PDR */
	double load;
	uint64_t samples;
	double min, p50, p90, p99, p999, max;  /**< µs; buckets of 3 % */
};

struct wire_result {
	const struct wire_size *size;
	double line_rate;     /**< frames a second: most load */
	unsigned int done;    /**< of enum wire_measures: those that are complete */
	bool searched;        /**< the search began: goal[] counts */
	struct search_result goal[SEARCH_GOALS_MAX];
	double mrr[WIRE_REPEATS_MAX];
	uint32_t mrrs;
	struct wire_record loss[WIRE_LOSS_STEPS];
	uint32_t losses;
	double burst[WIRE_REPEATS_MAX];   /**< frames */
	uint32_t bursts;
	bool burst_unlimited; /**< line rate as long as it was tried: no buffer shows */
	struct search_buffer buffer;      /**< of the average burst */
	struct wire_latency latency[WIRE_LATENCY_LOADS];
	uint32_t latencies;
	struct wire_timeline timeline[WIRE_POLICIES];
	uint32_t timelines;
	struct labyrinth_ledger ledger;   /**< of all trials */
	double seconds;       /**< all of it took */
	struct wire_record *trial;        /**< of the search, in order */
	uint32_t trials, room;
};

/** Seconds of trials that a size is likely to need. */
double
wire_measure_guess(const struct wire_options *options, double line_rate);

/**
 * Measure @p size.
 *
 * @param result  filled as far as it gets, also on errors
 * @return BENCH_OK, also if it was broken off (wire_stopped()); else as wire_trial_run()
 */
enum bench_exit
wire_measure(struct wire_bench *bench, const struct wire_size *size,
	struct wire_progress *progress, struct wire_result *result,
	struct labyrinth_error *error);

void
wire_result_free(struct wire_result *result);

#endif /* BENCH_WIRE_MEASURE_H */
