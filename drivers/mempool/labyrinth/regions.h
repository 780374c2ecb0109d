/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_REGIONS_H
#define LAB_REGIONS_H

/**
 * @file
 * From the address of an object to its number. A region is memory in which that is
 * arithmetic: a chunk, or several that lie one behind the other, as those of a mempool
 * do whose memory DPDK reserved at once, although a device sees it in pieces.
 *
 * One thread adds; any number look up at the same time, lock-free: they see all regions
 * or those that were there before.
 */

#include <stddef.h>
#include <stdint.h>

#include "labyrinth_base.h"
#include "layout.h"

struct lab_region {
	uintptr_t origin;     /**< address that the first object has without its colour */
	uintptr_t end;        /**< behind the last object's page, or place */
	uint64_t reciprocal;  /**< 2^64 / bytes from page to page, or object to object */
	uint64_t slot;        /**< 2^64 / stride, of pages that hold several objects */
	uint32_t per_page;    /**< 1 when there are no pages */
	uint32_t first;       /**< number of its first object */
};

/** Regions by address. */
struct lab_regions {
	struct lab_regions *old; /**< the list before, which a reader may still look at */
	uint32_t count;
	struct lab_region at[];
};

/** Bytes of a list of @p count regions. */
static inline size_t
lab_regions_size(uint32_t count)
{
	return sizeof(struct lab_regions) + count * sizeof(struct lab_region);
}

/** The region of @p objects objects (numbers from @p first) that lie at @p start. */
struct lab_region
lab_region_of(const struct lab_layout *layout, uintptr_t start, uint32_t first,
	uint32_t objects);

/**
 * Make @p list, which has room for one more, @p old with @p region. @p old (may be NULL)
 * stays as it is, at list->old.
 */
void
lab_regions_add(struct lab_regions *list, struct lab_regions *old,
	const struct lab_region *region);

/* The high half of the product: a division, when b is a reciprocal. */
LABYRINTH_HOT uint64_t
lab_high_product(uint64_t a, uint64_t b)
{
	return (uint64_t)(((unsigned __int128)a * b) >> 64);
}

/** Number of the object at @p address of the region; of another address, any number. */
LABYRINTH_HOT uint32_t
lab_region_number(const struct lab_region *region, uintptr_t address)
{
	uint64_t offset = address - region->origin;
	uint64_t page = lab_high_product(offset, region->reciprocal);

	if (labyrinth_likely(region->per_page == 1))
		return region->first + (uint32_t)page;
	return region->first + (uint32_t)page * region->per_page +
		(uint32_t)lab_high_product(offset % LAB_LAYOUT_PAGE, region->slot);
}

/** The one of several regions that @p address may lie in. */
const struct lab_region *
lab_regions_find(const struct lab_regions *list, uintptr_t address);

/** Number of the object at @p address; of another address, 0 or any number. */
LABYRINTH_HOT uint32_t
lab_regions_number(const struct lab_regions *list, uintptr_t address)
{
	const struct lab_region *region = list->at;

	if (labyrinth_unlikely(list->count != 1))
		region = lab_regions_find(list, address);
	if (labyrinth_unlikely(address < region->origin || address >= region->end))
		return 0;
	return lab_region_number(region, address);
}

#endif /* LAB_REGIONS_H */
