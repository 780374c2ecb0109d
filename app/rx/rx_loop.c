/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "frames.h"
#include "labyrinth_frame.h"
#include "mode.h"
#include "rx_loop.h"
#include "rx_sleep.h"

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

	queue->pinned = pinned;
	queue->long_way = RTE_MBUF_F_INDIRECT | (pinned ? 0 : RTE_MBUF_F_EXTERNAL);
	queue->pool = foreign ? NULL : pool;
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

static void
verify(struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		labyrinth_seq_check_data(
			q->verify, rte_pktmbuf_mtod(mbufs[i], const void *));
}

void
rx_queue_note_latency(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n)
{
	uint64_t now = labyrinth_clock_ns(&queue->control->clock, rte_rdtsc());
	struct labyrinth_frame frame;

	for (uint16_t i = 0; i < n; i++) {
		labyrinth_frame_read(rte_pktmbuf_mtod(mbufs[i], const void *), &frame);
		labyrinth_histogram_add(
			queue->latency, labyrinth_frame_age(frame.stamp, now));
	}
}

static inline void
count_burst(struct rx_queue *q, uint16_t n)
{
	rx_count(&q->counters.packets, n);
	rx_count(&q->counters.bursts, 1);
	rx_count(&q->burst_size[n], 1);
}

static inline uint16_t
receive(struct rx_queue *q, struct rte_mbuf **mbufs, uint16_t n)
{
	if (likely(q->source == RX_FROM_PORT))
		return rte_eth_rx_burst(q->port, q->queue, mbufs, n);
	if (q->source == RX_FROM_RING)
		return (uint16_t)rte_ring_sc_dequeue_burst(
			q->ring, (void **)mbufs, n, NULL);
	return 0;
}

/* A poll brought nothing. Returns whether the mode found work to do nevertheless. */
static inline bool
idle(struct rx_queue *q, uint64_t now)
{
	uint32_t n = q->mode->idle == NULL ? 0 : q->mode->idle(q, now);

	rx_count(n != 0 ? &q->counters.free_polls : &q->counters.idle_polls, 1);
	return n != 0;
}

/* One poll at TSC now. Returns whether there was anything to do. */
static inline bool
poll_queue(struct rx_queue *q, struct rx_control *control, uint64_t now)
{
	struct rte_mbuf *mbufs[RX_BURST_MAX];
	uint16_t n = receive(q, mbufs, allowance(control));

	if (n == 0)
		return idle(q, now);
	if (unlikely(q->verify != NULL))
		verify(q, mbufs, n);
	rx_count(&q->counters.bytes, q->mode->burst(q, mbufs, n, now));
	count_burst(q, n);
	if (likely(q->source == RX_FROM_PORT && !q->mode->makes))
		rx_count_limited(control, n);
	return true;
}

uint16_t
rx_queue_receive(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n)
{
	n = rte_eth_rx_burst(queue->port, queue->queue, mbufs, n);
	if (n == 0)
		return 0;
	if (queue->verify != NULL)
		verify(queue, mbufs, n);
	rx_count(&queue->counters.bytes, rx_bytes(mbufs, n));
	count_burst(queue, n);
	return n;
}

/* One loop, made twice: without @p sleep the compiler leaves out what is about that. */
static __rte_always_inline int
loop(struct rx_lcore *self, struct rx_sleep *sleep)
{
	struct rx_control *control = self->control;
	uint64_t before = rte_rdtsc();

	/* relaxed: stop carries no data with it, the join at the end orders the rest */
	while (!atomic_load_explicit(&control->stop, memory_order_relaxed)) {
		bool any = false;

		for (uint16_t i = 0; i < self->nb_queues; i++) {
			struct rx_queue *q = self->queues[i];
			bool worked = poll_queue(q, control, before);
			uint64_t now = rte_rdtsc();

			/* One reading a poll: the end of one is the start of the next. */
			rx_count(worked ? &q->counters.cycles : &q->counters.idle_cycles,
				now - before);
			before = now;
			any |= worked;
		}
		if (unlikely(before >= self->tick_at))
			self->tick_at = self->tick(self->tick_arg, before);
		if (sleep != NULL)
			before = rx_sleep_round(sleep, before, any);
	}
	return 0;
}

int
rx_loop(void *lcore)
{
	return loop(lcore, NULL);
}

int
rx_loop_sleeping(void *lcore)
{
	struct rx_lcore *self = lcore;

	return loop(self, self->sleep);
}
