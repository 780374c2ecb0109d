/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_HELD_H
#define LAB_HELD_H

/**
 * @file
 * The rows that an owner holds: where the fast path takes pages and frees them.
 *
 * An owner alone moves the free pages of a row into the row's mine mask, which it
 * then reads and writes without atomic instructions. Members of a team leave them in
 * the public mask, since any member may free into it, and pay a CAS per row.
 *
 * Which row next? First those that got whole again, youngest first: their pages are
 * warm. (The last row of a pool, if it is shorter, never counts as whole.) Whole, since
 * a row that is taken in parts comes back in parts, and those in smaller ones, until
 * bursts of changing sizes have left no two pages in order; a row that waits for its
 * other part, due a burst later, stays one. Else round through the held rows, the
 * longest unseen first (it has had most time to fill); else a new one.
 *
 * Called by the owner's thread inside a call (lab_enter()), never by a handler that
 * interrupted one.
 */

#include "pool_private.h"

/** Part of a row: the pages @p bits of row @p number. */
struct lab_run {
	uint32_t number;
	uint32_t bits;
};

/**
 * The youngest row that got whole again and still has free pages becomes the
 * current one, if the owner is no member of a team: those look in lab_held_choose().
 */
static inline bool
lab_held_choose_recent(struct labyrinth_owner *owner)
{
	while (owner->recent_count != 0 && !owner->shared) {
		uint32_t number = owner->recent[owner->recent_top];

		owner->recent_top = (owner->recent_top > 0 ? owner->recent_top :
			owner->recent_rows) - 1;
		owner->recent_count--;
		/* The ring is a hint: the row may have been given back since. */
		if (lab_row_held_by(lab_row_load(&owner->pool->row[number]), owner->slot) &&
				atomic_load_explicit(&owner->pool->row[number].mine,
				memory_order_relaxed) != 0) {
			owner->current = number;
			return true;
		}
	}
	return false;
}

/** Make another row the current one. @return false: there is none with a free page */
bool
lab_held_choose(struct labyrinth_owner *owner, unsigned int class, uint32_t want);

/** Take what was chosen by a member of a team. @return false: the row was stolen */
bool
lab_held_commit_shared(struct labyrinth_owner *owner, struct lab_run run);

/** Note that a row got whole, so that it is among the next to be used. */
void
lab_held_refilled(struct labyrinth_owner *owner, uint32_t number);

/** Give rows back, the longest unseen first, until no more than @p keep pages are cached. */
void
lab_held_trim(struct labyrinth_owner *owner, uint32_t keep);

/** Pages to keep when the bound on the cache is passed: not so many that it is at once again. */
static inline uint32_t
lab_held_keep(const struct labyrinth_owner *owner)
{
	return owner->cache_max - owner->cache_max / 4;
}

/** Count @p freed pages that the owner freed into a row it may hold, by their words. */
void
lab_held_note_freed(struct labyrinth_owner *owner, uint32_t number, uint32_t freed);

/** lab_held_free() of a member of a team. */
bool
lab_held_free_shared(struct labyrinth_owner *owner, struct lab_run run);

static inline uint32_t
lab_count_bits(uint32_t bits)
{
	return (uint32_t)__builtin_popcount(bits);
}

/** The n lowest bits: most often they are neighbours. */
static inline uint32_t
lab_lowest(uint32_t bits, uint32_t n)
{
	uint32_t rest = bits, span;

	if (lab_count_bits(bits) <= n)
		return bits;
	span = ((1u << n) - 1) << __builtin_ctz(bits);
	if (labyrinth_likely((bits & span) == span))
		return span;
	for (; n > 0; n--)
		rest &= rest - 1;
	return bits & ~rest;
}

static inline void
lab_stock_add(struct labyrinth_owner *owner, uint32_t number)
{
	owner->stock[number / 64] |= UINT64_C(1) << (number % 64);
}

static inline void
lab_stock_drop(struct labyrinth_owner *owner, uint32_t number)
{
	owner->stock[number / 64] &= ~(UINT64_C(1) << (number % 64));
}

/** Pages came back to a row, whose free ones are @p free now. */
LABYRINTH_HOT void
lab_held_came_back(struct labyrinth_owner *owner, uint32_t number, uint32_t free)
{
	lab_stock_add(owner, number);
	if (free == LAB_ROW_FULL)
		lab_held_refilled(owner, number);
}

/**
 * Choose up to @p want free pages of the current row. They stay free until
 * lab_held_commit(), and nobody else takes them before.
 *
 * @return whether @p run has any
 */
static inline bool
lab_held_pick(const struct labyrinth_owner *owner, uint32_t want, struct lab_run *run)
{
	struct lab_row_word word;
	uint32_t bits;

	if (owner->current == LAB_NO_ROW)
		return false;
	word = lab_row_look(&owner->pool->row[owner->current], &bits);
	if (labyrinth_unlikely(!lab_row_held_by(word, owner->slot)))
		return false;
	if (owner->shared)
		bits = (uint32_t)word.free;
	run->number = owner->current;
	run->bits = lab_lowest(bits, want);
	return bits != 0;
}

/**
 * Take what was picked.
 *
 * @return false: another thread that met its floor took the row back meanwhile
 */
static inline bool
lab_held_commit(struct labyrinth_owner *owner, struct lab_run run)
{
	struct lab_row *row = &owner->pool->row[run.number];
	uint32_t left;

	if (owner->shared)
		return lab_held_commit_shared(owner, run);
	/* relaxed: whoever frees the page got it from us, after this store */
	left = atomic_load_explicit(&row->mine, memory_order_relaxed) & ~run.bits;
	atomic_store_explicit(&row->mine, left, memory_order_relaxed);
	owner->cached -= lab_count_bits(run.bits);
	if (left == 0)
		lab_stock_drop(owner, run.number);
	return true;
}

/**
 * Put pages that the row, and no page word, says are the owner's, who is in no team, into
 * its mask. Nobody but the owner may free or transfer them, and a handler that interrupts
 * it refuses to: so check and store need not be one step.
 *
 * @param before  receives the mask as it was
 * @return false: nothing is changed
 */
LABYRINTH_HOT bool
lab_held_put(struct labyrinth_owner *owner, struct lab_row *row, struct lab_run run,
	uint32_t *before)
{
	struct lab_row_word word;
	uint32_t lent;

	lab_moving_begin(owner, run.number, run.bits);
	word = lab_row_load(row);
	*before = atomic_load_explicit(&row->mine, memory_order_relaxed);
	lent = atomic_load_explicit(&row->lent, memory_order_relaxed);
	if (labyrinth_unlikely(!lab_row_held_by(word, owner->slot) ||
			(run.bits & (*before | lent | (uint32_t)word.free)) != 0)) {
		lab_moving_end(owner);
		return false;
	}
	atomic_store_explicit(&row->mine, *before | run.bits, memory_order_relaxed);
	lab_moving_end(owner);
	return true;
}

/**
 * Free pages that the row, and no page word, says are the owner's or its team's.
 * lab_held_trim() is due afterwards if owner->cached is over owner->cache_max.
 *
 * @return false: nothing is changed, some page needs a closer look or is bad
 */
static inline bool
lab_held_free(struct labyrinth_owner *owner, struct lab_run run)
{
	uint32_t before;

	if (owner->shared)
		return lab_held_free_shared(owner, run);
	if (labyrinth_unlikely(!lab_held_put(owner, &owner->pool->row[run.number], run, &before)))
		return false;
	owner->cached += lab_count_bits(run.bits);
	lab_held_came_back(owner, run.number, before | run.bits);
	return true;
}

/** Forget the loose pages; their rows are looked through for them. @return 0 */
uint32_t
lab_held_forget_loose(struct labyrinth_owner *owner);

/** Does a page come back right after the one before it in its row, or begin the row? */
LABYRINTH_HOT bool
lab_held_in_turn(uint32_t before, uint32_t bit)
{
	return bit == 1 || (before & bit >> 1) != 0;
}

/**
 * lab_held_free() of one page by an owner without a team. One in its turn makes its row
 * whole again by and by. Others are remembered as loose: bursts in random order then cost
 * no search on either side.
 */
LABYRINTH_HOT bool
lab_held_free_one(struct labyrinth_owner *owner, struct lab_row *row, uint32_t page)
{
	struct lab_run run = { .number = lab_row_of(page), .bits = lab_bit_of(page) };
	uint32_t before, loose;

	if (labyrinth_unlikely(!lab_held_put(owner, row, run, &before)))
		return false;
	owner->cached++;
	if (lab_held_in_turn(before, run.bits)) {
		lab_held_came_back(owner, run.number, before | run.bits);
		return true;
	}
	loose = owner->loose_count;
	if (labyrinth_unlikely(loose == LAB_LOOSE))
		loose = lab_held_forget_loose(owner);
	owner->loose[loose] = page;
	owner->loose_count = loose + 1;
	return true;
}

/** Is a loose page still free, and its row held? */
LABYRINTH_HOT bool
lab_held_has_loose(const struct lab_row *row, uint32_t slot, uint32_t page)
{
	return (atomic_load_explicit(&row->mine, memory_order_relaxed) &
		lab_bit_of(page)) != 0 && lab_row_held_by(lab_row_load(row), slot);
}

/**
 * Take it, once it has its new generation: till then it is free, so that nobody frees it
 * by the old one. The caller lowers owner->cached by those it got.
 */
LABYRINTH_HOT void
lab_held_take_loose(struct lab_row *row, uint32_t page)
{
	/* relaxed: as in lab_held_commit(); the fence is for handlers */
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&row->mine, atomic_load_explicit(&row->mine,
		memory_order_relaxed) & ~lab_bit_of(page), memory_order_relaxed);
}

/**
 * Put a page that the owner has CACHED back among the free pages of its row.
 *
 * @return false: the row is not the owner's any more
 */
bool
lab_held_take_back(struct labyrinth_owner *owner, uint32_t page, uint32_t generation);

/** Give the row back that was just freed into: under pressure nothing may hide. */
void
lab_held_yield(struct labyrinth_owner *owner, uint32_t number);

/** Give all held rows back; pages that are out belong to @p heir then. */
void
lab_held_flush(struct labyrinth_owner *owner, uint32_t heir);

#endif /* LAB_HELD_H */
