/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_WIPE_H
#define LAB_WIPE_H

/**
 * @file
 * The two modes in which the pool does write free pages, off unless asked for. The
 * caller has the page to itself.
 */

#include "pool_private.h"

#define LAB_WIPE_FLAGS ((uint32_t)(LABYRINTH_POOL_ZERO_ON_FREE | LABYRINTH_POOL_POISON))

/** Memory that has just come: what free pages must read as. */
void
lab_wipe_new(struct labyrinth_pool *pool, uint32_t page, uint32_t n);

/** A page is about to be freed. */
void
lab_wipe_free(struct labyrinth_pool *pool, uint32_t page);

/** A page was handed out: count it if somebody wrote to it while it was free. */
void
lab_wipe_check(struct labyrinth_pool *pool, uint32_t page);

#endif /* LAB_WIPE_H */
