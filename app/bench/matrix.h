/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_MATRIX_H
#define BENCH_MATRIX_H

/**
 * @file
 * Tables with many figures: a row for each implementation, a column for each series
 * whose name begins alike. Medians; the spreads are in the JSON.
 */

#include <stdbool.h>
#include <stdio.h>

#include "results.h"

/** Is a series shown in one of the matrices? */
bool
bench_matrix_has(const struct bench_series *series);

/** Print all of them, those without figures left out. */
void
bench_matrices_print(FILE *out, const struct bench_results *results);

#endif /* BENCH_MATRIX_H */
