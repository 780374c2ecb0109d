/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_SEARCH_GOAL_H
#define BENCH_SEARCH_GOAL_H

/**
 * @file
 * What is looked for: a Search Goal of RFC 9971 §4.6, and the presets that
 * labyrinth-bench offers. All times in seconds, all ratios from 0 to 1.
 */

#include <stdint.h>

#include "labyrinth_base.h"

/** Most goals of a search. */
#define SEARCH_GOALS_MAX 4u

/** §4.6.7. A load meets it if enough of the time that it was tried for was good. */
struct search_goal {
	const char *name;         /**< such as "ndr" */
	double final_duration;    /**< §4.6.1: a trial that is shorter is a short trial */
	double duration_sum;      /**< §4.6.2: trials of that much time settle a load */
	double loss_ratio;        /**< §4.6.3: a trial that loses more is bad */
	double exceed_ratio;      /**< §4.6.4: part of the time that may be bad */
	/** §4.6.5: the bounds are near enough if (upper - lower) / upper is no more. */
	double width;
	double initial_duration;  /**< §4.6.6: of the shortest trial made for this goal */
};

/** All that a run measures each frame size by. */
struct search_preset {
	const char *name;
	const char *summary;      /**< one line for --help */
	struct search_goal goal[SEARCH_GOALS_MAX];
	uint32_t goals;
	uint32_t mrr_trials;      /**< at most load: FRMOL, RFC 2285 §3.6.2 */
	double mrr_duration;
	double loss_duration;     /**< of a trial of the loss curve, RFC 2544 §26.3 */
	uint32_t bursts;          /**< repetitions of back-to-back, RFC 2544 §26.4 */
	double burst_duration;    /**< of the longest burst, likewise */
};

/**
 * The presets: "rfc2544" (unconditionally compliant, RFC 9971 §4.10.2), "csit" (that of
 * FD.io CSIT), "quick" (to look, not to publish). Each has "ndr" (no loss) and "pdr"
 * (0.5 % loss), in this order.
 *
 * @return the one of that name, or the @p i-th; NULL: there is none
 */
const struct search_preset *
search_preset_find(const char *name);
const struct search_preset *
search_preset_at(uint32_t i);

/** @return 0; -EINVAL, and @p error names the value and its range */
int
search_goal_check(const struct search_goal *goal, struct labyrinth_error *error);

#endif /* BENCH_SEARCH_GOAL_H */
