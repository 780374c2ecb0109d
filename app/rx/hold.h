/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_HOLD_H
#define RX_HOLD_H

/**
 * @file
 * An application that keeps the frames which it received for a while: the pressure
 * under which a pool runs low. A queue of its own for each rx queue, oldest first,
 * used by the one lcore that polls it. Frames that it keeps are delivered: they are
 * the application's, who frees them as they fall due.
 */

#include <stdatomic.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "labyrinth_histogram.h"

/** How long a frame is kept; it falls due by whichever comes first. */
struct rx_hold_limits {
	uint64_t ticks;    /**< TSC ticks since it was received, UINT64_MAX no limit */
	uint32_t packets;  /**< frames that came after it, UINT32_MAX no limit */
};

/** A burst that was received: where its mbufs end, and when. */
struct rx_hold_mark {
	_Atomic uint64_t tsc;
	_Atomic uint32_t end;
};

/** The frames kept, [first, end) in a ring, those before due to be freed; mod 2^32. */
struct rx_hold {
	struct rx_hold_limits limits;
	struct rte_mbuf **mbufs;
	struct rx_hold_mark *marks;
	uint32_t mask;
	uint32_t first, end;
	_Atomic uint32_t due, first_mark, end_mark;
	/** How long frames were kept that fell due, in TSC ticks. */
	struct labyrinth_histogram times;
};

/**
 * Make room to keep every mbuf of a pool of @p pages.
 *
 * @param hold  set; NULL when out of memory
 * @return RX_OK; RX_ENVIRONMENT out of memory
 */
enum rx_exit
rx_hold_create(const struct rx_hold_limits *limits, uint32_t pages, struct rx_hold **hold,
	struct labyrinth_error *error);

/** Free @p hold, which may be NULL, and the frames still kept. */
void
rx_hold_destroy(struct rx_hold *hold);

/** Keep @p n frames, 1 to RX_BURST_MAX, received at TSC @p now. Never fails. */
void
rx_hold_push(struct rx_hold *hold, struct rte_mbuf **mbufs, uint16_t n, uint64_t now);

/**
 * Take the oldest frames that are due at TSC @p now, up to RX_BURST_MAX. To be called
 * after each push until it returns 0, or the room for the next burst may be missing.
 *
 * @param mbufs  set to the first of them, for reading until the next push
 * @return frames taken, 0 when none is due
 */
uint16_t
rx_hold_take_due(struct rx_hold *hold, uint64_t now, struct rte_mbuf ***mbufs);

/**
 * Note in @p ages, which is the caller's, for how many TSC ticks each frame has been kept
 * until @p now. Any thread, while the lcore of the queue works; exact at rest.
 */
void
rx_hold_ages(const struct rx_hold *hold, uint64_t now, struct labyrinth_histogram *ages);

/** Frames kept now. */
uint32_t
rx_hold_count(const struct rx_hold *hold);

#endif /* RX_HOLD_H */
