/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: back-to-back finds the burst that a known buffer takes, and its time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "burst.h"

/* All bursts up to limit pass. Returns the trials made. */
static uint32_t
run(struct search_burst *burst, uint64_t limit)
{
	uint64_t frames;
	uint32_t n = 0;

	while ((frames = search_burst_next(burst)) != 0) {
		assert_true(frames <= burst->most);
		search_burst_report(burst, frames > limit);
		assert_true(++n < 300);
	}
	return n;
}

static void
a_limit_is_found(void **state)
{
	struct search_burst burst;

	(void)state;
	for (uint64_t limit = 1; limit < 10000000; limit += 1 + limit / 3)
		for (uint64_t first = 1; first < 100000; first *= 7) {
			search_burst_init(&burst, first, 20000000);
			assert_true(run(&burst, limit) < 80);
			assert_true(burst.passed <= limit && burst.failed > limit);
			assert_true(
				burst.failed - burst.passed <= 1 + burst.passed / 128);
		}
}

static void
nothing_passes(void **state)
{
	struct search_burst burst;

	(void)state;
	search_burst_init(&burst, 1024, 1000000);
	run(&burst, 0);
	assert_int_equal(burst.passed, 0);
	assert_int_equal(burst.failed, 1);
}

static void
everything_passes(void **state)
{
	struct search_burst burst;

	(void)state;
	for (uint64_t most = 1; most < 5000; most += 777) {
		search_burst_init(&burst, 1024, most);
		run(&burst, UINT64_MAX);
		assert_int_equal(burst.passed, most);
		assert_int_equal(burst.failed, 0);
	}
	search_burst_init(&burst, 1, UINT64_MAX);
	assert_true(run(&burst, UINT64_MAX) == 65);
}

/* One loss of a length is a disturbance: it is tried once more. */
static void
one_loss_is_verified(void **state)
{
	struct search_burst burst;
	uint64_t frames;
	uint32_t n = 0;

	(void)state;
	search_burst_init(&burst, 16, 4096);
	while ((frames = search_burst_next(&burst)) != 0) {
		search_burst_report(&burst, n++ % 2 == 0);
		assert_int_equal(search_burst_next(&burst) == frames, n % 2 == 1);
	}
	assert_int_equal(burst.passed, 4096);
	assert_int_equal(n, 18);
}

static void
buffer_time_allows_for_the_drain(void **state)
{
	struct search_buffer buffer = search_buffer_time(1000, 1e6, 0);

	(void)state;
	assert_float_equal(buffer.implied, 1e-3, 1e-12);
	assert_float_equal(buffer.corrected, 1e-3, 1e-12);
	/* 1000 came while 750 went: 250 were in the buffer */
	buffer = search_buffer_time(1000, 1e6, 0.75e6);
	assert_float_equal(buffer.implied, 1e-3, 1e-12);
	assert_float_equal(buffer.corrected, 0.25e-3, 1e-12);
	/* more than line rate, by an error of measurement */
	assert_true(search_buffer_time(1000, 1e6, 1.01e6).corrected == 0);
}

static void
spreads(void **state)
{
	static const double value[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	struct search_spread s = search_spread(value, 8);

	(void)state;
	assert_float_equal(s.average, 5, 1e-12);
	assert_true(s.min == 2 && s.max == 9);
	assert_float_equal(s.stdev, sqrt(32.0 / 7), 1e-12);
	s = search_spread(value, 1);
	assert_true(s.average == 2 && s.min == 2 && s.max == 2 && s.stdev == 0);
	s = search_spread(value, 0);
	assert_true(s.average == 0 && s.min == 0 && s.max == 0 && s.stdev == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_is_found),
		cmocka_unit_test(nothing_passes),
		cmocka_unit_test(everything_passes),
		cmocka_unit_test(one_loss_is_verified),
		cmocka_unit_test(buffer_time_allows_for_the_drain),
		cmocka_unit_test(spreads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
