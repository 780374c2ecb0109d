/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_NAMES_H
#define LAB_NAMES_H

/**
 * @file
 * How a call names pages: by handle, index or address. The public calls of the three
 * kinds are one function each, which the compiler makes anew for each kind.
 */

#include "pool_private.h"

/** An array of the caller's; the other two are NULL. */
struct lab_names {
	labyrinth_page *page;
	uint32_t *index;
	void **address;
};

/** The names from the i-th on. */
LABYRINTH_HOT struct lab_names
lab_names_from(struct lab_names names, uint32_t i)
{
	return (struct lab_names){
		names.page != NULL ? names.page + i : NULL,
		names.index != NULL ? names.index + i : NULL,
		names.address != NULL ? names.address + i : NULL,
	};
}

/** Index of the page at an address, something that is none if no page begins there. */
LABYRINTH_HOT uint32_t
lab_names_index_of(const struct labyrinth_pool *pool, const void *address)
{
	uint64_t offset = (uint64_t)((uintptr_t)address - (uintptr_t)pool->base);
	/* rotated, so that what is no multiple of a page is far beyond the last */
	uint64_t number = offset >> 12 | offset << 52;

	return number < pool->pages ? (uint32_t)number + 1 : 0;
}
static_assert(LABYRINTH_PAGE_SIZE == 1u << 12, "as is shifted above");

/** Index of the i-th page, as it is named: there need not be such a page. */
LABYRINTH_HOT uint32_t
lab_names_index(const struct labyrinth_pool *pool, const struct lab_names *names, uint32_t i)
{
	if (names->page != NULL)
		return labyrinth_page_index(names->page[i]);
	return names->index != NULL ? names->index[i] :
		lab_names_index_of(pool, names->address[i]);
}

/** Name page number @p page; the generation is for handles alone. */
LABYRINTH_HOT void
lab_names_set(const struct labyrinth_pool *pool, struct lab_names names, uint32_t i,
	uint32_t page, uint32_t generation)
{
	if (names.page != NULL)
		names.page[i] = (uint64_t)generation << 32 | (page + 1);
	else if (names.index != NULL)
		names.index[i] = page + 1;
	else
		names.address[i] = pool->base + (size_t)page * LABYRINTH_PAGE_SIZE;
}

/** Move a name to a place before it. */
static inline void
lab_names_move(struct lab_names names, uint32_t to, uint32_t from)
{
	if (names.page != NULL)
		names.page[to] = names.page[from];
	else if (names.index != NULL)
		names.index[to] = names.index[from];
	else
		names.address[to] = names.address[from];
}

#endif /* LAB_NAMES_H */
