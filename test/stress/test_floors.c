/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: the floors hold while eight threads race for the last pages: NOWAIT and
 * KERNEL stop at min, ATOMIC at 3/8 of min. Without caches they are exact to the page.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "inside.h"
#include "stress.h"

#define PAGES 1000u
#define MIN 160u
#define ATOMIC_FLOOR (MIN * 3 / 8)
#define BURST 32u

struct test {
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner[STRESS_THREADS];
	pthread_barrier_t barrier;
	_Atomic uint32_t taken;
	_Atomic uint64_t failed;
	unsigned int class[STRESS_THREADS];   /* of the round */
	uint32_t each;                        /* most pages a thread holds */
	bool last;                            /* the round is the last */
};

static void
create(struct test *test, uint32_t cache, uint32_t min)
{
	struct labyrinth_pool_config config = { .pages = PAGES, .cache = cache,
		.numa_node = -1, .backing = LABYRINTH_BACKING_PLAIN,
		.watermarks = { .min = min } };
	struct labyrinth_error error = { "" };

	*test = (struct test){ 0 };
	stress_check(labyrinth_pool_create(&config, &test->pool, &error) == 0, "%s",
		error.text);
	for (uint32_t i = 0; i < STRESS_THREADS; i++)
		stress_check(labyrinth_owner_register(test->pool, "racer", NULL, 0,
			&test->owner[i]) == 0, "register");
	pthread_barrier_init(&test->barrier, NULL, STRESS_THREADS);
}

static void
end(struct test *test)
{
	struct labyrinth_error error = { "" };

	pthread_barrier_destroy(&test->barrier);
	stress_check(labyrinth_pool_validate(test->pool, &error) == 0, "%s", error.text);
	stress_check(labyrinth_pool_destroy(test->pool, &error) == 0, "%s", error.text);
}

static void
free_all(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n)
{
	uint32_t refused = labyrinth_free_bulk(owner, page, n, NULL);

	stress_check(refused == 0, "%u of %u refused", refused, n);
}

/* ---- everybody takes until nothing is left ---- */

static uint32_t
take_all(struct stress_thread *thread, unsigned int class, labyrinth_page *page)
{
	struct test *test = thread->run->arg;
	uint32_t count = 0, got;

	do {
		got = labyrinth_alloc_burst(test->owner[thread->number], class,
			page + count, 1 + stress_random_below(&thread->random, BURST));
		count += got;
	} while (got > 0 && count + BURST <= PAGES + BURST);
	return count;
}

/* One thread alone, between two barriers. */
static void
judge_and_prepare(struct test *test, struct stress_thread *thread)
{
	bool atomic = false;
	uint32_t floor, taken = atomic_load(&test->taken);

	for (uint32_t i = 0; i < STRESS_THREADS; i++)
		atomic |= test->class[i] == LABYRINTH_GFP_ATOMIC;
	floor = atomic ? ATOMIC_FLOOR : MIN;
	stress_check(taken == PAGES - floor && inside_free(test->pool) == floor,
		"%u taken, %u left, the floor is %u", taken, inside_free(test->pool),
		floor);
	atomic_store(&test->taken, 0);
	for (uint32_t i = 0; i < STRESS_THREADS; i++)
		test->class[i] = stress_random_below(&thread->random, 3);
	test->last = !stress_goes_on(thread);
}

static void
race_to_the_floor(struct stress_thread *thread)
{
	labyrinth_page page[PAGES + BURST];
	struct test *test = thread->run->arg;
	bool last = false;

	while (!last) {
		uint32_t n = take_all(thread, test->class[thread->number], page);

		atomic_fetch_add(&test->taken, n);
		pthread_barrier_wait(&test->barrier);
		if (thread->number == 0)
			judge_and_prepare(test, thread);
		pthread_barrier_wait(&test->barrier);
		last = test->last;
		free_all(test->owner[thread->number], page, n);
		pthread_barrier_wait(&test->barrier);
	}
}

static void
without_caches_the_floors_are_exact(void **state)
{
	static struct test test;
	struct stress_run run = { .threads = STRESS_THREADS, .fn = race_to_the_floor,
		.arg = &test };

	(void)state;
	create(&test, LABYRINTH_CACHE_NONE, MIN);
	stress_run(&run);
	end(&test);
}

/* ---- mixed classes near the floor ---- */

/* The first thread watches the counter, the others come and go. */
static void
hover(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	labyrinth_page page[PAGES];
	uint32_t count = 0;

	while (stress_goes_on(thread)) {
		unsigned int class = test->class[thread->number];
		uint32_t n = 1 + stress_random_below(&thread->random, BURST);
		uint32_t free = inside_free(test->pool);

		stress_check(free >= test->each, "%u pages left, the floor is %u", free,
			test->each);
		if (thread->number == 0)
			continue;
		if (stress_random_once_in(&thread->random, 2) && count + n <= PAGES) {
			count += labyrinth_alloc_burst(test->owner[thread->number], class,
				page + count, n);
			continue;
		}
		n = n < count ? n : count;
		count -= n;
		free_all(test->owner[thread->number], page + count, n);
	}
	free_all(test->owner[thread->number], page, count);
}

static void
hover_at(uint32_t cache, bool atomic)
{
	static struct test test;
	struct stress_run run = { .threads = STRESS_THREADS, .fn = hover, .arg = &test };
	struct labyrinth_pool_stats stats;

	create(&test, cache, MIN);
	test.each = atomic ? ATOMIC_FLOOR : MIN;
	for (uint32_t i = 0; i < STRESS_THREADS; i++)
		test.class[i] = !atomic ? (i % 2 == 0 ? LABYRINTH_GFP_NOWAIT :
			LABYRINTH_GFP_KERNEL) : i % 2;
	stress_run(&run);
	labyrinth_pool_stats(test.pool, &stats);
	stress_check(stats.low_water >= test.each, "low water %u, the floor is %u",
		stats.low_water, test.each);
	end(&test);
}

static void
min_holds_for_nowait_and_kernel(void **state)
{
	(void)state;
	hover_at(0, false);
	hover_at(LABYRINTH_CACHE_NONE, false);
}

static void
three_eighths_hold_for_atomic(void **state)
{
	(void)state;
	hover_at(0, true);
	hover_at(64, true);
	hover_at(LABYRINTH_CACHE_NONE, true);
}

/* ---- what must be there is got ---- */

/*
 * The threads together want no more than there is above the floor. Then no attempt may
 * fail, however the others move pages about meanwhile.
 */
static void
want_a_share(struct stress_thread *thread)
{
	struct test *test = thread->run->arg;
	struct labyrinth_owner *owner = test->owner[thread->number];
	labyrinth_page page[PAGES];
	uint32_t count = 0;

	while (stress_goes_on(thread)) {
		uint32_t n = 1 + stress_random_below(&thread->random, test->each);
		uint32_t got;

		if (count + n > test->each) {
			free_all(owner, page, count);
			count = 0;
			continue;
		}
		got = labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page + count, n);
		count += got;
		if (got != n)
			atomic_fetch_add(&test->failed, 1);
	}
	free_all(owner, page, count);
}

static void
what_is_there_is_got(void **state)
{
	static struct test test;
	struct stress_run run = {
		.threads = STRESS_THREADS, .fn = want_a_share, .arg = &test
	};

	(void)state;
	create(&test, LABYRINTH_CACHE_NONE, MIN);
	test.each = (PAGES - MIN) / STRESS_THREADS;
	stress_run(&run);
	stress_check(atomic_load(&test.failed) == 0,
		"%llu attempts failed though there were enough pages above the floor",
		(unsigned long long)atomic_load(&test.failed));
	end(&test);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_caches_the_floors_are_exact),
		cmocka_unit_test(min_holds_for_nowait_and_kernel),
		cmocka_unit_test(three_eighths_hold_for_atomic),
		cmocka_unit_test(what_is_there_is_got),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
