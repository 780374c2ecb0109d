/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>

#include "frames.h"
#include "generator.h"

static enum rx_exit
begin(struct rx_queue *queue, const struct rx_mode_config *config,
	struct labyrinth_error *error)
{
	return rx_generator_create(queue, config, config->options->flowgen_flows,
		config->options->flowgen_clones + 1,
		(struct rx_generator **)&queue->state, error);
}

static void
end(struct rx_queue *queue)
{
	free(queue->state);
	queue->state = NULL;
}

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	uint64_t bytes = rx_release(queue, mbufs, n);

	(void)now;
	rx_generator_send(queue->state, queue);
	return bytes;
}

static uint32_t
idle(struct rx_queue *queue, uint64_t now)
{
	(void)now;
	return rx_generator_send(queue->state, queue);
}

const struct rx_mode rx_mode_flowgen = {
	.name = "flowgen",
	.sentence = "free it, and send frames of many flows made here (--flowgen-flows)",
	.sends = true,
	.makes = true,
	.begin = begin,
	.burst = burst,
	.idle = idle,
	.end = end,
};
