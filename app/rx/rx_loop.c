/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stddef.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "labyrinth_frame.h"
#include "rx_loop.h"

/** refcnt 1 and nb_segs 1, see sharing(). */
#define ALONE 0x00010001u

_Static_assert(offsetof(struct rte_mbuf, nb_segs) ==
		       offsetof(struct rte_mbuf, refcnt) + sizeof(uint16_t),
	"refcnt and nb_segs are neighbours");

/** Vector PMDs poll in whole groups: a smaller request would bring nothing, ever. */
#define POLL_GROUP 8

void
rx_queue_init(struct rx_queue *queue, struct rte_mempool *pool, bool foreign)
{
	/*
	 * The buffer of a pinned mbuf is its own whether a PMD kept the EXTERNAL bit or
	 * not; of any other mbuf it has to be detached first. This program never clones,
	 * so that only a PMD which hands on mbufs of others can bring referenced ones.
	 */
	bool pinned = rte_pktmbuf_priv_flags(pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF;

	queue->long_way = RTE_MBUF_F_INDIRECT | (pinned ? 0 : RTE_MBUF_F_EXTERNAL);
	queue->pool = foreign ? NULL : pool;
}

/* One writer: a load and a store, where an atomic addition would lock the bus. */
static inline void
count(_Atomic uint64_t *counter, uint64_t n)
{
	/* relaxed: statistics, nothing is published through them */
	uint64_t old = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, old + n, memory_order_relaxed);
}

static inline void
count_burst(struct rx_queue *q, uint16_t n)
{
	count(&q->counters.packets, n);
	count(&q->counters.bursts, 1);
	count(&q->burst_size[n], 1);
}

/* refcnt and nb_segs in one load: measured, 6 % of the frame rate. */
static inline uint32_t
sharing(const struct rte_mbuf *m)
{
	uint32_t both;

	memcpy(&both, (const char *)m + offsetof(struct rte_mbuf, refcnt), sizeof(both));
	return both;
}

/*
 * Free a burst. Whole mbufs of this queue's pool that nobody else refers to, which is
 * what PMDs deliver but for jumbo frames, go back in one call; any other burst is left
 * to DPDK. All is read from the first line of each mbuf, which the PMD has just written.
 *
 * Returns the bytes of the burst.
 */
static inline uint64_t
release(const struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n)
{
	uint64_t bytes = 0, flags = 0, pools = 0;
	uint32_t shared = 0;

	for (uint16_t i = 0; i < n; i++) {
		const struct rte_mbuf *m = mbufs[i];

		bytes += m->pkt_len;
		flags |= m->ol_flags;
		shared |= sharing(m) ^ ALONE;
		pools |= (uintptr_t)m->pool ^ (uintptr_t)q->pool;
	}
	if (likely(((flags & q->long_way) | shared | pools) == 0))
		rte_mempool_put_bulk(q->pool, (void *const *)mbufs, n);
	else
		rte_pktmbuf_free_bulk(mbufs, n);
	return bytes;
}

/* Frames to ask for: near the limit fewer, so that it is met to within a group. */
static inline uint16_t
allowance(const struct rx_control *control)
{
	uint64_t delivered, left;

	if (likely(control->packets_max == 0))
		return control->burst;
	/* relaxed: a stale value costs a burst too many, of which a limit allows one */
	delivered = atomic_load_explicit(&control->delivered, memory_order_relaxed);
	if (delivered >= control->packets_max)
		return 0;
	left = RTE_ALIGN_CEIL(control->packets_max - delivered, (uint64_t)POLL_GROUP);
	return (uint16_t)RTE_MIN(left, (uint64_t)control->burst);
}

static inline void
count_limited(struct rx_control *control, uint16_t n)
{
	uint64_t before;

	if (likely(control->packets_max == 0))
		return;
	/* relaxed: the sum alone decides, who gets there last stops all */
	before = atomic_fetch_add_explicit(&control->delivered, n, memory_order_relaxed);
	if (before + n >= control->packets_max)
		atomic_store_explicit(&control->stop, true, memory_order_relaxed);
}

static void
verify(struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		labyrinth_seq_check_data(
			q->verify, rte_pktmbuf_mtod(mbufs[i], const void *));
}

/* How long ago frames arrived that are about to be freed. */
static void
note_latency(struct rx_queue *q, const struct labyrinth_clock *clock,
	struct rte_mbuf **mbufs, uint16_t n)
{
	uint64_t now = labyrinth_clock_ns(clock, rte_rdtsc());
	struct labyrinth_frame frame;

	for (uint16_t i = 0; i < n; i++) {
		labyrinth_frame_read(rte_pktmbuf_mtod(mbufs[i], const void *), &frame);
		labyrinth_histogram_add(
			q->latency, labyrinth_frame_age(frame.stamp, now));
	}
}

static uint64_t
release_noted(struct rx_queue *q, const struct labyrinth_clock *clock,
	struct rte_mbuf **mbufs, uint16_t n)
{
	if (q->latency != NULL)
		note_latency(q, clock, mbufs, n);
	return release(q, mbufs, n);
}

static uint64_t
keep(struct rx_queue *q, const struct labyrinth_clock *clock, struct rte_mbuf **mbufs,
	uint16_t n, uint64_t now)
{
	struct rte_mbuf **due;
	uint64_t bytes = 0, freed = 0;
	uint16_t n_due;

	for (uint16_t i = 0; i < n; i++)
		bytes += mbufs[i]->pkt_len;
	count(&q->counters.bytes, bytes);
	if (n != 0)
		rx_hold_push(q->hold, mbufs, n, now);
	while ((n_due = rx_hold_take_due(q->hold, now, &due)) != 0) {
		release_noted(q, clock, due, n_due);
		freed += n_due;
	}
	return freed;
}

/*
 * What is done with a burst, which may be none, on request only: look at each frame, keep
 * it for a while. Apart from the loop, which is to stay small.
 *
 * Returns whether frames were freed.
 */
static __rte_noinline bool
look_and_keep(struct rx_queue *q, const struct labyrinth_clock *clock,
	struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	if (q->verify != NULL)
		verify(q, mbufs, n);
	if (q->hold != NULL)
		return keep(q, clock, mbufs, n, now) != 0;
	if (n != 0)
		count(&q->counters.bytes, release_noted(q, clock, mbufs, n));
	return n != 0;
}

/* One poll at TSC now. Returns whether it brought anything to do. */
static inline bool
poll_queue(struct rx_queue *q, struct rx_control *control, uint64_t now)
{
	struct rte_mbuf *mbufs[RX_BURST_MAX];
	uint16_t n = rte_eth_rx_burst(q->port, q->queue, mbufs, allowance(control));
	bool freed = false;

	if (unlikely(q->by_request))
		freed = look_and_keep(q, &control->clock, mbufs, n, now);
	else if (n != 0)
		count(&q->counters.bytes, release(q, mbufs, n));
	if (n == 0) {
		count(freed ? &q->counters.free_polls : &q->counters.idle_polls, 1);
		return freed;
	}
	count_burst(q, n);
	count_limited(control, n);
	return true;
}

uint16_t
rx_queue_receive(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n)
{
	uint64_t bytes = 0;

	n = rte_eth_rx_burst(queue->port, queue->queue, mbufs, n);
	if (n == 0)
		return 0;
	if (queue->verify != NULL)
		verify(queue, mbufs, n);
	for (uint16_t i = 0; i < n; i++)
		bytes += mbufs[i]->pkt_len;
	count(&queue->counters.bytes, bytes);
	count_burst(queue, n);
	return n;
}

int
rx_loop(void *lcore)
{
	struct rx_lcore *self = lcore;
	struct rx_control *control = self->control;
	uint64_t before = rte_rdtsc();

	/* relaxed: stop carries no data with it, the join at the end orders the rest */
	while (!atomic_load_explicit(&control->stop, memory_order_relaxed)) {
		for (uint16_t i = 0; i < self->nb_queues; i++) {
			struct rx_queue *q = self->queues[i];
			bool worked = poll_queue(q, control, before);
			uint64_t now = rte_rdtsc();

			/* One reading a poll: the end of one is the start of the next. */
			count(worked ? &q->counters.cycles : &q->counters.idle_cycles,
				now - before);
			before = now;
		}
		if (unlikely(before >= self->tick_at))
			self->tick_at = self->tick(self->tick_arg, before);
	}
	return 0;
}
