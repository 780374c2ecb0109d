/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "labyrinth_toeplitz.h"

const uint8_t labyrinth_rss_default_key[LABYRINTH_RSS_KEY_SIZE] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

uint32_t
labyrinth_toeplitz(const uint8_t key[LABYRINTH_RSS_KEY_SIZE], const uint8_t *input,
	size_t length)
{
	uint32_t hash = 0;
	/* the 32 bits of the key that stand over the present bit of the input */
	uint32_t window = (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 |
		(uint32_t)key[2] << 8 | key[3];

	for (size_t i = 0; i < length; i++) {
		for (int bit = 7; bit >= 0; bit--) {
			if ((input[i] >> bit & 1) != 0)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> bit & 1);
		}
	}
	return hash;
}
