/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * The grid of DPDK's test_mempool_perf on one core: "keep" objects are got by bulks of
 * one size and put by bulks of one size, each combination by itself. In cycles of the TSC
 * for an object, got and put. Quick runs have those cells whose bulks are the same.
 */

#include "bench.h"
#include "store.h"

#define KEEP_MAX 512u

static const unsigned int keeps[] = { 32, 128, 512 };
static const unsigned int bulks[] = { 1, 4, 8, 32 };

struct grid_args {
	struct bench_seat seat;
	unsigned int keep, get, put;
	uint64_t until, objects;
};

static uint64_t slots[KEEP_MAX] __rte_cache_aligned;

static __rte_always_inline void
get_all(const struct bench_seat *seat, unsigned int keep, enum bench_kind kind,
	unsigned int bulk)
{
	for (unsigned int i = 0; i < keep; i += bulk)
		bench_get_n_sure(seat, kind, bench_slot(slots, i, kind), bulk);
}

static __rte_always_inline void
put_all(const struct bench_seat *seat, unsigned int keep, enum bench_kind kind,
	unsigned int bulk)
{
	for (unsigned int i = 0; i < keep; i += bulk)
		bench_put_n(seat, kind, bench_slot(slots, i, kind), bulk);
}

/* The bulks are constants to the compiler, as in the programs that use them. */
static __rte_always_inline void
grid_round(const struct grid_args *args, enum bench_kind kind)
{
	const struct bench_seat *seat = &args->seat;
	unsigned int keep = args->keep;

	switch (args->get) {
	case 1:
		get_all(seat, keep, kind, 1);
		break;
	case 4:
		get_all(seat, keep, kind, 4);
		break;
	case 8:
		get_all(seat, keep, kind, 8);
		break;
	default:
		get_all(seat, keep, kind, 32);
		break;
	}
	switch (args->put) {
	case 1:
		put_all(seat, keep, kind, 1);
		break;
	case 4:
		put_all(seat, keep, kind, 4);
		break;
	case 8:
		put_all(seat, keep, kind, 8);
		break;
	default:
		put_all(seat, keep, kind, 32);
		break;
	}
}

static __rte_always_inline void
grid_loop(struct grid_args *args, enum bench_kind kind)
{
	/* looks at the clock cost little beside so many objects */
	unsigned int rounds = 8 * KEEP_MAX / args->keep;
	uint64_t objects = 0;

	do {
		for (unsigned int i = 0; i < rounds; i++)
			grid_round(args, kind);
		objects += rounds * args->keep;
	} while (rte_rdtsc() < args->until);
	args->objects = objects;
}

BENCH_INSTANCES(grid_loop, struct grid_args)

static uint64_t
cell(void *arg, uint64_t until)
{
	struct grid_args *args = arg;

	args->until = until;
	grid_loop_of(args->seat.kind, args);
	return args->objects;
}

static void
run_cell(struct bench *bench, const struct bench_impl *impl, struct grid_args *args)
{
	char name[32];

	snprintf(name, sizeof(name), "grid/keep%u/get%u/put%u", args->keep, args->get,
		args->put);
	bench_results_add(&bench->results, name, impl->name, "cycles",
		bench_cycles_each(cell, args, bench->plan.cell));
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	struct grid_args args;
	int ret;

	if (bench_impl_is_bare(impl))
		return BENCH_OK;
	ret = bench_seat_take(impl, &args.seat);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	for (size_t k = 0; k < RTE_DIM(keeps); k++)
		for (size_t i = 0; i < RTE_DIM(bulks) * RTE_DIM(bulks); i++) {
			args.keep = keeps[k];
			args.get = bulks[i / RTE_DIM(bulks)];
			args.put = bulks[i % RTE_DIM(bulks)];
			if (!bench->options->quick || args.get == args.put)
				run_cell(bench, impl, &args);
		}
	ret = bench_seat_leave(&args.seat);
	return ret == 0 ? BENCH_OK : bench_seat_failed(impl, ret, error);
}

enum bench_exit
bench_case_grid(struct bench *bench, struct labyrinth_error *error)
{
	return bench_by_turns(bench, run, error);
}
