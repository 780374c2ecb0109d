/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_OPTIONS_H
#define BENCH_WIRE_OPTIONS_H

/**
 * @file
 * The options of the subcommand "rx".
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "exit_code.h"
#include "goal.h"
#include "labyrinth_nic.h"
#include "sizes.h"

/** Least load that is tried, in frames a second: that of CSIT. */
#define WIRE_MIN_LOAD 9001.0
/** Most frames a poll. */
#define WIRE_BURST_MAX 256u

/** What is measured for each size. */
enum wire_measures {
	WIRE_NDRPDR = 1 << 0,   /**< the search: NDR and PDR */
	WIRE_MRR = 1 << 1,      /**< what comes through at most load */
	WIRE_LOSS = 1 << 2,     /**< loss against load */
	WIRE_BURST = 1 << 3,    /**< back-to-back */
	WIRE_LATENCY = 1 << 4,  /**< at parts of PDR; needs the search */
	WIRE_TIMELINE = 1 << 5, /**< losses over time, by policy */
	WIRE_ALL = (1 << 6) - 1,
};

struct wire_options {
	const struct search_preset *preset;
	struct wire_size size[WIRE_SIZES_MAX];
	uint32_t sizes;
	unsigned int measures;  /**< of enum wire_measures */
	double rate;            /**< of the wire, Gb/s: most load */
	enum labyrinth_rx_policy policy;
	enum labyrinth_nic_mode mode;
	uint32_t rxd, burst, pages;
	uint32_t hold_us;       /**< for which the application keeps each frame */
	const char *pool;       /**< WIRE_POOL_LABYRINTH, or the name of mempool ops */
	const char *json;       /**< file, "-" for standard output, NULL for none */
};

#define WIRE_POOL_LABYRINTH "labyrinth"

/** Names of the policies, as options and in JSON. */
const char *
wire_policy_name(enum labyrinth_rx_policy policy);

/** @return BENCH_OK; BENCH_USAGE */
enum bench_exit
wire_options_parse(int argc, char **argv, struct wire_options *options,
	struct labyrinth_error *error);

void
wire_options_help(FILE *out);

#endif /* BENCH_WIRE_OPTIONS_H */
