/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_MEMPOOL_DATA_H
#define LAB_MEMPOOL_DATA_H

/**
 * @file
 * What pool_data points to, in memory of EAL: a secondary process that finds the mempool
 * by its name sees this too, and whether it may use it.
 *
 * Each process has a row of owners, by lcore, which are a team: what one lcore of a process
 * took any other may free, but no other process. The row of a secondary is written by that
 * process when it attaches, from the owners that were registered for it beforehand (its
 * seats): so a process that is killed while it attaches leaves nothing half registered.
 */

#include <stdatomic.h>

#include <rte_lcore.h>
#include <rte_memzone.h>

#include "labyrinth_pool.h"
#include "process.h"

/** Place of the threads without an lcore. */
#define LAB_ANY_THREAD RTE_MAX_LCORE
/** Owners of a secondary: that for any thread, and those for its first lcores. */
#define LAB_SEATS 9u
/** Changes whenever this structure, or that of an mbuf and its page, does. */
#define LAB_MEMPOOL_VERSION 3u

struct lab_mempool {
	uint64_t magic;
	uint32_t version, size;
	uintptr_t origin;              /**< see lab_object_of() */
	struct labyrinth_pool *pool;
	bool uncoloured;
	_Atomic uint64_t *born;        /**< TSC of the last hand-out by index, NULL: not asked for */
	/* of a pool that is shared; else 0 */
	struct lab_processes *processes;
	uint32_t secondaries, number;  /**< most of them; the pool's bit */
	const struct rte_memzone *side, *pages;
	/** Where objects and mempool lie, once it was freed by rte_mempool_free() while
	 * secondaries were attached. */
	const struct rte_memzone *kept_objects, *kept_mempool;
	struct labyrinth_owner *_Atomic seat[LAB_PROCESSES][LAB_SEATS];
	/** By process and lcore. NULL: not to be used. The last row is that of processes
	 * which have not attached. */
	struct labyrinth_owner *_Atomic owner[LAB_PROCESSES + 1][RTE_MAX_LCORE + 1];
};

/**
 * Row of this process: 0 in the primary, LAB_PROCESS_NONE in a secondary before it attaches
 * to its first pool. A variable, since each get and put looks at it.
 */
extern unsigned int lab_mempool_row __attribute__((visibility("hidden")));

/** Owner of a thread, NULL when there is none. relaxed: written before the first call. */
static inline struct labyrinth_owner *
lab_owner_of(const struct lab_mempool *m, unsigned int process, unsigned int lcore)
{
	return atomic_load_explicit(&m->owner[process][RTE_MIN(lcore,
		(unsigned int)LAB_ANY_THREAD)], memory_order_relaxed);
}

/** Owner of the calling thread, NULL when its process may not use the mempool. */
static inline struct labyrinth_owner *
lab_owner_here(const struct lab_mempool *m)
{
	return lab_owner_of(m, lab_mempool_row, rte_lcore_id());
}

#endif /* LAB_MEMPOOL_DATA_H */
