/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "bench.h"

enum bench_exit
bench_by_turns(struct bench *bench, bench_run_fn run, struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (unsigned int round = 0; round < bench->runs; round++)
		for (unsigned int i = 0; i < bench->impls.n && ret == BENCH_OK; i++)
			ret = run(bench, &bench->impls.impl[i], error);
	return ret;
}
