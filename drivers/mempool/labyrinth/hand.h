/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_HAND_H
#define LAB_HAND_H

/**
 * @file
 * Get and put. An lcore keeps the objects that it put last at hand and gets those first,
 * as with DPDK's own cache, whose place this takes (the application's cache_size is its
 * bound): what that one is given twice it hands out twice, and none of the ops is asked.
 * Here each put goes through a tag.
 *
 *   put: exchange the tag · number to the hand · over the limit, the older half goes
 *        to the pool
 *   get: number from the hand, else from the pool · store the tag
 *
 * Lock-free, no syscall, nothing is allocated or logged. What an lcore has at hand is for
 * that lcore only, 1.5 cache_size objects at most; without a cache it is nothing.
 * Threads: as of an rte_mempool, any; those without an lcore keep nothing at hand.
 */

#include "mempool.h"

/** Bytes of a hand that holds up to @p limit. */
size_t
lab_hand_size(uint32_t limit);

/** Note that a put was refused; @p before: who had put it already, 0: nobody is known. */
void
lab_hand_refuse(struct lab_hand *hand, const void *object, uint32_t kind, uint32_t before);

/** Number of the object at an address, 0 if there is none. */
uint32_t
lab_hand_number(const struct lab_mempool *m, const void *object);

/** @p n objects, or none; the op dequeue. @return 0; -ENOBUFS */
int
lab_hand_get(struct rte_mempool *mp, void **object, unsigned int n);

/**
 * Take @p n objects back; those that are no good are refused and counted. The op enqueue.
 *
 * @return 0; -EINVAL the mempool was never populated. rte_mempool_put() has no way to
 *   say it
 */
int
lab_hand_put(struct rte_mempool *mp, void *const *object, unsigned int n);

#endif /* LAB_HAND_H */
