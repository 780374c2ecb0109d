/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_PASS_H
#define LAB_PASS_H

/**
 * @file
 * What the holder of a row does with pages that it takes out of a free mask: it gives
 * them a generation that no handle has, and forgets who had them. By the owner's thread
 * inside a call.
 */

#include "pool_private.h"

/**
 * A new epoch of the row for pages that do not fit the present one, or that had
 * generation @p above; what is out of it keeps its generation in the page words.
 *
 * @return the pass word, stored already
 */
struct lab_pass_word
lab_pass_advance(struct labyrinth_owner *owner, uint32_t number, uint32_t above);

/**
 * A member of a team just claimed a row. Its pass word gets a new epoch with nothing in
 * it, so that the page words alone have the generations: of a team's row the pass word
 * is not used, since who lost the row unawares could still write it.
 */
void
lab_pass_begin_shared(struct labyrinth_owner *owner, uint32_t number);

/** lab_pass_raise() of a team's row, before its pages @p bits are taken. */
void
lab_pass_raise_shared(struct labyrinth_owner *owner, uint32_t number, uint32_t bits);

/**
 * Give the free pages @p bits of a team's row, about to be taken, new generations in
 * their words, and write their handles.
 *
 * @return false: look at the row again
 */
bool
lab_pass_hand_out_shared(struct labyrinth_owner *owner, uint32_t number, uint32_t bits,
	labyrinth_page *page);

/**
 * Page number @p page, with @p generation in its word, comes back to its row: see to it
 * that the row lets the word speak, and that no generation comes again.
 */
void
lab_pass_keep(struct labyrinth_owner *owner, uint32_t page, uint32_t generation);

/** lab_pass_raise() and lab_words_clean() of pages that have a lent bit. */
void
lab_pass_raise_lent(struct labyrinth_owner *owner, uint32_t number, uint32_t bits);
bool
lab_words_clean_lent(struct labyrinth_owner *owner, uint32_t number, uint32_t bits);

/** Those of @p bits whose words may say something. */
LABYRINTH_HOT uint32_t
lab_lent_of(const struct labyrinth_pool *pool, uint32_t number, uint32_t bits)
{
	/* acquire: the words of the pages that have a bit are seen */
	return bits & atomic_load_explicit(&pool->row[number].lent, memory_order_acquire);
}

/** Raise the epoch above all generations that the pages @p bits had by their words. */
LABYRINTH_HOT void
lab_pass_raise(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	bits = lab_lent_of(owner->pool, number, bits);
	if (labyrinth_unlikely(bits != 0))
		lab_pass_raise_lent(owner, number, bits);
}

/**
 * Make the words of pages @p bits, which are to be taken out of the public mask, ROW.
 * Nobody names them before they are.
 *
 * @return false: look at the row again
 */
LABYRINTH_HOT bool
lab_words_clean(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	bits = lab_lent_of(owner->pool, number, bits);
	return labyrinth_likely(bits == 0) || lab_words_clean_lent(owner, number, bits);
}

/** Clear the lent bits of pages that were taken out of the public mask. */
void
lab_lent_clear(struct labyrinth_pool *pool, uint32_t number, uint32_t bits);

/** Generation for pages @p bits of an owner alone, about to be handed out by handle. */
static inline uint32_t
lab_pass_hand_out(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	struct lab_row *row = &owner->pool->row[number];
	struct lab_pass_word pass;

	/* relaxed: written by this thread alone */
	pass = lab_pass_word(atomic_load_explicit(&row->pass, memory_order_relaxed));
	/* A single of an epoch before has a bit still; only a new epoch clears it. */
	if (!lab_pass_fits(pass, bits) || (bits & atomic_load_explicit(&row->singles,
			memory_order_relaxed)) != 0) {
		uint32_t in = (uint32_t)lab_row_load(row).free |
			atomic_load_explicit(&row->mine, memory_order_relaxed);

		/* most often the whole pass came back, and nothing is to be kept */
		if (labyrinth_likely(((uint32_t)pass.used & ~in) == 0)) {
			pass = lab_pass_next(pass, (uint32_t)pass.epoch);
			atomic_store_explicit(&row->singles, 0, memory_order_relaxed);
		} else {
			pass = lab_pass_advance(owner, number, (uint32_t)pass.epoch);
		}
	}
	pass = lab_pass_use(pass, bits);
	/* release: see lab_pass_load() */
	atomic_store_explicit(&row->pass, lab_pass_raw(pass), memory_order_release);
	return (uint32_t)pass.epoch;
}

/** Generation that a page, about to be handed out by index by an owner alone, keeps. */
static inline uint32_t
lab_pass_generation_now(const struct labyrinth_pool *pool, uint32_t page)
{
	const struct lab_row *row = &pool->row[lab_row_of(page)];

	/* the pass before the word */
	struct lab_pass_word pass = lab_pass_load(row);

	return lab_page_generation(row, pass, lab_word_load(pool, page), lab_bit_of(page));
}

/** Generation for one page, about to be handed out by handle by an owner alone. */
LABYRINTH_HOT uint32_t
lab_pass_hand_out_one(struct labyrinth_owner *owner, uint32_t page)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[lab_row_of(page)];
	uint32_t bit = lab_bit_of(page);
	/* relaxed: all three are written by this thread alone */
	struct lab_pass_word pass = lab_pass_word(
		atomic_load_explicit(&row->pass, memory_order_relaxed));
	uint32_t singles = atomic_load_explicit(&row->singles, memory_order_relaxed);
	uint32_t generation = (uint32_t)atomic_load_explicit(&pool->word[page],
		memory_order_relaxed);

	generation = lab_pass_single(pass,
		((uint32_t)pass.used & singles & bit) != 0, generation);
	if (labyrinth_unlikely(generation == LAB_PASS_FULL)) {
		pass = lab_pass_advance(owner, lab_row_of(page), (uint32_t)pass.epoch);
		singles = 0;
		generation = (uint32_t)pass.epoch + 1;
	}
	/* release: who sees the page as single sees its generation */
	atomic_store_explicit(&pool->word[page], generation, memory_order_relaxed);
	atomic_store_explicit(&row->singles, singles | bit, memory_order_release);
	atomic_store_explicit(&row->pass, lab_pass_raw(lab_pass_use(pass, bit)),
		memory_order_release);
	return generation;
}

#endif /* LAB_PASS_H */
