/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: pages that come and go one by one keep the rules that others keep. */
#include <pthread.h>
#include <stdlib.h>

#include "call.h"
#include "magazine.h"
#include "page.h"
#include "pool_fixture.h"

#define PAGES 2048u
#define HELD 1024u
#define BURST 32u

static labyrinth_page held[HELD];
static uint32_t last[PAGES + 1];

/* A handle that was handed out before must not come again: generations only grow. */
static void
note_handles(const labyrinth_page *page, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t index = labyrinth_page_index(page[i]);
		uint32_t generation = labyrinth_page_generation(page[i]);

		if (last[index] != 0)
			assert_true((int32_t)(generation - last[index]) > 0);
		last[index] = generation;
	}
}

static void
take(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n)
{
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, n), n);
	note_handles(page, n);
}

/* Random ones of the held go, n at a time, and others come in their place. */
static void
churn(struct labyrinth_owner *owner, uint32_t bursts, uint32_t n, unsigned int *seed)
{
	while (bursts-- > 0) {
		labyrinth_page burst[HELD];

		for (uint32_t i = 0; i < n; i++) {
			uint32_t j = i + (uint32_t)rand_r(seed) % (HELD - i);
			labyrinth_page other = held[j];

			held[j] = held[i];
			held[i] = other;
		}
		memcpy(burst, held, n * sizeof(burst[0]));
		assert_int_equal(labyrinth_free_bulk(owner, burst, n, NULL), 0);
		take(owner, held, n);
	}
}

static struct labyrinth_owner *
start(struct labyrinth_pool **pool, uint32_t cache)
{
	struct labyrinth_owner *owner;

	*pool = make_pool(PAGES, cache, LABYRINTH_NO_RESERVE);
	owner = make_owner(*pool, "o", NULL);
	memset(last, 0, sizeof(last));
	for (uint32_t i = 0; i < HELD; i += BURST)
		take(owner, held + i, BURST);
	return owner;
}

static void
random_order(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 31, BURST, 100, HELD };
	unsigned int seed = 1;

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		struct labyrinth_pool *pool;
		struct labyrinth_owner *owner = start(&pool, 0);

		for (uint32_t round = 0; round < 20; round++) {
			churn(owner, 200 / sizes[i] + 1, sizes[i], &seed);
			check_valid(pool);
			assert_in_range(stats_of(pool).cached, 0, LABYRINTH_CACHE_DEFAULT);
			assert_int_equal(stats_of(pool).owned, HELD);
		}
		assert_int_equal(labyrinth_free_bulk(owner, held, HELD, NULL), 0);
		end_pool(pool);
	}
}

/* Make a loose page the first of the held. */
static void
find_loose(const struct labyrinth_pool *pool)
{
	uint32_t i = 0;
	labyrinth_page page;

	while (lab_word_load(pool, labyrinth_page_index(held[i]) - 1).flags != LAB_PAGE_LOOSE) {
		i++;
		assert_true(i < HELD);
	}
	page = held[i];
	held[i] = held[0];
	held[0] = page;
}

static void
bad_frees_are_told(void **state)
{
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner = start(&pool, 0), *other = make_owner(pool, "x", NULL);
	unsigned int seed = 2;
	labyrinth_page stale;
	uint32_t before;

	(void)state;
	churn(owner, 200, BURST, &seed);
	find_loose(pool);
	before = owner->magazine_count;
	stale = held[0];
	assert_int_equal(labyrinth_free(other, held[0]), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(labyrinth_free(owner, held[0]), LABYRINTH_REFUSED_NONE);
	assert_int_equal(owner->magazine_count, before + 1);
	assert_int_equal(labyrinth_free(owner, stale), LABYRINTH_DOUBLE_FREE);
	assert_int_equal(labyrinth_free(other, stale), LABYRINTH_DOUBLE_FREE);
	lab_magazine_take(owner, (struct lab_names){ .page = held }, 1);
	assert_int_equal(labyrinth_page_index(held[0]), labyrinth_page_index(stale));
	assert_int_equal(labyrinth_free(owner, stale), LABYRINTH_STALE_HANDLE);
	assert_int_equal(labyrinth_free_bulk(owner, held, HELD, NULL), 0);
	check_valid(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

/* Twice in one burst: the first is freed, the second refused. */
static void
twice_in_a_burst(void **state)
{
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner = start(&pool, 0);
	enum labyrinth_refusal why[4];
	unsigned int seed = 3;
	labyrinth_page burst[4];
	uint32_t index[4];

	(void)state;
	churn(owner, 200, BURST, &seed);
	for (uint32_t i = 0; i < 4; i++) {
		burst[i] = held[i < 3 ? i : 1];
		index[i] = labyrinth_page_index(held[i < 3 ? i + 4 : 5]);
	}
	assert_int_equal(labyrinth_free_bulk(owner, burst, 4, why), 1);
	assert_int_equal(why[0], LABYRINTH_DOUBLE_FREE);
	assert_true(burst[0] == held[1]);
	assert_int_equal(labyrinth_free_index_bulk(owner, index, 4, why), 1);
	assert_int_equal(why[0], LABYRINTH_DOUBLE_FREE);
	assert_int_equal(labyrinth_free_bulk(owner, held + 8, HELD - 8, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(owner, held + 3, 1, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(owner, held + 7, 1, NULL), 0);
	end_pool(pool);
}

/* What was loose goes back to rows, and is handed out in order again, by rows alone. */
static void
order_comes_back(void **state)
{
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner = start(&pool, 0);
	unsigned int seed = 4;

	(void)state;
	churn(owner, 500, BURST, &seed);
	assert_int_equal(labyrinth_free_bulk(owner, held, HELD, NULL), 0);
	labyrinth_owner_flush(owner);
	assert_int_equal(stats_of(pool).free, PAGES);
	take(owner, held, BURST);
	for (uint32_t i = 1; i < BURST; i++)
		assert_int_equal(labyrinth_page_index(held[i]),
			labyrinth_page_index(held[0]) + i);
	assert_int_equal(labyrinth_free_bulk(owner, held, BURST, NULL), 0);
	end_pool(pool);
}

/* By address it is the same; what is no address of a page is refused. */
static void
by_address(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	char *base = labyrinth_pool_base(pool);
	void *page[HELD], *bad[4] = { base + 1, base - LABYRINTH_PAGE_SIZE, NULL,
		base + (size_t)PAGES * LABYRINTH_PAGE_SIZE };
	enum labyrinth_refusal why[4];
	unsigned int seed = 8;

	(void)state;
	assert_int_equal(labyrinth_alloc_address_bulk(owner, 0, page, HELD), HELD);
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t j = (uint32_t)rand_r(&seed) % HELD;
		void *was = page[j];

		assert_int_equal(((char *)was - base) % LABYRINTH_PAGE_SIZE, 0);
		assert_int_equal(labyrinth_free_address_bulk(owner, &page[j], 1, NULL), 0);
		assert_int_equal(labyrinth_free_address_bulk(owner, &was, 1, why), 1);
		assert_int_equal(why[0], LABYRINTH_DOUBLE_FREE);
		assert_int_equal(labyrinth_alloc_address_burst(owner, 0, &page[j], 1), 1);
	}
	assert_int_equal(labyrinth_free_address_bulk(owner, bad, 4, why), 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(why[i], LABYRINTH_BAD_HANDLE);
	assert_int_equal(labyrinth_free_address_bulk(owner, page, HELD, NULL), 0);
	end_pool(pool);
}

/* A handler that interrupts a free may not free the same pages: they are being freed. */
static void
a_handler_in_the_middle(void **state)
{
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner = start(&pool, 0);
	uint32_t index = labyrinth_page_index(held[2]);

	(void)state;
	lab_magazine_begin(owner, (struct lab_names){ .page = held }, 2);
	assert_int_equal(lab_page_free(owner, labyrinth_page_index(held[1]) - 1,
		labyrinth_page_generation(held[1])), LABYRINTH_DOUBLE_FREE);
	assert_int_equal(lab_page_free(owner, labyrinth_page_index(held[1]) - 1,
		LAB_ANY_GENERATION), LABYRINTH_DOUBLE_FREE);
	assert_int_equal(lab_page_free(owner, labyrinth_page_index(held[3]) - 1,
		labyrinth_page_generation(held[3])), LABYRINTH_REFUSED_NONE);
	lab_magazine_end(owner);
	lab_magazine_begin(owner, (struct lab_names){ .index = &index }, 1);
	assert_int_equal(lab_page_free(owner, index - 1, labyrinth_page_generation(held[2])),
		LABYRINTH_DOUBLE_FREE);
	lab_magazine_end(owner);
	assert_int_equal(labyrinth_free_bulk(owner, held, 3, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(owner, held + 4, HELD - 4, NULL), 0);
	check_valid(pool);
	assert_int_equal(stats_of(pool).owned, 0);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

/*
 * The call that is interrupted was given a page twice, and freed it once. The handler takes
 * it, and as it gets too few gives it back: the other mention is no reason to refuse that.
 */
static void
a_handler_puts_back(void **state)
{
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner = start(&pool, 0);
	uint32_t twice[2] = { labyrinth_page_index(held[0]), labyrinth_page_index(held[0]) };
	uint32_t free_before;
	static labyrinth_page out[PAGES];

	(void)state;
	assert_int_equal(labyrinth_free(owner, held[0]), LABYRINTH_REFUSED_NONE);
	labyrinth_owner_flush(owner);
	free_before = stats_of(pool).free;
	assert_true(lab_enter(owner));
	lab_magazine_begin(owner, (struct lab_names){ .index = twice }, 2);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, out,
		free_before + 1), 0);
	lab_magazine_end(owner);
	lab_leave(owner);
	assert_int_equal(stats_of(pool).free, free_before);
	assert_int_equal(labyrinth_free_bulk(owner, held + 1, HELD - 1, NULL), 0);
	check_valid(pool);
	assert_int_equal(stats_of(pool).owned, 0);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

static void *
die_with_a_magazine(void *arg)
{
	struct labyrinth_owner *owner = arg;
	unsigned int seed = 5;

	labyrinth_owner_bind(owner);
	for (uint32_t i = 0; i < HELD; i += BURST)
		labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, held + i, BURST);
	memset(last, 0, sizeof(last));
	churn(owner, 500, BURST, &seed);
	labyrinth_free_bulk(owner, held, BURST, NULL);
	return NULL;
}

static void
a_dead_owners_magazine(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *survivor = make_owner(pool, "s", NULL);
	struct labyrinth_owner *victim = make_owner(pool, "v", NULL);
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, die_with_a_magazine, victim), 0);
	pthread_join(thread, NULL);
	assert_true(victim->magazine_count != 0);
	check_valid(pool);
	/* those that it owned, and not those that it cached, are said to have come back */
	assert_int_equal(labyrinth_reclaim(survivor, labyrinth_owner_slot(victim)),
		HELD - BURST);
	check_valid(pool);
	assert_int_equal(labyrinth_alloc_bulk(survivor, LABYRINTH_GFP_NOWAIT, held, HELD), HELD);
	assert_int_equal(labyrinth_free_bulk(survivor, held, HELD, NULL), 0);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

/* Whoever only frees what others give keeps none of it in a magazine. */
static void
gifts_go_home(void **state)
{
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner = start(&pool, 0), *other = make_owner(pool, "x", NULL);
	unsigned int seed = 6;

	(void)state;
	churn(owner, 500, BURST, &seed);
	assert_int_equal(labyrinth_transfer_bulk(owner, labyrinth_owner_slot(other), held, HELD,
		NULL), 0);
	assert_int_equal(labyrinth_free_bulk(other, held, HELD, NULL), 0);
	assert_int_equal(other->magazine_count, 0);
	end_pool(pool);
}

/* Under pressure a loose page is in the depot when it is freed, not some time later. */
static void
pressure_empties_it(void **state)
{
	struct labyrinth_pool *pool = make_pool(HELD, 0, 256);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	uint32_t free_before, n = HELD - 256;
	unsigned int seed = 7;

	(void)state;
	memset(last, 0, sizeof(last));
	take(owner, held, n);
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t j = (uint32_t)rand_r(&seed) % n;

		assert_int_equal(labyrinth_free(owner, held[j]), LABYRINTH_REFUSED_NONE);
		take(owner, &held[j], 1);
	}
	assert_int_equal(labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, held + n, 160), 160);
	for (uint32_t i = 0; i < 160; i++) {
		free_before = stats_of(pool).free;
		assert_int_equal(labyrinth_free(owner, held[i]), LABYRINTH_REFUSED_NONE);
		assert_int_equal(stats_of(pool).free, free_before + 1);
	}
	assert_int_equal(labyrinth_free_bulk(owner, held + 160, n, NULL), 0);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_order),
		cmocka_unit_test(bad_frees_are_told),
		cmocka_unit_test(twice_in_a_burst),
		cmocka_unit_test(order_comes_back),
		cmocka_unit_test(by_address),
		cmocka_unit_test(a_handler_in_the_middle),
		cmocka_unit_test(a_handler_puts_back),
		cmocka_unit_test(a_dead_owners_magazine),
		cmocka_unit_test(gifts_go_home),
		cmocka_unit_test(pressure_empties_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
