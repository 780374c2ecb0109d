/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "mempool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "guest.h"
#include "hand.h"
#include "log.h"

#ifdef RTE_LIBRTE_MEMPOOL_DEBUG
#define TRAILER_USED sizeof(struct rte_mempool_objtlr)
#else
#define TRAILER_USED 0
#endif

/** Environment: whose cache is between the application and the pool. */
#define CACHE_ENV "LABYRINTH_MEMPOOL_CACHE"

/* ---- counts ---- */

/* relaxed: statistics */
static uint64_t
value(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

bool
lab_mempool_had_guests(const struct lab_mempool *m)
{
	return atomic_load_explicit(&m->had_guests, memory_order_relaxed);
}

static uint32_t
count_in_pool(const struct lab_mempool *m)
{
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(m->pool, &stats);
	return stats.free + stats.cached;
}

uint32_t
lab_mempool_in_pool(const struct lab_mempool *m)
{
	uint32_t objects = atomic_load_explicit(&m->objects, memory_order_relaxed);
	int64_t out = 0;

	/* what the dead counted is not what they did */
	if (lab_mempool_had_guests(m))
		return count_in_pool(m);

	for (unsigned int i = 0; i < LAB_HANDS; i++)
		out += (int64_t)(value(&m->hand[i]->taken) -
				 value(&m->hand[i]->returned));
	/* in passing a return may be seen of what was not seen taken */
	out = RTE_MAX(out, 0);
	return objects - (uint32_t)RTE_MIN(out, (int64_t)objects);
}

uint32_t
lab_mempool_at_hand(const struct lab_mempool *m)
{
	uint32_t at_hand = 0;

	for (unsigned int i = 0; i < lab_every_hand(m); i++)
		at_hand += atomic_load_explicit(&lab_hand_at(m, i)->count, memory_order_relaxed);
	return at_hand;
}

/* ---- refusals ---- */

uint64_t
lab_mempool_refused(const struct lab_mempool *m, uint32_t kind)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < lab_every_hand(m); i++)
		sum += value(&lab_hand_at(m, i)->refusals[kind].count);
	return sum;
}

bool
lab_mempool_last_refusal(const struct lab_mempool *m, uint32_t kind,
	struct lab_refusal *last)
{
	struct lab_refusal refusal;

	*last = (struct lab_refusal){ .when = 0 };
	for (unsigned int i = 0; i < lab_every_hand(m); i++)
		if (lab_refusals_last(&lab_hand_at(m, i)->refusals[kind], &refusal) &&
				refusal.when >= last->when)
			*last = refusal;
	return last->when != 0;
}

void
lab_who_name(char name[LAB_WHO_SIZE], uint32_t who)
{
	uint32_t place = (who - 1) % LAB_HANDS;

	if (who == 0)
		snprintf(name, LAB_WHO_SIZE, "nobody");
	else if (lab_who_process(who) != 0 && place == LAB_OTHERS)
		snprintf(name, LAB_WHO_SIZE, "process %u", lab_who_process(who));
	else if (lab_who_process(who) != 0)
		snprintf(name, LAB_WHO_SIZE, "process %u lcore %u", lab_who_process(who),
			place);
	else if (who - 1 == LAB_OTHERS)
		snprintf(name, LAB_WHO_SIZE, "threads without lcore");
	else
		snprintf(name, LAB_WHO_SIZE, "lcore %u", who - 1);
}

/* ---- memory ---- */

static struct labyrinth_pool_config
pool_config(const struct rte_mempool *mp)
{
	return (struct labyrinth_pool_config){
		.name = mp->name,
		.pages = mp->size,
		.owners = LAB_HANDS + 2 * LAB_SECONDARIES,
		.backing = LABYRINTH_BACKING_NONE,
		.numa_node = -1,
		/* users of an rte_mempool expect to get each object */
		.watermarks = { .min = LABYRINTH_NO_RESERVE },
	};
}

static void *
reserve(const struct rte_mempool *mp, size_t size)
{
	return rte_zmalloc_socket("labyrinth", size, RTE_CACHE_LINE_SIZE, mp->socket_id);
}

/* What the pool and the tables need; the hands come to that. */
static size_t
books_size(const struct rte_mempool *mp)
{
	struct labyrinth_pool_config config = pool_config(mp);

	return labyrinth_pool_side_size(&config) +
		mp->size * (sizeof(void *) + sizeof(uint16_t)) +
		(LAB_HANDS + LAB_GUEST_HANDS) * lab_hand_size(mp->cache_size);
}

/* A pool is given back when all its numbers are free; those of a hand are not, for it. */
static void
destroy_pool(struct lab_mempool *m)
{
	uint32_t number[LAB_CHUNK];
	struct labyrinth_error error;

	for (uint32_t next = 1; next <= m->size; ) {
		uint32_t n = 0;

		while (n < LAB_CHUNK && next <= m->size)
			number[n++] = next++;
		/* those that are free are refused, which is no harm */
		labyrinth_free_index_bulk(m->hand[LAB_OTHERS]->owner, number, n, NULL);
	}
	if (labyrinth_pool_destroy(m->pool, &error) != 0)
		LAB_LOG(ERR, "%s", error.text);
}

void
lab_mempool_free(struct lab_mempool *m)
{
	struct lab_regions *list = m->regions;

	if (m->hand[LAB_OTHERS] != NULL && m->hand[LAB_OTHERS]->owner != NULL)
		destroy_pool(m);
	for (unsigned int i = 0; i < LAB_HANDS; i++)
		rte_free(m->hand[i]);
	for (unsigned int i = 0; i < LAB_GUEST_HANDS; i++)
		rte_free(m->guest_hand[i]);
	rte_free(m->hand[LAB_ROW_NOBODY]);
	if (m->processes != NULL)
		lab_process_free_pool(m->processes, m->number);
	while (list != NULL) {
		struct lab_regions *old = list->old;

		rte_free(list);
		list = old;
	}
	rte_free(m->side);
	rte_free(m->tag);
	rte_free(m->object);
	rte_free(m);
}

/* ---- creation ---- */

static int
create_pool(struct lab_mempool *m, const struct rte_mempool *mp)
{
	struct labyrinth_pool_config config = pool_config(mp);
	struct labyrinth_error error = { "" };
	int ret;

	config.side_size = labyrinth_pool_side_size(&config);
	config.side = m->side = reserve(mp, config.side_size);
	if (m->side == NULL)
		return -ENOMEM;
	ret = labyrinth_pool_create(&config, &m->pool, &error);
	if (ret != 0)
		LAB_LOG(ERR, "mempool %s: %s", mp->name, error.text);
	return ret;
}

/* No region yet, but room for one, in which no address lies. The tag of an object that
 * nobody had yet is free, by nobody. */
static int
create_tables(struct lab_mempool *m, const struct rte_mempool *mp)
{
	m->object = reserve(mp, ((size_t)mp->size + 1) * sizeof(*m->object));
	m->tag = reserve(mp, ((size_t)mp->size + 1) * sizeof(*m->tag));
	atomic_store_explicit(&m->regions, reserve(mp, lab_regions_size(1)),
		memory_order_relaxed);
	if (m->object == NULL || m->tag == NULL || m->regions == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i <= mp->size; i++)
		atomic_init(&m->tag[i], LAB_TAG_FREE);
	return 0;
}

/* The team's first member is for the threads without an lcore. */
static int
create_hand(struct lab_mempool *m, const struct rte_mempool *mp, unsigned int i,
	uint32_t limit)
{
	struct labyrinth_owner *team = NULL;
	uint32_t flags = LABYRINTH_OWNER_ANY_THREAD;
	char name[LABYRINTH_NAME_SIZE] = "other threads";

	if (i != LAB_OTHERS) {
		team = m->hand[LAB_OTHERS]->owner;
		flags = 0;
		snprintf(name, sizeof(name), "lcore %u", i);
	}
	atomic_init(&m->hand[i], reserve(mp, lab_hand_size(limit)));
	if (m->hand[i] == NULL)
		return -ENOMEM;
	m->hand[i]->limit = limit;
	m->hand[i]->who = i + 1;
	return labyrinth_owner_register(m->pool, name, team, flags, &lab_hand_at(m, i)->owner);
}

/* Every lcore that there could be has a hand: registered threads and those of secondary
 * processes come later, and nothing is allocated in a get. */
static int
create_hands(struct lab_mempool *m, const struct rte_mempool *mp, uint32_t limit)
{
	int ret = create_hand(m, mp, LAB_OTHERS, 0);

	for (unsigned int i = 0; i < RTE_MAX_LCORE && ret == 0; i++)
		ret = create_hand(m, mp, i, limit);
	return ret;
}

static int
create_guest_hand(struct lab_mempool *m, const struct rte_mempool *mp, unsigned int i,
	uint32_t limit)
{
	m->guest_hand[i] = reserve(mp, lab_hand_size(limit));
	if (m->guest_hand[i] == NULL)
		return -ENOMEM;
	m->guest_hand[i]->kind = LAB_HAND_GUEST;
	m->guest_hand[i]->room = limit;
	return 0;
}

/* Until they come, all threads of all secondaries have the one hand that has nothing. */
static int
create_nobody(struct lab_mempool *m, const struct rte_mempool *mp)
{
	struct lab_hand *nobody = reserve(mp, lab_hand_size(0));

	if (nobody == NULL)
		return -ENOMEM;
	nobody->kind = LAB_HAND_NOBODY;
	for (unsigned int i = LAB_HANDS; i < RTE_DIM(m->hand); i++)
		atomic_init(&m->hand[i], nobody);
	return 0;
}

/* Where EAL shares nothing, nobody can come. */
static int
create_guests(struct lab_mempool *m, const struct rte_mempool *mp, uint32_t limit)
{
	struct labyrinth_error error;
	struct lab_processes *table;
	int ret = create_nobody(m, mp), number;

	if (ret != 0 || lab_process_create("mempool", &table, &error) != 0)
		return ret;
	number = lab_process_claim_pool(table, &error);
	if (number < 0) {
		LAB_LOG(WARNING, "mempool %s: %s", mp->name, error.text);
		return 0;
	}
	m->number = (uint32_t)number;
	m->processes = table;
	for (unsigned int i = 0; i < LAB_GUEST_HANDS && ret == 0; i++)
		ret = create_guest_hand(m, mp, i, limit);
	for (unsigned int i = 1; i < LAB_PROCESSES && ret == 0; i++)
		ret = lab_guest_register(m, i);
	return ret;
}

/*
 * Without a cache DPDK expects the private area of the mempool where the cache was; that
 * of an mbuf pool has been filled in already.
 */
static void
drop_cache(struct rte_mempool *mp)
{
	void *before = rte_mempool_get_priv(mp);

	mp->cache_size = 0;
	memmove(rte_mempool_get_priv(mp), before, mp->private_data_size);
}

/*
 * The hands take the place of the application's cache. Who wants DPDK's own in front
 * says so: it is compiled into the application, and faster, but a double free that it
 * swallows is not seen.
 */
static uint32_t
take_cache(struct rte_mempool *mp)
{
	uint32_t limit = mp->cache_size + mp->cache_size / 2;
	const char *cache = getenv(CACHE_ENV);

	if (cache != NULL && strcmp(cache, "dpdk") == 0) {
		LAB_LOG(NOTICE, "mempool %s: DPDK's cache in front (" CACHE_ENV "=dpdk): "
			"double frees are only seen behind it", mp->name);
		return 0;
	}
	if (cache != NULL && strcmp(cache, "labyrinth") != 0)
		LAB_LOG(WARNING, CACHE_ENV "=%s is not known: labyrinth (the default) or "
			"dpdk", cache);
	drop_cache(mp);
	return limit;
}

static int
create(struct lab_mempool *m, struct rte_mempool *mp)
{
	int ret = create_pool(m, mp);
	uint32_t limit;

	m->size = mp->size;
	m->object_size = (struct lab_object_size){
		.header = mp->header_size,
		.body = mp->elt_size,
		.trailer = mp->trailer_size,
		.trailer_used = TRAILER_USED,
		.align = (mp->flags & RTE_MEMPOOL_F_NO_CACHE_ALIGN) != 0 ? 8 :
			RTE_MEMPOOL_ALIGN,
	};
	if (ret == 0)
		ret = create_tables(m, mp);
	if (ret != 0)
		return ret;
	limit = take_cache(mp);
	ret = create_hands(m, mp, limit);
	return ret == 0 ? create_guests(m, mp, limit) : ret;
}

int
lab_mempool_create(struct rte_mempool *mp)
{
	struct lab_mempool *m = reserve(mp, sizeof(*m));
	int ret = m != NULL ? create(m, mp) : -ENOMEM;

	if (ret == 0) {
		m->magic = LAB_MEMPOOL_MAGIC;
		m->version = LAB_MEMPOOL_VERSION;
		m->bytes = sizeof(*m);
		lab_hand_row = 0;
		mp->pool_data = m;
		LAB_LOG(DEBUG, "mempool %s: %" PRIu32 " objects of %" PRIu32 " bytes",
			mp->name, mp->size, mp->elt_size);
		return 0;
	}
	if (ret == -ENOMEM)
		LAB_LOG(ERR, "mempool %s: EAL has no %zu KiB for the books of %" PRIu32
			" objects: give it more memory with -m", mp->name,
			books_size(mp) >> 10, mp->size);
	if (m != NULL)
		lab_mempool_free(m);
	return ret;
}

/* ---- the end ---- */

/*
 * rte_mempool_free() tries to get as many objects as there are before it takes their
 * memory away. Of those that it tried in vain, some are at other hands.
 */
void
lab_mempool_warn_of_out(const struct rte_mempool *mp)
{
	const struct lab_mempool *m = mp->pool_data;
	const struct lab_hand *hand = lab_hand_here(m);
	uint64_t in_vain = value(&hand->got_before) == value(&hand->got) ?
		value(&hand->in_vain) : 0;
	uint32_t at_hand = lab_mempool_at_hand(m);

	/* what DPDK's own caches have is not tried */
	if (mp->cache_size == 0 && in_vain > at_hand)
		LAB_LOG(WARNING,
			"mempool %s is freed while %" PRIu64 " objects of it are "
			"out: free them first, and close the ports that hold them",
			mp->name, RTE_MIN(in_vain - at_hand, (uint64_t)m->size));
}

void
lab_mempool_destroy(struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;

	if (m == NULL)
		return;
	lab_mempool_free(m);
	mp->pool_data = NULL;
}
