/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_WIRE_H
#define LABYRINTH_WIRE_H

/**
 * @file
 * Wire arithmetic of Ethernet. A "frame" is counted with its 4 byte FCS, as in
 * RFC 2544 ("64 byte frames"); an mbuf of most PMDs holds it without.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Preamble (7), start of frame delimiter (1) and inter-frame gap (12), in bytes. */
#define LABYRINTH_WIRE_OVERHEAD 20u
/** Frame check sequence, in bytes. */
#define LABYRINTH_WIRE_FCS 4u

/** L1 bits that @p packets take whose mbufs hold @p bytes in all (no FCS in them). */
static inline uint64_t
labyrinth_wire_l1_bits(uint64_t packets, uint64_t bytes)
{
	return 8 * (bytes + packets * (LABYRINTH_WIRE_FCS + LABYRINTH_WIRE_OVERHEAD));
}

/** L2 bits as testpmd counts them: the bytes of the mbufs, neither FCS nor gap. */
static inline uint64_t
labyrinth_wire_l2_bits(uint64_t bytes)
{
	return 8 * bytes;
}

/** Frames per second of @p frame bytes (FCS included) that fill @p bits_per_s. */
static inline double
labyrinth_wire_line_rate(double bits_per_s, uint32_t frame)
{
	return bits_per_s / (8.0 * (frame + LABYRINTH_WIRE_OVERHEAD));
}

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_WIRE_H */
