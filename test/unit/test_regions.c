/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: from the addresses of objects to their numbers, over many regions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "regions.h"

#define BASE ((uintptr_t)0x140000000)

static struct lab_object_size
sized(uint32_t body)
{
	return (struct lab_object_size){ .header = 64, .body = body, .align = 64,
		.trailer = (64 - body % 64) % 64 };
}

/* A chunk of a mempool as it is made: numbers from first on. */
struct chunk {
	struct lab_layout layout;
	uintptr_t start;
	uint32_t first, n;
};

static uintptr_t
address_of(const struct chunk *chunk, uint32_t i)
{
	uint32_t per_page = chunk->layout.per_page != 0 ? chunk->layout.per_page : 1;

	return chunk->start +
		lab_layout_offset(&chunk->layout, (chunk->first - 1) / per_page, i);
}

static struct lab_regions *
with(struct lab_regions *old, const struct chunk *chunk)
{
	struct lab_regions *list =
		malloc(lab_regions_size(old != NULL ? old->count + 1 : 1));
	struct lab_region region =
		lab_region_of(&chunk->layout, chunk->start, chunk->first, chunk->n);

	lab_regions_add(list, old, &region);
	assert_ptr_equal(list->old, old);
	return list;
}

static void
release(struct lab_regions *list)
{
	while (list != NULL) {
		struct lab_regions *old = list->old;

		free(list);
		list = old;
	}
}

static void
check_chunk(const struct lab_regions *list, const struct chunk *chunk)
{
	for (uint32_t i = 0; i < chunk->n; i++)
		assert_int_equal(lab_regions_number(list, address_of(chunk, i)),
			chunk->first + i);
}

static void
each_object_has_its_number(void **state)
{
	static const uint32_t bodies[] = { 0, 8, 64, 100, 640, 1984, 2304, 4032, 4040,
		9000, 65536, 1 << 20, 3 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct chunk chunk = { lab_layout_best(sized(bodies[i])), BASE, 1, 3000 };
		struct lab_regions *list = with(NULL, &chunk);

		assert_int_equal(list->count, 1);
		check_chunk(list, &chunk);
		assert_int_equal(lab_regions_number(list, BASE - 1), 0);
		assert_int_equal(lab_regions_number(list, 0), 0);
		assert_int_equal(lab_regions_number(list, UINTPTR_MAX), 0);
		assert_int_equal(lab_regions_number(list, list->at[0].end), 0);
		release(list);
	}
}

/* Chunks of whole pages, one behind the other, are one region, whatever their sizes. */
static void
chunks_that_go_on_are_merged(void **state)
{
	struct chunk chunks[20];
	struct lab_regions *list = NULL;
	uintptr_t start = BASE;
	uint32_t first = 1;

	(void)state;
	for (int i = 0; i < 20; i++) {
		uint32_t pages = 1 + (uint32_t)i * 7 % 5;

		chunks[i] = (struct chunk){ lab_layout_best(sized(640)), start, first,
			pages * 5 };
		assert_int_equal(chunks[i].layout.per_page, 5);
		list = with(list, &chunks[i]);
		start += pages * LAB_LAYOUT_PAGE;
		first += pages * 5;
	}
	assert_int_equal(list->count, 1);
	for (int i = 0; i < 20; i++)
		check_chunk(list, &chunks[i]);
	release(list);
}

/* In no order, with gaps, with a last page that is not full, dense ones between. */
static void
chunks_anywhere_are_found(void **state)
{
	static const uint32_t place[] = { 5, 2, 9, 0, 7, 1, 8, 3, 6, 4 };
	struct lab_regions *list = NULL;
	struct chunk chunks[10];
	uint32_t first = 1;

	(void)state;
	for (int i = 0; i < 10; i++) {
		chunks[i] = (struct chunk){ i % 3 == 0 ? lab_layout_dense(sized(640)) :
							 lab_layout_best(sized(640)),
			BASE + place[i] * 64 * LAB_LAYOUT_PAGE, first, 33 + (uint32_t)i };
		list = with(list, &chunks[i]);
		first += chunks[i].n;
		for (int known = 0; known <= i; known++)
			check_chunk(list, &chunks[known]);
	}
	assert_int_equal(list->count, 10);
	for (uint32_t i = 1; i < list->count; i++)
		assert_true(list->at[i - 1].end <= list->at[i].origin);
	release(list);
}

/* A last page that is not full ends the numbers: what follows is another region. */
static void
numbers_that_do_not_go_on_are_not_merged(void **state)
{
	struct chunk a = { lab_layout_best(sized(640)), BASE, 1, 14 };
	struct chunk b = { lab_layout_best(sized(640)), BASE + 3 * LAB_LAYOUT_PAGE, 15,
		10 };
	struct lab_regions *list = with(with(NULL, &a), &b);

	(void)state;
	assert_int_equal(list->count, 2);
	check_chunk(list, &a);
	check_chunk(list, &b);
	release(list);
}

static void
an_empty_list_knows_no_object(void **state)
{
	struct lab_regions *list = calloc(1, lab_regions_size(1));

	(void)state;
	assert_int_equal(lab_regions_number(list, BASE), 0);
	assert_int_equal(lab_regions_number(list, 0), 0);
	free(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_object_has_its_number),
		cmocka_unit_test(chunks_that_go_on_are_merged),
		cmocka_unit_test(chunks_anywhere_are_found),
		cmocka_unit_test(numbers_that_do_not_go_on_are_not_merged),
		cmocka_unit_test(an_empty_list_knows_no_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
