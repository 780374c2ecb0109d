/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_SPAN_H
#define LAB_SPAN_H

/**
 * @file
 * Neighbouring pages at once: page words and handles of a span, in loops without
 * branches that compilers turn into vector code. The words belong to pages that the
 * caller alone may take or free, so nobody else writes them; others may read them
 * (and then look again, in order), for which it suffices that a word is read and
 * written whole, as x86-64 does with every aligned 8 byte lane of a vector.
 * Under a sanitizer the accesses are atomic one by one.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_pool.h"

/**
 * Give @p n free pages from number @p first a new generation and write their handles.
 *
 * @param word  the word of page @p first
 */
void
lab_span_emit(_Atomic uint64_t *word, uint32_t first, labyrinth_page *page, uint32_t n);

/**
 * Are the @p n handles those of pages @p first, @p first + 1, … with the generations
 * that their words have now?
 */
bool
lab_span_matches(const _Atomic uint64_t *word, uint32_t first, const labyrinth_page *page,
	uint32_t n);

/** Are the @p n indices those of pages @p first, @p first + 1, …? */
bool
lab_span_ascends(uint32_t first, const uint32_t *index, uint32_t n);

#endif /* LAB_SPAN_H */
