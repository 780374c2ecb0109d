/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_SOURCE_H
#define LABYRINTH_SOURCE_H

/**
 * @file
 * Where a receive queue gets its buffers from and returns them to: an rte_mempool, or
 * a page pool without DPDK (below). Whole bursts, so that the indirect call is paid once
 * for 32 frames or so.
 *
 * A buffer is a word that only its source understands: an rte_mbuf's address, a page's
 * index. The queue calls with the thread that polls it, or, before it starts and after
 * it stopped, with the one that starts and stops it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Least room of a buffer: what the card writes at once. */
#define LABYRINTH_ROOM_MIN 64u
/** Most buffers of one frame. */
#define LABYRINTH_FRAME_BUFFERS_MAX 32u

struct labyrinth_buffer {
	void *buffer;  /**< what the source knows it by */
	void *data;    /**< where its data starts */
};

struct labyrinth_source {
	/**
	 * Take up to @p n buffers, at once or not at all: never waits, never fails for
	 * want of some. Writes the first of @p to, as many as it got, and no more.
	 *
	 * @return how many, 0 … n
	 */
	uint32_t (*take)(void *arg, struct labyrinth_buffer *to, uint32_t n);
	/** Give @p n buffers back. Never fails. */
	void (*give)(void *arg, void *const *buffer, uint32_t n);
	void *arg;
	/** Bytes that may be written from the start of the data on, in every buffer:
	 * LABYRINTH_ROOM_MIN or more. Whole lines are written, see labyrinth_nic.h. */
	uint32_t room;
	/** Buffers in all: a ring that needs more is refused. 0: unknown. */
	uint32_t buffers;
};

/** Bytes before the data in a page, as in an mbuf. */
#define LABYRINTH_PAGE_HEADROOM 128u

/**
 * Pages of a pool as buffers, by index (the owner check is on): the data of page i
 * starts LABYRINTH_PAGE_HEADROOM bytes and its colour (labyrinth_colour.h) after the
 * page. For one thread, the owner's.
 */
struct labyrinth_page_source {
	struct labyrinth_owner *owner;
	uintptr_t base;     /**< where the data of a page 0 would start */
	uint32_t step;      /**< bytes of a colour, 0: uncoloured */
	uint64_t refused;   /**< pages that were given back and were not the owner's */
};

/**
 * Fill @p pages and the @p source on it.
 *
 * @param pool        the pool of @p owner
 * @param owner       takes pages as LABYRINTH_GFP_ATOMIC
 * @param uncoloured  all data starts at the same place in its page: slow, to compare
 */
void
labyrinth_page_source_init(struct labyrinth_page_source *pages,
	struct labyrinth_source *source, struct labyrinth_pool *pool,
	struct labyrinth_owner *owner, bool uncoloured);

/** The page that @p buffer of such a source is. */
static inline uint32_t
labyrinth_page_of_buffer(const void *buffer)
{
	return (uint32_t)(uintptr_t)buffer;
}

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_SOURCE_H */
