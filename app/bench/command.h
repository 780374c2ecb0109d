/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

/**
 * @file
 * A subcommand of labyrinth-bench: one thing to be measured. main.c has the table.
 */

#include <stdio.h>

#include "options.h"

struct bench_command {
	const char *name;
	const char *summary;         /**< for --help, one line */
	const char *const *cases;    /**< ended by NULL: what --cases may name */
	/** Options of its own instead of those of options.h, of which it sets json. With
	 * the help on them. NULL: those of options.h. */
	enum bench_exit (*parse)(int argc, char **argv, struct bench_options *options,
		struct labyrinth_error *error);
	void (*help)(FILE *out);
	/**
	 * Measure and report; EAL is up.
	 *
	 * @param out  where text goes: not where JSON goes
	 */
	enum bench_exit (*run)(const struct bench_options *options, FILE *out,
		struct labyrinth_error *error);
};

/** The page pool beside rte_mempool: pool.c. */
extern const struct bench_command bench_pool_command;

/** The rx loop on the simulated card: rx_loop.c. */
extern const struct bench_command bench_rx_loop_command;

/** What the cost grows with: growth/command.c. */
extern const struct bench_command bench_growth_command;

/** Receiving from the simulated wire, by RFC 9971 and RFC 2544: wire/command.c. */
extern const struct bench_command bench_rx_command;

#endif /* BENCH_COMMAND_H */
