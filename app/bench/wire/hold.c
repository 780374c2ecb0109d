/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bitops.h>
#include <rte_common.h>

#include "hold.h"

enum bench_exit
wire_hold_open(struct wire_hold *hold, uint64_t ticks, uint32_t buffers,
	struct labyrinth_error *error)
{
	uint32_t room = rte_align32pow2(buffers);

	*hold = (struct wire_hold){
		.ticks = ticks,
		.buffer = calloc(room, sizeof(*hold->buffer)),
		.until = calloc(room, sizeof(*hold->until)),
		.mask = room - 1,
	};
	if (hold->buffer != NULL && hold->until != NULL)
		return BENCH_OK;
	wire_hold_close(hold);
	return labyrinth_fail(error, BENCH_ENVIRONMENT,
		"no memory to keep %" PRIu32 " buffers: give fewer --pages", buffers);
}

void
wire_hold_close(struct wire_hold *hold)
{
	free(hold->buffer);
	free(hold->until);
	memset(hold, 0, sizeof(*hold));
}

void
wire_hold_push(struct wire_hold *hold, void *const *buffer, uint32_t n, uint64_t now)
{
	for (uint32_t i = 0; i < n; i++, hold->end++) {
		hold->buffer[hold->end & hold->mask] = buffer[i];
		hold->until[hold->end & hold->mask] = now + hold->ticks;
	}
}

void
wire_hold_release(
	struct wire_hold *hold, const struct labyrinth_source *source, uint64_t now)
{
	while (hold->first != hold->end) {
		uint32_t at = hold->first & hold->mask;
		uint32_t most = RTE_MIN(hold->end - hold->first, hold->mask + 1 - at),
			 n = 0;

		while (n < most && hold->until[at + n] <= now)
			n++;
		if (n == 0)
			return;
		source->give(source->arg, &hold->buffer[at], n);
		hold->first += n;
	}
}
