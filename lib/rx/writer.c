/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include "writer_lines.h"

void
lab_write_lines(const struct labyrinth_rxq *q, struct lab_batch *batch)
{
	lab_write_lines_hot(q, batch);
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
		lab_complete(&q->done[at], part, lab_phase(q, pos));
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
	lab_line_write(q->posted[pos & (q->size - 1)].data, frame->line,
		(lab_numbers){ sequence, stamp });
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

lab_write_fn
lab_writer_of(const struct labyrinth_rxq *q)
{
	if (!q->lines)
		return lab_write_frames;
#ifdef LAB_HAVE_AVX2
	if (__builtin_cpu_supports("avx2"))
		return lab_write_lines_avx2;
#endif
	return lab_write_lines;
}
