/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_CARD_H
#define BENCH_WIRE_CARD_H

/**
 * @file
 * A card with one queue at the end of the simulated wire, and what the application does
 * with a frame. Each trial has one of its own.
 */

#include <stdint.h>

#include "buffers.h"
#include "nic.h"
#include "wire_options.h"

/** What the wire sends. */
struct wire_flow {
	const struct wire_size *size;
	double load;      /**< frames a second */
	uint64_t frames;  /**< in all */
	enum labyrinth_rx_policy policy;
};

struct wire_card {
	struct labyrinth_nic *nic;
	struct labyrinth_rxq *rxq;
};

/**
 * Create it and let the wire begin.
 *
 * @param cpu  for the card's own thread, if it is to have one; -1: any
 * @return BENCH_OK; BENCH_USAGE the card refuses the configuration; BENCH_ENVIRONMENT
 */
enum bench_exit
wire_card_open(struct wire_card *card, const struct wire_options *options,
	const struct wire_buffers *buffers, const struct wire_flow *flow, int cpu,
	struct labyrinth_error *error);

/** End it. @return BENCH_OK; BENCH_INVARIANT a frame vanished, or came from nowhere */
enum bench_exit
wire_card_close(struct wire_card *card, struct labyrinth_rxq_stats *stats,
	struct labyrinth_error *error);

/** Room for segments that any burst fits in. */
#define WIRE_SEGS (WIRE_BURST_MAX + LABYRINTH_FRAME_BUFFERS_MAX)

/** Take up to @p burst frames and read them. @return segments, with their buffers */
LABYRINTH_HOT uint32_t
wire_card_receive(struct wire_card *card, uint32_t burst, struct labyrinth_seg *seg,
	void **buffer)
{
	uint32_t n = labyrinth_rx_burst(
		card->rxq, seg, burst + LABYRINTH_FRAME_BUFFERS_MAX, burst);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		sum += bench_read_header(seg[i].data);
		buffer[i] = seg[i].buffer;
	}
	bench_use(sum);
	return n;
}

#endif /* BENCH_WIRE_CARD_H */
