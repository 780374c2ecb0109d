/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* An application that keeps pages for a while: with two limits, whichever comes first. */

#include <rte_cycles.h>

#include "frames.h"
#include "hold.h"
#include "mode.h"

static enum rx_exit
begin(struct rx_queue *queue, const struct rx_mode_config *config,
	struct labyrinth_error *error)
{
	const struct rx_options *o = config->options;
	struct rx_hold_limits limits = { .ticks = UINT64_MAX, .packets = UINT32_MAX };

	if (o->hold_us == 0 && o->hold_packets == 0)
		return labyrinth_fail(error, RX_USAGE,
			"--forward-mode hold: say for how long, by --hold-us or "
			"--hold-packets");
	if (o->hold_us != 0)
		limits.ticks = (uint64_t)((double)o->hold_us / 1e6 *
					  (double)rte_get_tsc_hz());
	if (o->hold_packets != 0)
		limits.packets = o->hold_packets;
	return rx_hold_create(&limits, config->pool->size, &queue->hold, error);
}

static uint32_t
idle(struct rx_queue *queue, uint64_t now)
{
	struct rte_mbuf **due;
	uint32_t freed = 0;
	uint16_t n;

	while ((n = rx_hold_take_due(queue->hold, now, &due)) != 0) {
		rx_release(queue, due, n);
		freed += n;
	}
	return freed;
}

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	uint64_t bytes = rx_bytes(mbufs, n);

	rx_hold_push(queue->hold, mbufs, n, now);
	idle(queue, now);
	return bytes;
}

const struct rx_mode rx_mode_hold = {
	.name = "hold",
	.sentence = "keep it for a while (--hold-us, --hold-packets), then free it",
	.begin = begin,
	.burst = burst,
	.idle = idle,
};
