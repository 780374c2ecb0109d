/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef POOL_FIXTURE_H
#define POOL_FIXTURE_H

/** A pool on plain pages and a way to end a test that proves nothing was lost. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "labyrinth_pool.h"

static inline struct labyrinth_pool *
make_pool(uint32_t pages, uint32_t cache, uint32_t min)
{
	struct labyrinth_pool_config config = {
		.name = "test",
		.pages = pages,
		.cache = cache,
		.backing = LABYRINTH_BACKING_PLAIN,
		.numa_node = -1,
		.watermarks = { .min = min },
	};
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pool = NULL;

	if (labyrinth_pool_create(&config, &pool, &error) != 0)
		fail_msg("%s", error.text);
	return pool;
}

static inline struct labyrinth_owner *
make_owner(struct labyrinth_pool *pool, const char *name, struct labyrinth_owner *team)
{
	struct labyrinth_owner *owner = NULL;

	assert_int_equal(labyrinth_owner_register(pool, name, team, 0, &owner), 0);
	return owner;
}

static inline struct labyrinth_pool_stats
stats_of(const struct labyrinth_pool *pool)
{
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(pool, &stats);
	return stats;
}

/** Slot of the owner of a page, 0: nobody. */
static inline uint32_t
holder_of(const struct labyrinth_pool *pool, uint32_t index)
{
	uint32_t owner;

	labyrinth_page_look(pool, index, &owner);
	return owner;
}

static inline void
check_valid(const struct labyrinth_pool *pool)
{
	struct labyrinth_pool_stats stats = stats_of(pool);
	struct labyrinth_error error = { "" };

	if (labyrinth_pool_validate(pool, &error) != 0)
		fail_msg("%s", error.text);
	assert_int_equal(stats.pages, stats.free + stats.cached + stats.owned +
		stats.offered + stats.offline);
}

/** Destroy; every page must be back and every array sound. */
static inline void
end_pool(struct labyrinth_pool *pool)
{
	struct labyrinth_pool_stats stats = stats_of(pool);
	struct labyrinth_error error = { "" };

	check_valid(pool);
	assert_int_equal(stats.owned, 0);
	assert_int_equal(stats.alloc, stats.released);
	if (labyrinth_pool_destroy(pool, &error) != 0)
		fail_msg("%s", error.text);
}

#endif /* POOL_FIXTURE_H */
