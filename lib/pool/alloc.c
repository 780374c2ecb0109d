/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include "alloc.h"
#include "call.h"
#include "depot.h"
#include "held.h"
#include "page.h"
#include "span.h"
#include "wipe.h"

/* What the two kinds of calls hand out: handles with generations, or indices. */
struct out {
	labyrinth_page *page;
	uint32_t *index;
};

/* Are the bits one unbroken span? */
static bool
unbroken(uint32_t bits)
{
	uint32_t low = bits & -bits;

	return (bits & (bits + low)) == 0;
}

static void
emit_pages(struct labyrinth_pool *pool, struct lab_run run, labyrinth_page *page)
{
	uint32_t first = run.number << LAB_ROW_SHIFT;

	if (unbroken(run.bits)) {
		first += (uint32_t)__builtin_ctz(run.bits);
		lab_span_emit(&pool->word[first], first, page,
			(uint32_t)__builtin_popcount(run.bits));
		return;
	}
	for (uint32_t bits = run.bits; bits != 0; bits &= bits - 1) {
		uint32_t number = first + (uint32_t)__builtin_ctz(bits);
		/* relaxed: only we write the words of these pages; the commit publishes */
		uint64_t next = (uint32_t)(atomic_load_explicit(&pool->word[number],
			memory_order_relaxed) + 1);

		atomic_store_explicit(&pool->word[number], next, memory_order_relaxed);
		*page++ = next << 32 | (number + 1);
	}
}

static void
emit_indices(struct lab_run run, uint32_t *index)
{
	uint32_t first = (run.number << LAB_ROW_SHIFT) + 1;

	if (run.bits == LAB_ROW_FULL) {
		for (uint32_t i = 0; i < LAB_ROW_PAGES; i++)
			index[i] = first + i;
		return;
	}
	for (uint32_t bits = run.bits; bits != 0; bits &= bits - 1)
		*index++ = first + (uint32_t)__builtin_ctz(bits);
}

/* From the rows that the owner holds or claims. */
static uint32_t
take_runs(struct labyrinth_owner *owner, unsigned int class, struct out out, uint32_t n)
{
	uint32_t got = 0;
	struct lab_run run;

	while (got < n && lab_held_choose(owner, class, n - got, &run)) {
		lab_words_clean(owner->pool, run.number, run.bits);
		if (out.page != NULL)
			emit_pages(owner->pool, run, out.page + got);
		else
			emit_indices(run, out.index + got);
		if (lab_held_commit(owner, run))
			got += (uint32_t)__builtin_popcount(run.bits);
	}
	return got;
}

/* One by one from the depot, where a whole row would pass the floor. */
static uint32_t
take_singly(struct labyrinth_owner *owner, unsigned int class, struct out out, uint32_t n)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t got = 0, page;

	while (got < n && lab_depot_take(owner, class, &page)) {
		if (out.page != NULL)
			out.page[got] = (uint64_t)lab_word_load(pool, page).generation << 32 |
				(page + 1);
		else
			out.index[got] = page + 1;
		got++;
	}
	return got;
}

static bool
recounted(struct labyrinth_pool *pool)
{
	/* relaxed: a flag that says "try", which is set by no one in the normal way */
	return labyrinth_unlikely(atomic_load_explicit(&pool->recount_due,
		memory_order_relaxed)) && lab_depot_recount(pool);
}

static uint32_t
take(struct labyrinth_owner *owner, unsigned int class, struct out out, uint32_t n, bool rows)
{
	uint32_t got = 0;

	for (;;) {
		struct out rest = {
			out.page != NULL ? out.page + got : NULL,
			out.index != NULL ? out.index + got : NULL,
		};

		if (rows)
			got += take_runs(owner, class, rest, n - got);
		if (labyrinth_likely(got == n))
			return got;
		rest.page = out.page != NULL ? out.page + got : NULL;
		rest.index = out.index != NULL ? out.index + got : NULL;
		got += take_singly(owner, class, rest, n - got);
		/* No capacity may hide in rows that nobody uses any more, nor behind a
		 * count that a death left too low. */
		if (got == n || (lab_depot_steal(owner) == 0 && !recounted(owner->pool)))
			return got;
	}
}

static void
put_back(struct labyrinth_owner *owner, struct out out, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t index = out.page != NULL ? labyrinth_page_index(out.page[i]) :
			out.index[i];

		lab_page_free(owner, index - 1, LAB_ANY_GENERATION);
	}
}

/* What is done to the pages themselves, by request. */
static void
prepare(struct labyrinth_pool *pool, unsigned int gfp, struct out out, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		labyrinth_page page = out.page != NULL ? out.page[i] : out.index[i];

		if ((pool->flags & LABYRINTH_POOL_POISON) != 0)
			lab_wipe_check(pool, labyrinth_page_index(page) - 1);
		if ((gfp & LABYRINTH_GFP_ZERO) != 0)
			memset(labyrinth_page_address(pool, page), 0, LABYRINTH_PAGE_SIZE);
	}
}

static void
account(struct labyrinth_owner *owner, bool rows, unsigned int class, uint32_t got, bool failed)
{
	if (labyrinth_likely(rows)) {
		lab_count(&owner->main.alloc, got);
		if (labyrinth_unlikely(failed))
			lab_count(&owner->main.alloc_fail[class], 1);
		return;
	}
	lab_count_shared(&owner->side.alloc, got);
	if (failed)
		lab_count_shared(&owner->side.alloc_fail[class], 1);
}

enum mode {
	BULK,   /* all or none */
	BURST,  /* up to n */
	TRY,    /* as BULK, but not to have got them is no failure yet */
};

static uint32_t
alloc(struct labyrinth_owner *owner, unsigned int gfp, struct out out, uint32_t n, enum mode mode)
{
	unsigned int class = gfp & LABYRINTH_GFP_CLASS;
	bool rows = lab_enter(owner);
	uint32_t got = take(owner, class, out, n, rows);
	bool failed = got < n && (mode == BULK || (mode == BURST && got == 0));

	if (labyrinth_unlikely(got < n && mode != BURST)) {
		put_back(owner, out, got);
		got = 0;
	}
	account(owner, rows, class, got, failed);
	if (rows)
		lab_leave(owner);
	if (labyrinth_unlikely(((gfp & LABYRINTH_GFP_ZERO) |
			(owner->pool->flags & LABYRINTH_POOL_POISON)) != 0))
		prepare(owner->pool, gfp, out, got);
	return got;
}

uint32_t
labyrinth_alloc_bulk(struct labyrinth_owner *owner, unsigned int gfp,
	labyrinth_page *page, uint32_t n)
{
	return alloc(owner, gfp, (struct out){ .page = page }, n, BULK);
}

uint32_t
lab_alloc_try(struct labyrinth_owner *owner, unsigned int gfp, labyrinth_page *page, uint32_t n)
{
	return alloc(owner, gfp, (struct out){ .page = page }, n, TRY);
}

uint32_t
labyrinth_alloc_burst(struct labyrinth_owner *owner, unsigned int gfp,
	labyrinth_page *page, uint32_t n)
{
	return alloc(owner, gfp, (struct out){ .page = page }, n, BURST);
}

uint32_t
labyrinth_alloc_index_bulk(struct labyrinth_owner *owner, unsigned int gfp,
	uint32_t *index, uint32_t n)
{
	return alloc(owner, gfp, (struct out){ .index = index }, n, BULK);
}

uint32_t
labyrinth_alloc_index_burst(struct labyrinth_owner *owner, unsigned int gfp,
	uint32_t *index, uint32_t n)
{
	return alloc(owner, gfp, (struct out){ .index = index }, n, BURST);
}

void
labyrinth_void_alloc_page_gfp_atomic_exclusive(struct labyrinth_owner *owner,
	labyrinth_page *page)
{
	if (labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, page, 1) == 0)
		*page = 0;
}
