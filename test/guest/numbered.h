/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef TEST_NUMBERED_H
#define TEST_NUMBERED_H

/**
 * @file
 * The frames of scripts/send_frames.py --numbered, as their receiver sees them: each has a
 * number, and every byte after it follows from the number.
 */

#include <stdint.h>

/** What came, by number. One thread. */
struct numbered {
	uint8_t block[8192];   /**< what the frames are cut from */
	uint8_t *seen;         /**< of each number, how often it came */
	uint32_t count;        /**< numbers that there are */
	uint64_t received;
	uint64_t wrong;        /**< some byte is not what was sent, or no such frame */
	uint64_t twice;
	uint64_t late;         /**< came after a higher number */
	uint32_t next;         /**< one after the highest number that came */
	/* from numbered_end() */
	uint64_t missing;      /**< numbers that never came */
	uint32_t first_missing, last_missing;
};

/** Expect numbers 0 … @p count - 1. @return 0, or -1 out of memory */
int
numbered_begin(struct numbered *n, uint32_t count);

/** A frame of @p length bytes, without FCS, came. */
void
numbered_check(struct numbered *n, const uint8_t *data, uint32_t length);

/** All has come that will: what is missing? */
void
numbered_end(struct numbered *n);

#endif /* TEST_NUMBERED_H */
