/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "json.h"

#define FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(10))

/* JSON has no NaN. */
static json_t *
number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *
goal(double value)
{
	return value != 0 ? json_real(value) : json_null();
}

json_t *
bench_json_machine(const struct bench_machine *m)
{
	json_t *json = json_pack("{s:s, s:I, s:I, s:I, s:s, s:s, s:I}", "cpu", m->cpu,
		"cores", (json_int_t)m->cores, "hugepages_2m_total",
		(json_int_t)m->hugepages_2m_total, "hugepages_2m_free",
		(json_int_t)m->hugepages_2m_free, "kernel", m->kernel, "dpdk", m->dpdk,
		"tsc_hz", (json_int_t)m->tsc_hz);

	if (m->commit != NULL)
		json_object_set_new(json, "commit", json_string(m->commit));
	return json;
}

static json_t *
summary_json(const struct bench_series *series)
{
	struct bench_summary s = bench_series_summary(series);

	return json_pack("{s:o, s:o, s:o, s:s}", "median", number(s.median), "min",
		number(s.min), "max", number(s.max), "unit", series->unit);
}

static json_t *
series_json(const struct bench_results *results, bool calibration)
{
	json_t *json = json_array();

	for (unsigned int i = 0; i < results->n; i++) {
		const struct bench_series *series = &results->series[i];
		json_t *row = summary_json(series), *values = json_array();
		char name[64];

		if (bench_series_is_calibration(series) != calibration) {
			json_decref(row);
			json_decref(values);
			continue;
		}
		bench_series_title(series, name, sizeof(name));
		for (unsigned int j = 0; j < series->n; j++)
			json_array_append_new(values, number(series->value[j]));
		if (calibration) {
			json_object_set_new(row, "name", json_string(name));
		} else {
			json_object_set_new(row, "case", json_string(series->name));
			json_object_set_new(row, "impl", json_string(series->impl));
		}
		json_object_set_new(row, "values", values);
		json_array_append_new(json, row);
	}
	return json;
}

static json_t *
ratios_json(const struct bench_ratios *ratios, bool headline)
{
	json_t *json = json_object();

	for (unsigned int i = 0; i < ratios->n; i++)
		if (ratios->ratio[i].headline == headline)
			json_object_set_new(json, ratios->ratio[i].name,
				number(ratios->ratio[i].value));
	return json;
}

static json_t *
verdicts_json(const struct bench_ratios *ratios)
{
	json_t *json = json_array();

	for (unsigned int i = 0; i < ratios->n; i++) {
		const struct bench_ratio *r = &ratios->ratio[i];

		json_array_append_new(
			json, json_pack("{s:s, s:o, s:o, s:o, s:s, s:s, s:s}", "ratio",
				      r->name, "value", number(r->value), "goal",
				      goal(r->goal), "least", goal(r->least), "verdict",
				      bench_verdict_name(bench_ratio_verdict(r)), "ours",
				      r->ours, "theirs", r->theirs));
	}
	return json;
}

static json_t *
document_json(const struct bench_document *d)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema",
		"labyrinth-bench/1", "command", d->command, "machine",
		bench_json_machine(d->machine), "config", d->config, "implementations",
		d->implementations, "calibration", series_json(d->results, true),
		"results", series_json(d->results, false), "ratios",
		ratios_json(d->ratios, true), "ratios_beside",
		ratios_json(d->ratios, false), "verdicts", verdicts_json(d->ratios));
}

static int
dump(const json_t *json, FILE *out)
{
	if (json_dumpf(json, out, FLAGS) != 0 || fputc('\n', out) == EOF ||
		fflush(out) != 0)
		return -1;
	return 0;
}

static int
dump_file(const json_t *json, const char *path)
{
	char beside[PATH_MAX];
	FILE *out;
	int ret;

	if (snprintf(beside, sizeof(beside), "%s.%ld", path, (long)getpid()) >=
		(int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	out = fopen(beside, "wx");
	if (out == NULL)
		return -1;
	ret = dump(json, out);
	if (fclose(out) != 0)
		ret = -1;
	if (ret == 0)
		ret = rename(beside, path);
	if (ret != 0)
		unlink(beside);
	return ret;
}

enum bench_exit
bench_json_dump(json_t *json, const char *path, struct labyrinth_error *error)
{
	int ret = -1;

	if (json == NULL)
		errno = ENOMEM;
	else if (strcmp(path, "-") == 0)
		ret = dump(json, stdout);
	else
		ret = dump_file(json, path);
	json_decref(json);
	if (ret != 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"--json %.100s: not written (%s), make room or choose another "
			"file",
			path, strerror(errno));
	return BENCH_OK;
}

enum bench_exit
bench_json_write(const struct bench_document *document, const char *path,
	struct labyrinth_error *error)
{
	return bench_json_dump(document_json(document), path, error);
}
