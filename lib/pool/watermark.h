/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_WATERMARK_H
#define LAB_WATERMARK_H

/**
 * @file
 * How deep each class may dip into the reserve: the rules of Linux' page allocator
 * (mm/page_alloc.c, __zone_watermark_ok() and init_per_zone_wmark_min(), v6.3 and
 * later), in pages. Pure functions.
 */

#include "labyrinth_pool.h"

/** Floors by class: an allocation must leave at least so many pages free. */
struct lab_floors {
	uint32_t floor[LABYRINTH_GFP_CLASSES];
};

/**
 * Complete watermarks: the default rule for min, low and high from min.
 *
 * @return 0; -EINVAL not 0 <= min <= low <= high <= pages
 */
int
lab_watermarks_init(struct labyrinth_watermarks *wm, uint32_t pages,
	struct labyrinth_error *error);

/** Floors that follow from @p min. */
struct lab_floors
lab_floors(uint32_t min);

#endif /* LAB_WATERMARK_H */
