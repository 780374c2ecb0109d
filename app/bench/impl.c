/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "impl.h"

/* Nobody touches the objects: their size is that of a cache line, to save memory. */
#define OBJECT_SIZE RTE_CACHE_LINE_SIZE

static const char *const mempool_ops[] = {
	"ring_mp_mc",
	"ring_mt_rts",
	"ring_mt_hts",
	"stack",
	"lf_stack",
};

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

static void
list_mempools(struct bench_impls *impls, const char *only)
{
	for (size_t i = 0; i < RTE_DIM(mempool_ops); i++) {
		for (size_t j = 0; j < RTE_DIM(mempool_caches); j++) {
			struct bench_impl *impl = &impls->impl[impls->n];

			memset(impl, 0, sizeof(*impl));
			impl->kind = BENCH_MEMPOOL;
			impl->checks = "none";
			impl->ops = mempool_ops[i];
			impl->cache = mempool_caches[j];
			snprintf(impl->name, sizeof(impl->name), "%s/%u", impl->ops,
				impl->cache);
			impls->n += is_called(impl->name, only) ? 1 : 0;
		}
	}
}

enum bench_exit
bench_impls_list(
	struct bench_impls *impls, const char *only, struct labyrinth_error *error)
{
	impls->n = 0;
	for (size_t i = 0; i < RTE_DIM(others); i++)
		if (is_called(others[i].name, only))
			impls->impl[impls->n++] = others[i];
	list_mempools(impls, only);
	if (impls->n == 0)
		return labyrinth_fail(error, BENCH_USAGE,
			"--impl %.40s: no such implementation, give labyrinth, "
			"labyrinth-own-index, -team, -index, -pointer, or mempool ops "
			"such as ring_mp_mc or lf_stack/512",
			only);
	return BENCH_OK;
}

/* ---- creation ---- */

static enum bench_exit
create_mempool(struct bench_impl *impl, struct labyrinth_error *error)
{
	impl->mp = rte_mempool_create_empty(
		impl->name, BENCH_OBJECTS, OBJECT_SIZE, impl->cache, 0, SOCKET_ID_ANY, 0);
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
	}
	return ret;
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
	}
	return ret;
}

/* ---- seats ---- */

int
bench_seat_take(const struct bench_impl *impl, struct bench_seat *seat)
{
	seat->kind = impl->kind;
	seat->mp = impl->mp;
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
