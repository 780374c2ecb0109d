/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_PAGE_WORD_H
#define LAB_PAGE_WORD_H

/**
 * @file
 * The page word: generation and, where the row does not tell it, the owner of one
 * page. Layout and transitions are this file alone, as pure functions of values;
 * lab_word_cas() in pool_private.h applies them.
 *
 * Who owns a page that is in no free mask?
 *
 *   state    owner of the page
 *   ROW      the holder of its row (row_word.h): the common case, which costs no
 *            store per page beyond the generation
 *   OWNED    the word's owner: the page was transferred, or taken singly from the
 *            depot, or its holder gave the row back while the page was out
 *   OFFERED  the word's owner, until the peer accepts
 *   NAMING   as ROW: the word's owner is about to name it, see naming.h
 *   CACHED   nobody: it is in the magazine of the word's owner (magazine.h)
 *   FREED    nobody: the owner began to free it and sets the bit in the row's free
 *            mask in its next step; if it dies between, the reclaimer does
 *
 * A page in a free mask is never OWNED or OFFERED, and CACHED only between two steps of
 * who puts it there. FREED or NAMING it may be; who takes
 * the bit makes it ROW before (or OWNED, after it said so in the row word), so that
 * FREED without the bit means what it says. The generation of a ROW or
 * NAMING word counts only if the row's pass word does not know a newer one
 * (pass_word.h).
 */

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum lab_page_state {
	LAB_PAGE_ROW = 0,
	LAB_PAGE_OWNED = 1,
	LAB_PAGE_OFFERED = 2,
	LAB_PAGE_FREED = 3,
	LAB_PAGE_NAMING = 4,
	LAB_PAGE_CACHED = 5,
};

enum lab_page_flags {
	/** OWNED: it goes into the owner's magazine when freed, since it came from there.
	 * Pages that others gave go home instead: who only frees must not hoard them. */
	LAB_PAGE_LOOSE = 1,
};

struct lab_page_word {
	uint64_t generation : 32;
	uint64_t owner : 12;
	uint64_t peer : 12;
	uint64_t state : 3;
	uint64_t flags : 5;
};
static_assert(sizeof(struct lab_page_word) == sizeof(uint64_t), "one atomic word");

static inline struct lab_page_word
lab_page_word(uint64_t raw)
{
	struct lab_page_word word;

	memcpy(&word, &raw, sizeof(word));
	return word;
}

static inline uint64_t
lab_page_raw(struct lab_page_word word)
{
	uint64_t raw;

	memcpy(&raw, &word, sizeof(raw));
	return raw;
}

/** any -> OWNED by @p owner, with the generation that the page has or gets. */
static inline struct lab_page_word
lab_page_owned(uint32_t generation, uint32_t owner)
{
	return (struct lab_page_word){
		.generation = generation,
		.owner = owner,
		.state = LAB_PAGE_OWNED,
	};
}

/** any -> OFFERED by @p owner to @p peer. */
static inline struct lab_page_word
lab_page_offered(uint32_t generation, uint32_t owner, uint32_t peer)
{
	return (struct lab_page_word){
		.generation = generation,
		.owner = owner,
		.peer = peer,
		.state = LAB_PAGE_OFFERED,
	};
}

/** ROW -> NAMING by @p namer: its own mark, so that nobody else's is mistaken for it. */
static inline struct lab_page_word
lab_page_naming(uint32_t generation, uint32_t namer)
{
	return (struct lab_page_word){
		.generation = generation,
		.owner = namer,
		.state = LAB_PAGE_NAMING,
	};
}

/**
 * OWNED -> FREED by @p freer, who may be another member of the owner's team: the first
 * half of freeing a page that its word speaks for.
 */
static inline struct lab_page_word
lab_page_freed(struct lab_page_word word, uint32_t freer)
{
	word.state = LAB_PAGE_FREED;
	word.owner = freer;
	word.peer = 0;
	return word;
}

/** any -> OWNED by @p owner, to be freed into its magazine. */
static inline struct lab_page_word
lab_page_loose(uint32_t generation, uint32_t owner)
{
	struct lab_page_word word = lab_page_owned(generation, owner);

	word.flags = LAB_PAGE_LOOSE;
	return word;
}

/** OWNED -> CACHED by its owner: it lies in the owner's magazine. */
static inline struct lab_page_word
lab_page_cached(uint32_t generation, uint32_t owner)
{
	return (struct lab_page_word){
		.generation = generation,
		.owner = owner,
		.state = LAB_PAGE_CACHED,
	};
}

/** any -> ROW: the row speaks for the page. */
static inline struct lab_page_word
lab_page_row(uint32_t generation)
{
	return (struct lab_page_word){ .generation = generation };
}

/** Does the row, and not the word, speak for a page that is not free? */
static inline bool
lab_page_unnamed(struct lab_page_word word)
{
	return word.state == LAB_PAGE_ROW || word.state == LAB_PAGE_NAMING;
}

/** Does the word, and not the row, name the owner of a page that is not free? */
static inline bool
lab_page_named(struct lab_page_word word)
{
	return word.state == LAB_PAGE_OWNED || word.state == LAB_PAGE_OFFERED;
}

#endif /* LAB_PAGE_WORD_H */
