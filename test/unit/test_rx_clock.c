/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: ticks to time without drift; the wire's clock stands while it is stopped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"

/* A hundred days of ticks, at frequencies that divide badly: off by less than 1 ns. */
static void
the_conversion_does_not_drift(void **state)
{
	static const uint64_t frequencies[] = { LABYRINTH_CLOCK_HZ_MIN, 19200000,
		2599999987, 2600000000, 3312345678, 5000000000, LABYRINTH_CLOCK_HZ_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(frequencies) / sizeof(frequencies[0]); i++) {
		uint64_t hz = frequencies[i], seconds = 100 * 86400;
		struct labyrinth_clock clock;

		labyrinth_clock_init(&clock, hz);
		if (hz == LABYRINTH_CLOCK_HZ_MAX)
			seconds /= 10;
		assert_in_range(labyrinth_clock_ns(&clock, hz * seconds),
			seconds * 1000000000 - 1, seconds * 1000000000 + 1);
		assert_in_range(labyrinth_clock_ps(&clock, hz * seconds),
			seconds * 1000000000000 - 1000, seconds * 1000000000000 + 1000);
		assert_int_equal(labyrinth_clock_ns(&clock, 0), 0);
	}
}

static void
time_stands_while_the_clock_is_stopped(void **state)
{
	struct lab_clock clock;

	(void)state;
	lab_clock_init(&clock, 0, true);
	atomic_store(&clock.virtual_ps, 7000);
	assert_int_equal(lab_clock_now(&clock), 0);
	lab_clock_start(&clock);
	assert_int_equal(lab_clock_origin_ns(&clock), 7);
	atomic_store(&clock.virtual_ps, 10000);
	assert_int_equal(lab_clock_now(&clock), 3000);
	lab_clock_stop(&clock);
	atomic_store(&clock.virtual_ps, 50000);
	assert_int_equal(lab_clock_now(&clock), 3000);
	lab_clock_start(&clock);
	assert_int_equal(lab_clock_now(&clock), 3000);
	atomic_store(&clock.virtual_ps, 50001);
	assert_int_equal(lab_clock_now(&clock), 3001);
	/* wire time 3000 is 50 ns by the clock */
	assert_int_equal(lab_clock_origin_ns(&clock) + 3, 50);
}

/* Whatever CPU the clock is read on, time does not go back before its start. */
static void
a_tick_before_the_start_is_the_start(void **state)
{
	struct lab_clock clock;

	(void)state;
	lab_clock_init(&clock, 1000000000, false);
	lab_clock_start(&clock);
	clock.start += UINT64_C(1) << 40;
	assert_int_equal(lab_clock_now(&clock), 0);
}

static void
the_measured_frequency_is_that_of_the_ticks(void **state)
{
	struct lab_clock clock;
	struct timespec before, after;
	uint64_t ticks[2], took;

	(void)state;
	lab_clock_init(&clock, 0, false);
	clock_gettime(CLOCK_MONOTONIC, &before);
	ticks[0] = labyrinth_clock_ticks();
	do {
		ticks[1] = labyrinth_clock_ticks();
		clock_gettime(CLOCK_MONOTONIC, &after);
		took = (uint64_t)(after.tv_sec - before.tv_sec) * 1000000000 +
		       (uint64_t)(after.tv_nsec - before.tv_nsec);
	} while (took < 50000000);
	/* both ends of "took" may have been interrupted, so only roughly */
	assert_true(
		labyrinth_clock_ns(&clock.tsc, ticks[1] - ticks[0]) <= took + took / 50);
	assert_true(clock.tsc.hz > LABYRINTH_CLOCK_HZ_MIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_conversion_does_not_drift),
		cmocka_unit_test(time_stands_while_the_clock_is_stopped),
		cmocka_unit_test(a_tick_before_the_start_is_the_start),
		cmocka_unit_test(the_measured_frequency_is_that_of_the_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
