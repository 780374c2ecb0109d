/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "impl.h"

/* Nobody touches the objects: their size is that of a cache line, to save memory. With
 * that the ops "bucket" do not take as many as they should. */
#define OBJECT_SIZE        RTE_CACHE_LINE_SIZE
#define BUCKET_OBJECT_SIZE 256u

/*
 * Beginnings of the names of mempool drivers that are software. The others of DPDK
 * stand for hardware, and some of them end the program where that is not.
 */
static const char *const software_ops[] = { "ring_", "stack", "lf_stack", "bucket" };

static const unsigned int mempool_caches[] = { 0, 256, 512 };

static const struct bench_impl others[] = {
	{ .name = "labyrinth", .kind = BENCH_HANDLE, .checks = "double, foreign, stale" },
	{ .name = "labyrinth-own-index",
		.kind = BENCH_INDEX,
		.checks = "double, foreign" },
	{ .name = "labyrinth-team",
		.kind = BENCH_HANDLE,
		.team = true,
		.checks = "double, foreign, stale" },
	{ .name = "labyrinth-index",
		.kind = BENCH_INDEX,
		.team = true,
		.checks = "double, foreign" },
	{ .name = "labyrinth-pointer",
		.kind = BENCH_POINTER,
		.team = true,
		.checks = "double, foreign" },
	{ .name = "stack-1-thread",
		.kind = BENCH_STACK,
		.sharing = BENCH_ONE_THREAD,
		.checks = "none" },
	{ .name = "stack-mutex", .kind = BENCH_MUTEX_STACK, .checks = "none" },
	{ .name = "bare", .kind = BENCH_BARE, .checks = "-" },
	{ .name = "bare-index", .kind = BENCH_BARE_INDEX, .checks = "-" },
};

/* ---- the list ---- */

/* "ring_mp_mc" is each of "ring_mp_mc/0" and so on. */
static bool
is_called(const char *name, const char *only)
{
	size_t length = only != NULL ? strlen(only) : 0;

	return only == NULL || (strncmp(name, only, length) == 0 &&
				       (name[length] == '\0' || name[length] == '/'));
}

static bool
is_bucket(const char *ops)
{
	return strcmp(ops, "bucket") == 0;
}

static bool
is_software(const char *ops)
{
	for (size_t i = 0; i < RTE_DIM(software_ops); i++)
		if (strncmp(ops, software_ops[i], strlen(software_ops[i])) == 0)
			return true;
	return false;
}

/*
 * Rings for a single producer or consumer: ring_sp_sc, ring_mp_sc, ring_sp_mc. And
 * "bucket", which finds its free lists by the number of the lcore, unchecked: threads
 * other than EAL's own crash it, those too that have registered when one of them leaves
 * (DPDK 22.11).
 */
static enum bench_sharing
sharing_of(const char *ops)
{
	bool single = strncmp(ops, "ring_", 5) == 0 &&
		      (strstr(ops, "_sp") != NULL || strstr(ops, "_sc") != NULL);

	return single || is_bucket(ops) ? BENCH_ONE_GETS_ONE_PUTS : BENCH_ANY_THREADS;
}

static void
list_mempool(
	struct bench_impls *impls, const char *ops, unsigned int cache, const char *only)
{
	struct bench_impl *impl = &impls->impl[impls->n];

	memset(impl, 0, sizeof(*impl));
	impl->kind = BENCH_MEMPOOL;
	impl->sharing = sharing_of(ops);
	impl->checks = "none";
	impl->ops = ops;
	impl->cache = cache;
	snprintf(impl->name, sizeof(impl->name), "%.24s/%u", ops, cache);
	impls->n += is_called(impl->name, only) ? 1 : 0;
}

static void
list_mempools(struct bench_impls *impls, const char *only, bool quick)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		const char *ops = rte_mempool_ops_table.ops[i].name;

		for (size_t j = 0; j < RTE_DIM(mempool_caches) && is_software(ops); j++)
			if (!quick || only != NULL || mempool_caches[j] != 256)
				list_mempool(impls, ops, mempool_caches[j], only);
	}
}

enum bench_exit
bench_impls_list(struct bench_impls *impls, const char *only, bool quick,
	struct labyrinth_error *error)
{
	impls->n = 0;
	for (size_t i = 0; i < RTE_DIM(others); i++)
		if (is_called(others[i].name, only))
			impls->impl[impls->n++] = others[i];
	list_mempools(impls, only, quick);
	if (impls->n == 0)
		return labyrinth_fail(error, BENCH_USAGE,
			"--impl %.40s: no such implementation, give labyrinth, "
			"labyrinth-own-index, -team, -index, -pointer, stack-1-thread, "
			"stack-mutex, or mempool ops such as ring_mp_mc or lf_stack/512",
			only);
	return BENCH_OK;
}

/* ---- creation ---- */

static enum bench_exit
create_mempool(struct bench_impl *impl, struct labyrinth_error *error)
{
	impl->mp = rte_mempool_create_empty(impl->name, BENCH_OBJECTS,
		is_bucket(impl->ops) ? BUCKET_OBJECT_SIZE : OBJECT_SIZE, impl->cache, 0,
		SOCKET_ID_ANY, 0);
	if (impl->mp == NULL)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"mempool %s is not created (%s): give EAL more memory",
			impl->name, rte_strerror(rte_errno));
	if (rte_mempool_set_ops_byname(impl->mp, impl->ops, NULL) != 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"DPDK has no mempool ops %s: load its driver, e.g. "
			"-d librte_mempool_stack.so",
			impl->ops);
	if (rte_mempool_populate_default(impl->mp) < 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"mempool %s gets no memory: give EAL more, e.g. -m 512",
			impl->name);
	if (rte_mempool_avail_count(impl->mp) != BENCH_OBJECTS)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"mempool %s has %u objects, not %u: leave it out by --impl",
			impl->name, rte_mempool_avail_count(impl->mp), BENCH_OBJECTS);
	return BENCH_OK;
}

static enum bench_exit
create_pool(struct bench_impl *impl, struct labyrinth_error *error)
{
	struct labyrinth_pool_config config = {
		.name = impl->name,
		.pages = BENCH_OBJECTS,
		.numa_node = -1,
	};
	int ret = labyrinth_pool_create(&config, &impl->pool, error);

	if (ret == 0 && impl->team) {
		ret = labyrinth_owner_register(impl->pool, "founder", NULL,
			LABYRINTH_OWNER_ANY_THREAD, &impl->founder);
		if (ret != 0)
			labyrinth_fail(error, ret, "%s: no owner (%s)", impl->name,
				strerror(-ret));
	}
	return ret == 0 ? BENCH_OK : BENCH_ENVIRONMENT;
}

static enum bench_exit
create_stack(struct bench_impl *impl, struct labyrinth_error *error)
{
	impl->stack = calloc(1, sizeof(*impl->stack));
	if (impl->stack != NULL &&
		bench_stack_create(impl->stack, BENCH_OBJECTS, OBJECT_SIZE) == 0)
		return BENCH_OK;
	free(impl->stack);
	impl->stack = NULL;
	return labyrinth_fail(error, BENCH_ENVIRONMENT, "no memory for %s", impl->name);
}

enum bench_exit
bench_impls_create(struct bench_impls *impls, struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (unsigned int i = 0; i < impls->n && ret == BENCH_OK; i++) {
		struct bench_impl *impl = &impls->impl[i];

		if (impl->kind == BENCH_MEMPOOL)
			ret = create_mempool(impl, error);
		else if (bench_impl_is_ours(impl))
			ret = create_pool(impl, error);
		else if (!bench_impl_is_bare(impl))
			ret = create_stack(impl, error);
	}
	return ret;
}

enum bench_exit
bench_impl_renew(struct bench_impl *impl, struct labyrinth_error *error)
{
	if (impl->kind != BENCH_MEMPOOL || !is_bucket(impl->ops))
		return BENCH_OK;
	rte_mempool_free(impl->mp);
	impl->mp = NULL;
	return create_mempool(impl, error);
}

void
bench_impls_destroy(struct bench_impls *impls)
{
	for (unsigned int i = 0; i < impls->n; i++) {
		struct bench_impl *impl = &impls->impl[i];

		rte_mempool_free(impl->mp);
		if (impl->founder != NULL)
			labyrinth_owner_unregister(impl->founder, NULL);
		if (impl->pool != NULL)
			labyrinth_pool_destroy(impl->pool, NULL);
		if (impl->stack != NULL)
			bench_stack_destroy(impl->stack);
		free(impl->stack);
	}
	impls->n = 0;
}

const char *
bench_backing(const struct bench_impls *impls)
{
	for (unsigned int i = 0; i < impls->n; i++) {
		struct labyrinth_pool_stats stats;

		if (impls->impl[i].pool == NULL)
			continue;
		labyrinth_pool_stats(impls->impl[i].pool, &stats);
		return stats.backing;
	}
	return "none";
}

/* ---- validation ---- */

static enum bench_exit
validate_pool(const struct bench_impl *impl, struct labyrinth_error *error)
{
	struct labyrinth_pool_stats stats;
	uint64_t refused = 0;

	if (labyrinth_pool_validate(impl->pool, error) != 0)
		return BENCH_INVARIANT;
	labyrinth_pool_stats(impl->pool, &stats);
	for (unsigned int i = 0; i < LABYRINTH_REFUSAL_KINDS; i++)
		refused += stats.refused[i];
	if (refused != 0 || stats.alloc != stats.released ||
		stats.free + stats.cached != BENCH_OBJECTS)
		return labyrinth_fail(error, BENCH_INVARIANT,
			"%s: %u of %u pages came back, %llu frees were refused",
			impl->name, stats.free + stats.cached, BENCH_OBJECTS,
			(unsigned long long)refused);
	return BENCH_OK;
}

enum bench_exit
bench_impls_validate(struct bench_impls *impls, struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (unsigned int i = 0; i < impls->n; i++) {
		struct bench_impl *impl = &impls->impl[i];

		if (impl->pool != NULL && ret == BENCH_OK)
			ret = validate_pool(impl, error);
		if (impl->mp != NULL)
			impl->lost = BENCH_OBJECTS - rte_mempool_avail_count(impl->mp);
		if (impl->stack != NULL)
			impl->lost = BENCH_OBJECTS - impl->stack->top;
	}
	return ret;
}

/* ---- seats ---- */

int
bench_seat_take(const struct bench_impl *impl, struct bench_seat *seat)
{
	seat->kind = impl->kind;
	seat->mp = impl->mp;
	seat->stack = impl->stack;
	seat->owner = NULL;
	if (!bench_impl_is_ours(impl))
		return 0;
	return labyrinth_owner_register(
		impl->pool, "bench", impl->founder, 0, &seat->owner);
}

int
bench_seat_leave(struct bench_seat *seat)
{
	if (seat->kind == BENCH_MEMPOOL) {
		struct rte_mempool_cache *cache =
			rte_mempool_default_cache(seat->mp, rte_lcore_id());

		if (cache != NULL)
			rte_mempool_cache_flush(cache, seat->mp);
	}
	return seat->owner != NULL ? labyrinth_owner_unregister(seat->owner, NULL) : 0;
}
