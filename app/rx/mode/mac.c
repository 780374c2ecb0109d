/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <rte_ether.h>

#include "frames.h"
#include "mode.h"

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	uint64_t bytes = 0;

	(void)now;
	for (uint16_t i = 0; i < n; i++) {
		struct rte_ether_hdr *eth = rx_header(mbufs, i, n);

		bytes += mbufs[i]->pkt_len;
		eth->dst_addr = queue->tx.peer;
		eth->src_addr = queue->tx.own;
	}
	rx_send(queue, mbufs, n, bytes);
	return bytes;
}

const struct rx_mode rx_mode_mac = {
	.name = "mac",
	.sentence = "send it from the port's address to the peer's (--eth-peer)",
	.sends = true,
	.burst = burst,
};
