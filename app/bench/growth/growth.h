/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_GROWTH_H
#define BENCH_GROWTH_H

/**
 * @file
 * The subcommand "growth": what the cost of a page grows with. One thread, cycles of the
 * TSC for an object that is got and put, by the pages of the pool, the owners in it, the
 * frames that the application holds, and the rx queues that it polls.
 *
 * Objects are put in the order in which they were got, after so many others: first in,
 * first out, as frames are kept for a time. So all of what is held goes through the caches,
 * and a larger pool costs more by that, whatever the pool does; the rows tell the two apart:
 *
 *   labyrinth          handles of a pool without memory: the pool's own arrays
 *   labyrinth-written  pages, with one line of each written: the caches and the TLB
 *   ring_mp_mc/512     an rte_mempool, whose objects nobody touches
 */

#include "bench.h"

/** Pages or objects of the pools where something else is varied. */
#define GROWTH_PAGES 65536u

struct growth {
	const struct bench_options *options;
	FILE *out;
	unsigned int runs;
	double cell;                     /**< seconds of a figure in one run */
	const char *backing;             /**< of the largest pool that has memory */
	struct bench_results results;
};

typedef enum bench_exit (*growth_case_fn)(struct growth *growth,
	struct labyrinth_error *error);

/** By pages, half of which are held. */
enum bench_exit
growth_case_pages(struct growth *growth, struct labyrinth_error *error);

/** By frames held, of GROWTH_PAGES. */
enum bench_exit
growth_case_hold(struct growth *growth, struct labyrinth_error *error);

/** By owners, which one thread plays by turns. */
enum bench_exit
growth_case_owners(struct growth *growth, struct labyrinth_error *error);

/** By rx queues of the simulated card. */
enum bench_exit
growth_case_queues(struct growth *growth, struct labyrinth_error *error);

#endif /* BENCH_GROWTH_H */
