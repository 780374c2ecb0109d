/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: owners come, cache within bounds, work in teams, and go. */
#include <errno.h>

#include "pool_fixture.h"
#include "pool_private.h"

#define PAGES 2048u

static uint32_t index_of[PAGES];
static labyrinth_page page[PAGES];

static void
slots_run_out(void **state)
{
	struct labyrinth_pool_config config = { .pages = 64, .owners = 3, .numa_node = -1,
		.backing = LABYRINTH_BACKING_PLAIN };
	struct labyrinth_owner *owner[4];
	struct labyrinth_pool *pool;

	(void)state;
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), 0);
	for (uint32_t i = 0; i < 3; i++) {
		owner[i] = make_owner(pool, "o", NULL);
		assert_int_equal(labyrinth_owner_slot(owner[i]), i + 1);
	}
	assert_int_equal(labyrinth_owner_register(pool, "o", NULL, 0, &owner[3]), -ENOSPC);
	/* nor has one who would have been joined become a member */
	assert_int_equal(labyrinth_owner_register(pool, "o", owner[0], 0, &owner[3]), -ENOSPC);
	assert_false(owner[0]->shared);
	assert_int_equal(labyrinth_owner_unregister(owner[1], NULL), 0);
	owner[3] = make_owner(pool, "again", NULL);
	assert_int_equal(labyrinth_owner_slot(owner[3]), 2);
	end_pool(pool);
}

static void
bad_arguments(void **state)
{
	struct labyrinth_pool *pool = make_pool(64, 0, 0), *other = make_pool(64, 0, 0);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL), *none;

	(void)state;
	assert_int_equal(labyrinth_owner_register(NULL, "o", NULL, 0, &none), -EINVAL);
	assert_int_equal(labyrinth_owner_register(pool, "o", NULL, 0, NULL), -EINVAL);
	assert_int_equal(labyrinth_owner_register(pool, "o", NULL, 0x80, &none), -EINVAL);
	assert_int_equal(labyrinth_owner_register(other, "o", owner, 0, &none), -EINVAL);
	end_pool(pool);
	end_pool(other);
}

static void
what_is_cached_is_bounded(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 128, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, PAGES), PAGES);
	for (uint32_t i = 0; i < PAGES; i++) {
		/* a stride that is prime to the number of pages: rows fill slowly */
		assert_int_equal(labyrinth_free(owner, page[i * 997u % PAGES]), 0);
		assert_in_range(stats_of(pool).cached, 0, 128);
	}
	end_pool(pool);
}

static void
flush_empties_the_cache(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 100), 100);
	assert_int_equal(labyrinth_free_bulk(owner, page, 70, NULL), 0);
	assert_true(stats_of(pool).cached > 0);
	labyrinth_owner_flush(owner);
	assert_int_equal(stats_of(pool).cached, 0);
	assert_int_equal(stats_of(pool).owned, 30);
	check_valid(pool);
	assert_int_equal(labyrinth_free_bulk(owner, page + 70, 30, NULL), 0);
	assert_int_equal(stats_of(pool).free, PAGES);
	end_pool(pool);
}

static void
unregister_with_pages_is_refused(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	struct labyrinth_error error = { "" };

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 3), 3);
	assert_int_equal(labyrinth_owner_unregister(owner, &error), -EBUSY);
	assert_non_null(strstr(error.text, "3 pages"));
	assert_int_equal(labyrinth_free_bulk(owner, page, 3, NULL), 0);
	assert_int_equal(labyrinth_owner_unregister(owner, NULL), 0);
	assert_int_equal(stats_of(pool).free, PAGES);
	end_pool(pool);
}

static void
a_team_frees_for_each_other(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct labyrinth_owner *b = make_owner(pool, "b", a);
	struct labyrinth_owner *stranger = make_owner(pool, "s", NULL);

	(void)state;
	for (int round = 0; round < 50; round++) {
		assert_int_equal(labyrinth_alloc_index_bulk(a, LABYRINTH_GFP_NOWAIT, index_of,
			100), 100);
		assert_int_equal(labyrinth_free_index_bulk(stranger, index_of, 100, NULL), 100);
		assert_int_equal(labyrinth_free_index_bulk(b, index_of, 100, NULL), 0);
		assert_int_equal(labyrinth_free_index_bulk(b, index_of, 100, NULL), 100);
	}
	assert_int_equal(stats_of(pool).refused[LABYRINTH_FOREIGN_FREE], 5000);
	assert_int_equal(stats_of(pool).refused[LABYRINTH_DOUBLE_FREE], 5000);
	end_pool(pool);
}

static void
no_capacity_hides_in_a_team(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct labyrinth_owner *b = make_owner(pool, "b", a);

	(void)state;
	assert_int_equal(labyrinth_alloc_index_bulk(a, LABYRINTH_GFP_NOWAIT, index_of, PAGES),
		PAGES);
	assert_int_equal(labyrinth_free_index_bulk(b, index_of, PAGES, NULL), 0);
	/* all in a's rows, which a does not use: b must get all of it */
	assert_int_equal(labyrinth_alloc_index_bulk(b, LABYRINTH_GFP_NOWAIT, index_of, PAGES),
		PAGES);
	assert_int_equal(labyrinth_free_index_bulk(a, index_of, PAGES, NULL), 0);
	assert_int_equal(labyrinth_alloc_index_bulk(a, LABYRINTH_GFP_NOWAIT, index_of, PAGES),
		PAGES);
	assert_int_equal(labyrinth_free_index_bulk(a, index_of, PAGES, NULL), 0);
	end_pool(pool);
}

/* Each row has a page out, so that no row is wholly free. */
static void
no_capacity_hides_in_rows_of_which_pages_are_out(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct labyrinth_owner *b = make_owner(pool, "b", a);
	struct labyrinth_owner *any, *stranger = make_owner(pool, "s", NULL);
	uint32_t half = PAGES / 2, stays[PAGES], more;

	(void)state;
	assert_int_equal(labyrinth_owner_register(pool, "any", a, LABYRINTH_OWNER_ANY_THREAD,
		&any), 0);
	assert_int_equal(labyrinth_alloc_index_bulk(a, LABYRINTH_GFP_NOWAIT, index_of, PAGES),
		PAGES);
	for (uint32_t i = 0; i < PAGES; i++)
		(i % 2 == 0 ? stays : index_of)[i / 2] = index_of[i];
	/* by the holder and by a mate */
	assert_int_equal(labyrinth_free_index_bulk(a, index_of, half / 2, NULL), 0);
	assert_int_equal(labyrinth_free_index_bulk(b, index_of + half / 2, half - half / 2,
		NULL), 0);
	assert_int_equal(labyrinth_alloc_index_burst(stranger, LABYRINTH_GFP_NOWAIT, &more, 1),
		0);
	assert_int_equal(labyrinth_alloc_index_bulk(b, LABYRINTH_GFP_NOWAIT, index_of, half / 2),
		half / 2);
	assert_int_equal(labyrinth_alloc_index_burst(any, LABYRINTH_GFP_NOWAIT,
		index_of + half / 2, half), half - half / 2);
	assert_int_equal(labyrinth_alloc_index_burst(b, LABYRINTH_GFP_NOWAIT, &more, 1), 0);
	assert_int_equal(labyrinth_free_index_bulk(b, stays, half, NULL), 0);
	assert_int_equal(labyrinth_free_index_bulk(a, index_of, half, NULL), 0);
	end_pool(pool);
}

static void
a_member_leaves_its_pages_to_the_team(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct labyrinth_owner *b = make_owner(pool, "b", a), *newcomer;
	struct labyrinth_owner_stats list[2];
	struct labyrinth_error error = { "" };

	(void)state;
	assert_int_equal(labyrinth_alloc_index_bulk(a, LABYRINTH_GFP_NOWAIT, index_of, 77), 77);
	assert_int_equal(labyrinth_owner_unregister(a, NULL), 0);
	newcomer = make_owner(pool, "n", NULL);
	assert_int_equal(stats_of(pool).owned, 77);
	assert_int_equal(holder_of(pool, index_of[0]), labyrinth_owner_slot(b));
	assert_int_equal(labyrinth_pool_owners(pool, list, 2), 2);
	assert_int_equal(list[0].owned + list[1].owned, 77);
	check_valid(pool);
	assert_int_equal(labyrinth_free_index_bulk(newcomer, index_of, 77, NULL), 77);
	assert_int_equal(labyrinth_owner_unregister(b, &error), -EBUSY);
	assert_int_equal(labyrinth_free_index_bulk(b, index_of, 77, NULL), 0);
	assert_int_equal(labyrinth_owner_unregister(b, NULL), 0);
	end_pool(pool);
}

static void
any_thread_member_caches_nothing(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *any;

	(void)state;
	assert_int_equal(labyrinth_owner_register(pool, "any", a, LABYRINTH_OWNER_ANY_THREAD,
		&any), 0);
	assert_int_equal(labyrinth_alloc_index_bulk(any, LABYRINTH_GFP_NOWAIT, index_of, 50), 50);
	assert_int_equal(stats_of(pool).cached, 0);
	assert_int_equal(labyrinth_free_index_bulk(a, index_of, 25, NULL), 0);
	assert_int_equal(labyrinth_free_index_bulk(any, index_of + 25, 25, NULL), 0);
	assert_int_equal(stats_of(pool).free, PAGES);
	end_pool(pool);
}

static void
a_worker_alone_is_not_joined(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b;

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, 1), 1);
	assert_int_equal(labyrinth_owner_register(pool, "b", a, 0, &b), -EBUSY);
	assert_int_equal(labyrinth_free(a, page[0]), 0);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_run_out),
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(what_is_cached_is_bounded),
		cmocka_unit_test(flush_empties_the_cache),
		cmocka_unit_test(unregister_with_pages_is_refused),
		cmocka_unit_test(a_team_frees_for_each_other),
		cmocka_unit_test(no_capacity_hides_in_a_team),
		cmocka_unit_test(no_capacity_hides_in_rows_of_which_pages_are_out),
		cmocka_unit_test(a_member_leaves_its_pages_to_the_team),
		cmocka_unit_test(any_thread_member_caches_nothing),
		cmocka_unit_test(a_worker_alone_is_not_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
