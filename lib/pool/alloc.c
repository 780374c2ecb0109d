/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include "alloc.h"
#include "call.h"
#include "depot.h"
#include "free.h"
#include "held.h"
#include "magazine.h"
#include "names.h"
#include "page.h"
#include "pass.h"
#include "span.h"
#include "wipe.h"

/* Are the bits one unbroken span? */
LABYRINTH_HOT bool
unbroken(uint32_t bits)
{
	uint32_t low = bits & -bits;

	return (bits & (bits + low)) == 0;
}

LABYRINTH_HOT void
emit_pages(struct lab_run run, uint32_t generation, labyrinth_page *page)
{
	uint64_t first = (uint64_t)generation << 32 | ((run.number << LAB_ROW_SHIFT) + 1);

	if (unbroken(run.bits)) {
		lab_span_write64(first + (uint32_t)__builtin_ctz(run.bits), page,
			lab_count_bits(run.bits));
		return;
	}
	for (uint32_t bits = run.bits; bits != 0; bits &= bits - 1)
		*page++ = first + (uint32_t)__builtin_ctz(bits);
}

LABYRINTH_HOT void
emit_indices(struct lab_run run, uint32_t *index)
{
	uint32_t first = (run.number << LAB_ROW_SHIFT) + 1;

	if (unbroken(run.bits)) {
		lab_span_write32(first + (uint32_t)__builtin_ctz(run.bits), index,
			lab_count_bits(run.bits));
		return;
	}
	for (uint32_t bits = run.bits; bits != 0; bits &= bits - 1)
		*index++ = first + (uint32_t)__builtin_ctz(bits);
}

LABYRINTH_HOT void
emit_addresses(const struct labyrinth_pool *pool, struct lab_run run, void **address)
{
	char *first = pool->base + ((size_t)run.number << LAB_ROW_SHIFT) * LABYRINTH_PAGE_SIZE;

	if (unbroken(run.bits)) {
		lab_span_write_pages(first + (size_t)__builtin_ctz(run.bits) *
			LABYRINTH_PAGE_SIZE, address, lab_count_bits(run.bits));
		return;
	}
	for (uint32_t bits = run.bits; bits != 0; bits &= bits - 1)
		*address++ = first + (size_t)__builtin_ctz(bits) * LABYRINTH_PAGE_SIZE;
}

/* Pages that came back one by one: the youngest of all, so warmest. */
LABYRINTH_HOT uint32_t
take_loose(struct labyrinth_owner *owner, struct lab_names out, uint32_t n)
{
	struct lab_row *const rows = owner->pool->row;
	uint32_t loose = owner->loose_count, got = 0, slot = owner->slot, generation;

	while (got < n && loose != 0) {
		uint32_t page = owner->loose[--loose];
		struct lab_row *row = &rows[lab_row_of(page)];

		if (!lab_held_has_loose(row, slot, page))
			continue;
		generation = out.page != NULL ? lab_pass_hand_out_one(owner, page) :
			lab_pass_generation_now(owner->pool, page);
		lab_held_take_loose(row, page);
		lab_names_set(owner->pool, out, got, page, generation);
		if (owner->magazine_size != 0)
			lab_magazine_name(owner, page, generation);
		got++;
	}
	owner->loose_count = loose;
	owner->cached -= got;
	return got;
}

/*
 * From the rows that the owner holds or claims. Whole rows before loose pages: what is
 * taken in order comes back in order, and loose pages find back into their rows.
 */
LABYRINTH_HOT uint32_t
take_runs(struct labyrinth_owner *owner, unsigned int class, struct lab_names out, uint32_t n)
{
	uint32_t got = 0;
	struct lab_run run;

	while (got < n) {
		if (!lab_held_pick(owner, n - got, &run)) {
			if (lab_held_choose_recent(owner))
				continue;
			if (owner->magazine_count != 0)
				got += lab_magazine_take(owner, lab_names_from(out, got), n - got);
			else if (owner->loose_count != 0)
				got += take_loose(owner, lab_names_from(out, got), n - got);
			else if (!lab_held_choose(owner, class, n - got))
				break;
			continue;
		}
		if (out.index != NULL)
			emit_indices(run, out.index + got);
		else if (out.address != NULL)
			emit_addresses(owner->pool, run, out.address + got);
		else if (!owner->shared)
			emit_pages(run, lab_pass_hand_out(owner, run.number, run.bits),
				out.page + got);
		else if (!lab_pass_hand_out_shared(owner, run.number, run.bits, out.page + got))
			continue;
		if (labyrinth_likely(lab_held_commit(owner, run)))
			got += lab_count_bits(run.bits);
	}
	return got;
}

/* One by one from the depot, where a whole row would pass the floor. */
static uint32_t
take_singly(struct labyrinth_owner *owner, unsigned int class, struct lab_names out, uint32_t n)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t got = 0, page;

	while (got < n && lab_depot_take(owner, class, &page)) {
		lab_names_set(pool, out, got, page, (uint32_t)lab_word_load(pool, page).generation);
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

/* Rows did not suffice, or may not be used. */
static LABYRINTH_COLD uint32_t
take_more(struct labyrinth_owner *owner, unsigned int class, struct lab_names out, uint32_t n,
	bool rows)
{
	uint32_t got = take_singly(owner, class, out, n);

	/* No capacity may hide in rows that nobody uses any more, nor behind a count that
	 * a death left too low. */
	while (got < n && (lab_depot_steal(owner) != 0 || recounted(owner->pool))) {
		if (rows)
			got += take_runs(owner, class, lab_names_from(out, got), n - got);
		got += take_singly(owner, class, lab_names_from(out, got), n - got);
	}
	return got;
}

LABYRINTH_HOT uint32_t
take(struct labyrinth_owner *owner, unsigned int class, struct lab_names out, uint32_t n, bool rows)
{
	uint32_t got = rows ? take_runs(owner, class, out, n) : 0;

	if (labyrinth_likely(got == n))
		return got;
	return got + take_more(owner, class, lab_names_from(out, got), n - got, rows);
}

/*
 * A bulk that got less than all leaves nothing changed: the depot has back what came from
 * there, and no more is cached than was before.
 */
static LABYRINTH_COLD void
put_back(struct labyrinth_owner *owner, struct lab_names out, uint32_t n, bool rows,
	uint32_t cached)
{
	if (rows) {
		lab_free_entered(owner, out, n);
		owner->current = LAB_NO_ROW;
		if (owner->cached > cached)
			lab_held_trim(owner, cached);
		return;
	}
	/* By its word, not as a free: that would be refused, and the page lost, if the call
	 * that we interrupted frees pages and has this one in hand, which is named twice. */
	for (uint32_t i = 0; i < n; i++) {
		uint32_t page = lab_names_index(owner->pool, &out, i) - 1;

		lab_page_give(owner, page, lab_word_load(owner->pool, page));
	}
}

/* What is done to the pages themselves, by request. */
static LABYRINTH_COLD void
prepare(struct labyrinth_pool *pool, unsigned int gfp, struct lab_names out, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t index = lab_names_index(pool, &out, i);

		if ((pool->flags & LABYRINTH_POOL_POISON) != 0)
			lab_wipe_check(pool, index - 1);
		if ((gfp & LABYRINTH_GFP_ZERO) != 0 && pool->base != NULL)
			memset(labyrinth_page_address(pool, index), 0, LABYRINTH_PAGE_SIZE);
	}
}

LABYRINTH_HOT void
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

LABYRINTH_HOT uint32_t
alloc(struct labyrinth_owner *owner, unsigned int gfp, struct lab_names out, uint32_t n,
	enum mode mode)
{
	unsigned int class = gfp & LABYRINTH_GFP_CLASS;
	bool rows = lab_enter(owner);
	uint32_t cached = owner->cached, got = take(owner, class, out, n, rows);
	bool failed = got < n && (mode == BULK || (mode == BURST && got == 0));

	if (labyrinth_unlikely(got < n && mode != BURST)) {
		put_back(owner, out, got, rows, cached);
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
	return alloc(owner, gfp, (struct lab_names){ .page = page }, n, BULK);
}

uint32_t
lab_alloc_try(struct labyrinth_owner *owner, unsigned int gfp, labyrinth_page *page, uint32_t n)
{
	return alloc(owner, gfp, (struct lab_names){ .page = page }, n, TRY);
}

uint32_t
labyrinth_alloc_burst(struct labyrinth_owner *owner, unsigned int gfp,
	labyrinth_page *page, uint32_t n)
{
	return alloc(owner, gfp, (struct lab_names){ .page = page }, n, BURST);
}

uint32_t
labyrinth_alloc_index_bulk(struct labyrinth_owner *owner, unsigned int gfp,
	uint32_t *index, uint32_t n)
{
	return alloc(owner, gfp, (struct lab_names){ .index = index }, n, BULK);
}

uint32_t
labyrinth_alloc_index_burst(struct labyrinth_owner *owner, unsigned int gfp,
	uint32_t *index, uint32_t n)
{
	return alloc(owner, gfp, (struct lab_names){ .index = index }, n, BURST);
}

/* There are no addresses in a pool without memory. */
uint32_t
labyrinth_alloc_address_bulk(struct labyrinth_owner *owner, unsigned int gfp,
	void **address, uint32_t n)
{
	if (labyrinth_unlikely(owner->pool->base == NULL))
		return 0;
	return alloc(owner, gfp, (struct lab_names){ .address = address }, n, BULK);
}

uint32_t
labyrinth_alloc_address_burst(struct labyrinth_owner *owner, unsigned int gfp,
	void **address, uint32_t n)
{
	if (labyrinth_unlikely(owner->pool->base == NULL))
		return 0;
	return alloc(owner, gfp, (struct lab_names){ .address = address }, n, BURST);
}

labyrinth_page
labyrinth_alloc(struct labyrinth_owner *owner, unsigned int gfp)
{
	labyrinth_page page = 0;

	labyrinth_alloc_bulk(owner, gfp, &page, 1);
	return page;
}

void
labyrinth_void_alloc_page_gfp_atomic_exclusive(struct labyrinth_owner *owner,
	labyrinth_page *page)
{
	*page = labyrinth_alloc(owner, LABYRINTH_GFP_ATOMIC);
}
