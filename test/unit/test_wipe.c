/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: pages are zeroed or poisoned on free, and writes to free pages found. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "pool_fixture.h"

#define PAGES 64u

static labyrinth_page page[PAGES];

static struct labyrinth_pool *
wiping_pool(uint32_t flags)
{
	struct labyrinth_pool_config config = { .pages = PAGES, .numa_node = -1, .flags = flags,
		.backing = LABYRINTH_BACKING_PLAIN, .watermarks.min = LABYRINTH_NO_RESERVE };
	struct labyrinth_pool *pool = NULL;

	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), 0);
	return pool;
}

static void
zero_on_free(void **state)
{
	struct labyrinth_pool *pool = wiping_pool(LABYRINTH_POOL_ZERO_ON_FREE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	const char *base = labyrinth_pool_base(pool);

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, PAGES), PAGES);
	memset(labyrinth_pool_base(pool), 0x33, PAGES * LABYRINTH_PAGE_SIZE);
	assert_int_equal(labyrinth_free_bulk(a, page, PAGES / 2, NULL), 0);
	for (uint32_t i = PAGES / 2; i < PAGES; i++)
		assert_int_equal(labyrinth_free(a, page[i]), 0);
	for (size_t i = 0; i < PAGES * LABYRINTH_PAGE_SIZE; i++)
		assert_int_equal(base[i], 0);
	end_pool(pool);
}

static void
poison_finds_a_write(void **state)
{
	struct labyrinth_pool *pool = wiping_pool(LABYRINTH_POOL_POISON);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	char *base = labyrinth_pool_base(pool);

	(void)state;
	for (int round = 0; round < 3; round++) {
		assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, PAGES), PAGES);
		memset(base, round, PAGES * LABYRINTH_PAGE_SIZE);
		assert_int_equal(labyrinth_free_bulk(a, page, PAGES, NULL), 0);
	}
	assert_int_equal(stats_of(pool).poison_broken, 0);
	base[5 * LABYRINTH_PAGE_SIZE + 4095] ^= 1;
	base[6 * LABYRINTH_PAGE_SIZE] ^= 1;
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, PAGES), PAGES);
	assert_int_equal(stats_of(pool).poison_broken, 2);
	assert_int_equal(labyrinth_free_bulk(a, page, PAGES, NULL), 0);
	end_pool(pool);
}

static void
a_refused_free_wipes_nothing(void **state)
{
	struct labyrinth_pool *pool = wiping_pool(LABYRINTH_POOL_ZERO_ON_FREE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);
	char *bytes;

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, 1), 1);
	bytes = labyrinth_page_address(pool, page[0]);
	bytes[0] = 1;
	assert_int_equal(labyrinth_free(b, page[0]), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(bytes[0], 1);
	assert_int_equal(labyrinth_free(a, page[0]), 0);
	assert_int_equal(bytes[0], 0);
	end_pool(pool);
}

/* What is done to pages is done to those that are named by their addresses too. */
static void
by_address(void **state)
{
	static const uint32_t flags[] = { 0, LABYRINTH_POOL_ZERO_ON_FREE, LABYRINTH_POOL_POISON };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct labyrinth_pool *pool = wiping_pool(flags[i]);
		struct labyrinth_owner *a = make_owner(pool, "a", NULL);
		void *address[PAGES];

		assert_int_equal(labyrinth_alloc_address_bulk(a, LABYRINTH_GFP_NOWAIT, address,
			PAGES), PAGES);
		memset(labyrinth_pool_base(pool), 0x33, PAGES * LABYRINTH_PAGE_SIZE);
		assert_int_equal(labyrinth_free_address_bulk(a, address, PAGES, NULL), 0);
		assert_int_equal(labyrinth_alloc_address_burst(a, LABYRINTH_GFP_ATOMIC |
			LABYRINTH_GFP_ZERO, address, PAGES), PAGES);
		for (uint32_t k = 0; k < PAGES; k++)
			for (uint32_t byte = 0; byte < LABYRINTH_PAGE_SIZE; byte++)
				assert_int_equal(((char *)address[k])[byte], 0);
		assert_int_equal(stats_of(pool).poison_broken, 0);
		assert_int_equal(labyrinth_free_address_bulk(a, address, PAGES, NULL), 0);
		end_pool(pool);
	}
}

struct rival {
	struct labyrinth_owner *owner;
	_Atomic labyrinth_page page;   /* to be freed; 0: done */
	atomic_bool end;
};

/* Free whatever the other one frees too. */
static void *
free_as_well(void *arg)
{
	struct rival *rival = arg;
	labyrinth_page both;

	while (!atomic_load(&rival->end)) {
		both = atomic_load(&rival->page);
		if (both == 0) {
			sched_yield();
			continue;
		}
		labyrinth_free(rival->owner, both);
		atomic_store(&rival->page, 0);
	}
	return NULL;
}

static void
fill_and_check(char *bytes, struct rival *rival)
{
	memset(bytes, 0x55, LABYRINTH_PAGE_SIZE);
	while (atomic_load(&rival->page) != 0)
		sched_yield();
	for (uint32_t i = 0; i < LABYRINTH_PAGE_SIZE; i++)
		assert_int_equal(bytes[i], 0x55);
}

/* Two members free one page at once: who comes second must leave it to its new owner. */
static void
the_later_of_two_frees_wipes_nothing(void **state)
{
	struct labyrinth_pool *pool = wiping_pool(LABYRINTH_POOL_ZERO_ON_FREE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct rival rival = { .owner = make_owner(pool, "b", a) };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, free_as_well, &rival), 0);
	/* the rest is out, so that both are about this one page all the time */
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, PAGES), PAGES);
	for (uint32_t round = 0; round < 5000; round++) {
		atomic_store(&rival.page, page[0]);
		labyrinth_free(a, page[0]);
		while ((page[0] = labyrinth_alloc(a, LABYRINTH_GFP_NOWAIT)) == 0)
			sched_yield();
		fill_and_check(labyrinth_page_address(pool, page[0]), &rival);
	}
	atomic_store(&rival.end, true);
	pthread_join(thread, NULL);
	assert_int_equal(labyrinth_free_bulk(a, page, PAGES, NULL), 0);
	assert_int_equal(stats_of(pool).refused[LABYRINTH_DOUBLE_FREE] +
		stats_of(pool).refused[LABYRINTH_STALE_HANDLE], 5000);
	end_pool(pool);
}

static void
not_both(void **state)
{
	struct labyrinth_pool_config config = { .pages = 1, .backing = LABYRINTH_BACKING_PLAIN,
		.flags = LABYRINTH_POOL_POISON | LABYRINTH_POOL_ZERO_ON_FREE };
	struct labyrinth_pool *pool;

	(void)state;
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), -EINVAL);
	config.flags = 0x100;
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_on_free),
		cmocka_unit_test(poison_finds_a_write),
		cmocka_unit_test(a_refused_free_wipes_nothing),
		cmocka_unit_test(by_address),
		cmocka_unit_test(the_later_of_two_frees_wipes_nothing),
		cmocka_unit_test(not_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
