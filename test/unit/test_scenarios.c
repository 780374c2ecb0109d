/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: sixteen ways in which pools of others have gone wrong, each tried on this
 * one. Names in brackets say where the bug was.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool_fixture.h"
#include "pool_private.h"

#define PAGES 1024u
#define BURST 64u

static labyrinth_page page[PAGES];
static uint32_t index_of[PAGES];

static void
take(struct labyrinth_owner *owner, labyrinth_page *pages, uint32_t n)
{
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, pages, n), n);
}

static void
give(struct labyrinth_owner *owner, labyrinth_page *pages, uint32_t n)
{
	assert_int_equal(labyrinth_free_bulk(owner, pages, n, NULL), 0);
}

/* Fewest rounds that a race gets a chance in, or as the environment says. */
static uint32_t
rounds(uint32_t otherwise)
{
	const char *text = getenv("LABYRINTH_SCENARIO_ROUNDS");

	return text != NULL ? (uint32_t)strtoul(text, NULL, 0) : otherwise;
}

static void
start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	assert_int_equal(pthread_create(thread, NULL, fn, arg), 0);
}

/* All pages are free, in the depot or cached, and the arrays are sound. */
static void
check_all_back(const struct labyrinth_pool *pool)
{
	struct labyrinth_pool_stats stats = stats_of(pool);

	check_valid(pool);
	assert_int_equal(stats.owned + stats.offered, 0);
	assert_int_equal(stats.free + stats.cached, stats.pages);
}

static void
destroy(struct labyrinth_pool *pool)
{
	check_all_back(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

/* ---- 1: the reaper and a free of the same page [io_uring zcrx] ---- */

struct dying {
	struct labyrinth_owner *owner, *mate, *reaper;
	pthread_barrier_t both;
	labyrinth_page page[BURST];
	uint32_t refused;
};

static void *
take_and_die(void *arg)
{
	struct dying *dying = arg;

	labyrinth_owner_bind(dying->owner);
	labyrinth_alloc_bulk(dying->owner, LABYRINTH_GFP_NOWAIT, dying->page, BURST);
	return NULL;
}

static void *
free_late(void *arg)
{
	struct dying *dying = arg;

	pthread_barrier_wait(&dying->both);
	dying->refused = labyrinth_free_bulk(dying->mate, dying->page, BURST, NULL);
	return NULL;
}

/* What a member held is the team's: each page is freed, once, by the late mate. */
static void
s01_reaper_against_free(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct dying dying = { .mate = make_owner(pool, "mate", NULL),
		.reaper = make_owner(pool, "reaper", NULL) };
	pthread_t thread;

	(void)state;
	pthread_barrier_init(&dying.both, NULL, 2);
	for (uint32_t round = rounds(500); round > 0; round--) {
		uint32_t slot;
		int ret;

		dying.owner = make_owner(pool, "dying", dying.mate);
		slot = labyrinth_owner_slot(dying.owner);
		start(&thread, take_and_die, &dying);
		pthread_join(thread, NULL);
		start(&thread, free_late, &dying);
		pthread_barrier_wait(&dying.both);
		/* -EAGAIN: the mate is in the middle of a free */
		do {
			ret = labyrinth_reclaim(dying.reaper, slot);
		} while (ret == -EAGAIN && sched_yield() == 0);
		assert_true(ret == 0 || ret == -ENOENT);
		pthread_join(thread, NULL);
		assert_int_equal(dying.refused, 0);
		check_all_back(pool);
	}
	pthread_barrier_destroy(&dying.both);
	end_pool(pool);
}

/* ---- 2: pages leave a mask and nothing says so [ck_stack batch pop] ---- */

/*
 * Who saw a page owned, and is held up until the page was freed and taken again, has a
 * view that looks like the truth. Its CAS must fail all the same: every removal changes
 * the version of the row.
 */
static void
s02_harvest_makes_old_views_useless(void **state)
{
	struct labyrinth_pool *pool = make_pool(LAB_ROW_PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	struct labyrinth_owner *b = make_owner(pool, "b", a);

	(void)state;
	assert_int_equal(labyrinth_alloc_index_bulk(a, LABYRINTH_GFP_NOWAIT, index_of,
		LAB_ROW_PAGES), LAB_ROW_PAGES);
	for (uint32_t i = 0; i < LAB_ROW_PAGES; i++) {
		struct lab_row_word seen = lab_row_load(&pool->row[0]);
		uint32_t again;

		assert_int_equal(labyrinth_free_index_bulk(b, &index_of[i], 1, NULL), 0);
		assert_int_equal(
			labyrinth_alloc_index_bulk(a, LABYRINTH_GFP_NOWAIT, &again, 1),
			1);
		assert_int_equal(again, index_of[i]);
		assert_int_equal((uint32_t)lab_row_load(&pool->row[0]).free,
			(uint32_t)seen.free);
		assert_false(
			lab_row_cas(&pool->row[0], &seen, lab_row_give(seen, 1u << i)));
	}
	assert_int_equal(labyrinth_free_index_bulk(b, index_of, LAB_ROW_PAGES, NULL), 0);
	end_pool(pool);
}

/* ---- 3: tags wrap [LRMalloc 6 bits, iceoryx2 16 bits] ---- */

/*
 * Three numbers guard against a thread that was held up for long: the generation of a
 * page (32 bits, in handles; 28 bits of them count the passes of its row), the version
 * of a row (12 bits) and the number of corrections of the depot's counter (32 bits).
 * The first may wrap while handles are kept, so it is tried here. The second guards
 * between a load and a CAS of one call: to fool it takes 4,096 × k removals from the row
 * with the same mask at the end while one thread is stopped between two instructions,
 * and then it needs that thread's free to be a bad one. The third wraps after 2^32
 * deaths.
 */
static void
wrap(uint32_t cache)
{
	struct labyrinth_pool *pool =
		make_pool(LAB_ROW_PAGES, cache, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	labyrinth_page old[LAB_ROW_PAGES];
	const uint32_t near = UINT32_MAX - 40;

	for (uint32_t i = 0; i < LAB_ROW_PAGES; i++)
		atomic_store(&pool->word[i], near);
	atomic_store(&pool->row[0].pass, lab_pass_raw((struct lab_pass_word){
		.epoch = near & ~(uint32_t)15 }));
	take(owner, old, LAB_ROW_PAGES);
	for (uint32_t round = 0; round < 100; round++) {
		enum labyrinth_refusal why;

		give(owner, old, LAB_ROW_PAGES);
		assert_int_equal(labyrinth_free(owner, old[0]), LABYRINTH_DOUBLE_FREE);
		take(owner, page, LAB_ROW_PAGES);
		for (uint32_t i = 0; i < LAB_ROW_PAGES; i++) {
			why = labyrinth_free(owner, old[i]);
			assert_int_equal(why, LABYRINTH_STALE_HANDLE);
		}
		memcpy(old, page, sizeof(old));
	}
	give(owner, old, LAB_ROW_PAGES);
	end_pool(pool);
}

static void
s03_generations_wrap(void **state)
{
	(void)state;
	wrap(0);
	wrap(LABYRINTH_CACHE_NONE);
}

/* ---- 4: two releases pass the same check [iceoryx MpmcLoFFLi] ---- */

struct twice {
	struct labyrinth_owner *owner;
	pthread_barrier_t *both;
	uint32_t index[BURST];
	uint32_t freed;
};

static void *
free_index(void *arg)
{
	struct twice *twice = arg;

	pthread_barrier_wait(twice->both);
	twice->freed = BURST -
		       labyrinth_free_index_bulk(twice->owner, twice->index, BURST, NULL);
	return NULL;
}

static void
s04_two_release_one_index(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);
	pthread_barrier_t both;
	struct twice twice[2] = { { .owner = a, .both = &both },
		{ .owner = make_owner(pool, "b", a), .both = &both } };
	pthread_t thread;

	(void)state;
	pthread_barrier_init(&both, NULL, 2);
	for (uint32_t round = rounds(500); round > 0; round--) {
		assert_int_equal(labyrinth_alloc_index_bulk(a, LABYRINTH_GFP_NOWAIT,
			twice[0].index, BURST), BURST);
		memcpy(twice[1].index, twice[0].index, sizeof(twice[0].index));
		start(&thread, free_index, &twice[1]);
		free_index(&twice[0]);
		pthread_join(thread, NULL);
		assert_int_equal(twice[0].freed + twice[1].freed, BURST);
	}
	pthread_barrier_destroy(&both);
	assert_int_equal(
		stats_of(pool).refused[LABYRINTH_DOUBLE_FREE], rounds(500) * BURST);
	end_pool(pool);
}

/* ---- 5: a page goes on without what was written to it [iceoryx2 #120] ---- */

struct adder {
	struct labyrinth_owner *owner;
	struct labyrinth_pool *pool;
	uint64_t added;
};

/* The count in the one page is plain: exclusive and ordered, or it is wrong. */
static void *
add_in_page(void *arg)
{
	struct adder *adder = arg;
	labyrinth_page mine;

	for (uint32_t i = rounds(20000); i > 0; i--) {
		if (labyrinth_alloc_burst(adder->owner, LABYRINTH_GFP_NOWAIT, &mine, 1) ==
			0) {
			sched_yield();
			continue;
		}
		++*(uint64_t *)labyrinth_page_address(adder->pool, mine);
		adder->added++;
		labyrinth_free(adder->owner, mine);
		labyrinth_owner_flush(adder->owner);
	}
	return NULL;
}

static void
hand_on(uint32_t cache)
{
	struct labyrinth_pool *pool = make_pool(1, cache, LABYRINTH_NO_RESERVE);
	struct adder adder[4];
	pthread_t thread[4];
	uint64_t sum = 0;

	for (int i = 0; i < 4; i++) {
		adder[i] = (struct adder){ .owner = make_owner(pool, "adder", NULL),
			.pool = pool };
		start(&thread[i], add_in_page, &adder[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		sum += adder[i].added;
	}
	assert_true(sum > 0);
	assert_int_equal(*(uint64_t *)labyrinth_pool_base(pool), sum);
	end_pool(pool);
}

static void
s05_what_was_written_goes_along(void **state)
{
	(void)state;
	hand_on(0);
	hand_on(LABYRINTH_CACHE_NONE);
}

/* ---- 6: death between claim and record [LLFree, Snabb, wfstack] ---- */

static struct labyrinth_pool *
shared_pool(uint32_t pages, uint32_t cache)
{
	struct labyrinth_pool_config config = { .pages = pages, .numa_node = -1,
		.backing = LABYRINTH_BACKING_PLAIN, .cache = cache,
		.flags = LABYRINTH_POOL_SHARED,
		.watermarks = { .min = LABYRINTH_NO_RESERVE } };
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pool;

	if (labyrinth_pool_create(&config, &pool, &error) != 0)
		fail_msg("%s", error.text);
	return pool;
}

/* In the child, for ever: all that an owner can do. */
static void
work_until_killed(struct labyrinth_owner *owner, uint32_t peer, unsigned int seed)
{
	uint32_t count = 0;

	for (;;) {
		uint32_t n = 1 + (uint32_t)rand_r(&seed) % BURST;

		if (rand_r(&seed) % 2 == 0 && count + n <= PAGES) {
			count += labyrinth_alloc_burst(
				owner, LABYRINTH_GFP_ATOMIC, page + count, n);
			continue;
		}
		n = n < count ? n : count;
		count -= n;
		if (rand_r(&seed) % 8 == 0)
			labyrinth_offer_bulk(owner, peer, page + count, n, NULL);
		labyrinth_withdraw_bulk(owner, page + count, n, NULL);
		labyrinth_free_bulk(owner, page + count, n, NULL);
		if (rand_r(&seed) % 16 == 0)
			labyrinth_owner_flush(owner);
	}
}

static pid_t
fork_worker(struct labyrinth_owner *owner, uint32_t peer, unsigned int seed, int tell)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	if (labyrinth_owner_bind(owner) != 0 || write(tell, "!", 1) != 1)
		_exit(1);
	work_until_killed(owner, peer, seed);
	_exit(0);
}

static void
await(int fd)
{
	char byte;

	assert_int_equal(read(fd, &byte, 1), 1);
}

static void
kill_after(pid_t pid, long ns)
{
	const struct timespec pause = { .tv_nsec = ns };
	int status;

	nanosleep(&pause, NULL);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
die_at_random(uint32_t cache)
{
	struct labyrinth_pool *pool = shared_pool(PAGES, cache);
	struct labyrinth_owner *survivor = make_owner(pool, "survivor", NULL);
	unsigned int seed = (unsigned int)time(NULL);
	int tell[2];

	assert_int_equal(pipe(tell), 0);
	for (uint32_t round = rounds(60); round > 0; round--) {
		struct labyrinth_owner *victim = make_owner(pool, "victim", NULL);
		pid_t pid = fork_worker(victim, labyrinth_owner_slot(survivor),
			(unsigned int)rand_r(&seed), tell[1]);

		await(tell[0]);
		kill_after(pid, rand_r(&seed) % 1000000);
		assert_true(
			labyrinth_reclaim(survivor, labyrinth_owner_slot(victim)) >= 0);
		check_all_back(pool);
		/* all there is can be had */
		take(survivor, page, PAGES);
		give(survivor, page, PAGES);
	}
	close(tell[0]);
	close(tell[1]);
	destroy(pool);
}

static void
s06_death_between_claim_and_record(void **state)
{
	(void)state;
	die_at_random(0);
	die_at_random(LABYRINTH_CACHE_NONE);
}

/* ---- 7: the cleaner dies while cleaning ---- */

/* A dead cleaner was in the middle of something: one round for it, one for what it left.
 */
static void
reclaim_rest(struct labyrinth_owner *survivor, uint32_t one, uint32_t other)
{
	for (uint32_t round = 0; round < 3; round++)
		assert_true(labyrinth_reclaim_all(survivor) >= 0);
	assert_int_equal(labyrinth_reclaim(survivor, one), -ENOENT);
	assert_int_equal(labyrinth_reclaim(survivor, other), -ENOENT);
}

/* In the child: reclaim again and again, so that the kill finds it at it. */
static pid_t
fork_cleaner(struct labyrinth_owner *owner, uint32_t dead, int tell)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	if (labyrinth_owner_bind(owner) != 0 || write(tell, "!", 1) != 1)
		_exit(1);
	for (;;)
		labyrinth_reclaim(owner, dead);
}

static void
s07_cleaner_dies_while_cleaning(void **state)
{
	struct labyrinth_pool *pool = shared_pool(8 * PAGES, 0);
	struct labyrinth_owner *survivor = make_owner(pool, "survivor", NULL);
	unsigned int seed = (unsigned int)time(NULL);
	int tell[2];

	(void)state;
	assert_int_equal(pipe(tell), 0);
	for (uint32_t round = rounds(60); round > 0; round--) {
		struct labyrinth_owner *victim = make_owner(pool, "victim", NULL);
		struct labyrinth_owner *cleaner = make_owner(pool, "cleaner", NULL);
		pid_t pid = fork_worker(victim, labyrinth_owner_slot(survivor),
			(unsigned int)rand_r(&seed), tell[1]);

		await(tell[0]);
		kill_after(pid, 500000);
		pid = fork_cleaner(cleaner, labyrinth_owner_slot(victim), tell[1]);
		await(tell[0]);
		kill_after(pid, rand_r(&seed) % 300000);
		reclaim_rest(survivor, labyrinth_owner_slot(victim),
			labyrinth_owner_slot(cleaner));
		check_all_back(pool);
	}
	close(tell[0]);
	close(tell[1]);
	destroy(pool);
}

static void *
take_index_and_die(void *arg)
{
	labyrinth_owner_bind(arg);
	labyrinth_alloc_index_bulk(arg, LABYRINTH_GFP_NOWAIT, index_of, PAGES);
	return NULL;
}

/* What the dead one held is its team's, whatever becomes of the cleaner meanwhile. */
static void
s07_a_dead_cleaner_does_not_rob_the_team(void **state)
{
	struct labyrinth_pool *pool = shared_pool(PAGES, 0);
	struct labyrinth_owner *survivor = make_owner(pool, "survivor", NULL);
	struct labyrinth_owner *mate = make_owner(pool, "mate", NULL);
	unsigned int seed = (unsigned int)time(NULL);
	int tell[2];

	(void)state;
	assert_int_equal(pipe(tell), 0);
	for (uint32_t round = rounds(200); round > 0; round--) {
		struct labyrinth_owner *victim = make_owner(pool, "victim", mate);
		struct labyrinth_owner *cleaner = make_owner(pool, "cleaner", NULL);
		pthread_t thread;
		pid_t pid;

		start(&thread, take_index_and_die, victim);
		pthread_join(thread, NULL);
		pid = fork_cleaner(cleaner, labyrinth_owner_slot(victim), tell[1]);
		await(tell[0]);
		kill_after(pid, rand_r(&seed) % 100000);
		reclaim_rest(survivor, labyrinth_owner_slot(victim),
			labyrinth_owner_slot(cleaner));
		assert_int_equal(stats_of(pool).owned, PAGES);
		assert_int_equal(
			labyrinth_free_index_bulk(mate, index_of, PAGES, NULL), 0);
		check_all_back(pool);
		labyrinth_owner_flush(mate);
	}
	close(tell[0]);
	close(tell[1]);
	destroy(pool);
}

/* ---- 8: a free finds no room [LLFree split, page_pool ring full] ---- */

/* Each page a random other one, so that neighbours do not come back together. */
static void
shuffle(labyrinth_page *pages, uint32_t n)
{
	unsigned int seed = 1;

	for (uint32_t i = n - 1; i > 0; i--) {
		uint32_t j = (uint32_t)rand_r(&seed) % (i + 1);
		labyrinth_page kept = pages[i];

		pages[i] = pages[j];
		pages[j] = kept;
	}
}

static void
s08_free_when_everything_is_full(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 32, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL),
			       *b = make_owner(pool, "b", NULL);
	uint32_t n;

	(void)state;
	/* all of it through the smallest of caches, freed by who took it */
	take(a, page, PAGES);
	shuffle(page, PAGES);
	for (uint32_t i = 0; i < PAGES; i++)
		assert_int_equal(labyrinth_free(a, page[i]), LABYRINTH_REFUSED_NONE);
	check_all_back(pool);
	/* and by another, whose cache is full too */
	labyrinth_owner_flush(a);
	take(b, page, 32);
	give(b, page, 32);
	n = labyrinth_alloc_burst(a, LABYRINTH_GFP_NOWAIT, page, PAGES);
	assert_in_range(n, PAGES - 32, PAGES);
	shuffle(page, n);
	assert_int_equal(
		labyrinth_transfer_bulk(a, labyrinth_owner_slot(b), page, n, NULL), 0);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(labyrinth_free(b, page[i]), LABYRINTH_REFUSED_NONE);
	check_all_back(pool);
	end_pool(pool);
}

/* ---- 9: a page of the reserve hides in a cache [pfmemalloc] ---- */

static void
refill_reserve(struct labyrinth_owner *owner, struct labyrinth_pool *pool, uint32_t min)
{
	uint32_t floor = min * 3 / 8, n = PAGES - floor;
	uint32_t cached = stats_of(pool).cached;

	assert_int_equal(
		labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page, PAGES), n);
	assert_int_equal(stats_of(pool).free, floor);
	shuffle(page, n);
	/* until min is reached each page counts as free the moment it is freed */
	for (uint32_t i = 0; i < min - floor; i++) {
		assert_int_equal(labyrinth_free(owner, page[i]), LABYRINTH_REFUSED_NONE);
		assert_int_equal(stats_of(pool).free, floor + i + 1);
	}
	assert_int_equal(stats_of(pool).cached, cached);
	give(owner, page + min - floor, n - (min - floor));
}

static void
s09_reserve_does_not_hide_in_caches(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, 256);
	struct labyrinth_owner *alone = make_owner(pool, "alone", NULL);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL);

	(void)state;
	refill_reserve(alone, pool, 256);
	labyrinth_owner_flush(alone);
	make_owner(pool, "b", a);
	refill_reserve(a, pool, 256);
	end_pool(pool);
}

/* ---- 10: the counter and the bits disagree [LLFree's order] ---- */

struct sharer {
	struct labyrinth_owner *owner;
	uint32_t share;
	uint32_t failed;
};

/* What the counter promised must be found, whatever others move meanwhile. */
static void *
use_a_share(void *arg)
{
	struct sharer *sharer = arg;
	labyrinth_page mine[PAGES / 4];

	for (uint32_t round = rounds(3000); round > 0; round--) {
		uint32_t n = 1 + round % sharer->share;
		uint32_t got = labyrinth_alloc_bulk(
			sharer->owner, LABYRINTH_GFP_NOWAIT, mine, n);

		sharer->failed += got != n;
		labyrinth_free_bulk(sharer->owner, mine, got, NULL);
	}
	return NULL;
}

static uint32_t
bits_in_depot(const struct labyrinth_pool *pool)
{
	uint32_t bits = 0;

	for (uint32_t number = 0; number < pool->rows; number++) {
		struct lab_row_word word = lab_row_load(&pool->row[number]);

		bits += lab_row_counted(word)
				? (uint32_t)__builtin_popcount((uint32_t)word.free)
				: 0;
	}
	return bits;
}

static void
s10_counter_and_bits_agree(void **state)
{
	struct labyrinth_pool *pool =
		make_pool(200, LABYRINTH_CACHE_NONE, LABYRINTH_NO_RESERVE);
	struct sharer sharer[4];
	pthread_t thread[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		sharer[i] = (struct sharer){ make_owner(pool, "sharer", NULL), 50, 0 };
		start(&thread[i], use_a_share, &sharer[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(sharer[i].failed, 0);
	}
	assert_int_equal(
		bits_in_depot(pool), (uint32_t)atomic_load(&pool->depot[0].free));
	assert_int_equal(bits_in_depot(pool), 200);
	end_pool(pool);
}

/* ---- 11: a fork in the middle [snmalloc] ---- */

static void *
take_and_give(void *arg)
{
	struct sharer *sharer = arg;
	labyrinth_page mine[BURST];

	/* failed: here a stop */
	while (__atomic_load_n(&sharer->failed, __ATOMIC_RELAXED) == 0)
		labyrinth_free_bulk(sharer->owner, mine,
			labyrinth_alloc_burst(
				sharer->owner, LABYRINTH_GFP_NOWAIT, mine, BURST),
			NULL);
	return NULL;
}

/* The signal that ended a child which touched memory, 0 if it lived. */
static int
signal_of_child(const volatile char *memory)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(*memory);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
s11_fork_in_the_middle(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct sharer sharer = { .owner = make_owner(pool, "busy", NULL) };
	struct labyrinth_owner *owner = make_owner(pool, "forks", NULL);
	pthread_t thread;

	(void)state;
	start(&thread, take_and_give, &sharer);
	for (uint32_t round = rounds(10); round > 0; round--) {
		take(owner, page, BURST);
		assert_int_equal(
			signal_of_child(labyrinth_page_address(pool, page[0])), SIGSEGV);
		assert_int_equal(signal_of_child((char *)pool), SIGSEGV);
		assert_int_equal(signal_of_child((char *)&pool->row[0]), SIGSEGV);
		assert_int_equal(signal_of_child((char *)&pool->word[0]), SIGSEGV);
		give(owner, page, BURST);
	}
	__atomic_store_n(&sharer.failed, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	end_pool(pool);
}

/* ---- 12: a handler interrupts alloc or free ---- */

/* A small version: every instruction has its own test, and so has a fast timer. */
static struct labyrinth_owner *interrupted;
static volatile sig_atomic_t handled, handler_refused;

static void
take_in_handler(int number)
{
	labyrinth_page mine[3];
	uint32_t got = labyrinth_alloc_burst(interrupted, LABYRINTH_GFP_ATOMIC, mine, 3);

	(void)number;
	handler_refused += labyrinth_free_bulk(interrupted, mine, got, NULL) != 0;
	handled++;
}

static void
s12_handler_in_the_middle(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 64, 0);
	struct itimerval every = { .it_interval = { .tv_usec = 200 },
		.it_value = { .tv_usec = 200 } }, never = { .it_value = { 0 } };
	struct sigaction action = { .sa_handler = take_in_handler,
		.sa_flags = SA_RESTART };

	(void)state;
	interrupted = make_owner(pool, "interrupted", NULL);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &every, NULL), 0);
	while (handled < 500) {
		uint32_t got = labyrinth_alloc_burst(
			interrupted, LABYRINTH_GFP_NOWAIT, page, 500);

		shuffle(page, got);
		give(interrupted, page, got);
	}
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	signal(SIGALRM, SIG_DFL);
	assert_int_equal(handler_refused, 0);
	end_pool(pool);
}

/* ---- 13: a cache goes and its pages with it [bpool, Caladan] ---- */

static void
s13_teardown_leaks_nothing(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *anchor = make_owner(pool, "anchor", NULL);

	(void)state;
	for (uint32_t round = 0; round < 300; round++) {
		struct labyrinth_owner *alone = make_owner(pool, "alone", NULL);
		struct labyrinth_owner *member = make_owner(pool, "member", anchor);
		uint32_t n = 1 + round % 200;

		take(alone, page, n);
		take(member, page + n, n);
		shuffle(page, n);
		give(alone, page, n);
		give(member, page + n, n / 2);
		assert_int_equal(labyrinth_owner_unregister(alone, NULL), 0);
		/* what a member has out stays with its team */
		assert_int_equal(labyrinth_owner_unregister(member, NULL), 0);
		assert_int_equal(stats_of(pool).owned, n - n / 2);
		give(anchor, page + n + n / 2, n - n / 2);
		labyrinth_owner_flush(anchor);
		assert_int_equal(stats_of(pool).free, PAGES);
		check_valid(pool);
	}
	end_pool(pool);
}

/* ---- 14: capacity hides in others' caches [folly IndexedMemPool] ---- */

/* The first frees all but a page of each row: the worst for whole rows. */
static void
hide(struct labyrinth_owner *first, struct labyrinth_owner *second,
	struct labyrinth_pool *pool, uint32_t cache)
{
	uint32_t kept = 0, got;

	take(first, page, PAGES);
	for (uint32_t i = 0; i < PAGES; i++)
		if (labyrinth_page_index(page[i]) % LAB_ROW_PAGES == 0)
			page[kept++] = page[i];
		else
			assert_int_equal(labyrinth_free(first, page[i]), 0);
	assert_in_range(stats_of(pool).cached, 0, cache);
	got = labyrinth_alloc_burst(
		second, LABYRINTH_GFP_NOWAIT, page + kept, PAGES - kept);
	assert_in_range(got, PAGES - kept - cache, PAGES - kept);
	give(second, page + kept, got);
	give(first, page, kept);
	labyrinth_owner_flush(first);
	labyrinth_owner_flush(second);
}

/* Pages that their words name, since their row was given back while they were out. */
static void
hide_named(struct labyrinth_owner *owner, struct labyrinth_pool *pool, uint32_t cache)
{
	labyrinth_page half[PAGES];
	uint32_t kept = 0, freed = 0;

	take(owner, page, PAGES);
	for (uint32_t i = 0; i < PAGES; i++)
		if (labyrinth_page_index(page[i]) % 2 == 0)
			page[kept++] = page[i];
		else
			half[freed++] = page[i];
	give(owner, half, freed);
	take(owner, half, freed);
	give(owner, page, kept);
	assert_in_range(stats_of(pool).cached, 0, cache);
	give(owner, half, freed);
	assert_in_range(stats_of(pool).cached, 0, cache);
	labyrinth_owner_flush(owner);
}

static void
s14_capacity_does_not_hide(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 64, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *a = make_owner(pool, "a", NULL),
			       *b = make_owner(pool, "b", NULL);
	struct labyrinth_owner *first = make_owner(pool, "first", NULL);
	struct labyrinth_owner *second = make_owner(pool, "second", first);

	(void)state;
	hide(a, b, pool, 64);
	hide(first, a, pool, 64);
	hide(first, second, pool, 64);
	hide_named(a, pool, 64);
	hide_named(first, pool, 64);
	/* rows of which no page is out are had back, whoever freed them into whose rows
	 */
	take(a, page, PAGES);
	assert_int_equal(
		labyrinth_transfer_bulk(a, labyrinth_owner_slot(b), page, PAGES, NULL),
		0);
	give(b, page, PAGES);
	take(b, page, PAGES);
	give(b, page, PAGES);
	end_pool(pool);
}

/* ---- 15: NOWAIT fails at min, ATOMIC at 3/8 of it ---- */

static void
s15_floors_are_exact(void **state)
{
	static const uint32_t caches[] = { LABYRINTH_CACHE_NONE, 32, 0 };

	(void)state;
	for (uint32_t i = 0; i < 3 * 4; i++) {
		uint32_t min = 8u << (2 * (i / 3)), cache = caches[i % 3];
		struct labyrinth_pool *pool = make_pool(PAGES, cache, min);
		struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
		uint32_t n = PAGES - min;

		assert_int_equal(
			labyrinth_alloc_burst(owner, LABYRINTH_GFP_NOWAIT, page, PAGES),
			n);
		assert_int_equal(
			labyrinth_alloc_burst(owner, LABYRINTH_GFP_KERNEL, page + n, 1),
			0);
		assert_int_equal(labyrinth_alloc_burst(
					 owner, LABYRINTH_GFP_ATOMIC, page + n, PAGES),
			min - min * 3 / 8);
		assert_int_equal(labyrinth_alloc_burst(owner, LABYRINTH_GFP_RESCUE, page +
			PAGES - min * 3 / 8, PAGES), min * 3 / 8);
		assert_int_equal(stats_of(pool).free, 0);
		give(owner, page, PAGES);
		end_pool(pool);
	}
}

/* ---- 16: pages of the wrong node go to and fro [page_pool waive] ---- */

/*
 * With one depot a pool the storm itself cannot happen; what can be tried: a page that
 * is freed far away goes back where it came from and never into the freer's cache, and
 * memory of a node that does not exist is refused, not replaced.
 */
static void
s16_frees_go_home(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *near = make_owner(pool, "near", NULL);
	struct labyrinth_owner *far = make_owner(pool, "far", NULL);
	struct labyrinth_pool_config config = { .pages = 1, .numa_node = 1000,
		.backing = LABYRINTH_BACKING_PLAIN };
	struct labyrinth_pool *none;

	(void)state;
	for (uint32_t round = 0; round < 100; round++) {
		take(near, page, BURST);
		assert_int_equal(labyrinth_transfer_bulk(near, labyrinth_owner_slot(far),
					 page, BURST, NULL),
			0);
		give(far, page, BURST);
		labyrinth_owner_flush(near);
		assert_int_equal(stats_of(pool).cached, 0);
	}
	assert_int_equal(labyrinth_pool_create(&config, &none, NULL), -EINVAL);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(s01_reaper_against_free),
		cmocka_unit_test(s02_harvest_makes_old_views_useless),
		cmocka_unit_test(s03_generations_wrap),
		cmocka_unit_test(s04_two_release_one_index),
		cmocka_unit_test(s05_what_was_written_goes_along),
		cmocka_unit_test(s06_death_between_claim_and_record),
		cmocka_unit_test(s07_cleaner_dies_while_cleaning),
		cmocka_unit_test(s07_a_dead_cleaner_does_not_rob_the_team),
		cmocka_unit_test(s08_free_when_everything_is_full),
		cmocka_unit_test(s09_reserve_does_not_hide_in_caches),
		cmocka_unit_test(s10_counter_and_bits_agree),
		cmocka_unit_test(s11_fork_in_the_middle),
		cmocka_unit_test(s12_handler_in_the_middle),
		cmocka_unit_test(s13_teardown_leaks_nothing),
		cmocka_unit_test(s14_capacity_does_not_hide),
		cmocka_unit_test(s15_floors_are_exact),
		cmocka_unit_test(s16_frees_go_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
