/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: creation, allocation in all forms, floors, exhaustion, destruction. */
#include <errno.h>
#include <stdlib.h>

#include "pool_fixture.h"

#define PAGES 1000u

static labyrinth_page page[PAGES + 64];

static void
bad_configurations_are_refused(void **state)
{
	static const struct labyrinth_pool_config cases[] = {
		{ .pages = 0 },
		{ .pages = LABYRINTH_PAGES_MAX + 1 },
		{ .pages = 10, .owners = LABYRINTH_OWNERS_MAX + 1 },
		{ .pages = 10, .backing = 77 },
		{ .pages = 10, .cache = LABYRINTH_PAGES_MAX + 1 },
		{ .pages = 10, .watermarks = { .min = 11 } },
		{ .pages = 10, .numa_node = 1000, .backing = LABYRINTH_BACKING_PLAIN },
		{ .pages = 10, .pages_max = 20, .backing = LABYRINTH_BACKING_NONE },
		{ .pages = 10, .nodes = 2, .backing = LABYRINTH_BACKING_NONE },
		{ .pages = 10, .flags = LABYRINTH_POOL_POISON, .backing = LABYRINTH_BACKING_NONE },
		{ .pages = 10, .backing = LABYRINTH_BACKING_NONE, .side = page, .side_size = 64 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct labyrinth_error error = { "" };
		struct labyrinth_pool *pool = NULL;

		assert_int_equal(labyrinth_pool_create(&cases[i], &pool, &error), -EINVAL);
		assert_int_not_equal(error.text[0], 0);
		assert_null(pool);
	}
	assert_int_equal(labyrinth_pool_create(NULL, NULL, NULL), -EINVAL);
}

static void
more_than_memory_holds(void **state)
{
	struct labyrinth_pool_config config = { .pages = LABYRINTH_PAGES_MAX, .numa_node = -1,
		.backing = LABYRINTH_BACKING_HUGE_2M };
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pool = NULL;

	(void)state;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -ENOMEM);
	assert_non_null(strstr(error.text, "need"));
	/* ordinary memory: the kernel would kill somebody instead of saying no */
	config.backing = LABYRINTH_BACKING_AUTO;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -ENOMEM);
	assert_non_null(strstr(error.text, "memory"));
}

/* Each page once, aligned, inside the pool. */
static void
check_distinct(const struct labyrinth_pool *pool, uint32_t n)
{
	static unsigned char seen[PAGES + 1];

	memset(seen, 0, sizeof(seen));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t index = labyrinth_page_index(page[i]);

		assert_in_range(index, 1, PAGES);
		assert_int_equal(seen[index]++, 0);
		assert_ptr_equal(labyrinth_page_address(pool, page[i]),
			(char *)labyrinth_pool_base(pool) +
			(size_t)(index - 1) * LABYRINTH_PAGE_SIZE);
	}
}

static void
every_page_once(void **state)
{
	/* n that divide a row, that do not, and that are longer than one */
	static const uint32_t sizes[] = { 1, 3, 32, 33, 64, 100 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
		struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
		uint32_t got = 0, n;

		while ((n = labyrinth_alloc_burst(owner, LABYRINTH_GFP_NOWAIT, page + got,
				sizes[s])) != 0)
			got += n;
		assert_int_equal(got, PAGES);
		check_distinct(pool, got);
		assert_int_equal(stats_of(pool).owned, PAGES);
		check_valid(pool);
		for (uint32_t i = 0; i < got; i += n) {
			n = got - i < sizes[s] ? got - i : sizes[s];
			assert_int_equal(labyrinth_free_bulk(owner, page + i, n, NULL), 0);
		}
		end_pool(pool);
	}
}

static void
bulk_is_all_or_none(void **state)
{
	struct labyrinth_pool *pool = make_pool(100, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
	struct labyrinth_pool_stats stats;

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, page, 70), 70);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, page + 70, 31), 0);
	stats = stats_of(pool);
	assert_int_equal(stats.owned, 70);
	assert_int_equal(stats.alloc_fail[LABYRINTH_GFP_ATOMIC], 1);
	check_valid(pool);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, page + 70, 30), 30);
	assert_int_equal(labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page + 100, 1), 0);
	assert_int_equal(labyrinth_free_bulk(owner, page, 100, NULL), 0);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, page, 0), 0);
	end_pool(pool);
}

static void
burst_is_up_to_n(void **state)
{
	struct labyrinth_pool *pool = make_pool(100, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);

	(void)state;
	assert_int_equal(labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page, 80), 80);
	assert_int_equal(labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page + 80, 64), 20);
	assert_int_equal(stats_of(pool).alloc_fail[LABYRINTH_GFP_ATOMIC], 0);
	assert_int_equal(labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page + 100, 64), 0);
	assert_int_equal(stats_of(pool).alloc_fail[LABYRINTH_GFP_ATOMIC], 1);
	assert_int_equal(labyrinth_free_bulk(owner, page, 100, NULL), 0);
	end_pool(pool);
}

/* How many pages one class gets out of a pool before it fails. */
static uint32_t
drain(struct labyrinth_owner *owner, unsigned int class, uint32_t at)
{
	uint32_t got = 0, n;

	while ((n = labyrinth_alloc_burst(owner, class, page + at + got, 7)) != 0)
		got += n;
	return got;
}

static void
floors_to_the_page_without_cache(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, LABYRINTH_CACHE_NONE, 160);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
	uint32_t at;

	(void)state;
	at = drain(owner, LABYRINTH_GFP_NOWAIT, 0);
	assert_int_equal(at, PAGES - 160);
	at += drain(owner, LABYRINTH_GFP_ATOMIC, at);
	assert_int_equal(at, PAGES - 60);
	assert_int_equal(drain(owner, LABYRINTH_GFP_NOWAIT, at), 0);
	at += drain(owner, LABYRINTH_GFP_RESCUE, at);
	assert_int_equal(at, PAGES);
	assert_int_equal(stats_of(pool).low_water, 0);
	assert_int_equal(labyrinth_free_bulk(owner, page, at, NULL), 0);
	end_pool(pool);
}

static void
floors_hold_with_cache(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 256, 160);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
	uint32_t at;

	(void)state;
	at = drain(owner, LABYRINTH_GFP_NOWAIT, 0);
	assert_int_equal(at, PAGES - 160);
	assert_int_equal(stats_of(pool).free, 160);
	at += drain(owner, LABYRINTH_GFP_ATOMIC, at);
	assert_int_equal(stats_of(pool).free, 60);
	assert_int_equal(labyrinth_free_bulk(owner, page, at, NULL), 0);
	end_pool(pool);
}

static void
zero_reads_as_zero(void **state)
{
	struct labyrinth_pool *pool = make_pool(64, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
	static const char zeroes[LABYRINTH_PAGE_SIZE];

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(labyrinth_alloc_bulk(owner,
			LABYRINTH_GFP_NOWAIT | LABYRINTH_GFP_ZERO, page, 64), 64);
		for (uint32_t i = 0; i < 64; i++) {
			void *address = labyrinth_page_address(pool, page[i]);

			assert_memory_equal(address, zeroes, sizeof(zeroes));
			memset(address, 0x5a, LABYRINTH_PAGE_SIZE);
		}
		assert_int_equal(labyrinth_free_bulk(owner, page, 64, NULL), 0);
	}
	end_pool(pool);
}

static void
free_pages_are_not_written(void **state)
{
	struct labyrinth_pool *pool = make_pool(64, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
	char *base = labyrinth_pool_base(pool);

	(void)state;
	memset(base, 0x77, 64 * LABYRINTH_PAGE_SIZE);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 64), 64);
		assert_int_equal(labyrinth_free_bulk(owner, page, 64, NULL), 0);
	}
	for (size_t i = 0; i < 64 * LABYRINTH_PAGE_SIZE; i++)
		assert_int_equal(base[i], 0x77);
	end_pool(pool);
}

static void
the_named_call(void **state)
{
	struct labyrinth_pool *pool = make_pool(1, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
	labyrinth_page one = 7, none = 7;

	(void)state;
	labyrinth_void_alloc_page_gfp_atomic_exclusive(owner, &one);
	assert_int_equal(labyrinth_page_index(one), 1);
	labyrinth_void_alloc_page_gfp_atomic_exclusive(owner, &none);
	assert_int_equal(none, 0);
	assert_null(labyrinth_page_address(pool, none));
	assert_int_equal(labyrinth_free(owner, one), LABYRINTH_REFUSED_NONE);
	end_pool(pool);
}

static void
destroy_with_pages_out_is_refused(void **state)
{
	struct labyrinth_pool *pool = make_pool(100, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "the-holder", NULL);
	struct labyrinth_error error = { "" };

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 5), 5);
	assert_int_equal(labyrinth_pool_destroy(pool, &error), -EBUSY);
	assert_non_null(strstr(error.text, "5 pages"));
	assert_non_null(strstr(error.text, "the-holder"));
	assert_int_equal(labyrinth_free_bulk(owner, page, 5, NULL), 0);
	end_pool(pool);
	assert_int_equal(labyrinth_pool_destroy(NULL, NULL), 0);
}

/* Indices of objects that lie elsewhere, all that is known of them in lent memory. */
static void
a_pool_without_memory_keeps_indices(void **state)
{
	struct labyrinth_pool_config config = { .pages = PAGES, .numa_node = -1,
		.backing = LABYRINTH_BACKING_NONE, .watermarks = { .min = LABYRINTH_NO_RESERVE } };
	size_t size = labyrinth_pool_side_size(&config);
	struct labyrinth_error error = { "" };
	struct labyrinth_owner *owner;
	struct labyrinth_pool *pool;
	char *side, *lent;

	(void)state;
	assert_true(size > PAGES);
	lent = side = calloc(1, size + LABYRINTH_CACHE_LINE + 1);
	lent += LABYRINTH_CACHE_LINE - (uintptr_t)side % LABYRINTH_CACHE_LINE;
	config.side = lent;
	config.side_size = size - 1;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -EINVAL);
	config.side_size = size;
	config.side = lent + 1;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -EINVAL);
	config.side = lent;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), 0);
	assert_ptr_equal(pool, lent);
	owner = make_owner(pool, "one", NULL);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC | LABYRINTH_GFP_ZERO,
		page, PAGES), PAGES);
	assert_null(labyrinth_page_address(pool, page[0]));
	assert_null(labyrinth_pool_base(pool));
	assert_string_equal(stats_of(pool).backing, "none");
	assert_int_equal(labyrinth_pool_grow(pool, 1, &error), 0);
	assert_int_equal(labyrinth_free_bulk(owner, page, PAGES, NULL), 0);
	end_pool(pool);
	free(side);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_configurations_are_refused),
		cmocka_unit_test(more_than_memory_holds),
		cmocka_unit_test(every_page_once),
		cmocka_unit_test(bulk_is_all_or_none),
		cmocka_unit_test(burst_is_up_to_n),
		cmocka_unit_test(floors_to_the_page_without_cache),
		cmocka_unit_test(floors_hold_with_cache),
		cmocka_unit_test(zero_reads_as_zero),
		cmocka_unit_test(free_pages_are_not_written),
		cmocka_unit_test(the_named_call),
		cmocka_unit_test(destroy_with_pages_out_is_refused),
		cmocka_unit_test(a_pool_without_memory_keeps_indices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
