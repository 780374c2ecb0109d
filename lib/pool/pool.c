/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "census.h"

/* Owners when the configuration does not say. */
#define OWNERS_DEFAULT 256u

static int
check_config(const struct labyrinth_pool_config *config, struct labyrinth_error *error)
{
	if (config->pages == 0 || config->pages > LABYRINTH_PAGES_MAX)
		return labyrinth_fail(error, -EINVAL, "%u pages: allowed are 1 to %u",
			config->pages, LABYRINTH_PAGES_MAX);
	if (config->owners > LABYRINTH_OWNERS_MAX)
		return labyrinth_fail(error, -EINVAL, "%u owners: allowed are 1 to %u",
			config->owners, LABYRINTH_OWNERS_MAX);
	if (config->backing > LABYRINTH_BACKING_PLAIN)
		return labyrinth_fail(error, -EINVAL, "backing %d is not known",
			(int)config->backing);
	if (config->cache != LABYRINTH_CACHE_NONE && config->cache > LABYRINTH_PAGES_MAX)
		return labyrinth_fail(error, -EINVAL,
			"a cache of %u pages: allowed are 1 to %u, 0 for the default",
			config->cache, LABYRINTH_PAGES_MAX);
	return 0;
}

static uint32_t
cache_of(const struct labyrinth_pool_config *config)
{
	if (config->cache == LABYRINTH_CACHE_NONE)
		return 0;
	return config->cache != 0 ? config->cache : LABYRINTH_CACHE_DEFAULT;
}

static size_t
line_up(size_t size)
{
	return (size + LABYRINTH_CACHE_LINE - 1) & ~(size_t)(LABYRINTH_CACHE_LINE - 1);
}

/* One mapping for all side arrays, on transparent hugepages where the kernel can. */
static int
map_side(struct labyrinth_pool *pool, struct labyrinth_error *error)
{
	size_t rows = line_up(pool->rows * sizeof(*pool->row));
	size_t words = line_up(pool->pages * sizeof(*pool->word));
	size_t bits = line_up(pool->hints * sizeof(*pool->hint));
	size_t owners = line_up((pool->owners + 1) * sizeof(*pool->owner));
	char *at;

	pool->side_size = (rows + words + 3 * bits + owners + LABYRINTH_EXTENT_SIZE - 1) &
		~(size_t)(LABYRINTH_EXTENT_SIZE - 1);
	pool->side = mmap(NULL, pool->side_size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pool->side == MAP_FAILED)
		return labyrinth_fail(error, -ENOMEM, "cannot map %zu KiB of side arrays: %s",
			pool->side_size >> 10, strerror(errno));
	/* advice only: without it there are more TLB misses and nothing else */
	madvise(pool->side, pool->side_size, MADV_HUGEPAGE);
	if (madvise(pool->side, pool->side_size, MADV_POPULATE_WRITE) != 0) {
		munmap(pool->side, pool->side_size);
		return labyrinth_fail(error, -ENOMEM,
			"cannot populate %zu KiB of side arrays: %s", pool->side_size >> 10,
			strerror(errno));
	}
	at = pool->side;
	pool->row = (void *)at;
	pool->word = (void *)(at += rows);
	pool->hint = (void *)(at += words);
	pool->freed = (void *)(at += bits);
	pool->ripe = (void *)(at += bits);
	pool->owner = (void *)(at + bits);
	return 0;
}

static void
fill_depot(struct labyrinth_pool *pool)
{
	for (uint32_t slot = 0; slot <= pool->owners; slot++) {
		pool->owner[slot].pool = pool;
		pool->owner[slot].slot = slot;
	}
	for (uint32_t number = 0; number < pool->rows; number++) {
		struct lab_row_word word = { .free = lab_row_mask(pool, number) };

		atomic_init(&pool->row[number].word, lab_row_raw(word));
		pool->hint[number / 64] |= UINT64_C(1) << (number % 64);
	}
	atomic_init(&pool->free, pool->pages);
	atomic_init(&pool->low_water, pool->pages);
}

static int
build(struct labyrinth_pool *pool, const struct labyrinth_pool_config *config,
	struct labyrinth_error *error)
{
	int ret;

	pool->pages = config->pages;
	pool->rows = (pool->pages + LAB_ROW_PAGES - 1) / LAB_ROW_PAGES;
	pool->hints = (pool->rows + 63) / 64;
	pool->owners = config->owners != 0 ? config->owners : OWNERS_DEFAULT;
	pool->cache_max = cache_of(config);
	pool->watermarks = config->watermarks;
	strncpy(pool->name, config->name != NULL ? config->name : "labyrinth",
		sizeof(pool->name) - 1);
	ret = lab_watermarks_init(&pool->watermarks, pool->pages, error);
	if (ret != 0)
		return ret;
	pool->floors = lab_floors(pool->watermarks.min);
	ret = lab_backing_map(&pool->backing, config->backing,
		(size_t)pool->pages * LABYRINTH_PAGE_SIZE, config->numa_node, error);
	if (ret != 0)
		return ret;
	pool->base = pool->backing.base;
	ret = map_side(pool, error);
	if (ret != 0)
		lab_backing_unmap(&pool->backing);
	return ret;
}

int
labyrinth_pool_create(const struct labyrinth_pool_config *config,
	struct labyrinth_pool **result, struct labyrinth_error *error)
{
	struct labyrinth_pool *pool;
	int ret;

	if (config == NULL || result == NULL)
		return labyrinth_fail(error, -EINVAL, "no configuration or no result given");
	ret = check_config(config, error);
	if (ret != 0)
		return ret;
	if (posix_memalign((void **)&pool, LABYRINTH_CACHE_LINE, sizeof(*pool)) != 0)
		return labyrinth_fail(error, -ENOMEM, "no memory for the pool");
	memset(pool, 0, sizeof(*pool));
	ret = build(pool, config, error);
	if (ret != 0) {
		free(pool);
		return ret;
	}
	fill_depot(pool);
	*result = pool;
	return 0;
}

/* Which owner holds most, so that the message names somebody to ask. */
static int
refuse_destroy(const struct labyrinth_pool *pool, uint32_t out, struct labyrinth_error *error)
{
	uint32_t most = 0, who = 0;

	for (uint32_t slot = 1; slot <= pool->owners; slot++) {
		uint32_t count = lab_team_of(pool, slot) == 0 ? 0 :
			lab_census_owned(pool, slot);

		if (count > most) {
			most = count;
			who = slot;
		}
	}
	return labyrinth_fail(error, -EBUSY,
		"pool %s: %u pages are out, %u of them with owner %s (slot %u): free them first",
		pool->name, out, most, pool->owner[who].name, who);
}

int
labyrinth_pool_destroy(struct labyrinth_pool *pool, struct labyrinth_error *error)
{
	struct lab_census census;
	uint32_t out;

	if (pool == NULL)
		return 0;
	census = lab_census_take(pool);
	out = census.pages[LAB_STATUS_OWNED] + census.pages[LAB_STATUS_OFFERED];
	if (out != 0)
		return refuse_destroy(pool, out, error);
	for (uint32_t slot = 1; slot <= pool->owners; slot++) {
		free(pool->owner[slot].held);
		free(pool->owner[slot].stock);
		free(pool->owner[slot].recent);
	}
	munmap(pool->side, pool->side_size);
	lab_backing_unmap(&pool->backing);
	free(pool);
	return 0;
}

void *
labyrinth_page_address(const struct labyrinth_pool *pool, labyrinth_page page)
{
	uint32_t index = labyrinth_page_index(page);

	if (index == 0 || index > pool->pages)
		return NULL;
	return pool->base + (size_t)(index - 1) * LABYRINTH_PAGE_SIZE;
}

void *
labyrinth_pool_base(const struct labyrinth_pool *pool)
{
	return pool->base;
}
