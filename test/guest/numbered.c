/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "numbered.h"

#include <stdlib.h>
#include <string.h>

#define AT_NUMBER 14u
#define AT_DATA	  18u
#define LENGTH_MAX 1518u

/* Shared with send_frames.py: xorshift64, and the place in the block where frame i begins. */
#define SEED   88172645463325252ull
#define STRIDE 61u
#define STARTS 4096u

_Static_assert(STARTS + LENGTH_MAX <= sizeof(((struct numbered *)0)->block),
	"the longest frame from the last start is within the block");

int
numbered_begin(struct numbered *n, uint32_t count)
{
	uint64_t x = SEED;

	memset(n, 0, sizeof(*n));
	for (size_t i = 0; i < sizeof(n->block); i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(n->block + i, &x, sizeof(x));
	}
	n->count = count;
	n->seen = calloc(count, 1);
	return n->seen == NULL ? -1 : 0;
}

void
numbered_check(struct numbered *n, const uint8_t *data, uint32_t length)
{
	static const uint8_t head[AT_NUMBER] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88,
		0xb5 };
	uint32_t number;

	n->received++;
	if (length < AT_DATA || length > LENGTH_MAX ||
		memcmp(data, head, sizeof(head)) != 0) {
		n->wrong++;
		return;
	}
	memcpy(&number, data + AT_NUMBER, sizeof(number));
	if (number >= n->count || memcmp(data + AT_DATA,
					  n->block + number * STRIDE % STARTS,
					  length - AT_DATA) != 0) {
		n->wrong++;
		return;
	}
	n->twice += n->seen[number] != 0;
	n->seen[number] = 1;
	n->late += number < n->next;
	if (number >= n->next)
		n->next = number + 1;
}

void
numbered_end(struct numbered *n)
{
	for (uint32_t i = 0; i < n->count; i++) {
		if (n->seen[i] != 0)
			continue;
		if (n->missing++ == 0)
			n->first_missing = i;
		n->last_missing = i;
	}
}
