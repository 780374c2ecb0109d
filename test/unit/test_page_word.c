/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: each transition of the page word changes what it says and no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "page_word.h"

static void
row_word_is_the_bare_generation(void **state)
{
	(void)state;
	assert_int_equal(lab_page_row_raw(77), 77);
	assert_int_equal(lab_page_word(77).state, LAB_PAGE_ROW);
	assert_int_equal(lab_page_word(77).generation, 77);
}

static void
take_counts_the_generation(void **state)
{
	struct lab_page_word word = lab_page_take(lab_page_word(UINT32_MAX), 5);

	(void)state;
	assert_int_equal(word.generation, 0);
	assert_int_equal(word.owner, 5);
	assert_int_equal(word.state, LAB_PAGE_OWNED);
	assert_true(lab_page_named(word));
}

static void
lend_keeps_the_generation(void **state)
{
	struct lab_page_word word = lab_page_lend(lab_page_word(9), 5);

	(void)state;
	assert_int_equal(word.generation, 9);
	assert_int_equal(word.owner, 5);
	assert_true(lab_page_named(word));
}

static void
freed_names_nobody_as_owner(void **state)
{
	struct lab_page_word word = lab_page_freed(lab_page_take(lab_page_word(1), 5));

	(void)state;
	assert_false(lab_page_named(word));
	assert_int_equal(word.owner, 5);
	assert_int_equal(lab_page_raw(lab_page_clean(word)), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_word_is_the_bare_generation),
		cmocka_unit_test(take_counts_the_generation),
		cmocka_unit_test(lend_keeps_the_generation),
		cmocka_unit_test(freed_names_nobody_as_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
