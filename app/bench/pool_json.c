/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "json.h"
#include "pool_json.h"

static json_t *
plan_json(const struct bench_plan *p)
{
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "calibration",
		p->calibration, "same_core", p->same_core, "cell", p->cell, "random",
		p->random, "cross_core", p->cross_core, "threads", p->threads,
		"oversubscribed", p->oversubscribed, "latency", p->latency,
		"stopped_owner", p->stopped);
}

static json_t *
config_json(const struct bench *bench)
{
	return json_pack("{s:i, s:i, s:i, s:b, s:s, s:i, s:o}", "bulk", (int)BENCH_BULK,
		"objects", (int)BENCH_OBJECTS, "runs", (int)bench->runs, "quick",
		(int)bench->options->quick, "backing", bench_backing(&bench->impls),
		"page_size", (int)LABYRINTH_PAGE_SIZE, "seconds",
		plan_json(&bench->plan));
}

static json_t *
implementations_json(const struct bench_impls *impls)
{
	json_t *json = json_array();

	for (unsigned int i = 0; i < impls->n; i++)
		if (!bench_impl_is_bare(&impls->impl[i]))
			json_array_append_new(json,
				json_pack("{s:s, s:s, s:i}", "name", impls->impl[i].name,
					"checks", impls->impl[i].checks, "lost",
					(int)impls->impl[i].lost));
	return json;
}

enum bench_exit
bench_pool_json_write(const struct bench *bench, const struct bench_machine *machine,
	const struct bench_ratios *ratios, const char *path,
	struct labyrinth_error *error)
{
	const struct bench_document document = {
		.command = "pool",
		.machine = machine,
		.config = config_json(bench),
		.implementations = implementations_json(&bench->impls),
		.results = &bench->results,
		.ratios = ratios,
	};

	return bench_json_write(&document, path, error);
}
