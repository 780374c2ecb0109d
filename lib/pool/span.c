/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "labyrinth_pool.h"
#include "span.h"

LABYRINTH_WIDE void
lab_span_write64(uint64_t first, uint64_t *to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = first + i;
}

LABYRINTH_WIDE void
lab_span_write_pages(char *first, void **to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = first + (size_t)i * LABYRINTH_PAGE_SIZE;
}

LABYRINTH_WIDE void
lab_span_write32(uint32_t first, uint32_t *to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = first + i;
}

LABYRINTH_WIDE bool
lab_span_is64(uint64_t first, const uint64_t *from, uint32_t n)
{
	uint64_t off = 0;

	for (uint32_t i = 0; i < n; i++)
		off |= from[i] ^ (first + i);
	return off == 0;
}

LABYRINTH_WIDE bool
lab_span_is_pages(const char *first, void *const *from, uint32_t n)
{
	uintptr_t off = 0;

	for (uint32_t i = 0; i < n; i++)
		off |= (uintptr_t)from[i] ^
			((uintptr_t)first + (uintptr_t)i * LABYRINTH_PAGE_SIZE);
	return off == 0;
}

LABYRINTH_WIDE bool
lab_span_is32(uint32_t first, const uint32_t *from, uint32_t n)
{
	uint32_t off = 0;

	for (uint32_t i = 0; i < n; i++)
		off |= from[i] ^ (first + i);
	return off == 0;
}
