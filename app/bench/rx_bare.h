/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_RX_BARE_H
#define BENCH_RX_BARE_H

/**
 * @file
 * What the memory allows: loops that write and read the lines that the rx loop writes and
 * reads, by the same instructions, and do nothing else. No pool, no wire, no policy.
 */

#include <stdbool.h>
#include <stdint.h>

#include "header.h"
#include "labyrinth_nic.h"

struct rx_bare {
	struct lab_headers headers;
	struct labyrinth_source *source;
	struct labyrinth_buffer *posted;
	uint64_t *done;
	uint32_t size;
	uint32_t sequence;
};

/** Take @p size buffers. @return 0; -ENOMEM */
int
rx_bare_open(struct rx_bare *bare, const struct labyrinth_nic_config *config,
	struct labyrinth_source *source, uint32_t size);

void
rx_bare_close(struct rx_bare *bare);

/** Once round, in bursts: the frames' lines, and if @p descriptors also theirs. */
void
rx_bare_round(struct rx_bare *bare, bool descriptors);

/** Only for machines that have AVX2. */
void
rx_bare_round_avx2(struct rx_bare *bare, bool descriptors);

#endif /* BENCH_RX_BARE_H */
