/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * The highest rate without loss for each frame size: inline, where one core writes and
 * reads; and with the device in a thread on a core of its own, as a card is.
 */

#include "rx_search.h"

static const struct {
	const char *name;
	uint32_t size;  /* 0: IMIX */
} sizes[] = {
	{ "sizes/64", 64 },
	{ "sizes/128", 128 },
	{ "sizes/256", 256 },
	{ "sizes/512", 512 },
	{ "sizes/1024", 1024 },
	{ "sizes/1518", 1518 },
	{ "sizes/imix", 0 },
};

static enum bench_exit
run_size(struct rx_bench *bench, unsigned int i, enum labyrinth_nic_mode mode,
	struct labyrinth_error *error)
{
	struct labyrinth_nic_config config;
	double rate;
	enum bench_exit ret;

	labyrinth_nic_config_init(&config);
	config.mode = mode;
	config.device_cpu = bench->device_cpu;
	if (sizes[i].size == 0)
		labyrinth_nic_config_imix(&config);
	else
		config.mix[0].size = sizes[i].size;
	ret = rx_search(bench, &config, RX_RING, &bench->source[0], &rate, error);
	if (ret == BENCH_OK)
		bench_results_add(&bench->results, sizes[i].name,
			mode == LABYRINTH_NIC_INLINE ? "inline" : "thread", "Gb/s", rate);
	return ret;
}

enum bench_exit
rx_case_sizes(struct rx_bench *bench, struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (unsigned int run = 0; run < bench->runs; run++)
		for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			if (ret == BENCH_OK)
				ret = run_size(bench, i, LABYRINTH_NIC_INLINE, error);
			if (ret == BENCH_OK && bench->device_cpu >= 0)
				ret = run_size(bench, i, LABYRINTH_NIC_THREAD, error);
		}
	return ret;
}
