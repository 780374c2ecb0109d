/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: KERNEL waits for frees, not past its deadline; the reserve refills first. */
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool_fixture.h"
#include "pool_private.h"

#define PAGES 512u

static labyrinth_page page[PAGES], waited[64];

struct waiter {
	struct labyrinth_owner *owner;
	uint64_t timeout_us;
	uint32_t got;
};

static void *
wait_for_pages(void *arg)
{
	struct waiter *waiter = arg;

	waiter->got = labyrinth_alloc_wait(waiter->owner, 0, waited, 64, waiter->timeout_us);
	return NULL;
}

static void
the_deadline_is_kept(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, 100);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);

	(void)state;
	assert_int_equal(labyrinth_alloc_wait(a, 0, page, 10, 0), 10);
	assert_int_equal(labyrinth_alloc_wait(a, 0, page + 10, PAGES, 2000), 0);
	assert_int_equal(stats_of(pool).alloc_fail[LABYRINTH_GFP_KERNEL], 1);
	assert_int_equal(stats_of(pool).owned, 10);
	assert_int_equal(labyrinth_free_bulk(a, page, 10, NULL), 0);
	end_pool(pool);
}

static void
a_free_ends_the_wait(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, 100);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct waiter waiter = { .owner = make_owner(pool, "w", NULL), .timeout_us = 60000000 };
	pthread_t thread;

	(void)state;
	assert_int_equal(labyrinth_alloc_burst(a, LABYRINTH_GFP_NOWAIT, page, PAGES), PAGES - 100);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_pages, &waiter), 0);
	/* before somebody waits, the pages would stay with who freed them */
	while (!atomic_load(&pool->waiting))
		usleep(100);
	assert_int_equal(labyrinth_free_bulk(a, page, PAGES - 100, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(waiter.got, 64);
	assert_int_equal(labyrinth_free_bulk(waiter.owner, waited, 64, NULL), 0);
	end_pool(pool);
}

/* When nobody waits, freed pages stay with who freed them. */
static void
check_stays_cached(struct labyrinth_pool *pool, struct labyrinth_owner *owner,
	uint32_t n)
{
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, n), n);
	assert_int_equal(labyrinth_free_bulk(owner, page, n, NULL), 0);
	assert_int_equal(stats_of(pool).cached, n);
}

static void
who_dies_waiting_waits_no_more(void **state)
{
	struct labyrinth_pool_config config = { .pages = PAGES, .numa_node = -1,
		.backing = LABYRINTH_BACKING_PLAIN, .flags = LABYRINTH_POOL_SHARED };
	struct labyrinth_owner *survivor, *victim;
	struct labyrinth_pool *pool;
	pid_t pid;

	(void)state;
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), 0);
	survivor = make_owner(pool, "survivor", NULL);
	victim = make_owner(pool, "victim", NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		labyrinth_owner_bind(victim);
		labyrinth_alloc_wait(victim, 0, page, PAGES, UINT64_MAX);
		_exit(1);
	}
	while (!pool->waiting)
		usleep(100);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(labyrinth_reclaim_all(survivor) >= 0);
	assert_false(pool->waiting);
	check_stays_cached(pool, survivor, 64);
	end_pool(pool);
}

static void
one_of_two_waits_on(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, 100);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL), *b = make_owner(pool, "b", NULL);
	struct waiter waiter = { .owner = make_owner(pool, "w", NULL), .timeout_us = 60000000 };
	labyrinth_page none[64];
	pthread_t thread;

	(void)state;
	assert_int_equal(labyrinth_alloc_burst(a, LABYRINTH_GFP_NOWAIT, page, PAGES), PAGES - 100);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_pages, &waiter), 0);
	while (!pool->waiting)
		usleep(100);
	/* the wait of another one ends, in vain */
	assert_int_equal(labyrinth_alloc_wait(b, 0, none, 64, 1000), 0);
	assert_true(pool->waiting);
	assert_int_equal(labyrinth_free_bulk(a, page, PAGES - 100, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(waiter.got, 64);
	assert_false(pool->waiting);
	assert_int_equal(labyrinth_free_bulk(waiter.owner, waited, 64, NULL), 0);
	end_pool(pool);
}

static void
freed_reserve_pages_refill_the_reserve(uint32_t team_size)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, 100);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	uint32_t got;

	if (team_size > 1)
		make_owner(pool, "b", a);
	got = labyrinth_alloc_burst(a, LABYRINTH_GFP_ATOMIC, page, PAGES);
	assert_int_equal(got, PAGES - 38);
	for (uint32_t i = 0; i < 62; i++) {
		assert_int_equal(stats_of(pool).free, 38 + i);
		assert_int_equal(labyrinth_free(a, page[i]), 0);
		assert_int_equal(stats_of(pool).cached, 0);
	}
	assert_int_equal(stats_of(pool).free, 100);
	assert_int_equal(labyrinth_free_bulk(a, page + 62, got - 62, NULL), 0);
	end_pool(pool);
}

static void
reserve_first(void **state)
{
	(void)state;
	freed_reserve_pages_refill_the_reserve(1);
}

static void
reserve_first_in_a_team(void **state)
{
	(void)state;
	freed_reserve_pages_refill_the_reserve(2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_deadline_is_kept),
		cmocka_unit_test(a_free_ends_the_wait),
		cmocka_unit_test(who_dies_waiting_waits_no_more),
		cmocka_unit_test(one_of_two_waits_on),
		cmocka_unit_test(reserve_first),
		cmocka_unit_test(reserve_first_in_a_team),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
