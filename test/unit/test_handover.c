/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: a pipeline's pages change hands in runs, whatever the runs look like. */
#include <stdlib.h>

#include "page.h"
#include "pool_fixture.h"

#define PAGES 1024u
#define MOST 300u

static labyrinth_page page[MOST];

static void
shuffle(uint32_t n, unsigned int *seed)
{
	for (uint32_t i = n - 1; i > 0; i--) {
		uint32_t j = (uint32_t)rand_r(seed) % (i + 1);
		labyrinth_page other = page[i];

		page[i] = page[j];
		page[j] = other;
	}
}

static void
check_owner(const struct labyrinth_pool *pool, uint32_t n, uint32_t slot)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t owner;

		assert_int_equal(lab_page_status(pool, labyrinth_page_index(page[i]) - 1, &owner),
			LAB_STATUS_OWNED);
		assert_int_equal(owner, slot);
	}
}

/* Bursts of any length, in order and not, fresh and loose, through three owners. */
static void
any_runs(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *stage[3] = { make_owner(pool, "rx", NULL),
		make_owner(pool, "work", NULL), make_owner(pool, "tx", NULL) };
	unsigned int seed = 1;

	(void)state;
	for (uint32_t round = 0; round < 3000; round++) {
		uint32_t n = 1 + (uint32_t)rand_r(&seed) % MOST;

		n = labyrinth_alloc_burst(stage[0], 0, page, n);
		for (uint32_t i = 0; i < 2 && n != 0; i++) {
			if (rand_r(&seed) % 3 == 0)
				shuffle(n, &seed);
			check_owner(pool, n, labyrinth_owner_slot(stage[i]));
			assert_int_equal(labyrinth_transfer_bulk(stage[i],
				labyrinth_owner_slot(stage[i + 1]), page, n, NULL), 0);
			/* who gave it has it no more */
			assert_int_equal(labyrinth_free(stage[i], page[n / 2]),
				LABYRINTH_FOREIGN_FREE);
		}
		assert_int_equal(labyrinth_free_bulk(stage[2], page, n, NULL), 0);
		if (round % 100 == 0)
			check_valid(pool);
	}
	end_pool(pool);
}

/* Bad entries among good ones, in each place of a run. */
static void
a_bad_one_stays(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);
	enum labyrinth_refusal why[64];

	(void)state;
	for (uint32_t bad = 0; bad < 64; bad++) {
		labyrinth_page gone;

		assert_int_equal(labyrinth_alloc_bulk(a, 0, page, 64), 64);
		gone = page[bad];
		assert_int_equal(labyrinth_free(a, gone), 0);
		assert_int_equal(labyrinth_transfer_bulk(a, labyrinth_owner_slot(b), page, 64,
			why), 1);
		assert_int_equal(why[0], LABYRINTH_DOUBLE_FREE);
		assert_true(page[0] == gone);
		assert_int_equal(stats_of(pool).owned, 63);
		assert_int_equal(stats_of(pool).transferred, (bad + 1) * 63);
		check_valid(pool);
		/* by index, since the refused one took the place of another's handle */
		for (uint32_t index = 1; index <= PAGES; index++) {
			uint32_t owner, one = index;

			lab_page_status(pool, index - 1, &owner);
			if (owner == labyrinth_owner_slot(b))
				assert_int_equal(labyrinth_free_index_bulk(b, &one, 1, NULL), 0);
		}
		assert_int_equal(stats_of(pool).owned, 0);
	}
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_runs),
		cmocka_unit_test(a_bad_one_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
