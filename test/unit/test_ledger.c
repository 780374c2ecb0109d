/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: reasons are whole and distinct; the ledger adds, balances and merges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "labyrinth_ledger.h"
#include "labyrinth_reasons.h"

static void
each_reason_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++) {
		const char *name = labyrinth_reason_name(i);

		assert_non_null(name);
		/* A key in JSON and in metrics. */
		assert_int_equal(
			strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		assert_true(strlen(labyrinth_reason_sentence(i)) > strlen(name));
		for (unsigned int k = 0; k < i; k++)
			assert_string_not_equal(name, labyrinth_reason_name(k));
	}
}

static void
no_reason_has_no_name(void **state)
{
	(void)state;
	assert_null(labyrinth_reason_name(LABYRINTH_REASON_COUNT));
	assert_null(labyrinth_reason_sentence(LABYRINTH_REASON_COUNT));
	assert_null(labyrinth_reason_name((enum labyrinth_reason) - 1));
}

static void
an_empty_ledger_balances(void **state)
{
	struct labyrinth_ledger ledger = { 0 };

	(void)state;
	assert_true(labyrinth_ledger_balanced(&ledger));
	assert_int_equal(labyrinth_ledger_accounted(&ledger), 0);
	assert_int_equal(labyrinth_ledger_imbalance(&ledger), 0);
}

static void
each_entry_counts(void **state)
{
	struct labyrinth_ledger ledger = { .delivered = 1000, .in_flight = 100 };

	(void)state;
	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++) {
		labyrinth_ledger_drop(&ledger, i, i + 1);
		labyrinth_ledger_drop(&ledger, i, 10);
		assert_int_equal(ledger.drops[i], i + 11);
	}
	ledger.offered = 1100 + labyrinth_ledger_dropped(&ledger);
	assert_int_equal(labyrinth_ledger_accounted(&ledger), ledger.offered);
	assert_true(labyrinth_ledger_balanced(&ledger));
}

static void
a_drop_for_no_reason_is_not_entered(void **state)
{
	struct labyrinth_ledger ledger = { 0 }, empty = { 0 };

	(void)state;
	labyrinth_ledger_drop(&ledger, LABYRINTH_REASON_COUNT, 7);
	labyrinth_ledger_drop(&ledger, (enum labyrinth_reason) - 1, 7);
	assert_memory_equal(&ledger, &empty, sizeof(ledger));
}

static void
imbalance_has_a_sign(void **state)
{
	struct labyrinth_ledger vanished = { .offered = 10, .delivered = 7 };
	struct labyrinth_ledger from_nowhere = { .offered = 7, .delivered = 10 };

	(void)state;
	assert_false(labyrinth_ledger_balanced(&vanished));
	assert_int_equal(labyrinth_ledger_imbalance(&vanished), 3);
	assert_false(labyrinth_ledger_balanced(&from_nowhere));
	assert_int_equal(labyrinth_ledger_imbalance(&from_nowhere), -3);
}

static void
wrapped_counters_balance(void **state)
{
	struct labyrinth_ledger ledger = { .offered = 4, .delivered = UINT64_MAX - 5 };

	(void)state;
	labyrinth_ledger_drop(&ledger, LABYRINTH_REASON_IMISSED, 10);
	assert_true(labyrinth_ledger_balanced(&ledger));
	ledger.offered--;
	assert_int_equal(labyrinth_ledger_imbalance(&ledger), -1);
}

static void
merge_adds_each_entry(void **state)
{
	struct labyrinth_ledger a = { .offered = 1, .delivered = 2, .in_flight = 3 };
	struct labyrinth_ledger b = { .offered = 10, .delivered = 20, .in_flight = 30 };

	(void)state;
	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++) {
		labyrinth_ledger_drop(&a, i, i + 4);
		labyrinth_ledger_drop(&b, i, 40);
	}
	labyrinth_ledger_merge(&a, &b);
	assert_int_equal(a.offered, 11);
	assert_int_equal(a.delivered, 22);
	assert_int_equal(a.in_flight, 33);
	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		assert_int_equal(a.drops[i], i + 44);
	assert_int_equal(b.offered, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason_has_a_name_and_a_sentence),
		cmocka_unit_test(no_reason_has_no_name),
		cmocka_unit_test(an_empty_ledger_balances),
		cmocka_unit_test(each_entry_counts),
		cmocka_unit_test(a_drop_for_no_reason_is_not_entered),
		cmocka_unit_test(imbalance_has_a_sign),
		cmocka_unit_test(wrapped_counters_balance),
		cmocka_unit_test(merge_adds_each_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
