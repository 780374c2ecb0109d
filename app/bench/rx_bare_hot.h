/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_RX_BARE_HOT_H
#define BENCH_RX_BARE_HOT_H

/**
 * @file
 * The bare loops, compiled for each kind of machine by the file that includes this, as
 * lib/rx/writer_lines.h is.
 */

#include <string.h>

#include "line.h"
#include "rx_bare.h"
#include "rx_bench.h"

LABYRINTH_HOT void
rx_bare_write(const struct rx_bare *bare, uint32_t at, bool descriptors)
{
	const struct labyrinth_buffer *const posted = bare->posted + at;
	uint64_t *const done = bare->done + at;
	const uint8_t (*const line)[LAB_LINE] = (const void *)bare->headers.line;
	const uint32_t sequence = bare->sequence;

	for (uint32_t i = 0; i < RX_BURST; i++) {
		lab_line_write(
			posted[i].data, line[i], (lab_numbers){ sequence, i });
		if (descriptors)
			done[i] = sequence;
	}
}

/* The segments are for the application, so they stay where they are: in the L1 cache. */
LABYRINTH_HOT void
rx_bare_read(const struct rx_bare *bare, uint32_t at, bool descriptors)
{
	struct labyrinth_buffer *const posted = bare->posted + at;
	struct labyrinth_buffer seg[RX_BURST];
	uint64_t sum = 0;

	memcpy(seg, posted, sizeof(seg));
	for (uint32_t i = 0; i < RX_BURST; i++) {
		sum += bench_read_header(seg[i].data);
		if (descriptors)
			sum += bare->done[at + i];
	}
	bench_use(sum);
	if (descriptors)
		memcpy(posted, seg, sizeof(seg));
}

/** Once round. */
LABYRINTH_HOT void
rx_bare_round_hot(struct rx_bare *bare, bool descriptors)
{
	for (uint32_t at = 0; at < bare->size; at += RX_BURST) {
		rx_bare_write(bare, at, descriptors);
		rx_bare_read(bare, at, descriptors);
	}
	bare->sequence++;
}

#endif /* BENCH_RX_BARE_HOT_H */
