/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_CENSUS_H
#define LAB_CENSUS_H

/**
 * @file
 * Counting what is where: statistics, validation, and who holds how many. Walks the
 * side arrays; any thread, exact at rest.
 */

#include "pool_private.h"
#include "page.h"

/** Pages by state. */
struct lab_census {
	uint32_t pages[LAB_STATUSES];
};

/** Count all pages by state. */
struct lab_census
lab_census_take(const struct labyrinth_pool *pool);

/** Pages that the owner in @p slot owns or has offered. */
uint32_t
lab_census_owned(const struct labyrinth_pool *pool, uint32_t slot);

#endif /* LAB_CENSUS_H */
