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
 *   guest     owners and hands of secondary processes (guest.h)
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
#include "process.h"
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

/** Hands for lcores of secondary processes, all together. */
#define LAB_GUESTS 32u
/** Hands of secondaries: those, and one a process for threads without an lcore. */
#define LAB_GUEST_HANDS (LAB_GUESTS + LAB_SECONDARIES)
/** First hand in the row of no process, and before it is known whose row is ours. */
#define LAB_ROW_NOBODY (LAB_PROCESSES * LAB_HANDS)
#define LAB_ROW_UNKNOWN UINT32_MAX
/** Changes whenever the structures here do, or what they mean. */
#define LAB_MEMPOOL_VERSION 3u
#define LAB_MEMPOOL_MAGIC UINT64_C(0x6e6967756c70616c) /* "lapl…" */

_Static_assert(LAB_PROCESSES * LAB_HANDS < LAB_TAG_WHO, "a tag names each lcore of each");

/** Whose a hand is. */
enum lab_hand_kind {
	LAB_HAND_OWN,     /**< the primary's */
	LAB_HAND_GUEST,   /**< a secondary's, for an lcore or all other threads */
	LAB_HAND_NOBODY,  /**< of who comes for the first time */
};

/** What an lcore has at hand; used by its thread alone, but for LAB_OTHERS. */
struct lab_hand {
	_Atomic uint32_t count;  /**< numbers in index */
	uint32_t limit;       /**< most that stay when a put returns, 0: none stays */
	uint32_t who;         /**< tag: process * LAB_HANDS + lcore + 1 */
	bool dry;             /**< the pool had too few the last time: a hint */
	enum lab_hand_kind kind;
	uint32_t room;        /**< limit of a guest, whose puts all go the long way */
	_Atomic uint32_t place; /**< of a guest: its who while somebody has it, else 0 */
	/** Gets that took numbers from the pool and have not said so in the tags yet: how
	 * many began, how many ended. See dead.c. */
	_Atomic uint64_t entered, left;
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

/** What the pool knows of a secondary process: both for any thread. */
struct lab_guest {
	/** Numbers on their way from the pool to its hands, of which its death is the end. */
	struct labyrinth_owner *alone;
	struct labyrinth_owner *member; /**< gives back what is the team's */
	bool swept;                     /**< it is dead; what was certain came back */
};

/** Whether the memory is given back when the mempool is freed; see keep.h. */
enum lab_end {
	LAB_END_OPEN,  /**< not freed yet */
	LAB_END_GIVEN, /**< nobody else is attached */
	LAB_END_KEPT,
};

struct lab_mempool {
	uint64_t magic;
	uint32_t version, bytes;
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
	/** By process and lcore, as lab_hand_row has it. */
	struct lab_hand *_Atomic hand[LAB_ROW_NOBODY + LAB_HANDS];
	struct lab_hand *guest_hand[LAB_GUEST_HANDS];
	struct lab_guest guest[LAB_PROCESSES];
	struct lab_processes *processes; /**< NULL: EAL shares nothing */
	uint32_t number;                 /**< its bit in what processes use */
	_Atomic bool had_guests;         /**< the counts of hands are not exact any more */
	struct lab_object_size object_size;
	/* used when objects are added */
	bool asked;                /**< DPDK asked how much memory is needed */
	bool withheld; /**< numbers without an address were taken from the pool */
	struct lab_layout layout;  /**< that of the last chunk */
	uint64_t reported[LAB_REFUSAL_KINDS]; /**< refusals that were said, see watch.h */
	/* the primary's, for keep.c */
	_Atomic bool guarded;      /**< the memory of the objects is given back by keep.c */
	rte_mempool_memchunk_free_cb_t *give_back; /**< and was by this */
	enum lab_end end;
	/* of a mempool that is kept */
	struct rte_mempool *mp;
	const struct rte_memzone *mz; /**< in which mp lies */
	struct lab_mempool *next;
};

/** First hand of this process: 0 in the primary. Set once, before its first use. */
extern uint32_t lab_hand_row;

/** The hand of the calling thread. relaxed: the thread or its process has set it. */
static inline struct lab_hand *
lab_hand_here(const struct lab_mempool *m)
{
	unsigned int lcore = rte_lcore_id();

	/* a branch, which is foretold, and not a minimum, which must be waited for */
	return atomic_load_explicit(&m->hand[lab_hand_row +
		(labyrinth_likely(lcore < LAB_OTHERS) ? lcore : LAB_OTHERS)],
		memory_order_relaxed);
}

/** The primary's hands, and then those of secondaries; i < lab_every_hand(). */
static inline struct lab_hand *
lab_hand_at(const struct lab_mempool *m, uint32_t i)
{
	return i < LAB_HANDS ? m->hand[i] : m->guest_hand[i - LAB_HANDS];
}

static inline uint32_t
lab_every_hand(const struct lab_mempool *m)
{
	return m->processes != NULL ? LAB_HANDS + LAB_GUEST_HANDS : LAB_HANDS;
}

/** Process of whom a tag names. */
static inline unsigned int
lab_who_process(uint32_t who)
{
	return (who - 1) / LAB_HANDS;
}

/** Make what stands behind @p mp. @return 0; -errno, said in the log */
int
lab_mempool_create(struct rte_mempool *mp);

/** Give it back; whoever has objects out has had their memory taken away by DPDK. */
void
lab_mempool_destroy(struct rte_mempool *mp);

/** Say so when objects are out at the end. */
void
lab_mempool_warn_of_out(const struct rte_mempool *mp);

/** Give back what stands behind a mempool, and no more. */
void
lab_mempool_free(struct lab_mempool *m);

/** Have secondary processes ever been at it? relaxed: a hint, for the slow way. */
bool
lab_mempool_had_guests(const struct lab_mempool *m);

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
