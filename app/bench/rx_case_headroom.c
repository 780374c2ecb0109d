/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* The highest rate of 64 byte frames without loss, of which 100 Gb/s needs 148.81 Mpps. */

#include "rx_search.h"

enum bench_exit
rx_case_headroom(struct rx_bench *bench, struct labyrinth_error *error)
{
	static const uint32_t rings[] = RX_RINGS;
	static const char *const names[] = { "headroom/512", "headroom/1024",
		"headroom/2048" };
	struct labyrinth_nic_config config;
	enum bench_exit ret = BENCH_OK;

	labyrinth_nic_config_init(&config);
	for (unsigned int run = 0; run < bench->runs; run++) {
		for (unsigned int i = 0; i < RX_RING_KINDS && ret == BENCH_OK; i++) {
			ret = rx_search(bench, &config, rings[i], &bench->source[0],
				&config.rate, error);
			bench_results_add(&bench->results, names[i], "labyrinth", "Mpps",
				labyrinth_nic_config_frame_rate(&config) * 1e-6);
		}
	}
	return ret;
}
