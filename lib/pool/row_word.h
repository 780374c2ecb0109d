/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_ROW_WORD_H
#define LAB_ROW_WORD_H

/**
 * @file
 * The row word: 32 neighbouring pages, their public free mask and who holds the
 * row, in one atomic word. Layout and transitions are this file alone, as pure
 * functions of values; lab_row_cas() in pool_private.h applies them.
 *
 *   state    what a set bit in free means             who may clear bits
 *   DEPOT    free for anybody, counted by the depot   claim, take
 *   HELD     cached: for the holder, not counted      the holder
 *   TAKING   as DEPOT; page pick is being taken       nobody: first finish the take,
 *            singly, for the holder                   as anybody can (lab_depot_help)
 *   OFFLINE  none set: the row has no memory          the refiller
 *
 * Claim and record of ownership are one store: the pages of a held row that are in
 * no free mask and that no page word names belong to the holder, whatever
 * instruction it died at. One word, because a free must learn in the same atomic
 * step whether the depot counts the row, and a claim must not see half of it.
 *
 * The mask as the only truth about free pages follows the bit field of LLFree
 * (Wrenger et al., USENIX ATC 2023); that the claim itself names its owner, so that
 * a death leaves nothing in limbo, follows iceoryx2's robust unique index set.
 */

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** Pages in a row. */
#define LAB_ROW_PAGES 32u
#define LAB_ROW_SHIFT 5u
/** All pages of a row. */
#define LAB_ROW_FULL UINT32_MAX

enum lab_row_state {
	LAB_ROW_DEPOT = 0,
	LAB_ROW_HELD = 1,
	LAB_ROW_TAKING = 2,
	LAB_ROW_OFFLINE = 3,
};

struct lab_row_word {
	uint64_t free : 32;
	uint64_t holder : 12;
	uint64_t state : 3;
	uint64_t pick : 5;      /* TAKING: which page */
	uint64_t version : 12;  /* changes with what a give must not miss: ABA */
};
static_assert(sizeof(struct lab_row_word) == sizeof(uint64_t), "one atomic word");
static_assert(1u << LAB_ROW_SHIFT == LAB_ROW_PAGES, "a row is a power of two");

static inline struct lab_row_word
lab_row_word(uint64_t raw)
{
	struct lab_row_word word;

	memcpy(&word, &raw, sizeof(word));
	return word;
}

static inline uint64_t
lab_row_raw(struct lab_row_word word)
{
	uint64_t raw;

	memcpy(&raw, &word, sizeof(raw));
	return raw;
}

/** DEPOT -> HELD by @p holder; the free pages stay where they are. */
static inline struct lab_row_word
lab_row_claim(struct lab_row_word word, uint32_t holder)
{
	word.holder = holder;
	word.state = LAB_ROW_HELD;
	return word;
}

/** HELD -> DEPOT: what is free, and the holder's @p mine, is everybody's. */
static inline struct lab_row_word
lab_row_release(struct lab_row_word word, uint32_t mine)
{
	word.free = (uint32_t)word.free | mine;
	word.holder = 0;
	word.state = LAB_ROW_DEPOT;
	word.version++;
	return word;
}

/** HELD -> HELD: a page was named; a free that did not see that must look again. */
static inline struct lab_row_word
lab_row_touch(struct lab_row_word word)
{
	word.version++;
	return word;
}

/** HELD -> HELD: the holder takes the free pages @p bits. */
static inline struct lab_row_word
lab_row_pick(struct lab_row_word word, uint32_t bits)
{
	word.free = (uint32_t)word.free & ~bits;
	word.version++;
	return word;
}

/** any -> same: pages @p bits, none of which is free, are freed. */
static inline struct lab_row_word
lab_row_give(struct lab_row_word word, uint32_t bits)
{
	word.free = (uint32_t)word.free | bits;
	return word;
}

/** DEPOT -> TAKING: page @p pick leaves the mask in the name of @p holder. */
static inline struct lab_row_word
lab_row_take(struct lab_row_word word, uint32_t pick, uint32_t holder)
{
	word.free = (uint32_t)word.free & ~(1u << pick);
	word.holder = holder;
	word.state = LAB_ROW_TAKING;
	word.pick = pick;
	word.version++;
	return word;
}

/** TAKING -> DEPOT: the page's own word names its owner by now. */
static inline struct lab_row_word
lab_row_taken(struct lab_row_word word)
{
	word.holder = 0;
	word.pick = 0;
	word.state = LAB_ROW_DEPOT;
	return word;
}

/** DEPOT -> OFFLINE of a row that is wholly free: its memory goes. */
static inline struct lab_row_word
lab_row_offline(struct lab_row_word word)
{
	word.free = 0;
	word.state = LAB_ROW_OFFLINE;
	word.version++;
	return word;
}

/** OFFLINE -> DEPOT with free pages @p all: its memory is there. */
static inline struct lab_row_word
lab_row_online(struct lab_row_word word, uint32_t all)
{
	word.free = all;
	word.state = LAB_ROW_DEPOT;
	return word;
}

/** Are the free pages of the row counted by the depot? */
static inline bool
lab_row_counted(struct lab_row_word word)
{
	return word.state == LAB_ROW_DEPOT || word.state == LAB_ROW_TAKING;
}

/** Does @p holder hold the row? */
static inline bool
lab_row_held_by(struct lab_row_word word, uint32_t holder)
{
	const struct lab_row_word both = { .holder = 0xfff, .state = 7 };
	const struct lab_row_word want = { .holder = holder, .state = LAB_ROW_HELD };

	/* one compare instead of two: this is asked for each run of each free */
	return (lab_row_raw(word) & lab_row_raw(both)) == lab_row_raw(want);
}

#endif /* LAB_ROW_WORD_H */
