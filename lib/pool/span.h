/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_SPAN_H
#define LAB_SPAN_H

/**
 * @file
 * Handles, indices and addresses of neighbouring pages at once, in loops without branches that
 * compilers turn into vector code. Pure functions of arrays of the caller's.
 */

#include <stdbool.h>
#include <stdint.h>

/** Write @p first, @p first + 1, … */
void
lab_span_write64(uint64_t first, uint64_t *to, uint32_t n);
void
lab_span_write32(uint32_t first, uint32_t *to, uint32_t n);

/** Write the address @p first, those of the pages that follow it, … */
void
lab_span_write_pages(char *first, void **to, uint32_t n);

/** Are the @p n values @p first, @p first + 1, …? */
bool
lab_span_is64(uint64_t first, const uint64_t *from, uint32_t n);
bool
lab_span_is32(uint32_t first, const uint32_t *from, uint32_t n);
bool
lab_span_is_pages(const char *first, void *const *from, uint32_t n);

#endif /* LAB_SPAN_H */
