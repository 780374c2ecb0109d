/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* The subcommand "pool": the page pool beside rte_mempool, case by case. */

#include <string.h>

#include <rte_lcore.h>

#include "bench.h"
#include "command.h"
#include "machine.h"
#include "pool_json.h"
#include "ratios.h"
#include "report.h"

/* Each case: its function, and its name for --cases. */
#define CASES(X)        \
	X(calibration)     \
	X(same_core)       \
	X(grid)            \
	X(calls)           \
	X(random)          \
	X(exhaustion)      \
	X(chain)           \
	X(cross_core)      \
	X(threads)         \
	X(oversubscribed)  \
	X(stopped_owner)   \
	X(reclaim)         \
	X(colour)

#define CASE_FUNCTION(name) bench_case_##name,
#define CASE_NAME(name)     #name,

static const bench_case_fn cases[] = { CASES(CASE_FUNCTION) };
static const char *const case_names[] = { CASES(CASE_NAME) NULL };

/* Sum over all, with CPUs that have nothing else to do: about 40 s quick, 15 minutes else. */
static const struct bench_plan quick_plan = {
	.calibration = 0.01,
	.same_core = 0.01,
	.cell = 0.001,
	.random = 0.01,
	.cross_core = 0.02,
	.threads = 0.015,
	.oversubscribed = 0.03,
	.latency = 0.02,
	.stopped = 0.01,
};
static const struct bench_plan full_plan = {
	.calibration = 0.05,
	.same_core = 0.1,
	.cell = 0.005,
	.random = 0.1,
	.cross_core = 0.2,
	.threads = 0.2,
	.oversubscribed = 0.5,
	.latency = 0.25,
	.stopped = 0.1,
};
#define QUICK_RUNS 5u
#define FULL_RUNS  11u

/* As large as it is: not for the stack. */
static struct bench bench;

static enum bench_exit
find_lcores(struct labyrinth_error *error)
{
	rte_cpuset_t cpus[2];

	bench.lcore[0] = rte_get_main_lcore();
	bench.lcore[1] = rte_get_next_lcore(-1, 1, 0);
	cpus[0] = rte_lcore_cpuset(bench.lcore[0]);
	if (bench.lcore[1] != RTE_MAX_LCORE)
		cpus[1] = rte_lcore_cpuset(bench.lcore[1]);
	if (bench.lcore[1] == RTE_MAX_LCORE || CPU_EQUAL(&cpus[0], &cpus[1]))
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"pool needs two lcores on CPUs of their own: -l 0,1");
	return BENCH_OK;
}

static enum bench_exit
run_cases(struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;
	uint64_t start;

	for (unsigned int i = 0; i < RTE_DIM(cases) && ret == BENCH_OK; i++) {
		if (!bench_case_chosen(bench.options, i))
			continue;
		start = rte_rdtsc();
		ret = cases[i](&bench, error);
		fprintf(stderr, "labyrinth-bench: %s, %u runs, %.1f s\n", case_names[i],
			bench.runs,
			(double)(rte_rdtsc() - start) / (double)rte_get_tsc_hz());
	}
	return ret;
}

static enum bench_exit
report(const struct bench_machine *machine, struct labyrinth_error *error)
{
	const struct bench_options *options = bench.options;
	struct bench_ratios ratios;
	enum bench_exit sound = bench_impls_validate(&bench.impls, error), ret = BENCH_OK;

	bench_ratios_work_out(&ratios, &bench.results);
	bench_report_print(&bench, machine, &ratios);
	if (sound != BENCH_OK)
		return sound;
	if (options->json != NULL)
		ret = bench_pool_json_write(&bench, machine, &ratios, options->json, error);
	if (ret == BENCH_OK && options->gate)
		ret = bench_ratios_gate(&ratios, error);
	return ret;
}

static enum bench_exit
run(const struct bench_options *options, FILE *out, struct labyrinth_error *error)
{
	struct bench_machine machine;
	enum bench_exit ret;

	bench.options = options;
	bench.out = out;
	bench.plan = options->quick ? quick_plan : full_plan;
	bench.runs = options->runs != 0 ? options->runs
		     : options->quick   ? QUICK_RUNS
					: FULL_RUNS;
	bench_machine_look(&machine);
	ret = find_lcores(error);
	if (ret == BENCH_OK)
		ret = bench_impls_list(
			&bench.impls, options->impl, options->quick, error);
	if (ret == BENCH_OK)
		ret = bench_impls_create(&bench.impls, error);
	if (ret == BENCH_OK)
		ret = run_cases(error);
	if (ret == BENCH_OK)
		ret = report(&machine, error);
	bench_impls_destroy(&bench.impls);
	bench_results_free(&bench.results);
	return ret;
}

const struct bench_command bench_pool_command = {
	.name = "pool",
	.summary = "the page pool beside rte_mempool",
	.cases = case_names,
	.run = run,
};
