/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * A thread dies with pages: how long does labyrinth_reclaim() take to bring them back, by
 * the size of the pool and by what the dead one held? The pools have no memory behind
 * their pages, since reclaim never touches a page. An rte_mempool has no such call: what
 * a thread held when it died is gone for good.
 */

#include <errno.h>
#include <pthread.h>

#include "bench.h"

#define HELD_MAX (UINT32_C(1) << 18)

static const uint32_t quick_sizes[] = { 1024, 8192, 65536, 0 };
static const uint32_t full_sizes[] = { 1024, 8192, 65536, 262144, 1048576, 0 };

struct victim {
	struct labyrinth_pool *pool;
	uint32_t hold; /* pages */
	uint32_t slot; /* its owner */
	int ret;
};

static uint32_t pages[HELD_MAX];

/* Takes what it is to hold, and ends without a word. */
static void *
die_with_pages(void *arg)
{
	struct victim *victim = arg;
	struct labyrinth_owner *owner;

	victim->ret = labyrinth_owner_register(victim->pool, "victim", NULL, 0, &owner);
	if (victim->ret != 0)
		return NULL;
	victim->slot = labyrinth_owner_slot(owner);
	victim->ret = labyrinth_owner_bind(owner);
	if (victim->ret == 0 && labyrinth_alloc_index_bulk(owner, LABYRINTH_GFP_ATOMIC,
					pages, victim->hold) != victim->hold)
		victim->ret = -ENOMEM;
	return NULL;
}

/* µs, or -errno. */
static int
time_reclaim(struct labyrinth_pool *pool, struct labyrinth_owner *survivor, uint32_t hold,
	double *us)
{
	struct victim victim = { .pool = pool, .hold = hold };
	pthread_t thread;
	uint64_t start;
	int back;

	if (pthread_create(&thread, NULL, die_with_pages, &victim) != 0)
		return -EAGAIN;
	pthread_join(thread, NULL);
	if (victim.ret != 0)
		return victim.ret;
	start = rte_rdtsc();
	back = labyrinth_reclaim(survivor, victim.slot);
	*us = (double)(rte_rdtsc() - start) * 1e6 / (double)rte_get_tsc_hz();
	if (back < 0)
		return back;
	return (uint32_t)back == hold ? 0 : -EUCLEAN;
}

static enum bench_exit
run_size(struct bench *bench, uint32_t size, struct labyrinth_error *error)
{
	const struct labyrinth_pool_config config = {
		.name = "reclaim",
		.pages = size,
		.numa_node = -1,
		.backing = LABYRINTH_BACKING_NONE,
	};
	const uint32_t hold[2] = { 512, size / 4 };
	static const char *const impl[2] = { "labyrinth-held-512",
		"labyrinth-held-a-quarter" };
	struct labyrinth_owner *survivor;
	struct labyrinth_pool *pool;
	char name[32];
	double us;
	int ret;

	if (labyrinth_pool_create(&config, &pool, error) != 0)
		return BENCH_ENVIRONMENT;
	snprintf(name, sizeof(name), "reclaim/%u", size);
	ret = labyrinth_owner_register(pool, "survivor", NULL, 0, &survivor);
	for (int i = 0; i < 2 && ret == 0; i++) {
		ret = time_reclaim(pool, survivor, hold[i], &us);
		if (ret == 0)
			bench_results_add(&bench->results, name, impl[i], "us", us);
	}
	if (ret == 0)
		ret = labyrinth_owner_unregister(survivor, error);
	if (ret == 0)
		ret = labyrinth_pool_validate(pool, error);
	if (ret == 0)
		ret = labyrinth_pool_destroy(pool, error);
	if (ret == 0)
		return BENCH_OK;
	return labyrinth_fail(error,
		ret == -EUCLEAN ? BENCH_INVARIANT : BENCH_ENVIRONMENT,
		"reclaim in a pool of %u: not all pages came back (%d)", size, ret);
}

enum bench_exit
bench_case_reclaim(struct bench *bench, struct labyrinth_error *error)
{
	const uint32_t *sizes = bench->options->quick ? quick_sizes : full_sizes;
	enum bench_exit ret = BENCH_OK;

	for (unsigned int round = 0; round < bench->runs; round++)
		for (unsigned int i = 0; sizes[i] != 0 && ret == BENCH_OK; i++)
			ret = run_size(bench, sizes[i], error);
	return ret;
}
