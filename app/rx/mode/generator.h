/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_MODE_GENERATOR_H
#define RX_MODE_GENERATOR_H

/**
 * @file
 * Frames that are made here, UDP over IPv4 from a template: what txonly and flowgen share.
 * One flow differs from the next by its UDP source port and source address.
 */

#include <stdint.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "mode.h"
#include "rx_loop.h"

/** Headers, as they stand in a frame. */
struct rx_headers {
	struct rte_ether_hdr eth;
	struct rte_ipv4_hdr ip;
	struct rte_udp_hdr udp;
} __attribute__((__packed__)) __rte_aligned(2);

/** What a queue that sends frames of its own needs. */
struct rx_generator {
	struct rx_headers headers;
	struct rte_mempool *pool;
	uint16_t length;     /**< of a frame, without FCS */
	uint16_t burst;
	uint32_t flows;
	uint32_t flow;       /**< of the next frame */
	uint32_t repeat;     /**< frames of a flow that follow each other */
	uint32_t repeated;
};

/**
 * Make a generator for @p queue, whose way is set: @p flows flows, @p repeat frames of
 * each in a row. To be given to free().
 *
 * @return RX_OK; RX_USAGE frames do not fit in a buffer; RX_ENVIRONMENT out of memory
 */
enum rx_exit
rx_generator_create(const struct rx_queue *queue, const struct rx_mode_config *config,
	uint32_t flows, uint32_t repeat, struct rx_generator **generator,
	struct labyrinth_error *error);

/** Make a burst and send it. @return frames sent, 0 when there is no mbuf or no room */
uint32_t
rx_generator_send(struct rx_generator *generator, struct rx_queue *queue);

#endif /* RX_MODE_GENERATOR_H */
