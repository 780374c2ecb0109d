/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_DEPOT_H
#define LAB_DEPOT_H

/**
 * @file
 * The depots: the unclaimed rows, how many free pages they have, and the floors. One
 * for each NUMA node of the pool; an owner looks in the nearest first. A page freed on
 * another node goes into its row like any other, a burst's pages of one row at once.
 *
 * Order of every taking: lower the counter (CAS, refused below the floor of the
 * class), then take the bits. Order of every giving: set the bits, then raise the
 * counter. So the counter may promise less than there is while somebody is between
 * the two steps, never more (the order of LLFree's tree counters).
 *
 * All calls: any thread, any number at once, lock-free, signal-safe.
 */

#include "pool_private.h"

/**
 * Claim a row of the depot with all its free pages for @p owner.
 *
 * @return the row; LAB_NO_ROW when the floor of @p class leaves no whole row or the
 *   depot has none
 */
uint32_t
lab_depot_claim(struct labyrinth_owner *owner, unsigned int class);

/**
 * Give a row that @p owner holds back to the depot: pages of it that are out are
 * named by their page words first. Nothing happens if it was stolen meanwhile.
 *
 * @param heir  slot of the owner that the pages which are out belong to from now on
 */
void
lab_depot_release(struct labyrinth_owner *owner, uint32_t row, uint32_t heir);

/**
 * The same for a row that @p holder, a member of @p owner's team, holds: its free
 * pages are all in the public mask, so any member can do it. The pages that are out
 * stay the holder's.
 */
void
lab_depot_release_shared(struct labyrinth_owner *owner, uint32_t row, uint32_t holder);

/**
 * The same for a row that a @p dead member of a team held, whose slot is kept: the pages
 * that are out belong to @p heir from now on, without having been anybody else's.
 */
void
lab_depot_release_dead(struct labyrinth_owner *owner, uint32_t row, uint32_t dead,
	uint32_t heir);

/**
 * Take a row that is wholly free out of the depot, if it is one, and back: the
 * refiller's, which has lowered the counter before and raises it after.
 */
bool
lab_depot_offline(struct labyrinth_pool *pool, uint32_t row);
void
lab_depot_online(struct labyrinth_pool *pool, uint32_t row);

/** Lower the counter by @p want pages if @p floor is left then; for the refiller. */
bool
lab_depot_reserve(struct lab_depot *depot, uint32_t floor, uint32_t want);

/** Raise the counter. */
void
lab_depot_unreserve(struct lab_depot *depot, uint32_t pages);

/**
 * Take one page straight from the depot: the way below the floor of a whole row, in
 * a pool without caches, and of a signal handler inside a call of its owner.
 *
 * @return whether @p page (its number) was taken; its word names @p owner
 */
bool
lab_depot_take(struct labyrinth_owner *owner, unsigned int class, uint32_t *page);

/** Finish the take that is under way in @p row, whoever began it. */
void
lab_depot_help(struct labyrinth_pool *pool, uint32_t row);

/** Count @p pages that were freed into @p row, which the depot has. */
void
lab_depot_gained(struct labyrinth_pool *pool, uint32_t row, uint32_t pages);

/**
 * Bracket a change of the depot: bits and counter belong together in between, see
 * lab_depot_recount(). Nests.
 */
void
lab_depot_begin(struct labyrinth_owner *owner);
void
lab_depot_end(struct labyrinth_owner *owner);

/** Note that the holder of @p row finds pages there that others freed. */
void
lab_depot_freed(struct labyrinth_pool *pool, uint32_t row);

/** Take that note back; a look at the row (seq_cst) must follow. */
void
lab_depot_looked(struct labyrinth_pool *pool, uint32_t row);

/** Note that all pages of @p row may be free though it is held. */
void
lab_depot_ripe(struct labyrinth_pool *pool, uint32_t row);

/**
 * Give back to the depot the held rows of which all pages are free; and if there is none,
 * rows of @p owner's team that have any free page: before an allocation fails, no
 * capacity may hide there. The holder notices by its next CAS.
 *
 * @return pages gained
 */
uint32_t
lab_depot_steal(struct labyrinth_owner *owner);

/**
 * Raise the counter by what a death between the two steps of a taking or giving left
 * uncounted. Works when no live owner is between two such steps; else it stays due.
 * Only called when a death was seen.
 *
 * @return whether pages were found
 */
bool
lab_depot_recount(struct labyrinth_pool *pool);

/** Set the hint bits of a row that its state asks for: one who died may not have. */
void
lab_depot_mend_hints(struct labyrinth_pool *pool, uint32_t row);

#endif /* LAB_DEPOT_H */
