/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_WRITER_LINES_H
#define LAB_WRITER_LINES_H

/**
 * @file
 * The fast path of the device: one line and one descriptor a frame. Included by a file for
 * each kind of machine, which compiles it for that kind.
 */

#include "line.h"
#include "writer.h"

/** Complete a descriptor. */
LABYRINTH_HOT void
lab_complete(lab_done *done, struct lab_status status, uint64_t phase)
{
	uint64_t word;

	memcpy(&word, &status, sizeof(word));
	/* release: the data before, see nic_private.h */
	atomic_store_explicit(done, word | phase, memory_order_release);
}

/**
 * A lab_write_fn for queues with lines set. All that does not change is held in locals:
 * the compiler must take a store of bytes for one that may change anything else.
 */
LABYRINTH_HOT void
lab_write_lines_hot(const struct labyrinth_rxq *q, struct lab_batch *batch)
{
	const uint8_t (*const line)[LAB_LINE] = (const void *)q->nic->headers.line;
	const struct lab_status *const status = q->nic->headers.status;
	const uint32_t at = (uint32_t)batch->pos & (q->size - 1);
	const struct labyrinth_buffer *const posted = q->posted + at;
	lab_done *const done = q->done + at;
	const struct lab_slot *const slot = batch->slot;
	const uint64_t phase = lab_phase(q, batch->pos), within = batch->within;
	const lab_numbers base = { batch->first, batch->stamp };
	uint32_t n = batch->room < batch->slots ? batch->room : batch->slots, i;

	for (i = 0; i < n && slot[i].at <= within; i++) {
		uint32_t header = slot[i].header;

		lab_line_write(posted[i].data, line[header],
			base + lab_numbers_load(&slot[i].nth));
		lab_complete(&done[i], status[header], phase);
	}
	batch->passed = batch->used = i;
	batch->missed = 0;
}

#endif /* LAB_WRITER_LINES_H */
