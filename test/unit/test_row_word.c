/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: each transition of the row word changes what it says and no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "row_word.h"

static void
raw_round_trip(void **state)
{
	struct lab_row_word word = { .free = 0x80000001, .holder = 4095,
		.state = LAB_ROW_TAKING, .pick = 31, .version = 4095 };

	(void)state;
	assert_memory_equal(&word, (struct lab_row_word[]){ lab_row_word(lab_row_raw(word)) },
		sizeof(word));
	assert_int_equal(lab_row_raw((struct lab_row_word){ .free = LAB_ROW_FULL }),
		LAB_ROW_FULL);
}

static void
claim_and_release(void **state)
{
	struct lab_row_word depot = { .free = 0xf0, .version = 7 };
	struct lab_row_word held = lab_row_claim(depot, 12);

	(void)state;
	assert_true(lab_row_counted(depot));
	assert_false(lab_row_counted(held));
	assert_true(lab_row_held_by(held, 12));
	assert_false(lab_row_held_by(held, 13));
	assert_false(lab_row_held_by(depot, 0));
	assert_int_equal(held.free, 0xf0);
	held = lab_row_release(held, 0x0f);
	assert_int_equal(held.free, 0xff);
	assert_int_equal(held.holder, 0);
	assert_int_equal(held.state, LAB_ROW_DEPOT);
}

static void
pick_changes_the_version(void **state)
{
	struct lab_row_word word = { .free = 0xff, .state = LAB_ROW_HELD, .holder = 3,
		.version = 4095 };
	struct lab_row_word next = lab_row_pick(word, 0x0f);

	(void)state;
	assert_int_equal(next.free, 0xf0);
	assert_int_equal(next.version, 0);
	assert_true(lab_row_held_by(next, 3));
	/* given back: the same mask, but not the same word */
	assert_true(lab_row_raw(lab_row_give(next, 0x0f)) != lab_row_raw(word));
}

static void
what_a_give_must_not_miss_changes_the_version(void **state)
{
	struct lab_row_word word = { .free = 0xf0, .state = LAB_ROW_HELD, .holder = 3 };

	(void)state;
	assert_int_equal(lab_row_touch(word).version, 1);
	assert_int_equal(lab_row_touch(word).free, 0xf0);
	assert_int_equal(lab_row_release(word, 0).version, 1);
	/* named and released, then claimed anew by the same holder: another word */
	assert_true(lab_row_raw(lab_row_claim(lab_row_release(word, 0), 3)) !=
		lab_row_raw(word));
}

static void
take_and_taken(void **state)
{
	struct lab_row_word word = { .free = 0x3 };
	struct lab_row_word taking = lab_row_take(word, 1, 9);

	(void)state;
	assert_int_equal(taking.free, 0x1);
	assert_int_equal(taking.pick, 1);
	assert_int_equal(taking.holder, 9);
	assert_true(lab_row_counted(taking));
	assert_false(lab_row_held_by(taking, 9));
	taking = lab_row_taken(taking);
	assert_int_equal(taking.state, LAB_ROW_DEPOT);
	assert_int_equal(taking.holder, 0);
	assert_int_equal(taking.free, 0x1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_round_trip),
		cmocka_unit_test(claim_and_release),
		cmocka_unit_test(pick_changes_the_version),
		cmocka_unit_test(what_a_give_must_not_miss_changes_the_version),
		cmocka_unit_test(take_and_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
