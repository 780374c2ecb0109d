/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "frames.h"
#include "mode.h"

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	uint64_t bytes = 0;

	(void)now;
	for (uint16_t i = 0; i < n; i++) {
		bytes += mbufs[i]->pkt_len;
		rx_swap_macs(rx_header(mbufs, i, n));
	}
	rx_send(queue, mbufs, n, bytes);
	return bytes;
}

const struct rx_mode rx_mode_macswap = {
	.name = "macswap",
	.sentence = "send it with source and destination address exchanged",
	.sends = true,
	.burst = burst,
};
