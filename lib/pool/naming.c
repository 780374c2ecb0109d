/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "naming.h"

/* The marks on pages of one row, by their place in it. */
struct marks {
	uint32_t bits;
	struct lab_page_word mark[LAB_ROW_PAGES];
};

void
lab_naming_cancel(struct labyrinth_pool *pool, uint32_t page, struct lab_page_word word)
{
	lab_word_cas(pool, page, &word, lab_page_row((uint32_t)word.generation));
}

bool
lab_naming_mark(struct labyrinth_owner *owner, uint32_t page, struct lab_page_word word,
	uint32_t generation, struct lab_page_word *mark)
{
	struct labyrinth_pool *pool = owner->pool;

	/* Somebody else's mark will do: whoever is first settles it. Were it replaced, two
	 * could undo each other's for ever. */
	*mark = word.state == LAB_PAGE_NAMING ? word : lab_page_naming(generation, owner->slot);
	if (word.state != LAB_PAGE_NAMING && !lab_word_cas(pool, page, &word, *mark))
		return false;
	/* A page that is named never lacks its lent bit. After the mark, and acq_rel: the
	 * holder that just took the page may be about to clear the bit, and then looks at
	 * the word; one of the two sees the other (lab_words_clean_lent()). */
	atomic_fetch_or_explicit(&pool->row[lab_row_of(page)].lent, lab_bit_of(page),
		memory_order_acq_rel);
	return true;
}

bool
lab_naming_seal(struct lab_row *row, uint32_t holder, uint32_t *free)
{
	struct lab_row_word word = lab_row_load(row);

	while (lab_row_held_by(word, holder))
		if (lab_row_cas(row, &word, lab_row_touch(word))) {
			*free = (uint32_t)word.free;
			return true;
		}
	return false;
}

uint32_t
lab_naming_generation(const struct lab_row *row, struct lab_page_word mark, uint32_t bit)
{
	return lab_page_generation(row, lab_pass_load(row), mark, bit);
}

/*
 * Mark those of bits that are not named yet; marks of others are taken over. Returns
 * whether there were any, marked now or not.
 */
static bool
mark_pages(struct labyrinth_owner *owner, uint32_t number, uint32_t bits, struct marks *marks)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[number];
	bool any = false;

	marks->bits = 0;
	for (; bits != 0; bits &= bits - 1) {
		uint32_t place = (uint32_t)__builtin_ctz(bits);
		uint32_t page = (number << LAB_ROW_SHIFT) + place;
		struct lab_pass_word pass = lab_pass_load(row);
		struct lab_page_word word = lab_word_load(pool, page);

		if (!lab_page_unnamed(word))
			continue;
		any = true;
		if (lab_naming_mark(owner, page, word, lab_page_generation(row, pass, word,
				1u << place), &marks->mark[place]))
			marks->bits |= 1u << place;
	}
	return any;
}

/* Name the marked pages but for those in back, of which the marks are taken back. */
static void
settle_pages(struct labyrinth_pool *pool, uint32_t number, const struct marks *marks,
	uint32_t back, uint32_t heir)
{
	const struct lab_row *row = &pool->row[number];

	for (uint32_t bits = marks->bits; bits != 0; bits &= bits - 1) {
		uint32_t place = (uint32_t)__builtin_ctz(bits);
		uint32_t page = (number << LAB_ROW_SHIFT) + place;
		struct lab_page_word mark = marks->mark[place];

		if ((back & 1u << place) != 0)
			lab_naming_cancel(pool, page, mark);
		else
			lab_word_cas(pool, page, &mark, lab_page_owned(
				lab_naming_generation(row, mark, 1u << place), heir));
	}
}

bool
lab_naming_row(struct labyrinth_owner *owner, uint32_t number, struct lab_row_word word,
	uint32_t mine, uint32_t heir)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t out = lab_row_mask(pool, number) & ~(mine | (uint32_t)word.free);
	uint32_t free = LAB_ROW_FULL;
	struct marks marks;

	if (!mark_pages(owner, number, out, &marks))
		return true;
	lab_naming_seal(&pool->row[number], (uint32_t)word.holder, &free);
	settle_pages(pool, number, &marks, free, heir);
	return false;
}
