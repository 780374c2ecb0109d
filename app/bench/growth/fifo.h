/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_GROWTH_FIFO_H
#define BENCH_GROWTH_FIFO_H

/**
 * @file
 * A store of objects and a queue of those that are held: what the cases "pages" and "hold"
 * time.
 */

#include "growth.h"

enum fifo_kind {
	FIFO_POOL,        /**< without memory */
	FIFO_WRITTEN,     /**< a line of each page is written */
	FIFO_MEMPOOL,
	FIFO_KINDS
};

struct fifo {
	enum fifo_kind kind;
	uint32_t objects;
	uint32_t held, at;         /**< objects, and the oldest of them */
	uint64_t *slot;            /**< handles, or addresses of objects */
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner;
	struct rte_mempool *mp;
	uint8_t *base;             /**< of the pages */
};

/** Name of a row. */
const char *
fifo_name(enum fifo_kind kind);

/**
 * Create a store of @p objects and hold @p held of them, a multiple of BENCH_BULK.
 *
 * @return BENCH_OK; BENCH_ENVIRONMENT
 */
enum bench_exit
fifo_open(struct fifo *fifo, enum fifo_kind kind, uint32_t objects, uint32_t held,
	struct labyrinth_error *error);

/** As bench_loop_fn: put the oldest bulk, get a new one. @p fifo is a struct fifo. */
uint64_t
fifo_loop(void *fifo, uint64_t until);

/** p99 of a put and a get of a bulk, in cycles, over @p seconds. */
double
fifo_p99(struct fifo *fifo, double seconds);

/** Put all. @return BENCH_OK; BENCH_INVARIANT one is missing */
enum bench_exit
fifo_close(struct fifo *fifo, struct labyrinth_error *error);

#endif /* BENCH_GROWTH_FIFO_H */
