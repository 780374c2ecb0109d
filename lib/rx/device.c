/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * The device of a queue: writes frames that have arrived into posted buffers.
 *
 *   lab_device_run   cuts time where the link or the device comes and goes
 *   arrive           cuts it at faulty frames
 *   arrive_sound     cuts it at pauses of the wire
 *   write_frames     cuts it at the ends of rounds and laps
 */

#include <sched.h>
#include <string.h>

#include "writer.h"

#define NEVER UINT64_MAX

/* Where frames are written. */
struct stretch {
	uint64_t limit;  /* sending time of the last */
	uint64_t pauses; /* of the wire before them */
	uint64_t room;   /* descriptors free */
};

/*
 * From the cursor to the end of its round, in descriptors to the end of the lap. Field by
 * field: a struct that is returned may be copied by wider loads than it was stored with,
 * which waits for the stores to leave the store buffer, and that is full of frames.
 */
LABYRINTH_HOT void
set_batch(struct lab_batch *batch, const struct labyrinth_rxq *q,
	const struct stretch *stretch)
{
	const struct lab_cursor *cursor = &q->device.cursor;
	uint64_t to_end = q->size - (q->device.head & (q->size - 1));
	uint64_t room = stretch->room;

	batch->slot = q->list.slot + cursor->index;
	batch->slots = q->list.n - cursor->index;
	batch->room = (uint32_t)(q->lines && to_end < room ? to_end : room);
	batch->pos = q->device.head;
	batch->within = stretch->limit - cursor->start;
	batch->stamp = (uint32_t)(q->nic->origin_ns +
				  (cursor->start + stretch->pauses) / LAB_PS_PER_NS);
	batch->first = (uint32_t)cursor->round * q->nic->wire.turns;
}

/*
 * Write the frames up to the limit that find descriptors. Stops when there are none at
 * all; what is left then is missed.
 */
LABYRINTH_HOT void
write_frames(struct labyrinth_rxq *q, struct stretch *stretch)
{
	struct lab_device *device = &q->device;
	struct lab_batch batch;

	do {
		set_batch(&batch, q, stretch);
		q->write(q, &batch);
		device->cursor.index += batch.passed;
		device->head += batch.used;
		stretch->room -= batch.used;
		lab_counter_add(&device->written, batch.passed - batch.missed);
		if (labyrinth_unlikely(batch.missed != 0))
			lab_drop(&device->lost[LABYRINTH_REASON_IMISSED],
				LABYRINTH_REASON_IMISSED, batch.missed);
	} while (stretch->room != 0 &&
		 (batch.used == batch.room ||
			 lab_cursor_next_round(&device->cursor, &q->nic->wire, &q->list,
				 stretch->limit)));
}

/* Pass all frames up to limit. */
static void
lose(struct labyrinth_rxq *q, uint64_t limit, enum labyrinth_reason reason)
{
	uint64_t n = lab_cursor_skip(&q->device.cursor, &q->nic->wire, &q->list, limit);

	if (n != 0)
		lab_drop(&q->device.lost[reason], reason, n);
	q->device.sending = limit;
}

/* Free descriptors. acquire: pairs with the driver's release, see nic_private.h. */
LABYRINTH_HOT uint64_t
room_of(const struct labyrinth_rxq *q)
{
	uint64_t consumed = atomic_load_explicit(&q->consumed, memory_order_acquire);

	return q->size - (q->device.head - consumed);
}

/* Frames without faults, up to limit. */
static void
arrive_sound(struct labyrinth_rxq *q, uint64_t limit)
{
	const struct lab_wire *wire = &q->nic->wire;
	struct stretch stretch = { .room = room_of(q) };
	uint64_t from = q->device.sending;

	while (from < limit && stretch.room != 0) {
		uint64_t end = lab_wire_spell_end(wire, from);

		stretch.limit = end < limit ? end : limit;
		stretch.pauses = lab_wire_pauses(wire, from);
		write_frames(q, &stretch);
		from = stretch.limit;
	}
	if (stretch.room == 0)
		lose(q, limit, LABYRINTH_REASON_IMISSED);
	q->device.sending = limit;
}

/* ---- faults ---- */

/* What becomes of a faulty frame; _COUNT: it is delivered. */
static const enum labyrinth_reason fate[LABYRINTH_FAULT_COUNT] = {
	[LABYRINTH_FAULT_BAD_IP_CHECKSUM] = LABYRINTH_REASON_COUNT,
	[LABYRINTH_FAULT_BAD_UDP_CHECKSUM] = LABYRINTH_REASON_COUNT,
	[LABYRINTH_FAULT_BAD_FCS] = LABYRINTH_REASON_BAD_FCS,
	[LABYRINTH_FAULT_TRUNCATED] = LABYRINTH_REASON_TRUNCATED,
	[LABYRINTH_FAULT_OVERSIZE] = LABYRINTH_REASON_OVERSIZE,
};

/* The faulty one of the frames of block number block: which, is up to the seed. */
static uint64_t
faulty_of(const struct labyrinth_nic *nic, uint32_t fault, uint64_t block)
{
	uint64_t every = nic->config.fault_every[fault];
	uint64_t random = nic->config.seed + block * LABYRINTH_FAULT_COUNT + fault;

	return block * every + lab_random_below(&random, every);
}

/* First faulty frame from n on, of all queues. */
static uint64_t
next_fault(const struct labyrinth_nic *nic, uint64_t n, enum labyrinth_fault *fault)
{
	uint64_t first = NEVER;

	for (uint32_t i = 0; i < LABYRINTH_FAULT_COUNT; i++) {
		uint64_t block, at;

		if (nic->config.fault_every[i] == 0)
			continue;
		block = n / nic->config.fault_every[i];
		at = faulty_of(nic, i, block);
		if (at < n)
			at = faulty_of(nic, i, block + 1);
		if (at < first) {
			first = at;
			*fault = (enum labyrinth_fault)i;
		}
	}
	return first;
}

/* Look for the queue's next faulty frame after sending. */
static void
find_fault(struct labyrinth_rxq *q, uint64_t sending)
{
	const struct labyrinth_nic *nic = q->nic;
	uint64_t n;

	q->device.fault_at = NEVER;
	if (!nic->faulty || q->list.n == 0)
		return;
	n = next_fault(nic, lab_wire_frames(&nic->wire, sending), &q->device.fault);
	/* Not for ever: by a rare chance a queue has none for very long. */
	for (uint32_t i = 0; i < LAB_PERIOD_MAX; i++) {
		if (nic->headers.queue_of[n % nic->wire.flows] == q->number) {
			q->device.fault_at = lab_wire_arrival(&nic->wire, n);
			return;
		}
		n = next_fault(nic, n + 1, &q->device.fault);
	}
}

/* Turn a checksum into a wrong one, in a copy of the frame's line. */
static void
spoil(struct lab_odd_frame *frame, uint8_t line[LAB_LINE], enum labyrinth_fault fault)
{
	bool ip = fault == LABYRINTH_FAULT_BAD_IP_CHECKSUM;
	uint8_t *at = line + (ip ? LABYRINTH_AT_IP_CHECKSUM : LABYRINTH_AT_UDP_CHECKSUM);

	memcpy(line, frame->line, LAB_LINE);
	/* neither the right one nor 0, which would mean none */
	lab_put16(at, lab_get16(at) != 1 ? lab_get16(at) ^ 1 : 2);
	frame->line = line;
	frame->status.flags |= ip ? LABYRINTH_SEG_IP_BAD : LABYRINTH_SEG_UDP_BAD;
}

/* The frame at the cursor, which is faulty but not lost in the MAC. */
static void
deliver_faulty(struct labyrinth_rxq *q)
{
	struct lab_device *device = &q->device;
	const struct lab_headers *headers = &q->nic->headers;
	struct stretch stretch = {
		.limit = device->fault_at,
		.pauses = lab_wire_pauses(&q->nic->wire, device->fault_at - 1),
		.room = room_of(q),
	};
	struct lab_odd_frame frame;
	struct lab_batch batch;
	uint8_t line[LAB_LINE];
	uint32_t used;

	set_batch(&batch, q, &stretch);
	frame.line = headers->line[batch.slot->header];
	frame.status = headers->status[batch.slot->header];
	spoil(&frame, line, device->fault);
	used = lab_write_odd(q, &batch, &frame);
	if (used == 0) {
		lab_drop(&device->lost[LABYRINTH_REASON_IMISSED],
			LABYRINTH_REASON_IMISSED, 1);
		return;
	}
	device->head += used;
	lab_counter_add(&device->written, 1);
	lab_counter_add(&device->fault_seen[device->fault], 1);
}

/* The frame that arrives at fault_at; all before it have. */
static void
arrive_faulty(struct labyrinth_rxq *q)
{
	struct lab_device *device = &q->device;
	enum labyrinth_reason reason = fate[device->fault];

	lab_cursor_next_round(&device->cursor, &q->nic->wire, &q->list, device->fault_at);
	if (reason == LABYRINTH_REASON_COUNT) {
		deliver_faulty(q);
	} else {
		lab_drop(&device->lost[reason], reason, 1);
		lab_counter_add(&device->fault_seen[device->fault], 1);
	}
	device->cursor.index++;
	device->sending = device->fault_at;
	find_fault(q, device->sending);
}

/* ---- time ---- */

/* All frames up to limit, link and device being up. */
static void
arrive(struct labyrinth_rxq *q, uint64_t limit)
{
	struct lab_device *device = &q->device;

	/* Once the ring is full, a frame is missed, faulty or not: so however late we
	 * are, there is no more to do than there are descriptors. */
	while (labyrinth_unlikely(device->fault_at <= limit) && room_of(q) != 0) {
		arrive_sound(q, device->fault_at - 1);
		if (room_of(q) != 0)
			arrive_faulty(q);
	}
	arrive_sound(q, limit);
	if (labyrinth_unlikely(device->fault_at <= limit))
		find_fault(q, limit);
}

/* Is t in the window? Lowers until to when that changes. */
static bool
in_window(const struct lab_window *window, uint64_t t, uint64_t *until)
{
	uint64_t within, change;
	bool in;

	if (window->every == 0)
		return false;
	within = t % window->every;
	in = within >= window->from;
	change = t - within + (in ? window->every : window->from);
	if (change < *until)
		*until = change;
	return in;
}

enum labyrinth_reason
lab_condition(const struct labyrinth_nic *nic, uint64_t t, uint64_t *until)
{
	/* relaxed: the flags alone matter */
	uint32_t hold = atomic_load_explicit(&nic->hold, memory_order_relaxed);
	bool down, stalled;

	*until = NEVER;
	if (labyrinth_likely((nic->link_down.every | nic->stalled.every | hold) == 0))
		return LABYRINTH_REASON_COUNT;
	down = in_window(&nic->link_down, t, until);
	stalled = in_window(&nic->stalled, t, until);
	if (down || (hold & LAB_HOLD_LINK) != 0)
		return LABYRINTH_REASON_LINK_DOWN;
	if (stalled || (hold & LAB_HOLD_STALLED) != 0)
		return LABYRINTH_REASON_STALLED;
	return LABYRINTH_REASON_COUNT;
}

/* The wire's time goes on to until, in which nothing changes. */
static void
pass(struct labyrinth_rxq *q, uint64_t until, enum labyrinth_reason reason)
{
	const struct labyrinth_nic *nic = q->nic;
	uint64_t limit = lab_wire_sending(&nic->wire, until);

	if (limit > nic->end_ps)
		limit = nic->end_ps;
	if (limit <= q->device.sending)
		return;
	if (labyrinth_likely(reason == LABYRINTH_REASON_COUNT)) {
		arrive(q, limit);
		return;
	}
	lose(q, limit, reason);
	if (q->device.fault_at <= limit)
		find_fault(q, limit);
}

void
lab_device_run(struct labyrinth_rxq *q, uint64_t now)
{
	struct lab_device *device = &q->device;

	if (labyrinth_unlikely(q->list.n == 0))
		return;
	while (device->seen < now) {
		uint64_t until;
		enum labyrinth_reason reason =
			lab_condition(q->nic, device->seen, &until);

		if (until > now)
			until = now;
		pass(q, until, reason);
		device->seen = until;
	}
	/* relaxed: as all counters */
	atomic_store_explicit(&device->sent,
		device->sent_before + lab_cursor_passed(&device->cursor, &q->list),
		memory_order_relaxed);
}

void
lab_device_seek(struct labyrinth_rxq *q, uint64_t now)
{
	const struct labyrinth_nic *nic = q->nic;
	struct lab_device *device = &q->device;
	uint64_t sending = lab_wire_sending(&nic->wire, now);

	if (sending > nic->end_ps)
		sending = nic->end_ps;
	device->seen = now;
	device->sending = sending;
	device->cursor = (struct lab_cursor){ 0 };
	lab_cursor_skip(&device->cursor, &nic->wire, &q->list, sending);
	device->sent_before = lab_counter_read(&device->sent) -
			      lab_cursor_passed(&device->cursor, &q->list);
	find_fault(q, sending);
}

/* ---- who does it ---- */

uint32_t
labyrinth_nic_device_poll(struct labyrinth_nic *nic)
{
	uint64_t now = lab_clock_now(&nic->clock), written = 0;

	for (uint32_t i = 0; i < nic->rxqs; i++) {
		struct labyrinth_rxq *q = &nic->rxq[i];
		uint64_t before = lab_counter_read(&q->device.written);

		lab_device_run(q, now);
		written += lab_counter_read(&q->device.written) - before;
	}
	return (uint32_t)written;
}

static void *
thread_main(void *arg)
{
	struct labyrinth_nic *nic = arg;

	/* A card never sleeps. relaxed: pthread_join orders what matters */
	while (!atomic_load_explicit(&nic->end_thread, memory_order_relaxed))
		labyrinth_nic_device_poll(nic);
	return NULL;
}

/* Bind the thread before it runs. */
static int
thread_attr(pthread_attr_t *attr, int cpu)
{
	cpu_set_t cpus;

	pthread_attr_init(attr);
	if (cpu < 0)
		return 0;
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	return -pthread_attr_setaffinity_np(attr, sizeof(cpus), &cpus);
}

int
lab_device_thread_start(struct labyrinth_nic *nic, struct labyrinth_error *error)
{
	pthread_attr_t attr;
	int ret = thread_attr(&attr, nic->config.device_cpu);

	atomic_store_explicit(&nic->end_thread, false, memory_order_relaxed);
	if (ret == 0)
		ret = -pthread_create(&nic->thread, &attr, thread_main, nic);
	pthread_attr_destroy(&attr);
	nic->threaded = ret == 0;
	if (ret != 0)
		return labyrinth_fail(error, ret,
			"%s: no thread for the device on CPU %d (%s): give a CPU that "
			"this process may use, or -1",
			nic->config.name, nic->config.device_cpu, strerror(-ret));
	return 0;
}

void
lab_device_thread_stop(struct labyrinth_nic *nic)
{
	if (!nic->threaded)
		return;
	atomic_store_explicit(&nic->end_thread, true, memory_order_relaxed);
	pthread_join(nic->thread, NULL);
	nic->threaded = false;
}
