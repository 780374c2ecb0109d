/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: bad frees are refused, classified and counted, and change nothing. */
#include "pool_fixture.h"

#define PAGES 256u

static labyrinth_page page[PAGES];

static labyrinth_page
one_page(struct labyrinth_owner *owner)
{
	labyrinth_page got = 0;

	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, &got, 1), 1);
	return got;
}

static labyrinth_page
with_generation(labyrinth_page page_, uint32_t generation)
{
	return (uint64_t)generation << 32 | labyrinth_page_index(page_);
}

static void
each_kind(struct labyrinth_pool *pool)
{
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);
	labyrinth_page mine = one_page(a), again;
	struct labyrinth_pool_stats stats;

	assert_int_equal(labyrinth_free(b, mine), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(labyrinth_free(a, with_generation(mine,
		labyrinth_page_generation(mine) - 1)), LABYRINTH_STALE_HANDLE);
	assert_int_equal(labyrinth_free(a, mine), LABYRINTH_REFUSED_NONE);
	assert_int_equal(labyrinth_free(a, mine), LABYRINTH_DOUBLE_FREE);
	assert_int_equal(labyrinth_free(b, mine), LABYRINTH_DOUBLE_FREE);
	again = one_page(a);
	assert_int_equal(labyrinth_page_index(again), labyrinth_page_index(mine));
	assert_int_equal(labyrinth_free(a, mine), LABYRINTH_STALE_HANDLE);
	assert_int_equal(labyrinth_free(b, mine), LABYRINTH_STALE_HANDLE);
	assert_int_equal(labyrinth_free(a, again), LABYRINTH_REFUSED_NONE);
	assert_int_equal(labyrinth_free(a, 0), LABYRINTH_BAD_HANDLE);
	assert_int_equal(labyrinth_free(a, PAGES + 1), LABYRINTH_BAD_HANDLE);
	assert_int_equal(labyrinth_free(a, UINT64_MAX), LABYRINTH_BAD_HANDLE);
	stats = stats_of(pool);
	assert_int_equal(stats.refused[LABYRINTH_FOREIGN_FREE], 1);
	assert_int_equal(stats.refused[LABYRINTH_DOUBLE_FREE], 2);
	assert_int_equal(stats.refused[LABYRINTH_STALE_HANDLE], 3);
	assert_int_equal(stats.refused[LABYRINTH_BAD_HANDLE], 3);
	end_pool(pool);
}

static void
each_kind_in_held_rows(void **state)
{
	(void)state;
	each_kind(make_pool(PAGES, 0, LABYRINTH_NO_RESERVE));
}

static void
each_kind_without_cache(void **state)
{
	(void)state;
	each_kind(make_pool(PAGES, LABYRINTH_CACHE_NONE, LABYRINTH_NO_RESERVE));
}

static void
a_bulk_frees_the_good_and_reports_the_bad(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);
	enum labyrinth_refusal why[8];
	labyrinth_page theirs, good[4], bulk[8];

	(void)state;
	theirs = one_page(b);
	for (int i = 0; i < 4; i++)
		good[i] = one_page(a);
	memcpy(bulk, (labyrinth_page[]){ good[0], theirs, good[1], 0, good[1], good[2],
		with_generation(good[3], 99), good[3] }, sizeof(bulk));
	assert_int_equal(labyrinth_free_bulk(a, bulk, 8, why), 4);
	assert_int_equal(bulk[0], theirs);
	assert_int_equal(why[0], LABYRINTH_FOREIGN_FREE);
	assert_int_equal(bulk[1], 0);
	assert_int_equal(why[1], LABYRINTH_BAD_HANDLE);
	assert_int_equal(bulk[2], good[1]);
	assert_int_equal(why[2], LABYRINTH_DOUBLE_FREE);
	assert_int_equal(why[3], LABYRINTH_STALE_HANDLE);
	assert_int_equal(stats_of(pool).owned, 1);
	assert_int_equal(labyrinth_free(b, theirs), LABYRINTH_REFUSED_NONE);
	end_pool(pool);
}

static void
a_refused_row_changes_nothing(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);
	struct labyrinth_pool_stats before, after;

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, 32), 32);
	before = stats_of(pool);
	assert_int_equal(labyrinth_free_bulk(b, page, 32, NULL), 32);
	after = stats_of(pool);
	assert_int_equal(before.owned, after.owned);
	assert_int_equal(before.cached, after.cached);
	assert_int_equal(before.free, after.free);
	assert_int_equal(labyrinth_free_bulk(a, page, 32, NULL), 0);
	end_pool(pool);
}

static void
in_any_order(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 64, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, PAGES), PAGES);
		for (uint32_t i = PAGES - 1; i > 0; i--) {
			uint32_t j = (seed = seed * 1103515245u + 12345u) % (i + 1);
			labyrinth_page swap = page[i];

			page[i] = page[j];
			page[j] = swap;
		}
		for (uint32_t i = 0; i < PAGES; i += 16)
			assert_int_equal(labyrinth_free_bulk(a, page + i, 16, NULL), 0);
		check_valid(pool);
	}
	end_pool(pool);
}

static void
a_short_last_row_ends_where_it_should(void **state)
{
	struct labyrinth_pool *pool = make_pool(33, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	labyrinth_page bulk[34];

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, bulk, 33), 33);
	bulk[33] = with_generation(34, 0);
	assert_int_equal(labyrinth_free_bulk(a, bulk, 34, NULL), 1);
	assert_int_equal(labyrinth_page_index(bulk[0]), 34);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_in_held_rows),
		cmocka_unit_test(each_kind_without_cache),
		cmocka_unit_test(a_bulk_frees_the_good_and_reports_the_bad),
		cmocka_unit_test(a_refused_row_changes_nothing),
		cmocka_unit_test(in_any_order),
		cmocka_unit_test(a_short_last_row_ends_where_it_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
