/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * So many owners in one pool, each for itself or all in a team. One thread plays them by
 * turns: each gets a bulk of 32 and puts the one that it got before.
 */

#include "growth.h"
#include "store.h"

#define OWNERS_MAX 256u

static const uint32_t counts[] = { 1, 4, 16, 64, OWNERS_MAX };

struct crowd {
	uint32_t n;
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner[OWNERS_MAX];
	labyrinth_page held[OWNERS_MAX][BENCH_BULK];
};

static struct crowd crowd;

static uint64_t
owners_loop(void *arg, uint64_t until)
{
	struct crowd *c = arg;
	uint64_t objects = 0;

	do {
		for (uint32_t i = 0; i < c->n; i++) {
			const struct bench_seat seat = { .owner = c->owner[i] };

			bench_put(&seat, BENCH_HANDLE, c->held[i]);
			bench_get_sure(&seat, BENCH_HANDLE, c->held[i]);
		}
		objects += c->n * BENCH_BULK;
	} while (rte_rdtsc() < until);
	return objects;
}

static enum bench_exit
open_crowd(uint32_t n, bool team, struct labyrinth_error *error)
{
	const struct labyrinth_pool_config config = {
		.name = "growth",
		.pages = GROWTH_PAGES,
		.numa_node = -1,
		.owners = OWNERS_MAX,
		.backing = LABYRINTH_BACKING_NONE,
	};

	crowd.n = n;
	if (labyrinth_pool_create(&config, &crowd.pool, error) != 0)
		return BENCH_ENVIRONMENT;
	for (uint32_t i = 0; i < n; i++) {
		if (labyrinth_owner_register(crowd.pool, "growth",
			    team && i > 0 ? crowd.owner[0] : NULL, 0,
			    &crowd.owner[i]) != 0)
			return labyrinth_fail(
				error, BENCH_ENVIRONMENT, "owner %u is not to be had", i);
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct bench_seat seat = { .owner = crowd.owner[i] };

		bench_get_sure(&seat, BENCH_HANDLE, crowd.held[i]);
	}
	return BENCH_OK;
}

static enum bench_exit
close_crowd(struct labyrinth_error *error)
{
	int ret = 0;

	for (uint32_t i = 0; i < crowd.n; i++) {
		const struct bench_seat seat = { .owner = crowd.owner[i] };

		bench_put(&seat, BENCH_HANDLE, crowd.held[i]);
	}
	for (uint32_t i = 0; i < crowd.n && ret == 0; i++)
		ret = labyrinth_owner_unregister(crowd.owner[i], error);
	if (ret == 0)
		ret = labyrinth_pool_validate(crowd.pool, error);
	if (ret == 0)
		ret = labyrinth_pool_destroy(crowd.pool, error);
	return ret == 0 ? BENCH_OK : BENCH_INVARIANT;
}

static enum bench_exit
run(struct growth *growth, uint32_t n, bool team, struct labyrinth_error *error)
{
	enum bench_exit ret = open_crowd(n, team, error);
	char name[24];

	if (ret != BENCH_OK)
		return ret;
	snprintf(name, sizeof(name), "owners/%u", n);
	bench_results_add(&growth->results, name, team ? "labyrinth-team" : "labyrinth",
		"cycles", bench_cycles_each(owners_loop, &crowd, growth->cell));
	return close_crowd(error);
}

enum bench_exit
growth_case_owners(struct growth *growth, struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (unsigned int r = 0; r < growth->runs; r++)
		for (size_t i = 0; i < RTE_DIM(counts); i++)
			for (int team = 0; team < 2 && ret == BENCH_OK; team++)
				ret = run(growth, counts[i], team == 1, error);
	return ret;
}
