/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_BUFFERS_H
#define BENCH_WIRE_BUFFERS_H

/**
 * @file
 * Where the card's buffers come from: pages of the pool, or elements of 4 KiB of a
 * mempool with its lcore cache at the largest. Used by the main lcore.
 */

#include <stdint.h>

#include "exit_code.h"
#include "labyrinth_source.h"

struct rte_mempool;

struct wire_buffers {
	struct labyrinth_source source;
	struct labyrinth_pool *pool;    /**< NULL: a mempool */
	struct labyrinth_owner *owner;
	struct labyrinth_page_source pages;
	struct rte_mempool *mempool;
	char backing[32];               /**< what the memory is, or "EAL memory" */
	uint32_t n;                     /**< buffers */
};

/**
 * Create a pool of @p n buffers.
 *
 * @param name  "labyrinth", or mempool ops
 * @return BENCH_OK; BENCH_USAGE no such ops; BENCH_ENVIRONMENT no memory
 */
enum bench_exit
wire_buffers_open(struct wire_buffers *buffers, const char *name, uint32_t n,
	struct labyrinth_error *error);

/** Are all buffers back? @return BENCH_OK; BENCH_INVARIANT */
enum bench_exit
wire_buffers_check(const struct wire_buffers *buffers, struct labyrinth_error *error);

/** Give the memory back. Nothing happens to what was not opened. */
void
wire_buffers_close(struct wire_buffers *buffers);

#endif /* BENCH_WIRE_BUFFERS_H */
