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

/** Times are kept in 64 ticks, for years to fit in 55 bits. */
#define LAB_BELOW_SHIFT 6

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

/** A watermark by name. */
static inline uint32_t
lab_mark(const struct labyrinth_watermarks *wm, uint32_t mark)
{
	return mark == LABYRINTH_MARK_MIN ? wm->min :
		mark == LABYRINTH_MARK_LOW ? wm->low : wm->high;
}

/*
 * The time below a mark as a sum: each fall subtracts the time of day, each rise adds it.
 * In the low byte is how many falls more than rises there were (0 or 1, when nobody is
 * between changing the counter and noting it), so that one addition changes both.
 */

/** What a fall adds at @p ticks. */
static inline uint64_t
lab_below_fall(uint64_t ticks)
{
	return 1 - (ticks >> LAB_BELOW_SHIFT << 8);
}

/** What a rise adds at @p ticks. */
static inline uint64_t
lab_below_rise(uint64_t ticks)
{
	return (ticks >> LAB_BELOW_SHIFT << 8) - 1;
}

/** Falls that no rise followed. */
static inline int
lab_below_open(uint64_t word)
{
	return (int8_t)(uint8_t)word;
}

/** Ticks below the mark until @p ticks. */
static inline uint64_t
lab_below_ticks(uint64_t word, uint64_t ticks)
{
	int64_t open = lab_below_open(word);
	int64_t sum = (int64_t)(word - (uint64_t)open) / 256 +
		open * (int64_t)(ticks >> LAB_BELOW_SHIFT);

	return sum <= 0 ? 0 : (uint64_t)sum << LAB_BELOW_SHIFT;
}

#endif /* LAB_WATERMARK_H */
