/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: buffers that are kept come back once, in order, when they are due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hold.h"

#define BUFFERS 100u
#define TICKS   50u

static uintptr_t next_given;

/* In order, none twice. */
static void
give(void *arg, void *const *buffer, uint32_t n)
{
	(void)arg;
	assert_true(n > 0);
	for (uint32_t i = 0; i < n; i++)
		assert_true((uintptr_t)buffer[i] == next_given++);
}

static const struct labyrinth_source source = { .give = give };

static void
push(struct wire_hold *hold, uintptr_t first, uint32_t n, uint64_t now)
{
	void *buffer[BUFFERS];

	for (uint32_t i = 0; i < n; i++)
		buffer[i] = (void *)(first + i);
	wire_hold_push(hold, buffer, n, now);
}

static void
each_comes_back_when_it_is_due(void **state)
{
	struct wire_hold hold;
	uintptr_t first = 0;

	(void)state;
	next_given = 0;
	assert_int_equal(wire_hold_open(&hold, TICKS, BUFFERS, NULL), BENCH_OK);
	/* over the end of the ring many times */
	for (uint64_t now = 0; now < 100000; now += 10) {
		uint32_t n = (uint32_t)(now / 10 % 17);

		push(&hold, first, n, now);
		first += n;
		wire_hold_release(&hold, &source, now);
		/* those of the last five steps are kept: 16 each at most */
		assert_true(hold.end - hold.first <= 5 * 16);
		assert_true(next_given + (hold.end - hold.first) == first);
	}
	wire_hold_release(&hold, &source, UINT64_MAX);
	assert_true(next_given == first);
	wire_hold_close(&hold);
}

static void
not_a_tick_too_early(void **state)
{
	struct wire_hold hold;

	(void)state;
	next_given = 0;
	assert_int_equal(wire_hold_open(&hold, TICKS, BUFFERS, NULL), BENCH_OK);
	push(&hold, 0, 3, 1000);
	push(&hold, 3, 2, 1001);
	wire_hold_release(&hold, &source, 1000 + TICKS - 1);
	assert_int_equal(next_given, 0);
	wire_hold_release(&hold, &source, 1000 + TICKS);
	assert_int_equal(next_given, 3);
	wire_hold_release(&hold, &source, 1001 + TICKS);
	assert_int_equal(next_given, 5);
	wire_hold_release(&hold, &source, UINT64_MAX);
	wire_hold_close(&hold);
}

/* As many as there are can be kept, wherever in the ring they begin. */
static void
all_can_be_kept(void **state)
{
	struct wire_hold hold;
	uintptr_t first = 0;

	(void)state;
	next_given = 0;
	assert_int_equal(wire_hold_open(&hold, TICKS, BUFFERS, NULL), BENCH_OK);
	for (uint32_t round = 0; round < 50; round++) {
		push(&hold, first, BUFFERS, 0);
		first += BUFFERS;
		wire_hold_release(&hold, &source, UINT64_MAX);
		assert_true(next_given == first);
	}
	wire_hold_close(&hold);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_comes_back_when_it_is_due),
		cmocka_unit_test(not_a_tick_too_early),
		cmocka_unit_test(all_can_be_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
