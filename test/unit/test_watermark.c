/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: watermarks and floors are those of Linux. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "watermark.h"

static void
floors_are_those_of_linux(void **state)
{
	/* min - min/2, then less a quarter: 3/8 of min, rounded as in the kernel */
	static const struct { uint32_t min, atomic; } cases[] = {
		{ 0, 0 }, { 1, 1 }, { 2, 1 }, { 8, 3 }, { 16, 6 }, { 100, 38 }, { 800, 300 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lab_floors floors = lab_floors(cases[i].min);

		assert_int_equal(floors.floor[LABYRINTH_GFP_NOWAIT], cases[i].min);
		assert_int_equal(floors.floor[LABYRINTH_GFP_KERNEL], cases[i].min);
		assert_int_equal(floors.floor[LABYRINTH_GFP_ATOMIC], cases[i].atomic);
		assert_int_equal(floors.floor[LABYRINTH_GFP_RESCUE], 0);
	}
}

static void
default_rule(void **state)
{
	struct labyrinth_watermarks wm = { 0 };

	(void)state;
	assert_int_equal(lab_watermarks_init(&wm, 16384, NULL), 0);
	assert_int_equal(wm.min, 256);
	assert_int_equal(wm.low, 320);
	assert_int_equal(wm.high, 384);
}

static void
big_pools_step_by_a_thousandth(void **state)
{
	struct labyrinth_watermarks wm = { .min = 100 };

	(void)state;
	assert_int_equal(lab_watermarks_init(&wm, 1000000, NULL), 0);
	assert_int_equal(wm.low, 1100);
	assert_int_equal(wm.high, 2100);
}

static void
small_pools_stay_ordered(void **state)
{
	(void)state;
	for (uint32_t pages = 1; pages < 300; pages++) {
		struct labyrinth_watermarks wm = { 0 };

		assert_int_equal(lab_watermarks_init(&wm, pages, NULL), 0);
		assert_true(wm.min <= pages / 4);
		assert_true(wm.min <= wm.low && wm.low <= wm.high && wm.high <= pages);
	}
}

static void
no_reserve(void **state)
{
	struct labyrinth_watermarks wm = { .min = LABYRINTH_NO_RESERVE };

	(void)state;
	assert_int_equal(lab_watermarks_init(&wm, 1000, NULL), 0);
	assert_int_equal(wm.min, 0);
}

static void
bad_order_is_refused(void **state)
{
	static const struct labyrinth_watermarks cases[] = {
		{ 101, 0, 0 }, { 50, 49, 0 }, { 50, 101, 0 }, { 50, 60, 59 }, { 50, 60, 101 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct labyrinth_watermarks wm = cases[i];
		struct labyrinth_error error = { "" };

		assert_int_equal(lab_watermarks_init(&wm, 100, &error), -EINVAL);
		assert_int_not_equal(error.text[0], 0);
	}
}

/* Falls and rises noted in any order come to the same time, also when the clock wraps. */
static void
time_below_is_a_sum(void **state)
{
	static const uint64_t starts[] = { 0, 1000, UINT64_C(1) << 60, UINT64_MAX - 6400 };

	(void)state;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		uint64_t t = starts[i] / 64 * 64, word = 0;

		assert_int_equal(lab_below_ticks(word, t), 0);
		word += lab_below_fall(t);
		assert_int_equal(lab_below_open(word), 1);
		assert_int_equal(lab_below_ticks(word, t + 640), 640);
		word += lab_below_rise(t + 1280);
		assert_int_equal(lab_below_open(word), 0);
		assert_int_equal(lab_below_ticks(word, t + 64000), 1280);
		/* the rise of the next time below is noted before its fall */
		word += lab_below_rise(t + 3200);
		assert_int_equal(lab_below_open(word), -1);
		word += lab_below_fall(t + 2560);
		assert_int_equal(lab_below_open(word), 0);
		assert_int_equal(lab_below_ticks(word, t + 64000), 1280 + 640);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(floors_are_those_of_linux),
		cmocka_unit_test(default_rule),
		cmocka_unit_test(big_pools_step_by_a_thousandth),
		cmocka_unit_test(small_pools_stay_ordered),
		cmocka_unit_test(no_reserve),
		cmocka_unit_test(bad_order_is_refused),
		cmocka_unit_test(time_below_is_a_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
