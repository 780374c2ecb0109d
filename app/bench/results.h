/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

/**
 * @file
 * Series of figures, one for each case and implementation, with a value for each run
 * (three where a run does the thing three times).
 */

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/** A run may have three values. */
#define BENCH_VALUES_MAX (3 * BENCH_RUNS_MAX)

struct bench_series {
	char name[32];           /**< of the case */
	char impl[48];
	const char *unit;
	unsigned int n;
	double *value;
};

/** Zeroes are an empty one. */
struct bench_results {
	struct bench_series *series;
	unsigned int n;
};

struct bench_summary {
	double median, min, max;
};

/** Median of @p n values, which it sorts; NAN of none. */
double
bench_median(double *value, unsigned int n);

/** Add a value; @p unit is kept as it is. Without memory the program ends. */
void
bench_results_add(struct bench_results *results, const char *name, const char *impl,
	const char *unit, double value);

/** Give the memory back. */
void
bench_results_free(struct bench_results *results);

/** The series, NULL if there is none. */
const struct bench_series *
bench_results_find(const struct bench_results *results, const char *name,
	const char *impl);

struct bench_summary
bench_series_summary(const struct bench_series *series);

/** Median of a series, NAN if there is none. */
double
bench_results_median(const struct bench_results *results, const char *name,
	const char *impl);

/** Is it about the machine and the bench rather than an implementation? */
bool
bench_series_is_calibration(const struct bench_series *series);

/** What to call it: the brick, or "random/bare". */
void
bench_series_title(const struct bench_series *series, char *title, size_t size);

#endif /* BENCH_RESULTS_H */
