/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_JSON_H
#define BENCH_WIRE_JSON_H

/**
 * @file
 * The figures of the subcommand "rx" as JSON: see scripts/results.schema.json, which
 * describes every field. Names are those of FD.io CSIT's model where it has one.
 */

#include "wire_report.h"

/** Write the run so far; as bench_json_dump(). */
enum bench_exit
wire_json_write(const struct wire_run *run, const char *path,
	struct labyrinth_error *error);

#endif /* BENCH_WIRE_JSON_H */
