/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>

#include "call.h"
#include "depot.h"
#include "held.h"
#include "naming.h"
#include "owner.h"
#include "page.h"
#include "wait.h"
#include "wipe.h"

/*
 * The one idea: what a dead owner held is *adopted* by a CAS that puts the reclaimer's
 * slot where the dead one's was. From then on it is an ordinary row or page of the
 * reclaimer's, which it gives back. A second reclaimer's CAS fails; a reclaimer that
 * dies has left things of its own, which the next one adopts; a late free by a live
 * owner is a CAS on the same words. Nothing is ever in limbo.
 */

struct work {
	struct labyrinth_owner *owner;   /* who reclaims */
	struct labyrinth_owner *dead;
	uint32_t heir;                   /* member of the dead one's team, or 0 */
	uint32_t gained;
};

/* ---- death ---- */

/* The kernel says so, once; from then on the slot does, so that nobody asks again. */
static bool
is_dead(struct labyrinth_owner *owner)
{
	/* acquire: pairs with labyrinth_owner_bind() */
	uint32_t bound = atomic_load_explicit(&owner->bound, memory_order_acquire);

	if (bound != LAB_BOUND_ALIVE)
		return bound == LAB_BOUND_DEAD;
	if (!lab_owner_died(owner))
		return false;
	/* acq_rel: what the dead one did is seen by who sees it dead */
	atomic_compare_exchange_strong_explicit(&owner->bound, &bound, LAB_BOUND_DEAD,
		memory_order_acq_rel, memory_order_relaxed);
	return true;
}

/* From here on the slot is not given to a new owner (lab_owner_is_kept()). */
static void
keep(struct labyrinth_owner *owner, uint32_t i, uint32_t slot)
{
	atomic_store_explicit(&owner->keeps[i], slot, memory_order_seq_cst);
}

static void
keep_none(struct labyrinth_owner *owner)
{
	for (uint32_t i = 0; i < LAB_KEEPS; i++)
		keep(owner, i, 0);
}

/* ---- rows ---- */

/*
 * Pages of the adopted row that no word names. A mark that somebody set meanwhile is
 * taken back; one that comes later has its seal fail the release (naming.h).
 */
static uint32_t
unnamed_pages(struct work *work, uint32_t number)
{
	struct labyrinth_pool *pool = work->owner->pool;
	uint32_t all = lab_row_mask(pool, number), others = 0;

	for (uint32_t bits = all; bits != 0; bits &= bits - 1) {
		uint32_t page = (number << LAB_ROW_SHIFT) + (uint32_t)__builtin_ctz(bits);
		struct lab_page_word word = lab_word_load(pool, page);

		if (word.state == LAB_PAGE_NAMING)
			lab_naming_cancel(pool, page, word);
		else if (word.state != LAB_PAGE_ROW)
			others |= bits & -bits;
	}
	return all & ~others;
}

/*
 * The row is ours by adoption: all its pages that no word names come back, whether they
 * were in a mask, owned, or between two steps. Named ones are looked at afterwards.
 */
static void
release_adopted(struct work *work, uint32_t number, uint32_t mine)
{
	struct labyrinth_pool *pool = work->owner->pool;
	struct lab_row *row = &pool->row[number];
	struct lab_row_word word = lab_row_load(row);
	uint32_t ours;

	/* Not if it is empty: then the row may have been stolen. relaxed: the CAS publishes
	 * it */
	if (mine != 0)
		atomic_store_explicit(&row->mine, 0, memory_order_relaxed);
	/* Nothing of it is ours to free, as a handler could think that saw who holds it. */
	lab_moving_begin(work->owner, number, LAB_ROW_FULL);
	lab_depot_begin(work->owner);
	while (lab_row_held_by(word, work->owner->slot)) {
		ours = unnamed_pages(work, number) | mine;
		for (uint32_t rest = ours & ~(mine | (uint32_t)word.free); rest != 0;
				rest &= rest - 1)
			lab_wipe_free(pool, (number << LAB_ROW_SHIFT) +
				(uint32_t)__builtin_ctz(rest));
		if (!lab_row_cas(row, &word, lab_row_release(word, ours)))
			continue;
		lab_depot_gained(pool, number, lab_count_bits((uint32_t)word.free | ours));
		work->gained += lab_count_bits(ours & ~(mine | (uint32_t)word.free));
		break;
	}
	lab_depot_end(work->owner);
	lab_moving_end(work->owner);
}

static void
reclaim_row(struct work *work, uint32_t number)
{
	struct labyrinth_pool *pool = work->owner->pool;
	struct lab_row *row = &pool->row[number];
	struct lab_row_word word = lab_row_load(row);

	if (word.state == LAB_ROW_TAKING && word.holder == work->dead->slot)
		lab_depot_help(pool, number);
	/* What its team has in common is not ours for a moment, so no adoption there. */
	if (work->heir != 0)
		lab_depot_release_dead(work->owner, number, work->dead->slot, work->heir);
	while (work->heir == 0 && lab_row_held_by(word, work->dead->slot)) {
		/* before the row is ours: a mask of the dead does not change */
		uint32_t mine = atomic_load_explicit(&row->mine, memory_order_acquire);

		if (!lab_row_cas(row, &word, lab_row_claim(word, work->owner->slot)))
			continue;
		release_adopted(work, number, mine);
		break;
	}
	lab_depot_mend_hints(pool, number);
}

/* ---- pages that are named ---- */

/*
 * FREED, but the bit is not set: the dead owner was between the two steps. Or CACHED: in
 * its magazine, if the bit is not set.
 */
static bool
is_half_freed(const struct labyrinth_pool *pool, uint32_t page, struct lab_page_word word)
{
	struct lab_row_word row = lab_row_load(&pool->row[lab_row_of(page)]);
	uint32_t bit = lab_bit_of(page);

	return (word.state == LAB_PAGE_FREED || word.state == LAB_PAGE_CACHED) &&
		((uint32_t)row.free & bit) == 0 &&
		(row.state != LAB_ROW_TAKING || 1u << row.pick != bit);
}

/*
 * Named after nobody: given to a peer that left in that very moment, by one who died
 * before it saw that (transfer.c). If the giver lives it finds the page gone with its peer.
 * Not if the slot is kept: then a reclaimer left the page to an heir that died meanwhile,
 * and will find the next one for it. The word before the look: it was kept before it was
 * written.
 */
static bool
is_orphan(const struct labyrinth_pool *pool, struct lab_page_word word)
{
	return word.state == LAB_PAGE_OWNED && lab_owner_team(pool, (uint32_t)word.owner) == 0 &&
		!lab_owner_is_kept(pool, (uint32_t)word.owner);
}

static void
reclaim_page(struct work *work, uint32_t page)
{
	struct labyrinth_pool *pool = work->owner->pool;
	struct lab_page_word word = lab_word_load(pool, page);

	while ((word.owner == work->dead->slot && (lab_page_named(word) ||
			is_half_freed(pool, page, word))) || is_orphan(pool, word)) {
		bool named = lab_page_named(word);
		bool leave = work->heir != 0 && named && word.owner == work->dead->slot;
		struct lab_page_word next = lab_page_owned((uint32_t)word.generation,
			leave ? work->heir : work->owner->slot);

		/* the exact word that was looked at: if the bit was set and the page taken
		 * since, the word was cleaned before, and this fails */
		if (!lab_word_cas(pool, page, &word, next))
			continue;
		if (!leave && lab_page_free(work->owner, page, LAB_ANY_GENERATION) ==
				LABYRINTH_REFUSED_NONE)
			work->gained += named;
		return;
	}
}

/* ---- the call ---- */

static void
reclaim_slot(struct work *work)
{
	struct labyrinth_pool *pool = work->owner->pool;
	uint32_t before = work->gained;

	/* Rows first: a take that is finished here names its page, seen below. */
	for (uint32_t number = 0; number < pool->rows; number++)
		reclaim_row(work, number);
	for (uint32_t page = 0; page < pool->pages; page++)
		reclaim_page(work, page);
	lab_count_shared(&work->owner->side.reclaimed, work->gained - before);
	lab_depot_recount(pool);
}

/*
 * The heir may die meanwhile, and its own reclaimer have passed a page before it was
 * named after it. So look afterwards, while its slot cannot be used anew: an heir that
 * lives now is reclaimed, if ever, by one who begins later and finds all. Otherwise what
 * it was left is the next heir's.
 */
static bool
is_there(struct labyrinth_owner *owner, uint32_t team)
{
	return lab_owner_team(owner->pool, owner->slot) == team && !is_dead(owner) &&
		!atomic_load_explicit(&owner->leaving, memory_order_seq_cst);
}

static void
reclaim_for_heir(struct work *work, uint32_t team)
{
	struct labyrinth_owner *const dead = work->dead;
	struct labyrinth_pool *pool = work->owner->pool;
	uint32_t heir;

	for (;;) {
		heir = work->heir = lab_owner_keep_heir(work->owner, team, dead->slot);
		reclaim_slot(work);
		if (heir == 0 || is_there(&pool->owner[heir], team))
			break;
		keep(work->owner, 2, heir);
		work->dead = &pool->owner[heir];
	}
	work->dead = dead;
}

/*
 * The slot can be used again. All of it may be done by several at once, and again by the
 * next when one dies at it: the slot is the dead one's until the last step, and afterwards
 * nobody's, as long as one of them keeps it.
 */
static void
retire(struct labyrinth_owner *dead, uint32_t team)
{
	lab_owner_unpeer(dead);
	lab_wait_forget(dead);
	keep_none(dead);
	lab_owner_free_slot(dead, team);
}

int
labyrinth_reclaim(struct labyrinth_owner *owner, uint32_t slot)
{
	struct labyrinth_pool *pool = owner->pool;
	struct work work = { .owner = owner };
	uint32_t team;
	int ret = -EBUSY;
	bool rows;

	if (slot == 0 || slot > pool->owners || slot == owner->slot ||
			lab_owner_team(pool, slot) == 0)
		return -ENOENT;
	if (atomic_load_explicit(&owner->keeps[0], memory_order_relaxed) != 0)
		return -EAGAIN;
	rows = lab_enter(owner);
	if (!rows && owner->recent_rows != 0)
		return -EAGAIN;
	work.dead = &pool->owner[slot];
	keep(owner, 0, slot);
	/* First whose the slot is: who is then seen dead is that one, not who had it before.
	 * 0: another reclaimer was quicker, and has finished. */
	team = lab_owner_team(pool, slot);
	if (team != 0 && is_dead(work.dead)) {
		reclaim_for_heir(&work, team);
		retire(work.dead, team);
		ret = (int)work.gained;
	}
	keep_none(owner);
	if (rows)
		lab_leave(owner);
	return ret;
}

int
labyrinth_reclaim_all(struct labyrinth_owner *owner)
{
	int gained = 0;

	for (uint32_t slot = 1; slot <= owner->pool->owners; slot++) {
		int ret = labyrinth_reclaim(owner, slot);

		if (ret > 0)
			gained += ret;
	}
	return gained;
}
