/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: epochs of a row, and that no generation of a page comes twice. */
#include "pool_fixture.h"
#include "pool_private.h"

static void
a_page_fits_once_an_epoch(void **state)
{
	struct lab_pass_word pass = lab_pass_use((struct lab_pass_word){ .epoch = 32 }, 0x0f);

	(void)state;
	assert_true(lab_pass_fits(pass, 0xf0));
	assert_false(lab_pass_fits(pass, 0x18));
	assert_int_equal(lab_pass_generation(pass, 0, 0x01, 3), 32);
	assert_int_equal(lab_pass_generation(pass, 0, 0x10, 3), 3);
	assert_int_equal(lab_pass_generation(pass, 0x01, 0x01, 33), 33);
}

static void
the_next_epoch_is_above_all(void **state)
{
	struct lab_pass_word pass = { .epoch = 32, .used = 0xff };

	(void)state;
	assert_int_equal(lab_pass_next(pass, 3).epoch, 48);
	assert_int_equal(lab_pass_next(pass, 32).epoch, 48);
	assert_int_equal(lab_pass_next(pass, 47).epoch, 48);
	assert_int_equal(lab_pass_next(pass, 48).epoch, 64);
	assert_int_equal(lab_pass_next(pass, 49).epoch, 64);
	assert_int_equal(lab_pass_next(pass, 49).used, 0);
	pass.epoch = UINT32_MAX - 15;
	assert_int_equal(lab_pass_next(pass, 3).epoch, 16);
	assert_int_equal(lab_pass_next(pass, UINT32_MAX).epoch, 0);
}

static void
singles_count_within_the_epoch(void **state)
{
	struct lab_pass_word pass = { .epoch = 32 };
	uint32_t generation = lab_pass_single(pass, false, 5);

	(void)state;
	for (uint32_t i = 33; i < 48; i++) {
		assert_int_equal(generation, i);
		generation = lab_pass_single(pass, true, generation);
	}
	assert_int_equal(generation, LAB_PASS_FULL);
}

/* All handles that one page ever had are different, whichever way it was handed out. */
static void
no_generation_comes_twice(void **state)
{
	enum { ROUNDS = 500, MOST = ROUNDS * 41 };
	struct labyrinth_pool *pool = make_pool(32, 0, 8);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);
	static labyrinth_page had[32][MOST];
	static uint32_t times[32];
	labyrinth_page page[32];
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct labyrinth_owner *owner = round % 3 ? a : b;
		/* near the floor pages are taken singly, else by rows */
		uint32_t n = labyrinth_alloc_burst(owner, round % 2 ? LABYRINTH_GFP_NOWAIT :
			LABYRINTH_GFP_RESCUE, page, 1 + (seed = seed * 1103515245u + 12345u) % 32);

		for (uint32_t i = 0; i < n; i++) {
			uint32_t at = labyrinth_page_index(page[i]) - 1;

			for (uint32_t t = 0; t < times[at]; t++)
				assert_int_not_equal(had[at][t], page[i]);
			had[at][times[at]++] = page[i];
		}
		if (round % 5 == 0)
			assert_int_equal(labyrinth_transfer_bulk(owner, labyrinth_owner_slot(
				owner == a ? b : a), page, n, NULL), 0);
		assert_int_equal(labyrinth_free_bulk(round % 5 == 0 ? (owner == a ? b : a) :
			owner, page, n, NULL), 0);
		if (round % 7 == 0)
			labyrinth_owner_flush(owner);
		/* some pages again and again, alone */
		for (uint32_t i = 0; i < round % 40u; i++) {
			labyrinth_page one = 0;

			if (labyrinth_alloc_bulk(owner, LABYRINTH_GFP_RESCUE, &one, 1) == 0)
				continue;
			for (uint32_t t = 0; t < times[labyrinth_page_index(one) - 1]; t++)
				assert_int_not_equal(had[labyrinth_page_index(one) - 1][t], one);
			had[labyrinth_page_index(one) - 1]
				[times[labyrinth_page_index(one) - 1]++] = one;
			assert_int_equal(labyrinth_free(owner, one), 0);
		}
	}
	end_pool(pool);
}

static void
generations_wrap(void **state)
{
	struct labyrinth_pool *pool = make_pool(32, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct lab_pass_word pass = { .epoch = UINT32_MAX - 47, .used = LAB_ROW_FULL };
	labyrinth_page page[32], old = 0;

	(void)state;
	atomic_store(&pool->row[0].pass, lab_pass_raw(pass));
	for (int round = 0; round < 8; round++) {
		assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, 32), 32);
		if (old != 0)
			assert_int_equal(labyrinth_free(a, old), LABYRINTH_STALE_HANDLE);
		old = page[0];
		assert_int_equal(labyrinth_free_bulk(a, page, 32, NULL), 0);
	}
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_fits_once_an_epoch),
		cmocka_unit_test(the_next_epoch_is_above_all),
		cmocka_unit_test(singles_count_within_the_epoch),
		cmocka_unit_test(no_generation_comes_twice),
		cmocka_unit_test(generations_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
