/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_PAGE_H
#define LAB_PAGE_H

/**
 * @file
 * One page at a time: what state it is in, and the way to free one of which the
 * row alone does not tell the owner. The slow path of free and the place where a
 * refusal gets its reason.
 *
 * Any thread, any number at once, lock-free, signal-safe.
 */

#include "pool_private.h"

/** The state of a page as users see it. */
enum lab_page_status {
	LAB_STATUS_FREE,      /**< in the depot */
	LAB_STATUS_CACHED,    /**< free in a held row */
	LAB_STATUS_OWNED,
	LAB_STATUS_OFFERED,
	LAB_STATUS_OFFLINE,
	LAB_STATUS_LIMBO,     /**< between two steps of a call; at rest: lost */
	LAB_STATUSES
};

/**
 * State and owner of a page, from its row, its word and the holder's mask. Exact at
 * rest; a snapshot in passing otherwise.
 *
 * @param owner  receives the owner's slot, 0 of a free page
 */
enum lab_page_status
lab_page_status(const struct labyrinth_pool *pool, uint32_t page, uint32_t *owner);

/** By index: the caller knows no generation. */
#define LAB_ANY_GENERATION UINT64_MAX

/**
 * Free one page, or say why not. Check and change are one atomic step.
 *
 * @param generation  of the handle, or LAB_ANY_GENERATION
 */
enum labyrinth_refusal
lab_page_free(struct labyrinth_owner *owner, uint32_t page, uint64_t generation);

#endif /* LAB_PAGE_H */
