/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_FRAME_H
#define LABYRINTH_FRAME_H

/**
 * @file
 * What a frame of the simulated wire holds, and how to read it.
 *
 *   0   destination, source (02:4c:61:62:…), 0x0800                   Ethernet II
 *   14  IPv4, 20 bytes, checksum right; 198.18.0.0 + flow -> 198.19.0.1 (RFC 2544)
 *   34  UDP, checksum right; port 49152 + flow % 16384 -> 9 (discard)
 *   42  0x4c42 "LB"
 *   44  sequence number of the flow, modulo 2^32
 *   48  its complement
 *   52  arrival stamp: nanoseconds of the TSC (labyrinth_clock.h), modulo 2^32
 *   56  its complement
 *   60  0x55 … to the end, in frames of more than 64 bytes
 *
 * The numbers at 44 … 59 are little endian. Each stands beside its complement, so that
 * the two add up to nothing in the UDP checksum, which is therefore the same for all
 * frames of a flow and size: a card that makes 150 million frames a second has no time
 * to add up each. It also tells a torn or foreign frame from a real one.
 *
 * A buffer holds the frame without its FCS, as with most PMDs.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Shortest and longest frame, FCS included. */
#define LABYRINTH_FRAME_MIN 64u
#define LABYRINTH_FRAME_MAX 16384u
/** Most flows that the addresses can tell apart. */
#define LABYRINTH_FLOWS_MAX 65536u
/** Bytes of the byte pattern after the stamp. */
#define LABYRINTH_FRAME_FILL 0x55

/** Where in a frame the words stand. */
enum labyrinth_frame_offset {
	LABYRINTH_AT_ETHER_TYPE = 12,
	LABYRINTH_AT_IP = 14,
	LABYRINTH_AT_IP_LENGTH = 16,
	LABYRINTH_AT_IP_CHECKSUM = 24,
	LABYRINTH_AT_IP_SOURCE = 26,
	LABYRINTH_AT_IP_DESTINATION = 30,
	LABYRINTH_AT_UDP = 34,
	LABYRINTH_AT_UDP_LENGTH = 38,
	LABYRINTH_AT_UDP_CHECKSUM = 40,
	LABYRINTH_AT_MAGIC = 42,
	LABYRINTH_AT_SEQUENCE = 44,
	LABYRINTH_AT_STAMP = 52,
	LABYRINTH_AT_FILL = 60,
};

/** What a frame says of itself. */
struct labyrinth_frame {
	uint32_t flow;
	uint32_t sequence;  /**< of the flow, modulo 2^32 */
	uint32_t stamp;     /**< when it arrived, in ns modulo 2^32 */
};

/**
 * Read the frame at @p data, of which the first LABYRINTH_AT_FILL bytes are there.
 *
 * @return false: it is none of this wire's, or torn
 */
static inline bool
labyrinth_frame_read(const void *data, struct labyrinth_frame *frame)
{
	const uint8_t *at = (const uint8_t *)data;
	uint32_t word[4];

	memcpy(word, at + LABYRINTH_AT_SEQUENCE, sizeof(word));
	frame->flow = (uint32_t)(at[LABYRINTH_AT_IP_SOURCE + 2] << 8 |
		at[LABYRINTH_AT_IP_SOURCE + 3]);
	frame->sequence = word[0];
	frame->stamp = word[2];
	return at[LABYRINTH_AT_MAGIC] == 0x4c && at[LABYRINTH_AT_MAGIC + 1] == 0x42 &&
		(word[0] ^ word[1]) == UINT32_MAX && (word[2] ^ word[3]) == UINT32_MAX;
}

/** Nanoseconds from the arrival of a frame to @p now (ns), if less than 4.29 s. */
static inline uint32_t
labyrinth_frame_age(uint32_t stamp, uint64_t now)
{
	return (uint32_t)now - stamp;
}

/** Arrival in ns of a frame with @p stamp, if less than 4.29 s before @p now (ns). */
static inline uint64_t
labyrinth_frame_arrival(uint32_t stamp, uint64_t now)
{
	return now - labyrinth_frame_age(stamp, now);
}

/**
 * Check every byte of a frame whose segments were joined at @p data: headers, lengths,
 * both checksums, and the fill.
 *
 * @param length  bytes without FCS
 * @return NULL when all is right, else what is wrong
 */
const char *
labyrinth_frame_check(const uint8_t *data, uint32_t length);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_FRAME_H */
