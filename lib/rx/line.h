/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_LINE_H
#define LAB_LINE_H

/**
 * @file
 * How the first line of a frame gets into memory: the stores that all is about. In the
 * compiler's own vectors, so that it makes of them what the file that includes this is
 * built for (writer_lines.h).
 *
 * Lines of lab_headers have 0 where a number stands and ~0 where its complement does:
 * one exclusive or with the number makes either right.
 */

#include <stdint.h>
#include <string.h>

#include "header.h"
#include "labyrinth_base.h"
#include "labyrinth_frame.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	"the words of a frame are stored as they are");
_Static_assert(LABYRINTH_AT_SEQUENCE == 44 && LABYRINTH_AT_STAMP == 52,
	"where lab_line_write() puts them");

/** Sequence number and stamp, then two zeroes. */
typedef uint32_t lab_numbers __attribute__((vector_size(16)));
/** Half a line, for machines that store as much at once. */
typedef uint32_t lab_half __attribute__((vector_size(LAB_LINE / 2)));

/** Both numbers from where they stand side by side, the sequence number first. */
LABYRINTH_HOT lab_numbers
lab_numbers_load(const void *number)
{
	typedef uint64_t pair __attribute__((vector_size(16)));
	uint64_t both;

	memcpy(&both, number, sizeof(both));
	return (lab_numbers)(pair){ both, 0 };
}

/** Write a header's line with its numbers. */
LABYRINTH_HOT void
lab_line_write(uint8_t *data, const uint8_t *line, lab_numbers n)
{
#ifdef __AVX2__
	lab_half low, high;

	memcpy(&low, line, sizeof(low));
	memcpy(&high, line + sizeof(low), sizeof(high));
	high ^= __builtin_shufflevector(n, n, 2, 2, 2, 0, 0, 1, 1, 2);
	memcpy(data, &low, sizeof(low));
	memcpy(data + sizeof(low), &high, sizeof(high));
#else
	lab_numbers third, fourth;

	memcpy(&third, line + 32, sizeof(third));
	memcpy(&fourth, line + 48, sizeof(fourth));
	third ^= __builtin_shufflevector(n, n, 2, 2, 2, 0);
	fourth ^= __builtin_shufflevector(n, n, 0, 1, 1, 2);
	memcpy(data, line, 32);
	memcpy(data + 32, &third, sizeof(third));
	memcpy(data + 48, &fourth, sizeof(fourth));
#endif
}

#endif /* LAB_LINE_H */
