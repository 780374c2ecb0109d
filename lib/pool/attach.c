/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>

#include "pool_private.h"

/* "labypool" */
#define MAGIC UINT64_C(0x6c6f6f707962616c)

/* Of all that makes two builds lay a pool out differently, mixed (FNV-1a, by words). */
static uint32_t
layout_here(void)
{
	const size_t sizes[] = {
		sizeof(struct labyrinth_pool), sizeof(struct labyrinth_owner),
		sizeof(struct lab_row), sizeof(struct lab_depot), sizeof(pthread_mutex_t),
		offsetof(struct labyrinth_owner, life), offsetof(struct labyrinth_owner, keeps),
		offsetof(struct labyrinth_owner, main), offsetof(struct labyrinth_pool, depot),
		LAB_ROW_PAGES, LAB_MAGAZINE, LAB_LOOSE, LABYRINTH_OWNERS_MAX,
	};
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		hash = (hash ^ (uint32_t)sizes[i]) * UINT32_C(16777619);
	return hash;
}

void
lab_seal_set(struct lab_seal *seal)
{
	seal->version = LABYRINTH_POOL_VERSION;
	seal->layout = layout_here();
	seal->at = (uintptr_t)seal;
	/* release: who sees the seal sees the pool complete */
	__atomic_store_n(&seal->magic, MAGIC, __ATOMIC_RELEASE);
}

void
lab_seal_break(struct lab_seal *seal)
{
	__atomic_store_n(&seal->magic, 0, __ATOMIC_RELEASE);
}

static int
check(const struct lab_seal *seal, size_t size, struct labyrinth_error *error)
{
	/* acquire: pairs with lab_seal_set() */
	if (__atomic_load_n(&seal->magic, __ATOMIC_ACQUIRE) != MAGIC)
		return labyrinth_fail(error, -ENOENT,
			"there is no pool at %p: it is to be made first, by another process",
			(const void *)seal);
	if (seal->version != LABYRINTH_POOL_VERSION || seal->layout != layout_here())
		return labyrinth_fail(error, -EPROTO,
			"the pool was made by version %" PRIu32 " (layout %08" PRIx32 "), this is "
			"version %u (layout %08" PRIx32 "): run the same build in all processes",
			seal->version, seal->layout, LABYRINTH_POOL_VERSION, layout_here());
	if (seal->at != (uintptr_t)seal)
		return labyrinth_fail(error, -EINVAL,
			"the pool was made at %#" PRIxPTR " and is mapped at %p here: map it where "
			"it was made", seal->at, (const void *)seal);
	if (size < seal->size)
		return labyrinth_fail(error, -EINVAL,
			"%zu bytes are mapped of the %zu that the pool has: map all", size,
			seal->size);
	return 0;
}

int
labyrinth_pool_attach(void *side, size_t side_size, struct labyrinth_pool **pool,
	struct labyrinth_error *error)
{
	int ret;

	if (side == NULL || pool == NULL || side_size < sizeof(struct labyrinth_pool) ||
			(uintptr_t)side % LABYRINTH_CACHE_LINE != 0)
		return labyrinth_fail(error, -EINVAL,
			"%zu bytes at %p hold no pool: give the memory in which it was made",
			side_size, side);
	ret = check(side, side_size, error);
	if (ret == 0)
		*pool = side;
	return ret;
}
