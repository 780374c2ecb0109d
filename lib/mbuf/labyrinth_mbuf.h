/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_MBUF_H
#define LABYRINTH_MBUF_H

/**
 * @file
 * Pages as mbufs: an rte_mempool whose objects are kept by a page pool, for any PMD
 * and any DPDK program.
 *
 * LAYOUT
 *
 *   The mbufs stand dense in an array of their own, three cache lines (192 bytes)
 *   each; the data of an mbuf is a page. Mbuf and page belong together for life, as
 *   "pinned external buffers" do (rte_pktmbuf_pool_create_extbuf()).
 *
 * COLOUR
 *
 *   Page starts all map to one set of the L1 cache, and the headers of all frames
 *   would compete for its few ways. So the data of page i starts colour(i) lines
 *   later, through buf_addr and buf_iova, which no PMD writes; data_off, which PMDs
 *   fix, is left alone. The length is the same for all: 31 colours leave
 *   4096 - 30 * 64 = 2176 bytes, exactly RTE_MBUF_DEFAULT_BUF_SIZE, that is 2048
 *   bytes after the headroom: a 1518 or 1522 byte frame fits, also on NICs that
 *   count rx buffers in KiB. 31 is odd and prime, so that neighbouring pages differ
 *   and no power of two of pages brings the same colour again soon.
 *   An uncoloured pool gives the whole page: 3968 bytes after the headroom.
 *
 * OWNERS
 *
 *   The mempool has no DPDK cache (cache_size 0); each lcore caches whole rows of the
 *   page pool instead. Get is all or none and takes LABYRINTH_GFP_ATOMIC; put never
 *   fails, and an mbuf that is free already is refused and counted, see
 *   labyrinth_pool_stats.refused. What an lcore caches is for that lcore only, as
 *   with DPDK's own caches.
 *
 * TRAP
 *
 *   Some PMDs overwrite ol_flags on rx (virtio, i40e, ixgbe) and so lose
 *   RTE_MBUF_F_EXTERNAL. To read and to free such an mbuf is safe. To clone or attach
 *   to it is not: DPDK would take the mbuf for one with its data inside and count a
 *   reference in memory that belongs to something else. Call
 *   labyrinth_mbuf_restore() on received mbufs before the first
 *   rte_pktmbuf_clone() or rte_pktmbuf_attach().
 *
 * LIMITS
 *
 *   The pages are not EAL's own memory, and have no file that could be handed on. PMDs
 *   that let another process read and write the mbufs themselves cannot use them:
 *   virtio-user, and memif with zero-copy. Secondary processes cannot either.
 *
 * Set-up calls are for the primary process, any thread, one at a time. get and put
 * are those of rte_mempool, from any thread, EAL or not.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_dev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "labyrinth_colour.h"
#include "labyrinth_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Name of the mempool ops. */
#define LABYRINTH_MBUF_OPS_NAME "labyrinth"
/** Starts that the data of a page may have, one cache line apart. */
#define LABYRINTH_MBUF_COLOURS LABYRINTH_COLOURS
/** Bytes of a colour. */
#define LABYRINTH_MBUF_COLOUR_STEP LABYRINTH_COLOUR_STEP
/** buf_len of each mbuf of a coloured pool, headroom included. */
#define LABYRINTH_MBUF_BUF_LEN                                                           \
	(LABYRINTH_PAGE_SIZE - (LABYRINTH_MBUF_COLOURS - 1) * LABYRINTH_MBUF_COLOUR_STEP)

/** What an mbuf pool is made from. Zeroes mean the defaults, but for name and pages. */
struct labyrinth_mbuf_config {
	const char *name;  /**< of the mempool, unique in the process */
	uint32_t pages;    /**< mbufs, 1 … LABYRINTH_PAGES_MAX */
	uint32_t cache;    /**< pages an lcore may cache, see labyrinth_pool_config */
	bool uncoloured;   /**< whole pages, slow for small frames */
	int socket_id;     /**< NUMA node of mbufs and pages, SOCKET_ID_ANY */
	enum labyrinth_backing backing;
	/**
	 * min 0: no reserve, since users of an rte_mempool expect to get each object
	 * (unlike labyrinth_pool_config, where 0 is the default rule).
	 */
	struct labyrinth_watermarks watermarks;
};

/** Colour of page @p index: lines between the page's and the data's start. */
static inline uint32_t
labyrinth_mbuf_colour(uint32_t index)
{
	return labyrinth_colour(index);
}

/**
 * Create a mempool of mbufs and the page pool under it.
 *
 * @param config  what to make
 * @param mp      receives the mempool
 * @param error   receives the reason in one line with its fix, may be NULL
 * @return 0; -EINVAL a value out of range; -EEXIST a mempool has that name; -ENOMEM
 *   memory or hugepages missing; -ENOSPC DPDK's table of mempool ops is full;
 *   -ENOTSUP a secondary process, or a backing the kernel does not have
 */
int
labyrinth_mbuf_pool_create(const struct labyrinth_mbuf_config *config,
	struct rte_mempool **mp, struct labyrinth_error *error);

/**
 * Give everything back. Refused, with nothing changed, while mbufs are out. No other
 * thread may be in a call on @p mp. rte_mempool_free() must not be used instead.
 *
 * @return 0; -EBUSY mbufs are out; -EINVAL not made by labyrinth_mbuf_pool_create()
 */
int
labyrinth_mbuf_pool_destroy(struct rte_mempool *mp, struct labyrinth_error *error);

/** The page pool under @p mp, NULL when there is none. Any thread. */
struct labyrinth_pool *
labyrinth_mbuf_pool_pages(const struct rte_mempool *mp);

/**
 * Make the pages known to the IOMMU of @p device, for NICs bound to VFIO. Devices
 * without DMA, or with a memory registration of their own, need nothing.
 *
 * @return 0 done or not needed; -EINVAL; -errno of the mapping
 */
int
labyrinth_mbuf_pool_dma_map(const struct rte_mempool *mp, struct rte_device *device,
	struct labyrinth_error *error);

/**
 * Undo labyrinth_mbuf_pool_dma_map(), before the pool is destroyed.
 *
 * @return 0 done or not needed; -EINVAL; -errno of the unmapping
 */
int
labyrinth_mbuf_pool_dma_unmap(const struct rte_mempool *mp, struct rte_device *device,
	struct labyrinth_error *error);

/**
 * Set RTE_MBUF_F_EXTERNAL again in each segment of @p n packets that a PMD cleared it
 * in; mbufs of other pools are left alone. See TRAP above. The caller owns the mbufs.
 */
void
labyrinth_mbuf_restore(struct rte_mbuf **mbufs, uint16_t n);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_MBUF_H */
