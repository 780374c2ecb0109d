/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_RX_LOOP_H
#define RX_RX_LOOP_H

/**
 * @file
 * The hot loop: poll, count, let the forward mode do its work (mode.h). It makes no
 * syscall, takes no lock and logs nothing; with one lcore in all, the caller's tick runs
 * in it.
 *
 * Each counter has one writer, the lcore that polls the queue, and is read by the
 * main lcore while it runs: relaxed loads and stores, which order nothing and need
 * not, as the figures stand alone. They are exact once the lcores have been joined.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "hold.h"
#include "labyrinth_base.h"
#include "labyrinth_clock.h"
#include "labyrinth_histogram.h"
#include "labyrinth_seq_check.h"
#include "options.h"

struct rx_control;
struct rx_mode;
struct rx_sleep;

/** Written at each poll; alone in its cache line. */
struct rx_counters {
	_Alignas(LABYRINTH_CACHE_LINE) _Atomic uint64_t packets;
	_Atomic uint64_t bytes;    /**< in mbufs, no FCS */
	_Atomic uint64_t bursts;   /**< polls that brought frames */
	_Atomic uint64_t cycles;   /**< TSC ticks of busy polls, and of what the mode did */
	/** Polls that brought none, but the mode had work: freed what fell due, sent. */
	_Atomic uint64_t free_polls;
	_Atomic uint64_t idle_polls; /**< polls that brought nothing to do; others are busy */
	_Atomic uint64_t idle_cycles;
};

/** What became of frames that were to go on; alone in its cache line. */
struct rx_sent {
	_Alignas(LABYRINTH_CACHE_LINE) _Atomic uint64_t packets;  /**< taken by the PMD */
	_Atomic uint64_t bytes;      /**< of those, in mbufs, no FCS */
	_Atomic uint64_t tx_full;    /**< received, not taken by the PMD, freed */
	_Atomic uint64_t ring_full;  /**< received, no room in the ring, freed */
	_Atomic uint64_t made;       /**< not received but made here, and given to the PMD */
	_Atomic uint64_t unsent;     /**< of those, not taken by the PMD, freed */
	_Atomic uint64_t starved;    /**< bursts not made for want of mbufs: attempts */
};

/** Where a queue's frames go on to. Its lcore alone uses that tx queue. */
struct rx_way {
	uint16_t port;
	uint16_t queue;
	struct rte_ether_addr own;   /**< of that port */
	struct rte_ether_addr peer;  /**< of who is at the other end */
};

/** Where a queue's frames come from. */
enum rx_source {
	RX_FROM_PORT,
	RX_FROM_RING,  /**< of the lcore that received them */
	RX_FROM_NONE,  /**< the mode does not receive */
};

/** One rx queue, or a ring behind it, polled by one lcore. */
struct rx_queue {
	struct rx_counters counters;
	struct rx_sent sent;
	_Alignas(LABYRINTH_CACHE_LINE) const struct rx_mode *mode;
	void *state;           /**< of the mode */
	struct rx_hold *hold;  /**< of modes that keep frames, else NULL */
	struct rte_mempool *pool;
	bool pinned;           /**< its mbufs have buffers that stay with them */
	/** Any of these in ol_flags, and an mbuf has to be freed the long way. */
	uint64_t long_way;
	struct labyrinth_seq_check *verify;  /**< NULL: numbers are not looked at */
	/** From arrival to release in ns, NULL: stamps are not looked at. */
	struct labyrinth_histogram *latency;
	struct rte_ring *ring;
	/** What stood in sent when the present mode began. */
	uint64_t packets_before, bytes_before;
	struct rx_control *control;
	enum rx_source source;
	uint16_t port;
	uint16_t queue;
	unsigned int lcore;
	struct rx_way tx;
	/** Bursts by their size, written as counters are. */
	_Atomic uint64_t burst_size[RX_BURST_MAX + 1];
	/** Frames that found no room in the ring, written by the one lcore that fills it. */
	_Alignas(LABYRINTH_CACHE_LINE) _Atomic uint64_t overflow;
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
	struct rx_sleep *sleep;  /**< NULL: it never sleeps */
};

/** Set what @p queue may free in one go, from its pool; @p foreign: nothing. */
void
rx_queue_init(struct rx_queue *queue, struct rte_mempool *pool, bool foreign);

/** How long after their arrival @p n frames leave this program, into queue->latency. */
void
rx_queue_note_latency(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n);

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

/** The same of an lcore that sleeps between, see rx_sleep.h. */
int
rx_loop_sleeping(void *lcore);

#endif /* RX_RX_LOOP_H */
