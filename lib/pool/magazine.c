/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "magazine.h"

#include <string.h>

#include "held.h"
#include "page.h"

/* Back into the depot, or whoever's row it is by now. */
static void
put_elsewhere(struct labyrinth_owner *owner, uint32_t page, uint32_t generation)
{
	owner->cached--;
	lab_page_give(owner, page, lab_page_cached(generation, owner->slot));
}

void
lab_magazine_spill(struct labyrinth_owner *owner, uint32_t keep)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t spilled;

	if (owner->magazine_count <= keep)
		return;
	spilled = owner->magazine_count - keep;
	for (uint32_t i = 0; i < spilled; i++) {
		uint32_t page = labyrinth_page_index(owner->magazine[i]) - 1;
		uint32_t generation = labyrinth_page_generation(owner->magazine[i]);

		if (!lab_held_take_back(owner, page, generation))
			put_elsewhere(owner, page, generation);
		else if (labyrinth_unlikely(lab_pressure(pool, lab_row_of(page))))
			lab_held_yield(owner, lab_row_of(page));
	}
	memmove(owner->magazine, owner->magazine + spilled, keep * sizeof(*owner->magazine));
	owner->magazine_count = keep;
}
