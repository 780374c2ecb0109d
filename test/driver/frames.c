/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "frames.h"

#include <pcap/pcap.h>

/* xorshift64: any generator does that gives the same again. */
static uint64_t
next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

uint32_t
frame_make(uint32_t seed, uint32_t i, uint8_t frame[FRAME_MAX])
{
	uint64_t state = ((uint64_t)seed << 32 | i) * 0x9E3779B97F4A7C15u | 1;
	uint32_t length = FRAME_MIN + next(&state) % (FRAME_MAX - FRAME_MIN + 1);

	for (uint32_t byte = 0; byte < length; byte++)
		frame[byte] = (uint8_t)(next(&state) >> 32);
	return length;
}

static uint64_t
dump_all(pcap_dumper_t *dumper, uint32_t seed, uint32_t n)
{
	uint8_t frame[FRAME_MAX];
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t length = frame_make(seed, i, frame);
		struct pcap_pkthdr header = { .caplen = length, .len = length };

		header.ts.tv_sec = i;
		pcap_dump((u_char *)dumper, &header, frame);
		bytes += length;
	}
	return pcap_dump_flush(dumper) == 0 ? bytes : 0;
}

uint64_t
frames_write_pcap(const char *path, uint32_t seed, uint32_t n)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, FRAME_MAX);
	pcap_dumper_t *dumper;
	uint64_t bytes = 0;

	if (pcap == NULL)
		return 0;
	dumper = pcap_dump_open(pcap, path);
	if (dumper != NULL) {
		bytes = dump_all(dumper, seed, n);
		pcap_dump_close(dumper);
	}
	pcap_close(pcap);
	return bytes;
}
