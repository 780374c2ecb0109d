/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * The driver of a queue: allocate-or-drop, and what it is compared with. Frames have
 * arrived in posted buffers. Take as many other buffers, all at once; for each that was
 * to be had a frame is delivered and the buffer posted in its place. What is left over is
 * the policy's.
 */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "nic_private.h"

/* What source and device said of a segment is copied as it stands. */
#define AT(member) offsetof(struct labyrinth_seg, member)
_Static_assert(AT(data) == offsetof(struct labyrinth_buffer, data) &&
		AT(length) == sizeof(struct labyrinth_buffer),
	"a segment begins with its buffer");
_Static_assert(AT(hash) - AT(length) == offsetof(struct lab_status, hash) &&
		sizeof(struct labyrinth_seg) - AT(length) == sizeof(struct lab_status),
	"and ends with its status");

/* A part of the ring: descriptors, the frames in them, and the bytes of those. */
struct part {
	uint32_t descriptors;
	uint32_t frames;
	uint64_t bytes;
};

/* Copy out the descriptors from pos on that are done, up to n, in which no lap ends. */
LABYRINTH_HOT uint32_t
collect_lap(const struct labyrinth_rxq *q, uint64_t pos, struct labyrinth_seg *seg,
	uint32_t n, uint64_t *bytes)
{
	const struct labyrinth_buffer *const posted = &q->posted[pos & (q->size - 1)];
	const lab_done *const done = &q->done[pos & (q->size - 1)];
	const uint64_t lap = lab_phase(q, pos);
	uint32_t i;

	for (i = 0; i < n; i++) {
		/* acquire: the frame's data, see nic_private.h */
		uint64_t status = atomic_load_explicit(&done[i], memory_order_acquire);

		if (((status ^ lap) & LAB_PHASE) != 0)
			break;
		memcpy(&seg[i].buffer, &posted[i], sizeof(posted[i]));
		memcpy(&seg[i].length, &status, sizeof(status));
		*bytes += (uint16_t)status;
	}
	return i;
}

/* The same over the end of a lap, for frames of one descriptor. */
LABYRINTH_HOT struct part
collect_single(const struct labyrinth_rxq *q, struct labyrinth_seg *seg, uint32_t n)
{
	uint64_t next = q->driver.next, bytes = 0;
	uint32_t to_end = q->size - ((uint32_t)next & (q->size - 1)), got;

	got = collect_lap(q, next, seg, n < to_end ? n : to_end, &bytes);
	if (got == to_end && got < n)
		got += collect_lap(q, next + got, seg + got, n - got, &bytes);
	return (struct part){ .descriptors = got, .frames = got, .bytes = bytes };
}

/* The same for frames of several: whole frames only. */
static struct part
collect_scattered(const struct labyrinth_rxq *q, struct labyrinth_seg *seg, uint32_t n,
	uint32_t frames)
{
	struct part part = { 0 };
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < n && part.frames < frames; i++) {
		if (collect_lap(q, q->driver.next + i, seg + i, 1, &bytes) == 0)
			break;
		if ((seg[i].flags & LABYRINTH_SEG_MORE) == 0) {
			part.frames++;
			part.descriptors = i + 1;
			part.bytes = bytes;
		}
	}
	return part;
}

LABYRINTH_HOT struct part
collect(const struct labyrinth_rxq *q, struct labyrinth_seg *seg, uint32_t n,
	uint32_t frames)
{
	if (labyrinth_unlikely(!q->single))
		return collect_scattered(q, seg, n, frames);
	return collect_single(q, seg, n < frames ? n : frames);
}

/* Again and again until the wait is over. Virtual time passes by waiting only. */
static LABYRINTH_COLD uint32_t
wait_for_more(
	struct labyrinth_rxq *q, struct labyrinth_buffer *to, uint32_t got, uint32_t n)
{
	struct lab_clock *clock = &q->nic->clock;
	uint64_t wait = q->nic->config.wait_us * LAB_PS_PER_US;
	uint64_t start = lab_clock_now(clock);

	while (got < n && lab_clock_now(clock) - start < wait) {
		labyrinth_nic_clock_advance(q->nic, LAB_PS_PER_US);
		got += q->source.take(q->source.arg, to + got, n - got);
	}
	return got;
}

/* The policy may change at any time; one poll may see both, one after the other. */
static inline enum labyrinth_rx_policy
policy(const struct labyrinth_rxq *q)
{
	return atomic_load_explicit(&q->policy, memory_order_relaxed);
}

/* Take up to n buffers into the ring from place at on; no lap ends between. */
LABYRINTH_HOT uint32_t
replace(struct labyrinth_rxq *q, uint32_t at, uint32_t n)
{
	struct labyrinth_buffer *to = q->posted + at;
	uint32_t got = q->source.take(q->source.arg, to, n);

	if (labyrinth_likely(got == n))
		return got;
	lab_counter_add(&q->driver.alloc_fail, 1);
	if (policy(q) == LABYRINTH_RX_WAIT)
		got = wait_for_more(q, to, got, n);
	return got;
}

/* The whole frames in the first n of segs. */
static struct part
first_of(const struct labyrinth_seg *seg, uint32_t n)
{
	struct part part = { 0 };
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < n; i++) {
		bytes += seg[i].length;
		if ((seg[i].flags & LABYRINTH_SEG_MORE) != 0)
			continue;
		part.frames++;
		part.descriptors = i + 1;
		part.bytes = bytes;
	}
	return part;
}

/*
 * Only got of the frames' buffers were replaced. Cut the part down to the whole frames
 * that are covered; the buffers of the others go back to their places in the ring, and
 * new ones that no frame needs to the source.
 */
static LABYRINTH_COLD struct part
run_short(struct labyrinth_rxq *q, const struct labyrinth_seg *seg, struct part all,
	uint32_t got)
{
	struct part part = first_of(seg, got);

	for (uint32_t i = part.descriptors; i < all.descriptors; i++) {
		struct labyrinth_buffer *posted =
			&q->posted[(q->driver.next + i) & (q->size - 1)];

		if (i < got)
			q->source.give(q->source.arg, &posted->buffer, 1);
		memcpy(posted, &seg[i].buffer, sizeof(*posted));
	}
	/* Passed over: the card may use them again at once. */
	if (policy(q) == LABYRINTH_RX_DROP) {
		lab_drop(&q->driver.no_page, LABYRINTH_REASON_DROP_NO_PAGE,
			all.frames - part.frames);
		q->driver.next += all.descriptors - part.descriptors;
	}
	return part;
}

/* Deliver frames in up to n descriptors. Returns what was delivered. */
LABYRINTH_HOT struct part
receive(struct labyrinth_rxq *q, struct labyrinth_seg *seg, uint32_t n, uint32_t frames)
{
	struct part part = collect(q, seg, n, frames);
	uint32_t at = (uint32_t)q->driver.next & (q->size - 1), to_end = q->size - at;
	uint32_t first = part.descriptors < to_end ? part.descriptors : to_end, got;

	if (part.descriptors == 0)
		return part;
	got = replace(q, at, first);
	if (got == first && first < part.descriptors)
		got += replace(q, 0, part.descriptors - first);
	if (labyrinth_unlikely(got < part.descriptors))
		part = run_short(q, seg, part, got);
	q->driver.next += part.descriptors;
	lab_counter_add(&q->driver.bytes, part.bytes);
	lab_counter_add(&q->driver.delivered, part.frames);
	/* release: buffers are posted, and nothing is read any more, before the device
	 * may use the descriptors */
	atomic_store_explicit(&q->consumed, q->driver.next, memory_order_release);
	return part;
}

uint32_t
labyrinth_rx_burst(struct labyrinth_rxq *q, struct labyrinth_seg *seg, uint32_t segs,
	uint32_t frames)
{
	struct part part;

	if (q->inline_device)
		lab_device_run(q, lab_clock_now(&q->nic->clock));
	part = receive(q, seg, segs < q->size ? segs : q->size, frames);
	lab_counter_add(&q->driver.polls, 1);
	if (part.descriptors == 0)
		lab_counter_add(&q->driver.empty_polls, 1);
	return part.descriptors;
}

uint32_t
labyrinth_rxq_used(const struct labyrinth_rxq *q)
{
	uint32_t n = 0;

	while (n < q->size && lab_is_done(q, q->driver.next + n))
		n++;
	return n;
}

uint32_t
labyrinth_rxq_size(const struct labyrinth_rxq *q)
{
	return q->size;
}

/* ---- at rest ---- */

/* In order and many at a time: a pool finds neighbours by that. */
static void
give_back(struct labyrinth_rxq *q, uint32_t n)
{
	void *buffer[64];
	uint32_t held = 0;

	for (uint32_t i = 0; i < n; i++) {
		buffer[held++] = q->posted[i].buffer;
		if (held < 64 && i + 1 < n)
			continue;
		q->source.give(q->source.arg, buffer, held);
		held = 0;
	}
}

int
lab_rxq_fill(struct labyrinth_rxq *q, uint32_t *got)
{
	*got = q->source.take(q->source.arg, q->posted, q->size);
	if (*got == q->size)
		return 0;
	give_back(q, *got);
	return -ENOMEM;
}

void
lab_rxq_drain(struct labyrinth_rxq *q)
{
	if (lab_in_ring(q) != 0)
		lab_drop(&q->driver.stopped, LABYRINTH_REASON_STOPPED, lab_in_ring(q));
	give_back(q, q->size);
	memset((void *)q->done, 0, q->size * sizeof(*q->done));
	q->driver.next = 0;
	q->device.head = 0;
	/* relaxed: at rest */
	atomic_store_explicit(&q->consumed, 0, memory_order_relaxed);
}
