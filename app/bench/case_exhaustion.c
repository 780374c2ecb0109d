/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * One thread takes all objects by bulks of 32. Then "fail" is what a get costs that finds
 * nothing, which is what an rx path does for each burst when the pool is dry, and "drain"
 * what an object costs when all are taken and all are put back.
 */

#include <stdbool.h>

#include "bench.h"
#include "store.h"

#define BULKS_MAX (BENCH_OBJECTS / BENCH_BULK)
/* Failing gets between two looks at the clock. */
#define STRIDE 64u

struct dry_args {
	struct bench_seat seat;
	unsigned int held; /* bulks */
	bool drain;
	uint64_t until, done;
};

static uint64_t slots[BULKS_MAX * BENCH_BULK] __rte_cache_aligned;

static __rte_always_inline void
take_all(struct dry_args *args, enum bench_kind kind)
{
	args->held = 0;
	while (args->held < BULKS_MAX &&
		bench_get(&args->seat, kind,
			bench_slot(slots, args->held * BENCH_BULK, kind)))
		args->held++;
}

static __rte_always_inline void
put_all(struct dry_args *args, enum bench_kind kind)
{
	for (unsigned int i = 0; i < args->held; i++)
		bench_put(&args->seat, kind, bench_slot(slots, i * BENCH_BULK, kind));
}

static __rte_always_inline void
drain_loop(struct dry_args *args, enum bench_kind kind)
{
	args->done = 0;
	do {
		take_all(args, kind);
		put_all(args, kind);
		args->done += args->held * BENCH_BULK;
	} while (rte_rdtsc() < args->until);
}

BENCH_INSTANCES(drain_loop, struct dry_args)

static __rte_always_inline void
fail_loop(struct dry_args *args, enum bench_kind kind)
{
	uint64_t none[BENCH_BULK];

	args->done = 0;
	do {
		for (unsigned int i = 0; i < STRIDE; i++)
			if (bench_get(&args->seat, kind, none))
				bench_put(&args->seat, kind, none);
			else
				args->done++;
	} while (rte_rdtsc() < args->until);
}

BENCH_INSTANCES(fail_loop, struct dry_args)

static __rte_always_inline void
take_loop(struct dry_args *args, enum bench_kind kind)
{
	take_all(args, kind);
}

BENCH_INSTANCES(take_loop, struct dry_args)

static __rte_always_inline void
put_loop(struct dry_args *args, enum bench_kind kind)
{
	put_all(args, kind);
}

BENCH_INSTANCES(put_loop, struct dry_args)

static uint64_t
drain(void *arg, uint64_t until)
{
	struct dry_args *args = arg;

	args->until = until;
	drain_loop_of(args->seat.kind, args);
	return args->done;
}

static uint64_t
fail(void *arg, uint64_t until)
{
	struct dry_args *args = arg;

	args->until = until;
	fail_loop_of(args->seat.kind, args);
	return args->done;
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	struct dry_args args = { 0 };
	int ret;

	if (bench_impl_is_bare(impl))
		return BENCH_OK;
	ret = bench_seat_take(impl, &args.seat);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	bench_results_add(&bench->results, "exhaustion/drain", impl->name, "cycles",
		bench_cycles_each(drain, &args, bench->plan.cell));
	take_loop_of(impl->kind, &args);
	bench_results_add(&bench->results, "exhaustion/fail", impl->name, "cycles",
		bench_cycles_each(fail, &args, bench->plan.cell));
	put_loop_of(impl->kind, &args);
	ret = bench_seat_leave(&args.seat);
	return ret == 0 ? BENCH_OK : bench_seat_failed(impl, ret, error);
}

enum bench_exit
bench_case_exhaustion(struct bench *bench, struct labyrinth_error *error)
{
	return bench_by_turns(bench, run, error);
}
