/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef TEST_FRAMES_H
#define TEST_FRAMES_H

/**
 * @file
 * Frames that can be made again: frame @e i of a seed has always the same length
 * and bytes, so a receiver needs no copy of what was sent to check it.
 */

#include <stdint.h>

#define FRAME_MIN 60u   /* bytes without FCS */
#define FRAME_MAX 1514u

/** Make frame @p i of @p seed in @p frame. @return its length */
uint32_t
frame_make(uint32_t seed, uint32_t i, uint8_t frame[FRAME_MAX]);

/** Write frames 0 … @p n - 1 of @p seed to a pcap file. @return bytes of all, 0: failed */
uint64_t
frames_write_pcap(const char *path, uint32_t seed, uint32_t n);

#endif /* TEST_FRAMES_H */
