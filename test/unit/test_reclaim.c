/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: what dead threads and processes held comes back, and only that. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "owner.h"
#include "pool_fixture.h"

#define PAGES 512u

static labyrinth_page page[PAGES];

/* A thread that takes pages and ends without a word. */
struct victim {
	struct labyrinth_owner *owner;
	labyrinth_page page[100];
	uint32_t keep;
};

static void *
die_with_pages(void *arg)
{
	struct victim *victim = arg;

	assert_int_equal(labyrinth_owner_bind(victim->owner), 0);
	assert_int_equal(labyrinth_owner_bind(victim->owner), -EBUSY);
	assert_int_equal(labyrinth_alloc_bulk(victim->owner, LABYRINTH_GFP_NOWAIT,
		victim->page, 100), 100);
	assert_int_equal(labyrinth_free_bulk(victim->owner, victim->page + victim->keep,
		100 - victim->keep, NULL), 0);
	return NULL;
}

static void
run_victim(struct victim *victim)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, die_with_pages, victim), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void
a_dead_thread(uint32_t cache)
{
	struct labyrinth_pool *pool = make_pool(PAGES, cache, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *survivor = make_owner(pool, "survivor", NULL);
	struct victim victim = { .owner = make_owner(pool, "victim", NULL), .keep = 77 };
	uint32_t slot = labyrinth_owner_slot(victim.owner);
	struct labyrinth_pool_stats stats;

	run_victim(&victim);
	assert_int_equal(stats_of(pool).owned, 77);
	assert_int_equal(labyrinth_reclaim(survivor, slot), 77);
	stats = stats_of(pool);
	assert_int_equal(stats.owned, 0);
	assert_int_equal(stats.free, PAGES);
	assert_int_equal(stats.reclaimed, 77);
	check_valid(pool);
	assert_int_equal(labyrinth_reclaim(survivor, slot), -ENOENT);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

static void
a_dead_thread_leaves_nothing(void **state)
{
	(void)state;
	a_dead_thread(0);
	a_dead_thread(LABYRINTH_CACHE_NONE);
}

static void
the_living_are_left_alone(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(b, LABYRINTH_GFP_NOWAIT, page, 10), 10);
	/* not bound: nothing is known, so it counts as alive */
	assert_int_equal(labyrinth_reclaim(a, labyrinth_owner_slot(b)), -EBUSY);
	assert_int_equal(labyrinth_owner_bind(b), 0);
	assert_int_equal(labyrinth_reclaim(a, labyrinth_owner_slot(b)), -EBUSY);
	assert_int_equal(labyrinth_reclaim(a, labyrinth_owner_slot(a)), -ENOENT);
	assert_int_equal(labyrinth_reclaim(a, 0), -ENOENT);
	assert_int_equal(labyrinth_reclaim(a, 100000), -ENOENT);
	assert_int_equal(labyrinth_reclaim_all(a), 0);
	assert_int_equal(labyrinth_free_bulk(b, page, 10, NULL), 0);
	assert_int_equal(labyrinth_owner_unregister(b, NULL), 0);
	end_pool(pool);
}

static void
offers_are_settled(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct victim victim = { .owner = make_owner(pool, "victim", NULL), .keep = 100 };
	uint32_t slot = labyrinth_owner_slot(victim.owner);

	(void)state;
	/* offered to the victim: stays with who offered */
	assert_int_equal(labyrinth_alloc_bulk(a, LABYRINTH_GFP_NOWAIT, page, 2), 2);
	assert_int_equal(labyrinth_offer_bulk(a, slot, page, 2, NULL), 0);
	run_victim(&victim);
	/* offered by the victim, as if just before it died: 1 accepted, 1 not */
	assert_int_equal(labyrinth_offer_bulk(victim.owner, labyrinth_owner_slot(a),
		victim.page, 2, NULL), 0);
	assert_int_equal(labyrinth_accept_bulk(a, victim.page, 1, NULL), 0);
	assert_int_equal(labyrinth_reclaim(a, slot), 99);
	assert_int_equal(labyrinth_accept_bulk(a, victim.page + 1, 1, NULL), 1);
	assert_int_equal(stats_of(pool).offered, 2);
	assert_int_equal(labyrinth_withdraw_bulk(a, page, 2, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(a, page, 2, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(a, victim.page, 1, NULL), 0);
	assert_int_equal(stats_of(pool).owned, 0);
	check_valid(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

static void
a_dead_member_leaves_its_pages_to_the_team(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct victim victim = { .owner = make_owner(pool, "victim", a), .keep = 60 };
	struct labyrinth_owner *outsider = make_owner(pool, "outsider", NULL);
	uint32_t slot = labyrinth_owner_slot(victim.owner);

	(void)state;
	run_victim(&victim);
	assert_int_equal(labyrinth_reclaim(outsider, slot), 0);
	assert_int_equal(stats_of(pool).owned, 60);
	check_valid(pool);
	assert_int_equal(labyrinth_free_bulk(a, victim.page, 60, NULL), 0);
	assert_int_equal(stats_of(pool).owned, 0);
	end_pool(pool);
}

/* What the team has in common comes back with its last member; its number is free then. */
static void
a_team_dies_one_by_one(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct victim first = { .owner = make_owner(pool, "first", NULL), .keep = 60 };
	struct victim last = { .owner = make_owner(pool, "last", first.owner), .keep = 30 };
	struct labyrinth_owner *survivor = make_owner(pool, "survivor", NULL), *next;
	uint32_t number = labyrinth_owner_slot(first.owner);

	(void)state;
	run_victim(&first);
	assert_int_equal(labyrinth_reclaim(survivor, number), 0);
	next = make_owner(pool, "next", NULL);
	assert_int_not_equal(labyrinth_owner_slot(next), number);
	run_victim(&last);
	assert_int_equal(labyrinth_reclaim_all(survivor), 90);
	assert_int_equal(stats_of(pool).owned, 0);
	next = make_owner(pool, "next", NULL);
	assert_int_equal(labyrinth_owner_slot(next), number);
	check_valid(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

static void
a_killed_process(void **state)
{
	struct labyrinth_pool_config config = { .pages = PAGES, .numa_node = -1,
		.backing = LABYRINTH_BACKING_PLAIN, .flags = LABYRINTH_POOL_SHARED };
	struct labyrinth_owner *survivor, *victim;
	struct labyrinth_pool *pool;
	int status, ready[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), 0);
	survivor = make_owner(pool, "survivor", NULL);
	victim = make_owner(pool, "victim", NULL);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (labyrinth_owner_bind(victim) != 0 || labyrinth_alloc_bulk(victim,
				LABYRINTH_GFP_ATOMIC, page, 99) != 99 ||
				write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;) {
			labyrinth_free_bulk(victim, page + 50, 49, NULL);
			labyrinth_alloc_bulk(victim, LABYRINTH_GFP_ATOMIC, page + 50, 49);
		}
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(labyrinth_reclaim(survivor, labyrinth_owner_slot(victim)), -EBUSY);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(labyrinth_reclaim(survivor, labyrinth_owner_slot(victim)) >= 50);
	assert_int_equal(stats_of(pool).free, PAGES);
	check_valid(pool);
	close(ready[0]);
	close(ready[1]);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

/* The peer had looked for what is its own before, and left in that moment. */
static void
given_to_one_who_left(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *survivor = make_owner(pool, "survivor", NULL);
	struct labyrinth_owner *peer = make_owner(pool, "peer", NULL);
	struct victim victim = { .owner = make_owner(pool, "victim", NULL), .keep = 10 };
	uint32_t slot = labyrinth_owner_slot(peer);

	(void)state;
	run_victim(&victim);
	assert_int_equal(labyrinth_transfer_bulk(victim.owner, slot, victim.page, 2, NULL), 0);
	lab_owner_free_slot(peer, slot);
	assert_int_equal(labyrinth_reclaim(survivor, labyrinth_owner_slot(victim.owner)), 10);
	assert_int_equal(stats_of(pool).reclaimed, 10);
	assert_int_equal(stats_of(pool).free, PAGES);
	check_valid(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

static void
slots_are_used_anew(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *survivor = make_owner(pool, "survivor", NULL);

	(void)state;
	for (int round = 0; round < 1000; round++) {
		struct victim victim = { .owner = make_owner(pool, "v", NULL), .keep = 33 };

		run_victim(&victim);
		assert_int_equal(labyrinth_reclaim_all(survivor), 33);
	}
	assert_int_equal(stats_of(pool).free, PAGES);
	check_valid(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_thread_leaves_nothing),
		cmocka_unit_test(the_living_are_left_alone),
		cmocka_unit_test(offers_are_settled),
		cmocka_unit_test(a_dead_member_leaves_its_pages_to_the_team),
		cmocka_unit_test(a_team_dies_one_by_one),
		cmocka_unit_test(a_killed_process),
		cmocka_unit_test(given_to_one_who_left),
		cmocka_unit_test(slots_are_used_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
