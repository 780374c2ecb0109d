/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_RX_LOOP_H
#define RX_RX_LOOP_H

/**
 * @file
 * The hot loop: poll, count, free. It makes no syscall, takes no lock and logs
 * nothing; with one lcore in all, the caller's tick runs in it.
 *
 * Each counter has one writer, the lcore that polls the queue, and is read by the
 * main lcore while it runs: relaxed loads and stores, which order nothing and need
 * not, as the figures stand alone. They are exact once the lcores have been joined.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

#include "hold.h"
#include "labyrinth_base.h"
#include "labyrinth_clock.h"
#include "labyrinth_histogram.h"
#include "labyrinth_seq_check.h"
#include "options.h"

/** Written at each poll; alone in its cache line. */
struct rx_counters {
	_Alignas(LABYRINTH_CACHE_LINE) _Atomic uint64_t packets;
	_Atomic uint64_t bytes;    /**< in mbufs, no FCS */
	_Atomic uint64_t bursts;   /**< polls that brought frames */
	_Atomic uint64_t cycles;   /**< TSC ticks of busy polls, their frees included */
	_Atomic uint64_t free_polls; /**< polls that brought none, but freed some that fell due */
	_Atomic uint64_t idle_polls; /**< polls that brought nothing to do; others are busy */
	_Atomic uint64_t idle_cycles;
};

/** One rx queue, polled by one lcore. */
struct rx_queue {
	struct rx_counters counters;
	_Alignas(LABYRINTH_CACHE_LINE) struct rte_mempool *pool;
	/** Any of these in ol_flags, and an mbuf has to be freed the long way. */
	uint64_t long_way;
	bool by_request;       /**< hold, verify or latency */
	struct rx_hold *hold;  /**< NULL: frames are freed at once */
	struct labyrinth_seq_check *verify;  /**< NULL: numbers are not looked at */
	/** From arrival to release in ns, NULL: stamps are not looked at. */
	struct labyrinth_histogram *latency;
	uint16_t port;
	uint16_t queue;
	unsigned int lcore;
	/** Bursts by their size, written as counters are. */
	_Atomic uint64_t burst_size[RX_BURST_MAX + 1];
};

/** What all lcores share; written at the start and once at the end. */
struct rx_control {
	uint64_t packets_max;  /**< 0: no limit */
	struct labyrinth_clock clock;  /**< of the stamps of a simulated wire */
	uint16_t burst;        /**< 1 … RX_BURST_MAX */
	/** Frames delivered in all, kept only when there is a limit. */
	_Alignas(LABYRINTH_CACHE_LINE) _Atomic uint64_t delivered;
	/** Set by a signal handler, by the main lcore, or by who reaches the limit. */
	_Alignas(LABYRINTH_CACHE_LINE) atomic_bool stop;
};

/**
 * Called when the TSC reaches tick_at, in the loop.
 *
 * @return when to be called next, in ticks of the TSC
 */
typedef uint64_t rx_tick(void *opaque, uint64_t now);

/** The work of one lcore. */
struct rx_lcore {
	unsigned int id;
	uint16_t nb_queues;
	struct rx_queue **queues;
	struct rx_control *control;
	uint64_t tick_at;  /**< UINT64_MAX: never */
	rx_tick *tick;
	void *tick_arg;
};

/** Set what @p queue may free in one go, from its pool; @p foreign: nothing. */
void
rx_queue_init(struct rx_queue *queue, struct rte_mempool *pool, bool foreign);

/**
 * Poll @p queue once for up to @p n frames, 1 to RX_BURST_MAX, and count them as delivered;
 * the caller owns them. For what is not the loop, but on the lcore of the queue.
 *
 * @return frames
 */
uint16_t
rx_queue_receive(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n);

/** Poll until control->stop. For rte_eal_remote_launch(). @return 0 */
int
rx_loop(void *lcore);

#endif /* RX_RX_LOOP_H */
