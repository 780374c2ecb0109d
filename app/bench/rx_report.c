/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <math.h>
#include <string.h>

#include "report.h"
#include "rx_report.h"

struct table {
	const char *begins;  /* names of its series */
	const char *title;
};

static const struct table tables[] = {
	{ "loop/", "As fast as the core can, ring of N, 64 bytes, virtual clock, Mpps" },
	{ "headroom/", "Highest rate without loss, ring of N, 64 bytes, Mpps" },
	{ "line_rate", "64 bytes at 100 Gb/s, ring of 2048" },
	{ "sizes/", "Highest rate without loss, ring of 2048, Gb/s on the wire" },
};

static void
print_row(FILE *out, const struct bench_series *series)
{
	struct bench_summary s = bench_series_summary(series);
	const char *ring = strchr(series->name, '/');
	char name[64];

	snprintf(name, sizeof(name), "%s%s%s", ring != NULL ? ring + 1 : "",
		ring != NULL ? " " : "", series->impl);
	fprintf(out, "  %-32s %13.2f %13.2f %13.2f  %s\n", name, s.median, s.min, s.max,
		series->unit);
}

static void
print_table(const struct rx_bench *bench, const struct table *table)
{
	bool any = false;

	for (unsigned int i = 0; i < bench->results.n; i++) {
		const struct bench_series *series = &bench->results.series[i];

		if (strncmp(series->name, table->begins, strlen(table->begins)) != 0)
			continue;
		if (!any)
			fprintf(bench->out, "\n%s\n  %-32s %13s %13s %13s\n", table->title,
				"", "median", "min", "max");
		any = true;
		print_row(bench->out, series);
	}
}

/* Why a thread of its own is slower than both things on one core. */
static void
print_limit(const struct rx_bench *bench)
{
	double gbits = bench_results_median(&bench->results, "sizes/64", "thread");

	if (isnan(gbits) || gbits == 0)
		return;
	fprintf(bench->out,
		"\nThe limit of the thread, %.1f ns a frame of 64 bytes: the line of "
		"each frame,\nan eighth of a line of status words and a quarter of one of "
		"buffers go from core\nto core and come back. A card writes into the "
		"shared cache and waits for none.\n",
		84 * 8 / gbits);
}

void
rx_report_print(const struct rx_bench *bench, const struct bench_machine *machine,
	const struct bench_ratios *ratios)
{
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(bench->pool, &stats);
	bench_report_machine(bench->out, machine);
	fprintf(bench->out,
		"Simulated wire and card, inline unless it says thread: the rx core does "
		"the device's\nwrites. %u pages, %s, bursts of %u, medians of %u runs by "
		"turns; headers read, owner\ncheck on\n",
		stats.pages, stats.backing, RX_BURST, bench->runs);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		print_table(bench, &tables[i]);
	print_limit(bench);
	bench_report_ratios(bench->out, ratios, true);
	bench_report_ratios(bench->out, ratios, false);
	fflush(bench->out);
}
