/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "free.h"

#include "call.h"
#include "handover.h"
#include "held.h"
#include "labyrinth_probe.h"
#include "magazine.h"
#include "names.h"
#include "page.h"
#include "span.h"
#include "wipe.h"

/* Pages to be freed; the names of refused ones go to the front. */
struct in {
	const struct labyrinth_pool *pool;
	struct lab_names names;
	uint32_t n;
};

struct refusals {
	enum labyrinth_refusal *why;
	uint32_t kept;
};

LABYRINTH_HOT uint32_t
index_at(const struct in *in, uint32_t i)
{
	return lab_names_index(in->pool, &in->names, i);
}

/*
 * Has the page the generation of its handle? In a team another member could free and
 * take the page between this look and the free, so there handles go one by one.
 * relaxed: generations of pages that are ours are written by us alone; those of others'
 * pages are looked at again, in order, by lab_page_free().
 */
LABYRINTH_HOT bool
generation_fits(const struct labyrinth_owner *owner, labyrinth_page handle)
{
	const struct labyrinth_pool *pool = owner->pool;
	uint32_t page = labyrinth_page_index(handle) - 1;
	const struct lab_row *row = &pool->row[lab_row_of(page)];
	struct lab_pass_word pass = lab_pass_word(
		atomic_load_explicit(&row->pass, memory_order_relaxed));
	uint32_t singles = atomic_load_explicit(&row->singles, memory_order_relaxed);
	uint32_t generation;

	if (owner->shared)
		return false;
	/* both are loaded, since which one counts is as good as random */
	generation = (uint32_t)atomic_load_explicit(&pool->word[page], memory_order_relaxed);
	return labyrinth_page_generation(handle) ==
		lab_pass_generation(pass, singles, lab_bit_of(page), generation);
}

/*
 * A burst that was taken in order comes back in order: do the entries from i on go
 * through the rest of the row of page first, as far as there are any?
 */
LABYRINTH_HOT bool
in_order(const struct labyrinth_owner *owner, const struct in *in, uint32_t i, uint32_t first,
	uint32_t n)
{
	const struct lab_row *row = &owner->pool->row[lab_row_of(first)];
	uint32_t bits = lab_bits_from(first, n), singles;
	struct lab_pass_word pass;

	/* The last one tells at once for nearly all that do not. */
	if (index_at(in, i + n - 1) != first + n)
		return false;
	if (in->names.index != NULL)
		return lab_span_is32(first + 1, in->names.index + i, n);
	if (in->names.address != NULL)
		return lab_span_is_pages(in->pool->base + (size_t)first * LABYRINTH_PAGE_SIZE,
			in->names.address + i, n);
	/* relaxed: as in generation_fits() */
	pass = lab_pass_word(atomic_load_explicit(&row->pass, memory_order_relaxed));
	singles = atomic_load_explicit(&row->singles, memory_order_relaxed);
	return !owner->shared && (bits & (singles | ~(uint32_t)pass.used)) == 0 &&
		lab_span_is64((uint64_t)pass.epoch << 32 | (first + 1), in->names.page + i, n);
}

/* Entries from i on that lie in one row, in any order, each named once. */
static uint32_t
gather(const struct labyrinth_pool *pool, struct in in, uint32_t i, struct lab_run *run)
{
	uint32_t n = 0;

	for (run->bits = 0; i + n < in.n; n++) {
		uint32_t page = index_at(&in, i + n) - 1;

		if (page >= pool->pages || lab_row_of(page) != run->number || (run->bits & lab_bit_of(page)) != 0)
			break;
		run->bits |= lab_bit_of(page);
	}
	return n;
}

/* How many entries from i on go through a row in order, and are as they should be. */
LABYRINTH_HOT uint32_t
find_span(const struct labyrinth_owner *owner, const struct in *in, uint32_t i, uint32_t first)
{
	uint32_t n = LAB_ROW_PAGES - first % LAB_ROW_PAGES;

	if (i + 1 >= in->n || index_at(in, i + 1) != first + 2)
		return 0;
	n = n < in->n - i ? n : in->n - i;
	n = n < owner->pool->pages - first ? n : owner->pool->pages - first;
	return in_order(owner, in, i, first, n) ? n : 0;
}

static void
refuse(struct labyrinth_owner *owner, const struct in *in, uint32_t i,
	enum labyrinth_refusal why, struct refusals *refusals)
{
	lab_count_shared(&owner->side.refused[why], 1);
	LABYRINTH_PROBE4(refuse, owner->pool->name, owner->slot, why, index_at(in, i));
	lab_names_move(in->names, refusals->kept, i);
	if (refusals->why != NULL)
		refusals->why[refusals->kept] = why;
	refusals->kept++;
}

/* Each page by itself. */
static LABYRINTH_COLD void
free_singly(struct labyrinth_owner *owner, struct in in, uint32_t i, uint32_t end,
	struct refusals *refusals)
{
	for (; i < end; i++) {
		uint64_t generation = in.names.page != NULL ?
			labyrinth_page_generation(in.names.page[i]) : LAB_ANY_GENERATION;
		enum labyrinth_refusal why = lab_page_free(owner, index_at(&in, i) - 1,
			generation);

		if (labyrinth_unlikely(why != LABYRINTH_REFUSED_NONE))
			refuse(owner, &in, i, why, refusals);
	}
}

/* By their words: what came back alone before, and what another owner gave. */
LABYRINTH_HOT uint32_t
free_named(struct labyrinth_owner *owner, const struct in *in, uint32_t i)
{
	struct lab_names names = lab_names_from(in->names, i);
	uint32_t n = lab_magazine_free(owner, names, in->n - i);

	if (labyrinth_unlikely(n == 0)) {
		n = lab_handover_free(owner, names, in->n - i);
		if (n != 0)
			lab_held_note_freed(owner, lab_row_of(index_at(in, i) - 1), n);
	}
	return n;
}

/*
 * Free what begins at i by its row alone: a span, what a team's burst has in one row
 * (its members pay for a row, not for a page), or one page; or by words. Returns how many,
 * 0 when the first needs a closer look.
 */
LABYRINTH_HOT uint32_t
free_some(struct labyrinth_owner *owner, const struct in *in, uint32_t i, uint32_t first)
{
	struct lab_run run = { .number = lab_row_of(first) };
	uint32_t n = find_span(owner, in, i, first);

	if (n != 0) {
		run.bits = lab_bits_from(first, n);
		if (labyrinth_likely(lab_held_free(owner, run)))
			return n;
	}
	if (!owner->shared) {
		n = free_named(owner, in, i);
		if (n != 0)
			return n;
		return (in->names.page == NULL || generation_fits(owner, in->names.page[i])) &&
			lab_held_free_one(owner, &owner->pool->row[run.number], first);
	}
	if (n != 0 || in->names.page != NULL)
		return 0;
	n = gather(owner->pool, *in, i, &run);
	return lab_held_free(owner, run) ? n : 0;
}

/* Free what begins at i page by page: all that shares a row with it, in a team. */
static LABYRINTH_COLD uint32_t
free_closely(struct labyrinth_owner *owner, struct in in, uint32_t i, struct refusals *refusals)
{
	uint32_t first = index_at(&in, i) - 1, n = 1, kept = refusals->kept;

	while (i + n < in.n && lab_row_of(index_at(&in, i + n) - 1) == lab_row_of(first))
		n++;
	free_singly(owner, in, i, i + n, refusals);
	if (first < owner->pool->pages && refusals->kept - kept < n)
		lab_held_note_freed(owner, lab_row_of(first), n - (refusals->kept - kept));
	return n;
}

/* After a free into a row: pages do not stay in it when others want them, and no more stay
 * with the owner than may. */
LABYRINTH_HOT void
pass_on(struct labyrinth_owner *owner, uint32_t row)
{
	if (labyrinth_likely(!lab_pressure(owner->pool, row)))
		return;
	lab_magazine_spill(owner, 0);
	lab_held_yield(owner, row);
}

LABYRINTH_HOT void
bound_cache(struct labyrinth_owner *owner)
{
	if (labyrinth_unlikely(owner->cached > owner->cache_max))
		lab_held_trim(owner, lab_held_keep(owner));
}

LABYRINTH_HOT void
free_runs(struct labyrinth_owner *owner, const struct in *in, struct refusals *refusals)
{
	bool wipes = (owner->pool->flags & LAB_WIPE_FLAGS) != 0;
	uint32_t pages = owner->pool->pages, i = 0, n;

	while (i < in->n) {
		uint32_t first = index_at(in, i) - 1;

		n = labyrinth_unlikely(first >= pages || wipes) ? 0 :
			free_some(owner, in, i, first);
		if (labyrinth_unlikely(n == 0))
			n = free_closely(owner, *in, i, refusals);
		if (first < pages)
			pass_on(owner, lab_row_of(first));
		i += n;
	}
	bound_cache(owner);
}

/*
 * One page, by a member of a team: what a PMD does that frees its frames one by one. As
 * free_runs() goes, without the search for neighbours. False: nothing is changed.
 */
LABYRINTH_HOT bool
free_one_shared(struct labyrinth_owner *owner, uint32_t page)
{
	struct lab_run run = { .number = lab_row_of(page), .bits = lab_bit_of(page) };
	bool freed;

	if (page >= owner->pool->pages || (owner->pool->flags & LAB_WIPE_FLAGS) != 0 ||
			!lab_enter(owner))
		return false;
	freed = lab_held_free_shared(owner, run);
	if (labyrinth_likely(freed)) {
		pass_on(owner, run.number);
		bound_cache(owner);
		lab_count(&owner->main.released, 1);
	}
	lab_leave(owner);
	return freed;
}

LABYRINTH_COLD void
lab_free_entered(struct labyrinth_owner *owner, struct lab_names names, uint32_t n)
{
	struct refusals refusals = { .why = NULL };

	free_runs(owner, &(struct in){ owner->pool, names, n }, &refusals);
}

LABYRINTH_HOT uint32_t
release(struct labyrinth_owner *owner, const struct in *in, enum labyrinth_refusal *why)
{
	struct refusals refusals = { .why = why };

	if (labyrinth_likely(lab_enter(owner))) {
		free_runs(owner, in, &refusals);
		lab_count(&owner->main.released, in->n - refusals.kept);
		lab_leave(owner);
	} else {
		free_singly(owner, *in, 0, in->n, &refusals);
		lab_count_shared(&owner->side.released, in->n - refusals.kept);
	}
	return refusals.kept;
}

uint32_t
labyrinth_free_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why)
{
	struct in in = { owner->pool, { .page = page }, n };

	return release(owner, &in, why);
}

uint32_t
labyrinth_free_index_bulk(struct labyrinth_owner *owner, uint32_t *index, uint32_t n,
	enum labyrinth_refusal *why)
{
	struct in in = { owner->pool, { .index = index }, n };

	if (n == 1 && owner->shared && labyrinth_likely(free_one_shared(owner, *index - 1)))
		return 0;
	return release(owner, &in, why);
}

/* A pool without memory has no addresses. */
static LABYRINTH_COLD uint32_t
refuse_all(struct labyrinth_owner *owner, const struct in *in, enum labyrinth_refusal *why)
{
	struct refusals refusals = { .why = why };

	for (uint32_t i = 0; i < in->n; i++)
		refuse(owner, in, i, LABYRINTH_BAD_HANDLE, &refusals);
	return in->n;
}

uint32_t
labyrinth_free_address_bulk(struct labyrinth_owner *owner, void **address, uint32_t n,
	enum labyrinth_refusal *why)
{
	struct in in = { owner->pool, { .address = address }, n };

	return labyrinth_unlikely(owner->pool->base == NULL) ? refuse_all(owner, &in, why) :
		release(owner, &in, why);
}

enum labyrinth_refusal
labyrinth_free(struct labyrinth_owner *owner, labyrinth_page page)
{
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;

	labyrinth_free_bulk(owner, &page, 1, &why);
	return why;
}
