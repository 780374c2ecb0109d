/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_MAGAZINE_H
#define LAB_MAGAZINE_H

/**
 * @file
 * The magazine of an owner without a team: pages that come and go one by one, in any
 * order ("loose" ones). Such a page is named by its word, in the magazine (CACHED) and while
 * it is out (OWNED, LOOSE), so freeing it is one load, one compare and one store, and its
 * row is not looked at.
 *
 *   free   word {generation, OWNED LOOSE, me} -> {generation, CACHED, me}; push the handle
 *   alloc  pop; word -> {generation + 1, OWNED LOOSE, me}
 *   spill  the oldest go back into their rows, so that what comes back in order is
 *          handed out in order, by rows, again
 *
 * The words are the truth, the magazine only remembers which: of a dead owner nobody
 * reads it. Magazines are Bonwick's (USENIX ATC 2001); that a thread needs no atomic
 * instruction for what is its own is mimalloc's split of local and other frees.
 *
 * A word that says {OWNED LOOSE, me} is written by this thread and its signal handlers alone,
 * so compare and store need not be one step but for those: a handler refuses pages of the
 * very burst that it interrupted (lab_magazine_is_freeing()), since that frees them.
 *
 * By the owner's thread inside a call (lab_enter()), but for lab_magazine_is_freeing().
 */

#include "names.h"

/** Give the oldest pages back to their rows until no more than @p keep are left. */
void
lab_magazine_spill(struct labyrinth_owner *owner, uint32_t keep);

/** Page number @p page, which was just taken out of its row alone, is named from now on. */
static inline void
lab_magazine_name(struct labyrinth_owner *owner, uint32_t page, uint32_t generation)
{
	struct labyrinth_pool *pool = owner->pool;

	/* The bit first: a page that is named never lacks it. release: for who sees the
	 * word */
	atomic_fetch_or_explicit(&pool->row[lab_row_of(page)].lent, lab_bit_of(page),
		memory_order_release);
	atomic_store_explicit(&pool->word[page],
		lab_page_raw(lab_page_loose(generation, owner->slot)), memory_order_release);
}

/** Does the owner's call that a handler interrupted free this page? For the handler. */
static inline bool
lab_magazine_is_freeing(const struct labyrinth_owner *owner, uint32_t page,
	uint64_t generation)
{
	const struct lab_names names = { owner->freeing.page, owner->freeing.index,
		owner->freeing.address };

	for (uint32_t i = 0; i < owner->freeing.n; i++)
		if (lab_names_index(owner->pool, &names, i) == page + 1 &&
				(names.page == NULL || generation == UINT64_MAX ||
				names.page[i] >> 32 == generation))
			return true;
	return false;
}

/** Tell handlers which pages are being freed. */
LABYRINTH_HOT void
lab_magazine_begin(struct labyrinth_owner *owner, struct lab_names names, uint32_t n)
{
	owner->freeing.page = names.page;
	owner->freeing.index = names.index;
	owner->freeing.address = names.address;
	atomic_signal_fence(memory_order_seq_cst);
	owner->freeing.n = n;
	/* for the handler: told before any word is looked at */
	atomic_signal_fence(memory_order_seq_cst);
}

LABYRINTH_HOT void
lab_magazine_end(struct labyrinth_owner *owner)
{
	atomic_signal_fence(memory_order_seq_cst);
	owner->freeing.n = 0;
}

/**
 * Free pages from the first on whose words say that they are the owner's, as far as there
 * is room.
 *
 * @return how many
 */
LABYRINTH_HOT uint32_t
lab_magazine_free_pages(struct labyrinth_owner *owner, const labyrinth_page *page, uint32_t n)
{
	const uint64_t loose = owner->word_loose, turn = loose ^ owner->word_cached;
	labyrinth_page *top = owner->magazine + owner->magazine_count;
	_Atomic uint64_t *const word = owner->pool->word;
	uint32_t pages = owner->pool->pages, i;

#pragma GCC unroll 4
	for (i = 0; i < n; i++) {
		uint32_t number = labyrinth_page_index(page[i]) - 1;
		uint64_t raw = page[i] >> 32 | loose;

		/* relaxed: our own word, see above; what is seen of others' is no matter */
		if (labyrinth_unlikely(number >= pages) || labyrinth_unlikely(raw !=
				atomic_load_explicit(&word[number], memory_order_relaxed)))
			break;
		atomic_store_explicit(&word[number], raw ^ turn, memory_order_relaxed);
		top[i] = page[i];
	}
	return i;
}

/** lab_magazine_free_pages() by index or address: the word tells the generation. */
LABYRINTH_HOT uint32_t
lab_magazine_free_indices(struct labyrinth_owner *owner, struct lab_names names, uint32_t n)
{
	const uint64_t loose = owner->word_loose, turn = loose ^ owner->word_cached;
	labyrinth_page *top = owner->magazine + owner->magazine_count;
	_Atomic uint64_t *const word = owner->pool->word;
	uint32_t pages = owner->pool->pages, i;

#pragma GCC unroll 4
	for (i = 0; i < n; i++) {
		uint32_t index = lab_names_index(owner->pool, &names, i);
		uint64_t raw;

		if (index - 1 >= pages)
			break;
		/* relaxed: as above */
		raw = atomic_load_explicit(&word[index - 1], memory_order_relaxed);
		if ((raw ^ loose) > UINT32_MAX)
			break;
		atomic_store_explicit(&word[index - 1], raw ^ turn, memory_order_relaxed);
		top[i] = raw << 32 | index;
	}
	return i;
}

/** Free what of a burst, from the first on, is the owner's by word. @return how many */
LABYRINTH_HOT uint32_t
lab_magazine_free(struct labyrinth_owner *owner, struct lab_names names, uint32_t n)
{
	uint32_t room, done;

	if (labyrinth_unlikely(owner->magazine_count == owner->magazine_size))
		lab_magazine_spill(owner, owner->magazine_size / 2);
	room = owner->magazine_size - owner->magazine_count;
	if (n > room)
		n = room;
	lab_magazine_begin(owner, names, n);
	done = names.page != NULL ? lab_magazine_free_pages(owner, names.page, n) :
		lab_magazine_free_indices(owner, names, n);
	lab_magazine_end(owner);
	owner->magazine_count += done;
	owner->cached += done;
	return done;
}

/** Take up to @p n pages, the youngest first. @return how many */
LABYRINTH_HOT uint32_t
lab_magazine_take(struct labyrinth_owner *owner, struct lab_names names, uint32_t n)
{
	const uint64_t loose = owner->word_loose;
	_Atomic uint64_t *const word = owner->pool->word;
	const labyrinth_page *top = owner->magazine + owner->magazine_count;

	if (n > owner->magazine_count)
		n = owner->magazine_count;
#pragma GCC unroll 4
	for (uint32_t i = 0; i < n; i++) {
		/* by index and address the generation stays */
		labyrinth_page handle = *--top + (names.page != NULL ? UINT64_C(1) << 32 : 0);
		uint32_t page = labyrinth_page_index(handle) - 1;

		/* relaxed: whoever frees the page got it from us, after this store */
		atomic_store_explicit(&word[page], handle >> 32 | loose, memory_order_relaxed);
		lab_names_set(owner->pool, names, i, page, labyrinth_page_generation(handle));
	}
	owner->magazine_count -= n;
	owner->cached -= n;
	return n;
}

#endif /* LAB_MAGAZINE_H */
