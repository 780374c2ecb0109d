/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

#include "absorb.h"
#include "labyrinth_clock.h"
#include "labyrinth_frame.h"
#include "labyrinth_wire.h"
#include "options.h"

/** Before a round frames are freed for so long: what stood in the rings is old. */
#define DRAIN_NS 10000000u
/** So long without a frame, and there are no pages; nor is a later frame the next one. */
#define SILENCE_NS 20000000u
#define JUMP_NS    (SILENCE_NS / 2)
/** And so many polls after: a loop that stood still for a while heard nothing either. */
#define SILENT_POLLS 100u

/** What a queue saw in a round. Times in ns, as the stamps have them. */
struct queue_round {
	struct rx_queue *queue;
	struct rx_hold *hold;
	uint64_t first;        /**< arrival of the first frame kept */
	uint64_t last;         /**< of the last one before a loss */
	uint64_t fresh;        /**< of the first one after */
	uint64_t frames;       /**< from first to last */
	bool lost;
	/** Frames are missing before: the loop did not keep up, whatever the pool had. */
	bool gap;
	uint32_t flows;
	uint64_t *expected;    /**< number of each flow, UNSEEN before its first frame */
};

#define UNSEEN UINT64_MAX

/** The work of an lcore in a round. */
struct lcore_round {
	struct labyrinth_clock clock;
	struct rx_control *control;
	struct queue_round *queues;
	uint16_t nb_queues;
	uint64_t released;     /**< when it freed what it had kept */
	_Atomic uint32_t *silent;  /**< lcores that receive nothing any more */
	uint32_t nb_lcores;
};

static uint64_t
now_ns(const struct lcore_round *l)
{
	return labyrinth_clock_ns(&l->clock, rte_rdtsc());
}

static bool
stopped(const struct lcore_round *l)
{
	/* relaxed: the flag alone, see rx_loop.h */
	return atomic_load_explicit(&l->control->stop, memory_order_relaxed);
}

static void
note_number(struct queue_round *q, const struct labyrinth_frame *frame)
{
	uint64_t *expected = &q->expected[frame->flow % q->flows];

	q->gap |= *expected != UNSEEN && *expected != frame->sequence;
	*expected = (uint32_t)(frame->sequence + 1);
}

/* Is it the next frame, or, when pages had run dry, the first one after a loss? */
static void
note(struct queue_round *q, const struct rte_mbuf *m, uint64_t now, bool dry)
{
	struct labyrinth_frame frame;
	uint64_t at;

	if (q->lost)
		return;
	labyrinth_frame_read(rte_pktmbuf_mtod(m, const void *), &frame);
	at = labyrinth_frame_arrival(frame.stamp, now);
	if (dry && q->frames != 0 && at - q->last > JUMP_NS) {
		q->lost = true;
		q->fresh = at;
		return;
	}
	if (q->frames++ == 0)
		q->first = at;
	q->last = at;
	note_number(q, &frame);
}

static uint16_t
poll_queue(const struct lcore_round *l, struct queue_round *q, struct rte_mbuf **mbufs)
{
	return rx_queue_receive(q->queue, mbufs, l->control->burst);
}

static void
drain(struct lcore_round *l)
{
	uint64_t end = now_ns(l) + DRAIN_NS;
	struct rte_mbuf *mbufs[RX_BURST_MAX];

	while (now_ns(l) < end && !stopped(l)) {
		for (uint16_t i = 0; i < l->nb_queues; i++)
			rte_pktmbuf_free_bulk(mbufs, poll_queue(l, &l->queues[i], mbufs));
	}
}

/* Keep all until no page is left. */
static void
keep_all(struct lcore_round *l)
{
	struct rte_mbuf *mbufs[RX_BURST_MAX];
	uint64_t now = now_ns(l), heard = now;
	uint32_t polls = 0;

	while (polls < SILENT_POLLS && !stopped(l)) {
		polls = now - heard < SILENCE_NS ? 0 : polls + 1;
		for (uint16_t i = 0; i < l->nb_queues; i++) {
			struct queue_round *q = &l->queues[i];
			uint16_t n = poll_queue(l, q, mbufs);

			now = now_ns(l);
			for (uint16_t k = 0; k < n; k++)
				note(q, mbufs[k], now, false);
			if (n == 0)
				continue;
			rx_hold_push(q->hold, mbufs, n, 0);
			heard = now;
		}
	}
}

/* Pages that one lcore freed would let the others receive again. */
static void
wait_for_all(struct lcore_round *l)
{
	/* relaxed: nothing but the number */
	atomic_fetch_add_explicit(l->silent, 1, memory_order_relaxed);
	while (atomic_load_explicit(l->silent, memory_order_relaxed) < l->nb_lcores &&
		!stopped(l))
		rte_pause();
}

static void
free_all(struct lcore_round *l)
{
	struct rte_mbuf **mbufs;
	uint16_t n;

	l->released = now_ns(l);
	for (uint16_t i = 0; i < l->nb_queues; i++) {
		struct rx_hold *hold = l->queues[i].hold;

		hold->limits.ticks = 0;
		while ((n = rx_hold_take_due(hold, 0, &mbufs)) != 0)
			rte_pktmbuf_free_bulk(mbufs, n);
		hold->limits.ticks = UINT64_MAX;
	}
}

/* Receive on, until each queue has seen a frame after the loss. */
static void
recover(struct lcore_round *l)
{
	struct rte_mbuf *mbufs[RX_BURST_MAX];
	uint64_t now = now_ns(l), end = now + SILENCE_NS;
	uint32_t polls = 0;
	bool all = false;

	while (!all && (now < end || polls++ < SILENT_POLLS) && !stopped(l)) {
		all = true;
		for (uint16_t i = 0; i < l->nb_queues; i++) {
			struct queue_round *q = &l->queues[i];
			uint16_t n = poll_queue(l, q, mbufs);

			now = now_ns(l);
			for (uint16_t k = 0; k < n; k++)
				note(q, mbufs[k], now, true);
			rte_pktmbuf_free_bulk(mbufs, n);
			all &= q->lost;
		}
	}
}

static int
run_lcore(void *arg)
{
	struct lcore_round *l = arg;

	drain(l);
	keep_all(l);
	wait_for_all(l);
	free_all(l);
	recover(l);
	return 0;
}

/** What all queues saw in a round. */
struct outcome {
	double us, recovery_us;
	uint64_t frames;
	bool gap;
};

static bool
sum_up(const struct lcore_round *lcores, uint32_t nb_lcores, struct outcome *outcome)
{
	uint64_t first = UINT64_MAX, last = 0, late = 0;
	bool lost = true;

	*outcome = (struct outcome){ 0 };
	for (uint32_t i = 0; i < nb_lcores; i++) {
		const struct lcore_round *l = &lcores[i];

		for (uint16_t k = 0; k < l->nb_queues; k++) {
			const struct queue_round *q = &l->queues[k];

			if (q->frames == 0)
				continue; /* no flow of the wire goes there */
			lost &= q->lost;
			first = RTE_MIN(first, q->first);
			last = RTE_MAX(last, q->last);
			outcome->frames += q->frames;
			outcome->gap |= q->gap;
			if (q->fresh > l->released)
				late = RTE_MAX(late, q->fresh - l->released);
		}
	}
	outcome->us = (double)(last - first) / 1e3;
	outcome->recovery_us = (double)late / 1e3;
	return lost && outcome->frames > 1;
}

static void
run_round(struct rx_plan *plan, struct lcore_round *lcores)
{
	if (plan->on_main) {
		run_lcore(&lcores[0]);
		return;
	}
	for (uint32_t i = 0; i < plan->nb_lcores; i++)
		rte_eal_remote_launch(run_lcore, &lcores[i], plan->lcores[i].id);
	rte_eal_mp_wait_lcore();
}

static void
reset_round(struct lcore_round *l)
{
	for (uint16_t i = 0; i < l->nb_queues; i++) {
		struct queue_round *q = &l->queues[i];

		*q = (struct queue_round){ .queue = q->queue, .hold = q->hold,
			.flows = q->flows, .expected = q->expected };
		for (uint32_t flow = 0; flow < q->flows; flow++)
			q->expected[flow] = UNSEEN;
	}
}

/* Rounds in which the loop kept up come first. */
static int
by_time(const void *a, const void *b)
{
	const struct outcome *x = a, *y = b;

	if (x->gap != y->gap)
		return x->gap - y->gap;
	return (x->us > y->us) - (x->us < y->us);
}

static int
by_recovery(const void *a, const void *b)
{
	const struct outcome *x = a, *y = b;

	return (x->recovery_us > y->recovery_us) - (x->recovery_us < y->recovery_us);
}

static void
measure(struct rx_absorb *absorb, struct rx_plan *plan, struct lcore_round *lcores)
{
	struct outcome outcome[RX_ABSORB_ROUNDS];
	unsigned int kept_up = 0;

	for (unsigned int round = 0; round < RX_ABSORB_ROUNDS; round++) {
		_Atomic uint32_t silent = 0;

		for (uint32_t i = 0; i < plan->nb_lcores; i++) {
			reset_round(&lcores[i]);
			lcores[i].silent = &silent;
			lcores[i].nb_lcores = plan->nb_lcores;
		}
		run_round(plan, lcores);
		if (!sum_up(lcores, plan->nb_lcores, &outcome[round]))
			return; /* nothing was lost: a wire with pauses, or stopped */
		kept_up += !outcome[round].gap;
	}
	absorb->kept_up = kept_up;
	if (kept_up == 0)
		kept_up = RX_ABSORB_ROUNDS;
	qsort(outcome, RX_ABSORB_ROUNDS, sizeof(outcome[0]), by_time);
	absorb->measured_us = outcome[kept_up / 2].us;
	absorb->measured_frames = outcome[kept_up / 2].frames;
	qsort(outcome, RX_ABSORB_ROUNDS, sizeof(outcome[0]), by_recovery);
	absorb->recovery_us = outcome[RX_ABSORB_ROUNDS / 2].recovery_us;
	absorb->measured = true;
}

static uint32_t
flows_of(const struct rx_port *ports, uint16_t id)
{
	while (ports->id != id)
		ports++;
	return ports->flows;
}

/* One lcore's share of @p queues, and room to keep all that they may bring. */
static enum rx_exit
prepare(struct lcore_round *l, struct queue_round *queues, struct rx_lcore *lcore,
	const struct rx_port *ports, struct labyrinth_error *error)
{
	const struct rx_hold_limits never = { .ticks = UINT64_MAX, .packets = UINT32_MAX };
	enum rx_exit ret = RX_OK;

	labyrinth_clock_init(&l->clock, rte_get_tsc_hz());
	l->control = lcore->control;
	l->queues = queues;
	l->nb_queues = lcore->nb_queues;
	for (uint16_t i = 0; i < l->nb_queues && ret == RX_OK; i++) {
		struct queue_round *q = &queues[i];

		q->queue = lcore->queues[i];
		q->flows = flows_of(ports, q->queue->port);
		q->expected = malloc(q->flows * sizeof(*q->expected));
		ret = rx_hold_create(&never, ports[0].pool->size, &q->hold, error);
		if (ret == RX_OK && q->expected == NULL)
			ret = labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	}
	return ret;
}

enum rx_exit
rx_absorb_measure(struct rx_absorb *absorb, struct rx_plan *plan,
	const struct rx_port *ports, uint16_t nb_ports, struct labyrinth_error *error)
{
	struct lcore_round *lcores = calloc(plan->nb_lcores, sizeof(*lcores));
	struct queue_round *queues = calloc(plan->nb_queues, sizeof(*queues));
	struct queue_round *next = queues;
	enum rx_exit ret = rx_ports_are_wires(ports, nb_ports, "--absorb", error);

	if (ret == RX_OK && (lcores == NULL || queues == NULL))
		ret = labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	for (uint32_t i = 0; i < plan->nb_lcores && ret == RX_OK; i++) {
		ret = prepare(&lcores[i], next, &plan->lcores[i], ports, error);
		next += plan->lcores[i].nb_queues;
	}
	if (ret == RX_OK)
		measure(absorb, plan, lcores);
	for (uint32_t i = 0; queues != NULL && i < plan->nb_queues; i++) {
		rx_hold_destroy(queues[i].hold);
		free(queues[i].expected);
	}
	free(queues);
	free(lcores);
	return ret;
}

/*
 * Descriptors whose buffers no frame can keep when there are no others: all but those of
 * a card that leaves frames in them.
 */
static uint32_t
posted(const struct rx_port *ports, uint16_t nb_ports)
{
	uint32_t n = 0;

	for (uint16_t i = 0; i < nb_ports; i++) {
		if (ports[i].driver->posts_mbufs && ports[i].drops)
			n += (uint32_t)ports[i].nb_rxq * ports[i].nb_rxd;
	}
	return n;
}

static double
line_rate(const struct rx_port *ports, uint16_t nb_ports, uint32_t frame_size)
{
	double rate = 0;

	for (uint16_t i = 0; i < nb_ports; i++)
		rate += labyrinth_wire_line_rate(ports[i].link_mbps * 1e6, frame_size);
	return rate;
}

void
rx_absorb_compute(struct rx_absorb *absorb, const struct rx_plan *plan,
	const struct rx_port *ports, uint16_t nb_ports, const struct rte_mempool *pool)
{
	struct rx_totals t = rx_plan_totals(plan, -1);
	struct rte_mempool *mp = (struct rte_mempool *)(uintptr_t)pool;
	uint32_t room = rte_pktmbuf_data_room_size(mp) - RTE_PKTMBUF_HEADROOM;
	uint32_t length, taken = posted(ports, nb_ports);

	if (t.packets == 0)
		return;
	for (uint16_t i = 0; i < nb_ports; i++) {
		if (ports[i].link_mbps == 0)
			return;
	}
	length = (uint32_t)((t.bytes + t.packets / 2) / t.packets);
	absorb->computed = true;
	absorb->frame_size = length + LABYRINTH_WIRE_FCS;
	absorb->pages = pool->size > taken ? pool->size - taken : 0;
	absorb->line_rate = line_rate(ports, nb_ports, absorb->frame_size);
	absorb->computed_us = (double)absorb->pages / ((length + room - 1) / room) /
			      absorb->line_rate * 1e6;
}
