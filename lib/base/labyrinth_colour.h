/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_COLOUR_H
#define LABYRINTH_COLOUR_H

/**
 * @file
 * Where in its page the data of a buffer starts: the one rule, for mbufs and for
 * whoever uses pages without DPDK.
 *
 * Page starts all map to one set of the L1 cache, and the headers of all frames would
 * compete for its few ways. So the data of page i starts colour(i) lines later. 31
 * colours leave 4096 - 30 * 64 = 2176 bytes in every page: 2048 after a headroom of 128.
 * 31 is odd and prime, so that neighbouring pages differ and no power of two of pages
 * brings the same colour again soon.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Starts that the data of a page may have, one cache line apart. */
#define LABYRINTH_COLOURS 31u
/** Bytes of a colour. */
#define LABYRINTH_COLOUR_STEP 64u
/** Bytes of a page that the last colour takes from its usable length. */
#define LABYRINTH_COLOUR_LOSS ((LABYRINTH_COLOURS - 1) * LABYRINTH_COLOUR_STEP)

/** Colour of page @p index: lines between the page's and the data's start. */
static inline uint32_t
labyrinth_colour(uint32_t index)
{
	return index % LABYRINTH_COLOURS;
}

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_COLOUR_H */
