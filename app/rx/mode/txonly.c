/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>

#include "generator.h"

/** Flows of --txonly-multi-flow. */
#define FLOWS 256u

static enum rx_exit
begin(struct rx_queue *queue, const struct rx_mode_config *config,
	struct labyrinth_error *error)
{
	uint32_t flows = config->options->tx_multi_flow ? FLOWS : 1;

	return rx_generator_create(queue, config, flows, 1,
		(struct rx_generator **)&queue->state, error);
}

static void
end(struct rx_queue *queue)
{
	free(queue->state);
	queue->state = NULL;
}

static uint32_t
idle(struct rx_queue *queue, uint64_t now)
{
	(void)now;
	return rx_generator_send(queue->state, queue);
}

const struct rx_mode rx_mode_txonly = {
	.name = "txonly",
	.sentence = "receive nothing, send frames made here (--txpkts, --tx-ip, --tx-udp)",
	.sends = true,
	.makes = true,
	.deaf = true,
	.begin = begin,
	.idle = idle,
	.end = end,
};
