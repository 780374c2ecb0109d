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
	uint32_t team;                   /* the dead one's */
	bool mates;                      /* has it other members? as of joins */
	uint32_t joins;
	uint32_t gained;
};

/* What an owner keeps: is_kept() in owner.c. */
enum keep {
	KEEP_DEAD,
	KEEP_TEAM,
	KEEP_ORPHAN,
};

/* From here on the slot is not given to a new owner (is_kept() in owner.c). */
static void
keep(struct labyrinth_owner *owner, enum keep i, uint32_t slot)
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
	if (work->mates)
		lab_depot_release_dead(work->owner, number, work->dead->slot, work->team);
	while (!work->mates && lab_row_held_by(word, work->dead->slot)) {
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
 * The slot is kept before it is looked at, and the word looked at again after that: else
 * the slot could be another's by now, to whom the page was given by the very same word.
 */
static bool
is_orphan(struct work *work, uint32_t page, struct lab_page_word word)
{
	const struct labyrinth_pool *pool = work->owner->pool;
	uint32_t slot = (uint32_t)word.owner;

	if (word.state != LAB_PAGE_OWNED || lab_owner_may_own(pool, slot))
		return false;
	keep(work->owner, KEEP_ORPHAN, slot);
	return !lab_owner_may_own(pool, slot) &&
		lab_page_raw(lab_word_load(pool, page)) == lab_page_raw(word);
}

/*
 * Is nobody there for what the team has in common? That is asked again when somebody has
 * joined: it, or who joins it, may have left pages to the team meanwhile. After the word
 * was loaded that makes the page a matter of the team.
 */
static bool
is_over(struct work *work)
{
	struct labyrinth_pool *pool = work->owner->pool;

	if (!work->mates &&
			atomic_load_explicit(&pool->joins, memory_order_seq_cst) != work->joins)
		work->mates = lab_owner_has_mates(pool, work->team, work->dead->slot,
			&work->joins);
	return !work->mates;
}

enum fate {
	FATE_STAYS,
	FATE_TEAMS,  /* is named after the team, and by that no longer offered */
	FATE_FREE,
};

static enum fate
fate_of(struct work *work, uint32_t page, struct lab_page_word word)
{
	uint32_t dead = work->dead->slot;
	bool named = lab_page_named(word);

	if (named && (word.owner == dead || word.owner == work->team)) {
		if (is_over(work))
			return FATE_FREE;
		return word.owner == dead && (dead != work->team ||
			word.state == LAB_PAGE_OFFERED) ? FATE_TEAMS : FATE_STAYS;
	}
	if (word.owner == dead && is_half_freed(work->owner->pool, page, word))
		return FATE_FREE;
	return is_orphan(work, page, word) ? FATE_FREE : FATE_STAYS;
}

static void
reclaim_page(struct work *work, uint32_t page)
{
	struct labyrinth_pool *pool = work->owner->pool;
	struct lab_page_word word = lab_word_load(pool, page);
	enum fate fate;

	while ((fate = fate_of(work, page, word)) != FATE_STAYS) {
		bool named = lab_page_named(word);
		struct lab_page_word next = lab_page_owned((uint32_t)word.generation,
			fate == FATE_TEAMS ? work->team : work->owner->slot);

		/* the exact word that was looked at: if the bit was set and the page taken
		 * since, the word was cleaned before, and this fails */
		if (!lab_word_cas(pool, page, &word, next))
			continue;
		if (fate == FATE_FREE && lab_page_free(work->owner, page, LAB_ANY_GENERATION) ==
				LABYRINTH_REFUSED_NONE)
			work->gained += named;
		break;
	}
	if (atomic_load_explicit(&work->owner->keeps[KEEP_ORPHAN], memory_order_relaxed) != 0)
		keep(work->owner, KEEP_ORPHAN, 0);
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
 * Those to whom the pages are left may die or go meanwhile, and their own reclaimer, or
 * their unregister, have passed a page before it was named after the team. So look
 * afterwards: a member that is there now is reclaimed, if ever, by one who begins later and
 * finds all. Otherwise nobody is there for the team, and its pages come back.
 */
static void
reclaim_in_team(struct work *work)
{
	struct labyrinth_pool *pool = work->owner->pool;

	do {
		work->mates = lab_owner_has_mates(pool, work->team, work->dead->slot,
			&work->joins);
		reclaim_slot(work);
	} while (work->mates && !lab_owner_has_mates(pool, work->team, work->dead->slot,
			&work->joins));
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

/*
 * Keep the slot, and that of its team's number: pages are named after both. 0: another
 * reclaimer was quicker, and has finished.
 */
static uint32_t
keep_dead(struct labyrinth_owner *owner, uint32_t slot)
{
	uint32_t team;

	keep(owner, KEEP_DEAD, slot);
	/* First whose the slot is: who is then seen dead is that one, not who had it before. */
	team = lab_owner_team(owner->pool, slot);
	keep(owner, KEEP_TEAM, team);
	/* while the slot is in the team, that number is nobody else's */
	return team != 0 ? lab_owner_team(owner->pool, slot) : 0;
}

int
labyrinth_reclaim(struct labyrinth_owner *owner, uint32_t slot)
{
	struct labyrinth_pool *pool = owner->pool;
	struct work work = { .owner = owner };
	int ret = -EBUSY;
	bool rows;

	if (slot == 0 || slot > pool->owners || slot == owner->slot ||
			lab_owner_team(pool, slot) == 0)
		return -ENOENT;
	if (atomic_load_explicit(&owner->keeps[KEEP_DEAD], memory_order_relaxed) != 0)
		return -EAGAIN;
	rows = lab_enter(owner);
	if (!rows && owner->recent_rows != 0)
		return -EAGAIN;
	work.dead = &pool->owner[slot];
	work.team = keep_dead(owner, slot);
	if (work.team != 0 && lab_owner_is_dead(work.dead)) {
		reclaim_in_team(&work);
		retire(work.dead, work.team);
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
