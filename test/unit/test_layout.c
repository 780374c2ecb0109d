/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: objects of all sizes lie in their pages and chunks, apart, coloured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "layout.h"

#define PAGE LAB_LAYOUT_PAGE

/* As rte_mempool works out sizes: whole lines of 64 bytes, an odd number of them. */
static struct lab_object_size
sized(uint32_t body)
{
	struct lab_object_size size = {
		.header = 64, .body = (body + 7) / 8 * 8, .align = 64
	};
	uint32_t lines = (size.header + size.body + 63) / 64;

	size.trailer = (lines | 1) * 64 - size.header - size.body;
	return size;
}

/* The end of an object in a chunk that begins at 0, and that it starts where it may. */
static size_t
check_object(const struct lab_layout *layout, struct lab_object_size size, size_t offset)
{
	size_t begin = offset - size.header, end = offset + size.body;

	assert_int_equal(begin % size.align, 0);
	if (layout->per_page != 0)
		assert_int_equal(begin / PAGE, (end - 1) / PAGE);
	return end;
}

static void
check_layout(struct lab_object_size size, const struct lab_layout *layout, uint32_t first)
{
	uint32_t objects = 300;
	size_t end = 0;

	for (uint32_t i = 0; i < objects; i++) {
		size_t offset = lab_layout_offset(layout, first, i);

		assert_true(offset - size.header >= end);
		end = check_object(layout, size, offset);
	}
	assert_true(end <= lab_layout_size(layout, objects));
	assert_true(lab_layout_capacity(layout, 0, lab_layout_size(layout, objects)) >=
		objects);
}

static void
objects_of_all_sizes_lie_apart(void **state)
{
	(void)state;
	for (uint32_t body = 0; body < 20000; body += body < 300 ? 1 : 61) {
		struct lab_object_size size = sized(body), tight = size;
		struct lab_layout best = lab_layout_best(size);
		struct lab_layout dense = lab_layout_dense(size);

		check_layout(size, &best, 0);
		check_layout(size, &best, 12345);
		check_layout(size, &dense, 0);
		/* without cache alignment */
		tight.header = 24;
		tight.align = 8;
		tight.trailer = 0;
		best = lab_layout_best(tight);
		check_layout(tight, &best, 7);
	}
}

static void
an_object_that_fits_has_a_page(void **state)
{
	struct lab_layout mbuf = lab_layout_best(sized(128 + 2176));

	(void)state;
	assert_int_equal(mbuf.per_page, 1);
	assert_int_equal(mbuf.colours, 27);
	assert_int_equal(lab_layout_size(&mbuf, 1000), 1000 * PAGE);
	assert_int_equal(lab_layout_best(sized(4032)).per_page, 1);
	assert_int_equal(lab_layout_best(sized(4032)).colours, 1);
	assert_int_equal(lab_layout_best(sized(4033)).per_page, 0);
	assert_int_equal(lab_layout_best(sized(1984)).per_page, 2);
	assert_int_equal(lab_layout_best(sized(1985)).per_page, 1);
	assert_int_equal(lab_layout_best(sized(64)).per_page, 32);
	assert_int_equal(lab_layout_best(sized(0)).per_page, 64);
}

/* Neighbours differ, and each colour comes equally often. */
static void
colours_go_round(void **state)
{
	struct lab_layout layout = lab_layout_best(sized(128 + 2176));
	unsigned int times[64] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 27 * 10; i++) {
		size_t colour = lab_layout_offset(&layout, 5, i) % PAGE - 64;

		assert_int_equal(colour % LAB_LAYOUT_STEP, 0);
		times[colour / LAB_LAYOUT_STEP]++;
		if (i > 0)
			assert_int_not_equal(colour,
				lab_layout_offset(&layout, 5, i - 1) % PAGE - 64);
	}
	for (unsigned int colour = 0; colour < 27; colour++)
		assert_int_equal(times[colour], 10);
	/* a chunk goes on where the one before stopped */
	assert_int_equal(lab_layout_offset(&layout, 5, 3) % PAGE,
		lab_layout_offset(&layout, 8, 0) % PAGE);
}

static void
a_chunk_that_was_measured_for_dense_objects_holds_them(void **state)
{
	struct lab_object_size size = sized(128 + 2176);
	struct lab_layout dense = lab_layout_dense(size), layout;
	size_t len = lab_layout_size(&dense, 100);

	(void)state;
	layout = lab_layout_for_chunk(size, 0, len, 100);
	assert_int_equal(layout.per_page, 0);
	assert_int_equal(lab_layout_capacity(&layout, 0, len), 100);
	/* there is room for pages, or the dense ones would not be more */
	assert_int_equal(lab_layout_for_chunk(size, 0, 100 * PAGE, 100).per_page, 1);
	assert_int_equal(lab_layout_for_chunk(size, 0, PAGE, 100).per_page, 1);
	/* an odd address costs a page */
	assert_int_equal(lab_layout_for_chunk(size, 64, 100 * PAGE, 100).per_page, 0);
}

static void
chunks_too_small_hold_nothing(void **state)
{
	struct lab_layout best = lab_layout_best(sized(2000));
	struct lab_layout dense = lab_layout_dense(sized(2000));

	(void)state;
	assert_int_equal(lab_layout_capacity(&best, 0, 0), 0);
	assert_int_equal(lab_layout_capacity(&best, 0, PAGE - 1), 0);
	assert_int_equal(lab_layout_capacity(&best, 1, PAGE), 0);
	assert_int_equal(lab_layout_capacity(&best, 1, 2 * PAGE - 1), 1);
	assert_int_equal(lab_layout_capacity(&dense, 0, 63 + 2000), 0);
	assert_int_equal(lab_layout_capacity(&dense, 0, 64 + 2000), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_of_all_sizes_lie_apart),
		cmocka_unit_test(an_object_that_fits_has_a_page),
		cmocka_unit_test(colours_go_round),
		cmocka_unit_test(a_chunk_that_was_measured_for_dense_objects_holds_them),
		cmocka_unit_test(chunks_too_small_hold_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
