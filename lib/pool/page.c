/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "owner.h"
#include "page.h"

#include "depot.h"
#include "magazine.h"
#include "naming.h"
#include "wipe.h"

/* What a page is by its row's word, the holder's mask and its own word, of one moment. */
static enum lab_page_status
status_of(struct lab_row_word word, uint32_t mine, struct lab_page_word named, uint32_t bit,
	uint32_t *owner)
{
	*owner = 0;
	if (word.state == LAB_ROW_OFFLINE)
		return LAB_STATUS_OFFLINE;
	if (((uint32_t)word.free & bit) != 0)
		return lab_row_counted(word) ? LAB_STATUS_FREE : LAB_STATUS_CACHED;
	if (word.state == LAB_ROW_HELD && (mine & bit) != 0)
		return LAB_STATUS_CACHED;
	if (lab_page_named(named)) {
		*owner = (uint32_t)named.owner;
		return named.state == LAB_PAGE_OWNED ? LAB_STATUS_OWNED : LAB_STATUS_OFFERED;
	}
	if (named.state == LAB_PAGE_CACHED)
		return LAB_STATUS_CACHED;
	if (word.state != LAB_ROW_HELD || named.state == LAB_PAGE_FREED)
		return LAB_STATUS_LIMBO;
	*owner = (uint32_t)word.holder;
	return LAB_STATUS_OWNED;
}

enum lab_page_status
lab_page_status(const struct labyrinth_pool *pool, uint32_t page, uint32_t *owner)
{
	const struct lab_row *row = &pool->row[lab_row_of(page)];
	struct lab_row_word word = lab_row_load(row), before;
	struct lab_page_word named;
	uint32_t mine;

	/* Again when the row changed meanwhile: a page that was freed and taken by another
	 * between two looks would seem to be the holder's. */
	do {
		before = word;
		/* acquire: the word is looked at after the mask */
		mine = atomic_load_explicit(&row->mine, memory_order_acquire);
		named = lab_word_load(pool, page);
		word = lab_row_load(row);
	} while (lab_row_raw(word) != lab_row_raw(before));
	return status_of(word, mine, named, lab_bit_of(page), owner);
}

/* Is the bit of the page in a free mask? */
static bool
is_free(const struct lab_row *row, struct lab_row_word word, uint32_t bit)
{
	/* relaxed: loading the row word was an acquire, and a page that left the public
	 * mask was in this one before, or is out by now */
	return ((uint32_t)word.free & bit) != 0 || (word.state == LAB_ROW_HELD &&
		(atomic_load_explicit(&row->mine, memory_order_relaxed) & bit) != 0);
}

/* Seems to be ours, but the call that we, a handler, interrupted has it in hand? */
static bool
is_in_hand(const struct labyrinth_owner *owner, uint32_t page, const struct lab_view *view)
{
	return labyrinth_unlikely(lab_is_moving(owner, page)) &&
		!lab_page_named(view->word) && lab_row_held_by(view->row, owner->slot);
}

static enum labyrinth_refusal
look(struct labyrinth_owner *owner, uint32_t page, uint64_t generation,
	struct lab_view *view)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[lab_row_of(page)];
	uint32_t bit = lab_bit_of(page), holder;
	struct lab_pass_word pass;

	/* The row first: if the page was handed out anew since, the row's version is
	 * another. The pass before the word: see lab_page_generation(). */
	view->row = lab_row_load(row);
	while (view->row.state == LAB_ROW_TAKING && 1u << view->row.pick == bit) {
		lab_depot_help(pool, lab_row_of(page));
		view->row = lab_row_load(row);
	}
	pass = lab_pass_load(row);
	view->word = lab_word_load(pool, page);
	view->generation = lab_page_generation(row, pass, view->word, bit);
	if (lab_magazine_is_freeing(owner, page, generation))
		return LABYRINTH_DOUBLE_FREE;
	if (view->row.state == LAB_ROW_OFFLINE)
		return LABYRINTH_BAD_HANDLE;
	if (is_free(row, view->row, bit) || is_in_hand(owner, page, view) ||
			view->word.state == LAB_PAGE_FREED ||
			view->word.state == LAB_PAGE_CACHED ||
			(!lab_page_named(view->word) && view->row.state != LAB_ROW_HELD))
		return LABYRINTH_DOUBLE_FREE;
	if (generation != LAB_ANY_GENERATION && generation != view->generation)
		return LABYRINTH_STALE_HANDLE;
	if (view->word.state == LAB_PAGE_OFFERED)
		return LABYRINTH_FOREIGN_FREE;
	holder = lab_page_named(view->word) ? (uint32_t)view->word.owner :
		(uint32_t)view->row.holder;
	return lab_is_of_team(pool, holder, lab_team_of(pool, owner->slot)) ?
		LABYRINTH_REFUSED_NONE : LABYRINTH_FOREIGN_FREE;
}

/* Is it still as it was seen? */
static bool
is_current(const struct labyrinth_pool *pool, uint32_t page, const struct lab_view *view)
{
	return lab_row_raw(lab_row_load(&pool->row[lab_row_of(page)])) ==
			lab_row_raw(view->row) &&
		lab_page_raw(lab_word_load(pool, page)) == lab_page_raw(view->word);
}

enum labyrinth_refusal
lab_page_look(struct labyrinth_owner *owner, uint32_t page, uint64_t generation,
	struct lab_view *view)
{
	enum labyrinth_refusal why;

	/* The owner that was seen may have been reclaimed, and its slot given up, before we
	 * asked for its team; the page is named after that by then. */
	do {
		why = look(owner, page, generation, view);
	} while (why == LABYRINTH_FOREIGN_FREE && !is_current(owner->pool, page, view));
	return why;
}

/* Is the page that was seen in view still out, and of the same generation? */
static bool
is_sealed(struct lab_row *row, const struct lab_view *view, struct lab_page_word mark,
	uint32_t bit)
{
	uint32_t free;

	return lab_naming_seal(row, (uint32_t)view->row.holder, &free) && (free & bit) == 0 &&
		lab_naming_generation(row, mark, bit) == view->generation;
}

enum labyrinth_refusal
lab_page_rename(struct labyrinth_owner *owner, uint32_t page, uint64_t generation,
	lab_next_word next, uint32_t peer)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[lab_row_of(page)];
	enum labyrinth_refusal why;
	struct lab_page_word mark;
	struct lab_view view;

	/* Again only when somebody else got something done with the page. */
	while ((why = lab_page_look(owner, page, generation, &view)) ==
			LABYRINTH_REFUSED_NONE) {
		mark = view.word;
		if (!lab_page_named(view.word)) {
			if (!lab_naming_mark(owner, page, view.word, view.generation, &mark))
				continue;
			if (!is_sealed(row, &view, mark, lab_bit_of(page))) {
				lab_naming_cancel(pool, page, mark);
				continue;
			}
		}
		if (lab_word_cas(pool, page, &mark, next(view.generation, owner->slot, peer)))
			break;
	}
	return why;
}

/* The row has pages more in its public mask than in before. */
static void
note_given(struct labyrinth_owner *owner, uint32_t number, struct lab_row_word before,
	uint32_t bits)
{
	struct labyrinth_pool *pool = owner->pool;

	if (lab_row_counted(before)) {
		lab_depot_gained(pool, number, (uint32_t)__builtin_popcount(bits));
		return;
	}
	/* Under pressure nothing may hide; the rows of a team any member can give back. */
	if (labyrinth_unlikely(lab_pressure(pool, number)) && owner->shared &&
			lab_team_of(pool, before.holder) == lab_team_of(pool, owner->slot)) {
		lab_depot_release_shared(owner, number, (uint32_t)before.holder);
		return;
	}
	lab_depot_freed(pool, number);
	if (((uint32_t)before.free | bits) == lab_row_mask(pool, number))
		lab_depot_ripe(pool, number);
}

void
lab_page_give_bits(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	struct lab_row *row = &owner->pool->row[number];
	struct lab_row_word word = lab_row_load(row);

	while (!lab_row_cas(row, &word, lab_row_give(word, bits)))
		;
	note_given(owner, number, word, bits);
}

/* The word says FREED by us, so the bit is ours to set, whatever the row is by now. */
static void
give_freed(struct labyrinth_owner *owner, uint32_t page)
{
	lab_page_give_bits(owner, lab_row_of(page), lab_bit_of(page));
}

void
lab_page_give(struct labyrinth_owner *owner, uint32_t page, struct lab_page_word word)
{
	lab_depot_begin(owner);
	if (lab_word_cas(owner->pool, page, &word, lab_page_freed(word, owner->slot)))
		give_freed(owner, page);
	lab_depot_end(owner);
}

static struct lab_page_word
to_freed(uint32_t generation, uint32_t owner, uint32_t peer)
{
	(void)peer;
	return lab_page_freed((struct lab_page_word){ .generation = generation }, owner);
}

/*
 * What is wiped must be nobody's before: of two that free a page at once, members of a
 * team or a handler and whom it interrupted, the later would else wipe a page that has
 * another owner by then. So the word says FREED first, and only who made it say so wipes.
 */
static enum labyrinth_refusal
free_wiping(struct labyrinth_owner *owner, uint32_t page, uint64_t generation)
{
	enum labyrinth_refusal why = lab_page_rename(owner, page, generation, to_freed, 0);

	if (why != LABYRINTH_REFUSED_NONE)
		return why;
	lab_wipe_free(owner->pool, page);
	give_freed(owner, page);
	return LABYRINTH_REFUSED_NONE;
}

/* The word names the page, or somebody is about to have it do so: then it decides. */
static bool
free_by_word(struct labyrinth_owner *owner, uint32_t page, struct lab_view *view)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[lab_row_of(page)];
	struct lab_page_word mine = { .generation = view->generation };

	if (view->word.state == LAB_PAGE_NAMING) {
		/* The seal: no free by the row succeeds any more that did not see the mark. */
		if (!lab_row_cas(row, &view->row, lab_row_touch(view->row)))
			return false;
		/* who marked may not have come to it yet; as in lab_naming_mark() */
		atomic_fetch_or_explicit(&row->lent, lab_bit_of(page), memory_order_acq_rel);
	}
	if (!lab_word_cas(pool, page, &view->word, lab_page_freed(mine, owner->slot)))
		return false;
	give_freed(owner, page);
	return true;
}

static enum labyrinth_refusal
free_page(struct labyrinth_owner *owner, uint32_t page, uint64_t generation)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t number = lab_row_of(page), bit = lab_bit_of(page);
	enum labyrinth_refusal why;
	struct lab_view view;

	/* Again only when another thread got something done: lock-free. */
	while ((why = lab_page_look(owner, page, generation, &view)) ==
			LABYRINTH_REFUSED_NONE) {
		if (view.word.state != LAB_PAGE_ROW) {
			if (free_by_word(owner, page, &view))
				break;
			continue;
		}
		/* The version makes this fail if the page was handed out anew. */
		if (lab_row_cas(&pool->row[number], &view.row, lab_row_give(view.row, bit))) {
			note_given(owner, number, view.row, bit);
			break;
		}
	}
	return why;
}

enum labyrinth_refusal
lab_page_free(struct labyrinth_owner *owner, uint32_t page, uint64_t generation)
{
	enum labyrinth_refusal why;

	if (page >= owner->pool->pages)
		return LABYRINTH_BAD_HANDLE;
	lab_depot_begin(owner);
	why = labyrinth_unlikely((owner->pool->flags & LAB_WIPE_FLAGS) != 0) ?
		free_wiping(owner, page, generation) : free_page(owner, page, generation);
	lab_depot_end(owner);
	return why;
}

enum labyrinth_page_state
labyrinth_page_look(const struct labyrinth_pool *pool, uint32_t index, uint32_t *owner)
{
	static const enum labyrinth_page_state states[] = {
		[LAB_STATUS_FREE] = LABYRINTH_PAGE_FREE,
		[LAB_STATUS_CACHED] = LABYRINTH_PAGE_CACHED,
		[LAB_STATUS_OWNED] = LABYRINTH_PAGE_OWNED,
		[LAB_STATUS_OFFERED] = LABYRINTH_PAGE_OFFERED,
		[LAB_STATUS_OFFLINE] = LABYRINTH_PAGE_OFFLINE,
		[LAB_STATUS_LIMBO] = LABYRINTH_PAGE_MOVING,
	};
	enum lab_page_status status;

	*owner = 0;
	if (index == 0 || index > pool->pages)
		return LABYRINTH_PAGE_OFFLINE;
	status = lab_page_status(pool, index - 1, owner);
	*owner = lab_owner_answering(pool, *owner);
	return states[status];
}

labyrinth_page
labyrinth_page_handle(const struct labyrinth_pool *pool, uint32_t index)
{
	struct lab_page_word word;
	struct lab_pass_word pass;
	struct lab_row *row;

	if (index == 0 || index > pool->pages)
		return 0;
	row = &pool->row[lab_row_of(index - 1)];
	/* the pass before the word: see lab_page_generation() */
	pass = lab_pass_load(row);
	word = lab_word_load(pool, index - 1);
	return (uint64_t)lab_page_generation(row, pass, word, lab_bit_of(index - 1)) << 32 |
		index;
}
