/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_RATIOS_H
#define BENCH_RATIOS_H

/**
 * @file
 * What the pool is to reach, as ratios of medians: ours / theirs.
 *
 *   name                    ours                theirs
 *   same_core_vs_ring       labyrinth           ring_mp_mc, its best cache; the worse of
 *                                               keep 128 and keep 512
 *   random_vs_ring          labyrinth           ring_mp_mc, its best cache
 *   cross_core_vs_best      labyrinth-pointer   the best of all mempools and caches
 *   oversubscribed_vs_ring  labyrinth           ring_mp_mc as threads meet it by
 *                                               default: not lcores, so no cache
 *   oversubscribed_vs_best  labyrinth           the best of all mempools, likewise; that
 *                                               of threads registered as lcores, which
 *                                               have caches that keep 128 never leaves,
 *                                               stands beside as _registered
 *   stopped_owner           labyrinth           (itself, before the stop)
 *
 * Headline is what a driver would use. On one core that is handles and an owner alone,
 * with all checks. Where A allocates and B frees it is a team by index, the rights that
 * rte_mempool gives, handed through the same 8 byte pointers. The rest stands beside,
 * with goals where there are any; the gate looks at those that have a least.
 */

#include <stdbool.h>

#include "results.h"

#define BENCH_RATIOS_MAX 48u

enum bench_verdict {
	BENCH_NOT_MEASURED,
	BENCH_NO_GOAL,
	BENCH_MISSED,
	BENCH_LEAST_MET,
	BENCH_MET,
};

struct bench_ratio {
	char name[64];
	char ours[48], theirs[48];   /**< what was divided by what */
	double value;                /**< NAN: not measured */
	double goal, least;          /**< 0: none */
	bool headline;               /**< one of those in the table above */
};

struct bench_ratios {
	struct bench_ratio ratio[BENCH_RATIOS_MAX];
	unsigned int n;
};

/** Work out those of the table above; those whose cases were not run are NAN. */
void
bench_ratios_work_out(struct bench_ratios *ratios, const struct bench_results *results);

enum bench_verdict
bench_ratio_verdict(const struct bench_ratio *ratio);

/** @return BENCH_OK; BENCH_GATE a headline is under the least acceptable */
enum bench_exit
bench_ratios_gate(const struct bench_ratios *ratios, struct labyrinth_error *error);

/** The verdict in words. */
const char *
bench_verdict_name(enum bench_verdict verdict);

#endif /* BENCH_RATIOS_H */
