/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "keep.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include <rte_eal.h>
#include <rte_memzone.h>

#include "dead.h"
#include "guest.h"
#include "labyrinth_dpdk_compat.h"
#include "log.h"
#include "mempool.h"

/** Guards the list of what is kept. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lab_mempool *first;

static unsigned int
count_attached(const struct lab_mempool *m)
{
	unsigned int n = 0;

	for (unsigned int i = 1; i < LAB_PROCESSES; i++)
		n += lab_guest_has(m, i) && lab_process_lives(i);
	return n;
}

/* Memory of objects that DPDK itself reserved: by number, as it names it. */
static const struct rte_memzone *
zone_of(const struct rte_mempool *mp, unsigned int i)
{
	char name[RTE_MEMZONE_NAMESIZE];
	int n = snprintf(name, sizeof(name), RTE_MEMPOOL_MZ_FORMAT "_%u", mp->name, i);

	return n < (int)sizeof(name) ? rte_memzone_lookup(name) : NULL;
}

static bool
is_zone_of(const struct rte_mempool *mp, const void *zone)
{
	const struct rte_memzone *mz;

	for (unsigned int i = 0; (mz = zone_of(mp, i)) != NULL; i++)
		if (mz == zone)
			return true;
	return false;
}

static uint64_t
bytes_of(const struct rte_mempool *mp)
{
	const struct rte_memzone *mz;
	uint64_t bytes = 0;

	for (unsigned int i = 0; (mz = zone_of(mp, i)) != NULL; i++)
		bytes += mz->len;
	return bytes;
}

/* ---- the beginning ---- */

/* In place of DPDK's function; memory that the application brought is its own affair. */
static void
give_back(struct rte_mempool_memhdr *chunk, void *zone)
{
	struct lab_mempool *m = chunk->mp->pool_data;

	/* of one mind for all of it */
	if (m->end == LAB_END_OPEN)
		m->end = count_attached(m) != 0 ? LAB_END_KEPT : LAB_END_GIVEN;
	if (m->end == LAB_END_GIVEN || !is_zone_of(chunk->mp, zone))
		m->give_back(chunk, zone);
}

void
lab_keep_guard(const struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;
	struct rte_mempool_memhdr *chunk;

	if (m->processes == NULL || rte_eal_process_type() != RTE_PROC_PRIMARY)
		return;
	/* relaxed: the first one does it, and no other thread looks at chunks until the end */
	if (atomic_load_explicit(&m->objects, memory_order_relaxed) != m->size ||
			atomic_exchange_explicit(&m->guarded, true, memory_order_relaxed))
		return;
	STAILQ_FOREACH(chunk, &mp->mem_list, next) {
		if (m->give_back == NULL)
			m->give_back = chunk->free_cb;
		if (chunk->free_cb != NULL && chunk->free_cb == m->give_back)
			chunk->free_cb = give_back;
	}
}

bool
lab_keep_begin(struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;

	if (m->end != LAB_END_KEPT)
		return false;
	LAB_LOG(WARNING,
		"mempool %s is freed while %u secondary processes are attached: its memory (%"
		PRIu64 " KiB) and its name stay taken until they have ended; end them first",
		mp->name, count_attached(m), bytes_of(mp) >> 10);
	/* rte_mempool_free() would give that back next, and takes NULL for nothing */
	m->mz = mp->mz;
	mp->mz = NULL;
	pthread_mutex_lock(&lock);
	m->mp = mp;
	m->next = first;
	first = m;
	pthread_mutex_unlock(&lock);
	return true;
}

/* ---- the end ---- */

static bool
end(struct lab_mempool *m)
{
	const struct rte_memzone *mz = m->mz, *zone;
	struct rte_mempool *mp = m->mp;

	/* what the dead had comes to the pool, which is given back whole */
	if (count_attached(m) != 0 || lab_dead_reclaim(mp, NULL) < 0)
		return false;
	LAB_LOG(NOTICE, "mempool %s: the last process that was attached has ended; the memory "
		"is given back", mp->name);
	for (unsigned int i = 0; (zone = zone_of(mp, i)) != NULL; i++)
		rte_memzone_free(zone);
	lab_mempool_free(m);
	rte_memzone_free(mz);
	return true;
}

unsigned int
lab_keep_end(void)
{
	struct lab_mempool **link = &first, *next;
	unsigned int ended = 0;

	pthread_mutex_lock(&lock);
	while (*link != NULL) {
		next = (*link)->next;
		if (end(*link)) {
			*link = next;
			ended++;
		} else {
			link = &(*link)->next;
		}
	}
	pthread_mutex_unlock(&lock);
	return ended;
}

int
lab_keep_show(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct rte_tel_data *names = rte_tel_data_alloc();
	uint64_t mempools = 0, bytes = 0;

	RTE_SET_USED(command);
	RTE_SET_USED(parameters);
	if (names == NULL)
		return -ENOMEM;
	rte_tel_data_start_array(names, RTE_TEL_STRING_VAL);
	pthread_mutex_lock(&lock);
	for (const struct lab_mempool *m = first; m != NULL; m = m->next) {
		rte_tel_data_add_array_string(names, m->mp->name);
		bytes += bytes_of(m->mp);
		mempools++;
	}
	pthread_mutex_unlock(&lock);
	rte_tel_data_start_dict(data);
	labyrinth_tel_add_uint(data, "mempools", mempools);
	labyrinth_tel_add_uint(data, "bytes", bytes);
	rte_tel_data_add_dict_container(data, "names", names, 0);
	return 0;
}
