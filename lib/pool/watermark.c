/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "watermark.h"

#include <errno.h>

static uint32_t
isqrt(uint64_t value)
{
	uint64_t low = 0, high = UINT32_MAX;

	while (low < high) {
		uint64_t mid = (low + high + 1) / 2;

		if (mid * mid <= value)
			low = mid;
		else
			high = mid - 1;
	}
	return (uint32_t)low;
}

/*
 * Linux keeps min_free_kbytes = 4 * sqrt(kilobytes): with 4 KiB pages that is
 * 2 * sqrt(pages) pages. A tiny pool keeps no more than a quarter.
 */
static uint32_t
default_min(uint32_t pages)
{
	uint32_t min = 2 * isqrt(pages);

	return min < pages / 4 ? min : pages / 4;
}

static uint32_t
step(uint32_t min, uint32_t pages)
{
	uint32_t scaled = pages / 1000;

	return min / 4 > scaled ? min / 4 : scaled;
}

static uint32_t
add_capped(uint32_t value, uint32_t more, uint32_t cap)
{
	return more > cap - value ? cap : value + more;
}

int
lab_watermarks_init(struct labyrinth_watermarks *wm, uint32_t pages,
	struct labyrinth_error *error)
{
	if (wm->min == LABYRINTH_NO_RESERVE)
		wm->min = 0;
	else if (wm->min == 0)
		wm->min = default_min(pages);
	if (wm->min > pages)
		return labyrinth_fail(error, -EINVAL,
			"watermark min %u exceeds the %u pages of the pool", wm->min, pages);
	if (wm->low == 0)
		wm->low = add_capped(wm->min, step(wm->min, pages), pages);
	if (wm->low < wm->min || wm->low > pages)
		return labyrinth_fail(error, -EINVAL,
			"watermark low %u: allowed are min %u to %u", wm->low, wm->min, pages);
	if (wm->high == 0)
		wm->high = add_capped(wm->low, step(wm->min, pages), pages);
	if (wm->high < wm->low || wm->high > pages)
		return labyrinth_fail(error, -EINVAL,
			"watermark high %u: allowed are low %u to %u", wm->high, wm->low,
			pages);
	return 0;
}

struct lab_floors
lab_floors(uint32_t min)
{
	struct lab_floors floors;
	/* Linux: min -= min / 2 for __GFP_HIGH, and a further quarter for who cannot
	 * block, nested: 3/8 of min, rounded as there. */
	uint32_t atomic = min - min / 2;

	atomic -= atomic / 4;
	floors.floor[LABYRINTH_GFP_NOWAIT] = min;
	floors.floor[LABYRINTH_GFP_KERNEL] = min;
	floors.floor[LABYRINTH_GFP_ATOMIC] = atomic;
	floors.floor[LABYRINTH_GFP_RESCUE] = 0;
	return floors;
}
