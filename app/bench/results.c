/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"

/* Its place, or that of the next one to be added. */
static unsigned int
place(const struct bench_results *results, const char *name, const char *impl)
{
	unsigned int i = 0;

	while (i < results->n && (strcmp(results->series[i].name, name) != 0 ||
					 strcmp(results->series[i].impl, impl) != 0))
		i++;
	return i;
}

/* A measurement without memory for its figures has come to nothing. */
static void *
grow(void *memory, size_t size)
{
	void *larger = realloc(memory, size);

	if (larger == NULL) {
		fprintf(stderr, "labyrinth-bench: no memory for the figures\n");
		exit(BENCH_ENVIRONMENT);
	}
	return larger;
}

static void
begin_series(struct bench_results *results, const char *name, const char *impl,
	const char *unit)
{
	struct bench_series *series;

	results->series =
		grow(results->series, (results->n + 1) * sizeof(results->series[0]));
	series = &results->series[results->n++];
	memset(series, 0, sizeof(*series));
	series->unit = unit;
	snprintf(series->name, sizeof(series->name), "%s", name);
	snprintf(series->impl, sizeof(series->impl), "%s", impl);
}

void
bench_results_add(struct bench_results *results, const char *name, const char *impl,
	const char *unit, double value)
{
	unsigned int at = place(results, name, impl);
	struct bench_series *series;

	if (at == results->n)
		begin_series(results, name, impl, unit);
	series = &results->series[at];
	if (series->n == BENCH_VALUES_MAX)
		return;
	series->value = grow(series->value, (series->n + 1) * sizeof(series->value[0]));
	series->value[series->n++] = value;
}

void
bench_results_free(struct bench_results *results)
{
	for (unsigned int i = 0; i < results->n; i++)
		free(results->series[i].value);
	free(results->series);
	*results = (struct bench_results){ 0 };
}

const struct bench_series *
bench_results_find(
	const struct bench_results *results, const char *name, const char *impl)
{
	unsigned int at = place(results, name, impl);

	return at < results->n ? &results->series[at] : NULL;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
bench_median(double *value, unsigned int n)
{
	if (n == 0)
		return NAN;
	qsort(value, n, sizeof(value[0]), compare);
	return (value[(n - 1) / 2] + value[n / 2]) / 2;
}

struct bench_summary
bench_series_summary(const struct bench_series *series)
{
	double sorted[BENCH_VALUES_MAX], median;
	unsigned int n = series->n;

	memcpy(sorted, series->value, n * sizeof(sorted[0]));
	median = bench_median(sorted, n);
	return (struct bench_summary){
		.median = median,
		.min = n > 0 ? sorted[0] : NAN,
		.max = n > 0 ? sorted[n - 1] : NAN,
	};
}

double
bench_results_median(
	const struct bench_results *results, const char *name, const char *impl)
{
	const struct bench_series *series = bench_results_find(results, name, impl);

	return series != NULL ? bench_series_summary(series).median : NAN;
}

bool
bench_series_is_calibration(const struct bench_series *series)
{
	return strcmp(series->name, "calibration") == 0 ||
	       strncmp(series->impl, "bare", 4) == 0;
}

void
bench_series_title(const struct bench_series *series, char *title, size_t size)
{
	if (strcmp(series->name, "calibration") == 0)
		snprintf(title, size, "%s", series->impl);
	else
		snprintf(title, size, "%s/%s", series->name, series->impl);
}
