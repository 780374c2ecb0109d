/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: tags decide who puts an object; refusals are counted and told whole. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "refusal.h"
#include "tag.h"

static void
a_tag_tells_a_second_put(void **state)
{
	_Atomic uint16_t tag = LAB_TAG_FREE;
	uint32_t old;

	(void)state;
	lab_tag_take(&tag, 3);
	assert_false(lab_tag_is_free(lab_tag_give(&tag, 4)));
	old = lab_tag_give(&tag, 5);
	assert_true(lab_tag_is_free(old));
	assert_int_equal(lab_tag_who(old), 4);
	lab_tag_restore(&tag, 5, old);
	assert_int_equal(tag, LAB_TAG_FREE | 4);
	/* handed out between: the name is the new holder's */
	old = lab_tag_give(&tag, 5);
	lab_tag_take(&tag, 6);
	lab_tag_restore(&tag, 5, old);
	assert_int_equal(tag, 6);
}

#define THREADS 4
#define ROUNDS 20000

static _Atomic uint16_t raced;
static _Atomic uint32_t accepted;
static pthread_barrier_t barrier;

static void *
race(void *arg)
{
	uint32_t who = 1 + (uint32_t)(uintptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&barrier);
		if (!lab_tag_is_free(lab_tag_give(&raced, who)))
			accepted++;
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			lab_tag_take(&raced, who);
	}
	return NULL;
}

/* All put at the same time: one of them does. */
static void
one_of_many_puts_counts(void **state)
{
	pthread_t thread[THREADS];

	(void)state;
	lab_tag_take(&raced, 1);
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, race, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(accepted, ROUNDS);
}

static struct lab_refusals refusals;

static struct lab_refusal
refusal(uint32_t n)
{
	return (struct lab_refusal){ .object = n, .kind = n % LAB_REFUSAL_KINDS, .by = n,
		.before = n, .when = n };
}

static void
the_last_one_is_told(void **state)
{
	struct lab_refusal last, one = refusal(7), two = refusal(8);

	(void)state;
	memset(&refusals, 0, sizeof(refusals));
	assert_false(lab_refusals_last(&refusals, &last));
	lab_refusals_note(&refusals, &one);
	lab_refusals_note(&refusals, &two);
	assert_true(lab_refusals_last(&refusals, &last));
	assert_int_equal(last.object, 8);
	assert_int_equal(last.by, 8);
	assert_int_equal(last.before, 8);
	assert_int_equal(last.when, 8);
	assert_int_equal(refusals.count, 2);
	assert_string_equal(lab_refusal_name(LAB_DOUBLE_FREE), "double_free");
	assert_string_equal(lab_refusal_name(99), "unknown");
}

static void *
note(void *arg)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct lab_refusal one = refusal((uint32_t)(uintptr_t)arg * ROUNDS + i);

		lab_refusals_note(&refusals, &one);
	}
	return NULL;
}

/* What is read while others write is of one refusal, and each is counted. */
static void
nothing_is_told_in_parts(void **state)
{
	struct lab_refusal last;
	pthread_t thread[2];

	(void)state;
	memset(&refusals, 0, sizeof(refusals));
	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, note, (void *)i), 0);
	for (int i = 0; i < 5 * ROUNDS; i++) {
		if (!lab_refusals_last(&refusals, &last))
			continue;
		assert_int_equal(last.by, last.object);
		assert_int_equal(last.before, last.object);
		assert_int_equal(last.when, last.object);
		assert_int_equal(last.kind, last.object % LAB_REFUSAL_KINDS);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(refusals.count, 2 * ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_tells_a_second_put),
		cmocka_unit_test(one_of_many_puts_counts),
		cmocka_unit_test(the_last_one_is_told),
		cmocka_unit_test(nothing_is_told_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
