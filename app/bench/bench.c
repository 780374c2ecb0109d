/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "bench.h"

static enum bench_exit
run_one(struct bench *bench, bench_run_fn run, struct bench_impl *impl,
	struct labyrinth_error *error)
{
	enum bench_exit ret = bench_impl_renew(impl, error);

	return ret == BENCH_OK ? run(bench, impl, error) : ret;
}

enum bench_exit
bench_by_turns(struct bench *bench, bench_run_fn run, struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (unsigned int round = 0; round < bench->runs; round++)
		for (unsigned int i = 0; i < bench->impls.n && ret == BENCH_OK; i++)
			ret = run_one(bench, run, &bench->impls.impl[i], error);
	return ret;
}

double
bench_cycles_each(bench_loop_fn loop, void *arg, double seconds)
{
	unsigned int n = bench_slices(seconds * BENCH_SLICE_S / BENCH_SHORT_SLICE_S);
	double cycles[BENCH_SLICES_MAX];

	loop(arg, bench_deadline(BENCH_SHORT_SLICE_S));
	for (unsigned int i = 0; i < n; i++) {
		uint64_t start = rte_rdtsc();
		uint64_t done = loop(arg, bench_deadline(BENCH_SHORT_SLICE_S));

		cycles[i] = (double)(rte_rdtsc() - start) / (double)done;
	}
	return bench_median(cycles, n);
}
