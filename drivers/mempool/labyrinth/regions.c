/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "regions.h"

#include <string.h>

/*
 * 2^64 / n, rounded up: with it the high half of the product is the quotient, exactly,
 * of all multiples of n, and of all that is below 2^64 / n (Granlund and Montgomery, PLDI
 * 1994). Dense objects lie at multiples, and the others are looked for within a page.
 */
static uint64_t
reciprocal_of(uint64_t n)
{
	return n == 1 ? UINT64_MAX : UINT64_MAX / n + 1;
}

struct lab_region
lab_region_of(const struct lab_layout *layout, uintptr_t start, uint32_t first,
	uint32_t objects)
{
	uint32_t per_page = layout->per_page != 0 ? layout->per_page : 1;
	size_t unit = layout->per_page != 0 ? LAB_LAYOUT_PAGE : layout->stride;
	uint32_t units = (objects + per_page - 1) / per_page;

	return (struct lab_region){
		.origin = start + layout->header,
		.end = start + layout->header + units * unit,
		.reciprocal = reciprocal_of(unit),
		.slot = reciprocal_of(layout->stride),
		.per_page = per_page,
		.first = first,
	};
}

/* Does b go on where a ends, in addresses and in numbers? */
static bool
continues(const struct lab_region *a, const struct lab_region *b)
{
	return a->end == b->origin && a->reciprocal == b->reciprocal &&
		a->per_page == b->per_page && lab_region_number(a, b->origin) == b->first;
}

void
lab_regions_add(struct lab_regions *list, struct lab_regions *old,
	const struct lab_region *region)
{
	uint32_t count = old != NULL ? old->count : 0, at = 0;

	while (at < count && old->at[at].origin < region->origin)
		at++;
	if (at > 0)
		memcpy(list->at, old->at, at * sizeof(*old->at));
	if (at > 0 && continues(&list->at[at - 1], region)) {
		list->at[at - 1].end = region->end;
		list->count = count;
	} else {
		list->at[at] = *region;
		list->count = count + 1;
	}
	if (count > at)
		memcpy(&list->at[list->count - (count - at)], &old->at[at],
			(count - at) * sizeof(*old->at));
	list->old = old;
}

/* Of an empty list too there is one to look at. */
const struct lab_region *
lab_regions_find(const struct lab_regions *list, uintptr_t address)
{
	uint32_t low = 0, high = list->count;

	/* the last one that begins at or before the address */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (list->at[middle].origin <= address)
			low = middle;
		else
			high = middle;
	}
	return &list->at[low];
}
