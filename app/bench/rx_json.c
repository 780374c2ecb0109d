/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "json.h"
#include "rx_report.h"

static json_t *
config_json(const struct rx_bench *bench)
{
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(bench->pool, &stats);
	return json_pack("{s:s, s:b, s:i, s:[iii], s:i, s:s, s:i, s:b, s:i, "
			 "s:{s:f, s:f, s:f, s:i}}",
		"source", "simulated wire", "simulated", 1, "burst", (int)RX_BURST, "rings",
		512, 1024, 2048, "pages", (int)stats.pages, "backing", stats.backing, "runs",
		(int)bench->runs, "quick", (int)bench->options->quick, "device_cpu",
		bench->device_cpu, "seconds", "loop", bench->plan.loop, "search",
		bench->plan.search, "line_rate", bench->plan.line_rate, "steps",
		(int)bench->plan.steps);
}

enum bench_exit
rx_json_write(const struct rx_bench *bench, const struct bench_machine *machine,
	const struct bench_ratios *ratios, const char *path,
	struct labyrinth_error *error)
{
	const struct bench_document document = {
		.command = "rx-loop",
		.machine = machine,
		.config = config_json(bench),
		.implementations = json_pack("[{s:s, s:s, s:i}]", "name", "labyrinth",
			"checks", "double, foreign", "lost", 0),
		.results = &bench->results,
		.ratios = ratios,
	};

	return bench_json_write(&document, path, error);
}
