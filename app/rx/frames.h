/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FRAMES_H
#define RX_FRAMES_H

/**
 * @file
 * What forward modes do with frames: look into them, free them, send them. Each call that
 * takes mbufs away counts what became of them. For the lcore of the queue alone; compiled
 * into each mode, as they are the hot path.
 */

#include <stddef.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "mode.h"
#include "rx_loop.h"

/** One writer: a load and a store, where an atomic addition would lock the bus. */
static inline void
rx_count(_Atomic uint64_t *counter, uint64_t n)
{
	/* relaxed: statistics, nothing is published through them */
	uint64_t old = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, old + n, memory_order_relaxed);
}

/** Count @p n frames for --packets; who reaches the limit stops all. */
static inline void
rx_count_limited(struct rx_control *control, uint32_t n)
{
	uint64_t before;

	if (likely(control->packets_max == 0))
		return;
	/* relaxed: the sum alone decides, who gets there last stops all */
	before = atomic_fetch_add_explicit(&control->delivered, n, memory_order_relaxed);
	if (before + n >= control->packets_max)
		atomic_store_explicit(&control->stop, true, memory_order_relaxed);
}

/** Bytes of @p n frames. */
static inline uint64_t
rx_bytes(struct rte_mbuf **mbufs, uint16_t n)
{
	uint64_t bytes = 0;

	for (uint16_t i = 0; i < n; i++)
		bytes += mbufs[i]->pkt_len;
	return bytes;
}

/** How far ahead frames are fetched. */
#define RX_PREFETCH 4

/** The header of frame @p i of @p n; the header of a later one is fetched meanwhile. */
static inline void *
rx_header(struct rte_mbuf **mbufs, uint16_t i, uint16_t n)
{
	if (i + RX_PREFETCH < n)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i + RX_PREFETCH], void *));
	return rte_pktmbuf_mtod(mbufs[i], void *);
}

/**
 * Exchange the two addresses: in one load and one store, with the four bytes behind them.
 * A buffer has more than those, however short the frame.
 */
static inline void
rx_swap_macs(struct rte_ether_hdr *eth)
{
	typedef uint8_t bytes __attribute__((vector_size(16)));
	bytes start;

	memcpy(&start, eth, sizeof(start));
	start = __builtin_shufflevector(start, start, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5,
		12, 13, 14, 15);
	memcpy(eth, &start, sizeof(start));
}

/** Tags that are looked behind. */
#define RX_VLAN_TAGS 2

/**
 * The type of what is in the frame, behind VLAN tags.
 *
 * @param offset  set to where that begins
 * @return big endian; 0 the frame ends before
 */
static inline rte_be16_t
rx_ether_type(const struct rte_mbuf *m, uint32_t *offset)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	rte_be16_t type = eth->ether_type;
	uint32_t at = sizeof(*eth);

	if (m->data_len < at)
		return 0;
	for (int i = 0; i < RX_VLAN_TAGS; i++) {
		const struct rte_vlan_hdr *tag =
			rte_pktmbuf_mtod_offset(m, const struct rte_vlan_hdr *, at);

		if (type != rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN) &&
			type != rte_cpu_to_be_16(RTE_ETHER_TYPE_QINQ))
			break;
		if (m->data_len < at + sizeof(*tag))
			return 0;
		type = tag->eth_proto;
		at += sizeof(*tag);
	}
	*offset = at;
	return type;
}

/** refcnt 1 and nb_segs 1, see rx_sharing(). */
#define RX_ALONE 0x00010001u

_Static_assert(offsetof(struct rte_mbuf, nb_segs) ==
		       offsetof(struct rte_mbuf, refcnt) + sizeof(uint16_t),
	"refcnt and nb_segs are neighbours");

/** refcnt and nb_segs in one load: measured, 6 % of the frame rate. */
static inline uint32_t
rx_sharing(const struct rte_mbuf *m)
{
	uint32_t both;

	memcpy(&both, (const char *)m + offsetof(struct rte_mbuf, refcnt), sizeof(both));
	return both;
}

/**
 * Free a burst. Whole mbufs of this queue's pool that nobody else refers to, which is
 * what PMDs deliver but for jumbo frames, go back in one call; any other burst is left
 * to DPDK. All is read from the first line of each mbuf, which the PMD has just written.
 *
 * @return bytes of the burst
 */
static inline uint64_t
rx_release(struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n)
{
	uint64_t bytes = 0, flags = 0, pools = 0;
	uint32_t shared = 0;

	if (unlikely(q->latency != NULL))
		rx_queue_note_latency(q, mbufs, n);
	for (uint16_t i = 0; i < n; i++) {
		const struct rte_mbuf *m = mbufs[i];

		bytes += m->pkt_len;
		flags |= m->ol_flags;
		shared |= rx_sharing(m) ^ RX_ALONE;
		pools |= (uintptr_t)m->pool ^ (uintptr_t)q->pool;
	}
	if (likely(((flags & q->long_way) | shared | pools) == 0))
		rte_mempool_put_bulk(q->pool, (void *const *)mbufs, n);
	else
		rte_pktmbuf_free_bulk(mbufs, n);
	return bytes;
}

/**
 * Mbufs that are about to be sent say that their buffer is their own. It is: it is pinned to
 * them. DPDK would look into a third line of each, when the PMD frees it, to learn that
 * nobody else refers to the buffer; nobody does, as this program clones nothing, and
 * captures copy. (PMDs that overwrite ol_flags at rx leave such mbufs, too.)
 */
static inline void
rx_say_own(const struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n)
{
	if (!q->pinned)
		return;
	for (uint16_t i = 0; i < n; i++)
		if (likely(mbufs[i]->pool == q->pool))
			mbufs[i]->ol_flags &= ~RTE_MBUF_F_EXTERNAL;
}

/** Give @p n frames of @p bytes to the tx queue. @return taken; the rest is the caller's */
static inline uint16_t
rx_transmit(struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n, uint64_t bytes)
{
	uint16_t sent;

	rx_say_own(q, mbufs, n);
	sent = rte_eth_tx_burst(q->tx.port, q->tx.queue, mbufs, n);
	if (unlikely(sent < n))
		bytes -= rx_bytes(mbufs + sent, (uint16_t)(n - sent));
	rx_count(&q->sent.packets, sent);
	rx_count(&q->sent.bytes, bytes);
	return sent;
}

/**
 * Send received frames on, of @p bytes together; those that the PMD does not take are lost,
 * freed, counted.
 */
static inline void
rx_send(struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n, uint64_t bytes)
{
	uint16_t sent;

	if (unlikely(q->latency != NULL))
		rx_queue_note_latency(q, mbufs, n);
	sent = rx_transmit(q, mbufs, n, bytes);
	if (unlikely(sent < n)) {
		rx_count(&q->sent.tx_full, (uint16_t)(n - sent));
		rte_pktmbuf_free_bulk(mbufs + sent, (uint16_t)(n - sent));
	}
}

/** Send frames that were made here, as rx_send(). @return frames that the PMD took */
static inline uint16_t
rx_send_made(struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n, uint64_t bytes)
{
	uint16_t sent = rx_transmit(q, mbufs, n, bytes);

	rx_count(&q->sent.made, n);
	if (unlikely(q->mode->makes))
		rx_count_limited(q->control, sent);
	if (unlikely(sent < n)) {
		rx_count(&q->sent.unsent, (uint16_t)(n - sent));
		rte_pktmbuf_free_bulk(mbufs + sent, (uint16_t)(n - sent));
	}
	return sent;
}

#endif /* RX_FRAMES_H */
