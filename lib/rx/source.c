/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "labyrinth_colour.h"
#include "labyrinth_source.h"

/** Pages converted at a time, on the stack. */
#define CHUNK 128u

static LABYRINTH_WIDE void
to_buffers(const struct labyrinth_page_source *pages, const uint32_t *index,
	struct labyrinth_buffer *to, uint32_t n)
{
	uintptr_t base = pages->base;
	uint32_t step = pages->step;

	for (uint32_t i = 0; i < n; i++) {
		uintptr_t page = base + (uintptr_t)index[i] * LABYRINTH_PAGE_SIZE;

		to[i].buffer = (void *)(uintptr_t)index[i];
		to[i].data = (void *)(page + labyrinth_colour(index[i]) * step);
	}
}

static uint32_t
take(void *arg, struct labyrinth_buffer *to, uint32_t n)
{
	const struct labyrinth_page_source *pages = arg;
	uint32_t index[CHUNK], got, done = 0;

	do {
		uint32_t part = n - done < CHUNK ? n - done : CHUNK;

		got = labyrinth_alloc_index_burst(
			pages->owner, LABYRINTH_GFP_ATOMIC, index, part);
		to_buffers(pages, index, to + done, got);
		done += got;
	} while (got == CHUNK && done < n);
	return done;
}

static void
give(void *arg, void *const *buffer, uint32_t n)
{
	struct labyrinth_page_source *pages = arg;
	uint32_t index[CHUNK], part;

	for (; n > 0; buffer += part, n -= part) {
		part = n < CHUNK ? n : CHUNK;
		for (uint32_t i = 0; i < part; i++)
			index[i] = labyrinth_page_of_buffer(buffer[i]);
		pages->refused +=
			labyrinth_free_index_bulk(pages->owner, index, part, NULL);
	}
}

void
labyrinth_page_source_init(struct labyrinth_page_source *pages,
	struct labyrinth_source *source, struct labyrinth_pool *pool,
	struct labyrinth_owner *owner, bool uncoloured)
{
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(pool, &stats);
	*pages = (struct labyrinth_page_source){
		.owner = owner,
		/* index 1 is the first page; the headroom is added once, here */
		.base = (uintptr_t)labyrinth_pool_base(pool) - LABYRINTH_PAGE_SIZE +
			LABYRINTH_PAGE_HEADROOM,
		.step = uncoloured ? 0 : LABYRINTH_COLOUR_STEP,
	};
	*source = (struct labyrinth_source){
		.take = take,
		.give = give,
		.arg = pages,
		.room = LABYRINTH_PAGE_SIZE - LABYRINTH_PAGE_HEADROOM -
			(uncoloured ? 0 : LABYRINTH_COLOUR_LOSS),
		.buffers = stats.pages,
	};
}
