/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_MEMPOOL_H
#define LAB_MEMPOOL_H

/**
 * @file
 * What stands behind an rte_mempool of these ops: the pool_data. All of it lies in memory
 * of EAL, so that the secondary processes of an application share it.
 *
 *   objects   number 1 … objects; regions.h gives the number, object[] the address back
 *   tag[]     is it free, and whose (tag.h)
 *   hand[]    what an lcore has at hand (hand.h)
 *   pool      the rest: a labyrinth_pool of numbers, without memory of its own
 *
 * The pool has an owner for each lcore and one for all other threads, which are a team:
 * DPDK lets any thread put what another one got. To be exclusive is the mempool's: an
 * object is free once, or out once.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_lcore.h>
#include <rte_mempool.h>

#include "labyrinth_pool.h"
#include "layout.h"
#include "refusal.h"
#include "regions.h"
#include "tag.h"

/** Name of the ops. */
#define LAB_MEMPOOL_OPS_NAME "labyrinth"
/** Hand and owner of the threads without an lcore. */
#define LAB_OTHERS RTE_MAX_LCORE
#define LAB_HANDS (RTE_MAX_LCORE + 1)
/** Numbers worked on at a time: two bursts of the usual size. */
#define LAB_CHUNK 64u

_Static_assert(LAB_HANDS < LAB_TAG_WHO, "a tag names each lcore");

/** What an lcore has at hand; used by its thread alone, but for LAB_OTHERS. */
struct lab_hand {
	_Atomic uint32_t count;  /**< numbers in index */
	uint32_t limit;       /**< most that stay when a put returns, 0: none stays */
	uint32_t who;         /**< tag of the lcore: its number + 1 */
	bool dry;             /**< the pool had too few the last time: a hint */
	struct labyrinth_owner *owner;
	/* written by one thread; of LAB_OTHERS by any number */
	_Atomic uint64_t got;     /**< objects that were handed out */
	_Atomic uint64_t failed;  /**< gets that failed, each for all its objects */
	/** Failures since the last success, which was when as many had been got. */
	_Atomic uint64_t in_vain, got_before;
	/** Numbers that came from the pool, and that went back. */
	_Atomic uint64_t taken, returned;
	struct lab_refusals refusals[LAB_REFUSAL_KINDS];
	/** Numbers of free objects, youngest last. */
	uint32_t index[] __rte_cache_aligned;
};

struct lab_mempool {
	/**
	 * The usual case once more, at hand: all objects in one region, one to a page.
	 * Bytes of that region, 0 in other cases; written when the last object came.
	 */
	_Atomic uintptr_t span;
	uintptr_t origin;          /**< its address, as of struct lab_region */
	/* read by each call, written when objects are added */
	void **object;             /**< address, by number */
	_Atomic uint16_t *tag;     /**< by number */
	struct lab_regions *_Atomic regions;
	_Atomic uint32_t objects;  /**< as many have an address */
	/* read only after creation */
	uint32_t size;             /**< objects that there will be */
	struct labyrinth_pool *pool;
	void *side;                /**< where the pool's arrays lie */
	struct lab_hand *hand[LAB_HANDS];
	struct lab_object_size object_size;
	/* used when objects are added */
	bool asked;                /**< DPDK asked how much memory is needed */
	bool withheld; /**< numbers without an address were taken from the pool */
	struct lab_layout layout;  /**< that of the last chunk */
	uint64_t reported[LAB_REFUSAL_KINDS]; /**< refusals that were said, see watch.h */
};

/** The hand of the calling thread. */
static inline struct lab_hand *
lab_hand_here(const struct lab_mempool *m)
{
	unsigned int lcore = rte_lcore_id();

	/* a branch, which is foretold, and not a minimum, which must be waited for */
	return m->hand[labyrinth_likely(lcore < LAB_OTHERS) ? lcore : LAB_OTHERS];
}

/** Make what stands behind @p mp. @return 0; -errno, said in the log */
int
lab_mempool_create(struct rte_mempool *mp);

/** Give it back; whoever has objects out has had their memory taken away by DPDK. */
void
lab_mempool_destroy(struct rte_mempool *mp);

/** Free objects that no hand has: exact at rest, a little behind while others work. */
uint32_t
lab_mempool_in_pool(const struct lab_mempool *m);

/** Free objects at all hands together. Exact at rest. */
uint32_t
lab_mempool_at_hand(const struct lab_mempool *m);

/** Refused puts of a kind, so far. */
uint64_t
lab_mempool_refused(const struct lab_mempool *m, uint32_t kind);

/** The last refusal of a kind. @return false: there was none, or it is being written */
bool
lab_mempool_last_refusal(const struct lab_mempool *m, uint32_t kind,
	struct lab_refusal *last);

/** Bytes of the longest name of who, with its NUL. */
#define LAB_WHO_SIZE 32

/** "lcore 7", "threads without lcore", "nobody". */
void
lab_who_name(char name[LAB_WHO_SIZE], uint32_t who);

/** @return -errno or objects placed; see rte_mempool_populate_t */
int
lab_mempool_populate(struct rte_mempool *mp, unsigned int max, void *address,
	rte_iova_t iova, size_t len, rte_mempool_populate_obj_cb_t *obj_cb, void *arg);

/** See rte_mempool_calc_mem_size_t. */
ssize_t
lab_mempool_mem_size(const struct rte_mempool *mp, uint32_t objects, uint32_t page_shift,
	size_t *min_chunk, size_t *align);

#endif /* LAB_MEMPOOL_H */
