/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "figures/figures_json.h"
#include "json.h"
#include "labyrinth_wire.h"

/* Counters are unsigned, JSON integers of jansson are not: 2^63 frames are not met. */
static json_int_t
integer(uint64_t n)
{
	return (json_int_t)n;
}

/* What the PMD does not count is not 0. */
static json_t *
known(uint64_t n, bool unknown)
{
	return unknown ? json_string(RX_UNKNOWN_WORD) : json_integer(integer(n));
}

static json_t *
ports_json(const struct rx_result *result)
{
	json_t *ports = json_array();

	for (uint16_t i = 0; i < result->nb_ports; i++) {
		const struct rx_port_result *r = &result->ports[i];

		json_array_append_new(ports,
			json_pack("{s:i, s:s, s:s, s:I, s:I, s:o, s:I, s:o, s:I, s:I}", "port",
				(int)r->id, "driver", r->driver, "link", r->link, "rx_packets",
				integer(r->packets), "rx_bytes", integer(r->bytes),
				"imissed", known(r->imissed, r->imissed_unknown),
				"rx_errors", integer(r->errors), "rx_nombuf",
				known(r->nombuf, r->nombuf_unknown), "tx_packets",
				integer(r->sent), "tx_dropped", integer(r->unsent)));
	}
	return ports;
}

/* Reasons that a PMD keeps no count of: what it lost for them is not in the ledger. */
static json_t *
unknown_json(const struct rx_result *result)
{
	bool imissed = false, nombuf = false;
	json_t *list = json_array();

	for (uint16_t i = 0; i < result->nb_ports; i++) {
		imissed = imissed || result->ports[i].imissed_unknown;
		nombuf = nombuf || result->ports[i].nombuf_unknown;
	}
	if (imissed)
		json_array_append_new(list,
			json_string(labyrinth_reason_name(LABYRINTH_REASON_IMISSED)));
	if (nombuf)
		json_array_append_new(list,
			json_string(labyrinth_reason_name(LABYRINTH_REASON_RX_NOMBUF)));
	return list;
}

static json_t *
ledger_json(const struct rx_result *result)
{
	const struct labyrinth_ledger *ledger = &result->ledger;
	json_t *drops = json_object();

	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		json_object_set_new(drops, labyrinth_reason_name(i),
			json_integer(integer(ledger->drops[i])));
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:b}", "offered", integer(ledger->offered),
		"delivered", integer(ledger->delivered), "in_flight",
		integer(ledger->in_flight), "drops", drops, "unknown",
		unknown_json(result), "balanced",
		labyrinth_ledger_balanced(ledger));
}

static json_t *
latency_json(const struct rx_result *result)
{
	const struct labyrinth_histogram *l = &result->latency;

	if (!result->latency_noted)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:f}", "p50",
		(double)labyrinth_histogram_quantile(l, 0.5) / 1e3, "p99",
		(double)labyrinth_histogram_quantile(l, 0.99) / 1e3, "p99_9",
		(double)labyrinth_histogram_quantile(l, 0.999) / 1e3, "max",
		(double)l->worst / 1e3);
}

/* Add the members of @p more, which is used up. */
static void
add_members(json_t *to, json_t *more)
{
	json_object_update(to, more);
	json_decref(more);
}

static json_t *
absorb_json(const struct rx_absorb *a)
{
	json_t *json = json_object();

	if (a->computed)
		add_members(json,
			json_pack("{s:f, s:I, s:I, s:f}", "computed_us", a->computed_us,
				"pages", integer(a->pages), "frame_size",
				integer(a->frame_size), "line_rate_pps", a->line_rate));
	if (a->measured)
		add_members(json,
			json_pack("{s:f, s:I, s:I, s:f}", "measured_us", a->measured_us,
				"measured_frames", integer(a->measured_frames),
				"rounds_kept_up", integer(a->kept_up), "recovery_us",
				a->recovery_us));
	return json;
}

static json_t *
pool_json(const struct rx_pool_summary *pool)
{
	json_t *fail = pool->ours ? json_integer(integer(pool->alloc_fail)) : json_null();
	json_t *low = pool->ours ? json_integer(pool->low_water) : json_null();

	return json_pack("{s:s, s:I, s:I, s:s, s:I, s:o, s:o, s:I, s:I}", "ops", pool->ops,
		"pages", integer(pool->pages), "page_size", integer(pool->page_size),
		"backing", pool->backing, "free", integer(pool->free), "alloc_fail", fail,
		"low_water", low, "stranded", integer(pool->stranded), "leaked",
		integer(pool->leaked));
}

static json_t *
rate_json(const struct rx_result *result)
{
	const struct rx_totals *t = &result->totals;
	double per_s = result->duration_s > 0 ? 1 / result->duration_s : 0;

	return json_pack("{s:f, s:f, s:f, s:f}", "pps", (double)t->packets * per_s,
		"l1_bps", (double)labyrinth_wire_l1_bits(t->packets, t->bytes) * per_s,
		"l2_bps", (double)labyrinth_wire_l2_bits(t->bytes) * per_s,
		"cycles_per_packet", rx_result_cycles_per_packet(result));
}

static json_t *
forward_json(const struct rx_result *result)
{
	const struct rx_totals *t = &result->totals;

	return json_pack("{s:s, s:I, s:I, s:I, s:I}", "mode", result->mode, "sent",
		integer(t->sent), "tx_full", integer(t->tx_full), "made", integer(t->made),
		"unsent", integer(t->unsent));
}

static json_t *
verify_json(const struct rx_result *result)
{
	const struct labyrinth_seq_result *r = &result->verify.result;

	if (!result->verify.done)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:b}", "received",
		integer(r->received), "missing", integer(r->missing), "twice",
		integer(r->twice), "out_of_order", integer(r->out_of_order + r->ancient),
		"invented", integer(r->invented), "agrees",
		rx_verify_agrees(&result->verify, &result->ledger));
}

static json_t *
result_json(const struct rx_result *result)
{
	return json_pack(
		"{s:s, s:{s:s}, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"schema", "labyrinth-rx/1", "source", "kind", result->kind, "duration_s",
		result->duration_s, "ports", ports_json(result), "ledger",
		ledger_json(result), "forward", forward_json(result), "sequence",
		verify_json(result), "latency_us", latency_json(result),
		"absorb", absorb_json(&result->absorb), "pool",
		pool_json(&result->pool), "rate",
		rate_json(result), "figures", result->last == NULL ? json_null() :
		rx_figures_json(result->last));
}

static int
dump(json_t *json, FILE *out)
{
	if (json_dumpf(json, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0 ||
		fputc('\n', out) == EOF || fflush(out) != 0)
		return -1;
	return 0;
}

/* mkstemp() gives 0600; a result is to be read like any other file of the user. */
static FILE *
open_beside(const char *path, char *beside, size_t size)
{
	mode_t mask = umask(0);
	FILE *out = NULL;
	int fd;

	umask(mask);
	if (snprintf(beside, size, "%s.XXXXXX", path) >= (int)size) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	fd = mkstemp(beside);
	if (fd < 0)
		return NULL;
	if (fchmod(fd, 0666 & ~mask) == 0)
		out = fdopen(fd, "w");
	if (out == NULL) {
		close(fd);
		unlink(beside);
	}
	return out;
}

static int
dump_beside(json_t *json, const char *path)
{
	char beside[PATH_MAX];
	FILE *out = open_beside(path, beside, sizeof(beside));
	int ret;

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

/* What is there and no plain file (a device, a pipe) is written to, not replaced. */
static int
dump_file(json_t *json, const char *path)
{
	struct stat st;
	FILE *out;
	int ret;

	if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
		return dump_beside(json, path);
	out = fopen(path, "w");
	if (out == NULL)
		return -1;
	ret = dump(json, out);
	return fclose(out) != 0 ? -1 : ret;
}

enum rx_exit
rx_json_write(
	const struct rx_result *result, const char *path, struct labyrinth_error *error)
{
	json_t *json = result_json(result);
	int ret = -1;

	if (json == NULL)
		errno = ENOMEM;
	else if (strcmp(path, "-") == 0)
		ret = dump(json, stdout);
	else
		ret = dump_file(json, path);
	json_decref(json);
	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"--json %.100s: not written (%s), make room or choose another "
			"file",
			path, strerror(errno));
	return RX_OK;
}
