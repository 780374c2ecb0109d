/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include "writer.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	"the words of a frame are stored as they are");

/** Half a line; the compiler makes of it what the machine has. */
typedef uint32_t half_line __attribute__((vector_size(LAB_LINE / 2)));

_Static_assert(LABYRINTH_AT_SEQUENCE == 44 && LABYRINTH_AT_STAMP == 52,
	"where write_line() puts them");

/*
 * The first line of a frame. Header lines have 0 where a number stands and ~0 where its
 * complement does: one exclusive or with the number makes either right.
 */
LABYRINTH_HOT void
write_line(uint8_t *data, const uint8_t *line, uint32_t sequence, uint32_t stamp)
{
	const half_line words = { 0, 0, 0, sequence, sequence, stamp, stamp, 0 };
	half_line half;

	memcpy(&half, line + sizeof(half), sizeof(half));
	half ^= words;
	memcpy(data, line, sizeof(half));
	memcpy(data + sizeof(half), &half, sizeof(half));
}

/* Complete a descriptor. */
LABYRINTH_HOT void
complete(lab_done *done, struct lab_status status, uint64_t phase)
{
	uint64_t word;

	memcpy(&word, &status, sizeof(word));
	/* release: the data before, see nic_private.h */
	atomic_store_explicit(done, word | phase, memory_order_release);
}

/*
 * One line and one descriptor a frame. All that does not change is held in locals: the
 * compiler must take a store of bytes for one that may change anything else.
 */
LABYRINTH_WIDE void
lab_write_lines(const struct labyrinth_rxq *q, struct lab_batch *batch)
{
	const uint8_t(*const line)[LAB_LINE] = (const void *)q->nic->headers.line;
	const struct lab_status *const status = q->nic->headers.status;
	const struct labyrinth_buffer *const posted =
		&q->posted[batch->pos & (q->size - 1)];
	lab_done *const done = &q->done[batch->pos & (q->size - 1)];
	const struct lab_slot *const slot = batch->slot;
	const uint64_t phase = lab_phase(q, batch->pos), within = batch->within;
	const uint32_t first = batch->first, stamp = batch->stamp;
	uint32_t n = batch->room < batch->slots ? batch->room : batch->slots, i;

	for (i = 0; i < n && slot[i].at <= within; i++) {
		uint32_t header = slot[i].header;

		write_line(posted[i].data, line[header], first + slot[i].nth,
			stamp + slot[i].at_ns);
		complete(&done[i], status[header], phase);
	}
	batch->passed = batch->used = i;
	batch->missed = 0;
}

/* All of a frame but its first line, in as many buffers as it takes. */
static void
write_rest(const struct labyrinth_rxq *q, uint64_t pos, struct lab_status whole)
{
	uint32_t left = whole.length, from = LAB_LINE;

	do {
		struct lab_status part = whole;
		uint32_t at = (uint32_t)pos & (q->size - 1), end;

		part.length = (uint16_t)(left < q->room ? left : q->room);
		left -= part.length;
		if (left != 0)
			part.flags |= LABYRINTH_SEG_MORE;
		end = (part.length + LAB_LINE - 1) & ~(LAB_LINE - 1);
		if (!q->nic->config.headers_only && end > from)
			memset((uint8_t *)q->posted[at].data + from, LABYRINTH_FRAME_FILL,
				end - from);
		complete(&q->done[at], part, lab_phase(q, pos));
		from = 0;
		pos++;
	} while (left != 0);
}

/* Returns descriptors used, 0: there are fewer than it takes. */
static uint32_t
write_frame(const struct labyrinth_rxq *q, uint64_t pos, uint32_t room,
	const struct lab_odd_frame *frame, uint32_t sequence, uint32_t stamp)
{
	uint32_t need = q->single ? 1 : (frame->status.length + q->room - 1) / q->room;

	if (need > room)
		return 0;
	write_line(q->posted[pos & (q->size - 1)].data, frame->line, sequence, stamp);
	write_rest(q, pos, frame->status);
	return need;
}

uint32_t
lab_write_odd(const struct labyrinth_rxq *q, const struct lab_batch *batch,
	const struct lab_odd_frame *odd)
{
	return write_frame(q, batch->pos, batch->room, odd,
		batch->first + batch->slot->nth, batch->stamp + batch->slot->at_ns);
}

void
lab_write_frames(const struct labyrinth_rxq *q, struct lab_batch *batch)
{
	const struct lab_headers *headers = &q->nic->headers;
	struct lab_batch rest = *batch;
	uint32_t missed = 0;

	for (; rest.slots != 0 && rest.room != 0 && rest.slot->at <= rest.within;
		rest.slot++, rest.slots--) {
		struct lab_odd_frame frame = {
			.line = headers->line[rest.slot->header],
			.status = headers->status[rest.slot->header],
		};
		uint32_t used = lab_write_odd(q, &rest, &frame);

		missed += used == 0;
		rest.room -= used;
		rest.pos += used;
	}
	batch->passed = batch->slots - rest.slots;
	batch->missed = missed;
	batch->used = batch->room - rest.room;
}
