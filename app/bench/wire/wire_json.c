/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "labyrinth_reasons.h"
#include "wire_json.h"

/** Of the schema: first digit, fields went or changed; second, some came. */
#define VERSION "1.0.0"

/* ---- CSIT's types ---- */

static json_t *
quantity(double value, const char *unit)
{
	return json_pack("{s:f, s:s}", "value", value, "unit", unit);
}

/* rate_with_bandwidth; bandwidth with preamble and gap. */
static json_t *
rate_json(const struct wire_size *size, double pps)
{
	return json_pack("{s:o, s:o}", "rate", quantity(pps, "pps"), "bandwidth",
		quantity(wire_bandwidth(size, pps), "bps"));
}

static json_t *
values_json(const double *value, uint32_t n)
{
	json_t *values = json_array();

	for (uint32_t i = 0; i < n; i++)
		json_array_append_new(values, json_real(value[i]));
	return values;
}

/* rate_list_without_bandwidth. */
static json_t *
spread_json(const double *value, uint32_t n, const char *unit)
{
	struct search_spread s = search_spread(value, n);

	return json_pack("{s:o, s:f, s:f, s:f, s:f, s:s}", "values",
		values_json(value, n), "avg", s.average, "stdev", s.stdev, "min", s.min,
		"max", s.max, "unit", unit);
}

static json_t *
time_json(const struct timespec *time)
{
	char text[40], part[8];
	struct tm tm;

	gmtime_r(&time->tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(part, sizeof(part), ".%03ldZ", time->tv_nsec / 1000000 % 1000);
	strcat(text, part);
	return json_string(text);
}

/* ---- what was asked for ---- */

static json_t *
goals_json(const struct search_preset *preset)
{
	json_t *goals = json_array();

	for (uint32_t g = 0; g < preset->goals; g++) {
		const struct search_goal *goal = &preset->goal[g];

		json_array_append_new(
			goals, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f}", "name",
				       goal->name, "loss_ratio", goal->loss_ratio,
				       "exceed_ratio", goal->exceed_ratio,
				       "relative_width", goal->width,
				       "initial_trial_duration", goal->initial_duration,
				       "final_trial_duration", goal->final_duration,
				       "duration_sum", goal->duration_sum));
	}
	return goals;
}

static json_t *
config_json(const struct wire_options *o)
{
	return json_pack("{s:s, s:f, s:s, s:i, s:i, s:i, s:{s:f, s:i, s:f, s:i}}", "goal",
		o->preset->name, "min_load", WIRE_MIN_LOAD, "policy",
		wire_policy_name(o->policy), "rxd", (int)o->rxd, "burst", (int)o->burst,
		"hold_us", (int)o->hold_us, "durations", "mrr", o->preset->mrr_duration,
		"mrr_trials", (int)o->preset->mrr_trials, "loss",
		o->preset->loss_duration, "bursts", (int)o->preset->bursts);
}

static json_t *
source_json(const struct wire_options *o)
{
	return json_pack("{s:s, s:b, s:f, s:s}", "kind", "simulated wire", "simulated", 1,
		"rate_gbps", o->rate, "mode",
		o->mode == LABYRINTH_NIC_INLINE ? "inline" : "thread");
}

static json_t *
pool_json(const struct wire_run *run)
{
	return json_pack("{s:s, s:i, s:i, s:s}", "ops", run->options->pool, "pages",
		(int)run->buffers->n, "page_size", (int)LABYRINTH_PAGE_SIZE, "backing",
		run->buffers->backing);
}

/* ---- what came out ---- */

static json_t *
ledger_json(const struct labyrinth_ledger *ledger)
{
	json_t *drops = json_object();

	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		json_object_set_new(drops, labyrinth_reason_name(i),
			json_integer((json_int_t)ledger->drops[i]));
	return json_pack("{s:I, s:I, s:I, s:o, s:b}", "offered",
		(json_int_t)ledger->offered, "delivered", (json_int_t)ledger->delivered,
		"in_flight", (json_int_t)ledger->in_flight, "drops", drops, "balanced",
		(int)labyrinth_ledger_balanced(ledger));
}

/* A trial; reasons at 0 are left out, there are many trials. */
static json_t *
record_json(const struct wire_record *record)
{
	const struct labyrinth_ledger *ledger = &record->outcome.ledger;
	json_t *drops = json_object();

	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		if (ledger->drops[i] != 0)
			json_object_set_new(drops, labyrinth_reason_name(i),
				json_integer((json_int_t)ledger->drops[i]));
	return json_pack("{s:s, s:f, s:f, s:I, s:I, s:f, s:f, s:I, s:o}", "for",
		record->what, "load", record->load, "duration", record->seconds,
		"offered", (json_int_t)ledger->offered, "delivered",
		(json_int_t)ledger->delivered, "loss_ratio", record->outcome.loss_ratio,
		"forwarding_rate", record->outcome.forwarding_rate, "alloc_fail",
		(json_int_t)record->outcome.alloc_fail, "drops", drops);
}

static json_t *
records_json(const struct wire_record *record, uint32_t n)
{
	json_t *records = json_array();

	for (uint32_t i = 0; i < n; i++)
		json_array_append_new(records, record_json(&record[i]));
	return records;
}

/* "lower" is the conditional throughput, as in CSIT. */
static json_t *
goal_json(const struct wire_result *r, const struct search_result *goal)
{
	json_t *json = json_pack("{s:b, s:b}", "regular", (int)goal->regular, "estimate",
		(int)(goal->phase != SEARCH_PHASES - 1));

	if (goal->has_lower) {
		json_object_set_new(json, "lower", rate_json(r->size, goal->throughput));
		json_object_set_new(json, "conditional_throughput",
			rate_json(r->size, goal->throughput));
		json_object_set_new(
			json, "relevant_lower_bound", rate_json(r->size, goal->lower));
	}
	if (goal->has_upper) {
		json_object_set_new(json, "upper", rate_json(r->size, goal->upper));
		json_object_set_new(
			json, "relevant_upper_bound", rate_json(r->size, goal->upper));
	}
	return json;
}

static json_t *
latency_json(const struct wire_result *r)
{
	json_t *json = json_object();

	for (uint32_t i = 0; i < r->latencies; i++) {
		const struct wire_latency *l = &r->latency[i];
		char key[16];

		snprintf(key, sizeof(key), "pdr_%u", l->percent);
		json_object_set_new(json, key,
			json_pack("{s:o, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:s}", "load",
				rate_json(r->size, l->load), "samples",
				(json_int_t)l->samples, "min", l->min, "p50", l->p50,
				"p90", l->p90, "p99", l->p99, "p99_9", l->p999, "max",
				l->max, "unit", "us"));
	}
	return json;
}

static json_t *
burst_json(const struct wire_run *run, const struct wire_result *r)
{
	json_t *json =
		json_pack("{s:b, s:o, s:f, s:f}", "unlimited", (int)r->burst_unlimited,
			"frames", spread_json(r->burst, r->bursts, "frames"),
			"ring_time_us", run->options->rxd / r->line_rate * 1e6,
			"pool_time_us", run->buffers->n / r->line_rate * 1e6);

	if (r->burst_unlimited)
		return json;
	json_object_set_new(
		json, "implied_buffer_time_us", json_real(r->buffer.implied * 1e6));
	json_object_set_new(
		json, "corrected_buffer_time_us", json_real(r->buffer.corrected * 1e6));
	return json;
}

/* One number of each sample. */
static json_t *
column_json(const struct wire_timeline *t, size_t offset)
{
	json_t *column = json_array();

	for (uint32_t i = 0; i < t->samples; i++) {
		uint64_t value;

		memcpy(&value, (const char *)&t->sample[i].ledger + offset,
			sizeof(value));
		json_array_append_new(column, json_integer((json_int_t)value));
	}
	return column;
}

static json_t *
timeline_json(const struct wire_timeline *t)
{
	json_t *us = json_array(), *drops = json_object();

	for (uint32_t i = 0; i < t->samples; i++)
		json_array_append_new(us, json_real(t->sample[i].us));
	for (unsigned int i = 0; t->samples != 0 && i < LABYRINTH_REASON_COUNT; i++)
		if (t->sample[t->samples - 1].ledger.drops[i] != 0)
			json_object_set_new(drops, labyrinth_reason_name(i),
				column_json(t, offsetof(struct labyrinth_ledger, drops) +
						       i * sizeof(uint64_t)));
	return json_pack("{s:s, s:i, s:i, s:o, s:o, s:o, s:o}", "policy",
		wire_policy_name(t->policy), "keep_us", (int)WIRE_TIMELINE_KEEP_US,
		"free_us", (int)WIRE_TIMELINE_FREE_US, "us", us, "offered",
		column_json(t, offsetof(struct labyrinth_ledger, offered)), "delivered",
		column_json(t, offsetof(struct labyrinth_ledger, delivered)), "drops",
		drops);
}

static json_t *
timelines_json(const struct wire_result *r)
{
	json_t *json = json_array();

	for (uint32_t i = 0; i < r->timelines; i++)
		json_array_append_new(json, timeline_json(&r->timeline[i]));
	return json;
}

static json_t *
result_json(const struct wire_run *run, const struct wire_result *r)
{
	json_t *json = json_pack("{s:s}", "type", "ndrpdr");

	for (uint32_t g = 0; r->searched && g < run->options->preset->goals; g++)
		json_object_set_new(json, run->options->preset->goal[g].name,
			goal_json(r, &r->goal[g]));
	if (r->mrrs != 0)
		json_object_set_new(json, "receive_rate",
			json_pack("{s:o}", "rate", spread_json(r->mrr, r->mrrs, "pps")));
	if (r->losses != 0)
		json_object_set_new(json, "frame_loss", records_json(r->loss, r->losses));
	if (r->bursts != 0)
		json_object_set_new(json, "back_to_back", burst_json(run, r));
	if (r->latencies != 0)
		json_object_set_new(json, "latency_forward", latency_json(r));
	if (r->timelines != 0)
		json_object_set_new(json, "timeline", timelines_json(r));
	return json;
}

static json_t *
test_json(const struct wire_run *run, const struct wire_result *r)
{
	const struct wire_options *o = run->options;
	char id[128];

	snprintf(id, sizeof(id), "%s%s-1c-simulated-wire-%s-%s-ndrpdr", r->size->label,
		r->size->bytes != 0 ? "b" : "", o->pool, wire_policy_name(o->policy));
	return json_pack("{s:s, s:s, s:f, s:o, s:b, s:f, s:o, s:o, s:o}", "test_id", id,
		"frame_size", r->size->label, "mean_frame_size", r->size->mean,
		"line_rate", rate_json(r->size, r->line_rate), "passed",
		(int)((o->measures & ~r->done) == 0), "duration", r->seconds, "result",
		result_json(run, r), "ledger", ledger_json(&r->ledger), "trials",
		records_json(r->trial, r->trials));
}

static json_t *
tests_json(const struct wire_run *run)
{
	json_t *tests = json_array();

	for (uint32_t i = 0; i < run->results; i++)
		json_array_append_new(tests, test_json(run, &run->result[i]));
	return tests;
}

static json_t *
run_json(const struct wire_run *run)
{
	double seconds = (double)(run->end.tv_sec - run->start.tv_sec) +
			 (double)(run->end.tv_nsec - run->start.tv_nsec) * 1e-9;

	return json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:f, s:b, s:s, s:o, s:s, s:s, s:s, s:o, "
		"s:o, s:o, s:o, s:o}",
		"schema", "labyrinth-bench/1", "version", VERSION, "command", "rx",
		"start_time", time_json(&run->start), "end_time", time_json(&run->end),
		"duration", seconds, "passed", (int)run->passed, "message",
		run->passed ? "" : run->message, "machine",
		bench_json_machine(&run->machine), "dut_type", run->options->pool,
		"dut_version",
		run->machine.commit != NULL ? run->machine.commit : "unknown", "tg_type",
		"simulated wire", "source", source_json(run->options), "config",
		config_json(run->options), "pool", pool_json(run), "goals",
		goals_json(run->options->preset), "tests", tests_json(run));
}

enum bench_exit
wire_json_write(
	const struct wire_run *run, const char *path, struct labyrinth_error *error)
{
	return bench_json_dump(run_json(run), path, error);
}
