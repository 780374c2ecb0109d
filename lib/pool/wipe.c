/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "wipe.h"

#include <string.h>

static char *
address(const struct labyrinth_pool *pool, uint32_t page)
{
	return pool->base + (size_t)page * LABYRINTH_PAGE_SIZE;
}

void
lab_wipe_new(struct labyrinth_pool *pool, uint32_t page, uint32_t n)
{
	/* new memory is zero already */
	if ((pool->flags & LABYRINTH_POOL_POISON) != 0)
		memset(address(pool, page), LABYRINTH_POISON, (size_t)n * LABYRINTH_PAGE_SIZE);
}

void
lab_wipe_free(struct labyrinth_pool *pool, uint32_t page)
{
	if (labyrinth_likely((pool->flags & LAB_WIPE_FLAGS) == 0))
		return;
	memset(address(pool, page), (pool->flags & LABYRINTH_POOL_POISON) != 0 ?
		LABYRINTH_POISON : 0, LABYRINTH_PAGE_SIZE);
}

void
lab_wipe_check(struct labyrinth_pool *pool, uint32_t page)
{
	const char *bytes = address(pool, page);

	/* the first byte is right and each equals the one before it */
	if (bytes[0] != LABYRINTH_POISON ||
			memcmp(bytes, bytes + 1, LABYRINTH_PAGE_SIZE - 1) != 0)
		lab_count_shared(&pool->poison_broken, 1);
}
