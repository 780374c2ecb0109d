/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: an lcore sleeps only after one idle round with interrupts armed, never while
 * there is work; the window in which it polls on grows after sleeps that were too short,
 * shrinks after long ones, and keeps its limits; and no frame, whenever it comes, is slept
 * over, as a model of a queue with an interrupt shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sleep_rule.h"

#define LEAST 10u
#define MOST  200u
#define STEPS 2000000u

static struct rx_sleep_rule rule;

static int
set_up(void **state)
{
	(void)state;
	rx_sleep_rule_init(&rule, LEAST, MOST, 1000);
	return 0;
}

static void
test_polls_for_the_window(void **state)
{
	(void)state;
	assert_int_equal(rx_sleep_rule_polled(&rule, 1000 + LEAST - 1, false), RX_SLEEP_POLL);
	assert_int_equal(rx_sleep_rule_polled(&rule, 1000 + LEAST, false), RX_SLEEP_ARM);
	assert_int_equal(rx_sleep_rule_polled(&rule, 1000 + LEAST, false), RX_SLEEP_WAIT);
}

static void
test_work_begins_it_anew(void **state)
{
	(void)state;
	assert_int_equal(rx_sleep_rule_polled(&rule, 1009, true), RX_SLEEP_POLL);
	assert_int_equal(rx_sleep_rule_polled(&rule, 1018, false), RX_SLEEP_POLL);
	assert_int_equal(rx_sleep_rule_polled(&rule, 1019, false), RX_SLEEP_ARM);
}

/* What the round after arming is for. */
static void
test_work_once_armed_disarms(void **state)
{
	(void)state;
	assert_int_equal(rx_sleep_rule_polled(&rule, 1010, false), RX_SLEEP_ARM);
	assert_int_equal(rx_sleep_rule_polled(&rule, 1011, true), RX_SLEEP_DISARM);
	assert_int_equal(rx_sleep_rule_polled(&rule, 1012, true), RX_SLEEP_POLL);
	assert_int_equal(rx_sleep_rule_polled(&rule, 1013, false), RX_SLEEP_POLL);
	assert_int_equal(rx_sleep_rule_polled(&rule, 1022, false), RX_SLEEP_ARM);
}

static void
sleep_for(uint64_t *now, uint64_t slept, bool called)
{
	while (rx_sleep_rule_polled(&rule, *now, false) != RX_SLEEP_WAIT)
		(*now)++;
	*now += slept;
	rx_sleep_rule_woke(&rule, *now, slept, called);
}

static void
test_window_adapts(void **state)
{
	uint64_t now = 1000, before;

	(void)state;
	for (int i = 0; i < 10; i++) {
		before = rule.window;
		sleep_for(&now, MOST - 1, true);
		assert_int_equal(rule.window, before * 2 > MOST ? MOST : before * 2);
	}
	assert_int_equal(rule.window, MOST);
	for (int i = 0; i < 10; i++) {
		before = rule.window;
		sleep_for(&now, MOST, true);
		assert_int_equal(rule.window, before / 2 < LEAST ? LEAST : before / 2);
	}
	assert_int_equal(rule.window, LEAST);
}

/* Nobody called: one round to look, one more once armed, and it sleeps again. */
static void
test_time_costs_two_rounds(void **state)
{
	uint64_t now = 1000;

	(void)state;
	sleep_for(&now, 5000, false);
	assert_int_equal(rx_sleep_rule_polled(&rule, now, false), RX_SLEEP_ARM);
	assert_int_equal(rx_sleep_rule_polled(&rule, now, false), RX_SLEEP_WAIT);
	/* a frame within the first of them is work as any other */
	rx_sleep_rule_woke(&rule, now, 5000, false);
	assert_int_equal(rx_sleep_rule_polled(&rule, now, true), RX_SLEEP_POLL);
	assert_int_equal(rx_sleep_rule_polled(&rule, now + 1, false), RX_SLEEP_POLL);
}

/* After a call that brought nothing it polls for the window, in which it may yet come. */
static void
test_call_in_vain(void **state)
{
	uint64_t now = 1000;

	(void)state;
	sleep_for(&now, 5000, true);
	assert_int_equal(rx_sleep_rule_polled(&rule, now, false), RX_SLEEP_POLL);
	assert_int_equal(rx_sleep_rule_polled(&rule, now + LEAST, false), RX_SLEEP_ARM);
}

/* A queue: a frame raises an event if interrupts are armed when it comes, else it waits. */
struct model {
	uint64_t random, frames, taken, events, sleeps, rounds;
	bool armed;
};

static uint64_t
next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

/* Between any two steps of the lcore. */
static void
may_come(struct model *m, unsigned int one_in)
{
	if (next(&m->random) % one_in != 0)
		return;
	m->frames++;
	m->events += m->armed;
}

static void
wait_in(struct model *m, uint64_t *now)
{
	uint64_t from = *now;

	/* what stands in the queue as it falls asleep has an event, or it would stay there */
	assert_true(m->frames == m->taken || m->events != 0);
	m->sleeps++;
	while (m->events == 0 && *now - from < 1000) {
		may_come(m, 200);
		(*now)++;
	}
	rx_sleep_rule_woke(&rule, *now, *now - from, m->events != 0);
	m->armed = false;
	m->events = 0;
}

static void
test_nothing_is_slept_over(void **state)
{
	struct model m = { .random = 88172645463325252u };
	uint64_t now = 1000;

	(void)state;
	for (uint32_t i = 0; i < STEPS; i++, now++) {
		unsigned int one_in = 2u << (i / 4096 % 12); /* busy and idle times */
		bool worked;

		may_come(&m, one_in);
		worked = m.frames != m.taken;
		m.taken = m.frames;
		may_come(&m, one_in);
		switch (rx_sleep_rule_polled(&rule, now, worked)) {
		case RX_SLEEP_ARM:
			may_come(&m, one_in);
			m.armed = true;
			break;
		case RX_SLEEP_DISARM:
			m.armed = false;
			m.events = 0;
			break;
		case RX_SLEEP_WAIT:
			wait_in(&m, &now);
			break;
		default:
			assert_false(m.armed);
		}
		assert_in_range(rule.window, LEAST, MOST);
	}
	assert_true(m.sleeps > 1000 && m.frames > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_polls_for_the_window, set_up),
		cmocka_unit_test_setup(test_work_begins_it_anew, set_up),
		cmocka_unit_test_setup(test_work_once_armed_disarms, set_up),
		cmocka_unit_test_setup(test_window_adapts, set_up),
		cmocka_unit_test_setup(test_time_costs_two_rounds, set_up),
		cmocka_unit_test_setup(test_call_in_vain, set_up),
		cmocka_unit_test_setup(test_nothing_is_slept_over, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
