/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_DEAD_H
#define LAB_DEAD_H

/**
 * @file
 * What secondary processes leave that were killed. By the primary, from any thread that is
 * not in a get or put; not for the data path.
 */

#include "mempool.h"

/** How to make an object as it was at first, see rte_mempool_obj_cb_t; init may be NULL. */
struct lab_dead_init {
	rte_mempool_obj_cb_t *init;
	void *arg;
};

/** What came back, and what did not. */
struct lab_dead_count {
	uint32_t back;    /**< objects */
	uint32_t out;     /**< that the dead got, and nobody put: see lab_dead_reclaim() */
};

/**
 * Bring back what is certainly nobody's: what dead processes had at hand, and what a call
 * that they died in had half done. Nothing is done again for a process for which it was
 * done, and nothing for those in the middle of which somebody in the primary stands still:
 * the next time, then.
 */
struct lab_dead_count
lab_dead_sweep(struct rte_mempool *mp);

/**
 * And also the objects that they had got, or been given, and not put: only the caller can
 * know that they are on no ring, port or chain any more.
 *
 * @return objects that came back; -EAGAIN somebody in the primary stands still in the middle
 *   of a get: again
 */
int
lab_dead_reclaim(struct rte_mempool *mp, const struct lab_dead_init *init);

#endif /* LAB_DEAD_H */
