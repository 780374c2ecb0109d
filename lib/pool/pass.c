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

	/* A handler of ours may transfer the page meanwhile: then its word names somebody,
	 * with the right generation. */
	while (lab_page_unnamed(word))
		if (lab_word_cas_local(pool, page, &word, lab_page_row(generation)))
			return;
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
	atomic_store_explicit(&row->singles, 0, memory_order_relaxed);
	/* release: the page words before, see lab_pass_load() */
	atomic_store_explicit(&row->pass, lab_pass_raw(next), memory_order_release);
	return next;
}

void
lab_pass_keep(struct labyrinth_owner *owner, uint32_t page, uint32_t generation)
{
	struct lab_row *row = &owner->pool->row[lab_row_of(page)];
	struct lab_pass_word pass = lab_pass_load(row);
	/* as serial numbers, see lab_pass_next() */
	int32_t ahead = (int32_t)(generation - (uint32_t)pass.epoch);

	if (ahead >= (int32_t)LAB_PASS_STEP) {
		lab_pass_advance(owner, lab_row_of(page), generation);
		return;
	}
	if (ahead < 0)
		return;
	/* A single of this epoch, or one with the epoch's own generation: used, so that it
	 * gets another next time. relaxed and release as in lab_pass_hand_out_one() */
	if (ahead > 0)
		atomic_store_explicit(&row->singles, lab_bit_of(page) |
			atomic_load_explicit(&row->singles, memory_order_relaxed),
			memory_order_release);
	atomic_store_explicit(&row->pass, lab_pass_raw(lab_pass_use(pass, lab_bit_of(page))),
		memory_order_release);
}

void
lab_pass_raise_shared(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[number];
	uint64_t raw = atomic_load_explicit(&row->pass, memory_order_acquire);
	struct lab_pass_word pass = lab_pass_word(raw), next = pass;

	for (; bits != 0; bits &= bits - 1)
		next = lab_pass_next(next, (uint32_t)lab_word_load(pool, (number <<
			LAB_ROW_SHIFT) + (uint32_t)__builtin_ctz(bits)).generation);
	/* Were the row another's by now, who handed out from it, the pass would be another;
	 * who did not yet has a higher epoch than needed, which is no harm. */
	if (pass.used == 0 && lab_row_held_by(lab_row_load(row), owner->slot))
		atomic_compare_exchange_strong_explicit(&row->pass, &raw, lab_pass_raw(next),
			memory_order_acq_rel, memory_order_relaxed);
}

void
lab_pass_begin_shared(struct labyrinth_owner *owner, uint32_t number)
{
	struct lab_row *row = &owner->pool->row[number];
	uint64_t raw = atomic_load_explicit(&row->pass, memory_order_acquire);
	struct lab_pass_word pass = lab_pass_word(raw);

	/* All that is out of a row of the depot is named: nothing is to be kept. Were the
	 * row stolen since, and handed out from by another, the pass would be another. */
	while (lab_row_held_by(lab_row_load(row), owner->slot) && pass.used != 0 &&
			!atomic_compare_exchange_strong_explicit(&row->pass, &raw,
				lab_pass_raw(lab_pass_next(pass, (uint32_t)pass.epoch)),
				memory_order_acq_rel, memory_order_acquire))
		pass = lab_pass_word(raw);
}

/* One page of lab_pass_hand_out_shared(); the checks are those of cleaning a word. */
static bool
renew(struct labyrinth_owner *owner, struct lab_row *row, uint32_t page,
	labyrinth_page *handle)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_page_word word = lab_word_load(pool, page);
	struct lab_row_word now = lab_row_load(row);
	uint32_t generation = (uint32_t)lab_pass_next(lab_pass_load(row),
		(uint32_t)word.generation).epoch;

	if (!lab_row_held_by(now, owner->slot) || ((uint32_t)now.free & lab_bit_of(page)) == 0)
		return false;
	*handle = (uint64_t)generation << 32 | (page + 1);
	return !lab_page_named(word) &&
		lab_word_cas(pool, page, &word, lab_page_row(generation));
}

bool
lab_pass_hand_out_shared(struct labyrinth_owner *owner, uint32_t number, uint32_t bits,
	labyrinth_page *page)
{
	struct lab_row *row = &owner->pool->row[number];

	/* The commit raises the epoch above what the words say, for the next holder, who
	 * may be alone; by these bits it knows. */
	atomic_fetch_or_explicit(&row->lent, bits, memory_order_acq_rel);
	for (; bits != 0; bits &= bits - 1)
		if (!renew(owner, row, (number << LAB_ROW_SHIFT) +
				(uint32_t)__builtin_ctz(bits), page++))
			return false;
	return true;
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

bool
lab_words_clean_lent(struct labyrinth_owner *owner, uint32_t number, uint32_t bits)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[number];

	for (; bits != 0; bits &= bits - 1) {
		uint32_t page = (number << LAB_ROW_SHIFT) + (uint32_t)__builtin_ctz(bits);
		struct lab_page_word word = lab_word_load(pool, page);
		struct lab_row_word now = lab_row_load(row);

		/* Free after its word was loaded: so what the word says is history. Were the
		 * row stolen and the page handed out since, the word would be another, and
		 * the CAS fail. */
		if (!lab_row_held_by(now, owner->slot) ||
				((uint32_t)now.free & bits & -bits) == 0)
			return false;
		if (word.state != LAB_PAGE_ROW && !lab_word_cas(pool, page, &word,
				lab_page_row((uint32_t)word.generation)))
			return false;
	}
	return true;
}

void
lab_lent_clear(struct labyrinth_pool *pool, uint32_t number, uint32_t bits)
{
	_Atomic uint32_t *lent = &pool->row[number].lent;

	/* The pages are ours and out by now, so a team mate may be naming them: who of us
	 * comes second sees the other, as in lab_naming_mark(). acq_rel: for that. */
	atomic_fetch_and_explicit(lent, ~bits, memory_order_acq_rel);
	for (uint32_t rest = bits; rest != 0; rest &= rest - 1) {
		uint32_t page = (number << LAB_ROW_SHIFT) + (uint32_t)__builtin_ctz(rest);

		if (lab_word_load(pool, page).state != LAB_PAGE_ROW)
			atomic_fetch_or_explicit(lent, rest & -rest, memory_order_acq_rel);
	}
}
