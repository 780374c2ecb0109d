/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: who holds which pages, and for how long the depot was below its watermarks.
 */
#include <pthread.h>

#include "labyrinth_clock.h"
#include "pool_fixture.h"

#define PAGES  1000u
#define MIN    100u
#define ROUNDS 20000u

static labyrinth_page page[PAGES];

static void
take(struct labyrinth_owner *owner, uint32_t first, uint32_t n)
{
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_RESCUE, page + first, n), n);
}

static void
give(struct labyrinth_owner *owner, uint32_t first, uint32_t n)
{
	assert_int_equal(labyrinth_free_bulk(owner, page + first, n, NULL), 0);
}

/* Down through all three marks, twice through the lowest, and up again. */
static void
falls_are_counted_and_timed(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, LABYRINTH_CACHE_NONE, MIN);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
	struct labyrinth_watermarks wm = stats_of(pool).watermarks;
	struct labyrinth_pool_stats stats, later;
	uint64_t start = labyrinth_clock_ticks();

	(void)state;
	take(owner, 0, PAGES - wm.high);
	stats = stats_of(pool);
	assert_int_equal(stats.falls[LABYRINTH_MARK_HIGH], 0);
	assert_int_equal(stats.below_ticks[LABYRINTH_MARK_HIGH], 0);
	take(owner, PAGES - wm.high, wm.high - MIN + 1);
	give(owner, PAGES - MIN, 1);
	take(owner, PAGES - MIN, 2);
	stats = stats_of(pool);
	assert_int_equal(stats.falls[LABYRINTH_MARK_MIN], 2);
	assert_int_equal(stats.falls[LABYRINTH_MARK_LOW], 1);
	assert_int_equal(stats.falls[LABYRINTH_MARK_HIGH], 1);
	while (stats_of(pool).below_ticks[LABYRINTH_MARK_MIN] < 64000)
		; /* it goes on while it is below */
	give(owner, 0, PAGES - MIN + 2);
	stats = stats_of(pool);
	assert_true(stats.below_ticks[LABYRINTH_MARK_MIN] >= 64000);
	assert_true(stats.below_ticks[LABYRINTH_MARK_LOW] >=
		stats.below_ticks[LABYRINTH_MARK_MIN]);
	assert_true(stats.below_ticks[LABYRINTH_MARK_HIGH] >=
		stats.below_ticks[LABYRINTH_MARK_LOW]);
	assert_true(stats.below_ticks[LABYRINTH_MARK_HIGH] <=
		labyrinth_clock_ticks() - start + 64);
	later = stats_of(pool);
	assert_memory_equal(stats.below_ticks, later.below_ticks, sizeof(stats.below_ticks));
	end_pool(pool);
}

static void *
go_up_and_down(void *owner)
{
	labyrinth_page mine[8];

	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t got = labyrinth_alloc_burst(owner, LABYRINTH_GFP_RESCUE, mine, 8);

		labyrinth_free_bulk(owner, mine, got, NULL);
	}
	return NULL;
}

/* Whoever crosses the marks at once with others, the sum is right when all are done. */
static void
rivals_lose_no_crossing(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, LABYRINTH_CACHE_NONE, MIN);
	struct labyrinth_owner *owner = make_owner(pool, "one", NULL);
	struct labyrinth_pool_stats stats, later;
	uint64_t start = labyrinth_clock_ticks();
	pthread_t thread[3];

	(void)state;
	take(owner, 0, PAGES - MIN - 4);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, go_up_and_down,
			make_owner(pool, "rival", NULL)), 0);
	for (uint32_t i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	give(owner, 0, PAGES - MIN - 4);
	stats = stats_of(pool);
	assert_true(stats.falls[LABYRINTH_MARK_MIN] > 1);
	assert_true(stats.below_ticks[LABYRINTH_MARK_MIN] > 0);
	assert_true(stats.below_ticks[LABYRINTH_MARK_HIGH] <=
		labyrinth_clock_ticks() - start + 64);
	later = stats_of(pool);
	assert_memory_equal(stats.below_ticks, later.below_ticks, sizeof(stats.below_ticks));
	end_pool(pool);
}

static const struct labyrinth_owner_stats *
find(const struct labyrinth_owner_stats *list, uint32_t n, const struct labyrinth_owner *owner)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i].slot == labyrinth_owner_slot(owner))
			return &list[i];
	fail_msg("owner in slot %u is not listed", labyrinth_owner_slot(owner));
	return NULL;
}

static void
owners_and_their_pages(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *one = make_owner(pool, "one", NULL);
	struct labyrinth_owner *two = make_owner(pool, "two", NULL);
	struct labyrinth_owner *gone = make_owner(pool, "gone", NULL);
	struct labyrinth_owner_stats list[4];
	struct labyrinth_pool_stats stats;
	const struct labyrinth_owner_stats *s;

	(void)state;
	assert_int_equal(labyrinth_owner_unregister(gone, NULL), 0);
	take(one, 0, 100);
	take(two, 100, 7);
	assert_int_equal(labyrinth_offer_bulk(one, labyrinth_owner_slot(two), page, 3, NULL), 0);
	assert_int_equal(labyrinth_transfer_bulk(one, labyrinth_owner_slot(two), page + 3, 5,
		NULL), 0);
	assert_int_equal(labyrinth_free(two, page[50]), LABYRINTH_FOREIGN_FREE);
	give(two, 3, 2);
	assert_int_equal(labyrinth_pool_owners(pool, NULL, 0), 2);
	assert_int_equal(labyrinth_pool_owners(pool, list, 4), 2);
	s = find(list, 2, one);
	assert_string_equal(s->name, "one");
	assert_int_equal(s->owned, 92);
	assert_int_equal(s->offered, 3);
	assert_int_equal(s->alloc, 100);
	s = find(list, 2, two);
	assert_int_equal(s->owned, 10);
	assert_int_equal(s->released, 2);
	assert_int_equal(s->refused, 1);
	stats = stats_of(pool);
	assert_int_equal(list[0].owned + list[1].owned, stats.owned);
	assert_int_equal(list[0].offered + list[1].offered, stats.offered);
	assert_int_equal(list[0].cached + list[1].cached, stats.cached);
	assert_int_equal(holder_of(pool, labyrinth_page_index(page[0])),
		labyrinth_owner_slot(one));
	assert_int_equal(holder_of(pool, labyrinth_page_index(page[5])),
		labyrinth_owner_slot(two));
	assert_int_equal(holder_of(pool, labyrinth_page_index(page[3])), 0);
	assert_int_equal(holder_of(pool, 0), 0);
	assert_int_equal(holder_of(pool, PAGES + 1), 0);
	assert_int_equal(labyrinth_accept_bulk(two, page, 3, NULL), 0);
	give(two, 0, 3);
	give(two, 5, 3);
	give(two, 100, 7);
	give(one, 8, 92);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(falls_are_counted_and_timed),
		cmocka_unit_test(rivals_lose_no_crossing),
		cmocka_unit_test(owners_and_their_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
