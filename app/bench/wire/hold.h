/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_HOLD_H
#define BENCH_WIRE_HOLD_H

/**
 * @file
 * An application that keeps each frame for a while: the pressure under which a pool runs
 * low. Oldest first; one thread.
 */

#include <stdint.h>

#include "exit_code.h"
#include "labyrinth_source.h"

struct wire_hold {
	uint64_t ticks;     /**< of the TSC, for which a buffer is kept */
	void **buffer;      /**< a ring of mask + 1 */
	uint64_t *until;    /**< when each falls due */
	uint32_t mask;
	uint32_t first, end;  /**< modulo 2^32 */
};

/** Make room for @p buffers. @return BENCH_OK; BENCH_ENVIRONMENT no memory */
enum bench_exit
wire_hold_open(struct wire_hold *hold, uint64_t ticks, uint32_t buffers,
	struct labyrinth_error *error);

void
wire_hold_close(struct wire_hold *hold);

/** Keep @p n buffers, got at TSC @p now. There is room for all that there are. */
void
wire_hold_push(struct wire_hold *hold, void *const *buffer, uint32_t n, uint64_t now);

/** Give those back that are due by @p now; UINT64_MAX: all. */
void
wire_hold_release(struct wire_hold *hold, const struct labyrinth_source *source,
	uint64_t now);

#endif /* BENCH_WIRE_HOLD_H */
