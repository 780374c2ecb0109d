/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: the receiver's check finds what is missing, late, doubled and invented. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "labyrinth_seq_check.h"
#include "wire.h"

#define FLOWS 3u

static void
feed(struct labyrinth_seq_check *check, uint32_t flow, uint32_t sequence)
{
	const struct labyrinth_frame frame = { .flow = flow, .sequence = sequence };

	labyrinth_seq_check_frame(check, &frame);
}

static struct labyrinth_seq_check
make(void)
{
	struct labyrinth_seq_check check;

	assert_int_equal(labyrinth_seq_check_create(&check, FLOWS, NULL), 0);
	return check;
}

static void
expect(const struct labyrinth_seq_check *check, struct labyrinth_seq_result expected)
{
	assert_memory_equal(&check->result, &expected, sizeof(expected));
}

static void
all_in_order_is_all_right(void **state)
{
	struct labyrinth_seq_check check = make();

	(void)state;
	for (uint32_t n = 0; n < 1000; n++)
		feed(&check, n % FLOWS, n / FLOWS);
	labyrinth_seq_check_end(&check, 1000);
	expect(&check,
		(struct labyrinth_seq_result){ .received = 1000, .in_order = 1000 });
	labyrinth_seq_check_destroy(&check);
}

static void
gaps_are_counted_at_the_front_within_and_at_the_end(void **state)
{
	struct labyrinth_seq_check check = make();

	(void)state;
	feed(&check, 0, 5); /* 0 … 4 missing */
	feed(&check, 0, 6);
	feed(&check, 0, 200); /* 7 … 199 */
	feed(&check, 1, 0);
	/* 303, 303 and 302 were sent */
	labyrinth_seq_check_end(&check, 908);
	expect(&check, (struct labyrinth_seq_result){ .received = 4,
			       .in_order = 4,
			       .missing = 5 + 193 + 102 + 302 + 302 });
	assert_int_equal(check.result.received + check.result.missing, 908);
	labyrinth_seq_check_destroy(&check);
}

static void
a_frame_that_comes_twice_is_found(void **state)
{
	struct labyrinth_seq_check check = make();

	(void)state;
	feed(&check, 2, 0);
	feed(&check, 2, 0);
	for (uint32_t n = 1; n < 64; n++)
		feed(&check, 2, n);
	feed(&check, 2, 0); /* the window's last */
	feed(&check, 2, 63);
	expect(&check, (struct labyrinth_seq_result){
			       .received = 67, .in_order = 64, .twice = 3 });
	labyrinth_seq_check_destroy(&check);
}

static void
a_late_frame_is_out_of_order_once_and_then_twice(void **state)
{
	struct labyrinth_seq_check check = make();

	(void)state;
	feed(&check, 0, 0);
	feed(&check, 0, 2);
	assert_int_equal(check.result.missing, 1);
	feed(&check, 0, 1);
	feed(&check, 0, 1);
	expect(&check,
		(struct labyrinth_seq_result){
			.received = 4, .in_order = 2, .out_of_order = 1, .twice = 1 });
	labyrinth_seq_check_destroy(&check);
}

static void
what_is_older_than_the_window_is_ancient(void **state)
{
	struct labyrinth_seq_check check = make();

	(void)state;
	feed(&check, 0, 0);
	feed(&check, 0, 65);
	feed(&check, 0, 1); /* 65 behind */
	feed(&check, 0, 2); /* 64 behind */
	expect(&check, (struct labyrinth_seq_result){ .received = 4,
			       .in_order = 2,
			       .missing = 63,
			       .ancient = 1,
			       .out_of_order = 1 });
	labyrinth_seq_check_destroy(&check);
}

static void
what_was_never_sent_is_invented(void **state)
{
	struct labyrinth_seq_check check = make();
	uint8_t noise[64];

	(void)state;
	memset(noise, 0xa5, sizeof(noise));
	feed(&check, FLOWS, 0); /* no such flow */
	labyrinth_seq_check_data(&check, noise);
	feed(&check, 0, UINT32_MAX); /* before the first */
	feed(&check, 1, 0);
	feed(&check, 1, 1);
	labyrinth_seq_check_end(&check, 3); /* one frame of each flow was sent */
	expect(&check,
		(struct labyrinth_seq_result){
			.received = 5, .in_order = 2, .invented = 4, .missing = 2 });
	labyrinth_seq_check_destroy(&check);
}

static void
numbers_go_on_after_2_to_the_32nd(void **state)
{
	struct labyrinth_seq_check check = make();

	(void)state;
	check.flow[0].next = UINT64_C(0x5ffffffff);
	check.flow[0].window = UINT64_MAX;
	feed(&check, 0, UINT32_MAX);
	feed(&check, 0, 0);
	feed(&check, 0, 2);
	feed(&check, 0, UINT32_MAX);
	assert_int_equal(check.flow[0].next, UINT64_C(0x600000003));
	expect(&check, (struct labyrinth_seq_result){
			       .received = 4, .in_order = 3, .missing = 1, .twice = 1 });
	labyrinth_seq_check_destroy(&check);
}

static void
checkers_of_several_queues_are_joined(void **state)
{
	struct labyrinth_seq_check a = make(), b = make(), c = make();

	(void)state;
	feed(&a, 0, 0);
	feed(&a, 0, 1);
	feed(&b, 1, 0);
	labyrinth_seq_check_merge(&a, &b);
	labyrinth_seq_check_end(&a, 6);
	expect(&a, (struct labyrinth_seq_result){
			   .received = 3, .in_order = 3, .missing = 0 + 1 + 2 });
	/* a flow that two queues received */
	feed(&b, 0, 0);
	feed(&c, 0, 0);
	labyrinth_seq_check_merge(&b, &c);
	assert_int_equal(b.result.split, 1);
	labyrinth_seq_check_destroy(&a);
	labyrinth_seq_check_destroy(&b);
	labyrinth_seq_check_destroy(&c);
}

/*
 * A channel that loses, doubles and delays, by chance: what the checker says is what was
 * done, as long as delays stay within the window.
 */
static void
what_was_done_is_what_is_found(void **state)
{
	struct labyrinth_seq_check check = make();
	uint64_t random = 11, lost = 0, twice = 0, late = 0, n = 0;

	(void)state;
	while (n < 300000) {
		uint32_t flow = (uint32_t)(n % FLOWS), number = (uint32_t)(n / FLOWS);

		switch (lab_random_below(&random, 10)) {
		case 0:
			lost++;
			break;
		case 1:
			feed(&check, flow, number);
			feed(&check, flow, number);
			twice++;
			break;
		case 2: /* the next of the flow overtakes */
			feed(&check, flow, number + 1);
			feed(&check, flow, number);
			for (uint64_t k = n + 1; k < n + FLOWS; k++)
				feed(&check, (uint32_t)(k % FLOWS),
					(uint32_t)(k / FLOWS));
			late++;
			n += FLOWS;
			break;
		default:
			feed(&check, flow, number);
		}
		n++;
	}
	labyrinth_seq_check_end(&check, n);
	assert_int_equal(check.result.missing, lost);
	assert_int_equal(check.result.twice, twice);
	assert_int_equal(check.result.out_of_order, late);
	assert_int_equal(check.result.in_order, n - lost - late);
	assert_int_equal(check.result.invented + check.result.ancient, 0);
	labyrinth_seq_check_destroy(&check);
}

static void
flows_out_of_range_are_refused(void **state)
{
	struct labyrinth_seq_check check;
	struct labyrinth_error error;

	(void)state;
	assert_int_equal(labyrinth_seq_check_create(&check, 0, &error), -EINVAL);
	assert_non_null(strstr(error.text, "1 to 65536"));
	assert_int_equal(
		labyrinth_seq_check_create(&check, LABYRINTH_FLOWS_MAX + 1, &error),
		-EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_in_order_is_all_right),
		cmocka_unit_test(gaps_are_counted_at_the_front_within_and_at_the_end),
		cmocka_unit_test(a_frame_that_comes_twice_is_found),
		cmocka_unit_test(a_late_frame_is_out_of_order_once_and_then_twice),
		cmocka_unit_test(what_is_older_than_the_window_is_ancient),
		cmocka_unit_test(what_was_never_sent_is_invented),
		cmocka_unit_test(numbers_go_on_after_2_to_the_32nd),
		cmocka_unit_test(checkers_of_several_queues_are_joined),
		cmocka_unit_test(what_was_done_is_what_is_found),
		cmocka_unit_test(flows_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
