/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: a pool grows when it is low, shrinks after quiet, and loses nothing. */
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "pool_fixture.h"

#define EXTENT LABYRINTH_EXTENT_PAGES

static labyrinth_page page[8 * EXTENT];

static struct labyrinth_pool *
growing_pool(uint32_t pages, uint32_t max)
{
	struct labyrinth_pool_config config = { .pages = pages, .pages_max = max,
		.numa_node = -1, .backing = LABYRINTH_BACKING_PLAIN,
		.watermarks = { .min = 64, .low = 128, .high = 256 } };
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pool = NULL;

	if (labyrinth_pool_create(&config, &pool, &error) != 0)
		fail_msg("%s", error.text);
	return pool;
}

static void
by_hand(void **state)
{
	struct labyrinth_pool *pool = growing_pool(EXTENT, 3 * EXTENT);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	struct labyrinth_pool_stats stats = stats_of(pool);

	(void)state;
	assert_int_equal(stats.free, EXTENT);
	assert_int_equal(stats.offline, 2 * EXTENT);
	check_valid(pool);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_RESCUE, page, EXTENT), EXTENT);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_RESCUE, page + EXTENT, 1), 0);
	assert_int_equal(labyrinth_pool_grow(pool, 1, NULL), 1);
	assert_int_equal(stats_of(pool).free, EXTENT);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_RESCUE, page + EXTENT, EXTENT),
		EXTENT);
	for (uint32_t i = 0; i < 2 * EXTENT; i++)
		memset(labyrinth_page_address(pool, page[i]), 0x11, LABYRINTH_PAGE_SIZE);
	assert_int_equal(labyrinth_pool_grow(pool, 5, NULL), 1);
	assert_int_equal(labyrinth_pool_grow(pool, 1, NULL), 0);
	/* two are in use, and of the third 256 pages must stay: nothing can go */
	assert_int_equal(labyrinth_pool_shrink(pool, 3), 0);
	assert_int_equal(labyrinth_free_bulk(owner, page, 2 * EXTENT, NULL), 0);
	labyrinth_owner_flush(owner);
	assert_int_equal(labyrinth_pool_shrink(pool, 9), 2);
	stats = stats_of(pool);
	assert_int_equal(stats.grows, 2);
	assert_int_equal(stats.shrinks, 2);
	assert_int_equal(stats.free, EXTENT);
	end_pool(pool);
}

static void
an_extent_with_a_page_out_stays(void **state)
{
	struct labyrinth_pool *pool = growing_pool(EXTENT, 2 * EXTENT);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);

	(void)state;
	assert_int_equal(labyrinth_pool_grow(pool, 1, NULL), 1);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_RESCUE, page, 2 * EXTENT),
		2 * EXTENT);
	/* all back but the very last page */
	for (uint32_t i = 0; i < 2 * EXTENT; i++)
		if (labyrinth_page_index(page[i]) != 2 * EXTENT)
			assert_int_equal(labyrinth_free(owner, page[i]), 0);
	labyrinth_owner_flush(owner);
	assert_int_equal(labyrinth_pool_shrink(pool, 1), 0);
	check_valid(pool);
	for (uint32_t i = 0; i < 2 * EXTENT; i++)
		if (labyrinth_page_index(page[i]) == 2 * EXTENT)
			assert_int_equal(labyrinth_free(owner, page[i]), 0);
	labyrinth_owner_flush(owner);
	assert_int_equal(labyrinth_pool_shrink(pool, 1), 1);
	end_pool(pool);
}

/* Wait, for at most 10 s, until the depot has so many extents online. */
static bool
online_becomes(const struct labyrinth_pool *pool, uint32_t extents)
{
	for (int i = 0; i < 10000; i++) {
		struct labyrinth_pool_stats stats = stats_of(pool);

		if (stats.pages - stats.offline == extents * EXTENT)
			return true;
		usleep(1000);
	}
	return false;
}

static void
the_thread_serves_a_burst_after_growth(void **state)
{
	struct labyrinth_pool *pool = growing_pool(EXTENT, 4 * EXTENT);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	const struct labyrinth_refiller_config config = { .poll_us = 200, .quiet_ms = 20 };
	uint32_t got = 0, drops = 0;

	(void)state;
	assert_int_equal(labyrinth_refiller_start(pool, &config), 0);
	assert_int_equal(labyrinth_refiller_start(pool, &config), -EBUSY);
	while (got < 3 * EXTENT) {
		uint32_t n = labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page + got, 32);

		got += n;
		if (n != 0)
			continue;
		drops++;
		assert_in_range(drops, 0, 100000);
		usleep(100);
	}
	assert_true(stats_of(pool).grows >= 2);
	assert_int_equal(stats_of(pool).alloc_fail[LABYRINTH_GFP_ATOMIC], drops);
	assert_int_equal(labyrinth_free_bulk(owner, page, got, NULL), 0);
	labyrinth_owner_flush(owner);
	assert_true(online_becomes(pool, 1));
	labyrinth_refiller_stop(pool);
	labyrinth_refiller_stop(pool);
	end_pool(pool);
}

struct heard {
	int online, offline, refuse;
};

static int
hear_online(void *arg, void *address, size_t size)
{
	struct heard *heard = arg;

	assert_non_null(address);
	assert_int_equal(size, LABYRINTH_EXTENT_SIZE);
	if (heard->refuse)
		return -EIO;
	heard->online++;
	return 0;
}

static void
hear_offline(void *arg, void *address, size_t size)
{
	struct heard *heard = arg;

	assert_non_null(address);
	assert_int_equal(size, LABYRINTH_EXTENT_SIZE);
	heard->offline++;
}

static void
memory_is_announced(void **state)
{
	struct labyrinth_pool *pool = growing_pool(EXTENT, 2 * EXTENT);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	struct heard heard = { 0 };
	const struct labyrinth_refiller_config config = { .poll_us = 200, .quiet_ms = 10,
		.online = hear_online, .offline = hear_offline, .arg = &heard };

	(void)state;
	assert_int_equal(labyrinth_refiller_start(pool, &config), 0);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, page, 400), 400);
	assert_true(online_becomes(pool, 2));
	assert_int_equal(labyrinth_free_bulk(owner, page, 400, NULL), 0);
	labyrinth_owner_flush(owner);
	assert_true(online_becomes(pool, 1));
	labyrinth_refiller_stop(pool);
	assert_int_equal(heard.online, 1);
	assert_int_equal(heard.offline, 1);
	end_pool(pool);
}

static void
what_cannot_grow_is_refused(void **state)
{
	static const struct labyrinth_pool_config cases[] = {
		{ .pages = 1000, .pages_max = 999 },
		{ .pages = 512, .pages_max = 1024, .backing = LABYRINTH_BACKING_SECRET },
		{ .pages = 512, .pages_max = 1024, .backing = LABYRINTH_BACKING_HUGE_1G },
		{ .pages = 512, .pages_max = 1024, .flags = LABYRINTH_POOL_SHARED },
		{ .pages = 512, .pages_max = LABYRINTH_PAGES_MAX },
	};
	struct labyrinth_pool *pool;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(labyrinth_pool_create(&cases[i], &pool, NULL), -EINVAL);
	pool = make_pool(512, 0, 0);
	assert_int_equal(labyrinth_refiller_start(pool, NULL), -ENOTSUP);
	assert_int_equal(labyrinth_pool_grow(pool, 1, NULL), 0);
	assert_int_equal(labyrinth_pool_shrink(pool, 1), 0);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(an_extent_with_a_page_out_stays),
		cmocka_unit_test(the_thread_serves_a_burst_after_growth),
		cmocka_unit_test(memory_is_announced),
		cmocka_unit_test(what_cannot_grow_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
