/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

/**
 * @file
 * What may stand after "--": a subcommand and the options that all of them share.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "exit_code.h"
#include "labyrinth_base.h"

/** Fewest and most runs that a median is made of. */
#define BENCH_RUNS_MIN 5u
#define BENCH_RUNS_MAX 99u

struct bench_options {
	bool help;
	bool quick;        /**< less time for each run, and fewer runs */
	bool gate;         /**< a ratio under the least acceptable is BENCH_GATE */
	uint32_t runs;     /**< 0: as quick says */
	const char *json;  /**< file, "-" for standard output, NULL for none */
	uint32_t cases;    /**< those to run, a bit each in their order, 0: all */
	const char *impl;  /**< the one implementation to run, NULL: all */
};

/**
 * Parse what follows the subcommand.
 *
 * @param cases  the subcommand's cases, ended by NULL: what --cases may name, up to 32
 * @return BENCH_OK; BENCH_USAGE
 */
enum bench_exit
bench_options_parse(int argc, char **argv, const char *const *cases,
	struct bench_options *options, struct labyrinth_error *error);

/** Is case number @p i of the subcommand to be run? */
static inline bool
bench_case_chosen(const struct bench_options *options, unsigned int i)
{
	return options->cases == 0 || (options->cases >> i & 1) != 0;
}

/** Take @p path for --json if it can be written, "-" too. @return BENCH_OK; BENCH_USAGE */
enum bench_exit
bench_json_path_check(const char *path, const char **json, struct labyrinth_error *error);

/** Print the options. */
void
bench_options_help(FILE *out);

#endif /* BENCH_OPTIONS_H */
