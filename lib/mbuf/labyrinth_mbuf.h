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
 *   The mempool has no DPDK cache unless asked for; each lcore caches whole rows of the
 *   page pool instead. Get is all or none and takes LABYRINTH_GFP_ATOMIC; put never
 *   fails, and an mbuf that is free already is refused and counted, see
 *   labyrinth_pool_stats.refused. What an lcore caches is for that lcore only, as
 *   with DPDK's own caches.
 *
 * TRAP
 *
 *   Some PMDs overwrite ol_flags on rx (virtio but for its vector path, e1000, vmxnet3,
 *   i40e, ixgbe) and so lose RTE_MBUF_F_EXTERNAL. To read and to free such an mbuf is
 *   safe. To clone or attach to it is not: DPDK would take the mbuf for one with its data
 *   inside and count a reference in memory that belongs to something else. Call
 *   labyrinth_mbuf_restore() on received mbufs before the first rte_pktmbuf_clone() or
 *   rte_pktmbuf_attach().
 *
 * PROCESSES
 *
 *   With labyrinth_mbuf_config.secondaries the pages are EAL's memory, and that many
 *   secondary processes may attach (labyrinth_mbuf_pool_attach()). An mbuf belongs to one
 *   process: what another one frees is refused and counted as a foreign free. From process
 *   to process it goes by labyrinth_mbuf_transfer(), before it is put on a ring, or by
 *   labyrinth_mbuf_offer() and, behind the ring, labyrinth_mbuf_accept(). Transfer to a
 *   process that may die: what is on its ring is then its own. Offer from a process that
 *   may die: what nobody accepted yet comes back with its death.
 *   A process that was killed, wherever, leaves nothing behind: labyrinth_mbuf_reclaim()
 *   brings back its mbufs, those it had at hand, and what it was about to do. The kernel
 *   alone says that it is dead. The rings that it took from are to be emptied before that
 *   (rte_ring_reset()): what is on them are its mbufs, and of nobody else's business.
 *   A primary that is killed has labyrinth_mbuf_process_lives(0) say so.
 *   A process that is killed inside of EAL (rte_eal_init(), rte_malloc(), rte_*_lookup())
 *   may have a lock of EAL's with it; no call here and no get or put takes one, but those
 *   that create and destroy pools.
 *
 * DMA
 *
 *   A card writes into the pages by itself, so they must stay where they are and its
 *   IOMMU must know them: labyrinth_mbuf_pool_dma_map() before the port is started,
 *   labyrinth_mbuf_pool_dma_unmap() after it was stopped and before it is closed, as some
 *   PMDs (virtio) let go of VFIO then. Hugepages only: of ordinary pages the kernel may
 *   change the physical address, and secret ones it cannot pin; both are refused with
 *   that reason. In IOVA mode VA and PA. Pages lie within 39 bits of address where there
 *   is room, since some IOMMUs have no more.
 *
 * GROWTH
 *
 *   With pages_max a refiller brings extents of pages when few are left and takes wholly
 *   free ones away after quiet. What comes is mapped for each device before an mbuf of it
 *   can be had; a page in a descriptor is no free page, so that its extent stays. The
 *   mempool has as many objects as there can be pages, so rte_mempool_in_use_count()
 *   counts pages without memory too; ask labyrinth_pool_stats() instead.
 *   labyrinth_pool_grow() and labyrinth_pool_shrink() are not for these pools.
 *
 * LIMITS
 *
 *   The pages of a pool without secondaries are not EAL's own memory, and have no file that
 *   could be handed on. PMDs that let another process read and write the mbufs themselves
 *   cannot use them: virtio-user, and memif with zero-copy. For virtio-user
 *   ask for LABYRINTH_BACKING_LENT. A PMD that wants the data inside of the mbufs' own memory
 *   (af_xdp) cannot use any pool of these.
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
	/**
	 * Mbufs that DPDK's own cache of an lcore keeps in front of the pool, 0: it has none.
	 * A put is then a store, also where mbufs come back one by one, in any order; but it
	 * is checked only when it leaves that cache. An mbuf that is put twice meanwhile is
	 * handed out twice, as with any other mempool. To the pool those in the cache are the
	 * lcore's. Up to RTE_MEMPOOL_CACHE_MAX_SIZE and to two thirds of pages; without
	 * secondaries.
	 */
	uint32_t dpdk_cache;
	bool uncoloured;   /**< whole pages, slow for small frames */
	bool ages;         /**< note when each mbuf is handed out, 8 bytes and a store each */
	int socket_id;     /**< NUMA node of mbufs and pages, SOCKET_ID_ANY */
	/** LABYRINTH_BACKING_LENT: EAL's memory, see LIMITS; it does not grow. */
	enum labyrinth_backing backing;
	/**
	 * min 0: no reserve, since users of an rte_mempool expect to get each object
	 * (unlike labyrinth_pool_config, where 0 is the default rule).
	 */
	struct labyrinth_watermarks watermarks;
	/** Secondary processes that may attach at a time, up to
	 * LABYRINTH_MBUF_SECONDARIES_MAX; 0: none can, and the pages are not EAL's. */
	uint32_t secondaries;
	/** Pages the pool may grow to, 0: pages. More than pages: both in whole extents, and
	 * watermarks.low 0 is an eighth of pages, high 0 a quarter. */
	uint32_t pages_max;
	uint32_t poll_us;    /**< of a growing pool, see labyrinth_refiller_config */
	uint32_t quiet_ms;   /**< as poll_us */
};

/** Most secondary processes that share pools. */
#define LABYRINTH_MBUF_SECONDARIES_MAX 15u

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
 *   -ENOTSUP a secondary process, a backing the kernel does not have, or secondaries of an
 *   EAL that shares nothing (--in-memory)
 */
int
labyrinth_mbuf_pool_create(const struct labyrinth_mbuf_config *config,
	struct rte_mempool **mp, struct labyrinth_error *error);

/**
 * Give everything back. Refused, with nothing changed, while mbufs are out or a device
 * is mapped for. No other thread may be in a call on @p mp. rte_mempool_free() must not
 * be used instead. It cannot refuse; if secondaries are attached it gives nothing back and
 * says so in the log, and this call does, when they have ended.
 *
 * @return 0; -EBUSY mbufs are out, a device is mapped for, or secondaries are attached;
 *   -EINVAL not made by
 *   labyrinth_mbuf_pool_create()
 */
int
labyrinth_mbuf_pool_destroy(struct rte_mempool *mp, struct labyrinth_error *error);

/**
 * Give back what DPDK's caches keep, see labyrinth_mbuf_config.dpdk_cache. No other thread
 * may be in a call on @p mp. For any mempool.
 */
void
labyrinth_mbuf_pool_flush(struct rte_mempool *mp);

/** The page pool under @p mp, NULL when there is none. Any thread. */
struct labyrinth_pool *
labyrinth_mbuf_pool_pages(const struct rte_mempool *mp);

/** @name Processes */
/**@{*/
/**
 * In a secondary process, after rte_mempool_lookup(): be one of those who share the pool.
 * From then on its threads get and put as the primary's do; its first lcores cache pages,
 * the others and threads without an lcore do not. Call it from a thread that lives as long
 * as the process works with the pool.
 *
 * @return 0; -EINVAL not such a mempool, or other mempool drivers than the primary has;
 *   -ENOTSUP it is not shared; -EPROTO made by another version or build; -EALREADY;
 *   -ENOSPC as many as may be are attached, or died and were not reclaimed; -errno of the
 *   file whose locks say who lives
 */
int
labyrinth_mbuf_pool_attach(struct rte_mempool *mp, struct labyrinth_error *error);

/**
 * The end of that, by the same thread, when no other one is in a call. What is cached goes
 * back.
 *
 * @return 0; -EBUSY mbufs are out; -EINVAL not attached
 */
int
labyrinth_mbuf_pool_detach(struct rte_mempool *mp, struct labyrinth_error *error);

/** Number of this process: 0 the primary, 1 … secondaries that have attached; else more. */
unsigned int
labyrinth_mbuf_process(void);

/** Does a process live, by the kernel's word? For who has a shared pool. Any thread. */
bool
labyrinth_mbuf_process_lives(unsigned int process);

/**
 * Bring back what dead processes had of @p mp. Any process that has the pool, any thread
 * that is not in a call on it, one at a time. Not for the data path. Nobody may hand mbufs
 * to a dead process at the same time.
 *
 * @return mbufs that came back; -EINVAL the pool is not shared, or not attached here
 */
int
labyrinth_mbuf_reclaim(struct rte_mempool *mp, struct labyrinth_error *error);

/**
 * Hand mbufs of one pool to another process. They are single segments with no other
 * reference: anything else is refused, and what is not the caller's, and all if there is
 * no such process. Data path.
 *
 * @param mbuf  what is refused stands before the rest afterwards
 * @return how many are refused, 0 when all went well
 */
uint16_t
labyrinth_mbuf_transfer(struct rte_mbuf **mbuf, uint16_t n, unsigned int process);

/** Offer mbufs to another process: they are the caller's until they are accepted, and may
 * be freed by nobody meanwhile. Else as labyrinth_mbuf_transfer(). */
uint16_t
labyrinth_mbuf_offer(struct rte_mbuf **mbuf, uint16_t n, unsigned int process);

/** Take back what was offered and not accepted. @return how many are refused */
uint16_t
labyrinth_mbuf_withdraw(struct rte_mbuf **mbuf, uint16_t n);

/**
 * Accept mbufs that were offered to this process. One that is refused is no more the
 * offerer's, who died, or took it back: forget it.
 *
 * @param mbuf  what is refused stands before the rest, which is the caller's
 * @return how many are refused
 */
uint16_t
labyrinth_mbuf_accept(struct rte_mbuf **mbuf, uint16_t n);
/**@}*/

/**
 * For how long the mbuf of page @p index (1 … pages) has been out: since it was last handed
 * out, whoever has it now. Any thread; says nothing of mbufs that are free.
 *
 * @param now  ticks of labyrinth_clock_ticks()
 * @return ticks; UINT64_MAX not known: no labyrinth_mbuf_config.ages, no such page, or it
 *   was never handed out
 */
uint64_t
labyrinth_mbuf_pool_age(const struct rte_mempool *mp, uint32_t index, uint64_t now);

/**
 * Make the pages known to the IOMMU of @p device, those that come later too: for NICs
 * bound to VFIO, and PMDs that register memory by themselves. Once a device and pool.
 *
 * @return 0 done, or not needed (virtual devices); -EINVAL not made by
 *   labyrinth_mbuf_pool_create(); -ENOTSUP no target of DMA; -EPERM physical addresses
 *   are not to be known; -EEXIST done already; -ENOSPC; -errno of the mapping
 */
int
labyrinth_mbuf_pool_dma_map(const struct rte_mempool *mp, struct rte_device *device,
	struct labyrinth_error *error);

/**
 * Undo labyrinth_mbuf_pool_dma_map(), with the port stopped and not yet closed. What a
 * device writes now is stopped by the IOMMU.
 *
 * @return 0 done or not needed; -EINVAL; -errno of the unmapping
 */
int
labyrinth_mbuf_pool_dma_unmap(const struct rte_mempool *mp, struct rte_device *device,
	struct labyrinth_error *error);

/**
 * Set RTE_MBUF_F_EXTERNAL, and the function for the last reference of a clone, which is the
 * process's own, again in each segment of @p n packets that a PMD cleared it
 * in; mbufs of other pools are left alone. See TRAP above. The caller owns the mbufs.
 */
void
labyrinth_mbuf_restore(struct rte_mbuf **mbufs, uint16_t n);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_MBUF_H */
