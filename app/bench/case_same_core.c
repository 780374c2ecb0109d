/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * As test_mempool_perf of DPDK: one lcore gets "keep" objects by bulks and puts them
 * back by bulks, in the order in which it got them.
 */

#include "bench.h"
#include "store.h"

#define KEEP_MAX 512u
/* Rounds between two looks at the clock, which costs as much as a bulk. */
#define ROUNDS 32u

struct keep_args {
	const struct bench_seat *seat;
	unsigned int keep;
	uint64_t until;
	uint64_t rounds;
};

static uint64_t slots[KEEP_MAX] __rte_cache_aligned;

static __rte_always_inline void
keep_round(const struct bench_seat *seat, unsigned int keep, enum bench_kind kind)
{
	for (unsigned int i = 0; i < keep; i += BENCH_BULK)
		bench_get_sure(seat, kind, bench_slot(slots, i, kind));
	for (unsigned int i = 0; i < keep; i += BENCH_BULK)
		bench_put(seat, kind, bench_slot(slots, i, kind));
}

static __rte_always_inline void
keep_loop(struct keep_args *args, enum bench_kind kind)
{
	const struct bench_seat *seat = args->seat;
	unsigned int keep = args->keep;
	uint64_t rounds = 0;

	do {
		for (unsigned int i = 0; i < ROUNDS; i++)
			keep_round(seat, keep, kind);
		rounds += ROUNDS;
	} while (rte_rdtsc() < args->until);
	args->rounds = rounds;
}

BENCH_INSTANCES(keep_loop, struct keep_args)

/* Rate of a slice. */
static double
measure_slice(struct keep_args *args)
{
	uint64_t start = rte_rdtsc();

	args->until = bench_deadline(BENCH_SLICE_S);
	keep_loop_of(args->seat->kind, args);
	return bench_mobj(args->rounds * args->keep, rte_rdtsc() - start);
}

static double
measure(const struct bench_seat *seat, unsigned int keep, double seconds)
{
	struct keep_args args = { .seat = seat, .keep = keep };
	unsigned int n = bench_slices(seconds);
	double rate[BENCH_SLICES_MAX];

	/* The first rounds fill caches and claim rows. */
	measure_slice(&args);
	for (unsigned int i = 0; i < n; i++)
		rate[i] = measure_slice(&args);
	return bench_median(rate, n);
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	struct bench_seat seat;
	int ret;

	if (bench_impl_is_bare(impl))
		return BENCH_OK;
	ret = bench_seat_take(impl, &seat);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	bench_results_add(&bench->results, "same_core/128", impl->name, "Mobj/s",
		measure(&seat, 128, bench->plan.same_core));
	bench_results_add(&bench->results, "same_core/512", impl->name, "Mobj/s",
		measure(&seat, 512, bench->plan.same_core));
	ret = bench_seat_leave(&seat);
	return ret == 0 ? BENCH_OK : bench_seat_failed(impl, ret, error);
}

enum bench_exit
bench_case_same_core(struct bench *bench, struct labyrinth_error *error)
{
	return bench_by_turns(bench, run, error);
}
