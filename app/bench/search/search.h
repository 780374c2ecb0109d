/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_SEARCH_H
#define BENCH_SEARCH_H

/**
 * @file
 * The Controller of RFC 9971 (MLRsearch, §4.9.2): which load to try next, for how long,
 * and what the trials say in the end. It does no I/O and knows no clock: the caller makes
 * the trials (the Measurer, §4.9.1) and reports what they brought.
 *
 *     while (search_next(search, &trial))
 *             search_report(search, &trial, measure(&trial));
 *
 * HOW IT CHOOSES
 *
 *   The next trial is a function of the trials so far, of nothing else. Loads lie on a
 *   grid: the most one, and each next one less by the narrowest goal's width. Each goal
 *   is approached in SEARCH_PHASES phases: first with short trials and wide bounds, last
 *   as the goal says. A phase begins at the bounds of the one before (the first one at
 *   what came through at most load, RFC 2285 FRMOL), lower load first (§5.3.4); bounds
 *   that do not hold are left by steps that double, and an interval too wide is halved.
 *   All goals are through one phase before any begins the next, that with least loss
 *   first; and every trial counts for all of them.
 *
 *   So with n loads a search makes no more trials than fill the duration sums of all
 *   phases at each: it ends.
 *
 * One thread at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "goal.h"
#include "load.h"

/** Phases of a goal. */
#define SEARCH_PHASES 3u
/** Most loads on the grid. */
#define SEARCH_LEVELS_MAX 1000000u

/** Controller Input, §4.6.8. */
struct search_config {
	double min_load;  /**< frames a second, more than 0 (§4.6.8.2) */
	double max_load;  /**< is tried itself (§4.6.8.1) */
	struct search_goal goal[SEARCH_GOALS_MAX];  /**< the least loss ratio first */
	uint32_t goals;
};

/** Trial Input, §4.5.3. */
struct search_input {
	double load;      /**< frames a second */
	double duration;  /**< s */
	uint32_t goal;    /**< for whose sake; to be shown, not to be acted upon */
};

/** Trial Output, §4.5.9. */
struct search_output {
	double loss_ratio;  /**< 0 … 1; frames that were not sent are lost ones */
	double effective;   /**< §4.5.8, s; 0: as intended */
};

/** Goal Result, §4.8.4, at the end or so far. Loads in frames a second. */
struct search_result {
	/** Both bounds are there, at full length, no further apart than the width. */
	bool regular;
	bool has_lower;     /**< else lower and throughput are 0: min load fails */
	bool has_upper;     /**< else upper is 0: max load meets it */
	double lower;       /**< Relevant Lower Bound, §4.8.2; without upper: max load */
	double upper;       /**< Relevant Upper Bound, §4.8.1 */
	double throughput;  /**< Conditional Throughput at lower, §4.8.3 */
	/** Which phase the bounds are of: SEARCH_PHASES - 1 at full length. Less if the
	 * search was broken off: then they are an estimate. */
	uint32_t phase;
};

struct search;

/** @return 0; -EINVAL, @p error names what is out of range; -ENOMEM */
int
search_create(const struct search_config *config, struct search **search,
	struct labyrinth_error *error);

/** NULL: nothing. */
void
search_destroy(struct search *search);

/** The trial to be made next. @return false: none, the search is over */
bool
search_next(const struct search *search, struct search_input *input);

/**
 * What a trial brought. It need not be the one that search_next() asked for, but its
 * load must be one that was.
 *
 * @return 0; -EINVAL load not on the grid, or an output out of range; -ENOMEM
 */
int
search_report(struct search *search, const struct search_input *input,
	const struct search_output *output);

/** What is known by now of goal @p goal. */
void
search_result(const struct search *search, uint32_t goal, struct search_result *result);

/** Seconds of trials that are likely to follow: for a progress bar, no promise. */
double
search_seconds_left(const struct search *search);

/** Trials so far, and the seconds that they took by intention. */
uint32_t
search_trials(const struct search *search);
double
search_seconds(const struct search *search);

#endif /* BENCH_SEARCH_H */
