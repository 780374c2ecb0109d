/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: owners look near first, depots of several nodes are apart and whole. */
#include <errno.h>
#include <numaif.h>

#include "node.h"
#include "pool_fixture.h"
#include "pool_private.h"

static labyrinth_page page[3 * 2048];

static void
order_by_table(void **state)
{
	/* rows of SLIT tables as machines have them; expected order from each depot */
	static const struct {
		uint32_t nodes, from;
		int distance[LABYRINTH_NODES_MAX];
		uint8_t order[LABYRINTH_NODES_MAX];
	} cases[] = {
		{ 1, 0, { 10 }, { 0 } },
		/* two sockets */
		{ 2, 0, { 10, 21 }, { 0, 1 } },
		{ 2, 1, { 21, 10 }, { 1, 0 } },
		/* four in a ring: neighbours 16, across 22 */
		{ 4, 0, { 10, 16, 22, 16 }, { 0, 1, 3, 2 } },
		{ 4, 1, { 16, 10, 16, 22 }, { 1, 2, 0, 3 } },
		{ 4, 2, { 22, 16, 10, 16 }, { 2, 3, 1, 0 } },
		{ 4, 3, { 16, 22, 16, 10 }, { 3, 0, 2, 1 } },
		/* two sockets of two clusters each */
		{ 4, 2, { 21, 21, 10, 12 }, { 2, 3, 0, 1 } },
		/* a node of memory far away, and one that claims to be nearer than local */
		{ 3, 1, { 30, 10, 5 }, { 1, 2, 0 } },
		/* all the same: each begins with itself and goes up */
		{ 4, 2, { 10, 10, 10, 10 }, { 2, 3, 0, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t order[LABYRINTH_NODES_MAX] = { 0 };

		lab_node_order(cases[i].distance, cases[i].nodes, cases[i].from, order);
		assert_memory_equal(order, cases[i].order, cases[i].nodes);
	}
}

/* Two depots, both on node 0: the machine of the test may have no other. */
static struct labyrinth_pool *
two_depots(uint32_t min)
{
	struct labyrinth_pool_config config = { .pages = 2 * 2048, .nodes = 2,
		.numa_nodes = { 0, 0 }, .backing = LABYRINTH_BACKING_PLAIN,
		.watermarks = { .min = min } };
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pool = NULL;

	if (labyrinth_pool_create(&config, &pool, &error) != 0)
		fail_msg("%s", error.text);
	return pool;
}

static uint32_t
count_in_depot(uint32_t n, uint32_t depot)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++)
		count += (labyrinth_page_index(page[i]) - 1) / 2048 == depot;
	return count;
}

static void
near_first_then_far(void **state)
{
	struct labyrinth_pool *pool = two_depots(LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);

	(void)state;
	a->home = 0;
	b->home = 1;
	assert_int_equal(labyrinth_alloc_bulk(b, LABYRINTH_GFP_NOWAIT, page, 1000), 1000);
	assert_int_equal(count_in_depot(1000, 1), 1000);
	assert_int_equal(stats_of(pool).waive, 0);
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page + 1000, 2500), 2500);
	assert_true(count_in_depot(3500, 0) >= 2016);
	assert_true(stats_of(pool).waive > 0);
	check_valid(pool);
	assert_int_equal(labyrinth_free_bulk(b, page, 1000, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(a, page + 1000, 2500, NULL), 0);
	end_pool(pool);
}

static void
each_depot_keeps_its_floor(void **state)
{
	struct labyrinth_pool *pool = two_depots(200);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	uint32_t got = labyrinth_alloc_burst(a, LABYRINTH_GFP_NOWAIT, page, 4096);

	(void)state;
	assert_int_equal(got, 4096 - 200);
	assert_int_equal(count_in_depot(got, 0), 2048 - 100);
	assert_int_equal(count_in_depot(got, 1), 2048 - 100);
	assert_int_equal(stats_of(pool).low_water, 200);
	assert_int_equal(labyrinth_free_bulk(a, page, got, NULL), 0);
	labyrinth_owner_flush(a);
	assert_int_equal(stats_of(pool).free, 4096);
	end_pool(pool);
}

static void
every_page_is_on_its_node(void **state)
{
	struct labyrinth_pool *pool = two_depots(LABYRINTH_NO_RESERVE);
	static void *address[4096];
	static int node[4096];

	(void)state;
	for (uint32_t i = 0; i < 4096; i++)
		address[i] = labyrinth_page_address(pool, i + 1);
	if (move_pages(0, 4096, address, NULL, node, 0) != 0)
		skip();
	for (uint32_t i = 0; i < 4096; i++)
		assert_int_equal(node[i], pool->node[i / 2048]);
	end_pool(pool);
}

static void
bad_nodes(void **state)
{
	static const struct labyrinth_pool_config cases[] = {
		{ .pages = 10, .nodes = LABYRINTH_NODES_MAX + 1 },
		{ .pages = 10, .nodes = 2, .numa_nodes = { 0, 1000 },
			.backing = LABYRINTH_BACKING_PLAIN },
		{ .pages = 10, .nodes = 2, .backing = LABYRINTH_BACKING_HUGE_1G },
		{ .pages = 512, .pages_max = 1024, .nodes = 2,
			.backing = LABYRINTH_BACKING_PLAIN },
	};
	struct labyrinth_pool *pool = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(labyrinth_pool_create(&cases[i], &pool, NULL), -EINVAL);
}

static void
an_owner_says_where_it_works(void **state)
{
	struct labyrinth_pool *pool = two_depots(0);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);

	(void)state;
	pool->node[1] = 5;
	labyrinth_owner_set_node(a, 5);
	assert_int_equal(a->home, 1);
	labyrinth_owner_set_node(a, 77);
	assert_int_equal(a->home, 0);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_by_table),
		cmocka_unit_test(near_first_then_far),
		cmocka_unit_test(each_depot_keeps_its_floor),
		cmocka_unit_test(every_page_is_on_its_node),
		cmocka_unit_test(bad_nodes),
		cmocka_unit_test(an_owner_says_where_it_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
