/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "handover.h"

#include "depot.h"
#include "magazine.h"
#include "page.h"
#include "pass.h"

/* A run of pages in one row, in the order in which they are named. */
struct run {
	uint32_t number;
	uint32_t bits;     /* all of them */
	uint32_t unnamed;  /* those that the row speaks for */
	uint32_t n;
};

/* ---- giving ---- */

/* Is the page the owner's, by its own word? */
static bool
is_named_mine(const struct labyrinth_owner *owner, struct lab_page_word word,
	uint32_t generation)
{
	return word.state == LAB_PAGE_OWNED && word.owner == owner->slot &&
		word.generation == generation;
}

/* Which pages from the first on are in its row, each once, and the owner's? */
static struct run
find_mine(const struct labyrinth_owner *owner, const labyrinth_page *page, uint32_t n)
{
	const struct labyrinth_pool *pool = owner->pool;
	struct run run = { .number = lab_row_of(labyrinth_page_index(page[0]) - 1) };
	const struct lab_row *row = &pool->row[run.number];
	struct lab_row_word now = lab_row_load(row);
	struct lab_pass_word pass = lab_pass_load(row);
	/* relaxed: if we hold the row, this thread writes it */
	uint32_t in = (uint32_t)now.free |
		atomic_load_explicit(&row->mine, memory_order_relaxed);
	bool held = lab_row_held_by(now, owner->slot);

	for (; run.n < n; run.n++) {
		uint32_t number = labyrinth_page_index(page[run.n]) - 1, bit = lab_bit_of(number);
		uint32_t generation = labyrinth_page_generation(page[run.n]);
		struct lab_page_word word;

		if (number >= pool->pages || lab_row_of(number) != run.number ||
				(run.bits & bit) != 0)
			break;
		word = lab_word_load(pool, number);
		if (word.state == LAB_PAGE_ROW && held && (in & bit) == 0 &&
				lab_page_generation(row, pass, word, bit) == generation)
			run.unnamed |= bit;
		else if (!is_named_mine(owner, word, generation))
			break;
		run.bits |= bit;
	}
	return run;
}

uint32_t
lab_handover_give(struct labyrinth_owner *owner, uint32_t peer, labyrinth_page *page, uint32_t n)
{
	/* words are made of numbers here: gcc takes a detour by memory for the bit fields */
	const uint64_t owned = lab_page_raw(lab_page_owned(0, peer));
	struct labyrinth_pool *pool = owner->pool;
	struct run run;

	if (labyrinth_page_index(page[0]) - 1 >= pool->pages)
		return 0;
	lab_magazine_begin(owner, (struct lab_names){ .page = page }, n);
	run = find_mine(owner, page, n);
	/* Before the words: a page that is named never lacks its bit. release: for whoever
	 * sees the word. */
	if (run.unnamed != 0)
		atomic_fetch_or_explicit(&pool->row[run.number].lent, run.unnamed,
			memory_order_release);
	/* release: for whoever sees the word */
	for (uint32_t i = 0; i < run.n; i++)
		atomic_store_explicit(&pool->word[labyrinth_page_index(page[i]) - 1],
			owned | labyrinth_page_generation(page[i]), memory_order_release);
	/* as the CAS in lab_word_cas(): the peer is looked at afterwards */
	atomic_thread_fence(memory_order_seq_cst);
	lab_magazine_end(owner);
	return run.n;
}

/* ---- freeing ---- */

/* Say that a page is freed, if its word says that it is the owner's. */
LABYRINTH_HOT bool
say_freed(struct labyrinth_owner *owner, struct lab_names names, uint32_t i, uint32_t number)
{
	/* a number, as in lab_handover_give() */
	const uint64_t freed = lab_page_raw(lab_page_freed(lab_page_row(0), owner->slot));
	struct labyrinth_pool *pool = owner->pool;
	struct lab_page_word word = lab_word_load(pool, number);
	uint32_t generation = names.page != NULL ? labyrinth_page_generation(names.page[i]) :
		(uint32_t)word.generation;

	if (!is_named_mine(owner, word, generation))
		return false;
	/* release: what we wrote to the page, for whoever finishes the free */
	atomic_store_explicit(&pool->word[number], freed | generation, memory_order_release);
	return true;
}

uint32_t
lab_handover_free(struct labyrinth_owner *owner, struct lab_names names, uint32_t n)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t first = lab_names_index(pool, &names, 0) - 1;
	struct run run = { .number = lab_row_of(first) };

	if (first >= pool->pages || !lab_page_named(lab_word_load(pool, first)))
		return 0;
	lab_depot_begin(owner);
	lab_magazine_begin(owner, names, n);
	for (; run.n < n; run.n++) {
		uint32_t number = lab_names_index(pool, &names, run.n) - 1;

		/* a second one of the same page is no longer the owner's by its word */
		if (number >= pool->pages || lab_row_of(number) != run.number ||
				!say_freed(owner, names, run.n, number))
			break;
		run.bits |= lab_bit_of(number);
	}
	/* before others can have them, this owner's handlers among those */
	lab_magazine_end(owner);
	if (run.n != 0)
		lab_page_give_bits(owner, run.number, run.bits);
	lab_depot_end(owner);
	return run.n;
}
