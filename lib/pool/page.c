/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "page.h"

#include "depot.h"

enum lab_page_status
lab_page_status(const struct labyrinth_pool *pool, uint32_t page, uint32_t *owner)
{
	const struct lab_row *row = &pool->row[lab_row_of(page)];
	struct lab_row_word word = lab_row_load(row);
	uint32_t mine = atomic_load_explicit(&row->mine, memory_order_relaxed);
	struct lab_page_word named = lab_word_load(pool, page);
	uint32_t bit = lab_bit_of(page);

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
	if (word.state != LAB_ROW_HELD || named.state == LAB_PAGE_FREED)
		return LAB_STATUS_LIMBO;
	*owner = (uint32_t)word.holder;
	return LAB_STATUS_OWNED;
}

/* Set the bit of a page that is ours to free. False: it is free already. */
static bool
give(struct labyrinth_pool *pool, uint32_t page, struct lab_row_word word)
{
	uint32_t number = lab_row_of(page), bit = lab_bit_of(page), after;
	struct lab_row *row = &pool->row[number];

	do {
		if (((uint32_t)word.free & bit) != 0)
			return false;
	} while (!lab_row_cas(row, &word, lab_row_give(word, bit)));
	after = (uint32_t)word.free | bit;
	if (lab_row_counted(word)) {
		lab_depot_gained(pool, number, 1);
		return true;
	}
	lab_depot_freed(pool, number);
	if (after == lab_row_mask(pool, number))
		lab_depot_ripe(pool, number);
	return true;
}

/* A page of a held row that no word names: the holder's team may free it. */
static enum labyrinth_refusal
free_unnamed(struct labyrinth_owner *owner, uint32_t page, struct lab_row_word word,
	bool *again)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[lab_row_of(page)];
	uint32_t bit = lab_bit_of(page), after;

	if (word.state != LAB_ROW_HELD)
		return LABYRINTH_DOUBLE_FREE;
	if (lab_team_of(pool, word.holder) != lab_team_of(pool, owner->slot))
		return LABYRINTH_FOREIGN_FREE;
	/* One step with the check: the version makes it fail if the row moved on. */
	*again = !lab_row_cas(row, &word, lab_row_give(word, bit));
	if (*again)
		return LABYRINTH_REFUSED_NONE;
	after = (uint32_t)word.free | bit;
	lab_depot_freed(pool, lab_row_of(page));
	if (after == lab_row_mask(pool, lab_row_of(page)))
		lab_depot_ripe(pool, lab_row_of(page));
	return LABYRINTH_REFUSED_NONE;
}

/* A page whose word names its owner. */
static enum labyrinth_refusal
free_named(struct labyrinth_owner *owner, uint32_t page, struct lab_page_word named,
	bool *again)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[lab_row_of(page)];

	if (named.state != LAB_PAGE_OWNED ||
			lab_team_of(pool, named.owner) != lab_team_of(pool, owner->slot))
		return LABYRINTH_FOREIGN_FREE;
	*again = !lab_word_cas(pool, page, &named, lab_page_freed(named));
	if (*again)
		return LABYRINTH_REFUSED_NONE;
	return give(pool, page, lab_row_load(row)) ? LABYRINTH_REFUSED_NONE :
		LABYRINTH_DOUBLE_FREE;
}

static enum labyrinth_refusal
try_free(struct labyrinth_owner *owner, uint32_t page, uint64_t generation, bool *again)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[lab_row_of(page)];
	struct lab_row_word word = lab_row_load(row);
	uint32_t bit = lab_bit_of(page);
	/* relaxed: the acquire above orders it after the CAS that emptied the bit */
	uint32_t mine = atomic_load_explicit(&row->mine, memory_order_relaxed);
	struct lab_page_word named;

	*again = false;
	if (word.state == LAB_ROW_TAKING && lab_bit_of((uint32_t)word.pick) == bit) {
		lab_depot_help(pool, lab_row_of(page));
		*again = true;
		return LABYRINTH_REFUSED_NONE;
	}
	named = lab_word_load(pool, page);
	if (generation != LAB_ANY_GENERATION && generation != named.generation)
		return LABYRINTH_STALE_HANDLE;
	if (word.state == LAB_ROW_OFFLINE)
		return LABYRINTH_BAD_HANDLE;
	if (((uint32_t)word.free & bit) != 0 ||
			(word.state == LAB_ROW_HELD && (mine & bit) != 0))
		return LABYRINTH_DOUBLE_FREE;
	if (lab_page_named(named))
		return free_named(owner, page, named, again);
	if (named.state == LAB_PAGE_FREED)
		return LABYRINTH_DOUBLE_FREE;
	return free_unnamed(owner, page, word, again);
}

enum labyrinth_refusal
lab_page_free(struct labyrinth_owner *owner, uint32_t page, uint64_t generation)
{
	enum labyrinth_refusal why;
	bool again;

	if (page >= owner->pool->pages)
		return LABYRINTH_BAD_HANDLE;
	/* Again only when another thread got something done: lock-free. */
	do {
		why = try_free(owner, page, generation, &again);
	} while (again);
	return why;
}
