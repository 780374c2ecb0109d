/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: some threads take pages, others free them, as an rx core and its workers
 * do: in order through rings of one sender and one receiver, and in no order through a
 * board; in teams, and between owners that transfer.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "exclusive.h"
#include "inside.h"
#include "ring.h"

#define PAIRS (STRESS_THREADS / 2)
#define BURST 64u

enum route {
	RINGS,   /* producer i to consumer i, in order */
	BOARD,   /* whoever to whoever */
};

struct kind {
	struct labyrinth_pool_config config;
	enum route route;
	bool by_index;
	bool transfer;   /* each its own owner, else all one team */
	bool any_thread; /* consumers share one member */
};

struct test {
	struct kind kind;
	struct exclusive watch;
	struct labyrinth_owner *first;
	struct labyrinth_owner *owner[STRESS_THREADS];
	_Atomic uint32_t producers;   /* that have not ended */
	struct ring ring[PAIRS];
	struct board board;
};

struct worker {
	struct stress_thread *thread;
	struct test *test;
	struct labyrinth_owner *owner;
	struct history_log *log;
};

/* ---- producers ---- */

static uint32_t
allocate(struct worker *worker, labyrinth_page *page, uint32_t n)
{
	uint32_t index[BURST], got;

	if (!worker->test->kind.by_index)
		return labyrinth_alloc_burst(
			worker->owner, LABYRINTH_GFP_ATOMIC, page, n);
	got = labyrinth_alloc_index_burst(worker->owner, LABYRINTH_GFP_ATOMIC, index, n);
	for (uint32_t i = 0; i < got && i < BURST; i++)
		page[i] = index[i];
	return got;
}

static void
release(struct worker *worker, labyrinth_page *page, uint32_t n)
{
	uint32_t index[BURST], refused;
	enum labyrinth_refusal why[BURST] = { LABYRINTH_REFUSED_NONE };

	for (uint32_t i = 0; i < n && i < BURST; i++) {
		index[i] = labyrinth_page_index(page[i]);
		exclusive_drops(&worker->test->watch, worker->log, index[i]);
	}
	refused = worker->test->kind.by_index ?
		labyrinth_free_index_bulk(worker->owner, index, n, why) :
		labyrinth_free_bulk(worker->owner, page, n, why);
	if (refused != 0)
		inside_explain(worker->test->watch.pool,
			worker->test->kind.by_index ? index[0]
						    : labyrinth_page_index(page[0]));
	stress_check(refused == 0,
		"owner %u: %u of %u pages refused, the first for reason %d",
		labyrinth_owner_slot(worker->owner), refused, n, (int)why[0]);
}

/* Whose the page is from now on. */
static void
hand_over(struct worker *worker, labyrinth_page page, struct labyrinth_owner *to)
{
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;

	exclusive_hands(&worker->test->watch, worker->log, labyrinth_page_index(page));
	if (!worker->test->kind.transfer)
		return;
	labyrinth_transfer_bulk(worker->owner, labyrinth_owner_slot(to), &page, 1, &why);
	stress_check(why == LABYRINTH_REFUSED_NONE, "transfer refused for reason %d",
		(int)why);
}

static void
send_page(struct worker *worker, labyrinth_page page)
{
	struct test *test = worker->test;
	uint32_t pair = worker->thread->number % PAIRS;

	if (test->kind.route == RINGS && ring_room(&test->ring[pair]) > 0) {
		hand_over(worker, page, test->owner[PAIRS + pair]);
		ring_send(&test->ring[pair], page);
		return;
	}
	if (test->kind.route == BOARD) {
		/* a team's: whoever finds it takes it up */
		exclusive_hands(&test->watch, worker->log, labyrinth_page_index(page));
		if (board_leave(&test->board, stress_random_next(&worker->thread->random),
			    page, memory_order_release))
			return;
		exclusive_received(&test->watch, worker->log, labyrinth_page_index(page));
	}
	release(worker, &page, 1);
}

static void
produce(struct worker *worker)
{
	labyrinth_page page[BURST];
	uint32_t n = 1 + stress_random_below(&worker->thread->random, BURST);
	uint32_t got = allocate(worker, page, n);

	for (uint32_t i = 0; i < got; i++)
		exclusive_took(&worker->test->watch, worker->log,
			labyrinth_page_index(page[i]));
	for (uint32_t i = 0; i < got; i++)
		send_page(worker, page[i]);
	if (got == 0)
		sched_yield();
}

/* ---- consumers ---- */

static uint32_t
receive(struct worker *worker, labyrinth_page *page, uint32_t n)
{
	struct test *test = worker->test;
	uint32_t got = 0, at;

	if (test->kind.route == RINGS)
		return ring_receive(&test->ring[worker->thread->number % PAIRS], page, n);
	at = stress_random_next(&worker->thread->random);
	for (uint32_t i = 0; i < BOARD_SIZE && got < n; i++) {
		page[got] = board_pick(&test->board, at + i, memory_order_acquire);
		got += page[got] != 0;
	}
	return got;
}

static uint32_t
consume(struct worker *worker)
{
	labyrinth_page page[BURST];
	uint32_t n = 1 + stress_random_below(&worker->thread->random, BURST);
	uint32_t got = receive(worker, page, n);

	for (uint32_t i = 0; i < got; i++)
		exclusive_received(&worker->test->watch, worker->log,
			labyrinth_page_index(page[i]));
	if (got > 0)
		release(worker, page, got);
	else
		sched_yield();
	return got;
}

static void
work(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct worker worker = { .thread = thread, .test = test,
		.owner = test->owner[thread->number],
		.log = &test->watch.history->log[thread->number] };

	if (thread->number < PAIRS) {
		while (stress_goes_on(thread) && !history_is_full(worker.log))
			produce(&worker);
		/* release: what was sent before is there for who sees the end */
		atomic_fetch_sub_explicit(&test->producers, 1, memory_order_release);
		return;
	}
	for (;;) {
		bool ended =
			atomic_load_explicit(&test->producers, memory_order_acquire) == 0;

		if (consume(&worker) == 0 && ended)
			return;
	}
}

/* ---- the kinds ---- */

static void
run_kind(struct kind kind)
{
	struct test test = { .kind = kind, .producers = PAIRS };
	struct stress_run run = { .threads = STRESS_THREADS, .fn = work, .arg = &test };
	struct labyrinth_owner *any = NULL;

	test.kind.config.pages = 701;
	test.watch = exclusive_create(&test.kind.config, STRESS_THREADS);
	test.first = kind.transfer ? NULL : exclusive_owner(&test.watch, NULL, 0);
	if (kind.any_thread)
		any = exclusive_owner(
			&test.watch, test.first, LABYRINTH_OWNER_ANY_THREAD);
	for (uint32_t i = 0; i < STRESS_THREADS; i++)
		test.owner[i] = i >= PAIRS && any != NULL ? any :
			exclusive_owner(&test.watch, test.first, 0);
	stress_run(&run);
	exclusive_end(&test.watch);
}

static void
a_team_through_rings(void **state)
{
	(void)state;
	run_kind((struct kind){ .by_index = true });
}

static void
a_team_over_a_board(void **state)
{
	(void)state;
	run_kind((struct kind){ .by_index = true, .route = BOARD });
}

static void
a_team_by_handle_over_a_board(void **state)
{
	(void)state;
	run_kind((struct kind){ .route = BOARD, .config.cache = 64 });
}

static void
a_team_without_caches(void **state)
{
	(void)state;
	run_kind((struct kind){ .route = BOARD, .config.cache = LABYRINTH_CACHE_NONE });
}

static void
any_thread_frees(void **state)
{
	(void)state;
	run_kind((struct kind){ .by_index = true, .route = BOARD, .any_thread = true });
}

static void
owners_transfer(void **state)
{
	(void)state;
	run_kind((struct kind){ .transfer = true });
}

static void
owners_transfer_with_a_small_cache(void **state)
{
	(void)state;
	run_kind((struct kind){ .transfer = true, .config.cache = 32,
		.config.watermarks.min = LABYRINTH_NO_RESERVE });
}

static void
owners_transfer_without_caches(void **state)
{
	(void)state;
	run_kind((struct kind){ .transfer = true, .config.cache = LABYRINTH_CACHE_NONE });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_team_through_rings),
		cmocka_unit_test(a_team_over_a_board),
		cmocka_unit_test(a_team_by_handle_over_a_board),
		cmocka_unit_test(a_team_without_caches),
		cmocka_unit_test(any_thread_frees),
		cmocka_unit_test(owners_transfer),
		cmocka_unit_test(owners_transfer_with_a_small_cache),
		cmocka_unit_test(owners_transfer_without_caches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
