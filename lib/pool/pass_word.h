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
 *   epoch  generation of the pages in used, a multiple of 16
 *   used   pages handed out since the epoch began, back by now or not
 *
 * A page that is to be handed out a second time in an epoch either begins a new one:
 * what is still out from the old one then gets its generation written into its page
 * word. Or, if it goes alone and not with a burst of neighbours, it becomes a single of
 * this epoch: its generation is in its page word and counts epoch + 1 … epoch + 15.
 * So the generation of a page is epoch if it is in used and no single, and else that
 * in its word. An epoch is greater than every generation that a page of the row had
 * before; generations come again after 2^28 epochs of a row.
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

/** Generations of an epoch: its own and those of singles. */
#define LAB_PASS_STEP 16u
/** lab_pass_single(): the page had all generations of the epoch. */
#define LAB_PASS_FULL 0u

/** A new epoch, greater than @p above too. */
static inline struct lab_pass_word
lab_pass_next(struct lab_pass_word word, uint32_t above)
{
	uint32_t epoch = (uint32_t)word.epoch;

	/* as serial numbers (RFC 1982), so that it goes on after 2^32 */
	if ((int32_t)(above - epoch) > 0)
		epoch = above;
	return (struct lab_pass_word){
		.epoch = (epoch & ~(LAB_PASS_STEP - 1)) + LAB_PASS_STEP,
	};
}

/**
 * The next generation of a page that is handed out alone.
 *
 * @param is_single   it is one of this epoch already, and
 * @param generation  has this generation
 * @return LAB_PASS_FULL when a new epoch is needed
 */
static inline uint32_t
lab_pass_single(struct lab_pass_word word, bool is_single, uint32_t generation)
{
	uint32_t next = (is_single ? generation : (uint32_t)word.epoch) + 1;

	return next % LAB_PASS_STEP != 0 ? next : LAB_PASS_FULL;
}

/** Generation of the page with bit @p bit, whose word has @p generation. */
static inline uint32_t
lab_pass_generation(struct lab_pass_word word, uint32_t singles, uint32_t bit,
	uint32_t generation)
{
	return ((uint32_t)word.used & ~singles & bit) != 0 ? (uint32_t)word.epoch : generation;
}

#endif /* LAB_PASS_WORD_H */
