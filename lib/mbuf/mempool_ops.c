/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stddef.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_mempool.h>
#include <rte_memzone.h>

#include "defaults.h"
#include "labyrinth_clock.h"
#include "labyrinth_mbuf.h"
#include "mempool_data.h"
#include "mempool_ops.h"
#include "object_layout.h"
#include "share.h"

/** Objects converted at a time, on the stack: two bursts of the usual size. */
#define CHUNK 64u

unsigned int lab_mempool_row = LAB_PROCESS_NONE;

RTE_LOG_REGISTER(lab_mbuf_logtype, lib.labyrinth, NOTICE);

static int ops_index = -ENOENT;

static inline void
to_objects(uintptr_t origin, const uint32_t *index, void **object, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		object[i] = lab_object_of(origin, index[i]);
}

static inline void
to_indices(uintptr_t origin, void *const *object, uint32_t *index, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		index[i] = lab_object_index(origin, object[i]);
}

static __rte_always_inline void
put(const struct lab_mempool *m, struct labyrinth_owner *owner, void *const *object,
	unsigned int n)
{
	uint32_t index[CHUNK];
	unsigned int part;

	for (; n > 0; object += part, n -= part) {
		part = RTE_MIN(n, CHUNK);
		to_indices(m->origin, object, index, part);
		/* Refused pages are counted by the pool; put has no way to say so. */
		labyrinth_free_index_bulk(owner, index, part, NULL);
	}
}

static int
ops_enqueue(struct rte_mempool *mp, void *const *object, unsigned int n)
{
	const struct lab_mempool *m = mp->pool_data;
	struct labyrinth_owner *owner = lab_owner_here(m);

	if (labyrinth_unlikely(owner == NULL))
		return -ENOENT;
	put(m, owner, object, n);
	return 0;
}

/* All or none: what a request of several chunks got before the last one failed. */
static __rte_noinline int
put_back(const struct lab_mempool *m, struct labyrinth_owner *owner, void *const *object,
	unsigned int n)
{
	put(m, owner, object, n);
	return -ENOBUFS;
}

/* relaxed: who reads it may be told of the holding before, a moment ago */
static __rte_noinline void
note_births(const struct lab_mempool *m, const uint32_t *index, unsigned int n)
{
	uint64_t now = labyrinth_clock_ticks();

	for (unsigned int i = 0; i < n; i++)
		atomic_store_explicit(&m->born[index[i]], now, memory_order_relaxed);
}

static int
ops_dequeue(struct rte_mempool *mp, void **object, unsigned int n)
{
	const struct lab_mempool *m = mp->pool_data;
	struct labyrinth_owner *owner = lab_owner_here(m);
	uint32_t index[CHUNK];
	unsigned int part;

	if (labyrinth_unlikely(owner == NULL))
		return -ENOENT;
	for (unsigned int done = 0; done < n; done += part) {
		part = RTE_MIN(n - done, CHUNK);
		if (labyrinth_alloc_index_bulk(
			    owner, LABYRINTH_GFP_ATOMIC, index, part) != part)
			return put_back(m, owner, object, done);
		to_objects(m->origin, index, object + done, part);
		if (labyrinth_unlikely(m->born != NULL))
			note_births(m, index, part);
	}
	if (m->processes != NULL)
		lab_objects_adopt(object, n);
	return 0;
}

static unsigned int
ops_get_count(const struct rte_mempool *mp)
{
	const struct lab_mempool *m = mp->pool_data;
	struct labyrinth_pool_stats stats;

	/* of a pool that is not shared a secondary has the mempool, but not the pages */
	if (m == NULL || (m->processes == NULL && lab_mempool_row != 0))
		return 0;
	labyrinth_pool_stats(m->pool, &stats);
	return stats.free + stats.cached;
}

static int
register_owners(struct lab_mempool *m)
{
	struct labyrinth_owner *any, *owner;
	char name[LABYRINTH_NAME_SIZE];
	int ret;

	ret = labyrinth_owner_register(
		m->pool, "other threads", NULL, LABYRINTH_OWNER_ANY_THREAD, &any);
	if (ret != 0)
		return ret;
	for (unsigned int i = 0; i <= LAB_ANY_THREAD; i++)
		m->owner[0][i] = any;
	for (unsigned int i = 0; i < RTE_MAX_LCORE && ret == 0; i++) {
		/* Service and registered threads have lcore ids too: any role counts. */
		if (rte_eal_lcore_role(i) == ROLE_OFF)
			continue;
		snprintf(name, sizeof(name), "lcore %u", i);
		ret = labyrinth_owner_register(m->pool, name, any, 0, &owner);
		if (ret == 0)
			m->owner[0][i] = owner;
	}
	return ret;
}

/*
 * Whatever is registered; the team's first member last, as it stands in many slots.
 * A slot that failed to register keeps the shared member.
 */
static void
unregister_owners(struct lab_mempool *m)
{
	struct labyrinth_owner *any = m->owner[0][LAB_ANY_THREAD];

	if (any == NULL)
		return;
	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++) {
		if (m->owner[0][i] != any)
			labyrinth_owner_unregister(m->owner[0][i], NULL);
		m->owner[0][i] = NULL;
	}
	labyrinth_owner_unregister(any, NULL);
	m->owner[0][LAB_ANY_THREAD] = NULL;
}

static int
ops_alloc(struct rte_mempool *mp)
{
	struct lab_mempool *m;
	int ret;

	/* Created by name alone: there are no pages to keep objects for. */
	if (mp->pool_config == NULL)
		return -ENOTSUP;
	m = rte_zmalloc("labyrinth", sizeof(*m), RTE_CACHE_LINE_SIZE);
	if (m == NULL)
		return -ENOMEM;
	/* only the primary comes here */
	lab_mempool_row = 0;
	m->pool = mp->pool_config;
	ret = register_owners(m);
	if (ret != 0) {
		unregister_owners(m);
		rte_free(m);
		return ret;
	}
	mp->pool_data = m;
	return 0;
}

static void
give_back(struct lab_mempool *m)
{
	unregister_owners(m);
	rte_free((void *)(uintptr_t)m->born);
	rte_free(m);
}

/* rte_mempool_free() would give back next what mp lies in, and takes NULL for nothing. */
static void
keep(struct rte_mempool *mp, struct lab_mempool *m)
{
	rte_log(RTE_LOG_ERR, lab_mbuf_logtype,
		"labyrinth: mempool %s: rte_mempool_free() while secondaries are attached: its "
		"memory and its name stay taken; end them, and call "
		"labyrinth_mbuf_pool_destroy()\n", mp->name);
	m->kept_mempool = mp->mz;
	mp->mz = NULL;
}

static void
ops_free(struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;

	if (m == NULL)
		return;
	if (m->kept_objects != NULL) {
		keep(mp, m);
		return;
	}
	give_back(m);
	mp->pool_data = NULL;
}

/* IO address of @p object, in memory of EAL that need not be contiguous for devices. */
static rte_iova_t
object_iova(const void *object)
{
	const struct rte_memseg *ms;

	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		return (uintptr_t)object;
	ms = rte_mem_virt2memseg(object, NULL);
	if (ms == NULL || ms->iova == RTE_BAD_IOVA)
		return RTE_BAD_IOVA;
	return ms->iova + RTE_PTR_DIFF(object, ms->addr);
}

/*
 * One chunk for all objects: only then is an object found by arithmetic. All pages of a
 * new pool are free, and so are their objects: there is nothing to enqueue.
 */
static int
ops_populate(struct rte_mempool *mp, unsigned int max_objs, void *vaddr, rte_iova_t iova,
	size_t len, rte_mempool_populate_obj_cb_t *obj_cb, void *obj_cb_arg)
{
	struct lab_mempool *m = mp->pool_data;
	char *object = RTE_PTR_ALIGN_CEIL(
		(char *)vaddr + sizeof(struct rte_mempool_objhdr), RTE_CACHE_LINE_SIZE);
	size_t end = (size_t)(object - (char *)vaddr) + max_objs * LAB_OBJECT_STRIDE;

	RTE_SET_USED(iova);
	/* 0, not -errno: rte_mempool_populate_iova() takes that for objects. */
	if (max_objs != mp->size || end > len)
		return 0;
	m->origin = (uintptr_t)object - LAB_OBJECT_STRIDE;
	for (unsigned int i = 0; i < max_objs; i++, object += LAB_OBJECT_STRIDE)
		obj_cb(mp, obj_cb_arg, object, object_iova(object));
	return (int)max_objs;
}

/* Secondaries that are attached read and write the objects. */
static void
chunk_free(struct rte_mempool_memhdr *chunk, void *memzone)
{
	struct lab_mempool *m = chunk->mp->pool_data;

	if (lab_share_in_use(m))
		m->kept_objects = memzone;
	else
		rte_memzone_free(memzone);
}

int
lab_mempool_ops_populate(struct rte_mempool *mp)
{
	/* The header of the first object takes the end of a line before the array. */
	size_t size = mp->size * LAB_OBJECT_STRIDE + RTE_CACHE_LINE_SIZE;
	const struct rte_memzone *mz;
	char name[RTE_MEMZONE_NAMESIZE];
	int ret;

	snprintf(name, sizeof(name), RTE_MEMPOOL_MZ_FORMAT "_0", mp->name);
	mz = rte_memzone_reserve(name, size, mp->socket_id, 0);
	if (mz == NULL)
		return -rte_errno;
	ret = rte_mempool_populate_iova(
		mp, mz->addr, mz->iova, mz->len, chunk_free, (void *)(uintptr_t)mz);
	if (ret == (int)mp->size)
		return 0;
	rte_memzone_free(mz);
	return ret < 0 ? ret : -ENOBUFS;
}

static const struct rte_mempool_ops labyrinth_mempool_ops = {
	.name = LABYRINTH_MBUF_OPS_NAME,
	.alloc = ops_alloc,
	.free = ops_free,
	.enqueue = ops_enqueue,
	.dequeue = ops_dequeue,
	.get_count = ops_get_count,
	.populate = ops_populate,
};

int
lab_mempool_ops_note_ages(struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;

	/* Shared, as the rest: secondary processes note theirs. */
	m->born = rte_calloc(NULL, mp->size + 1, sizeof(*m->born), RTE_CACHE_LINE_SIZE);
	return m->born == NULL ? -ENOMEM : 0;
}

uint64_t
lab_mempool_ops_born(const struct rte_mempool *mp, uint32_t index)
{
	const struct lab_mempool *m = mp->pool_data;

	if (m == NULL || m->born == NULL || index == 0 || index > mp->size)
		return 0;
	return atomic_load_explicit(&m->born[index], memory_order_relaxed);
}

/*
 * RTE_MEMPOOL_REGISTER_OPS would drop the result, and the table has 16 slots only. EAL's
 * own drivers first, which keep the places that they have in other processes: dpdk-dumpcap
 * and this program know each other's mempools by them.
 */
RTE_INIT(labyrinth_mempool_ops_register)
{
	lab_load_default_drivers();
	ops_index = rte_mempool_register_ops(&labyrinth_mempool_ops);
}

int
lab_mempool_ops_status(void)
{
	return RTE_MIN(ops_index, 0);
}

bool
lab_mempool_ops_is(const struct rte_mempool *mp)
{
	return ops_index >= 0 && mp->ops_index == ops_index;
}

void
lab_mempool_ops_close(struct rte_mempool *mp)
{
	unregister_owners(mp->pool_data);
}

bool
lab_mempool_ops_is_kept(const struct rte_mempool *mp)
{
	const struct lab_mempool *m = mp->pool_data;

	return m->kept_mempool != NULL;
}

/* rte_mempool_free() got all objects; what was offered besides is withdrawn. */
static void
put_all(struct lab_mempool *m, uint32_t pages)
{
	struct labyrinth_owner *any = m->owner[0][LAB_ANY_THREAD];

	for (uint32_t index = 1; index <= pages; index++) {
		labyrinth_page page = labyrinth_page_handle(m->pool, index);

		labyrinth_withdraw_bulk(any, &page, 1, NULL);
		/* those that are free are refused, which is no harm */
		labyrinth_free_index_bulk(any, &index, 1, NULL);
	}
}

void
lab_mempool_ops_end(struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;
	const struct rte_memzone *objects = m->kept_objects, *mempool = m->kept_mempool;

	put_all(m, mp->size);
	give_back(m);
	rte_memzone_free(objects);
	rte_memzone_free(mempool);
}
