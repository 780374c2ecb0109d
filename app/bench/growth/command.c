/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* The subcommand "growth": see growth.h. */

#include "command.h"
#include "growth.h"
#include "json.h"
#include "machine.h"
#include "matrix.h"
#include "report.h"

/* Each case: its function, and its name for --cases. */
#define CASES(X)  \
	X(pages)  \
	X(hold)   \
	X(owners) \
	X(queues)
#define CASE_FUNCTION(name) growth_case_##name,
#define CASE_NAME(name)     #name,

static const growth_case_fn cases[] = { CASES(CASE_FUNCTION) };
static const char *const case_names[] = { CASES(CASE_NAME) NULL };

#define QUICK_RUNS   5u
#define FULL_RUNS    11u
#define QUICK_CELL_S 0.002
#define FULL_CELL_S  0.02

static struct growth growth;

static enum bench_exit
write_json(const struct bench_machine *machine, struct labyrinth_error *error)
{
	static const struct bench_ratios none;
	const struct bench_document document = {
		.command = "growth",
		.machine = machine,
		.config = json_pack("{s:i, s:i, s:b, s:s, s:f}", "bulk", (int)BENCH_BULK,
			"runs", (int)growth.runs, "quick", (int)growth.options->quick,
			"backing", growth.backing, "seconds", growth.cell),
		.implementations = json_pack("[{s:s, s:s, s:i}, {s:s, s:s, s:i}]", "name",
			"labyrinth", "checks", "double, foreign, stale", "lost", 0,
			"name", "ring_mp_mc/512", "checks", "none", "lost", 0),
		.results = &growth.results,
		.ratios = &none,
	};

	return bench_json_write(&document, growth.options->json, error);
}

static enum bench_exit
run_cases(struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (unsigned int i = 0; i < RTE_DIM(cases) && ret == BENCH_OK; i++)
		if (bench_case_chosen(growth.options, i))
			ret = cases[i](&growth, error);
	return ret;
}

static enum bench_exit
run(const struct bench_options *options, FILE *out, struct labyrinth_error *error)
{
	struct bench_machine machine;
	enum bench_exit ret;

	if (options->impl != NULL || options->gate)
		return labyrinth_fail(error, BENCH_USAGE,
			"growth has neither --impl nor --gate: leave them out");
	growth = (struct growth){
		.options = options,
		.out = out,
		.runs = options->runs != 0 ? options->runs
			: options->quick   ? QUICK_RUNS
					   : FULL_RUNS,
		.cell = options->quick ? QUICK_CELL_S : FULL_CELL_S,
		.backing = "none",
	};
	bench_machine_look(&machine);
	ret = run_cases(error);
	if (ret == BENCH_OK) {
		bench_report_machine(out, &machine);
		fprintf(out,
			"One thread, bulks of %u, first in first out, medians of %u "
			"runs\n",
			BENCH_BULK, growth.runs);
		bench_matrices_print(out, &growth.results);
		fflush(out);
	}
	if (ret == BENCH_OK && options->json != NULL)
		ret = write_json(&machine, error);
	bench_results_free(&growth.results);
	return ret;
}

const struct bench_command bench_growth_command = {
	.name = "growth",
	.summary = "what the cost grows with: pages, frames held, owners, queues",
	.cases = case_names,
	.run = run,
};
