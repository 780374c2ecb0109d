/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <stdlib.h>

#include "figures/figures_json.h"
#include "figures/walk.h"

static json_t *
number(const struct rx_item *item)
{
	char text[RX_ITEM_TEXT];

	if (item->value.known == RX_UNKNOWN)
		return json_string(RX_UNKNOWN_WORD);
	if (item->value.known == RX_NONE)
		return json_null();
	if (item->form == RX_FORM_REAL) {
		/* what the others show: rounded once, and a tie in one direction */
		rx_item_text(item, text);
		return json_real(strtod(text, NULL));
	}
	return json_integer((json_int_t)item->value.n);
}

/* A member of the row, or of an object in it that is made for the first of them. */
static void
add_item(const struct rx_item *item, void *row)
{
	const char *sub = item->label[0] != '\0' ? item->label : item->part;
	json_t *object;

	if (sub[0] == '\0') {
		json_object_set_new(row, item->figure->name, number(item));
		return;
	}
	object = json_object_get(row, item->figure->name);
	if (object == NULL) {
		object = json_object();
		json_object_set_new(row, item->figure->name, object);
	}
	json_object_set_new(object, sub, number(item));
}

static json_t *
buckets(const struct labyrinth_histogram *h)
{
	json_t *all = json_object();
	char end[RX_ITEM_TEXT];

	for (uint32_t i = 0; i < LABYRINTH_HISTOGRAM_BUCKETS; i++) {
		if (h->count[i] == 0)
			continue;
		snprintf(end, sizeof(end), "%" PRIu64, labyrinth_histogram_bucket_end(i));
		json_object_set_new(all, end, json_integer((json_int_t)h->count[i]));
	}
	return all;
}

static json_t *
row_json(const struct rx_row *row)
{
	json_t *json = json_object();

	if (row->name[0] != '\0')
		json_object_set_new(json, "name", json_string(row->name));
	if (row->port != RTE_MAX_ETHPORTS)
		json_object_set_new(json, "port", json_integer(row->port));
	if (row->queue >= 0)
		json_object_set_new(json, "queue", json_integer(row->queue));
	if (row->lcore >= 0)
		json_object_set_new(json, "lcore", json_integer(row->lcore));
	rx_row_walk(row, add_item, json);
	for (unsigned int id = rx_place_first(row->place);
		id < rx_place_first(row->place + 1); id++) {
		const struct rx_value *value = rx_cell(row, id, 0);

		if (rx_figures[id].form == RX_FORM_HISTOGRAM && value->known == RX_KNOWN)
			json_object_set_new(json_object_get(json, rx_figures[id].name),
				"buckets", buckets(value->h));
	}
	return json;
}

json_t *
rx_figures_json(const struct rx_snapshot *snapshot)
{
	json_t *json = json_object();

	for (unsigned int place = 0; place < RX_PLACE_COUNT; place++) {
		json_t *list = json_array();
		const struct rx_row *row;

		for (uint32_t i = 0; (row = rx_snapshot_row(snapshot, place, i)) != NULL; i++)
			json_array_append_new(list, row_json(row));
		if (place == RX_PLACE_RUN) {
			json_object_set(json, rx_places_name(place), json_array_get(list, 0));
			json_decref(list);
		} else {
			json_object_set_new(json, rx_places_name(place), list);
		}
	}
	return json;
}
