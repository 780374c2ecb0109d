/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_REPORT_H
#define BENCH_WIRE_REPORT_H

/**
 * @file
 * The figures of the subcommand "rx" as text; wire_json.h has them, and more, as JSON.
 */

#include <time.h>

#include "machine.h"
#include "measure.h"

/** A run: what both reports are made from. */
struct wire_run {
	const struct wire_options *options;
	const struct wire_buffers *buffers;
	struct bench_machine machine;
	struct wire_result result[WIRE_SIZES_MAX];
	uint32_t results;      /**< sizes begun */
	struct timespec start, end;
	/** All that was asked for is there; else it goes on, or was broken off: message. */
	bool passed;
	const char *message;
};

/** What was measured, and on what. */
void
wire_report_begin(const struct wire_run *run, FILE *out);

/** The tables, and whether it is all that was asked for. */
void
wire_report_print(const struct wire_run *run, FILE *out);

#endif /* BENCH_WIRE_REPORT_H */
