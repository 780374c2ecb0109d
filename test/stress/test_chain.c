/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: pages wander from owner to owner, by transfer and by offers that the peer
 * accepts while the offerer takes them back, until somebody frees them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "exclusive.h"
#include "inside.h"
#include "ring.h"

#define HELD 128u
#define PENDING 64u
#define BULK 8u

struct kind {
	struct labyrinth_pool_config config;
	bool teams;   /* the odd threads in one team, the even ones in another */
};

struct test {
	struct kind kind;
	struct exclusive watch;
	struct labyrinth_owner *owner[STRESS_THREADS];
	/* from thread to thread: pages that are the receiver's already */
	struct ring given[STRESS_THREADS][STRESS_THREADS];
	/* to each thread: pages that it may accept, if nobody was quicker */
	struct board offered[STRESS_THREADS];
	uint64_t pending[STRESS_THREADS][PENDING];
};

struct worker {
	struct stress_thread *thread;
	struct test *test;
	struct labyrinth_owner *owner;
	struct history_log *log;
	labyrinth_page held[HELD];
	uint32_t count;
	uint64_t *pending;   /* offered by this thread, 0: empty */
};

static uint32_t
below(struct worker *worker, uint32_t n)
{
	return stress_random_below(&worker->thread->random, n);
}

static uint32_t
slot_of(const struct worker *worker, uint32_t number)
{
	return labyrinth_owner_slot(worker->test->owner[number]);
}

/* ---- take and give ---- */

static void
take(struct worker *worker)
{
	uint32_t n = 1 + below(worker, 2 * BULK), room = HELD - worker->count, got;

	got = labyrinth_alloc_burst(worker->owner, LABYRINTH_GFP_NOWAIT,
		worker->held + worker->count, n < room ? n : room);
	for (uint32_t i = 0; i < got; i++)
		exclusive_took(&worker->test->watch, worker->log,
			labyrinth_page_index(worker->held[worker->count + i]));
	worker->count += got;
}

static void
must_work(struct worker *worker, labyrinth_page page, enum labyrinth_refusal why,
	const char *what)
{
	if (why != LABYRINTH_REFUSED_NONE)
		inside_explain(worker->test->watch.pool, labyrinth_page_index(page));
	stress_check(why == LABYRINTH_REFUSED_NONE, "owner %u: %s of %#llx refused: %d",
		labyrinth_owner_slot(worker->owner), what, (unsigned long long)page,
		(int)why);
}

static labyrinth_page
pick_held(struct worker *worker)
{
	uint32_t at = below(worker, worker->count);
	labyrinth_page page = worker->held[at];

	worker->held[at] = worker->held[--worker->count];
	return page;
}

static void
drop(struct worker *worker)
{
	uint32_t n = 1 + below(worker, 2 * BULK);

	for (; n > 0 && worker->count > 0; n--) {
		labyrinth_page page = pick_held(worker);

		exclusive_drops(
			&worker->test->watch, worker->log, labyrinth_page_index(page));
		must_work(worker, page, labyrinth_free(worker->owner, page), "free");
	}
}

static void
keep(struct worker *worker, labyrinth_page page)
{
	exclusive_received(&worker->test->watch, worker->log, labyrinth_page_index(page));
	if (worker->count < HELD) {
		worker->held[worker->count++] = page;
		return;
	}
	exclusive_drops(&worker->test->watch, worker->log, labyrinth_page_index(page));
	must_work(worker, page, labyrinth_free(worker->owner, page), "free");
}

/* ---- direct ---- */

static void
transfer(struct worker *worker)
{
	uint32_t peer = below(worker, STRESS_THREADS);
	struct ring *ring = &worker->test->given[worker->thread->number][peer];
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;
	labyrinth_page page;

	if (peer == worker->thread->number || worker->count == 0 || ring_room(ring) == 0)
		return;
	page = pick_held(worker);
	exclusive_hands(&worker->test->watch, worker->log, labyrinth_page_index(page));
	labyrinth_transfer_bulk(worker->owner, slot_of(worker, peer), &page, 1, &why);
	must_work(worker, page, why, "transfer");
	ring_send(ring, page);
}

static void
receive(struct worker *worker)
{
	uint32_t from = below(worker, STRESS_THREADS), n;
	labyrinth_page page[BULK];

	n = ring_receive(&worker->test->given[from][worker->thread->number], page, BULK);
	for (uint32_t i = 0; i < n; i++)
		keep(worker, page[i]);
}

/* ---- offers ---- */

static void
offer(struct worker *worker)
{
	uint32_t peer = below(worker, STRESS_THREADS), at = below(worker, PENDING);
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;
	labyrinth_page page;

	if (worker->count == 0 || worker->pending[at] != 0)
		return;
	page = pick_held(worker);
	worker->pending[at] = page;
	exclusive_hands(&worker->test->watch, worker->log, labyrinth_page_index(page));
	labyrinth_offer_bulk(worker->owner, slot_of(worker, peer), &page, 1, &why);
	must_work(worker, page, why, "offer");
	/* relaxed: accept alone must bring what we wrote to the page */
	board_leave(&worker->test->offered[peer], below(worker, BOARD_SIZE), page,
		memory_order_relaxed);
}

/* Not to get the page is no failure: it was accepted, or is being withdrawn. */
static void
settle(struct worker *worker, labyrinth_page page, bool accept)
{
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;

	if (accept)
		labyrinth_accept_bulk(worker->owner, &page, 1, &why);
	else
		labyrinth_withdraw_bulk(worker->owner, &page, 1, &why);
	if (why == LABYRINTH_REFUSED_NONE)
		keep(worker, page);
	else
		stress_check(why == LABYRINTH_NOT_OFFERED ||
				     why == LABYRINTH_FOREIGN_FREE ||
				     why == LABYRINTH_STALE_HANDLE,
			"refused for reason %d", (int)why);
}

static void
accept_one(struct worker *worker)
{
	labyrinth_page page = board_pick(&worker->test->offered[worker->thread->number],
		below(worker, BOARD_SIZE), memory_order_relaxed);

	if (page != 0)
		settle(worker, page, true);
}

static void
withdraw_one(struct worker *worker)
{
	uint32_t at = below(worker, PENDING);
	labyrinth_page page = worker->pending[at];

	worker->pending[at] = 0;
	if (page != 0)
		settle(worker, page, false);
}

/* ---- the run ---- */

static void
step(struct worker *worker)
{
	static void (*const steps[])(struct worker *) = { take, drop, transfer, receive,
		offer, offer, accept_one, accept_one, accept_one, accept_one,
		withdraw_one };

	steps[below(worker, sizeof(steps) / sizeof(steps[0]))](worker);
}

/* Free what is held; what others sent meanwhile is collected when all have ended. */
static void
work(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct worker worker = { .thread = thread, .test = test,
		.owner = test->owner[thread->number],
		.pending = test->pending[thread->number],
		.log = &test->watch.history->log[thread->number] };

	while (stress_goes_on(thread) && !history_is_full(worker.log))
		step(&worker);
	while (worker.count > 0)
		drop(&worker);
}

/* In the main thread, in the name of each worker. */
static void
collect(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct worker worker = { .thread = thread, .test = test,
		.owner = test->owner[thread->number],
		.log = &test->watch.history->log[thread->number] };
	labyrinth_page page;

	for (uint32_t i = 0; i < PENDING; i++)
		if (test->pending[thread->number][i] != 0)
			settle(&worker, test->pending[thread->number][i], false);
	for (uint32_t from = 0; from < STRESS_THREADS; from++)
		while (ring_receive(&test->given[from][thread->number], &page, 1) == 1)
			keep(&worker, page);
	while (worker.count > 0)
		drop(&worker);
}

static void
run_kind(struct kind kind)
{
	static struct test test;
	struct stress_run run = { .threads = STRESS_THREADS, .fn = work, .arg = &test };

	test = (struct test){ .kind = kind };
	test.kind.config.pages = 600;
	test.watch = exclusive_create(&test.kind.config, STRESS_THREADS);
	for (uint32_t i = 0; i < STRESS_THREADS; i++)
		test.owner[i] = exclusive_owner(&test.watch, kind.teams && i >= 2 ?
			test.owner[i % 2] : NULL, 0);
	stress_run(&run);
	for (uint32_t i = 0; i < STRESS_THREADS; i++)
		collect(&run.thread[i]);
	exclusive_end(&test.watch);
}

static void
alone(void **state)
{
	(void)state;
	run_kind((struct kind){ .teams = false });
}

static void
without_caches(void **state)
{
	(void)state;
	run_kind((struct kind){ .config.cache = LABYRINTH_CACHE_NONE });
}

static void
with_a_small_cache_and_no_reserve(void **state)
{
	(void)state;
	run_kind((struct kind){ .config.cache = 32,
		.config.watermarks.min = LABYRINTH_NO_RESERVE });
}

static void
between_teams(void **state)
{
	(void)state;
	run_kind((struct kind){ .teams = true });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone),
		cmocka_unit_test(without_caches),
		cmocka_unit_test(with_a_small_cache_and_no_reserve),
		cmocka_unit_test(between_teams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
