/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdlib.h>

#include "rx_bare_hot.h"

int
rx_bare_open(struct rx_bare *bare, const struct labyrinth_nic_config *config,
	struct labyrinth_source *source, uint32_t size)
{
	const struct labyrinth_rss rss = { .fields = LABYRINTH_RSS_NONE };

	*bare = (struct rx_bare){ .source = source };
	bare->posted = aligned_alloc(LABYRINTH_CACHE_LINE, size * sizeof(*bare->posted));
	bare->done = aligned_alloc(LABYRINTH_CACHE_LINE, size * sizeof(*bare->done));
	if (bare->posted == NULL || bare->done == NULL ||
		lab_headers_build(&bare->headers, config, &rss) != 0)
		return -ENOMEM;
	bare->size = source->take(source->arg, bare->posted, size);
	return bare->size == size ? 0 : -ENOMEM;
}

void
rx_bare_close(struct rx_bare *bare)
{
	void *buffer[RX_BURST];

	for (uint32_t i = 0; i < bare->size; i += RX_BURST) {
		uint32_t n = bare->size - i < RX_BURST ? bare->size - i : RX_BURST;

		for (uint32_t k = 0; k < n; k++)
			buffer[k] = bare->posted[i + k].buffer;
		bare->source->give(bare->source->arg, buffer, n);
	}
	lab_headers_free(&bare->headers);
	free(bare->posted);
	free(bare->done);
}

void
rx_bare_round(struct rx_bare *bare, bool descriptors)
{
#ifdef RX_HAVE_AVX2
	if (__builtin_cpu_supports("avx2")) {
		rx_bare_round_avx2(bare, descriptors);
		return;
	}
#endif
	rx_bare_round_hot(bare, descriptors);
}
