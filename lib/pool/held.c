/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "held.h"

#include "depot.h"
#include "magazine.h"
#include "pass.h"

/* Looks at a row whose pages are still out before the next oldest gets its turn. */
#define PATIENCE 8u
/* A row with so many free pages is worth taking a burst from. */
#define WORTH (LAB_ROW_PAGES / 2)

/* ---- the set of held rows ---- */

static void
held_add(struct labyrinth_owner *owner, uint32_t number)
{
	owner->held[number / 64] |= UINT64_C(1) << (number % 64);
}

static void
held_drop(struct labyrinth_owner *owner, uint32_t number)
{
	owner->held[number / 64] &= ~(UINT64_C(1) << (number % 64));
}

/* The held row at or after from, going round once. */
static uint32_t
held_next(const struct labyrinth_owner *owner, uint32_t from)
{
	uint32_t words = owner->pool->hints, word = from / 64;
	uint64_t bits = owner->held[word] & UINT64_MAX << (from % 64);

	for (uint32_t left = words; bits == 0; left--) {
		if (left == 0)
			return LAB_NO_ROW;
		word = word + 1 < words ? word + 1 : 0;
		bits = owner->held[word];
	}
	return word * 64 + (uint32_t)__builtin_ctzll(bits);
}

static void
recent_push(struct labyrinth_owner *owner, uint32_t number)
{
	owner->recent_top = owner->recent_top + 1 < owner->recent_rows ?
		owner->recent_top + 1 : 0;
	owner->recent[owner->recent_top] = number;
	if (owner->recent_count < owner->recent_rows)
		owner->recent_count++;
}

static uint32_t
recent_pop(struct labyrinth_owner *owner)
{
	uint32_t number;

	if (owner->recent_count == 0)
		return LAB_NO_ROW;
	number = owner->recent[owner->recent_top];
	owner->recent_top = (owner->recent_top > 0 ? owner->recent_top :
		owner->recent_rows) - 1;
	owner->recent_count--;
	return number;
}

/* ---- the free pages of one held row ---- */

/*
 * Take pages out of the public mask, their words clean. False: the row was stolen, or
 * somebody was about to name one of the pages and has to be let by first.
 */
static bool
take_out(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	struct lab_row *row = &owner->pool->row[number];
	uint32_t lent = lab_lent_of(owner->pool, number, bits);
	struct lab_row_word word;

	if (labyrinth_unlikely(lent != 0) && owner->shared)
		lab_pass_raise_shared(owner, number, lent);
	if (!lab_words_clean(owner, number, bits))
		return false;
	word = lab_row_load(row);
	do {
		if (!lab_row_held_by(word, owner->slot) || (bits & ~(uint32_t)word.free) != 0)
			return false;
	} while (!lab_row_cas(row, &word, lab_row_pick(word, bits)));
	if (labyrinth_likely(lent == 0))
		return true;
	/* Of an owner alone the pages are not out yet, and the row no longer to be stolen:
	 * the next epoch goes above what their words say. */
	if (!owner->shared)
		lab_pass_raise(owner, number, lent);
	lab_lent_clear(owner->pool, number, lent);
	return true;
}

/*
 * Move what others freed into the holder's own mask. The public bits are cleared
 * before they are ours to use: until then the row may still be stolen.
 */
static uint32_t
harvest(struct labyrinth_owner *owner, uint32_t number, struct lab_row_word word,
	uint32_t mine)
{
	struct lab_row *row = &owner->pool->row[number];
	uint32_t bits = (uint32_t)word.free;

	if (bits == 0)
		return mine;
	lab_moving_begin(owner, number, bits);
	if (!take_out(owner, number, bits)) {
		lab_moving_end(owner);
		return mine;
	}
	/* relaxed: other threads read the mask only of pages that are theirs to free */
	atomic_store_explicit(&row->mine, mine | bits, memory_order_relaxed);
	lab_moving_end(owner);
	lab_stock_add(owner, number);
	owner->cached += lab_count_bits(bits);
	return mine | bits;
}

/* Free pages of a row that the owner believes to hold; harvests if fewer than want. */
static uint32_t
available(struct labyrinth_owner *owner, uint32_t number, uint32_t want)
{
	struct lab_row *row = &owner->pool->row[number];
	struct lab_row_word word = lab_row_load(row);
	uint32_t mine;

	if (!lab_row_held_by(word, owner->slot)) {
		held_drop(owner, number);
		return 0;
	}
	if (owner->shared)
		return (uint32_t)word.free;
	mine = atomic_load_explicit(&row->mine, memory_order_relaxed);
	return lab_count_bits(mine) < want ? harvest(owner, number, word, mine) : mine;
}

/* ---- choosing ---- */

/* The row that was not looked at for longest, if enough has come back to it. */
static uint32_t
choose_oldest(struct labyrinth_owner *owner, uint32_t want, uint32_t *bits)
{
	uint32_t number = held_next(owner, owner->oldest);
	struct lab_row_word word;
	uint32_t have;

	if (number == LAB_NO_ROW)
		return LAB_NO_ROW;
	word = lab_row_load(&owner->pool->row[number]);
	have = lab_count_bits((uint32_t)word.free | atomic_load_explicit(
		&owner->pool->row[number].mine, memory_order_relaxed));
	if (have >= (want < WORTH ? want : WORTH) || owner->patience == 0 ||
			!lab_row_held_by(word, owner->slot)) {
		owner->oldest = number + 1 < owner->pool->rows ? number + 1 : 0;
		owner->patience = PATIENCE;
		*bits = have > 0 ? available(owner, number, want) : 0;
		return *bits != 0 ? number : LAB_NO_ROW;
	}
	owner->patience--;
	return LAB_NO_ROW;
}

/*
 * Of 64 held rows, one at or after from with a free page. The bits say where to look;
 * those that are out of date go, so that a pool which is all out costs a look a word,
 * not a row.
 */
static uint32_t
choose_in_word(struct labyrinth_owner *owner, uint32_t from, uint32_t want, uint32_t *bits)
{
	uint32_t word = from / 64;
	_Atomic uint64_t *freed = &owner->pool->freed[word];
	uint64_t rows;

	/* acquire: pairs with lab_depot_freed() */
	while ((rows = owner->held[word] & UINT64_MAX << from % 64 & (owner->stock[word] |
			atomic_load_explicit(freed, memory_order_acquire))) != 0) {
		uint32_t number = word * 64 + (uint32_t)__builtin_ctzll(rows);

		*bits = available(owner, number, want);
		if (*bits != 0)
			return number;
		lab_stock_drop(owner, number);
		/* Not ours any more: then the note is for who holds it now. */
		if ((owner->held[word] & UINT64_C(1) << number % 64) == 0)
			continue;
		/* Before another look, so that a later free sets it again. */
		lab_depot_looked(owner->pool, number);
		*bits = available(owner, number, want);
		if (*bits != 0)
			return number;
	}
	return LAB_NO_ROW;
}

/* Any held row with a free page, going round once, the longest unseen first. */
static uint32_t
choose_any(struct labyrinth_owner *owner, uint32_t want, uint32_t *bits)
{
	uint32_t words = owner->pool->hints, from = owner->oldest;

	/* once more than there are, for the first part of the first word */
	for (uint32_t left = words + 1; left > 0; left--) {
		uint32_t number = choose_in_word(owner, from, want, bits);

		if (number != LAB_NO_ROW) {
			owner->oldest = number + 1 < owner->pool->rows ? number + 1 : 0;
			return number;
		}
		from = from / 64 + 1 < words ? (from / 64 + 1) * 64 : 0;
	}
	return LAB_NO_ROW;
}

static uint32_t
choose_claimed(struct labyrinth_owner *owner, unsigned int class, uint32_t *bits)
{
	uint32_t number = lab_depot_claim(owner, class);

	if (number == LAB_NO_ROW)
		return LAB_NO_ROW;
	held_add(owner, number);
	if (owner->shared)
		lab_pass_begin_shared(owner, number);
	*bits = available(owner, number, LAB_ROW_PAGES);
	return *bits != 0 ? number : LAB_NO_ROW;
}

static uint32_t
choose_row(struct labyrinth_owner *owner, unsigned int class, uint32_t want, uint32_t *bits)
{
	uint32_t number;

	while ((number = recent_pop(owner)) != LAB_NO_ROW) {
		*bits = available(owner, number, want);
		if (*bits != 0)
			return number;
	}
	/* Much is cached, in pieces: use that up before more is claimed. */
	if (owner->cached > lab_held_keep(owner)) {
		number = choose_any(owner, want, bits);
		if (number != LAB_NO_ROW || !owner->shared)
			return number;
		owner->cached = 0;   /* it was stolen */
	}
	number = choose_oldest(owner, want, bits);
	if (number == LAB_NO_ROW)
		number = choose_claimed(owner, class, bits);
	if (number == LAB_NO_ROW)
		number = choose_any(owner, want, bits);
	return number;
}

bool
lab_held_choose(struct labyrinth_owner *owner, unsigned int class, uint32_t want)
{
	uint32_t bits = 0;

	/* what others freed into the current row meanwhile */
	if (owner->current != LAB_NO_ROW && available(owner, owner->current, 1) != 0)
		return true;
	owner->current = choose_row(owner, class, want, &bits);
	return owner->current != LAB_NO_ROW;
}

/* What is taken may have been freed by mates, and is not in the count then. */
static void
cached_less(struct labyrinth_owner *owner, uint32_t pages)
{
	owner->cached -= pages < owner->cached ? pages : owner->cached;
}

bool
lab_held_commit_shared(struct labyrinth_owner *owner, struct lab_run run)
{
	if (!take_out(owner, run.number, run.bits))
		return false;
	cached_less(owner, lab_count_bits(run.bits));
	return true;
}

/* ---- freeing ---- */

uint32_t
lab_held_forget_loose(struct labyrinth_owner *owner)
{
	for (uint32_t i = 0; i < owner->loose_count; i++)
		lab_stock_add(owner, lab_row_of(owner->loose[i]));
	return owner->loose_count = 0;
}

/* Pages of a held row that are in the count: in the owner's own mask, or in a team's. */
static uint32_t
cached_in(const struct labyrinth_owner *owner, struct lab_row_word word, uint32_t mine)
{
	return lab_count_bits(owner->shared ? (uint32_t)word.free : mine);
}

bool
lab_held_take_back(struct labyrinth_owner *owner, uint32_t page, uint32_t generation)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t number = lab_row_of(page), bit = lab_bit_of(page), before;
	struct lab_row *row = &pool->row[number];

	if (!lab_row_held_by(lab_row_load(row), owner->slot))
		return false;
	lab_pass_keep(owner, page, generation);
	before = atomic_load_explicit(&row->mine, memory_order_relaxed);
	/* The word before the mask: between the two the page counts as owned by whom the row
	 * is, so if we die, its adoption brings it back. (The other way about one reclaimer
	 * gave it to the depot by the mask, while another named it by the word.) */
	lab_moving_begin(owner, number, bit);
	/* release: the generation, for whoever sees the word */
	atomic_store_explicit(&pool->word[page], lab_page_raw(lab_page_row(generation)),
		memory_order_release);
	/* for the handler that looks whether the page moves, and for the reclaimer */
	atomic_store_explicit(&row->mine, before | bit, memory_order_release);
	lab_moving_end(owner);
	/* last, as a page that a word speaks for never lacks the bit; release: for that */
	atomic_fetch_and_explicit(&row->lent, ~bit, memory_order_release);
	lab_held_came_back(owner, number, before | bit);
	return true;
}

/* Give back the oldest of the remembered rows if nothing of it is out. */
static void
evict_oldest(struct labyrinth_owner *owner)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t back = owner->recent_top + owner->recent_rows - (owner->recent_count - 1);
	uint32_t number = owner->recent[back % owner->recent_rows];
	uint32_t mine;
	struct lab_row_word word = lab_row_look(&pool->row[number], &mine);

	owner->recent_count--;
	if (!lab_row_held_by(word, owner->slot) || number == owner->current ||
			((uint32_t)word.free | mine) != lab_row_mask(pool, number))
		return;
	held_drop(owner, number);
	cached_less(owner, cached_in(owner, word, mine));
	lab_depot_release(owner, number, owner->slot);
}

void
lab_held_refilled(struct labyrinth_owner *owner, uint32_t number)
{
	if (number == owner->current)
		return;
	if (owner->recent_count == owner->recent_rows)
		evict_oldest(owner);
	recent_push(owner, number);
}

void
lab_held_note_freed(struct labyrinth_owner *owner, uint32_t number, uint32_t freed)
{
	if (!lab_row_held_by(lab_row_load(&owner->pool->row[number]), owner->slot))
		return;
	if (owner->shared)
		owner->cached += freed;
	else
		available(owner, number, LAB_ROW_PAGES + 1);   /* for the harvest, which counts */
}

/* Rows of a team are stolen, and its mates free into them: what is there really? */
static void
count_shared(struct labyrinth_owner *owner)
{
	owner->cached = 0;
	for (uint32_t word = 0; word < owner->pool->hints; word++)
		for (uint64_t bits = owner->held[word]; bits != 0; bits &= bits - 1) {
			uint32_t number = word * 64 + (uint32_t)__builtin_ctzll(bits);
			struct lab_row_word row = lab_row_load(&owner->pool->row[number]);

			if (lab_row_held_by(row, owner->slot))
				owner->cached += lab_count_bits((uint32_t)row.free);
			else
				held_drop(owner, number);
		}
}

/* Give a row back if it has pages that are cached. */
static void
trim_row(struct labyrinth_owner *owner, uint32_t number)
{
	uint32_t mine, pages;
	struct lab_row_word word = lab_row_look(&owner->pool->row[number], &mine);

	if (!lab_row_held_by(word, owner->slot)) {
		held_drop(owner, number);
		return;
	}
	pages = cached_in(owner, word, mine);
	if (pages == 0 || number == owner->current)
		return;
	held_drop(owner, number);
	cached_less(owner, pages);
	lab_depot_release(owner, number, owner->slot);
}

void
lab_held_trim(struct labyrinth_owner *owner, uint32_t keep)
{
	uint32_t number = held_next(owner, owner->oldest);

	if (owner->shared)
		count_shared(owner);
	else if (owner->cached > keep)
		lab_magazine_spill(owner, 0);
	for (uint32_t left = owner->pool->rows; left > 0 && number != LAB_NO_ROW &&
			owner->cached > keep; left--) {
		owner->oldest = number + 1 < owner->pool->rows ? number + 1 : 0;
		trim_row(owner, number);
		number = held_next(owner, owner->oldest);
	}
}

bool
lab_held_free_shared(struct labyrinth_owner *owner, struct lab_run run)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[run.number];
	uint32_t team = lab_team_of(pool, owner->slot), after;
	struct lab_row_word word = lab_row_load(row);

	do {
		if (word.state != LAB_ROW_HELD || lab_team_of(pool, word.holder) != team)
			return false;
		/* acquire: a page that its word names has its bit, see name_pages() */
		if ((run.bits & ((uint32_t)word.free |
				atomic_load_explicit(&row->lent, memory_order_acquire))) != 0)
			return false;
	} while (!lab_row_cas(row, &word, lab_row_give(word, run.bits)));
	after = (uint32_t)word.free | run.bits;
	if (word.holder == owner->slot) {
		owner->cached += lab_count_bits(run.bits);
		lab_held_came_back(owner, run.number, after);
	} else {
		lab_depot_freed(pool, run.number);
	}
	if (after == lab_row_mask(pool, run.number))
		lab_depot_ripe(pool, run.number);
	return true;
}

void
lab_held_yield(struct labyrinth_owner *owner, uint32_t number)
{
	uint32_t mine;
	struct lab_row_word word = lab_row_look(&owner->pool->row[number], &mine);

	if (owner->shared) {
		if (lab_row_held_by(word, owner->slot))
			cached_less(owner, lab_count_bits((uint32_t)word.free));
		if (word.state == LAB_ROW_HELD && lab_team_of(owner->pool, word.holder) ==
				lab_team_of(owner->pool, owner->slot))
			lab_depot_release_shared(owner, number, word.holder);
		return;
	}
	if (!lab_row_held_by(word, owner->slot))
		return;
	held_drop(owner, number);
	cached_less(owner, lab_count_bits(mine));
	if (number == owner->current)
		owner->current = LAB_NO_ROW;
	lab_depot_release(owner, number, owner->slot);
}

void
lab_held_flush(struct labyrinth_owner *owner, uint32_t heir)
{
	uint32_t number;

	owner->loose_count = 0;
	lab_magazine_spill(owner, 0);
	while ((number = held_next(owner, 0)) != LAB_NO_ROW) {
		held_drop(owner, number);
		lab_depot_release(owner, number, heir);
	}
	owner->current = LAB_NO_ROW;
	owner->recent_count = 0;
	owner->cached = 0;
}
