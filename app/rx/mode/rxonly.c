/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "frames.h"
#include "mode.h"

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	(void)now;
	return rx_release(queue, mbufs, n);
}

const struct rx_mode rx_mode_rxonly = {
	.name = "rxonly",
	.sentence = "free it",
	.burst = burst,
};
