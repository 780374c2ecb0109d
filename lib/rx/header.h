/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_HEADER_H
#define LAB_HEADER_H

/**
 * @file
 * The first 64 bytes of each kind of frame, all but sequence number and stamp, and what
 * the card says about it: made once, so that the device only copies. Read only then.
 */

#include <stdint.h>

#include "labyrinth_nic.h"

/** Bytes that the device writes at once. */
#define LAB_LINE 64u

/** What the device says about a segment: the word whose store completes it. */
struct lab_status {
	uint16_t length;
	uint16_t flags;  /**< of enum labyrinth_seg_flags */
	uint32_t hash;
};

_Static_assert(sizeof(struct lab_status) == sizeof(uint64_t), "one atomic store");

/** Of frames of kind k and flow f at k * flows + f. */
struct lab_headers {
	uint8_t (*line)[LAB_LINE];
	struct lab_status *status;  /**< of a frame that fits in one buffer */
	uint16_t *queue_of;         /**< of each flow */
};

/** @return 0; -ENOMEM */
int
lab_headers_build(struct lab_headers *headers, const struct labyrinth_nic_config *config,
	const struct labyrinth_rss *rss);

void
lab_headers_free(struct lab_headers *headers);

/** The 16 bit one's complement sum of @p length bytes in network order (RFC 1071), not
 * complemented, added to @p sum. */
uint32_t
lab_checksum_add(uint32_t sum, const uint8_t *data, uint32_t length);

/** Fold a sum to its complement in 16 bits. */
static inline uint16_t
lab_checksum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static inline void
lab_put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline uint32_t
lab_get16(const uint8_t *at)
{
	return (uint32_t)(at[0] << 8 | at[1]);
}

#endif /* LAB_HEADER_H */
