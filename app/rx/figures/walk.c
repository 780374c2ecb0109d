/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>

#include "figures/walk.h"

static const struct {
	const char *name;
	double quantile;
} parts[RX_PARTS] = {
	[RX_PART_COUNT_OF] = { "count", 0 },
	[RX_PART_SUM] = { "sum", 0 },
	[RX_PART_MAX] = { "max", 0 },
	[RX_PART_P50] = { "p50", 0.5 },
	[RX_PART_P90] = { "p90", 0.9 },
	[RX_PART_P99] = { "p99", 0.99 },
	[RX_PART_P99_9] = { "p99_9", 0.999 },
};

const char *
rx_part_name(enum rx_part part)
{
	return parts[part].name;
}

uint64_t
rx_part_value(const struct labyrinth_histogram *histogram, enum rx_part part)
{
	switch (part) {
	case RX_PART_COUNT_OF:
		return histogram->total;
	case RX_PART_SUM:
		return histogram->sum;
	case RX_PART_MAX:
		return histogram->worst;
	default:
		return labyrinth_histogram_quantile(histogram, parts[part].quantile);
	}
}

uint64_t
rx_histogram_within(const struct labyrinth_histogram *histogram, uint64_t bound)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < LABYRINTH_HISTOGRAM_BUCKETS &&
		labyrinth_histogram_bucket_end(i) <= bound; i++)
		sum += histogram->count[i];
	return sum;
}

static void
walk_histogram(struct rx_item item, rx_item_fn *fn, void *arg)
{
	const struct labyrinth_histogram *h = item.value.h;

	item.form = RX_FORM_UINT;
	for (unsigned int part = 0; part < RX_PARTS; part++) {
		item.part = rx_part_name(part);
		item.value.n = rx_part_value(h, part);
		fn(&item, arg);
	}
}

void
rx_row_walk(const struct rx_row *row, rx_item_fn *fn, void *arg)
{
	for (unsigned int id = rx_place_first(row->place);
		id < rx_place_first(row->place + 1); id++) {
		const struct rx_figure *f = &rx_figures[id];

		for (uint32_t i = 0; i < rx_label_values(f->label); i++) {
			struct rx_item item = { .figure = f, .id = id, .part = "",
				.label = rx_label_value(f->label, i), .form = f->form,
				.value = *rx_cell(row, id, i) };

			if (f->form == RX_FORM_HISTOGRAM && item.value.known == RX_KNOWN)
				walk_histogram(item, fn, arg);
			else
				fn(&item, arg);
		}
	}
}

void
rx_item_text(const struct rx_item *item, char text[RX_ITEM_TEXT])
{
	text[0] = '\0';
	if (item->value.known == RX_UNKNOWN)
		snprintf(text, RX_ITEM_TEXT, RX_UNKNOWN_WORD);
	if (item->value.known != RX_KNOWN)
		return;
	if (item->form == RX_FORM_REAL)
		snprintf(text, RX_ITEM_TEXT, "%.3f", item->value.x);
	else if (item->form == RX_FORM_INT)
		snprintf(text, RX_ITEM_TEXT, "%" PRId64, item->value.i);
	else
		snprintf(text, RX_ITEM_TEXT, "%" PRIu64, item->value.n);
}

bool
rx_item_is_zero(const struct rx_item *item)
{
	if (item->value.known != RX_KNOWN)
		return item->value.known == RX_NONE;
	return item->form == RX_FORM_REAL ? item->value.x == 0 : item->value.n == 0;
}
