/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: several threads free, transfer or accept the same page at once. Exactly
 * one of them succeeds, whoever it is, and every other is refused and counted.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "stress.h"

#define BATCH 64u
#define PAGES 512u
#define KINDS LABYRINTH_REFUSAL_KINDS

/* What the threads of a test did, in all; compared with what the pool counted. */
struct tally {
	_Atomic uint64_t accepted, taken;
	_Atomic uint64_t refused[KINDS];
};

/* Two threads that do the same thing to the same pages, round by round. */
struct pair {
	_Atomic uint64_t page[BATCH];
	_Atomic uint32_t count;       /* pages of the round */
	_Atomic uint32_t won[2];      /* of which each thread got so many */
	_Atomic uint32_t arrived, left;
	_Atomic bool last;
	struct labyrinth_owner *peer; /* an owner outside, used by the first thread */
} __attribute__((aligned(64)));

struct test {
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner[STRESS_THREADS];
	struct tally tally;
	bool by_index;
	struct pair pair[STRESS_THREADS / 2];
};

static void
create(struct test *test, uint32_t cache, bool team)
{
	struct labyrinth_pool_config config = { .pages = PAGES,
		.cache = cache,
		.numa_node = -1,
		.backing = LABYRINTH_BACKING_PLAIN,
		.watermarks = { .min = LABYRINTH_NO_RESERVE } };
	struct labyrinth_error error = { "" };

	memset(test, 0, sizeof(*test));
	stress_check(labyrinth_pool_create(&config, &test->pool, &error) == 0, "%s",
		error.text);
	for (uint32_t i = 0; i < STRESS_THREADS; i++)
		stress_check(labyrinth_owner_register(test->pool, "thread",
			team && i > 0 ? test->owner[0] : NULL, 0, &test->owner[i]) == 0,
			"register");
	for (uint32_t i = 0; i < STRESS_THREADS / 2; i++)
		stress_check(labyrinth_owner_register(test->pool, "peer", NULL, 0,
			&test->pair[i].peer) == 0, "register");
}

/* Every attempt is found again: accepted, or refused for the reason that was given. */
static void
end(struct test *test)
{
	struct labyrinth_pool_stats stats;
	struct labyrinth_error error = { "" };

	labyrinth_pool_stats(test->pool, &stats);
	stress_check(stats.alloc == atomic_load(&test->tally.taken),
		"%llu handed out, %llu got", (unsigned long long)stats.alloc,
		(unsigned long long)atomic_load(&test->tally.taken));
	stress_check(stats.released == atomic_load(&test->tally.accepted),
		"%llu freed, %llu accepted", (unsigned long long)stats.released,
		(unsigned long long)atomic_load(&test->tally.accepted));
	for (uint32_t kind = 1; kind < KINDS; kind++)
		stress_check(
			stats.refused[kind] == atomic_load(&test->tally.refused[kind]),
			"kind %u: %llu counted, %llu seen", kind,
			(unsigned long long)stats.refused[kind],
			(unsigned long long)atomic_load(&test->tally.refused[kind]));
	stress_check(
		stats.alloc == stats.released && stats.owned == 0 && stats.offered == 0,
		"%llu handed out, %llu freed, %u owned, %u offered",
		(unsigned long long)stats.alloc, (unsigned long long)stats.released,
		stats.owned, stats.offered);
	stress_check(labyrinth_pool_validate(test->pool, &error) == 0, "%s", error.text);
	stress_check(labyrinth_pool_destroy(test->pool, &error) == 0, "%s", error.text);
}

static void
count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* Free and account. @return how many were accepted */
static uint32_t
free_some(struct test *test, struct labyrinth_owner *owner, const labyrinth_page *page,
	uint32_t n)
{
	enum labyrinth_refusal why[BATCH] = { LABYRINTH_REFUSED_NONE };
	labyrinth_page handle[BATCH];
	uint32_t index[BATCH], refused;

	for (uint32_t i = 0; i < n && i < BATCH; i++) {
		handle[i] = page[i];
		index[i] = labyrinth_page_index(page[i]);
	}
	refused = test->by_index ? labyrinth_free_index_bulk(owner, index, n, why) :
		labyrinth_free_bulk(owner, handle, n, why);
	count(&test->tally.accepted, n - refused);
	for (uint32_t i = 0; i < refused && i < BATCH; i++)
		count(&test->tally.refused[why[i]], 1);
	return n - refused;
}

static uint32_t
take_some(struct test *test, struct labyrinth_owner *owner, labyrinth_page *page,
	uint32_t n)
{
	uint32_t index[BATCH], got;

	if (test->by_index) {
		got = labyrinth_alloc_index_burst(owner, LABYRINTH_GFP_ATOMIC, index, n);
		for (uint32_t i = 0; i < got && i < BATCH; i++)
			page[i] = index[i];
	} else {
		got = labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page, n);
	}
	count(&test->tally.taken, got);
	return got;
}

/* ---- pairs in step ---- */

static struct pair *
pair_of(struct stress_thread *thread)
{
	return &((struct test *)thread->run->arg)->pair[thread->number / 2];
}

static bool
is_first(const struct stress_thread *thread)
{
	return thread->number % 2 == 0;
}

/* Wait for the other of the pair; it yields, for there are fewer CPUs than threads. */
static void
meet(struct stress_thread *thread)
{
	struct pair *pair = pair_of(thread);
	uint32_t turn = atomic_load_explicit(&pair->left, memory_order_acquire);

	if (atomic_fetch_add_explicit(&pair->arrived, 1, memory_order_acq_rel) % 2 == 1) {
		atomic_store_explicit(&pair->left, turn + 1, memory_order_release);
		return;
	}
	while (atomic_load_explicit(&pair->left, memory_order_acquire) == turn)
		sched_yield();
}

static void
prepare(struct stress_thread *thread, uint32_t most)
{
	struct test *test = thread->run->arg;
	struct pair *pair = pair_of(thread);
	labyrinth_page page[BATCH];
	uint32_t n = take_some(test, test->owner[thread->number], page,
		1 + stress_random_below(&thread->random, most));

	for (uint32_t i = 0; i < n; i++)
		atomic_store(&pair->page[i], page[i]);
	atomic_store(&pair->count, n);
	atomic_store(&pair->last, !stress_goes_on(thread));
}

/*
 * Rounds: the first takes up to most pages, both act on them, the first judges. act
 * returns how many pages the thread got its way with.
 */
static void
do_rounds(struct stress_thread *thread, uint32_t most,
	uint32_t (*act)(struct stress_thread *, const labyrinth_page *, uint32_t),
	void (*judge)(struct stress_thread *))
{
	struct pair *pair = pair_of(thread);
	bool last = false;

	while (!last) {
		labyrinth_page page[BATCH];
		uint32_t n;

		if (is_first(thread))
			prepare(thread, most);
		meet(thread);
		last = atomic_load(&pair->last);
		n = atomic_load(&pair->count);
		for (uint32_t i = 0; i < n; i++)
			page[i] = atomic_load(&pair->page[i]);
		atomic_store(&pair->won[thread->number % 2], act(thread, page, n));
		meet(thread);
		if (is_first(thread))
			judge(thread);
	}
}

static void
each_once(struct stress_thread *thread)
{
	struct pair *pair = pair_of(thread);
	uint32_t first = atomic_load(&pair->won[0]), second = atomic_load(&pair->won[1]);

	stress_check(first + second == atomic_load(&pair->count),
		"of %u pages one thread got %u, the other %u", atomic_load(&pair->count),
		first, second);
}

/* ---- both free ---- */

static uint32_t
act_free(struct stress_thread *thread, const labyrinth_page *page, uint32_t n)
{
	struct test *test = thread->run->arg;

	return free_some(test, test->owner[thread->number], page, n);
}

static void
free_together(struct stress_thread *thread)
{
	do_rounds(thread, BATCH, act_free, each_once);
}

static void
run_pairs(uint32_t cache, bool team, bool by_index, stress_fn fn)
{
	static struct test test;
	struct stress_run run = { .threads = STRESS_THREADS, .fn = fn, .arg = &test };

	create(&test, cache, team);
	test.by_index = by_index;
	/* An index that was freed and handed out anew is the same index, and of a team
	 * any member may free it: so nobody else may take pages meanwhile. */
	if (by_index)
		run.threads = 2;
	stress_run(&run);
	end(&test);
}

static void
a_team_frees_twice(void **state)
{
	(void)state;
	run_pairs(0, true, false, free_together);
	run_pairs(LABYRINTH_CACHE_NONE, true, false, free_together);
}

static void
a_team_frees_an_index_twice(void **state)
{
	(void)state;
	run_pairs(0, true, true, free_together);
	run_pairs(LABYRINTH_CACHE_NONE, true, true, free_together);
}

static void
an_owner_and_a_stranger_free(void **state)
{
	(void)state;
	run_pairs(0, false, false, free_together);
	run_pairs(LABYRINTH_CACHE_NONE, false, false, free_together);
}

/* ---- stale handles against pages handed out anew ---- */

/*
 * The first of a pair takes and frees all the time and shows each handle; the second
 * frees what it sees, late. In a team it may be in time, and then the first is refused.
 */
static void
free_stale(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct labyrinth_owner *owner = test->owner[thread->number];
	uint32_t pair = thread->number / 2, n;
	labyrinth_page page[BATCH];

	while (stress_goes_on(thread)) {
		if (thread->number % 2 == 0) {
			n = take_some(test, owner, page, 1 + stress_random_below(
				&thread->random, BATCH));
			for (uint32_t i = 0; i < n; i++)
				atomic_store_explicit(&test->pair[pair].page[i], page[i],
					memory_order_relaxed);
			free_some(test, owner, page, n);
			continue;
		}
		n = 1 + stress_random_below(&thread->random, BATCH);
		for (uint32_t i = 0; i < n; i++)
			page[i] = atomic_load_explicit(&test->pair[pair].page[i],
				memory_order_relaxed);
		free_some(test, owner, page, n);
	}
}

static void
stale_handles_in_a_team(void **state)
{
	(void)state;
	run_pairs(0, true, false, free_stale);
	run_pairs(LABYRINTH_CACHE_NONE, true, false, free_stale);
}

static void
stale_handles_of_a_stranger(void **state)
{
	(void)state;
	run_pairs(0, false, false, free_stale);
	run_pairs(LABYRINTH_CACHE_NONE, false, false, free_stale);
}

/* ---- a free against a transfer ---- */

typedef uint32_t (*give_fn)(struct labyrinth_owner *, uint32_t, labyrinth_page *,
	uint32_t, enum labyrinth_refusal *);

/* @return whether the page was given */
static uint32_t
give(struct test *test, give_fn fn, struct labyrinth_owner *owner,
	struct labyrinth_owner *peer, labyrinth_page page)
{
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;

	fn(owner, labyrinth_owner_slot(peer), &page, 1, &why);
	if (why != LABYRINTH_REFUSED_NONE)
		count(&test->tally.refused[why], 1);
	return why == LABYRINTH_REFUSED_NONE;
}

/* One member frees, the other one hands over to the outside. */
static uint32_t
act_free_or_transfer(struct stress_thread *thread, const labyrinth_page *page, uint32_t n)
{
	struct test *test = thread->run->arg;
	uint32_t won = 0;

	if (is_first(thread))
		return free_some(test, test->owner[thread->number], page, n);
	for (uint32_t i = 0; i < n; i++)
		won += give(test, labyrinth_transfer_bulk, test->owner[thread->number],
			pair_of(thread)->peer, page[i]);
	return won;
}

/* What was handed over is the peer's to free, and that must work. */
static void
judge_free_or_transfer(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct pair *pair = pair_of(thread);
	uint32_t freed = 0;

	each_once(thread);
	for (uint32_t i = 0; i < atomic_load(&pair->count); i++) {
		labyrinth_page page = atomic_load(&pair->page[i]);

		freed += free_some(test, pair->peer, &page, 1);
	}
	stress_check(freed == atomic_load(&pair->won[1]),
		"%u handed over, %u freed by the peer", atomic_load(&pair->won[1]),
		freed);
}

static void
free_or_transfer(struct stress_thread *thread)
{
	do_rounds(thread, 4, act_free_or_transfer, judge_free_or_transfer);
}

static void
a_team_frees_and_transfers(void **state)
{
	(void)state;
	run_pairs(0, true, false, free_or_transfer);
	run_pairs(LABYRINTH_CACHE_NONE, true, false, free_or_transfer);
}

/* ---- an owner that has transferred frees ---- */

/* The first gave the pages to the second before; both free, and a third tries too. */
static uint32_t
act_free_transferred(struct stress_thread *thread, const labyrinth_page *page, uint32_t n)
{
	struct test *test = thread->run->arg;
	uint32_t got = 0, won = 0;

	if (!is_first(thread))
		return free_some(test, test->owner[thread->number], page, n);
	for (uint32_t i = 0; i < n; i++) {
		won += free_some(test, pair_of(thread)->peer, &page[i], 1);
		got += free_some(test, test->owner[thread->number], &page[i], 1);
	}
	stress_check(got + won == 0, "%u freed by who gave them away, %u by a stranger",
		got, won);
	return 0;
}

static void
transfer_and_free(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct pair *pair = pair_of(thread);
	struct labyrinth_owner *mine = test->owner[thread->number];
	struct labyrinth_owner *other = test->owner[thread->number ^ 1];
	bool last = false;

	while (!last) {
		labyrinth_page page[BATCH];
		uint32_t n;

		if (is_first(thread)) {
			prepare(thread, BATCH);
			for (uint32_t i = 0; i < atomic_load(&pair->count); i++)
				stress_check(
					give(test, labyrinth_transfer_bulk, mine, other,
						atomic_load(&pair->page[i])) == 1,
					"not transferred");
		}
		meet(thread);
		last = atomic_load(&pair->last);
		n = atomic_load(&pair->count);
		for (uint32_t i = 0; i < n; i++)
			page[i] = atomic_load(&pair->page[i]);
		atomic_store(&pair->won[thread->number % 2],
			act_free_transferred(thread, page, n));
		meet(thread);
		if (is_first(thread))
			each_once(thread);
	}
}

static void
a_giver_frees_what_it_gave(void **state)
{
	(void)state;
	run_pairs(0, false, false, transfer_and_free);
	run_pairs(LABYRINTH_CACHE_NONE, false, false, transfer_and_free);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_team_frees_twice),
		cmocka_unit_test(a_team_frees_an_index_twice),
		cmocka_unit_test(an_owner_and_a_stranger_free),
		cmocka_unit_test(stale_handles_in_a_team),
		cmocka_unit_test(stale_handles_of_a_stranger),
		cmocka_unit_test(a_team_frees_and_transfers),
		cmocka_unit_test(a_giver_frees_what_it_gave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
