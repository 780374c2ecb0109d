/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef INSIDE_H
#define INSIDE_H

/** What tests look at inside a pool. */

#include <stdio.h>

#include "pool_private.h"

/** What the depots count as free. */
static inline uint32_t
inside_free(const struct labyrinth_pool *pool)
{
	uint32_t sum = 0;

	for (uint32_t n = 0; n < pool->nodes; n++)
		sum += (uint32_t)atomic_load_explicit(
			&pool->depot[n].free, memory_order_relaxed);
	return sum;
}

/** Free pages of a row: in its public mask and in its holder's. */
static inline uint32_t
inside_row_free(const struct lab_row *row)
{
	return (uint32_t)__builtin_popcount((uint32_t)lab_row_load(row).free |
		atomic_load_explicit(&row->mine, memory_order_relaxed));
}

/** Say what the side arrays have of page @p index, for a failure's report. */
static inline void
inside_explain(const struct labyrinth_pool *pool, uint32_t index)
{
	static const char *const row_states[8] = { "in the depot", "held",
		"being taken from", "offline", "?", "?", "?", "?" };
	static const char *const states[8] = { "row's", "owned", "offered", "freed" };
	struct lab_row *row;
	struct lab_row_word at;
	struct lab_page_word word;
	uint32_t bit;

	if (index == 0 || index > pool->pages)
		return;
	row = &pool->row[lab_row_of(index - 1)];
	at = lab_row_load(row);
	word = lab_word_load(pool, index - 1);
	bit = lab_bit_of(index - 1);
	fprintf(stderr,
		"page %u: free %d, mine %d, lent %d; its word: %s, owner %u, peer %u, "
		"generation %#x; row %u: %s, holder %u, version %u; pass: used %d, epoch "
		"%#x\n",
		index, ((uint32_t)at.free & bit) != 0,
		(atomic_load(&row->mine) & bit) != 0,
		(atomic_load(&row->lent) & bit) != 0, states[word.state],
		(uint32_t)word.owner, (uint32_t)word.peer, (uint32_t)word.generation,
		lab_row_of(index - 1), row_states[at.state], (uint32_t)at.holder,
		(uint32_t)at.version, ((uint32_t)lab_pass_load(row).used & bit) != 0,
		(uint32_t)lab_pass_load(row).epoch);
}

#endif /* INSIDE_H */
