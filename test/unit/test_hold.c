/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: frames that labyrinth-rx keeps fall due in order, each at the first look
 * at which it is old enough or enough came after it, and none is lost or freed twice;
 * and for how long each was kept, or has been, is noted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hold.h"
#include "options.h"

#define PAGES  700u
#define ROUNDS 20000u

/* Mbufs are names only here: the n-th frame is the n-th byte of nowhere. */
static struct rte_mbuf *
frame(uint64_t n)
{
	return (struct rte_mbuf *)(uintptr_t)(n + 1);
}

/* xorshift64: the same each time. */
static uint64_t
next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* What should happen, said in the plainest way: a list of all frames with their times. */
struct model {
	struct rx_hold_limits limits;
	uint64_t *received;
	uint64_t pushed, freed;
	uint64_t kept_for;  /* of all freed together, in ticks */
};

static uint64_t
expected(const struct model *m, uint64_t now)
{
	uint64_t freed = m->freed;

	while (freed < m->pushed && (now - m->received[freed] >= m->limits.ticks ||
					    m->pushed - freed > m->limits.packets))
		freed++;
	return freed;
}

static void
take_due(struct rx_hold *hold, struct model *m, uint64_t now)
{
	uint64_t all = expected(m, now);
	struct rte_mbuf **due;
	uint16_t n;

	while ((n = rx_hold_take_due(hold, now, &due)) != 0) {
		assert_true(n <= RX_BURST_MAX);
		for (uint16_t i = 0; i < n; i++) {
			m->kept_for += now - m->received[m->freed];
			assert_ptr_equal(due[i], frame(m->freed++));
		}
	}
	assert_int_equal(m->freed, all);
	assert_int_equal(rx_hold_count(hold), m->pushed - m->freed);
}

/* The times of those that are freed, and the ages of those that are not, to the tick. */
static void
check_times(const struct rx_hold *hold, const struct model *m, uint64_t now)
{
	struct labyrinth_histogram ages = { 0 };
	uint64_t sum = 0;

	for (uint64_t i = m->freed; i < m->pushed; i++)
		sum += now - m->received[i];
	rx_hold_ages(hold, now, &ages);
	assert_int_equal(ages.total, m->pushed - m->freed);
	assert_int_equal(ages.sum, sum);
	assert_int_equal(hold->times.total, m->freed);
	assert_int_equal(hold->times.sum, m->kept_for);
}

/* As from a pool of PAGES: what is kept cannot be received anew. */
static void
receive(struct rx_hold *hold, struct model *m, uint64_t wanted, uint64_t now)
{
	struct rte_mbuf *mbufs[RX_BURST_MAX];
	uint64_t left = PAGES - (m->pushed - m->freed);
	uint16_t n = (uint16_t)(wanted < left ? wanted : left);

	for (uint16_t i = 0; i < n; i++) {
		m->received[m->pushed] = now;
		mbufs[i] = frame(m->pushed++);
	}
	if (n != 0)
		rx_hold_push(hold, mbufs, n, now);
}

static void
run(uint64_t ticks, uint32_t packets)
{
	struct model m = { .limits = { .ticks = ticks, .packets = packets } };
	struct labyrinth_error error;
	struct rx_hold *hold;
	uint64_t seed = 20, now = UINT64_MAX - 5000; /* the TSC wraps on the way */

	m.received = malloc(ROUNDS * RX_BURST_MAX * sizeof(*m.received));
	assert_non_null(m.received);
	assert_int_equal(rx_hold_create(&m.limits, PAGES, &hold, &error), RX_OK);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		now += next(&seed) % 64;
		if (next(&seed) % 3 != 0)
			receive(hold, &m, next(&seed) % RX_BURST_MAX, now);
		take_due(hold, &m, now);
		check_times(hold, &m, now);
	}
	assert_true(packets >= PAGES && ticks > UINT32_MAX ? m.freed == 0 : m.freed > PAGES);
	m.limits.ticks = hold->limits.ticks = 0;
	take_due(hold, &m, now);
	assert_int_equal(m.freed, m.pushed);
	rx_hold_destroy(hold);
	free(m.received);
}

static void
by_time(void **state)
{
	(void)state;
	run(0, UINT32_MAX);
	run(1, UINT32_MAX);
	run(1000, UINT32_MAX);
	run(100000, UINT32_MAX);
}

static void
by_number(void **state)
{
	(void)state;
	run(UINT64_MAX, 1);
	run(UINT64_MAX, 100);
	run(UINT64_MAX, PAGES - 1);
}

static void
by_what_comes_first(void **state)
{
	(void)state;
	run(100, 50);
	run(1000, 300);
	run(5000, 20);
}

/* A pool that is kept whole stays so: nothing falls due, nothing more comes. */
static void
for_ever(void **state)
{
	(void)state;
	run(UINT64_MAX, UINT32_MAX);
	run(UINT64_MAX, PAGES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_time),
		cmocka_unit_test(by_number),
		cmocka_unit_test(by_what_comes_first),
		cmocka_unit_test(for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
