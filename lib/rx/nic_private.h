/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_NIC_PRIVATE_H
#define LAB_NIC_PRIVATE_H

/**
 * @file
 * The card from the inside: the descriptor ring between device and driver.
 *
 *   posted[]  written by the driver: a buffer for a frame to come
 *   done[]    written by the device: what is in that buffer now
 *
 * Descriptor i stands in both at i mod size. The device counts how many it has done
 * (head), the driver how many it has posted again (consumed); in the ring at all times
 * are size buffers, those from consumed to head with frames, the others waiting.
 *
 * MEMORY ORDER
 *
 *   done: the device writes the data, then the status word (release), whose phase bit
 *   turns with each lap of the ring. The driver reads that word (acquire); if the phase
 *   is that of the lap, the frame's data is there.
 *   posted: the driver writes new buffers, then consumed (release), once a burst. The
 *   device reads consumed (acquire) before it uses them; so the driver's reads of the
 *   descriptors, too, are over before the device writes them again.
 *
 * One thread is the device of a queue, one its driver; inline they are the same.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "header.h"
#include "labyrinth_nic.h"
#include "labyrinth_probe.h"
#include "wire.h"

/** struct lab_status, as one word. */
typedef _Atomic uint64_t lab_done;

/** A counter with one writer. relaxed: readers want no order, only no tear. */
typedef _Atomic uint64_t lab_counter;

static inline uint64_t
lab_counter_read(const lab_counter *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static inline void
lab_counter_add(lab_counter *counter, uint64_t n)
{
	atomic_store_explicit(counter, lab_counter_read(counter) + n,
		memory_order_relaxed);
}

/** Count @p n frames lost for @p reason, and tell whoever traces it. */
static inline void
lab_drop(lab_counter *counter, enum labyrinth_reason reason, uint64_t n)
{
	lab_counter_add(counter, n);
	LABYRINTH_PROBE2(drop, reason, n);
}

/** What the device alone writes. */
struct lab_device {
	uint64_t head;            /**< descriptors done, ever */
	struct lab_cursor cursor; /**< in the wire's frames of this queue */
	uint64_t seen;            /**< the wire's time up to which all is done */
	uint64_t sending;         /**< the same in sending time */
	uint64_t fault_at;        /**< sending time of the next faulty frame, or never */
	enum labyrinth_fault fault;
	uint64_t sent_before;     /**< frames of lists that were in use before this one */
	lab_counter sent;         /**< frames of the wire, as the cursor says */
	lab_counter written;      /**< frames */
	lab_counter lost[LABYRINTH_REASON_COUNT];
	lab_counter fault_seen[LABYRINTH_FAULT_COUNT];
};

/** What the driver alone writes. */
struct lab_driver {
	uint64_t next;  /**< descriptor to look at next */
	lab_counter delivered, bytes, no_page, stopped;
	lab_counter alloc_fail, polls, empty_polls;
};

struct lab_batch;
typedef void (*lab_write_fn)(const struct labyrinth_rxq *q, struct lab_batch *batch);

struct labyrinth_rxq {
	/* set up at rest, then read by both */
	struct labyrinth_nic *nic;
	struct labyrinth_buffer *posted;
	lab_done *done;
	uint32_t size;               /**< a power of two */
	uint32_t room;               /**< of a buffer, in whole lines */
	bool inline_device;
	bool single;                 /**< no frame takes two buffers */
	bool lines;                  /**< nor is more than a line of any written */
	lab_write_fn write;
	/** relaxed: what a poll does with its frames hangs on nothing else. */
	_Atomic enum labyrinth_rx_policy policy;
	struct labyrinth_source source;
	struct lab_list list;
	uint16_t number;

	_Alignas(LABYRINTH_CACHE_LINE) struct lab_driver driver;
	/** Descriptors posted again, ever: see above. */
	_Alignas(LABYRINTH_CACHE_LINE) _Atomic uint64_t consumed;
	_Alignas(LABYRINTH_CACHE_LINE) struct lab_device device;
};

struct labyrinth_txq {
	struct labyrinth_nic *nic;
	uint64_t *out_at;      /**< when each frame in the ring will be out, wire time */
	uint32_t size;
	uint64_t head, tail;   /**< accepted and out, ever */
	uint64_t ps_per_byte;  /**< times 2^LAB_TX_BITS */
	uint64_t last_out;
	lab_counter frames, bytes, full;
};

/** By hand: the link is down, the device does nothing. Flags of hold. */
enum lab_hold {
	LAB_HOLD_LINK = 1,
	LAB_HOLD_STALLED = 2,
};

/** Of a labyrinth_window, in ps. */
struct lab_window {
	uint64_t every, from;  /**< lasts from there to the end of every; 0: never */
};

struct labyrinth_nic {
	_Alignas(LABYRINTH_CACHE_LINE) struct labyrinth_nic_config config;
	struct labyrinth_rss rss;
	struct lab_clock clock;
	struct lab_wire wire;
	struct lab_headers headers;
	struct lab_window link_down, stalled;
	/** Stamp of wire time 0, as if the card had been started ever since. */
	uint64_t origin_ns;
	uint64_t end_ps;        /**< sending time of the last frame, or never */
	bool faulty;            /**< some fault is asked for */
	uint32_t rxqs, txqs;
	struct labyrinth_rxq *rxq;
	struct labyrinth_txq *txq;
	_Atomic uint32_t hold;  /**< flags of enum lab_hold */
	bool started;
	bool threaded;          /**< the device's thread runs */
	_Atomic bool end_thread;
	pthread_t thread;
};

/** The phase bit in a status word. */
#define LAB_PHASE ((uint64_t)LABYRINTH_SEG_PHASE << 16)

/** What it is when descriptor @p pos is done: 1 in the first lap, 0 in the second … */
static inline uint64_t
lab_phase(const struct labyrinth_rxq *q, uint64_t pos)
{
	return (pos & q->size) != 0 ? 0 : LAB_PHASE;
}

/** Is descriptor @p pos done? acquire: see above. */
static inline bool
lab_is_done(const struct labyrinth_rxq *q, uint64_t pos)
{
	uint64_t status = atomic_load_explicit(
		&q->done[pos & (q->size - 1)], memory_order_acquire);

	return ((status ^ lab_phase(q, pos)) & LAB_PHASE) == 0;
}

/** Frames that are in the ring: the device's count less all the driver's. */
static inline uint64_t
lab_in_ring(const struct labyrinth_rxq *q)
{
	/* what is done with them first: a frame done and written meanwhile counts less */
	uint64_t out = lab_counter_read(&q->driver.delivered) +
		lab_counter_read(&q->driver.no_page) +
		lab_counter_read(&q->driver.stopped);

	return lab_counter_read(&q->device.written) - out;
}

/**
 * Do what the device of @p q has to do up to wire time @p now: frames that arrived are
 * written into posted buffers, or lost and counted.
 *
 * Called by the thread that is the device of @p q.
 */
void
lab_device_run(struct labyrinth_rxq *q, uint64_t now);

/** Set the device to where the wire is, at rest: after start, or with a new list. */
void
lab_device_seek(struct labyrinth_rxq *q, uint64_t now);

/** Start and end the device's thread. @return 0 or -errno */
int
lab_device_thread_start(struct labyrinth_nic *nic, struct labyrinth_error *error);
void
lab_device_thread_stop(struct labyrinth_nic *nic);

/**
 * Is the card in a window or on hold at wire time @p t? @p until receives when that
 * may change (by time).
 *
 * @return LABYRINTH_REASON_LINK_DOWN, _STALLED, or _COUNT for no
 */
enum labyrinth_reason
lab_condition(const struct labyrinth_nic *nic, uint64_t t, uint64_t *until);

/** @return 0; -EBUSY the card is started, and @p error says so */
int
lab_check_stopped(const struct labyrinth_nic *nic, struct labyrinth_error *error);

/** Free all queues with their rings. */
void
lab_free_queues(struct labyrinth_nic *nic);

/**
 * Fill the ring of @p q from its source.
 *
 * @return 0; -ENOMEM with @p got how many there were, all given back
 */
int
lab_rxq_fill(struct labyrinth_rxq *q, uint32_t *got);

/** Count the frames that are left as stopped and give all buffers back. */
void
lab_rxq_drain(struct labyrinth_rxq *q);

/** Fractional bits of ps_per_byte. */
#define LAB_TX_BITS 16

/** Set the pace of a tx queue. */
void
lab_txq_start(struct labyrinth_txq *q);

#endif /* LAB_NIC_PRIVATE_H */
