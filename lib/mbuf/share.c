/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "share.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "mempool_ops.h"
#include "object_layout.h"
#include "seats.h"

/* "labymbuf" */
#define MAGIC UINT64_C(0x6675626d7962616c)

/* ---- memory ---- */

static const struct rte_memzone *
reserve(const char *format, const struct labyrinth_mbuf_config *config, size_t size,
	size_t align)
{
	char name[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *mz;

	snprintf(name, sizeof(name), format, config->name);
	mz = rte_memzone_reserve_aligned(name, size, config->socket_id, 0, (unsigned int)align);
	/* EAL gives memory anew as the last user left it */
	if (mz != NULL)
		memset(mz->addr, 0, mz->len);
	return mz;
}

void
lab_share_free(struct lab_shared_memory memory)
{
	if (memory.pages != NULL)
		rte_memzone_free(memory.pages);
	if (memory.side != NULL)
		rte_memzone_free(memory.side);
}

void
lab_share_note(struct rte_mempool *mp, struct lab_shared_memory memory)
{
	struct lab_mempool *m = mp->pool_data;

	m->side = memory.side;
	m->pages = memory.pages;
}

struct lab_shared_memory
lab_share_memory(const struct rte_mempool *mp)
{
	const struct lab_mempool *m = mp->pool_data;

	return (struct lab_shared_memory){ m->side, m->pages };
}

/* The size is asked for before there is an address; any that is good will do. */
static size_t
side_size_of(struct labyrinth_pool_config *pages)
{
	pages->memory = (void *)(uintptr_t)LABYRINTH_PAGE_SIZE;
	return labyrinth_pool_side_size(pages);
}

static int
create_in(const struct labyrinth_mbuf_config *config, struct labyrinth_pool_config *pages,
	struct labyrinth_pool **pool, struct lab_shared_memory *memory,
	struct labyrinth_error *error)
{
	size_t side;

	pages->backing = LABYRINTH_BACKING_LENT;
	pages->memory_size = (size_t)pages->pages * LABYRINTH_PAGE_SIZE;
	side = config->secondaries == 0 ? 0 : RTE_MAX(side_size_of(pages), (size_t)1);
	memory->pages = reserve("LABP_%s", config, pages->memory_size, LABYRINTH_PAGE_SIZE);
	if (side != 0)
		memory->side = reserve("LABS_%s", config, side, LABYRINTH_CACHE_LINE);
	if (memory->pages == NULL || (side != 0 && memory->side == NULL))
		return labyrinth_fail(error, -ENOMEM,
			"mempool %s: EAL has no %zu MiB for pages that processes share (%s): "
			"give it more with -m", config->name,
			(pages->memory_size + side) >> 20, rte_strerror(rte_errno));
	pages->memory = memory->pages->addr;
	if (side != 0) {
		pages->side = memory->side->addr;
		pages->side_size = memory->side->len;
	}
	return labyrinth_pool_create(pages, pool, error);
}

int
lab_share_create(const struct labyrinth_mbuf_config *config,
	struct labyrinth_pool_config *pages, struct labyrinth_pool **pool,
	struct lab_shared_memory *memory, struct labyrinth_error *error)
{
	int ret = create_in(config, pages, pool, memory, error);

	if (ret != 0)
		lab_share_free(*memory);
	return ret;
}

/* ---- the primary ---- */

uint32_t
lab_share_owners(const struct labyrinth_mbuf_config *config)
{
	return config->secondaries * LAB_SEATS;
}

int
lab_share_begin(struct rte_mempool *mp, const struct labyrinth_mbuf_config *config,
	struct labyrinth_error *error)
{
	struct lab_mempool *m = mp->pool_data;
	struct lab_processes *table;
	int ret = lab_process_create("mbuf", &table, error);

	if (ret != 0)
		return ret;
	ret = lab_process_claim_pool(table, error);
	if (ret < 0)
		return ret;
	m->number = (uint32_t)ret;
	m->secondaries = config->secondaries;
	m->uncoloured = config->uncoloured;
	m->version = LAB_MEMPOOL_VERSION;
	m->size = sizeof(*m);
	m->processes = table;
	for (unsigned int i = 1; i <= m->secondaries; i++)
		lab_seats_fill(m, i);
	/* release: who sees it sees the mempool complete */
	__atomic_store_n(&m->magic, MAGIC, __ATOMIC_RELEASE);
	return 0;
}

static uint64_t
bit_of(const struct lab_mempool *m)
{
	return UINT64_C(1) << m->number;
}

static bool
uses(const struct lab_mempool *m, unsigned int process)
{
	/* acquire: pairs with the end of reclaim */
	return (atomic_load_explicit(&m->processes->process[process].uses,
			memory_order_acquire) & bit_of(m)) != 0;
}

bool
lab_share_in_use(const struct lab_mempool *m)
{
	for (unsigned int i = 1; m->processes != NULL && i <= m->secondaries; i++)
		if (uses(m, i))
			return true;
	return false;
}

int
lab_share_end(const struct rte_mempool *mp, struct labyrinth_error *error)
{
	struct lab_mempool *m = mp->pool_data;

	if (m->processes == NULL)
		return 0;
	for (unsigned int i = 1; i <= m->secondaries; i++)
		if (uses(m, i))
			return labyrinth_fail(error, -EBUSY,
				"mempool %s: secondary %u (process %d) is attached: end it, or if "
				"it died call labyrinth_mbuf_reclaim()", mp->name, i,
				(int)m->processes->process[i].pid);
	__atomic_store_n(&m->magic, 0, __ATOMIC_RELEASE);
	for (unsigned int i = 1; i <= m->secondaries; i++)
		lab_seats_empty(m, i);
	lab_process_free_pool(m->processes, m->number);
	return 0;
}

/* ---- secondaries ---- */

static int
check(const struct rte_mempool *mp, struct labyrinth_error *error)
{
	const struct lab_mempool *m = mp->pool_data;
	struct labyrinth_pool *pool;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return labyrinth_fail(error, -EINVAL,
			"mempool %s: the primary has its pools already", mp->name);
	if (!lab_mempool_ops_is(mp) || m == NULL)
		return labyrinth_fail(error, -EINVAL,
			"mempool %s is not of labyrinth_mbuf_pool_create(), or this process has "
			"other mempool drivers than the primary: load the same in both", mp->name);
	/* acquire: pairs with lab_share_begin(). A pool that is not shared has a 0. */
	if (__atomic_load_n(&m->magic, __ATOMIC_ACQUIRE) != MAGIC)
		return labyrinth_fail(error, -ENOTSUP,
			"mempool %s is not shared: set secondaries where it is made", mp->name);
	if (m->version != LAB_MEMPOOL_VERSION || m->size != sizeof(*m))
		return labyrinth_fail(error, -EPROTO,
			"mempool %s was made by version %" PRIu32 " (%" PRIu32 " bytes), this is "
			"%u (%zu bytes): run the same build in all processes", mp->name, m->version,
			m->size, LAB_MEMPOOL_VERSION, sizeof(*m));
	return labyrinth_pool_attach(m->side->addr, m->side->len, &pool, error);
}

int
labyrinth_mbuf_pool_attach(struct rte_mempool *mp, struct labyrinth_error *error)
{
	struct lab_mempool *m = mp->pool_data;
	int ret = check(mp, error);
	unsigned int process;

	if (ret != 0)
		return ret;
	ret = lab_process_join(m->processes, error);
	if (ret < 0)
		return ret;
	process = (unsigned int)ret;
	if (process > m->secondaries)
		return labyrinth_fail(error, -ENOSPC,
			"mempool %s: this is secondary %u, there may be %" PRIu32
			": end one, reclaim a dead one, or set secondaries higher", mp->name,
			process, m->secondaries);
	if (uses(m, process))
		return labyrinth_fail(error, -EALREADY, "mempool %s is attached already",
			mp->name);
	/* Said before anything is ours, so that who dies from here on is looked after. */
	atomic_fetch_or_explicit(&m->processes->process[process].uses, bit_of(m),
		memory_order_acq_rel);
	lab_seats_take(m, process);
	lab_mempool_row = process;
	return 0;
}

int
labyrinth_mbuf_pool_detach(struct rte_mempool *mp, struct labyrinth_error *error)
{
	struct lab_mempool *m = mp->pool_data;
	unsigned int process = lab_process_here();
	uint32_t out;

	if (!lab_mempool_ops_is(mp) || m == NULL || m->processes == NULL ||
			process == 0 || process >= LAB_PROCESSES || !uses(m, process))
		return labyrinth_fail(error, -EINVAL,
			"mempool %s: this process is not attached", mp->name);
	out = lab_seats_owned(m, process);
	if (out != 0)
		return labyrinth_fail(error, -EBUSY,
			"mempool %s: %" PRIu32 " mbufs are out here: free or hand them over first",
			mp->name, out);
	lab_seats_empty(m, process);
	lab_seats_fill(m, process);
	/* release: who gets the number finds the seats filled */
	atomic_fetch_and_explicit(&m->processes->process[process].uses, ~bit_of(m),
		memory_order_acq_rel);
	return 0;
}

/* ---- the dead ---- */

/* In the middle of it the number is kept: whoever comes next begins anew. */
static int
bury(struct rte_mempool *mp, struct lab_mempool *m, unsigned int process)
{
	int gained = lab_seats_reclaim(mp, m, process);

	if (gained < 0)
		return gained;
	lab_seats_fill(m, process);
	atomic_fetch_and_explicit(&m->processes->process[process].uses, ~bit_of(m),
		memory_order_acq_rel);
	return gained;
}

int
labyrinth_mbuf_reclaim(struct rte_mempool *mp, struct labyrinth_error *error)
{
	struct lab_mempool *m = mp->pool_data;
	int gained = 0, ret;

	if (!lab_mempool_ops_is(mp) || m == NULL || m->processes == NULL ||
			lab_owner_here(m) == NULL)
		return labyrinth_fail(error, -EINVAL,
			"mempool %s is not shared, or not attached here", mp->name);
	for (unsigned int i = 1; i <= m->secondaries; i++) {
		if (!uses(m, i) || !lab_process_seize(i))
			continue;
		ret = uses(m, i) ? bury(mp, m, i) : 0;
		lab_process_release(i);
		if (ret < 0)
			return labyrinth_fail(error, ret,
				"mempool %s: the caller's lcore is in the middle of a call: again, "
				"from elsewhere", mp->name);
		gained += ret;
	}
	return gained;
}

unsigned int
labyrinth_mbuf_process(void)
{
	return lab_process_here();
}

bool
labyrinth_mbuf_process_lives(unsigned int process)
{
	return lab_process_lives(process);
}
