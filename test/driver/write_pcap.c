/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * write_pcap FILE FRAMES SEED: write a pcap file, print the bytes of its frames.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "frames.h"

int
main(int argc, char **argv)
{
	uint64_t bytes;

	if (argc != 4) {
		fprintf(stderr, "usage: write_pcap FILE FRAMES SEED\n");
		return 2;
	}
	bytes = frames_write_pcap(argv[1], (uint32_t)strtoul(argv[3], NULL, 10),
		(uint32_t)strtoul(argv[2], NULL, 10));
	if (bytes == 0) {
		fprintf(stderr, "write_pcap: cannot write %s\n", argv[1]);
		return 1;
	}
	printf("%" PRIu64 "\n", bytes);
	return 0;
}
