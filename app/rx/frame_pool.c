/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#include "frame_pool.h"
#include "labyrinth_mbuf.h"

#define POOL_NAME "labyrinth-rx"

uint32_t
rx_frame_pool_pages(const struct rx_demand *demand)
{
	uint64_t pages = 2ull * demand->descriptors + demand->kept +
			 (uint64_t)demand->queues * demand->burst +
			 2ull * demand->lcores * LABYRINTH_CACHE_DEFAULT +
			 2ull * demand->lcores * demand->dpdk_cache;

	pages = (pages + LABYRINTH_EXTENT_PAGES - 1) / LABYRINTH_EXTENT_PAGES *
		LABYRINTH_EXTENT_PAGES;
	return (uint32_t)RTE_MIN(pages, (uint64_t)LABYRINTH_PAGES_MAX);
}

static enum rx_exit
check_ops(const char *ops, struct labyrinth_error *error)
{
	char known[192] = "";

	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		const char *name = rte_mempool_ops_table.ops[i].name;
		size_t used = strlen(known);

		if (strcmp(name, ops) == 0)
			return RX_OK;
		snprintf(known + used, sizeof(known) - used, " %s", name);
	}
	return labyrinth_fail(error, RX_ENVIRONMENT,
		"--pool %.24s: no such mempool ops, choose from:%s", ops, known);
}

/* One burst on top of what is posted, or not a single frame can be received. */
static enum rx_exit
check_pages(uint32_t pages, const struct rx_demand *demand, struct labyrinth_error *error)
{
	uint64_t least = (uint64_t)demand->posted + demand->burst;

	if (pages >= least)
		return RX_OK;
	return labyrinth_fail(error, RX_USAGE,
		"--pages %" PRIu32 " is less than the rx rings need: %" PRIu32
		" descriptors and a burst of %" PRIu32 " are %" PRIu64
		", give as many or lower --rxd or --rxq",
		pages, demand->posted, demand->burst, least);
}

static enum rx_exit
create_ours(uint32_t pages, const struct rx_demand *demand, struct rte_mempool **mp,
	struct labyrinth_error *error)
{
	struct labyrinth_mbuf_config config = {
		.name = POOL_NAME,
		.pages = pages,
		.socket_id = SOCKET_ID_ANY,
		.backing =
			demand->shared ? LABYRINTH_BACKING_LENT : LABYRINTH_BACKING_AUTO,
		.uncoloured = demand->uncoloured,
		.ages = demand->ages,
		.dpdk_cache = demand->dpdk_cache,
	};

	if (labyrinth_mbuf_pool_create(&config, mp, error) != 0)
		return RX_ENVIRONMENT;
	return RX_OK;
}

static enum rx_exit
create_other(const char *ops, uint32_t pages, uint32_t cache, struct rte_mempool **mp,
	struct labyrinth_error *error)
{
	/* DPDK refuses a cache that could hold two thirds of the pool. */
	*mp = rte_pktmbuf_pool_create_by_ops(POOL_NAME, pages,
		RTE_MIN(cache, pages * 2 / 3), 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id(), ops);
	if (*mp == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"--pool %s: no pool of %" PRIu32 " mbufs (%s): fewer --pages, or "
			"more memory for EAL (-m, hugepages)",
			ops, pages, rte_strerror(rte_errno));
	return RX_OK;
}

enum rx_exit
rx_frame_pool_create(const char *ops, uint32_t pages, const struct rx_demand *demand,
	struct rte_mempool **mp, struct labyrinth_error *error)
{
	bool ours = strcmp(ops, LABYRINTH_MBUF_OPS_NAME) == 0;
	enum rx_exit ret;

	/* Ours is told apart: when DPDK's table is full, that is the message to give. */
	ret = ours ? RX_OK : check_ops(ops, error);
	if (ret != RX_OK)
		return ret;
	if (pages == 0)
		pages = rx_frame_pool_pages(demand);
	ret = check_pages(pages, demand, error);
	if (ret != RX_OK)
		return ret;
	return ours ? create_ours(pages, demand, mp, error)
		    : create_other(ops, pages, demand->cache, mp, error);
}

void
rx_frame_pool_warn(const struct rte_mempool *mp, FILE *out)
{
	const struct labyrinth_pool *pool = labyrinth_mbuf_pool_pages(mp);
	struct labyrinth_pool_stats stats;

	if (pool == NULL)
		return;
	if (mp->cache_size != 0)
		fprintf(out,
			"WARNING: %" PRIu32 " mbufs of each lcore are in DPDK's own cache, "
			"which does not see double frees. --dpdk-cache 0 checks each.\n",
			mp->cache_size);
	labyrinth_pool_stats(pool, &stats);
	if (strncmp(stats.backing, "plain", 5) != 0)
		return;
	fprintf(out,
		"WARNING: no hugepages, the pages are ordinary memory (%s): more TLB "
		"misses, "
		"lower rates, no DMA by a NIC. Reserve some with scripts/setup.sh "
		"config.\n",
		stats.backing);
}

static void
summary_of_pages(const struct labyrinth_pool *pool, struct rx_pool_summary *summary)
{
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(pool, &stats);
	summary->ours = true;
	summary->backing = stats.backing;
	summary->page_size = stats.page_size;
	summary->low_water = stats.low_water;
	for (unsigned int i = 0; i < LABYRINTH_GFP_CLASSES; i++)
		summary->alloc_fail += stats.alloc_fail[i];
}

void
rx_frame_pool_summary(
	const struct rte_mempool *mp, uint32_t stranded, struct rx_pool_summary *summary)
{
	const struct labyrinth_pool *pool = labyrinth_mbuf_pool_pages(mp);

	memset(summary, 0, sizeof(*summary));
	summary->ops = rte_mempool_get_ops(mp->ops_index)->name;
	summary->backing = "eal";
	summary->pages = mp->size;
	summary->page_size =
		rte_pktmbuf_data_room_size((struct rte_mempool *)(uintptr_t)mp);
	summary->free = rte_mempool_avail_count(mp);
	summary->leaked = summary->pages - summary->free;
	summary->stranded = RTE_MIN(stranded, summary->leaked);
	summary->leaked -= summary->stranded;
	if (pool != NULL)
		summary_of_pages(pool, summary);
}

enum rx_exit
rx_frame_pool_destroy(
	struct rte_mempool *mp, uint32_t stranded, struct labyrinth_error *error)
{
	const struct labyrinth_pool *pool = labyrinth_mbuf_pool_pages(mp);
	uint32_t out = mp->size - rte_mempool_avail_count(mp);

	if (out > stranded)
		return labyrinth_fail(error, RX_INVARIANT,
			"%" PRIu32 " of %" PRIu32
			" mbufs leaked: their PMD or a callback "
			"kept them, run with one --vdev or -a at a time to find it",
			out - stranded, mp->size);
	if (pool == NULL) {
		rte_mempool_free(mp);
		return RX_OK;
	}
	if (labyrinth_pool_validate(pool, error) != 0 ||
		labyrinth_mbuf_pool_destroy(mp, error) != 0)
		return RX_INVARIANT;
	return RX_OK;
}
