/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FRAME_POOL_H
#define RX_FRAME_POOL_H

/**
 * @file
 * The mempool that frames are received into: the page pool, or for comparison any
 * other mempool ops with mbufs as testpmd makes them. One thread.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_mempool.h>

#include "exit_code.h"
#include "labyrinth_base.h"

/** What the rx side takes at most, to size the pool by. */
struct rx_demand {
	uint32_t queues;
	uint32_t descriptors;  /**< of all queues */
	uint32_t posted;       /**< descriptors that hold an mbuf all the time */
	uint32_t kept;         /**< that stand in tx descriptors, rings and queues of modes */
	uint32_t lcores;       /**< that poll */
	uint32_t burst;
	uint32_t cache;        /**< mbufs that an lcore caches, with ops other than ours */
	bool uncoloured;       /**< of our pages, to compare with */
	uint32_t dpdk_cache;   /**< mbufs that an lcore caches in front of our pages */
	bool ages;             /**< of our pages: note when they are handed out */
	bool shared;           /**< another process must see our pages */
};

/** What the pool is and how it fared. */
struct rx_pool_summary {
	const char *ops;
	const char *backing;   /**< "eal" with other ops */
	bool ours;             /**< the next two are known */
	uint64_t alloc_fail;   /**< failed attempts, not lost frames */
	uint32_t low_water;    /**< least pages ever left in the depot */
	uint32_t pages;
	uint32_t page_size;    /**< bytes */
	uint32_t free;         /**< pages, those cached by lcores included */
	uint32_t stranded;     /**< pages that a closed port does not give back */
	uint32_t leaked;       /**< pages neither free, nor held by an open port, nor stranded */
};

/**
 * Pages by default: for each rx queue twice its descriptors (a set posted, a set on its
 * way to the application and back) and a burst, what is kept, for each lcore twice what
 * it may cache, rounded up to whole extents.
 */
uint32_t
rx_frame_pool_pages(const struct rx_demand *demand);

/**
 * Create the pool.
 *
 * @param ops    name of mempool ops
 * @param pages  mbufs, 0 for rx_frame_pool_pages()
 * @return RX_OK; RX_USAGE fewer pages than @p demand needs to run at all;
 *   RX_ENVIRONMENT these ops are not loaded, or memory is missing
 */
enum rx_exit
rx_frame_pool_create(const char *ops, uint32_t pages, const struct rx_demand *demand,
	struct rte_mempool **mp, struct labyrinth_error *error);

/** Say loudly to @p out what is not as it should be: no hugepages, frees unchecked. */
void
rx_frame_pool_warn(const struct rte_mempool *mp, FILE *out);

/**
 * Take stock of @p mp, with all ports closed: then what is not free has leaked, but for
 * @p stranded mbufs that their PMDs keep.
 */
void
rx_frame_pool_summary(
	const struct rte_mempool *mp, uint32_t stranded, struct rx_pool_summary *summary);

/**
 * Check the pool once more and give it back; at rest, ports closed, of whose PMDs some
 * keep @p stranded mbufs.
 *
 * @return RX_OK; RX_INVARIANT pages leaked or the pool is damaged: then it is kept
 */
enum rx_exit
rx_frame_pool_destroy(
	struct rte_mempool *mp, uint32_t stranded, struct labyrinth_error *error);

#endif /* RX_FRAME_POOL_H */
