/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_MODE_H
#define RX_MODE_H

/**
 * @file
 * A forward mode: what is done with the frames that a queue received. One file each, in
 * mode/, named as in testpmd.
 *
 * A mode owns the frames that burst() is given: it sends them (rx_send), frees them
 * (rx_release) or keeps them until a later call. Each queue has its own state; burst() and
 * idle() are called by the one lcore that polls the queue, the others by the main lcore
 * while nobody polls.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "options.h"

struct rx_queue;

/** What a mode is set up from. */
struct rx_mode_config {
	const struct rx_options *options;
	struct rte_mempool *pool;
};

/** A forward mode. Functions that it has no use for are NULL, but for burst(). */
struct rx_mode {
	const char *name;
	const char *sentence;  /**< for --help: what becomes of a frame */
	bool sends;            /**< needs tx queues */
	bool answers;          /**< sends to the port that the frame came from */
	bool makes;            /**< makes the frames that it sends: --packets counts those */
	bool deaf;             /**< does not receive: all it does is idle() */

	/** Make the state of @p queue. @return RX_OK; RX_USAGE; RX_ENVIRONMENT */
	enum rx_exit (*begin)(struct rx_queue *queue, const struct rx_mode_config *config,
		struct labyrinth_error *error);
	/** Do with @p n >= 1 frames, received at TSC @p now. @return their bytes */
	uint64_t (*burst)(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n,
		uint64_t now);
	/** A poll at TSC @p now brought nothing. @return frames worked on meanwhile */
	uint32_t (*idle)(struct rx_queue *queue, uint64_t now);
	/** Free the state, but for queue->hold and the frames in it, which the plan frees. */
	void (*end)(struct rx_queue *queue);
};

extern const struct rx_mode rx_mode_rxonly, rx_mode_io, rx_mode_mac, rx_mode_macswap,
	rx_mode_5tswap, rx_mode_icmpecho, rx_mode_hold, rx_mode_noisy, rx_mode_txonly,
	rx_mode_flowgen, rx_mode_pipeline;

/** All modes, in the order of --help; ends with NULL. */
extern const struct rx_mode *const rx_modes[];

/** As many as there are, without that NULL. */
#define RX_MODES 11u

/** Place of @p mode among them. */
uint32_t
rx_mode_index(const struct rx_mode *mode);

/** The mode called @p name, NULL when there is none. */
const struct rx_mode *
rx_mode_find(const char *name);

/** Write the names of all modes with a blank between them into @p text of @p size. */
void
rx_mode_names(char *text, size_t size);

#endif /* RX_MODE_H */
