/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "pass.h"

/* Write the generation of a page that is out, and that its row speaks for, down. */
static void
keep_generation(struct labyrinth_owner *owner, uint32_t page, uint32_t generation)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_page_word word = lab_word_load(pool, page);

	/* A handler of ours, or a member of our team, may transfer the page meanwhile:
	 * then its word names somebody, with the right generation. */
	while (lab_page_unnamed(word))
		if (owner->shared ? lab_word_cas(pool, page, &word, lab_page_row(generation)) :
				lab_word_cas_local(pool, page, &word, lab_page_row(generation)))
			return;
}

/* Store a pass word that was made from *pass; false: it was not the newest. */
static bool
pass_cas(struct lab_row *row, struct lab_pass_word *pass, struct lab_pass_word next)
{
	uint64_t raw = lab_pass_raw(*pass);
	/* release: the page words before, see lab_pass_load() */
	bool done = atomic_compare_exchange_strong_explicit(&row->pass, &raw,
		lab_pass_raw(next), memory_order_acq_rel, memory_order_acquire);

	if (!done)
		*pass = lab_pass_word(raw);
	return done;
}

struct lab_pass_word
lab_pass_advance(struct labyrinth_owner *owner, uint32_t number, uint32_t above)
{
	struct lab_row *row = &owner->pool->row[number];
	struct lab_pass_word pass = lab_pass_load(row), next = lab_pass_next(pass, above);
	uint32_t written = (uint32_t)lab_row_load(row).free |
		atomic_load_explicit(&row->mine, memory_order_relaxed) |
		atomic_load_explicit(&row->singles, memory_order_relaxed);

	/* Only we hand pages of this row out, so no more can be out than now. */
	for (uint32_t out = (uint32_t)pass.used & ~written; out != 0; out &= out - 1)
		keep_generation(owner, (number << LAB_ROW_SHIFT) + (uint32_t)__builtin_ctz(out),
			(uint32_t)pass.epoch);
	if (!owner->shared) {
		atomic_store_explicit(&row->singles, 0, memory_order_relaxed);
		/* release: as in pass_cas() */
		atomic_store_explicit(&row->pass, lab_pass_raw(next), memory_order_release);
		return next;
	}
	/* A row of a team may be stolen and held by another member by now. */
	return pass_cas(row, &pass, next) ? next : pass;
}

uint32_t
lab_pass_hand_out_shared(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	struct lab_row *row = &owner->pool->row[number];
	struct lab_pass_word pass = lab_pass_load(row);

	/* Again only when the row was stolen; then the commit fails too. */
	for (;;) {
		if (!lab_pass_fits(pass, bits))
			pass = lab_pass_advance(owner, number, (uint32_t)pass.epoch);
		else if (pass_cas(row, &pass, lab_pass_use(pass, bits)))
			return (uint32_t)pass.epoch;
	}
}

void
lab_pass_raise_lent(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t epoch = (uint32_t)lab_pass_load(&pool->row[number]).epoch, above = epoch - 1;

	for (; bits != 0; bits &= bits - 1) {
		uint32_t page = (number << LAB_ROW_SHIFT) + (uint32_t)__builtin_ctz(bits);
		uint32_t generation = (uint32_t)lab_word_load(pool, page).generation;

		/* as serial numbers, see lab_pass_next() */
		if ((int32_t)(generation - above) > 0)
			above = generation;
	}
	if (above != epoch - 1)
		lab_pass_advance(owner, number, above);
}

void
lab_words_clean_lent(struct labyrinth_pool *pool, uint32_t number, uint32_t bits)
{
	/* First the bits, then the words, and acq_rel: see lab_naming_mark(). */
	atomic_fetch_and_explicit(&pool->row[number].lent, ~bits, memory_order_acq_rel);
	for (; bits != 0; bits &= bits - 1) {
		uint32_t page = (number << LAB_ROW_SHIFT) + (uint32_t)__builtin_ctz(bits);
		struct lab_page_word word = lab_word_load(pool, page);

		/* The page is ours and nobody names it: what it was before is history. */
		if (word.state == LAB_PAGE_FREED || word.state == LAB_PAGE_NAMING)
			lab_word_cas(pool, page, &word,
				lab_page_row((uint32_t)word.generation));
	}
}
