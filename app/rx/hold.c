/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>

#include <rte_common.h>

#include "hold.h"
#include "options.h"

enum rx_exit
rx_hold_create(const struct rx_hold_limits *limits, uint32_t pages, struct rx_hold **hold,
	struct labyrinth_error *error)
{
	/* PMDs that hand on mbufs of others can bring more than the pool has. */
	uint32_t room = rte_align32pow2(pages + RX_BURST_MAX);
	struct rx_hold *h = calloc(1, sizeof(*h));

	*hold = h;
	if (h != NULL) {
		h->limits = *limits;
		h->limits.packets = RTE_MIN(limits->packets, room - RX_BURST_MAX);
		h->mask = room - 1;
		h->mbufs = calloc(room, sizeof(*h->mbufs));
		h->marks = calloc(room, sizeof(*h->marks));
	}
	if (h != NULL && h->mbufs != NULL && h->marks != NULL)
		return RX_OK;
	rx_hold_destroy(h);
	*hold = NULL;
	return labyrinth_fail(error, RX_ENVIRONMENT,
		"out of memory to keep %u frames: lower --pages or --rxq", room);
}

void
rx_hold_destroy(struct rx_hold *hold)
{
	if (hold == NULL)
		return;
	for (; hold->first != hold->end; hold->first++)
		rte_pktmbuf_free(hold->mbufs[hold->first & hold->mask]);
	free(hold->mbufs);
	free(hold->marks);
	free(hold);
}

void
rx_hold_push(struct rx_hold *hold, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	for (uint16_t i = 0; i < n; i++)
		hold->mbufs[hold->end++ & hold->mask] = mbufs[i];
	/* At most one mark for each frame kept: there is room. */
	hold->marks[hold->end_mark++ & hold->mask] =
		(struct rx_hold_mark){ .tsc = now, .end = hold->end };
}

/* The later of two places in the ring. */
static inline uint32_t
later(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0 ? a : b;
}

/* Move due to the end of the frames kept long enough, and forget the marks before it. */
static void
find_due(struct rx_hold *hold, uint64_t now)
{
	if (hold->end - hold->first > hold->limits.packets)
		hold->due = later(hold->due, hold->end - hold->limits.packets);
	while (hold->first_mark != hold->end_mark) {
		const struct rx_hold_mark *mark =
			&hold->marks[hold->first_mark & hold->mask];

		if (now - mark->tsc >= hold->limits.ticks)
			hold->due = later(hold->due, mark->end);
		else if (later(mark->end, hold->due) != hold->due)
			break;
		hold->first_mark++;
	}
}

uint16_t
rx_hold_take_due(struct rx_hold *hold, uint64_t now, struct rte_mbuf ***mbufs)
{
	uint32_t first = hold->first & hold->mask;
	uint32_t n;

	find_due(hold, now);
	n = RTE_MIN(hold->due - hold->first, (uint32_t)RX_BURST_MAX);
	n = RTE_MIN(n, hold->mask + 1 - first); /* in one piece of the ring */
	*mbufs = &hold->mbufs[first];
	hold->first += n;
	return (uint16_t)n;
}

uint32_t
rx_hold_count(const struct rx_hold *hold)
{
	return hold->end - hold->first;
}
