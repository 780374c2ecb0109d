/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <math.h>
#include <string.h>

#include "matrix.h"

#define COLUMNS_MAX 16u

struct matrix {
	const char *begin; /* of the names of its series; what follows heads a column */
	const char *title;
};

static const struct matrix matrices[] = {
	{ "grid/keep32/",
		"One core, keep 32, by the bulks of get and put: cycles an object" },
	{ "grid/keep128/", "One core, keep 128: cycles an object" },
	{ "grid/keep512/", "One core, keep 512: cycles an object" },
	{ "calls/get",
		"Single gets of 1 and 32, keep 128: cycles a call, by percentiles" },
	{ "calls/put",
		"Single puts of 1 and 32, keep 128: cycles a call, by percentiles" },
	{ "exhaustion/",
		"Taking all and putting all back: cycles an object; nothing left, a "
		"get that fails: cycles" },
	{ "chain/", "From owner to owner, so many hops, bulk 32: cycles an object" },
	{ "threads/", "So many threads on 2 CPUs, keep 128, bulk 32, Mobj/s of all" },
	{ "reclaim/", "What a dead thread held is brought back, by pages of the pool: us "
		      "(rte_mempool: never)" },
	{ "pages/", "By pages of the pool, half of them held: cycles an object" },
	{ "p99_pages/", "The same, p99 of a put and a get of 32: cycles" },
	{ "hold/", "By objects held, of 65,536: cycles an object" },
	{ "p99_hold/", "The same, p99 of a put and a get of 32: cycles" },
	{ "owners/", "By owners, played by turns: cycles an object" },
	{ "queues/",
		"By rx queues of the simulated card, polled by turns: cycles a frame" },
	{ "colour/", "A header written and read, by ring: cycles a page" },
};
#define MATRICES (sizeof(matrices) / sizeof(matrices[0]))

static bool
belongs(const struct bench_series *series, const struct matrix *matrix)
{
	return strncmp(series->name, matrix->begin, strlen(matrix->begin)) == 0;
}

bool
bench_matrix_has(const struct bench_series *series)
{
	for (size_t i = 0; i < MATRICES; i++)
		if (belongs(series, &matrices[i]))
			return true;
	return false;
}

/* Of the grid's cells those on its diagonal: the others would not fit the screen. */
static bool
is_shown(const char *column)
{
	unsigned int get, put;

	return sscanf(column, "get%u/put%u", &get, &put) != 2 || get == put;
}

/* First series of each column, in the order in which they were measured. */
static unsigned int
find_columns(const struct bench_results *results, const struct matrix *matrix,
	const struct bench_series **column)
{
	unsigned int n = 0, j;

	for (unsigned int i = 0; i < results->n && n < COLUMNS_MAX; i++) {
		const struct bench_series *series = &results->series[i];

		if (!belongs(series, matrix) ||
			!is_shown(series->name + strlen(matrix->begin)))
			continue;
		for (j = 0; j < n && strcmp(column[j]->name, series->name) != 0; j++)
			;
		if (j == n)
			column[n++] = series;
	}
	return n;
}

static void
print_row(FILE *out, const struct bench_results *results, const char *impl,
	const struct bench_series *const *column, unsigned int columns)
{
	fprintf(out, "  %-26s", impl);
	for (unsigned int i = 0; i < columns; i++) {
		double median = bench_results_median(results, column[i]->name, impl);

		if (isnan(median))
			fprintf(out, " %12s", "-");
		else
			fprintf(out, " %12.*f",
				median >= 1000 ? 0
				: median >= 10 ? 1
					       : 2,
				median);
	}
	fprintf(out, "\n");
}

/* Was the same implementation in an earlier series of the matrix? */
static bool
is_again(
	const struct bench_results *results, const struct matrix *matrix, unsigned int at)
{
	for (unsigned int i = 0; i < at; i++)
		if (belongs(&results->series[i], matrix) &&
			strcmp(results->series[i].impl, results->series[at].impl) == 0)
			return true;
	return false;
}

static void
print_matrix(FILE *out, const struct bench_results *results, const struct matrix *matrix)
{
	const struct bench_series *column[COLUMNS_MAX];
	unsigned int columns = find_columns(results, matrix, column);

	if (columns == 0)
		return;
	fprintf(out, "\n%s\n  %-26s", matrix->title, "");
	for (unsigned int i = 0; i < columns; i++)
		fprintf(out, " %12s", column[i]->name + strlen(matrix->begin));
	fprintf(out, "\n");
	for (unsigned int i = 0; i < results->n; i++)
		if (belongs(&results->series[i], matrix) && !is_again(results, matrix, i))
			print_row(out, results, results->series[i].impl, column, columns);
}

void
bench_matrices_print(FILE *out, const struct bench_results *results)
{
	for (size_t i = 0; i < MATRICES; i++)
		print_matrix(out, results, &matrices[i]);
}
