/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * The sending side ends in nothing, but at the pace of a link: a frame occupies a
 * descriptor until its last bit would be out.
 */

#include "labyrinth_wire.h"
#include "nic_private.h"

void
lab_txq_start(struct labyrinth_txq *q)
{
	double mbps = (double)labyrinth_nic_link_mbps(q->nic);

	/* 8,000,000 ps a byte at 1 Mb/s, for each of the queues that share the link */
	q->ps_per_byte =
		(uint64_t)(8e6 / mbps * q->nic->txqs * (double)(1u << LAB_TX_BITS) + 0.5);
	q->last_out = 0;
	q->head = q->tail = 0;
}

/* Descriptors whose frames are out by now are free. */
static void
reclaim(struct labyrinth_txq *q, uint64_t now)
{
	while (q->tail != q->head && q->out_at[q->tail & (q->size - 1)] <= now)
		q->tail++;
}

static uint64_t
time_of(const struct labyrinth_txq *q, uint32_t length)
{
	uint32_t frame = length + LABYRINTH_WIRE_FCS;

	if (frame < LABYRINTH_FRAME_MIN)
		frame = LABYRINTH_FRAME_MIN;
	return (frame + LABYRINTH_WIRE_OVERHEAD) * q->ps_per_byte >> LAB_TX_BITS;
}

uint32_t
labyrinth_tx_burst(struct labyrinth_txq *q, const uint32_t *length, uint32_t n)
{
	uint64_t now = lab_clock_now(&q->nic->clock), bytes = 0;
	uint64_t at = q->last_out > now ? q->last_out : now;
	uint32_t i;

	reclaim(q, now);
	for (i = 0; i < n && q->head - q->tail < q->size; i++) {
		at += time_of(q, length[i]);
		q->out_at[q->head++ & (q->size - 1)] = at;
		bytes += length[i];
	}
	q->last_out = at;
	lab_counter_add(&q->frames, i);
	lab_counter_add(&q->bytes, bytes);
	if (i < n)
		lab_counter_add(&q->full, 1);
	return i;
}

bool
labyrinth_txq_has_room(struct labyrinth_txq *q, uint32_t offset)
{
	reclaim(q, lab_clock_now(&q->nic->clock));
	return q->head - q->tail + offset < q->size;
}

void
labyrinth_txq_stats(const struct labyrinth_txq *q, struct labyrinth_txq_stats *stats)
{
	*stats = (struct labyrinth_txq_stats){
		.frames = lab_counter_read(&q->frames),
		.bytes = lab_counter_read(&q->bytes),
		.full = lab_counter_read(&q->full),
	};
}
