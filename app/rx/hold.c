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

/* The later of two places in the ring. */
static inline uint32_t
later(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0 ? a : b;
}

/* Marks are read by others too, see rx_hold_ages(); within the lcore all is relaxed. */
static inline uint32_t
own(const _Atomic uint32_t *place)
{
	return atomic_load_explicit(place, memory_order_relaxed);
}

static inline void
add_mark(struct rx_hold *hold, uint64_t now)
{
	struct rx_hold_mark *mark = &hold->marks[own(&hold->end_mark) & hold->mask];

	atomic_store_explicit(&mark->tsc, now, memory_order_relaxed);
	atomic_store_explicit(&mark->end, hold->end, memory_order_relaxed);
	/* release: who sees that there is a mark sees what it says */
	atomic_store_explicit(
		&hold->end_mark, own(&hold->end_mark) + 1, memory_order_release);
}

static inline void
drop_mark(struct rx_hold *hold)
{
	atomic_store_explicit(
		&hold->first_mark, own(&hold->first_mark) + 1, memory_order_release);
}

void
rx_hold_push(struct rx_hold *hold, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	for (uint16_t i = 0; i < n; i++)
		hold->mbufs[hold->end++ & hold->mask] = mbufs[i];
	/* At most one mark for each frame kept: there is room. */
	add_mark(hold, now);
}

/* Let all before @p end fall due, of the burst that came at @p tsc. */
static inline void
fall_due(struct rx_hold *hold, uint32_t end, uint64_t tsc, uint64_t now)
{
	uint32_t due = own(&hold->due);

	if (end == due)
		return;
	labyrinth_histogram_add_n(&hold->times, now - tsc, end - due);
	atomic_store_explicit(&hold->due, end, memory_order_relaxed);
}

/* Move due to the end of the frames kept long enough, and forget the marks before it. */
static void
find_due(struct rx_hold *hold, uint64_t now)
{
	uint32_t limit = own(&hold->due);

	if (hold->end - hold->first > hold->limits.packets)
		limit = later(limit, hold->end - hold->limits.packets);
	while (own(&hold->first_mark) != own(&hold->end_mark)) {
		const struct rx_hold_mark *mark =
			&hold->marks[own(&hold->first_mark) & hold->mask];
		uint64_t tsc = atomic_load_explicit(&mark->tsc, memory_order_relaxed);
		uint32_t end = own(&mark->end);

		if (now - tsc < hold->limits.ticks && later(end, limit) != limit) {
			fall_due(hold, later(limit, own(&hold->due)), tsc, now);
			break;
		}
		fall_due(hold, end, tsc, now);
		drop_mark(hold);
	}
}

void
rx_hold_ages(const struct rx_hold *hold, uint64_t now, struct labyrinth_histogram *ages)
{
	/* acquire: the marks before the end are written; that one was not written anew
	 * while it was read is seen from the first one, which is read after it. */
	uint32_t end = atomic_load_explicit(&hold->end_mark, memory_order_acquire);
	uint32_t i = atomic_load_explicit(&hold->first_mark, memory_order_acquire);
	uint32_t before = own(&hold->due);

	while ((int32_t)(end - i) > 0) {
		const struct rx_hold_mark *mark = &hold->marks[i & hold->mask];
		uint64_t tsc = atomic_load_explicit(&mark->tsc, memory_order_acquire);
		uint32_t last = atomic_load_explicit(&mark->end, memory_order_acquire);
		uint32_t first = atomic_load_explicit(&hold->first_mark, memory_order_acquire);

		i++;
		if ((int32_t)(first - i) >= 0) { /* freed meanwhile */
			i = first;
			before = own(&hold->due);
			continue;
		}
		if ((int32_t)(last - before) > 0)
			labyrinth_histogram_add_n(ages, now - tsc, last - before);
		before = later(last, before);
	}
}

uint16_t
rx_hold_take_due(struct rx_hold *hold, uint64_t now, struct rte_mbuf ***mbufs)
{
	uint32_t first = hold->first & hold->mask;
	uint32_t n;

	find_due(hold, now);
	n = RTE_MIN(own(&hold->due) - hold->first, (uint32_t)RX_BURST_MAX);
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
