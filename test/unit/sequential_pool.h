/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef SEQUENTIAL_POOL_H
#define SEQUENTIAL_POOL_H

/**
 * @file
 * A model of the pool's public behaviour: single-threaded, slow, and meant to be
 * obviously right. It does not choose pages; it follows those that the pool chose and
 * says whether that was allowed. A test asks what a call may answer, makes the call, and
 * tells the model what was answered.
 *
 * Where the contract leaves a choice the model allows each: which pages; how many come
 * out of caches; whether the generation of a free page was used up by an attempt that
 * failed (then a second free of its old handle may be called stale).
 */

#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_pool.h"

/** Most owners of a model. */
#define SEQ_OWNERS 16u
/** A verdict is a set of refusals, LABYRINTH_REFUSED_NONE among them. */
#define SEQ_MAY(refusal) (1u << (refusal))

enum seq_state {
	SEQ_FREE,
	SEQ_OWNED,
	SEQ_OFFERED,
};

struct seq_page {
	enum seq_state state;
	uint32_t team;          /**< whose it is */
	uint32_t offerer, peer; /**< registrations: offered by, and to */
	uint32_t generation;    /**< of the last handle */
	bool vague;             /**< the pool's generation may be another by now */
};

/** A place for an owner; the number of its registration is never used again. */
struct seq_owner {
	uint32_t registration;  /**< 0: nobody */
	uint32_t slot;          /**< in the pool */
	uint32_t team;
	uint32_t founder;       /**< slot of the team's first, kept while that lives */
	bool any_thread;
	bool dead;              /**< its thread has ended without a word */
	bool worked;            /**< made a call that used its rows */
	bool shared;            /**< was ever in a team */
};

struct seq_pool {
	uint32_t pages;
	bool caches;
	uint32_t owners;        /**< most at once */
	uint32_t registrations; /**< so far */
	struct seq_page *page;  /**< [1] … [pages] */
	struct seq_owner owner[SEQ_OWNERS];
	uint64_t alloc, released, transferred, reclaimed;
	uint64_t alloc_fail[LABYRINTH_GFP_CLASSES];
	uint64_t refused[LABYRINTH_REFUSAL_KINDS];
};

/** Calls on a page that somebody has. */
enum seq_call {
	SEQ_FREE_HANDLE,
	SEQ_FREE_INDEX,
	SEQ_TRANSFER,
	SEQ_OFFER,
	SEQ_ACCEPT,
	SEQ_WITHDRAW,
};

/** A call on one page. */
struct seq_request {
	enum seq_call call;
	uint32_t who;           /**< place of the caller */
	labyrinth_page page;    /**< by index: the index */
	uint32_t peer;          /**< slot, of transfer and offer */
	bool peer_is_gone;      /**< the pool knows already that the peer is dead */
};

/** What a call may take, from where the free pages are. Each depot has floors. */
struct seq_stock {
	uint32_t own;           /**< in rows that the caller holds */
	uint32_t depots;        /**< above the floors of the depots */
	uint32_t at_most;       /**< the same, were all that others cache given back */
};

struct seq_bounds {
	uint32_t least, most;
};

struct seq_pool *
seq_create(uint32_t pages, uint32_t owners, bool caches);

void
seq_destroy(struct seq_pool *pool);

/** Pages in state @p state. */
uint32_t
seq_count(const struct seq_pool *pool, enum seq_state state);

/* ---- allocation ---- */

/** Pages that a class may take of @p free ones of a depot with @p min for its reserve. */
uint32_t
seq_above_floor(uint32_t min, unsigned int class, uint32_t free);

/** How many of @p n a burst may and must get; a bulk must get n if least is n. */
struct seq_bounds
seq_alloc_bounds(uint32_t n, struct seq_stock stock);

/** The caller was given a page. @return NULL, or what is wrong with that */
const char *
seq_handed_out(struct seq_pool *pool, uint32_t who, labyrinth_page page, bool by_index);

/** An attempt ended with @p got of @p n pages; @p all: it was for all or none. */
void
seq_attempt(struct seq_pool *pool, uint32_t who, unsigned int class, uint32_t n,
	uint32_t got, bool all);

/* ---- pages that somebody has ---- */

/** What may be answered: a set of SEQ_MAY(). */
uint32_t
seq_verdict(const struct seq_pool *pool, const struct seq_request *request);

/** The answer was @p why. */
void
seq_apply(struct seq_pool *pool, const struct seq_request *request,
	enum labyrinth_refusal why);

/* ---- owners ---- */

/** An owner made a call that uses its rows; that it is joined may be refused then. */
void
seq_works(struct seq_pool *pool, uint32_t who);

/** May register answer so when @p team (a place, or SEQ_OWNERS for none) is joined? */
bool
seq_may_register(const struct seq_pool *pool, uint32_t team, int answer);

/** It answered 0. @return the place */
uint32_t
seq_registered(struct seq_pool *pool, uint32_t team, uint32_t flags, uint32_t slot);

/**
 * What unregister answers; 0: it is done. A member must not have offered pages: which of
 * its mates they are offered by from then on is the pool's choice, and the model's end.
 */
int
seq_unregister(struct seq_pool *pool, uint32_t who);

/** The thread of an owner ended. */
void
seq_died(struct seq_pool *pool, uint32_t who);

/** What reclaim of a slot by a live owner answers; if it is >= 0 it is done. */
int
seq_reclaim(struct seq_pool *pool, uint32_t who, uint32_t slot);

/** Place of the owner in @p slot, SEQ_OWNERS for none. */
uint32_t
seq_place(const struct seq_pool *pool, uint32_t slot);

/** NULL, or what in @p stats is not as it should be. */
const char *
seq_compare(const struct seq_pool *pool, const struct labyrinth_pool_stats *stats);

#endif /* SEQUENTIAL_POOL_H */
