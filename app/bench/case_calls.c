/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Single calls on one core, by percentiles, in cycles of the TSC: 128 objects are got and
 * put, one or 32 at a time, and each call is timed. The "bare" row is what timing itself
 * costs; the others include it. The kernel takes the CPU away now and then, which p99.9
 * may show.
 */

#include <string.h>

#include "bench.h"
#include "labyrinth_histogram.h"
#include "store.h"

#define KEEP 128u

struct calls_args {
	struct bench_seat seat;
	unsigned int bulk;
	uint64_t until;
};

static const struct {
	const char *name;
	double part;
} percentiles[] = { { "p50", 0.5 }, { "p99", 0.99 }, { "p99.9", 0.999 } };

static uint64_t slots[KEEP] __rte_cache_aligned;
static struct labyrinth_histogram histogram[2]; /* get, put */

static __rte_always_inline void
calls_round(const struct bench_seat *seat, enum bench_kind kind, unsigned int bulk)
{
	uint64_t start;

	for (unsigned int i = 0; i < KEEP; i += bulk) {
		start = rte_rdtsc();
		bench_get_n_sure(seat, kind, bench_slot(slots, i, kind), bulk);
		labyrinth_histogram_add(&histogram[0], rte_rdtsc() - start);
	}
	for (unsigned int i = 0; i < KEEP; i += bulk) {
		start = rte_rdtsc();
		bench_put_n(seat, kind, bench_slot(slots, i, kind), bulk);
		labyrinth_histogram_add(&histogram[1], rte_rdtsc() - start);
	}
}

static __rte_always_inline void
calls_loop(struct calls_args *args, enum bench_kind kind)
{
	do {
		if (args->bulk == 1)
			calls_round(&args->seat, kind, 1);
		else
			calls_round(&args->seat, kind, 32);
	} while (rte_rdtsc() < args->until);
}

BENCH_INSTANCES(calls_loop, struct calls_args)

static void
run_bulk(struct bench *bench, const struct bench_impl *impl, struct calls_args *args)
{
	char name[32];

	args->until = bench_deadline(bench->plan.cell);
	calls_loop_of(impl->kind, args);
	memset(histogram, 0, sizeof(histogram));
	args->until = bench_deadline(2 * bench->plan.cell);
	calls_loop_of(impl->kind, args);
	for (unsigned int way = 0; way < 2; way++)
		for (size_t i = 0; i < RTE_DIM(percentiles); i++) {
			snprintf(name, sizeof(name), "calls/%s%u/%s",
				way == 0 ? "get" : "put", args->bulk,
				percentiles[i].name);
			bench_results_add(&bench->results, name, impl->name, "cycles",
				(double)labyrinth_histogram_quantile(
					&histogram[way], percentiles[i].part));
		}
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	struct calls_args args;
	int ret;

	if (impl->kind == BENCH_BARE_INDEX)
		return BENCH_OK;
	ret = bench_seat_take(impl, &args.seat);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	args.bulk = 1;
	run_bulk(bench, impl, &args);
	args.bulk = 32;
	run_bulk(bench, impl, &args);
	ret = bench_seat_leave(&args.seat);
	return ret == 0 ? BENCH_OK : bench_seat_failed(impl, ret, error);
}

enum bench_exit
bench_case_calls(struct bench *bench, struct labyrinth_error *error)
{
	return bench_by_turns(bench, run, error);
}
