/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * The lcore that receives hands each burst to another one, which does the rest
 * (--pipeline-mode) and frees or sends. The frames are that lcore's from then on: it frees
 * them as its own, into the rows that the receiving lcore took them from.
 */

#include <stdlib.h>

#include "frames.h"
#include "mode.h"
#include "pipeline.h"
#include "rx_sleep.h"

static enum rx_exit
begin(struct rx_queue *queue, const struct rx_mode_config *config,
	struct labyrinth_error *error)
{
	(void)config;
	queue->state = calloc(1, sizeof(struct rx_pipeline));
	if (queue->state == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	return RX_OK;
}

static void
end(struct rx_queue *queue)
{
	free(queue->state);
	queue->state = NULL;
}

enum rx_exit
rx_pipeline_add(struct rx_queue *queue, struct rx_queue *far_end, struct rx_sleep *sleep,
	struct labyrinth_error *error)
{
	struct rx_pipeline *p = queue->state;

	if (p->nb_rings == RX_PIPELINE_RINGS)
		return labyrinth_fail(error, RX_USAGE,
			"--pipeline-workers: at most %u for each rx queue",
			RX_PIPELINE_RINGS);
	p->sleeps[p->nb_rings] = sleep;
	p->far_ends[p->nb_rings++] = far_end;
	return RX_OK;
}

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	struct rx_pipeline *p = queue->state;
	struct rx_queue *far_end = p->far_ends[p->next];
	uint64_t bytes = rx_bytes(mbufs, n);
	uint16_t taken;

	(void)now;
	taken = (uint16_t)rte_ring_sp_enqueue_burst(
		far_end->ring, (void *const *)mbufs, n, NULL);
	if (unlikely(p->sleeps[p->next] != NULL))
		rx_sleep_wake(p->sleeps[p->next]);
	if (++p->next == p->nb_rings)
		p->next = 0;
	if (unlikely(taken < n)) {
		rx_count(&queue->sent.ring_full, (uint16_t)(n - taken));
		rx_count(&far_end->overflow, (uint16_t)(n - taken));
		rx_release(queue, mbufs + taken, (uint16_t)(n - taken));
	}
	return bytes;
}

const struct rx_mode rx_mode_pipeline = {
	.name = "pipeline",
	.sentence = "hand it over a ring to another lcore, which goes on (--pipeline-mode)",
	.begin = begin,
	.burst = burst,
	.end = end,
};
