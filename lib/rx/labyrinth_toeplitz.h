/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_TOEPLITZ_H
#define LABYRINTH_TOEPLITZ_H

/**
 * @file
 * Receive side scaling: the Toeplitz hash over the header as it is on the wire.
 *
 * Source: Microsoft, "RSS Hashing Functions" and "Verifying the RSS Hash Calculation"
 * (Windows driver documentation, NDIS 6). The default key is the one of the latter, so
 * that its published values hold for this card as it comes.
 *
 * Pure functions; any thread.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a key: enough for addresses and ports of IPv6. */
#define LABYRINTH_RSS_KEY_SIZE 40u

/** The key of the published test values. */
extern const uint8_t labyrinth_rss_default_key[LABYRINTH_RSS_KEY_SIZE];

/**
 * Hash of @p length (0 … 36) bytes in network order, such as source address,
 * destination address, source port, destination port: for each bit that is set, counted
 * from the left, the 32 bits of the key from that place on are added modulo 2.
 */
uint32_t
labyrinth_toeplitz(const uint8_t key[LABYRINTH_RSS_KEY_SIZE], const uint8_t *input,
	size_t length);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_TOEPLITZ_H */
