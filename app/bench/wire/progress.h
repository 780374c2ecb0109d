/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_PROGRESS_H
#define BENCH_WIRE_PROGRESS_H

/**
 * @file
 * One line on standard error that says how far it is and how long it will take: over and
 * over the same on a terminal, else one now and then.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct wire_progress {
	FILE *out;
	bool live;           /**< out is a terminal */
	uint32_t size, sizes;
	const char *label;   /**< of the size */
	double guess;        /**< seconds that a size takes, before one is done */
	uint64_t begin, size_begin, said;  /**< TSC */
	double left_in_size; /**< seconds */
};

/** Begin a run of @p sizes sizes, each of about @p guess seconds. */
void
wire_progress_begin(struct wire_progress *progress, uint32_t sizes, double guess);

/** Size number @p size begins. */
void
wire_progress_size(struct wire_progress *progress, uint32_t size, const char *label);

/**
 * A trial is over.
 *
 * @param what  it was for, such as "ndr"
 * @param pps   its load
 * @param left  seconds that the size is likely to need still
 */
void
wire_progress_trial(struct wire_progress *progress, const char *what, double pps,
	double loss_ratio, double left);

/** Remove the line. */
void
wire_progress_end(struct wire_progress *progress);

/** Seconds since the run began. */
double
wire_progress_seconds(const struct wire_progress *progress);

/** Seconds that the run is likely to need still. */
double
wire_progress_left(const struct wire_progress *progress);

#endif /* BENCH_WIRE_PROGRESS_H */
