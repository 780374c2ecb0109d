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

/** A page as it was found: what the CAS that changes it must expect. */
struct lab_view {
	struct lab_row_word row;
	struct lab_page_word word;
	uint32_t generation;
};

/**
 * Look whether a page belongs to @p owner or its team and is in nobody's transfer.
 *
 * @param generation  of the handle, or LAB_ANY_GENERATION
 * @param view        receives what was seen; if view->word is named (lab_page_named())
 *   the word is what must change, else the row
 * @return LABYRINTH_REFUSED_NONE, or why it is not the owner's
 */
enum labyrinth_refusal
lab_page_look(struct labyrinth_owner *owner, uint32_t page, uint64_t generation,
	struct lab_view *view);

/** A page's next word, from its generation, its present owner's slot and a peer's. */
typedef struct lab_page_word (*lab_next_word)(uint32_t generation, uint32_t owner,
	uint32_t peer);

/**
 * Give a page that is @p owner's another word, whether its own word or its row speaks for
 * it now. Of several who try, one succeeds; see naming.h for the steps.
 *
 * @param generation  of the handle, or LAB_ANY_GENERATION
 */
enum labyrinth_refusal
lab_page_rename(struct labyrinth_owner *owner, uint32_t page, uint64_t generation,
	lab_next_word next, uint32_t peer);

/** Set the bits of pages in their row's free mask: their words say FREED by the owner. */
void
lab_page_give_bits(struct labyrinth_owner *owner, uint32_t number, uint32_t bits);

/** Free a page whose word is @p word: the caller's own, that nobody else changes. */
void
lab_page_give(struct labyrinth_owner *owner, uint32_t page, struct lab_page_word word);

/**
 * Free one page, or say why not. Check and change are one atomic step.
 *
 * @param generation  of the handle, or LAB_ANY_GENERATION
 */
enum labyrinth_refusal
lab_page_free(struct labyrinth_owner *owner, uint32_t page, uint64_t generation);

#endif /* LAB_PAGE_H */
