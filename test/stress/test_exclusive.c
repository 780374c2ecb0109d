/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: take, check, stamp, restore: eight threads on fewer CPUs, in every kind of
 * ownership that needs no hand-over. A page never has two owners.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "exclusive.h"
#include "inside.h"

/* Most pages a thread holds, and takes at once. */
#define HELD 192u
#define BURST 64u

enum group {
	ALONE,        /* each thread its own owner */
	TEAM,         /* all owners in one team */
	ANY_THREAD,   /* all threads use one owner */
};

struct kind {
	struct labyrinth_pool_config config;
	enum group group;
	bool by_index;
	bool one_cpu;
	bool flush;
	bool come_and_go;
	bool grow;             /* the first thread grows and shrinks the pool */
	uint32_t ballast;      /* pages that nobody may have meanwhile */
};

struct test {
	struct kind kind;
	struct exclusive watch;
	struct labyrinth_owner *first;   /* of the team, or for any thread */
	struct labyrinth_owner *ballast;
	labyrinth_page *page;            /* of the ballast */
};

struct worker {
	struct stress_thread *thread;
	struct test *test;
	struct labyrinth_owner *owner;
	struct history_log *log;
	labyrinth_page held[HELD];
	uint32_t count;
};

/* ---- one step ---- */

static uint32_t
allocate(struct worker *worker, labyrinth_page *page, uint32_t n, bool bulk)
{
	unsigned int gfp = stress_random_below(&worker->thread->random, 2);
	uint32_t index[BURST], got;

	if (!worker->test->kind.by_index)
		return bulk ? labyrinth_alloc_bulk(worker->owner, gfp, page, n) :
			labyrinth_alloc_burst(worker->owner, gfp, page, n);
	got = bulk ? labyrinth_alloc_index_bulk(worker->owner, gfp, index, n) :
		labyrinth_alloc_index_burst(worker->owner, gfp, index, n);
	for (uint32_t i = 0; i < got && i < BURST; i++)
		page[i] = index[i];
	return got;
}

static void
take_some(struct worker *worker)
{
	struct stress_random *random = &worker->thread->random;
	uint32_t room = HELD - worker->count, n = 1 + stress_random_below(random, BURST);
	bool bulk = stress_random_once_in(random, 2);
	labyrinth_page *page = worker->held + worker->count;
	uint32_t got;

	n = n < room ? n : room;
	if (n == 0)
		return;
	got = allocate(worker, page, n, bulk);
	stress_check(got <= n && (!bulk || got == 0 || got == n), "got %u of %u", got, n);
	for (uint32_t i = 0; i < got; i++)
		exclusive_took(&worker->test->watch, worker->log,
			labyrinth_page_index(page[i]));
	worker->count += got;
}

static uint32_t
release(struct worker *worker, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why)
{
	uint32_t index[HELD];

	if (!worker->test->kind.by_index)
		return labyrinth_free_bulk(worker->owner, page, n, why);
	for (uint32_t i = 0; i < n && i < HELD; i++)
		index[i] = labyrinth_page_index(page[i]);
	return labyrinth_free_index_bulk(worker->owner, index, n, why);
}

static void
give_last(struct worker *worker, uint32_t n)
{
	enum labyrinth_refusal why[HELD];
	labyrinth_page *page = worker->held + worker->count - n;
	uint32_t refused;

	for (uint32_t i = 0; i < n; i++)
		exclusive_drops(&worker->test->watch, worker->log,
			labyrinth_page_index(page[i]));
	refused = release(worker, page, n, why);
	if (refused != 0)
		inside_explain(worker->test->watch.pool, labyrinth_page_index(page[0]));
	stress_check(refused == 0,
		"owner %u: %u of %u pages refused, the first for reason %d",
		labyrinth_owner_slot(worker->owner), refused, n, (int)why[0]);
	worker->count -= n;
}

/* Random pages to the end, from where they are given; or the last ones as they came. */
static void
give_some(struct worker *worker)
{
	struct stress_random *random = &worker->thread->random;
	uint32_t n = 1 + stress_random_below(random, BURST);

	n = n < worker->count ? n : worker->count;
	if (n == 0)
		return;
	if (stress_random_once_in(random, 2))
		for (uint32_t i = 0; i < n; i++) {
			uint32_t a = worker->count - 1 - i;
			uint32_t b = stress_random_below(random, a + 1);
			labyrinth_page kept = worker->held[a];

			worker->held[a] = worker->held[b];
			worker->held[b] = kept;
		}
	give_last(worker, n);
}

static void
check_held(struct worker *worker)
{
	for (uint32_t i = 0; i < worker->count; i++)
		exclusive_check(&worker->test->watch, worker->log,
			labyrinth_page_index(worker->held[i]));
}

static void
come_again(struct worker *worker)
{
	struct labyrinth_error error = { "" };

	give_last(worker, worker->count);
	stress_check(
		labyrinth_owner_unregister(worker->owner, &error) == 0, "%s", error.text);
	worker->owner = exclusive_owner(&worker->test->watch, worker->test->first, 0);
}

static void
step(struct worker *worker)
{
	struct stress_random *random = &worker->thread->random;

	switch (stress_random_below(random, 16)) {
	case 0:
		check_held(worker);
		break;
	case 1:
		sched_yield();
		break;
	case 2:
		if (worker->test->kind.flush)
			labyrinth_owner_flush(worker->owner);
		break;
	case 3:
		if (worker->test->kind.come_and_go && stress_random_once_in(random, 16))
			come_again(worker);
		break;
	default:
		if (stress_random_once_in(random, 2))
			take_some(worker);
		else
			give_some(worker);
	}
}

/* ---- the kinds ---- */

static void
grow_and_shrink(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;

	while (stress_goes_on(thread)) {
		labyrinth_pool_grow(test->watch.pool,
			1 + stress_random_below(&thread->random, 3), NULL);
		sched_yield();
		labyrinth_pool_shrink(test->watch.pool,
			1 + stress_random_below(&thread->random, 3));
		sched_yield();
	}
}

static void
work(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct worker worker = {
		.thread = thread,
		.test = test,
		.log = &test->watch.history->log[thread->number],
	};

	if (test->kind.grow && thread->number == 0) {
		grow_and_shrink(thread);
		return;
	}
	worker.owner = test->kind.group == ANY_THREAD ? test->first :
		exclusive_owner(&test->watch, test->first, 0);
	while (stress_goes_on(thread) && !history_is_full(worker.log))
		step(&worker);
	give_last(&worker, worker.count);
	if (test->kind.group == ALONE)
		stress_check(labyrinth_owner_unregister(worker.owner, NULL) == 0,
			"unregister");
}

static void
hold_back(struct test *test)
{
	uint32_t n = test->kind.ballast;

	if (n == 0)
		return;
	test->ballast = exclusive_owner(&test->watch, NULL, 0);
	test->page = calloc(n, sizeof(*test->page));
	stress_check(test->page != NULL && labyrinth_alloc_bulk(test->ballast,
		LABYRINTH_GFP_NOWAIT, test->page, n) == n, "no ballast");
	labyrinth_owner_flush(test->ballast);
}

static void
give_back(struct test *test)
{
	if (test->kind.ballast == 0)
		return;
	stress_check(labyrinth_free_bulk(
			     test->ballast, test->page, test->kind.ballast, NULL) == 0,
		"ballast refused");
	free(test->page);
}

static void
run_kind(struct kind kind)
{
	struct test test = { .kind = kind };
	struct stress_run run = { .threads = STRESS_THREADS, .fn = work, .arg = &test,
		.one_cpu = kind.one_cpu };

	/* Fewer pages than all want: depots run dry, rows are stolen, bulks fail. */
	if (test.kind.config.pages == 0)
		test.kind.config.pages = STRESS_THREADS * HELD / 3 + 5;
	test.watch = exclusive_create(&test.kind.config, STRESS_THREADS);
	if (kind.group != ALONE)
		test.first = exclusive_owner(&test.watch, NULL, kind.group == ANY_THREAD ?
			LABYRINTH_OWNER_ANY_THREAD : 0);
	hold_back(&test);
	stress_run(&run);
	give_back(&test);
	exclusive_end(&test.watch);
}

static void
alone_by_handle(void **state)
{
	(void)state;
	run_kind((struct kind){ .flush = true });
}

static void
alone_by_index(void **state)
{
	(void)state;
	run_kind((struct kind){ .by_index = true });
}

static void
alone_with_a_small_cache(void **state)
{
	(void)state;
	run_kind((struct kind){ .config.cache = 32, .flush = true });
}

static void
alone_without_caches(void **state)
{
	(void)state;
	run_kind((struct kind){ .config.cache = LABYRINTH_CACHE_NONE });
}

static void
alone_with_plenty(void **state)
{
	(void)state;
	run_kind((struct kind){ .config.pages = 4 * STRESS_THREADS * HELD });
}

static void
a_team_by_index(void **state)
{
	(void)state;
	run_kind((struct kind){ .group = TEAM, .by_index = true, .flush = true });
}

static void
a_team_by_handle(void **state)
{
	(void)state;
	run_kind((struct kind){ .group = TEAM, .flush = true });
}

static void
a_team_without_reserve(void **state)
{
	(void)state;
	run_kind((struct kind){ .group = TEAM,
		.config.watermarks.min = LABYRINTH_NO_RESERVE });
}

static void
one_owner_for_any_thread(void **state)
{
	(void)state;
	run_kind((struct kind){ .group = ANY_THREAD });
}

static void
owners_come_and_go(void **state)
{
	(void)state;
	run_kind((struct kind){ .come_and_go = true, .flush = true });
}

static void
members_come_and_go(void **state)
{
	(void)state;
	run_kind((struct kind){ .group = TEAM, .come_and_go = true, .by_index = true });
}

/* Two depots on one node: an owner falls back to the other, and frees go home. */
static void
two_depots(void **state)
{
	const struct labyrinth_pool_config config = { .pages = 4096, .nodes = 2,
		.numa_nodes = { -1, -1 } };

	(void)state;
	run_kind((struct kind){ .config = config, .ballast = 3500 });
	run_kind((struct kind){ .config = config, .ballast = 3500, .group = TEAM });
}

static void
while_the_pool_grows_and_shrinks(void **state)
{
	const struct labyrinth_pool_config config = { .pages = LABYRINTH_EXTENT_PAGES,
		.pages_max = 4 * LABYRINTH_EXTENT_PAGES };

	(void)state;
	run_kind((struct kind){ .config = config, .grow = true, .flush = true });
	run_kind((struct kind){ .config = config, .grow = true, .group = TEAM });
}

static void
all_on_one_cpu(void **state)
{
	(void)state;
	run_kind((struct kind){ .one_cpu = true });
	run_kind((struct kind){ .one_cpu = true, .group = TEAM });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_by_handle),
		cmocka_unit_test(alone_by_index),
		cmocka_unit_test(alone_with_a_small_cache),
		cmocka_unit_test(alone_without_caches),
		cmocka_unit_test(alone_with_plenty),
		cmocka_unit_test(a_team_by_index),
		cmocka_unit_test(a_team_by_handle),
		cmocka_unit_test(a_team_without_reserve),
		cmocka_unit_test(one_owner_for_any_thread),
		cmocka_unit_test(owners_come_and_go),
		cmocka_unit_test(members_come_and_go),
		cmocka_unit_test(all_on_one_cpu),
		cmocka_unit_test(two_depots),
		cmocka_unit_test(while_the_pool_grows_and_shrinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
