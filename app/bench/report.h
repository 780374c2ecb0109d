/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

/**
 * @file
 * The figures as text: the machine, the calibration, a table for each case, the
 * ratios. json.h has the same as JSON, from the same structs.
 */

#include "bench.h"
#include "machine.h"
#include "ratios.h"

void
bench_report_print(const struct bench *bench, const struct bench_machine *machine,
	const struct bench_ratios *ratios);

/** One line about the machine. */
void
bench_report_machine(FILE *out, const struct bench_machine *machine);

/** The ratios that are, or are not, headlines. */
void
bench_report_ratios(FILE *out, const struct bench_ratios *ratios, bool headline);

#endif /* BENCH_REPORT_H */
