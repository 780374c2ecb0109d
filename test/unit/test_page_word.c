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
a_bare_number_is_a_row_word(void **state)
{
	(void)state;
	assert_int_equal(lab_page_word(77).state, LAB_PAGE_ROW);
	assert_int_equal(lab_page_word(77).generation, 77);
	assert_int_equal(lab_page_raw(lab_page_row(77)), 77);
	assert_false(lab_page_named(lab_page_row(77)));
}

static void
owned_and_offered_name_somebody(void **state)
{
	struct lab_page_word owned = lab_page_owned(UINT32_MAX, 4095);
	struct lab_page_word offered = lab_page_offered(9, 5, 6);

	(void)state;
	assert_true(lab_page_named(owned));
	assert_int_equal(owned.generation, UINT32_MAX);
	assert_int_equal(owned.owner, 4095);
	assert_true(lab_page_named(offered));
	assert_int_equal(offered.generation, 9);
	assert_int_equal(offered.owner, 5);
	assert_int_equal(offered.peer, 6);
}

static void
freed_names_nobody_as_owner(void **state)
{
	struct lab_page_word word = lab_page_freed(lab_page_offered(2, 5, 6), 7);

	(void)state;
	assert_false(lab_page_named(word));
	assert_int_equal(word.owner, 7);
	assert_int_equal(word.peer, 0);
	assert_int_equal(word.generation, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bare_number_is_a_row_word),
		cmocka_unit_test(owned_and_offered_name_somebody),
		cmocka_unit_test(freed_names_nobody_as_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
