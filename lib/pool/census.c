/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "census.h"

#include <errno.h>
#include <string.h>

#include "labyrinth_clock.h"
#include "owner.h"

struct lab_census
lab_census_take(const struct labyrinth_pool *pool)
{
	struct lab_census census = { { 0 } };
	uint32_t owner;

	for (uint32_t page = 0; page < pool->pages; page++)
		census.pages[lab_page_status(pool, page, &owner)]++;
	return census;
}

uint32_t
lab_census_owned(const struct labyrinth_pool *pool, uint32_t slot)
{
	uint32_t count = 0, owner;

	for (uint32_t page = 0; page < pool->pages; page++) {
		lab_page_status(pool, page, &owner);
		count += owner == slot;
	}
	return count;
}

/* ---- counters ---- */

static uint64_t
value(const _Atomic uint64_t *counter)
{
	/* relaxed: a statistic, a little behind its writer */
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
add_counters(struct labyrinth_pool_stats *stats, const struct lab_counters *counters)
{
	stats->alloc += value(&counters->alloc);
	stats->released += value(&counters->released);
	stats->transferred += value(&counters->transferred);
	stats->reclaimed += value(&counters->reclaimed);
	stats->waive += value(&counters->waive);
	for (unsigned int i = 0; i < LABYRINTH_GFP_CLASSES; i++)
		stats->alloc_fail[i] += value(&counters->alloc_fail[i]);
	for (unsigned int i = 0; i < LABYRINTH_REFUSAL_KINDS; i++)
		stats->refused[i] += value(&counters->refused[i]);
}

/* Of the depot that was below the mark for longest. */
static void
add_below(struct labyrinth_pool_stats *stats, const struct lab_depot *depot)
{
	uint64_t now = labyrinth_clock_ticks();

	for (uint32_t i = 0; i < LABYRINTH_MARKS; i++) {
		uint64_t ticks = lab_below_ticks(value(&depot->below[i].word), now);
		uint64_t falls = value(&depot->below[i].falls);

		if (ticks < stats->below_ticks[i])
			continue;
		stats->below_ticks[i] = ticks;
		stats->falls[i] = falls;
	}
}

void
labyrinth_pool_stats(const struct labyrinth_pool *pool, struct labyrinth_pool_stats *stats)
{
	struct lab_census census = lab_census_take(pool);

	memset(stats, 0, sizeof(*stats));
	memcpy(stats->name, pool->name, sizeof(stats->name));
	stats->backing = lab_backing_name(pool->backing.kind);
	stats->page_size = LABYRINTH_PAGE_SIZE;
	stats->pages = pool->pages;
	stats->free = census.pages[LAB_STATUS_FREE];
	stats->cached = census.pages[LAB_STATUS_CACHED];
	stats->owned = census.pages[LAB_STATUS_OWNED];
	stats->offered = census.pages[LAB_STATUS_OFFERED];
	stats->offline = census.pages[LAB_STATUS_OFFLINE];
	for (uint32_t n = 0; n < pool->nodes; n++) {
		stats->low_water += atomic_load_explicit(&pool->depot[n].low_water,
			memory_order_relaxed);
		add_below(stats, &pool->depot[n]);
	}
	stats->watermarks = pool->watermarks;
	stats->poison_broken = value(&pool->poison_broken);
	stats->grows = value(&pool->grows);
	stats->shrinks = value(&pool->shrinks);
	for (uint32_t slot = 0; slot <= pool->owners; slot++) {
		add_counters(stats, &pool->owner[slot].main);
		add_counters(stats, &pool->owner[slot].side);
	}
}

/* ---- owners ---- */

static void
owner_counters(struct labyrinth_owner_stats *stats, const struct lab_counters *counters)
{
	stats->alloc += value(&counters->alloc);
	stats->released += value(&counters->released);
	for (unsigned int i = 0; i < LABYRINTH_GFP_CLASSES; i++)
		stats->alloc_fail += value(&counters->alloc_fail[i]);
	for (unsigned int i = 0; i < LABYRINTH_REFUSAL_KINDS; i++)
		stats->refused += value(&counters->refused[i]);
}

/* Who holds a page, be it in use or cached, and that it is so. */
static void
count_holder(const struct labyrinth_pool *pool, uint32_t page,
	struct labyrinth_owner_stats *const *by_slot)
{
	struct lab_row_word row = lab_row_load(&pool->row[lab_row_of(page)]);
	uint32_t owner;
	enum lab_page_status status = lab_page_status(pool, page, &owner);

	if (status == LAB_STATUS_CACHED && row.state == LAB_ROW_HELD)
		owner = (uint32_t)row.holder;
	owner = lab_owner_answering(pool, owner);
	if (owner == 0 || owner > LABYRINTH_OWNERS_MAX || by_slot[owner] == NULL)
		return;
	by_slot[owner]->owned += status == LAB_STATUS_OWNED;
	by_slot[owner]->offered += status == LAB_STATUS_OFFERED;
	by_slot[owner]->cached += status == LAB_STATUS_CACHED;
}

uint32_t
labyrinth_pool_owners(
	const struct labyrinth_pool *pool, struct labyrinth_owner_stats *stats, uint32_t n)
{
	struct labyrinth_owner_stats *by_slot[LABYRINTH_OWNERS_MAX + 1] = { NULL };
	uint32_t count = 0;

	for (uint32_t slot = 1; slot <= pool->owners; slot++) {
		const struct labyrinth_owner *owner = &pool->owner[slot];

		if (lab_team_of(pool, slot) == 0 || count++ >= n)
			continue;
		by_slot[slot] = &stats[count - 1];
		memset(by_slot[slot], 0, sizeof(*stats));
		memcpy(by_slot[slot]->name, owner->name, sizeof(owner->name));
		by_slot[slot]->slot = slot;
		owner_counters(by_slot[slot], &owner->main);
		owner_counters(by_slot[slot], &owner->side);
	}
	for (uint32_t page = 0; page < pool->pages && n != 0; page++)
		count_holder(pool, page, by_slot);
	return count;
}

/* ---- validation ---- */

/* Row by row: masks apart, no bit beyond the last page, holders that exist. */
static int
validate_row(const struct labyrinth_pool *pool, uint32_t number, struct labyrinth_error *error)
{
	const struct lab_row *row = &pool->row[number];
	struct lab_row_word word = lab_row_load(row);
	uint32_t mine = atomic_load_explicit(&row->mine, memory_order_relaxed);
	uint32_t free = (uint32_t)word.free;

	if (((free | mine) & ~lab_row_mask(pool, number)) != 0)
		return labyrinth_fail(error, -EUCLEAN, "row %u: free pages beyond the last",
			number);
	if ((free & mine) != 0)
		return labyrinth_fail(error, -EUCLEAN,
			"row %u: pages %#x free twice", number, free & mine);
	if (word.state != LAB_ROW_HELD && mine != 0)
		return labyrinth_fail(error, -EUCLEAN,
			"row %u: nobody holds it but pages %#x are cached", number, mine);
	if (word.state == LAB_ROW_TAKING)
		return labyrinth_fail(error, -EUCLEAN, "row %u: a take is under way", number);
	if (word.state == LAB_ROW_HELD && lab_team_of(pool, word.holder) == 0)
		return labyrinth_fail(error, -EUCLEAN, "row %u: held by unused slot %u",
			number, (uint32_t)word.holder);
	return 0;
}

/* Page by page: none lost, none named by a slot that is not used, hints that cover. */
static int
validate_page(const struct labyrinth_pool *pool, uint32_t page, struct labyrinth_error *error)
{
	const struct lab_row *row = &pool->row[lab_row_of(page)];
	uint32_t owner, lent = atomic_load_explicit(&row->lent, memory_order_relaxed);
	enum lab_page_status status = lab_page_status(pool, page, &owner);
	struct lab_page_word named = lab_word_load(pool, page);

	if (status == LAB_STATUS_LIMBO)
		return labyrinth_fail(error, -EUCLEAN, "page %u: lost", page + 1);
	if (owner != 0 && !lab_owner_may_own(pool, owner))
		return labyrinth_fail(error, -EUCLEAN, "page %u: owned by unused slot %u",
			page + 1, owner);
	if (lab_page_named(named) && (lent & lab_bit_of(page)) == 0)
		return labyrinth_fail(error, -EUCLEAN,
			"page %u: named by its word without a lent bit", page + 1);
	if (lab_page_named(named) && owner == 0)
		return labyrinth_fail(error, -EUCLEAN,
			"page %u: free but named by its word", page + 1);
	return 0;
}

static int
validate_counter(const struct labyrinth_pool *pool, const struct lab_depot *depot,
	struct labyrinth_error *error)
{
	uint32_t counter = (uint32_t)atomic_load_explicit(&depot->free, memory_order_acquire);
	uint32_t free = 0;

	for (uint32_t row = depot->first; row < depot->first + depot->rows; row++) {
		struct lab_row_word word = lab_row_load(&pool->row[row]);

		if (lab_row_counted(word))
			free += (uint32_t)__builtin_popcount((uint32_t)word.free);
	}
	if (counter != free)
		return labyrinth_fail(error, -EUCLEAN,
			"the depot of node %d counts %u free pages, its rows have %u",
			depot->node, counter, free);
	return 0;
}

static int
validate_hint(const struct labyrinth_pool *pool, uint32_t number, struct labyrinth_error *error)
{
	struct lab_row_word word = lab_row_load(&pool->row[number]);
	uint64_t hints = atomic_load_explicit(&pool->hint[number / 64], memory_order_acquire);

	if (lab_row_counted(word) && word.free != 0 &&
			(hints & UINT64_C(1) << (number % 64)) == 0)
		return labyrinth_fail(error, -EUCLEAN, "row %u: has stock but no hint", number);
	return 0;
}

int
labyrinth_pool_validate(const struct labyrinth_pool *pool, struct labyrinth_error *error)
{
	int ret = 0;

	for (uint32_t row = 0; row < pool->rows && ret == 0; row++) {
		ret = validate_row(pool, row, error);
		if (ret == 0)
			ret = validate_hint(pool, row, error);
	}
	for (uint32_t page = 0; page < pool->pages && ret == 0; page++)
		ret = validate_page(pool, page, error);
	for (uint32_t n = 0; n < pool->nodes && ret == 0; n++)
		ret = validate_counter(pool, &pool->depot[n], error);
	return ret;
}
