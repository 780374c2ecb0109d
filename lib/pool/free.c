/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "call.h"
#include "held.h"
#include "page.h"
#include "span.h"
#include "wipe.h"

/* Pages to be freed as the two kinds of calls name them; refused ones go to keep. */
struct in {
	labyrinth_page *page;
	uint32_t *index;
	uint32_t n;
};

struct refusals {
	enum labyrinth_refusal *why;
	uint32_t kept;
};

static uint32_t
index_at(const struct in *in, uint32_t i)
{
	return in->page != NULL ? labyrinth_page_index(in->page[i]) : in->index[i];
}

/*
 * Is each page's word the bare generation of its handle? Then the row speaks for it
 * (or its lent bit says that it does not). In a team another member could free and
 * take the page between this look and the free, so there handles go one by one.
 */
static bool
generation_fits(const struct labyrinth_owner *owner, labyrinth_page page)
{
	/* relaxed: words of pages that are ours are written by us alone; those of
	 * others' pages are looked at again, in order, by lab_page_free() */
	return !owner->shared && labyrinth_page_generation(page) ==
		(uint32_t)atomic_load_explicit(
			&owner->pool->word[labyrinth_page_index(page) - 1],
			memory_order_relaxed);
}

/* The rest of the row of page first, if the entries from i on go through it in order. */
static uint32_t
find_span(const struct labyrinth_owner *owner, const struct in *in, uint32_t i, uint32_t first)
{
	uint32_t n = LAB_ROW_PAGES - first % LAB_ROW_PAGES;

	n = n < in->n - i ? n : in->n - i;
	n = n < owner->pool->pages - first ? n : owner->pool->pages - first;
	if (in->page == NULL)
		return lab_span_ascends(first, in->index + i, n) ? n : 0;
	if (owner->shared)
		return 0;
	return lab_span_matches(&owner->pool->word[first], first, in->page + i, n) ? n : 0;
}

/*
 * The run at i: pages of one row, each named once, that their row speaks for. Returns
 * its length, 0 when the first page has to be looked at by itself.
 */
static uint32_t
find_run(const struct labyrinth_owner *owner, const struct in *in, uint32_t i, struct lab_run *run)
{
	uint32_t first = index_at(in, i) - 1, length;

	run->number = 0;
	if (first >= owner->pool->pages)
		return 0;
	run->number = lab_row_of(first);
	if (i + 1 < in->n && index_at(in, i + 1) == first + 2) {
		length = find_span(owner, in, i, first);
		if (length != 0) {
			run->bits = (uint32_t)((UINT64_C(1) << length) - 1) <<
				first % LAB_ROW_PAGES;
			return length;
		}
	}
	run->bits = 0;
	for (length = 0; i + length < in->n; length++) {
		uint32_t page = index_at(in, i + length) - 1;

		if (lab_row_of(page) != run->number || (run->bits & lab_bit_of(page)) != 0)
			break;
		if (in->page != NULL && !generation_fits(owner, in->page[i + length]))
			break;
		run->bits |= lab_bit_of(page);
	}
	return length;
}

static void
refuse(struct labyrinth_owner *owner, const struct in *in, uint32_t i,
	enum labyrinth_refusal why, struct refusals *refusals)
{
	lab_count_shared(&owner->side.refused[why], 1);
	if (in->page != NULL)
		in->page[refusals->kept] = in->page[i];
	else
		in->index[refusals->kept] = in->index[i];
	if (refusals->why != NULL)
		refusals->why[refusals->kept] = why;
	refusals->kept++;
}

/* Each page by itself. */
static void
free_singly(struct labyrinth_owner *owner, const struct in *in, uint32_t i, uint32_t end,
	struct refusals *refusals)
{
	for (; i < end; i++) {
		uint64_t generation = in->page != NULL ?
			labyrinth_page_generation(in->page[i]) : LAB_ANY_GENERATION;
		enum labyrinth_refusal why = lab_page_free(owner, index_at(in, i) - 1,
			generation);

		if (labyrinth_unlikely(why != LABYRINTH_REFUSED_NONE))
			refuse(owner, in, i, why, refusals);
	}
}

static void
free_runs(struct labyrinth_owner *owner, const struct in *in, struct refusals *refusals)
{
	bool wipes = (owner->pool->flags & LAB_WIPE_FLAGS) != 0;
	uint32_t i = 0;

	while (i < in->n) {
		struct lab_run run;
		uint32_t length = find_run(owner, in, i, &run);

		if (labyrinth_unlikely(length == 0 || wipes || !lab_held_free(owner, run))) {
			length = length != 0 ? length : 1;
			free_singly(owner, in, i, i + length, refusals);
		}
		if (labyrinth_unlikely(lab_pressure(owner->pool)))
			lab_held_yield(owner, run.number);
		i += length;
	}
}

static uint32_t
release(struct labyrinth_owner *owner, const struct in *in, enum labyrinth_refusal *why)
{
	struct refusals refusals = { .why = why };

	if (labyrinth_likely(lab_enter(owner))) {
		free_runs(owner, in, &refusals);
		lab_count(&owner->main.released, in->n - refusals.kept);
		lab_leave(owner);
	} else {
		free_singly(owner, in, 0, in->n, &refusals);
		lab_count_shared(&owner->side.released, in->n - refusals.kept);
	}
	return refusals.kept;
}

uint32_t
labyrinth_free_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why)
{
	struct in in = { .page = page, .n = n };

	return release(owner, &in, why);
}

uint32_t
labyrinth_free_index_bulk(struct labyrinth_owner *owner, uint32_t *index, uint32_t n,
	enum labyrinth_refusal *why)
{
	struct in in = { .index = index, .n = n };

	return release(owner, &in, why);
}

enum labyrinth_refusal
labyrinth_free(struct labyrinth_owner *owner, labyrinth_page page)
{
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;

	labyrinth_free_bulk(owner, &page, 1, &why);
	return why;
}
