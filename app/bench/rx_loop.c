/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* The subcommand "rx-loop": one core on the simulated 100GbE card, case by case. */

#include <string.h>

#include <rte_cycles.h>
#include <rte_lcore.h>

#include "command.h"
#include "machine.h"
#include "rx_report.h"

static const struct {
	rx_case_fn run;
	const char *name;
} cases[] = {
	{ rx_case_loop, "loop" },
	{ rx_case_headroom, "headroom" },
	{ rx_case_line_rate, "line_rate" },
	{ rx_case_sizes, "sizes" },
};

static const char *const case_names[] = { "loop", "headroom", "line_rate", "sizes", NULL };

/* About 20 s quick, 3 minutes else. */
static const struct rx_plan quick_plan = {
	.loop = 0.02, .search = 0.02, .line_rate = 2, .steps = 9,
};
static const struct rx_plan full_plan = {
	.loop = 0.2, .search = 0.1, .line_rate = 12, .steps = 11,
};
#define QUICK_RUNS 5u
#define FULL_RUNS  7u

/* As large as it is: not for the stack. */
static struct rx_bench bench;

/* CPU of a second lcore, for a device in a thread; -1 when there is none. */
static int
find_device_cpu(void)
{
	unsigned int lcore = rte_get_next_lcore(-1, 1, 0);
	rte_cpuset_t main_cpus = rte_lcore_cpuset(rte_get_main_lcore()), cpus;

	if (lcore == RTE_MAX_LCORE)
		return -1;
	cpus = rte_lcore_cpuset(lcore);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &cpus) && !CPU_ISSET(cpu, &main_cpus))
			return cpu;
	return -1;
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
		ret = cases[i].run(&bench, error);
		fprintf(stderr, "labyrinth-bench: %s, %.1f s\n", cases[i].name,
			(double)(rte_rdtsc() - start) / (double)rte_get_tsc_hz());
	}
	return ret;
}

static enum bench_exit
report(const struct bench_machine *machine, struct labyrinth_error *error)
{
	const struct bench_options *options = bench.options;
	enum bench_exit ret = BENCH_OK;
	struct bench_ratios ratios;

	rx_ratios_work_out(&ratios, &bench.results);
	rx_report_print(&bench, machine, &ratios);
	if (options->json != NULL)
		ret = rx_json_write(&bench, machine, &ratios, options->json, error);
	if (ret == BENCH_OK && options->gate)
		ret = bench_ratios_gate(&ratios, error);
	return ret;
}

static enum bench_exit
run(const struct bench_options *options, FILE *out, struct labyrinth_error *error)
{
	struct bench_machine machine;
	enum bench_exit ret, sound;

	if (options->impl != NULL)
		return labyrinth_fail(error, BENCH_USAGE,
			"--impl %.40s: rx-loop has one implementation, leave it out",
			options->impl);
	bench.options = options;
	bench.out = out;
	bench.plan = options->quick ? quick_plan : full_plan;
	bench.runs = options->runs != 0 ? options->runs
		     : options->quick   ? QUICK_RUNS
					: FULL_RUNS;
	bench.device_cpu = find_device_cpu();
	bench_machine_look(&machine);
	ret = rx_bench_open(&bench, error);
	if (ret == BENCH_OK)
		ret = run_cases(error);
	if (ret == BENCH_OK)
		ret = report(&machine, error);
	if (ret != BENCH_OK && ret != BENCH_GATE)
		return ret;
	sound = rx_bench_close(&bench, error);
	return sound != BENCH_OK ? sound : ret;
}

const struct bench_command bench_rx_loop_command = {
	.name = "rx-loop",
	.summary = "one core on the simulated 100GbE card",
	.cases = case_names,
	.run = run,
};
