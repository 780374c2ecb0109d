/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <numa.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

#include "census.h"
#include "node.h"
#include "owner.h"
#include "wipe.h"

#define POOL_FLAGS (LABYRINTH_POOL_SHARED | LABYRINTH_POOL_LOW | LAB_WIPE_FLAGS)
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
	if ((config->flags & ~(uint32_t)POOL_FLAGS) != 0 ||
			(config->flags & LAB_WIPE_FLAGS) == LAB_WIPE_FLAGS)
		return labyrinth_fail(error, -EINVAL,
			"flags %#x are not known, or exclude each other", config->flags);
	if (config->nodes > LABYRINTH_NODES_MAX)
		return labyrinth_fail(error, -EINVAL, "%u NUMA nodes: allowed are 1 to %u",
			config->nodes, LABYRINTH_NODES_MAX);
	if (config->nodes > 1 && config->backing == LABYRINTH_BACKING_HUGE_1G)
		return labyrinth_fail(error, -EINVAL,
			"several NUMA nodes share no 1 GiB page: use 2 MiB, or a pool a node");
	if (config->backing > LABYRINTH_BACKING_LENT)
		return labyrinth_fail(error, -EINVAL, "backing %d is not known",
			(int)config->backing);
	if (config->cache != LABYRINTH_CACHE_NONE && config->cache > LABYRINTH_PAGES_MAX)
		return labyrinth_fail(error, -EINVAL,
			"a cache of %u pages: allowed are 1 to %u, 0 for the default",
			config->cache, LABYRINTH_PAGES_MAX);
	return 0;
}

/* Without memory there is nothing to grow, to place or to wipe. */
static int
check_memoryless(const struct labyrinth_pool_config *config, struct labyrinth_error *error)
{
	if (config->backing != LABYRINTH_BACKING_NONE)
		return 0;
	if (config->nodes > 1 || (config->flags & LAB_WIPE_FLAGS) != 0 ||
			config->pages_max > config->pages)
		return labyrinth_fail(error, -EINVAL,
			"a pool without memory has one node, does not grow and wipes nothing: "
			"leave nodes, pages_max and these flags 0");
	return 0;
}

static int
check_lent(const struct labyrinth_pool_config *config, struct labyrinth_error *error)
{
	size_t size = (size_t)config->pages * LABYRINTH_PAGE_SIZE;

	if ((config->backing == LABYRINTH_BACKING_LENT) != (config->memory != NULL))
		return labyrinth_fail(error, -EINVAL,
			"memory for the pages goes with LABYRINTH_BACKING_LENT, and only with it");
	if (config->memory == NULL)
		return 0;
	if (config->memory_size < size || (uintptr_t)config->memory % LABYRINTH_PAGE_SIZE != 0)
		return labyrinth_fail(error, -EINVAL,
			"%zu bytes at %p are no place for the pages: they need %zu, aligned to %u",
			config->memory_size, config->memory, size, LABYRINTH_PAGE_SIZE);
	if (config->nodes > 1 || config->pages_max > config->pages)
		return labyrinth_fail(error, -EINVAL,
			"a pool in lent memory has one node and does not grow: "
			"leave nodes and pages_max 0");
	return 0;
}

static int
check_growth(const struct labyrinth_pool_config *config, struct labyrinth_error *error)
{
	if (config->pages_max == 0 || config->pages_max == config->pages)
		return 0;
	if (config->nodes > 1)
		return labyrinth_fail(error, -EINVAL,
			"a pool of several NUMA nodes cannot grow: leave pages_max 0");
	if (config->pages_max < config->pages ||
			config->pages_max > LABYRINTH_PAGES_MAX - LABYRINTH_EXTENT_PAGES)
		return labyrinth_fail(error, -EINVAL, "at most %u pages: allowed are %u to %u",
			config->pages_max, config->pages,
			LABYRINTH_PAGES_MAX - LABYRINTH_EXTENT_PAGES);
	if ((config->flags & LABYRINTH_POOL_SHARED) != 0 ||
			config->backing == LABYRINTH_BACKING_HUGE_1G ||
			config->backing == LABYRINTH_BACKING_SECRET)
		return labyrinth_fail(error, -EINVAL,
			"a pool of shared, 1 GiB or secret memory cannot grow: "
			"leave pages_max 0");
	return 0;
}

/* In whole rows, as that is how pages are cached. */
static uint32_t
cache_of(const struct labyrinth_pool_config *config)
{
	uint32_t cache = config->cache != 0 ? config->cache : LABYRINTH_CACHE_DEFAULT;

	if (config->cache == LABYRINTH_CACHE_NONE)
		return 0;
	return (cache + LAB_ROW_PAGES - 1) / LAB_ROW_PAGES * LAB_ROW_PAGES;
}

static size_t
line_up(size_t size)
{
	return (size + LABYRINTH_CACHE_LINE - 1) & ~(size_t)(LABYRINTH_CACHE_LINE - 1);
}

static uint32_t
extents_up(uint32_t pages)
{
	return (pages + LABYRINTH_EXTENT_PAGES - 1) / LABYRINTH_EXTENT_PAGES *
		LABYRINTH_EXTENT_PAGES;
}

/* Each node's part fills whole words of the hint maps. */
static uint32_t
pages_of_nodes(uint32_t pages, uint32_t nodes)
{
	uint32_t unit = 64 * LAB_ROW_PAGES;

	return ((pages + nodes - 1) / nodes + unit - 1) / unit * unit * nodes;
}

/* What is known of a pool before it has memory. */
static void
init_numbers(struct labyrinth_pool *pool, const struct labyrinth_pool_config *config)
{
	pool->pages = pool->pages_min = config->pages;
	if (config->pages_max > config->pages) {
		pool->pages_min = extents_up(config->pages);
		pool->pages = extents_up(config->pages_max);
	}
	pool->nodes = config->nodes != 0 ? config->nodes : 1;
	for (uint32_t n = 0; n < pool->nodes; n++)
		pool->node[n] = config->nodes != 0 ? config->numa_nodes[n] : config->numa_node;
	if (pool->nodes > 1)
		pool->pages = pool->pages_min = pages_of_nodes(config->pages, pool->nodes);
	pool->rows = (pool->pages + LAB_ROW_PAGES - 1) / LAB_ROW_PAGES;
	pool->rows_a_node = pool->rows / pool->nodes;
	pool->hints = (pool->rows + 63) / 64;
	pool->owners = config->owners != 0 ? config->owners : OWNERS_DEFAULT;
	pool->cache_max = cache_of(config);
	pool->recent_rows = pool->cache_max / LAB_ROW_PAGES;
	/* pages of another node are to go home */
	pool->magazine_size = pool->nodes > 1 ? 0 :
		pool->cache_max < LAB_MAGAZINE ? pool->cache_max : LAB_MAGAZINE;
	pool->flags = config->flags;
	pool->watermarks = config->watermarks;
	strncpy(pool->name, config->name != NULL ? config->name : "labyrinth",
		sizeof(pool->name) - 1);
}

/* Bytes that an owner has behind the others': two bit maps, ring, magazine. */
static size_t
owner_room(const struct labyrinth_pool *pool)
{
	return 2 * line_up(pool->hints * sizeof(uint64_t)) +
		line_up(pool->recent_rows * sizeof(uint32_t)) +
		line_up(pool->magazine_size * sizeof(labyrinth_page));
}

/* Lay the side arrays out from address at on. Returns their size, also for address 0. */
static size_t
lay_out(struct labyrinth_pool *pool, uintptr_t at)
{
	size_t bits = line_up(pool->hints * sizeof(uint64_t));
	const uintptr_t start = at;

	at += line_up(sizeof(*pool));
	pool->row = (void *)at;
	at += line_up(pool->rows * sizeof(*pool->row));
	pool->word = (void *)at;
	at += line_up(pool->pages * sizeof(*pool->word));
	pool->hint = (void *)at;
	pool->freed = (void *)(at + bits);
	pool->ripe = (void *)(at + 2 * bits);
	at += 3 * bits;
	pool->owner = (void *)at;
	at += (pool->owners + 1) * sizeof(*pool->owner);
	pool->owner_bits = (void *)at;
	return at + (pool->owners + 1) * owner_room(pool) - start;
}

/* One mapping for all side arrays, on transparent hugepages where the kernel can. */
static int
map_own_side(size_t size, bool shared, void **result, struct labyrinth_error *error)
{
	int ret = lab_backing_check_room(size, error);
	char *side;

	if (ret != 0)
		return ret;
	side = mmap(NULL, size, PROT_READ | PROT_WRITE,
		(shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);

	if (side == MAP_FAILED)
		return labyrinth_fail(error, -ENOMEM, "cannot map %zu KiB of side arrays: %s",
			size >> 10, strerror(errno));
	/* advice only: without it there are more TLB misses and nothing else */
	madvise(side, size, MADV_HUGEPAGE);
	if (madvise(side, size, MADV_POPULATE_WRITE) != 0 ||
			(!shared && madvise(side, size, MADV_DONTFORK) != 0)) {
		int code = errno;

		munmap(side, size);
		return labyrinth_fail(error, -code, "cannot populate %zu KiB of side arrays: %s",
			size >> 10, strerror(code));
	}
	*result = side;
	return 0;
}

static int
check_lent_side(const struct labyrinth_pool_config *config, size_t size,
	struct labyrinth_error *error)
{
	if (config->side_size < size || (uintptr_t)config->side % LABYRINTH_CACHE_LINE != 0)
		return labyrinth_fail(error, -EINVAL,
			"%zu bytes at %p are no place for the side arrays: they need %zu, "
			"aligned to %d", config->side_size, config->side, size,
			LABYRINTH_CACHE_LINE);
	return 0;
}

/* The side arrays, in memory of their own or of the caller. */
static int
map_side(struct labyrinth_pool *numbers, const struct labyrinth_pool_config *config,
	struct labyrinth_pool **pool, struct labyrinth_error *error)
{
	size_t size = lay_out(numbers, 0);
	void *side = config->side;
	int ret;

	if (side != NULL)
		ret = check_lent_side(config, size, error);
	else
		ret = map_own_side(size, (config->flags & LABYRINTH_POOL_SHARED) != 0, &side,
			error);
	if (ret != 0)
		return ret;
	*pool = side;
	**pool = *numbers;
	lay_out(*pool, (uintptr_t)side);
	(*pool)->side_size = config->side != NULL ? 0 : size;
	(*pool)->seal.size = size;
	return 0;
}

/* An owner's bit maps and ring, for whoever has the slot. */
static void
init_slot(struct labyrinth_pool *pool, uint32_t slot)
{
	size_t bits = line_up(pool->hints * sizeof(uint64_t));
	size_t recent = line_up(pool->recent_rows * sizeof(uint32_t));
	struct labyrinth_owner *owner = &pool->owner[slot];
	char *at = pool->owner_bits + slot * owner_room(pool);

	owner->pool = pool;
	owner->slot = slot;
	lab_owner_init_life(owner);
	owner->word_loose = lab_page_raw(lab_page_loose(0, slot));
	owner->word_cached = lab_page_raw(lab_page_cached(0, slot));
	owner->held = (void *)at;
	owner->stock = (void *)(at + bits);
	owner->recent = (void *)(at + 2 * bits);
	owner->magazine = (void *)(at + 2 * bits + recent);
	owner->magazine_size = pool->magazine_size;
}

/* Equal parts of whole hint words, so that no two depots share one. */
static void
init_depots(struct labyrinth_pool *pool)
{
	for (uint32_t n = 0; n < pool->nodes; n++) {
		struct lab_depot *depot = &pool->depot[n];
		uint32_t pages = pool->nodes == 1 ? pool->pages_min :
			pool->rows_a_node * LAB_ROW_PAGES;
		int distance[LABYRINTH_NODES_MAX];

		depot->node = pool->node[n];
		depot->first = n * pool->rows_a_node;
		depot->rows = pool->rows_a_node;
		depot->watermarks.min = (pool->watermarks.min + pool->nodes - 1) / pool->nodes;
		depot->watermarks.low = (pool->watermarks.low + pool->nodes - 1) / pool->nodes;
		depot->watermarks.high = (pool->watermarks.high + pool->nodes - 1) / pool->nodes;
		depot->floors = lab_floors(depot->watermarks.min);
		atomic_init(&depot->free, pages);
		depot->name = pool->name;
		atomic_init(&depot->low_water, pages);
		for (uint32_t to = 0; to < pool->nodes; to++)
			distance[to] = pool->nodes == 1 ? 0 :
				numa_distance(pool->node[n], pool->node[to]);
		lab_node_order(distance, pool->nodes, n, depot->order);
	}
}

/*
 * Handles of two pools should differ, so that those of one are not taken for the
 * other's. Below 2^31, since a first epoch must come after generation 0 (pass_word.h).
 */
static uint32_t
first_epoch(void)
{
	struct timespec now;
	uint32_t random;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		random = (uint32_t)now.tv_nsec * UINT32_C(2654435761);
	}
	return (random & INT32_MAX & ~(LAB_PASS_STEP - 1)) | LAB_PASS_STEP;
}

static void
fill_depot(struct labyrinth_pool *pool)
{
	const struct lab_pass_word pass = { .epoch = first_epoch() };

	for (uint32_t slot = 0; slot <= pool->owners; slot++)
		init_slot(pool, slot);
	for (uint32_t number = 0; number < pool->rows; number++) {
		struct lab_row_word word = { .free = lab_row_mask(pool, number) };

		if (number << LAB_ROW_SHIFT >= pool->pages_min)
			word = (struct lab_row_word){ .state = LAB_ROW_OFFLINE };
		atomic_init(&pool->row[number].word, lab_row_raw(word));
		atomic_init(&pool->row[number].pass, lab_pass_raw(pass));
		if (word.state == LAB_ROW_OFFLINE)
			continue;
		pool->hint[number / 64] |= UINT64_C(1) << (number % 64);
	}
	init_depots(pool);
}

/* The first node's part with the range, then the other nodes' parts. */
static int
map_pages(struct labyrinth_pool *pool, const struct labyrinth_pool_config *config,
	struct labyrinth_error *error)
{
	size_t part = (size_t)pool->rows_a_node * LAB_ROW_PAGES * LABYRINTH_PAGE_SIZE;
	int ret = lab_backing_map(&pool->backing, &(struct lab_backing_request){
		.kind = config->backing,
		.size = pool->nodes == 1 ?
			(size_t)pool->pages_min * LABYRINTH_PAGE_SIZE : part,
		.reserve = (size_t)pool->pages * LABYRINTH_PAGE_SIZE,
		.node = pool->node[0],
		.shared = (config->flags & LABYRINTH_POOL_SHARED) != 0,
		.lent = config->memory,
		.low = (config->flags & LABYRINTH_POOL_LOW) != 0,
	}, error);

	for (uint32_t n = 1; n < pool->nodes && ret == 0; n++) {
		pool->backing.node = pool->node[n];
		ret = lab_backing_online(&pool->backing, n * part, part, error);
		if (ret != 0)
			lab_backing_unmap(&pool->backing);
	}
	return ret;
}

static int
check(const struct labyrinth_pool_config *config, struct labyrinth_error *error)
{
	int ret = check_config(config, error);

	if (ret == 0)
		ret = check_memoryless(config, error);
	if (ret == 0)
		ret = check_lent(config, error);
	return ret == 0 ? check_growth(config, error) : ret;
}

size_t
labyrinth_pool_side_size(const struct labyrinth_pool_config *config)
{
	struct labyrinth_pool numbers = { 0 };

	if (config == NULL || check(config, NULL) != 0)
		return 0;
	init_numbers(&numbers, config);
	return lay_out(&numbers, 0);
}

int
labyrinth_pool_create(const struct labyrinth_pool_config *config,
	struct labyrinth_pool **result, struct labyrinth_error *error)
{
	struct labyrinth_pool numbers = { 0 };
	struct labyrinth_pool *pool = NULL;
	int ret;

	if (config == NULL || result == NULL)
		return labyrinth_fail(error, -EINVAL, "no configuration or no result given");
	ret = check(config, error);
	if (ret != 0)
		return ret;
	init_numbers(&numbers, config);
	ret = lab_watermarks_init(&numbers.watermarks, numbers.pages_min, error);
	if (ret != 0)
		return ret;
	ret = map_pages(&numbers, config, error);
	if (ret != 0)
		return ret;
	numbers.base = numbers.backing.base;
	ret = map_side(&numbers, config, &pool, error);
	if (ret != 0) {
		lab_backing_unmap(&numbers.backing);
		return ret;
	}
	lab_wipe_new(pool, 0, pool->pages_min);
	fill_depot(pool);
	lab_seal_set(&pool->seal);
	*result = pool;
	return 0;
}

/* Which owner holds most, so that the message names somebody to ask. */
static int
refuse_destroy(const struct labyrinth_pool *pool, uint32_t out, struct labyrinth_error *error)
{
	uint32_t most = 0, who = 0;

	for (uint32_t slot = 1; slot <= pool->owners; slot++) {
		/* of unused slots too: a team may have one's number */
		uint32_t count = lab_census_owned(pool, slot);

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
	struct lab_backing backing;
	struct lab_census census;
	uint32_t out;

	if (pool == NULL)
		return 0;
	census = lab_census_take(pool);
	out = census.pages[LAB_STATUS_OWNED] + census.pages[LAB_STATUS_OFFERED];
	if (out != 0)
		return refuse_destroy(pool, out, error);
	for (uint32_t slot = 1; slot <= pool->owners; slot++)
		if (lab_owner_is_bound_elsewhere(&pool->owner[slot]))
			return labyrinth_fail(error, -EBUSY,
				"pool %s: owner %s (slot %u) is bound to a thread that lives: "
				"unregister it there first", pool->name,
				pool->owner[slot].name, slot);
	for (uint32_t slot = 1; slot <= pool->owners; slot++)
		lab_owner_unbind(&pool->owner[slot]);
	labyrinth_refiller_stop(pool);
	backing = pool->backing;
	lab_seal_break(&pool->seal);
	if (pool->side_size != 0)
		munmap(pool, pool->side_size);
	lab_backing_unmap(&backing);
	return 0;
}

void *
labyrinth_page_address(const struct labyrinth_pool *pool, labyrinth_page page)
{
	uint32_t index = labyrinth_page_index(page);

	if (index == 0 || index > pool->pages || pool->base == NULL)
		return NULL;
	return pool->base + (size_t)(index - 1) * LABYRINTH_PAGE_SIZE;
}

void *
labyrinth_pool_base(const struct labyrinth_pool *pool)
{
	return pool->base;
}
