/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_JSON_H
#define BENCH_JSON_H

/**
 * @file
 * The figures as JSON, schema "labyrinth-bench/1":
 *
 *   schema       "labyrinth-bench/1"
 *   command      the subcommand
 *   machine      { cpu, cores, hugepages_2m_total, hugepages_2m_free, kernel, dpdk,
 *                commit, tsc_hz }; commit only where known; free: before the pools
 *   config       pool: { bulk, objects, runs, quick, backing, page_size, seconds {…} }
 *                rx-loop: { source, burst, rings [], pages, runs, … }, see rx_json.c
 *   implementations  [ { name, checks, lost } ]
 *   calibration  [ { name, median, min, max, unit } ]
 *   results      [ { case, impl, median, min, max, unit, values [] } ]
 *   ratios       { name: number, null when not measured }: those in ratios.h
 *   ratios_beside  the same, further ones
 *   verdicts     [ { ratio, value, goal, least, verdict, ours, theirs } ]: goal and
 *                least are null where there is none
 */

#include <jansson.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "machine.h"
#include "ratios.h"
#include "results.h"

/** What a subcommand measured. Borrowed, but for the JSON. */
struct bench_document {
	const char *command;
	const struct bench_machine *machine;
	json_t *config;           /**< an object of the subcommand's own; taken over */
	json_t *implementations;  /**< an array, as above; taken over */
	const struct bench_results *results;
	const struct bench_ratios *ratios;
};

/**
 * Write @p json, a reference that is taken over and may be NULL (no memory), to @p path,
 * "-" for standard output. A file appears whole or not at all: it is written beside and
 * renamed.
 *
 * @return BENCH_OK; BENCH_ENVIRONMENT it cannot be written
 */
enum bench_exit
bench_json_dump(json_t *json, const char *path, struct labyrinth_error *error);

/** "machine" as above. */
json_t *
bench_json_machine(const struct bench_machine *machine);

/** Write a document to @p path, as bench_json_dump(). */
enum bench_exit
bench_json_write(const struct bench_document *document, const char *path,
	struct labyrinth_error *error);

#endif /* BENCH_JSON_H */
