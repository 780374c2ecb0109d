/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <math.h>
#include <string.h>

#include "matrix.h"
#include "report.h"

/* A table: the rows of one case, and further columns from other series. */
struct table {
	const char *name, *title;
	const char *column[2], *series[2];
};

static const struct table tables[] = {
	{ "same_core/128", "Same core, keep 128: get and put by bulks of 32, Mobj/s",
		{ NULL }, { NULL } },
	{ "same_core/512", "Same core, keep 512: get and put by bulks of 32, Mobj/s",
		{ NULL }, { NULL } },
	{ "random", "Random order: 4096 held, bursts of 32 random ones replaced, "
		    "Mobj/s (bucket's gets fail)",
		{ NULL }, { NULL } },
	{ "cross_core", "Core A gets, core B puts, SPSC ring between, bulk 32, Mobj/s",
		{ NULL }, { NULL } },
	{ "oversubscribed",
		"8 threads on 2 CPUs, keep 128, bulk 32, Mobj/s of all; us of a call",
		{ "p99.99 us", "worst us" },
		{ "oversubscribed/p99.99", "oversubscribed/worst" } },
	{ "stopped_owner",
		"One of 3 threads stopped within a call: rate of the others, "
		"of before",
		{ NULL }, { NULL } },
};

static const char *
checks_of(const struct bench *bench, const char *impl)
{
	for (unsigned int i = 0; i < bench->impls.n; i++)
		if (strcmp(bench->impls.impl[i].name, impl) == 0)
			return bench->impls.impl[i].checks;
	return "none";
}

void
bench_report_machine(FILE *out, const struct bench_machine *machine)
{
	fprintf(out, "%s, %ld CPUs, TSC %.0f MHz, Linux %s, %s\n", machine->cpu,
		machine->cores, (double)machine->tsc_hz / 1e6, machine->kernel,
		machine->dpdk);
}

static void
print_machine(FILE *out, const struct bench *bench, const struct bench_machine *machine)
{
	bench_report_machine(out, machine);
	fprintf(out, "%u objects, bulk %u, medians of %u runs by turns\n", BENCH_OBJECTS,
		BENCH_BULK, bench->runs);
}

static void
print_calibration(FILE *out, const struct bench *bench)
{
	fprintf(out, "\nCalibration\n  %-26s %10s %10s %10s  %s\n", "", "median", "min",
		"max", "unit");
	for (unsigned int i = 0; i < bench->results.n; i++) {
		const struct bench_series *series = &bench->results.series[i];
		struct bench_summary s = bench_series_summary(series);
		char name[64];

		if (!bench_series_is_calibration(series) || bench_matrix_has(series))
			continue;
		bench_series_title(series, name, sizeof(name));
		fprintf(out, "  %-26s %10.2f %10.2f %10.2f  %s\n", name, s.median, s.min,
			s.max, series->unit);
	}
}

/* Three digits that count, whether it is 0.00213 or 2413. */
static void
print_figure(FILE *out, double value)
{
	fprintf(out, " %10.*f", value >= 100 ? 1 : value >= 0.1 ? 2 : 5, value);
}

static void
print_row(const struct bench *bench, const struct table *table,
	const struct bench_series *series)
{
	struct bench_summary s = bench_series_summary(series);

	fprintf(bench->out, "  %-26s", series->impl);
	print_figure(bench->out, s.median);
	print_figure(bench->out, s.min);
	print_figure(bench->out, s.max);
	for (unsigned int i = 0; i < 2 && table->series[i] != NULL; i++)
		print_figure(bench->out, bench_results_median(&bench->results,
						 table->series[i], series->impl));
	fprintf(bench->out, "  %s\n", checks_of(bench, series->impl));
}

static void
print_table(const struct bench *bench, const struct table *table)
{
	bool any = false;

	for (unsigned int i = 0; i < bench->results.n; i++) {
		const struct bench_series *series = &bench->results.series[i];

		if (strcmp(series->name, table->name) != 0 ||
			bench_series_is_calibration(series))
			continue;
		if (!any) {
			fprintf(bench->out, "\n%s\n  %-26s %10s %10s %10s", table->title,
				"", "median", "min", "max");
			for (unsigned int j = 0; j < 2 && table->column[j] != NULL; j++)
				fprintf(bench->out, " %10s", table->column[j]);
			fprintf(bench->out, "  free checks\n");
		}
		any = true;
		print_row(bench, table, series);
	}
}

static void
print_ratio(FILE *out, const struct bench_ratio *ratio)
{
	char goal[16] = "-", least[16] = "-";
	enum bench_verdict verdict = bench_ratio_verdict(ratio);

	if (verdict == BENCH_NOT_MEASURED)
		return;
	if (ratio->goal != 0)
		snprintf(goal, sizeof(goal), "%.4g", ratio->goal);
	if (ratio->least != 0)
		snprintf(least, sizeof(least), "%.4g", ratio->least);
	fprintf(out, "  %-36s %9.*f %8s %8s  %-9s  %s / %s\n", ratio->name,
		ratio->value < 100 ? 2 : 0, ratio->value, goal, least,
		bench_verdict_name(verdict), ratio->ours, ratio->theirs);
}

void
bench_report_ratios(FILE *out, const struct bench_ratios *ratios, bool headline)
{
	fprintf(out, "\n%-38s %9s %8s %8s  %-9s  %s\n", headline ? "Ratios" : "Beside",
		"value", "goal", "least", "verdict", "of medians");
	for (unsigned int i = 0; i < ratios->n; i++)
		if (ratios->ratio[i].headline == headline)
			print_ratio(out, &ratios->ratio[i]);
}

static void
print_losses(FILE *out, const struct bench_impls *impls)
{
	for (unsigned int i = 0; i < impls->n; i++)
		if (impls->impl[i].lost != 0)
			fprintf(out,
				"\nNote: mempool %s lost %u of its %u objects, see "
				"impl.h\n",
				impls->impl[i].name, impls->impl[i].lost, BENCH_OBJECTS);
}

void
bench_report_print(const struct bench *bench, const struct bench_machine *machine,
	const struct bench_ratios *ratios)
{
	print_machine(bench->out, bench, machine);
	print_calibration(bench->out, bench);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		print_table(bench, &tables[i]);
	bench_matrices_print(bench->out, &bench->results);
	print_losses(bench->out, &bench->impls);
	bench_report_ratios(bench->out, ratios, true);
	bench_report_ratios(bench->out, ratios, false);
	fflush(bench->out);
}
