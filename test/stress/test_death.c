/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: threads end without a word in the middle of random work, thousands of
 * them, while others free late into what they left and two reclaim at once. All pages
 * come back, each exactly once.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "exclusive.h"
#include "inside.h"
#include "ring.h"

/* Threads 0, 1 reclaim; 2, 3 survive; each of the others sends victims to their death. */
#define RECLAIMERS 2u
#define SURVIVORS 2u
#define SPAWNERS (STRESS_THREADS - RECLAIMERS - SURVIVORS)
#define HELD 96u
#define BURST 32u
#define PAGES 700u

enum group {
	ALONE,          /* each victim its own owner */
	TEAM,           /* victims and survivors are one team, which lives on */
	LOST_TEAMS,     /* the two victims of a spawner are a team that dies out */
};

#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN 0
#endif

#define OWNERS 40u

struct kind {
	struct labyrinth_pool_config config;
	enum group group;
};

struct test {
	struct kind kind;
	struct exclusive watch;
	struct labyrinth_owner *owner[RECLAIMERS + SURVIVORS];
	struct labyrinth_owner *team;
	_Atomic uint32_t spawners;
	_Atomic uint64_t deaths;
	/* for TSan, see reclaim(): victims that were joined, by slot, and what keeps
	 * slots from being used anew meanwhile */
	_Atomic bool joined[OWNERS + 1];
	pthread_rwlock_t slots;
	/* pages that victims gave to survivors by transfer, or within the team */
	struct board given[SURVIVORS];
	/* pages that victims offered: the survivor may be too late */
	struct board offered[SURVIVORS];
};

/* Who works: a survivor, or a victim in the name of its spawner. */
struct worker {
	struct test *test;
	struct stress_random *random;
	struct labyrinth_owner *owner;
	struct history_log *log;
	labyrinth_page held[HELD];
	uint32_t count;
};

static uint32_t
below(struct worker *worker, uint32_t n)
{
	return stress_random_below(worker->random, n);
}

static void
take(struct worker *worker)
{
	uint32_t n = 1 + below(worker, BURST), room = HELD - worker->count, got;

	got = labyrinth_alloc_burst(worker->owner, LABYRINTH_GFP_ATOMIC,
		worker->held + worker->count, n < room ? n : room);
	for (uint32_t i = 0; i < got; i++)
		exclusive_took(&worker->test->watch, worker->log,
			labyrinth_page_index(worker->held[worker->count + i]));
	worker->count += got;
}

static void
drop_page(struct worker *worker, labyrinth_page page)
{
	enum labyrinth_refusal why;

	exclusive_drops(&worker->test->watch, worker->log, labyrinth_page_index(page));
	why = labyrinth_free(worker->owner, page);
	if (why != LABYRINTH_REFUSED_NONE)
		inside_explain(worker->test->watch.pool, labyrinth_page_index(page));
	stress_check(why == LABYRINTH_REFUSED_NONE, "owner %u: free refused: %d",
		labyrinth_owner_slot(worker->owner), (int)why);
}

static void
drop(struct worker *worker)
{
	for (uint32_t n = 1 + below(worker, BURST); n > 0 && worker->count > 0; n--)
		drop_page(worker, worker->held[--worker->count]);
}

/* ---- victims ---- */

/* A victim that cannot pass a page on keeps it. */
static void
pass_on(struct worker *worker)
{
	struct test *test = worker->test;
	uint32_t to = below(worker, SURVIVORS);
	struct labyrinth_owner *survivor = test->owner[RECLAIMERS + to];
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;
	labyrinth_page page;

	if (worker->count == 0)
		return;
	page = worker->held[--worker->count];
	exclusive_hands(&test->watch, worker->log, labyrinth_page_index(page));
	if (test->kind.group != TEAM)
		labyrinth_transfer_bulk(
			worker->owner, labyrinth_owner_slot(survivor), &page, 1, &why);
	stress_check(why == LABYRINTH_REFUSED_NONE, "transfer refused: %d", (int)why);
	/* the board is never full for long, and the page is no longer ours */
	while (!board_leave(&test->given[to], below(worker, BOARD_SIZE), page,
			memory_order_release))
		sched_yield();
}

/* Offered, restored: it comes back with our death unless the survivor is quicker. */
static void
offer(struct worker *worker)
{
	struct test *test = worker->test;
	uint32_t to = below(worker, SURVIVORS);
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;
	labyrinth_page page;

	if (worker->count == 0)
		return;
	page = worker->held[--worker->count];
	exclusive_drops(&test->watch, worker->log, labyrinth_page_index(page));
	labyrinth_offer_bulk(worker->owner,
		labyrinth_owner_slot(test->owner[RECLAIMERS + to]), &page, 1, &why);
	stress_check(why == LABYRINTH_REFUSED_NONE, "offer refused: %d", (int)why);
	board_leave(&test->offered[to], below(worker, BOARD_SIZE), page,
		memory_order_release);
}

static void *
live_and_die(void *arg)
{
	struct worker *worker = arg;
	uint32_t steps = below(worker, 40);

	stress_check(labyrinth_owner_bind(worker->owner) == 0, "bind");
	for (uint32_t i = 0; i < steps; i++)
		switch (below(worker, 8)) {
		case 0: case 1: case 2:
			take(worker);
			break;
		case 3: case 4:
			drop(worker);
			break;
		case 5:
			pass_on(worker);
			break;
		case 6:
			if (worker->test->kind.group == ALONE)
				offer(worker);
			break;
		default:
			labyrinth_owner_flush(worker->owner);
		}
	/* in a team that lives on, the pages must be freed by somebody */
	while (worker->test->kind.group == TEAM && worker->count > 0)
		pass_on(worker);
	while (worker->count > 0)
		exclusive_drops(&worker->test->watch, worker->log,
			labyrinth_page_index(worker->held[--worker->count]));
	pthread_exit(NULL);
}

/* NULL when all slots wait to be reclaimed. */
static struct labyrinth_owner *
newcomer(struct test *test, struct labyrinth_owner *team)
{
	struct labyrinth_owner *owner = NULL;
	int ret;

	if (UNDER_TSAN)
		pthread_rwlock_wrlock(&test->slots);
	ret = labyrinth_owner_register(test->watch.pool, "victim", team, 0, &owner);
	stress_check(ret == 0 || ret == -ENOSPC, "register: %d", ret);
	if (owner != NULL)
		atomic_store(&test->joined[labyrinth_owner_slot(owner)], false);
	if (UNDER_TSAN)
		pthread_rwlock_unlock(&test->slots);
	return owner;
}

static void
spawn(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct worker worker = { .test = test, .random = &thread->random,
		.log = &test->watch.history->log[thread->number] };
	struct labyrinth_owner *mates[2];
	pthread_t id;
	uint32_t n = 1;

	mates[0] = newcomer(test, test->kind.group == TEAM ? test->team : NULL);
	if (mates[0] == NULL) {
		sched_yield();
		return;
	}
	if (test->kind.group == LOST_TEAMS) {
		mates[1] = newcomer(test, mates[0]);
		n += mates[1] != NULL;
	}
	/* one after the other, for they share the spawner's log */
	for (uint32_t i = 0; i < n; i++) {
		bool stall = stress_random_once_in(&thread->random, 4);

		worker.owner = mates[i];
		worker.count = 0;
		stress_check(
			pthread_create(&id, NULL, live_and_die, &worker) == 0, "thread");
		if (stall)
			stress_stall(id);
		pthread_join(id, NULL);
		atomic_fetch_add_explicit(&test->deaths, 1, memory_order_relaxed);
	}
	/* both, for who reclaims one looks whether its heir is dead too */
	for (uint32_t i = 0; i < n; i++)
		atomic_store_explicit(&test->joined[labyrinth_owner_slot(mates[i])], true,
			memory_order_release);
}

/* ---- the living ---- */

/*
 * A thread has done all it did before the kernel says that it is dead, but TSan does not
 * know: it sees no unlock of the robust mutex. So under TSan a death waits until the
 * victim was joined, which TSan does know to come after all that the victim did.
 */
static void
reclaim(struct test *test, struct labyrinth_owner *owner)
{
	if (!UNDER_TSAN) {
		stress_check(labyrinth_reclaim_all(owner) >= 0, "reclaim_all");
		return;
	}
	for (uint32_t slot = 1; slot <= OWNERS; slot++) {
		pthread_rwlock_rdlock(&test->slots);
		if (atomic_load_explicit(&test->joined[slot], memory_order_acquire))
			labyrinth_reclaim(owner, slot);
		pthread_rwlock_unlock(&test->slots);
	}
}

static void
receive(struct worker *worker, uint32_t number)
{
	labyrinth_page page = board_pick(&worker->test->given[number],
		below(worker, BOARD_SIZE), memory_order_acquire);

	if (page == 0)
		return;
	exclusive_received(&worker->test->watch, worker->log, labyrinth_page_index(page));
	drop_page(worker, page);
}

static void
accept_offer(struct worker *worker, uint32_t number)
{
	labyrinth_page page = board_pick(&worker->test->offered[number],
		below(worker, BOARD_SIZE), memory_order_acquire);

	if (page == 0 || labyrinth_accept_bulk(worker->owner, &page, 1, NULL) != 0)
		return;
	exclusive_took(&worker->test->watch, worker->log, labyrinth_page_index(page));
	drop_page(worker, page);
}

static void
survive(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	uint32_t number = thread->number - RECLAIMERS;
	struct worker worker = { .test = test, .random = &thread->random,
		.owner = test->owner[thread->number],
		.log = &test->watch.history->log[thread->number] };
	uint32_t rest = BOARD_SIZE / 4;

	/* then what is still on the boards */
	while (atomic_load(&test->spawners) > 0 || rest-- > 0) {
		for (uint32_t i = 0; i < BURST; i++) {
			receive(&worker, number);
			accept_offer(&worker, number);
		}
		if (below(&worker, 2) == 0)
			take(&worker);
		else
			drop(&worker);
		sched_yield();
	}
	for (uint32_t i = 0; i < BOARD_SIZE; i++) {
		labyrinth_page page =
			board_pick(&test->given[number], i, memory_order_acquire);

		if (page == 0)
			continue;
		exclusive_received(&test->watch, worker.log, labyrinth_page_index(page));
		drop_page(&worker, page);
	}
	while (worker.count > 0)
		drop(&worker);
}

static void
live(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;

	if (thread->number < RECLAIMERS) {
		while (atomic_load(&test->spawners) > 0) {
			reclaim(test, test->owner[thread->number]);
			sched_yield();
		}
	} else if (thread->number < RECLAIMERS + SURVIVORS) {
		survive(thread);
	} else {
		while (stress_goes_on(thread) &&
			!history_is_full(&test->watch.history->log[thread->number]))
			spawn(thread);
		atomic_fetch_sub(&test->spawners, 1);
	}
}

static void
run_kind(struct kind kind)
{
	static struct test test;
	struct stress_run run = { .threads = STRESS_THREADS, .fn = live, .arg = &test };

	test = (struct test){ .kind = kind, .spawners = SPAWNERS };
	pthread_rwlock_init(&test.slots, NULL);
	test.kind.config.pages = PAGES;
	test.kind.config.owners = OWNERS;
	test.watch = exclusive_create(&test.kind.config, STRESS_THREADS);
	test.team = kind.group == TEAM ? exclusive_owner(&test.watch, NULL, 0) : NULL;
	for (uint32_t i = 0; i < RECLAIMERS + SURVIVORS; i++)
		test.owner[i] = exclusive_owner(
			&test.watch, i >= RECLAIMERS ? test.team : NULL, 0);
	stress_run(&run);
	/* the second finds what the first may have had to leave */
	for (uint32_t i = 0; i < 2; i++)
		stress_check(labyrinth_reclaim_all(test.owner[0]) >= 0, "reclaim_all");
	stress_check(labyrinth_reclaim_all(test.owner[0]) == 0, "left after reclaim_all");
	printf("%llu deaths\n", (unsigned long long)atomic_load(&test.deaths));
	pthread_rwlock_destroy(&test.slots);
	exclusive_end(&test.watch);
}

static void
owners_die(void **state)
{
	(void)state;
	run_kind((struct kind){ .group = ALONE });
}

static void
owners_without_caches_die(void **state)
{
	(void)state;
	run_kind((struct kind){ .config.cache = LABYRINTH_CACHE_NONE });
}

static void
owners_with_small_caches_die(void **state)
{
	(void)state;
	run_kind((struct kind){ .config.cache = 32,
		.config.watermarks.min = LABYRINTH_NO_RESERVE });
}

static void
members_die(void **state)
{
	(void)state;
	run_kind((struct kind){ .group = TEAM });
}

static void
teams_die_out(void **state)
{
	(void)state;
	run_kind((struct kind){ .group = LOST_TEAMS });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_die),
		cmocka_unit_test(owners_without_caches_die),
		cmocka_unit_test(owners_with_small_caches_die),
		cmocka_unit_test(members_die),
		cmocka_unit_test(teams_die_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
