/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_NAMING_H
#define LAB_NAMING_H

/**
 * @file
 * How a page that only its row speaks for comes to be named by its word: when it is
 * transferred, or its row is given back while it is out.
 *
 * Such a page is freed by a CAS on the row word alone, which does not look at the page
 * word in the same step. So it is named in three:
 *
 *   mark    page word ROW -> NAMING; if it is NAMING already, that mark is shared
 *   seal    row word: another version, if the row is still held by who held it and the
 *           page is out. A free that looked before the mark fails from now on; one that
 *           looks later sees the mark, seals too, and goes by the word
 *   settle  page word NAMING -> OWNED, OFFERED or FREED: for one of those who share the
 *           mark. Who finds the page free, or the row another's, takes the mark back
 *
 * A free page is thus never named, and who comes second is told so. Lock-free: a mark is
 * settled by the first who gets there, and taken back only after somebody else got on.
 *
 * Any thread, any number at once, signal-safe.
 */

#include "pool_private.h"

/** Take back the mark that @p word is. */
void
lab_naming_cancel(struct labyrinth_pool *pool, uint32_t page, struct lab_page_word word);

/**
 * Mark a page that has @p word, or share the mark that it is.
 *
 * @param mark  receives the mark
 * @return false: the word was another by now
 */
bool
lab_naming_mark(struct labyrinth_owner *owner, uint32_t page, struct lab_page_word word,
	uint32_t generation, struct lab_page_word *mark);

/**
 * Seal a row with marked pages.
 *
 * @param holder  who held the row when they were marked
 * @param free    receives the row's free pages: marks on those must be taken back
 * @return false: the row is another's by now, all marks must be taken back
 */
bool
lab_naming_seal(struct lab_row *row, uint32_t holder, uint32_t *free);

/**
 * Generation of a marked page after the seal. The page may have been freed and handed
 * out anew between look and mark; after the seal that is no longer possible unseen.
 */
uint32_t
lab_naming_generation(const struct lab_row *row, struct lab_page_word mark, uint32_t bit);

/**
 * Name all pages of a held row that are out after @p heir, so that it can be given back.
 *
 * @param mine  the holder's own free pages
 * @return whether all that is out by @p word was named already: then a release from
 *   @p word is right. Else look at the row again
 */
bool
lab_naming_row(struct labyrinth_owner *owner, uint32_t number, struct lab_row_word word,
	uint32_t mine, uint32_t heir);

#endif /* LAB_NAMING_H */
