/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * The figures as telemetry, for dpdk-telemetry.py and scripts/openmetrics.py:
 *
 *   /labyrinth/run                duration and ledger of all ports
 *   /labyrinth/ports[,PORT]       names, or the figures of one; so do
 *   /labyrinth/queues[,PORT.QUEUE], /labyrinth/lcores[,LCORE], /labyrinth/pools[,NAME],
 *   /labyrinth/rings[,NUMBER], /labyrinth/owners[,NAME]
 *   /labyrinth/pool[,NAME]        figures of a pool, without NAME of the first
 *   /labyrinth/ledger[,PORT]      the ledger of all ports, or of one
 *   /labyrinth/latency[,PORT.QUEUE]  times and bursts of all queues together, or of one
 *   /labyrinth/figures[,PLACE/NAME]  the registry: names, or what is known of one
 *
 * A figure is a number; a string where it has a fraction, as telemetry knows none, or where
 * it is "unknown" to the PMD. Families and histograms are objects. Beside its parts a
 * histogram has le_N, how many were N at most.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_telemetry.h>

#include "figures/live.h"
#include "figures/walk.h"
#include "labyrinth_dpdk_compat.h"

/* What an answer is about, while it is written. */
struct answer {
	enum rx_place place;
	const char *name;  /* NULL: none was given */
	struct rte_tel_data *data;
	/* Of the family or histogram that is being written. */
	struct rte_tel_data *sub;
	const struct rx_figure *figure;
	bool ledger_only;
};

static void
add(struct rte_tel_data *dict, const char *name, const struct rx_item *item)
{
	char text[RX_ITEM_TEXT];

	rx_item_text(item, text);
	/* A number of telemetry has no fraction, and with a sign it is an int. */
	if (item->value.known == RX_UNKNOWN || item->form == RX_FORM_REAL ||
		(item->form == RX_FORM_INT && item->value.i != (int)item->value.i))
		rte_tel_data_add_dict_string(dict, name, text);
	else if (item->form == RX_FORM_INT)
		rte_tel_data_add_dict_int(dict, name, (int)item->value.i);
	else
		labyrinth_tel_add_uint(dict, name, item->value.n);
}

/* Hang in what was gathered of a family or histogram. */
static void
flush(struct answer *answer)
{
	if (answer->sub != NULL)
		rte_tel_data_add_dict_container(
			answer->data, answer->figure->name, answer->sub, 0);
	answer->sub = NULL;
}

static bool
is_of_ledger(const struct rx_item *item)
{
	return (item->id >= RX_RUN_OFFERED && item->id <= RX_RUN_UNACCOUNTED) ||
	       (item->id >= RX_PORT_OFFERED && item->id <= RX_PORT_UNACCOUNTED);
}

static void
add_item(const struct rx_item *item, void *arg)
{
	struct answer *answer = arg;
	const char *sub = item->label[0] != '\0' ? item->label : item->part;

	if (answer->figure != item->figure)
		flush(answer);
	answer->figure = item->figure;
	if (item->value.known == RX_NONE || (answer->ledger_only && !is_of_ledger(item)))
		return;
	if (sub[0] == '\0') {
		add(answer->data, item->figure->name, item);
		return;
	}
	if (answer->sub == NULL) {
		answer->sub = rte_tel_data_alloc();
		if (answer->sub == NULL)
			return;
		rte_tel_data_start_dict(answer->sub);
	}
	add(answer->sub, sub, item);
}

static void
add_bounds(struct rte_tel_data *dict, enum rx_figure_id id,
	const struct labyrinth_histogram *histogram)
{
	uint64_t bound;
	char name[RX_ITEM_TEXT];

	for (uint32_t i = 0; (bound = rx_figure_bound(id, i)) != UINT64_MAX; i++) {
		snprintf(name, sizeof(name), "le_%" PRIu64, bound);
		labyrinth_tel_add_uint(dict, name, rx_histogram_within(histogram, bound));
	}
}

static void
add_histogram(struct answer *answer, enum rx_figure_id id,
	const struct labyrinth_histogram *histogram)
{
	struct rte_tel_data *dict = rte_tel_data_alloc();

	if (dict == NULL)
		return;
	rte_tel_data_start_dict(dict);
	for (unsigned int part = 0; part < RX_PARTS; part++)
		labyrinth_tel_add_uint(
			dict, rx_part_name(part), rx_part_value(histogram, part));
	add_bounds(dict, id, histogram);
	rte_tel_data_add_dict_container(answer->data, rx_figures[id].name, dict, 0);
}

/* Histograms apart, since they have more than parts. */
static void
add_scalar(const struct rx_item *item, void *arg)
{
	if (item->figure->form != RX_FORM_HISTOGRAM)
		add_item(item, arg);
}

static void
add_row(struct answer *answer, const struct rx_row *row)
{
	rte_tel_data_start_dict(answer->data);
	rx_row_walk(row, add_scalar, answer);
	flush(answer);
	for (unsigned int id = rx_place_first(row->place);
		id < rx_place_first(row->place + 1); id++) {
		const struct rx_value *value = rx_cell(row, id, 0);

		if (rx_figures[id].form == RX_FORM_HISTOGRAM && value->known == RX_KNOWN)
			add_histogram(answer, id, value->h);
	}
}

static int
answer_row(const struct rx_snapshot *snapshot, void *arg)
{
	struct answer *answer = arg;
	const struct rx_row *row = answer->name == NULL ?
		rx_snapshot_row(snapshot, answer->place, 0) :
		rx_snapshot_find(snapshot, answer->place, answer->name);

	if (row == NULL)
		return -ENOENT;
	add_row(answer, row);
	return 0;
}

static int
answer_names(const struct rx_snapshot *snapshot, void *arg)
{
	struct answer *answer = arg;
	const struct rx_row *row;

	rte_tel_data_start_array(answer->data, RTE_TEL_STRING_VAL);
	for (uint32_t i = 0; (row = rx_snapshot_row(snapshot, answer->place, i)) != NULL; i++)
		rte_tel_data_add_array_string(answer->data, row->name);
	return 0;
}

static const char *
given(const char *parameters)
{
	return parameters == NULL || parameters[0] == '\0' ? NULL : parameters;
}

/* "/labyrinth/queues" is of the place whose rows are called "queues". */
static int
show_rows(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct answer answer = { .data = data, .name = given(parameters) };

	while (answer.place < RX_PLACE_COUNT &&
		strcmp(strrchr(command, '/') + 1, rx_places_name(answer.place)) != 0)
		answer.place++;
	if (answer.place == RX_PLACE_COUNT)
		return -ENOENT;
	if (answer.name != NULL || answer.place == RX_PLACE_RUN)
		return rx_live_ask(answer_row, &answer);
	return rx_live_ask(answer_names, &answer);
}

static int
show_pool(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct answer answer = { .data = data, .name = given(parameters),
		.place = RX_PLACE_POOL };

	RTE_SET_USED(command);
	return rx_live_ask(answer_row, &answer);
}

static int
show_ledger(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct answer answer = { .data = data, .name = given(parameters),
		.ledger_only = true };

	RTE_SET_USED(command);
	answer.place = answer.name == NULL ? RX_PLACE_RUN : RX_PLACE_PORT;
	return rx_live_ask(answer_row, &answer);
}

/* The histogram of all queues, or of the one that is asked for. NULL: there is none. */
static struct labyrinth_histogram *
merge(const struct rx_snapshot *snapshot, enum rx_figure_id id, const char *name)
{
	struct labyrinth_histogram *all = calloc(1, sizeof(*all));
	const struct rx_row *row;
	bool any = false;

	for (uint32_t i = 0; all != NULL &&
		(row = rx_snapshot_row(snapshot, RX_PLACE_QUEUE, i)) != NULL; i++) {
		const struct rx_value *value = rx_cell(row, id, 0);

		if (value->known != RX_KNOWN || (name != NULL && strcmp(name, row->name) != 0))
			continue;
		labyrinth_histogram_merge(all, value->h);
		any = true;
	}
	if (any)
		return all;
	free(all);
	return NULL;
}

static int
answer_latency(const struct rx_snapshot *snapshot, void *arg)
{
	struct answer *answer = arg;

	if (answer->name != NULL &&
		rx_snapshot_find(snapshot, RX_PLACE_QUEUE, answer->name) == NULL)
		return -ENOENT;
	rte_tel_data_start_dict(answer->data);
	for (unsigned int id = RX_QUEUE_BURST_SIZE; id <= RX_QUEUE_HELD_AGE; id++) {
		struct labyrinth_histogram *h = merge(snapshot, id, answer->name);

		if (h != NULL)
			add_histogram(answer, id, h);
		free(h);
	}
	return 0;
}

static int
show_latency(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct answer answer = { .data = data, .name = given(parameters) };

	RTE_SET_USED(command);
	return rx_live_ask(answer_latency, &answer);
}

static void
figure_name(enum rx_figure_id id, char *name, size_t size)
{
	snprintf(name, size, "%s/%s", rx_place_name(rx_figures[id].place),
		rx_figures[id].name);
}

static void
add_figure(struct rte_tel_data *data, const struct rx_figure *f)
{
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "place", rx_place_name(f->place));
	rte_tel_data_add_dict_string(data, "places", rx_places_name(f->place));
	rte_tel_data_add_dict_string(data, "name", f->name);
	rte_tel_data_add_dict_string(data, "kind", rx_kind_name(f->kind));
	rte_tel_data_add_dict_string(data, "unit", f->unit);
	rte_tel_data_add_dict_string(data, "label", rx_label_key(f->label));
	rte_tel_data_add_dict_string(data, "sentence", f->sentence);
}

static int
show_figures(const char *command, const char *parameters, struct rte_tel_data *data)
{
	const char *wanted = given(parameters);
	char name[64];

	RTE_SET_USED(command);
	if (wanted == NULL)
		rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	for (unsigned int id = 0; id < RX_FIGURE_COUNT; id++) {
		figure_name(id, name, sizeof(name));
		if (wanted == NULL) {
			rte_tel_data_add_array_string(data, name);
		} else if (strcmp(wanted, name) == 0) {
			add_figure(data, &rx_figures[id]);
			return 0;
		}
	}
	return wanted == NULL ? 0 : -ENOENT;
}

RTE_INIT(rx_telemetry_init)
{
	static const struct {
		const char *command;
		telemetry_cb show;
		const char *help; /* at most 63 characters */
	} commands[] = {
		{ "/labyrinth/run", show_rows, "Duration and ledger of all ports. No parameters" },
		{ "/labyrinth/ports", show_rows, "Names of ports, or the figures of one. Parameters: [PORT]" },
		{ "/labyrinth/queues", show_rows, "Names of queues, or figures of one. Parameters: [PORT.QUEUE]" },
		{ "/labyrinth/lcores", show_rows, "Lcores that poll, or figures of one. Parameters: [LCORE]" },
		{ "/labyrinth/rings", show_rows, "Rings of a pipeline, or figures of one. Parameters: [NUMBER]" },
		{ "/labyrinth/pools", show_rows, "Names of pools, or the figures of one. Parameters: [NAME]" },
		{ "/labyrinth/owners", show_rows, "Who can hold pages, or figures of one. Parameters: [NAME]" },
		{ "/labyrinth/pool", show_pool, "Figures of a pool, or of the first. Parameters: [NAME]" },
		{ "/labyrinth/ledger", show_ledger, "Where each frame went, in all or by port. Parameters: [PORT]" },
		{ "/labyrinth/latency", show_latency, "Times and bursts of queues. Parameters: [PORT.QUEUE]" },
		{ "/labyrinth/figures", show_figures, "All figures, or what one means. Parameters: [PLACE/NAME]" },
	};

	for (size_t i = 0; i < RTE_DIM(commands); i++)
		rte_telemetry_register_cmd(
			commands[i].command, commands[i].show, commands[i].help);
}
