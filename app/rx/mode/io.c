/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "frames.h"
#include "mode.h"

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	uint64_t bytes = rx_bytes(mbufs, n);

	(void)now;
	rx_send(queue, mbufs, n, bytes);
	return bytes;
}

const struct rx_mode rx_mode_io = {
	.name = "io",
	.sentence = "send it as it is",
	.sends = true,
	.burst = burst,
};
