/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: pages as buffers: where their data starts, and what is given back. */
#include "labyrinth_colour.h"
#include "labyrinth_source.h"
#include "pool_fixture.h"

#define PAGES 200u

struct setting {
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner;
	struct labyrinth_page_source pages;
	struct labyrinth_source source;
};

static void
make(struct setting *s, bool uncoloured)
{
	s->pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	s->owner = make_owner(s->pool, "rx", NULL);
	labyrinth_page_source_init(&s->pages, &s->source, s->pool, s->owner, uncoloured);
}

static void
end(struct setting *s)
{
	assert_int_equal(labyrinth_owner_unregister(s->owner, NULL), 0);
	end_pool(s->pool);
}

static void
data_starts_after_headroom_and_colour(void **state)
{
	struct labyrinth_buffer buffer[PAGES];

	(void)state;
	for (int uncoloured = 0; uncoloured < 2; uncoloured++) {
		struct setting s;
		void *back[PAGES];

		make(&s, uncoloured);
		assert_int_equal(s.source.buffers, PAGES);
		assert_int_equal(s.source.room, uncoloured ? 4096 - 128 : 2048);
		assert_int_equal(s.source.take(s.source.arg, buffer, PAGES), PAGES);
		for (uint32_t i = 0; i < PAGES; i++) {
			uint32_t index = labyrinth_page_of_buffer(buffer[i].buffer);
			const char *page = labyrinth_page_address(s.pool, index);
			size_t offset = (size_t)((const char *)buffer[i].data - page);

			assert_in_range(index, 1, PAGES);
			assert_int_equal(offset,
				LABYRINTH_PAGE_HEADROOM +
					(uncoloured ? 0 : 64 * labyrinth_colour(index)));
			assert_true(offset + s.source.room <= LABYRINTH_PAGE_SIZE);
			back[i] = buffer[i].buffer;
		}
		s.source.give(s.source.arg, back, PAGES);
		assert_int_equal(s.pages.refused, 0);
		end(&s);
	}
}

static void
it_takes_what_there_is_and_touches_no_more(void **state)
{
	struct labyrinth_buffer buffer[2 * PAGES];
	void *back[PAGES];
	struct setting s;

	(void)state;
	make(&s, false);
	memset(buffer, 0x77, sizeof(buffer));
	assert_int_equal(s.source.take(s.source.arg, buffer, 150), 150);
	assert_int_equal(s.source.take(s.source.arg, buffer + 150, 200), PAGES - 150);
	assert_int_equal(s.source.take(s.source.arg, buffer + PAGES, 5), 0);
	for (size_t i = PAGES * sizeof(*buffer); i < sizeof(buffer); i++)
		assert_int_equal(((uint8_t *)buffer)[i], 0x77);
	for (uint32_t i = 0; i < PAGES; i++)
		back[i] = buffer[i].buffer;
	s.source.give(s.source.arg, back, PAGES);
	end(&s);
}

static void
a_buffer_given_back_twice_is_refused(void **state)
{
	struct labyrinth_buffer buffer[2];
	struct setting s;

	(void)state;
	make(&s, false);
	assert_int_equal(s.source.take(s.source.arg, buffer, 2), 2);
	s.source.give(s.source.arg, &buffer[0].buffer, 1);
	s.source.give(s.source.arg, &buffer[0].buffer, 1);
	assert_int_equal(s.pages.refused, 1);
	s.source.give(s.source.arg, &buffer[1].buffer, 1);
	assert_int_equal(stats_of(s.pool).refused[LABYRINTH_DOUBLE_FREE], 1);
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_starts_after_headroom_and_colour),
		cmocka_unit_test(it_takes_what_there_is_and_touches_no_more),
		cmocka_unit_test(a_buffer_given_back_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
