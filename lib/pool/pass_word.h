/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_PASS_WORD_H
#define LAB_PASS_WORD_H

/**
 * @file
 * The pass word of a row: generations for 32 pages at once. Most rows are handed out
 * page after page, come back, and are handed out again: in such a pass all pages have
 * the same generation, which is kept once, and no page word is touched.
 *
 *   epoch  generation of the pages in used
 *   used   pages handed out since the epoch began, back by now or not
 *
 * A page that is to be handed out a second time in an epoch begins a new one. What is
 * still out from the old one then gets its generation written into its page word: so
 * the generation of a page is epoch if it is in used, and else that in its word.
 * An epoch is greater than every generation that a page of the row had before.
 *
 * Written by the row's holder alone (row_word.h); nobody in other states of the row.
 */

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct lab_pass_word {
	uint64_t used : 32;
	uint64_t epoch : 32;
};
static_assert(sizeof(struct lab_pass_word) == sizeof(uint64_t), "one atomic word");

static inline struct lab_pass_word
lab_pass_word(uint64_t raw)
{
	struct lab_pass_word word;

	memcpy(&word, &raw, sizeof(word));
	return word;
}

static inline uint64_t
lab_pass_raw(struct lab_pass_word word)
{
	uint64_t raw;

	memcpy(&raw, &word, sizeof(raw));
	return raw;
}

/** Can @p bits be handed out in this epoch? */
static inline bool
lab_pass_fits(struct lab_pass_word word, uint32_t bits)
{
	return ((uint32_t)word.used & bits) == 0;
}

/** Pages @p bits, which fit, are handed out. */
static inline struct lab_pass_word
lab_pass_use(struct lab_pass_word word, uint32_t bits)
{
	word.used = (uint32_t)word.used | bits;
	return word;
}

/** A new epoch, greater than @p above too. */
static inline struct lab_pass_word
lab_pass_next(struct lab_pass_word word, uint32_t above)
{
	uint32_t epoch = (uint32_t)word.epoch;
	/* as serial numbers (RFC 1982), so that it goes on after 2^32 */
	bool behind = (int32_t)(above - epoch) > 0;

	return (struct lab_pass_word){ .epoch = (behind ? above : epoch) + 1 };
}

/** Generation of the page with bit @p bit, whose word has @p generation. */
static inline uint32_t
lab_pass_generation(struct lab_pass_word word, uint32_t bit, uint32_t generation)
{
	return ((uint32_t)word.used & bit) != 0 ? (uint32_t)word.epoch : generation;
}

#endif /* LAB_PASS_WORD_H */
