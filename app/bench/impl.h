/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_IMPL_H
#define BENCH_IMPL_H

/**
 * @file
 * What is compared: rte_mempool by its ops and cache size, and the page pool by the
 * ways to use it. All have the same number of objects and are used by the same bulk.
 *
 *   name                what a thread calls                    what a free checks
 *   ring_mp_mc/512 …    rte_mempool_get_bulk(), _put_bulk()    nothing
 *   labyrinth           handles, each thread an owner alone    double, foreign, stale
 *   labyrinth-own-index 4 byte indices, an owner alone         double, foreign
 *   labyrinth-team      handles, the threads a team            double, foreign, stale
 *   labyrinth-index     4 byte indices, a team                 double, foreign
 *   labyrinth-pointer   as labyrinth-index, but hands out and  double, foreign
 *                       takes addresses of pages
 *   stack-1-thread      a plain stack, one thread, as ixy's    nothing
 *   stack-mutex         the same behind a mutex                nothing
 *   bare                nothing: what the bench itself costs   -
 *
 * The mempool drivers are all those that the installed DPDK has but those of hardware.
 * rte_mempool lets any thread free what another one took; of the page pool that is a
 * team. Its checks cannot be turned off. rte_mempool has none in a release build; its
 * objects are pointers, and none of the implementations here touches an object.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "labyrinth_pool.h"
#include "plain_stack.h"

/** Objects of each implementation: with 2^13 - 1 an rte_ring wastes no slot. */
#define BENCH_OBJECTS 8191u
/** Objects got or put by a call. */
#define BENCH_BULK    32u
#define BENCH_IMPLS_MAX (12u + RTE_MEMPOOL_MAX_OPS_IDX * 3)

/** How a thread gets and puts: store.h has the code, one instance each. */
enum bench_kind {
	BENCH_MEMPOOL,
	BENCH_HANDLE,
	BENCH_INDEX,
	BENCH_POINTER,
	BENCH_STACK,
	BENCH_MUTEX_STACK,
	BENCH_BARE,        /**< 8 byte slots */
	BENCH_BARE_INDEX,  /**< 4 byte slots */
};

/** Who may use it at once. */
enum bench_sharing {
	BENCH_ANY_THREADS,
	BENCH_ONE_GETS_ONE_PUTS,
	BENCH_ONE_THREAD,
};

struct bench_impl {
	char name[32];
	enum bench_kind kind;
	enum bench_sharing sharing;
	const char *checks;      /**< what a free checks, "none" */
	/* BENCH_MEMPOOL */
	const char *ops;
	unsigned int cache;
	struct rte_mempool *mp;
	/* BENCH_STACK, _MUTEX_STACK */
	struct bench_stack *stack;
	/* those and BENCH_MEMPOOL */
	unsigned int lost;       /**< objects, see bench_impls_validate() */
	/* BENCH_HANDLE, _INDEX, _POINTER */
	bool team;
	struct labyrinth_pool *pool;
	struct labyrinth_owner *founder;  /**< of the team; any thread may use it */
};

struct bench_impls {
	struct bench_impl impl[BENCH_IMPLS_MAX];
	unsigned int n;
};

/** What a thread needs to get and put: see bench_seat_take(). */
struct bench_seat {
	enum bench_kind kind;
	struct rte_mempool *mp;
	struct bench_stack *stack;
	struct labyrinth_owner *owner;
};

/**
 * Fill @p impls with all of them (if @p quick without mempools that cache 256), or with
 * those called @p only ("ring_mp_mc" is each of its caches). Nothing is created.
 *
 * @return BENCH_OK; BENCH_USAGE there is none of that name
 */
enum bench_exit
bench_impls_list(struct bench_impls *impls, const char *only, bool quick,
	struct labyrinth_error *error);

/**
 * Create the mempools and pools of all implementations.
 *
 * @return BENCH_OK; BENCH_ENVIRONMENT
 */
enum bench_exit
bench_impls_create(struct bench_impls *impls, struct labyrinth_error *error);

/**
 * Check that every page came back, none was refused, and each pool is sound. What a
 * mempool lost is put down in impl->lost. That happens: a ring of ring_mt_rts says
 * "full" while a thread that began to get before others has not ended, though those
 * others have what they got, and rte_mempool_put() ignores that its ops refuse. With
 * 2^n - 1 objects the ring has no slot to spare for that.
 *
 * @return BENCH_OK; BENCH_INVARIANT something is wrong with a pool of ours
 */
enum bench_exit
bench_impls_validate(struct bench_impls *impls, struct labyrinth_error *error);

/**
 * As it was when it was created, with no seats taken: "bucket" leaves objects with the
 * lcores that used them last, where others never find them.
 */
enum bench_exit
bench_impl_renew(struct bench_impl *impl, struct labyrinth_error *error);

/** Free all that bench_impls_create() made. */
void
bench_impls_destroy(struct bench_impls *impls);

/** What the pages of the pools are backed by, "none" when none is among them. */
const char *
bench_backing(const struct bench_impls *impls);

/** Is it one of the page pool's? */
static inline bool
bench_impl_is_ours(const struct bench_impl *impl)
{
	return impl->kind == BENCH_HANDLE || impl->kind == BENCH_INDEX ||
		impl->kind == BENCH_POINTER;
}

/** Does it do anything at all? */
static inline bool
bench_impl_is_bare(const struct bench_impl *impl)
{
	return impl->kind == BENCH_BARE || impl->kind == BENCH_BARE_INDEX;
}

/**
 * Make the calling thread a user of @p impl: registers an owner of the page pool;
 * rte_mempool needs nothing, its cache is that of the lcore that the thread is.
 *
 * @return 0; -errno
 */
int
bench_seat_take(const struct bench_impl *impl, struct bench_seat *seat);

/** Undo it, by the same thread with all objects put: what it cached is flushed. */
int
bench_seat_leave(struct bench_seat *seat);

#endif /* BENCH_IMPL_H */
