/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_NIC_H
#define LABYRINTH_NIC_H

/**
 * @file
 * A simulated 100 Gb/s Ethernet card and the wire that ends in it: it delivers frames
 * at their time, whether or not the driver is ready. No DPDK; the ethdev over it is
 * drivers/net/labyrinth.
 *
 *     wire ──▶ RSS ──▶ device ──▶ descriptor ring ──▶ driver (policy) ──▶ application
 *      │                 │              │                   │
 *     lost: link_down   stalled       imissed          drop_no_page
 *           bad_fcs, truncated, oversize
 *
 * THE WIRE
 *
 *   Frame n (0, 1, …) is a pure function of the configuration: its flow n mod flows, its
 *   number in the flow n / flows, its size, its arrival. Nothing but the clock drives
 *   it: a driver that comes late finds the frames that had room in its ring, and the
 *   others counted as imissed; their numbers are used up, so the receiver sees the gap.
 *   Time is kept in picoseconds: 64 bytes at 100 Gb/s take 6,720, exactly.
 *
 * WHO PLAYS THE DEVICE
 *
 *   Inline: the thread that polls a queue first does what the device would have done for
 *   that queue since the last poll. One core, no cache line moves between cores; but the
 *   core pays for the device's writes, which a real card does by DMA: about as much as a
 *   store of one cache line and of a descriptor a frame, and the rest of larger frames.
 *   Thread: a thread of its own, and the rings are shared as with a card.
 *   Driven: whoever calls labyrinth_nic_device_poll(), such as an lcore or a test.
 *
 * WRITES
 *
 *   The device writes whole cache lines from the start of a buffer's data, so up to 63
 *   bytes after a frame's end are overwritten too, within the buffer's room.
 *
 * THREADS
 *
 *   Set-up calls: one thread at a time, with the card stopped where they say so.
 *   labyrinth_rx_burst() and labyrinth_tx_burst(): one thread at a time a queue, only
 *   while the card is started. Statistics, link and clock: any thread, at any time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_base.h"
#include "labyrinth_clock.h"
#include "labyrinth_frame.h"
#include "labyrinth_ledger.h"
#include "labyrinth_source.h"
#include "labyrinth_toeplitz.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Ranges of the configuration; what is beyond is refused with the range in the text. */
#define LABYRINTH_RATE_MIN          0.001   /**< Gb/s */
#define LABYRINTH_RATE_MAX          1000.0
#define LABYRINTH_MIX_MAX           16u     /**< sizes of a mix */
#define LABYRINTH_SHARE_MAX         256u    /**< sum of the shares of a mix */
#define LABYRINTH_MTU_MIN           46u     /**< bytes after the Ethernet header */
#define LABYRINTH_MTU_MAX           (LABYRINTH_FRAME_MAX - LABYRINTH_MTU_OVERHEAD)
#define LABYRINTH_MTU_DEFAULT       1500u
#define LABYRINTH_MTU_OVERHEAD      18u     /**< Ethernet header and FCS */
#define LABYRINTH_JITTER_NS_MAX     1000000u
#define LABYRINTH_WINDOW_US_MAX     60000000u
#define LABYRINTH_WAIT_US_MAX       1000000u
#define LABYRINTH_FAULT_EVERY_MIN   2u
#define LABYRINTH_FAULT_EVERY_MAX   1000000000u
#define LABYRINTH_NIC_QUEUES_MAX    64u
#define LABYRINTH_NIC_RING_MIN      32u     /**< descriptors, a power of two */
#define LABYRINTH_NIC_RING_MAX      32768u
#define LABYRINTH_NIC_RING_DEFAULT  1024u
/** Speed that the link reports, in Mb/s; a higher rate reports itself. */
#define LABYRINTH_NIC_LINK_MBPS     100000u

/** Who plays the device, see above. */
enum labyrinth_nic_mode {
	LABYRINTH_NIC_INLINE,
	LABYRINTH_NIC_THREAD,
	LABYRINTH_NIC_DRIVEN,
};

/**
 * What the driver does with a frame whose buffer it cannot replace. The card's ring
 * holds a buffer in every place at all times; what differs is for how long that of the
 * frame is not the card's.
 */
enum labyrinth_rx_policy {
	/** Drop the frame, count drop_no_page, post its buffer again at once: the ring
	 * stays full, the card never starves (Linux tg3, bnxt_en). */
	LABYRINTH_RX_DROP,
	/** Leave the frame in its descriptor and come back later: the ring drains, the
	 * card drops, imissed (most PMDs of DPDK). */
	LABYRINTH_RX_STALL,
	/** Try again for up to wait_us, then as stall. */
	LABYRINTH_RX_WAIT,
};

/** X(identifier, "name", "sentence"): faults on request, one of every N frames. */
#define LABYRINTH_FAULTS(X)                                                              \
	X(BAD_IP_CHECKSUM, "bad_ip_checksum", "delivered and marked")                    \
	X(BAD_UDP_CHECKSUM, "bad_udp_checksum", "delivered and marked")                  \
	X(BAD_FCS, "bad_fcs", "lost in the MAC")                                         \
	X(TRUNCATED, "truncated", "lost in the MAC")                                     \
	X(OVERSIZE, "oversize", "lost in the MAC")

enum labyrinth_fault {
#define LABYRINTH_FAULT_ID(id, name, sentence) LABYRINTH_FAULT_##id,
	LABYRINTH_FAULTS(LABYRINTH_FAULT_ID)
#undef LABYRINTH_FAULT_ID
	LABYRINTH_FAULT_COUNT
};

/** Short name, as used for keys. @return NULL when @p fault is none */
const char *
labyrinth_fault_name(enum labyrinth_fault fault);

/** Every @p every_us, for its last @p for_us. 0, 0: never. In µs of the wire's time. */
struct labyrinth_window {
	uint32_t every_us;
	uint32_t for_us;  /**< less than every_us */
};

/** @p share of every sum of shares frames have @p size bytes, FCS included. */
struct labyrinth_frame_share {
	uint32_t size;
	uint32_t share;
};

/** Made whole by labyrinth_nic_config_init(): a zero is a value like any other. */
struct labyrinth_nic_config {
	const char *name;     /**< for messages and the thread */

	double rate;          /**< Gb/s on the wire, preamble and gap included */
	/** Sizes of the frames; one: fixed. Their order is shuffled with the seed. */
	struct labyrinth_frame_share mix[LABYRINTH_MIX_MAX];
	uint32_t sizes;       /**< how many count */
	uint32_t flows;       /**< 1 … LABYRINTH_FLOWS_MAX, by turns */
	uint64_t frames;      /**< sent in all, then silence; 0: no end */
	/** The wire sends for on_us, then is silent for off_us. 0, 0: always sends. */
	uint32_t on_us, off_us;
	/** Each frame comes up to so much late, none overtakes. Has a period of
	 * labyrinth_nic_period() frames. */
	uint32_t jitter_ns;
	uint64_t seed;        /**< of order and jitter */
	/** Write the first 64 bytes of each frame only, with the UDP checksum 0, which is
	 * "none": cheaper inline, but the rest is what was in the buffer before. */
	bool headers_only;
	uint8_t mac[6];       /**< whom the frames are for */
	uint32_t mtu;         /**< no frame may be longer, see LABYRINTH_MTU_OVERHEAD */

	enum labyrinth_nic_mode mode;
	int device_cpu;       /**< that the device's thread is pinned to, -1: none */
	enum labyrinth_rx_policy policy;
	uint32_t wait_us;     /**< of LABYRINTH_RX_WAIT, 1 … LABYRINTH_WAIT_US_MAX */
	bool scatter;         /**< frames may take several buffers */

	/** Time is what labyrinth_nic_clock_advance() says: exactly repeatable. */
	bool virtual_clock;
	uint64_t tsc_hz;      /**< rte_get_tsc_hz(); 0: measured by create */

	/** One of every so many is faulty, which one by the seed; 0: none. A faulty
	 * frame that finds no descriptor is counted as missed only. */
	uint32_t fault_every[LABYRINTH_FAULT_COUNT];
	struct labyrinth_window link_down;  /**< frames are lost, the link says so */
	struct labyrinth_window stalled;    /**< frames are lost, the device is idle */
};

/** 100 Gb/s of 64 byte frames of 64 flows, inline, allocate-or-drop, no faults. */
void
labyrinth_nic_config_init(struct labyrinth_nic_config *config);

/** 28 × 64, 16 × 570, 4 × 1518 bytes. */
void
labyrinth_nic_config_imix(struct labyrinth_nic_config *config);

/** @return 0; -EINVAL, and @p error names the value and the range allowed */
int
labyrinth_nic_config_check(const struct labyrinth_nic_config *config,
	struct labyrinth_error *error);

/** Mean frames a second that a configuration brings, as long as the wire sends. */
double
labyrinth_nic_config_frame_rate(const struct labyrinth_nic_config *config);

/** What decides about the queue of a frame. */
enum labyrinth_rss_fields {
	LABYRINTH_RSS_NONE,      /**< all go to queue 0 */
	LABYRINTH_RSS_IPV4,      /**< addresses */
	LABYRINTH_RSS_IPV4_UDP,  /**< addresses and ports */
};

/** Entries of the redirection table. */
#define LABYRINTH_RSS_RETA_SIZE 128u

struct labyrinth_rss {
	enum labyrinth_rss_fields fields;
	uint8_t key[LABYRINTH_RSS_KEY_SIZE];
	/** Queue of hash mod LABYRINTH_RSS_RETA_SIZE. */
	uint16_t reta[LABYRINTH_RSS_RETA_SIZE];
};

struct labyrinth_nic;
struct labyrinth_rxq;
struct labyrinth_txq;

/**
 * Create a card, stopped, without queues. The configuration is copied.
 *
 * @return 0; -EINVAL a value is out of range; -ENOMEM
 */
int
labyrinth_nic_create(const struct labyrinth_nic_config *config,
	struct labyrinth_nic **nic, struct labyrinth_error *error);

/** Stop it if need be, and free all. NULL: nothing. */
void
labyrinth_nic_destroy(struct labyrinth_nic *nic);

/** The configuration as it is now. */
const struct labyrinth_nic_config *
labyrinth_nic_config(const struct labyrinth_nic *nic);

/**
 * @name Set-up of a stopped card
 * @return 0; -EBUSY it is started; -EINVAL out of range; -ENOMEM
 */
/**@{*/
/** Have @p rx and @p tx queues, without rings; the redirection table deals all of
 * LABYRINTH_RSS_RETA_SIZE entries to the rx queues by turns. */
int
labyrinth_nic_set_queues(struct labyrinth_nic *nic, uint32_t rx, uint32_t tx,
	struct labyrinth_error *error);

/** Give rx queue @p q a ring of @p size descriptors and a source, which is copied. */
int
labyrinth_nic_set_rx_ring(struct labyrinth_nic *nic, uint32_t q, uint32_t size,
	const struct labyrinth_source *source, struct labyrinth_error *error);

/** Give tx queue @p q a ring of @p size descriptors. */
int
labyrinth_nic_set_tx_ring(struct labyrinth_nic *nic, uint32_t q, uint32_t size,
	struct labyrinth_error *error);

/** Take a ring away, so that start no longer needs it; the queue stays. */
void
labyrinth_nic_clear_rx_ring(struct labyrinth_nic *nic, uint32_t q);
void
labyrinth_nic_clear_tx_ring(struct labyrinth_nic *nic, uint32_t q);

int
labyrinth_nic_set_rss(struct labyrinth_nic *nic, const struct labyrinth_rss *rss,
	struct labyrinth_error *error);

/** LABYRINTH_MTU_MIN … LABYRINTH_MTU_MAX; labyrinth_nic_start() refuses longer frames. */
int
labyrinth_nic_set_mtu(struct labyrinth_nic *nic, uint32_t mtu,
	struct labyrinth_error *error);

int
labyrinth_nic_set_scatter(struct labyrinth_nic *nic, bool scatter,
	struct labyrinth_error *error);

int
labyrinth_nic_set_mac(struct labyrinth_nic *nic, const uint8_t mac[6],
	struct labyrinth_error *error);
/**@}*/

/**
 * What the driver does with frames without a page from now on. Set-up thread, also while
 * the card is started and its queues are polled.
 *
 * @return 0; -EINVAL there is no such policy
 */
int
labyrinth_nic_set_policy(struct labyrinth_nic *nic, enum labyrinth_rx_policy policy,
	struct labyrinth_error *error);

void
labyrinth_nic_rss(const struct labyrinth_nic *nic, struct labyrinth_rss *rss);

/**
 * Fill the rings from their sources and let the wire begin, or go on where it was when
 * the card was stopped: sequence numbers and counters go on too.
 *
 * @return 0; -EBUSY it is started; -EINVAL a frame is longer than the MTU, or needs more
 *   buffers than it may have, or a ring is missing; -ENOMEM a source had not enough
 *   buffers for a ring; -errno of pthread_create(). All but -EBUSY leave it stopped.
 */
int
labyrinth_nic_start(struct labyrinth_nic *nic, struct labyrinth_error *error);

/**
 * Stop the wire and the device; no queue is being polled. Frames that the driver had
 * not taken are counted as stopped, and all buffers given back. Afterwards every ledger
 * balances with nothing in flight.
 */
void
labyrinth_nic_stop(struct labyrinth_nic *nic);

bool
labyrinth_nic_is_started(const struct labyrinth_nic *nic);

/** Rx queue @p q, NULL: there is none. Valid until labyrinth_nic_set_queues(). */
struct labyrinth_rxq *
labyrinth_nic_rxq(struct labyrinth_nic *nic, uint32_t q);
struct labyrinth_txq *
labyrinth_nic_txq(struct labyrinth_nic *nic, uint32_t q);

/**
 * Do what the device has to do by now, for all queues, in mode LABYRINTH_NIC_DRIVEN.
 * One thread at a time, while the card is started.
 *
 * @return frames written
 */
uint32_t
labyrinth_nic_device_poll(struct labyrinth_nic *nic);

/** Link by hand: down is down, up is what the windows say. */
void
labyrinth_nic_set_link(struct labyrinth_nic *nic, bool up);

/** Is the link up: started, not down by hand, no window of link_down? */
bool
labyrinth_nic_link_is_up(const struct labyrinth_nic *nic);

/** Mb/s: LABYRINTH_NIC_LINK_MBPS, or the rate if that is higher. */
uint32_t
labyrinth_nic_link_mbps(const struct labyrinth_nic *nic);

/** Let the device do nothing (again) until labyrinth_nic_set_stalled(nic, false). */
void
labyrinth_nic_set_stalled(struct labyrinth_nic *nic, bool stalled);

/**
 * Now in nanoseconds, on the scale of the stamps: of the TSC, or of the virtual clock,
 * which begins at 0.
 */
uint64_t
labyrinth_nic_now_ns(const struct labyrinth_nic *nic);

/** Let @p ps picoseconds of virtual time pass. Ignored by a card without. */
void
labyrinth_nic_clock_advance(struct labyrinth_nic *nic, uint64_t ps);

/** Frames after which sizes and jitter repeat. */
uint64_t
labyrinth_nic_period(const struct labyrinth_nic *nic);

/** Arrival of frame @p n, in ps of sending time, that is without pauses. */
uint64_t
labyrinth_nic_arrival_ps(const struct labyrinth_nic *nic, uint64_t n);

/** Flags of a segment. Checksums are those of IPv4 and UDP. */
enum labyrinth_seg_flags {
	LABYRINTH_SEG_PHASE = 1 << 0,    /**< the ring's own, no meaning outside */
	LABYRINTH_SEG_MORE = 1 << 1,     /**< the frame goes on in the next segment */
	LABYRINTH_SEG_RSS = 1 << 2,      /**< hash is one */
	LABYRINTH_SEG_IP_BAD = 1 << 3,   /**< else it is right */
	LABYRINTH_SEG_UDP_BAD = 1 << 4,  /**< else it is right, or none */
};

/**
 * A received frame, or a part of one that needs several buffers. When it arrived stands
 * in the frame: labyrinth_frame_arrival().
 */
struct labyrinth_seg {
	void *buffer;         /**< both as the source said: struct labyrinth_buffer */
	void *data;
	uint16_t length;      /**< bytes in this buffer, without FCS */
	uint16_t flags;       /**< of enum labyrinth_seg_flags */
	uint32_t hash;        /**< Toeplitz; the same in all segments of a frame */
};

/**
 * Receive up to @p frames frames, each with all its segments. Data path: never blocks
 * (but LABYRINTH_RX_WAIT, up to wait_us), no syscall, no lock. The buffers belong to the
 * caller, who gives them back to where the source has them from.
 *
 * @param seg     receives the segments
 * @param segs    room in @p seg: LABYRINTH_FRAME_BUFFERS_MAX is always enough for one
 *   frame; a frame that does not fit any more stays for the next call
 * @param frames  most frames
 * @return segments
 */
uint32_t
labyrinth_rx_burst(struct labyrinth_rxq *q, struct labyrinth_seg *seg, uint32_t segs,
	uint32_t frames);

/** Descriptors with frames that wait for the driver. Called by who polls, or at rest. */
uint32_t
labyrinth_rxq_used(const struct labyrinth_rxq *q);

/** Descriptors of the ring, 0: it has none. */
uint32_t
labyrinth_rxq_size(const struct labyrinth_rxq *q);

/**
 * Counters of a queue; none ever goes back. Each has one writer; exact at rest, a
 * little behind each other else.
 */
struct labyrinth_rxq_stats {
	/** offered: frames the wire sent to this queue, by their place on the wire and
	 * not by adding up; delivered: handed over by labyrinth_rx_burst(); in_flight:
	 * in descriptors. */
	struct labyrinth_ledger ledger;
	uint64_t bytes;       /**< delivered, without FCS */
	uint64_t alloc_fail;  /**< attempts to replace buffers that brought too few */
	uint64_t polls;       /**< calls of labyrinth_rx_burst() */
	uint64_t empty_polls; /**< that had no frame */
	uint64_t fault[LABYRINTH_FAULT_COUNT];  /**< faulty frames, lost or marked */
};

void
labyrinth_rxq_stats(const struct labyrinth_rxq *q, struct labyrinth_rxq_stats *stats);

/** Sum over all rx queues. */
void
labyrinth_nic_rx_stats(const struct labyrinth_nic *nic,
	struct labyrinth_rxq_stats *stats);

/**
 * Transmit up to @p n frames into nothing, at the pace of the link (its rate shared
 * equally by the tx queues). The caller may free what was accepted at once.
 *
 * @param length  bytes of each frame, without FCS
 * @return accepted: fewer when the ring is full of frames that are not out yet
 */
uint32_t
labyrinth_tx_burst(struct labyrinth_txq *q, const uint32_t *length, uint32_t n);

/** Could the descriptor @p offset places after the next free one be filled now? */
bool
labyrinth_txq_has_room(struct labyrinth_txq *q, uint32_t offset);

/** Counters of a tx queue, as those of an rx queue. */
struct labyrinth_txq_stats {
	uint64_t frames, bytes;  /**< accepted, bytes without FCS */
	uint64_t full;           /**< calls that accepted fewer than offered */
};

void
labyrinth_txq_stats(const struct labyrinth_txq *q, struct labyrinth_txq_stats *stats);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_NIC_H */
