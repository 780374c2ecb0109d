/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_POOL_JSON_H
#define BENCH_POOL_JSON_H

/**
 * @file
 * The figures of the subcommand "pool" as JSON, see json.h.
 */

#include "bench.h"
#include "machine.h"
#include "ratios.h"

/** As bench_json_write(). */
enum bench_exit
bench_pool_json_write(const struct bench *bench, const struct bench_machine *machine,
	const struct bench_ratios *ratios, const char *path,
	struct labyrinth_error *error);

#endif /* BENCH_POOL_JSON_H */
