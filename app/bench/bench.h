/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

/**
 * @file
 * A measurement under way: what all cases share, and the cases.
 *
 * Each case runs its implementations by turns, A B C … A B C …, as many rounds as
 * there are runs, so that a slow moment of the machine falls on all of them. Where one
 * thread's pace is measured, a run consists of slices of a millisecond and its value is
 * their median: a slice in which the kernel ran something else does not count.
 */

#include <stdio.h>

#include <rte_cycles.h>

#include "impl.h"
#include "options.h"
#include "results.h"

/** Seconds that one run of a case takes. */
struct bench_plan {
	double calibration, same_core, random, cross_core;
	double cell;             /**< of the grid, and of what else one thread does */
	double threads, oversubscribed, latency;
	double stopped;          /**< before, and again while one is stopped */
};

struct bench {
	const struct bench_options *options;
	FILE *out;
	unsigned int runs;
	struct bench_plan plan;
	unsigned int lcore[2];   /**< the main lcore, where main() is, and a worker */
	struct bench_impls impls;
	struct bench_results results;
};

/** One run of one implementation: adds a value to bench->results, or leaves it out. */
typedef enum bench_exit (*bench_run_fn)(struct bench *bench,
	const struct bench_impl *impl, struct labyrinth_error *error);

/** Run all implementations by turns, bench->runs times. */
enum bench_exit
bench_by_turns(struct bench *bench, bench_run_fn run, struct labyrinth_error *error);

/** A case: adds to bench->results. */
typedef enum bench_exit (*bench_case_fn)(struct bench *bench,
	struct labyrinth_error *error);

/** What the bricks cost: an atomic add, a CAS, a mutex, reading the TSC. */
enum bench_exit
bench_case_calibration(struct bench *bench, struct labyrinth_error *error);

/** One thread gets 128 or 512 objects by bulks and puts them back by bulks. */
enum bench_exit
bench_case_same_core(struct bench *bench, struct labyrinth_error *error);

/** The same for other bulks and numbers of objects, as test_mempool_perf has them. */
enum bench_exit
bench_case_grid(struct bench *bench, struct labyrinth_error *error);

/** How long single calls take: percentiles. */
enum bench_exit
bench_case_calls(struct bench *bench, struct labyrinth_error *error);

/** What a get costs that finds nothing, and to take all there is. */
enum bench_exit
bench_case_exhaustion(struct bench *bench, struct labyrinth_error *error);

/** From owner to owner and freed by the last: what a hop costs. */
enum bench_exit
bench_case_chain(struct bench *bench, struct labyrinth_error *error);

/** How long it takes to bring back what a dead owner held, by the size of the pool. */
enum bench_exit
bench_case_reclaim(struct bench *bench, struct labyrinth_error *error);

/** A burst of headers written and read, by the number of colours. */
enum bench_exit
bench_case_colour(struct bench *bench, struct labyrinth_error *error);

/** One thread holds 4,096 objects and changes random ones of them by bulks. */
enum bench_exit
bench_case_random(struct bench *bench, struct labyrinth_error *error);

/** One lcore gets, another puts, with an SPSC ring between them. */
enum bench_exit
bench_case_cross_core(struct bench *bench, struct labyrinth_error *error);

/** Two and four threads on two CPUs. */
enum bench_exit
bench_case_threads(struct bench *bench, struct labyrinth_error *error);

/** Eight threads on two CPUs. */
enum bench_exit
bench_case_oversubscribed(struct bench *bench, struct labyrinth_error *error);

/** What the others still get done while one thread is stopped within a call. */
enum bench_exit
bench_case_stopped_owner(struct bench *bench, struct labyrinth_error *error);

/**
 * A loop of one thread.
 *
 * @param arg    the case's own
 * @param until  TSC at which to end
 * @return what was done, in objects or calls
 */
typedef uint64_t (*bench_loop_fn)(void *arg, uint64_t until);

/** Cycles of the TSC for each of what @p loop does: median of short slices, @p seconds in
 * all, after one that only fills caches. */
double
bench_cycles_each(bench_loop_fn loop, void *arg, double seconds);

/** The slices of a run, see above. */
#define BENCH_SLICE_S    0.001
#define BENCH_SLICES_MAX 1024u

/** Those of bench_cycles_each(), of which there are few. */
#define BENCH_SHORT_SLICE_S 0.0002

/** How many make up @p seconds. */
static inline unsigned int
bench_slices(double seconds)
{
	double n = seconds / BENCH_SLICE_S + 0.5;

	return n < BENCH_SLICES_MAX ? (unsigned int)n : BENCH_SLICES_MAX;
}

/** The TSC in @p seconds. */
static inline uint64_t
bench_deadline(double seconds)
{
	return rte_rdtsc() + (uint64_t)(seconds * (double)rte_get_tsc_hz());
}

/** Million objects a second. */
static inline double
bench_mobj(uint64_t objects, uint64_t ticks)
{
	return ticks != 0 ? (double)objects * (double)rte_get_tsc_hz() /
		(double)ticks * 1e-6 : 0;
}

/** A thread could not become a user of @p impl. */
static inline enum bench_exit
bench_seat_failed(const struct bench_impl *impl, int ret, struct labyrinth_error *error)
{
	return labyrinth_fail(error, BENCH_ENVIRONMENT,
		"%s: a thread gets no owner or leaves with pages (%d)", impl->name, ret);
}

#endif /* BENCH_BENCH_H */
