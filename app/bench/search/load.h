/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_SEARCH_LOAD_H
#define BENCH_SEARCH_LOAD_H

/**
 * @file
 * What trials at one load say about a goal: Load Classification (RFC 9971 §4.7.2, §6.1,
 * appendix A) and Conditional Throughput (§4.8.3, §6.2, appendix B). Pure functions of
 * the trials, but for search_load_add() and _free().
 */

#include <stdint.h>

#include "goal.h"

/** What a trial brought: RFC 9971 §4.5.10, without the load. */
struct search_trial {
	double duration;    /**< intended, s */
	double effective;   /**< §4.5.8, s: what it counts for */
	double loss_ratio;  /**< 0 … 1 */
};

/** A load and all trials at it. Zeroes are one that was never tried. */
struct search_load {
	double load;        /**< frames a second */
	struct search_trial *trial;  /**< the least loss first */
	uint32_t trials;
	uint32_t room;
};

/** @return 0; -ENOMEM */
int
search_load_add(struct search_load *load, const struct search_trial *trial);

void
search_load_free(struct search_load *load);

enum search_bound {
	SEARCH_UNDECIDED,
	SEARCH_LOWER,  /**< meets the goal, whatever trials still missing would bring */
	SEARCH_UPPER,  /**< fails it, likewise */
};

/** What @p load is for @p goal by now. */
enum search_bound
search_load_classify(const struct search_load *load, const struct search_goal *goal);

/**
 * Frames a second that come through at @p load in the worst trial that the goal counts:
 * of which no more than its exceed ratio is worse. Trials that the goal's duration sum
 * still misses count as total loss.
 *
 * @return 0 where there is no full-length trial
 */
double
search_conditional_throughput(const struct search_load *load,
	const struct search_goal *goal);

#endif /* BENCH_SEARCH_LOAD_H */
