/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_mempool.h>

#include "net_labyrinth.h"

/** Segments handed over at a time, on the stack: two bursts of the usual size. */
#define SEGS 64u

_Static_assert(SEGS >= LABYRINTH_FRAME_BUFFERS_MAX, "a frame always fits");

/** The flags of a segment that matter to ol_flags: three neighbouring bits. */
#define OL_SHIFT 2
#define OL_MASK  (LABYRINTH_SEG_RSS | LABYRINTH_SEG_IP_BAD | LABYRINTH_SEG_UDP_BAD)

/** Where an mbuf has what struct lab_rearm is of. */
#define REARM_OF(m) RTE_PTR_ADD(m, offsetof(struct rte_mbuf, data_off))

_Static_assert(OL_MASK == 7 << OL_SHIFT, "they index eight values");
_Static_assert(offsetof(struct rte_mbuf, ol_flags) ==
		       offsetof(struct rte_mbuf, data_off) + sizeof(uint64_t),
	"data_off, refcnt, nb_segs and port are eight bytes");

/*
 * An rte_mempool gives all or nothing, while a ring wants what there is: so ask for less
 * and less. When the last attempt brought nothing one mbuf is asked for first, which is
 * cheap while there is none.
 */
static __rte_always_inline uint32_t
get_some(struct lab_rxq *q, void **mbuf, uint32_t n)
{
	uint32_t got = 0, ask = unlikely(q->dry) ? 1 : n;

	while (ask > 0) {
		if (likely(rte_mempool_get_bulk(q->pool, mbuf + got, ask) == 0)) {
			got += ask;
			ask = n - got;
		} else {
			ask >>= 1;
		}
	}
	q->dry = got == 0;
	return got;
}

/* Mbufs as buffers of the card. */
static uint32_t
take(void *arg, struct labyrinth_buffer *to, uint32_t n)
{
	struct lab_rxq *q = arg;
	void *mbuf[SEGS];
	uint32_t got = 0, ask, part;

	do {
		ask = RTE_MIN(n - got, SEGS);
		part = get_some(q, mbuf, ask);
		for (uint32_t i = 0; i < part; i++, to++) {
			const struct rte_mbuf *m = mbuf[i];

			to->buffer = mbuf[i];
			to->data = RTE_PTR_ADD(m->buf_addr, RTE_PKTMBUF_HEADROOM);
		}
		got += part;
	} while (unlikely(got < n) && part == ask);
	return got;
}

static void
give(void *arg, void *const *buffer, uint32_t n)
{
	const struct lab_rxq *q = arg;

	rte_mempool_put_bulk(q->pool, buffer, n);
}

void
lab_source_init(struct lab_rxq *q, struct rte_mempool *pool)
{
	q->pool = pool;
	q->source = (struct labyrinth_source){
		.take = take,
		.give = give,
		.arg = q,
		.room = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM,
		.buffers = pool->size,
	};
}

/* What the flags of a segment come to, given what the application asked for. */
static uint64_t
ol_flags(uint64_t offloads, unsigned int seg_flags)
{
	uint64_t flags = 0;

	if (seg_flags & LABYRINTH_SEG_RSS && offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH)
		flags |= RTE_MBUF_F_RX_RSS_HASH;
	if (offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM)
		flags |= seg_flags & LABYRINTH_SEG_IP_BAD ? RTE_MBUF_F_RX_IP_CKSUM_BAD
							  : RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	if (offloads & RTE_ETH_RX_OFFLOAD_UDP_CKSUM)
		flags |= seg_flags & LABYRINTH_SEG_UDP_BAD ? RTE_MBUF_F_RX_L4_CKSUM_BAD
							   : RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	return flags;
}

/* The stamps go where the application finds them by their name. */
static int
prepare_timestamp(struct lab_rxq *q, uint64_t *flags)
{
	if (rte_mbuf_dyn_rx_timestamp_register(&q->timestamp_offset, flags) != 0)
		return -rte_errno;
	return 0;
}

int
lab_rxq_prepare(struct lab_rxq *q, const struct rte_eth_dev *dev)
{
	uint64_t offloads = dev->data->dev_conf.rxmode.offloads, always = 0;
	const struct rte_mbuf m = {
		.data_off = RTE_PKTMBUF_HEADROOM,
		.refcnt = 1,
		.nb_segs = 1,
		.port = dev->data->port_id,
	};

	q->nic = lab_port_of(dev)->nic;
	q->timestamp_offset = -1;
	if (offloads & RTE_ETH_RX_OFFLOAD_TIMESTAMP) {
		int ret = prepare_timestamp(q, &always);

		if (ret != 0)
			return ret;
	}
	/* Pinned buffers stay with their mbufs, which say so. */
	if (rte_pktmbuf_priv_flags(q->pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF)
		always |= RTE_MBUF_F_EXTERNAL;
	for (unsigned int i = 0; i < RTE_DIM(q->rearm); i++) {
		memcpy(&q->rearm[i], REARM_OF(&m), sizeof(q->rearm[i]));
		q->rearm[i].ol_flags = always | ol_flags(offloads, i << OL_SHIFT);
	}
	q->packet_type = lab_port_of(dev)->ptypes;
	q->dry = false;
	return 0;
}

/** packet_type, pkt_len, data_len, vlan_tci, hash.rss of an mbuf, as bytes or words. */
typedef uint8_t lab_fields __attribute__((vector_size(16)));
typedef uint64_t lab_words __attribute__((vector_size(16)));

#define FIELDS_OF(m) RTE_PTR_ADD(m, offsetof(struct rte_mbuf, packet_type))
#define FIELD_AT(field)                                                                  \
	(offsetof(struct rte_mbuf, field) - offsetof(struct rte_mbuf, packet_type))

_Static_assert(FIELD_AT(pkt_len) == 4 && FIELD_AT(data_len) == 8 &&
		FIELD_AT(hash.rss) == 12 &&
		sizeof(struct lab_rearm) == sizeof(lab_fields),
	"an mbuf has them side by side");
_Static_assert(offsetof(struct labyrinth_seg, hash) -
			offsetof(struct labyrinth_seg, length) == 4,
	"a segment, too, has its length, flags and hash");
_Static_assert(RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN, "low bytes come first");

/*
 * The mbuf of a segment, in two stores of 16 bytes to its first line, which is seldom in
 * the L1 cache: a CPU looks ahead only as far as it has room for stores. Measured, 6 % of
 * the frame rate.
 */
static __rte_always_inline struct rte_mbuf *
to_mbuf(const struct lab_rxq *q, const struct labyrinth_seg *seg, lab_words type)
{
	struct rte_mbuf *m = seg->buffer;
	lab_words from = { 0, 0 };
	uint64_t length_flags_hash;
	lab_fields fields;

	memcpy(&length_flags_hash, &seg->length, sizeof(length_flags_hash));
	from[0] = length_flags_hash;
	/* bytes 0 to 7: length, flags, hash; 16 to 19: the type; 20: 0 */
	fields = __builtin_shufflevector((lab_fields)from, (lab_fields)type, 16, 17, 18,
		19, 0, 1, 20, 20, 0, 1, 20, 20, 4, 5, 6, 7);
	memcpy(REARM_OF(m), &q->rearm[(seg->flags & OL_MASK) >> OL_SHIFT],
		sizeof(q->rearm[0]));
	memcpy(FIELDS_OF(m), &fields, sizeof(fields));
	return m;
}

/* Frames of one segment each, which is what there is but for jumbo frames. */
static uint16_t
rx_plain(void *queue, struct rte_mbuf **mbufs, uint16_t n)
{
	const struct lab_rxq *q = queue;
	const lab_words type = { q->packet_type, 0 };
	struct labyrinth_seg seg[SEGS];
	uint32_t got, ask, done = 0;

	do {
		ask = RTE_MIN(n - done, SEGS);
		got = labyrinth_rx_burst(q->ring, seg, ask, ask);
		for (uint32_t i = 0; i < got; i++)
			mbufs[done + i] = to_mbuf(q, &seg[i], type);
		done += got;
	} while (unlikely(got == SEGS) && done < n);
	return (uint16_t)done;
}

/* A frame says itself when it arrived, in half a word: now gives the other half. */
static void
set_timestamp(const struct lab_rxq *q, struct rte_mbuf *m, const void *data, uint64_t now)
{
	struct labyrinth_frame frame;

	labyrinth_frame_read(data, &frame);
	*RTE_MBUF_DYNFIELD(m, q->timestamp_offset, rte_mbuf_timestamp_t *) =
		labyrinth_frame_arrival(frame.stamp, now);
}

/* Join the segments of whole frames. @return frames */
static uint32_t
chain(const struct lab_rxq *q, const struct labyrinth_seg *seg, uint32_t segs,
	struct rte_mbuf **mbufs)
{
	uint64_t now = q->timestamp_offset >= 0 ? labyrinth_nic_now_ns(q->nic) : 0;
	const lab_words type = { q->packet_type, 0 };
	struct rte_mbuf *first = NULL, *last = NULL;
	uint32_t frames = 0;

	for (uint32_t i = 0; i < segs; i++) {
		struct rte_mbuf *m = to_mbuf(q, &seg[i], type);

		if (first == NULL) {
			mbufs[frames++] = first = m;
			if (q->timestamp_offset >= 0)
				set_timestamp(q, m, seg[i].data, now);
		} else {
			first->nb_segs++;
			first->pkt_len += m->data_len;
			last->next = m;
		}
		last = m;
		if (!(seg[i].flags & LABYRINTH_SEG_MORE))
			first = NULL;
	}
	return frames;
}

/* Frames of any number of segments, with time stamps if asked for. */
static uint16_t
rx_chained(void *queue, struct rte_mbuf **mbufs, uint16_t n)
{
	const struct lab_rxq *q = queue;
	struct labyrinth_seg seg[SEGS];
	uint32_t got, done = 0;

	do {
		got = labyrinth_rx_burst(q->ring, seg, SEGS, n - done);
		done += chain(q, seg, got, mbufs + done);
	} while (got != 0 && done < n);
	return (uint16_t)done;
}

eth_rx_burst_t
lab_rx_burst_function(const struct rte_eth_dev *dev)
{
	uint64_t offloads = dev->data->dev_conf.rxmode.offloads;

	if (offloads & (RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_TIMESTAMP))
		return rx_chained;
	return rx_plain;
}

uint16_t
lab_tx_burst(void *queue, struct rte_mbuf **mbufs, uint16_t n)
{
	struct lab_txq *q = queue;
	uint32_t length[SEGS], sent, ask, done = 0;

	do {
		ask = RTE_MIN(n - done, SEGS);
		for (uint32_t i = 0; i < ask; i++)
			length[i] = mbufs[done + i]->pkt_len;
		sent = labyrinth_tx_burst(q->ring, length, ask);
		done += sent;
	} while (sent == SEGS && done < n);
	/* What is on the wire is gone: this card reads a frame when it accepts it. */
	rte_pktmbuf_free_bulk(mbufs, done);
	return (uint16_t)done;
}

labyrinth_queue_count
lab_rx_queue_count(void *queue)
{
	const struct lab_rxq *q = queue;

	return (labyrinth_queue_count)labyrinth_rxq_used(q->ring);
}

int
lab_rx_descriptor_status(void *queue, uint16_t offset)
{
	const struct lab_rxq *q = queue;

	if (offset >= q->descriptors)
		return -EINVAL;
	return offset < labyrinth_rxq_used(q->ring) ? RTE_ETH_RX_DESC_DONE
						    : RTE_ETH_RX_DESC_AVAIL;
}

int
lab_tx_descriptor_status(void *queue, uint16_t offset)
{
	const struct lab_txq *q = queue;

	if (offset >= q->descriptors)
		return -EINVAL;
	return labyrinth_txq_has_room(q->ring, offset) ? RTE_ETH_TX_DESC_DONE
						       : RTE_ETH_TX_DESC_FULL;
}

/* Sent mbufs are freed at once: there is nothing to wait for. */
int
lab_tx_done_cleanup(void *queue, uint32_t n)
{
	RTE_SET_USED(queue);
	RTE_SET_USED(n);
	return 0;
}
