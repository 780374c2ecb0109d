/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include <rte_common.h>

#include "figures/registry.h"
#include "labyrinth_pool.h"
#include "labyrinth_reasons.h"
#include "mode.h"
#include "options.h"
#include "rx_sleep.h"

const struct rx_figure rx_figures[RX_FIGURE_COUNT] = {
#define RX_FIGURE(id, place, kind, form, label, unit, name, sentence)                    \
	{ RX_PLACE_##place, RX_KIND_##kind, RX_FORM_##form, RX_LABEL_##label, unit,      \
		name, sentence },
	RX_FIGURES(RX_FIGURE)
#undef RX_FIGURE
};

static const char *const place_names[RX_PLACE_COUNT][2] = {
#define RX_PLACE_NAMES(id, one, all) { one, all },
	RX_PLACES(RX_PLACE_NAMES)
#undef RX_PLACE_NAMES
};

static const char *const label_keys[RX_LABEL_COUNT] = {
#define RX_LABEL_KEY(id, key) key,
	RX_LABELS(RX_LABEL_KEY)
#undef RX_LABEL_KEY
};

static const char *const class_names[LABYRINTH_GFP_CLASSES] = {
	[LABYRINTH_GFP_NOWAIT] = "nowait",
	[LABYRINTH_GFP_ATOMIC] = "atomic",
	[LABYRINTH_GFP_KERNEL] = "kernel",
	[LABYRINTH_GFP_RESCUE] = "rescue",
};

static const char *const refusal_names[LABYRINTH_REFUSAL_KINDS] = {
	[LABYRINTH_DOUBLE_FREE] = "double_free",
	[LABYRINTH_FOREIGN_FREE] = "foreign_free",
	[LABYRINTH_STALE_HANDLE] = "stale_handle",
	[LABYRINTH_BAD_HANDLE] = "bad_handle",
	[LABYRINTH_NOT_OFFERED] = "not_offered",
	[LABYRINTH_BAD_PEER] = "bad_peer",
};

static const char *const mark_names[LABYRINTH_MARKS] = {
	[LABYRINTH_MARK_MIN] = "min",
	[LABYRINTH_MARK_LOW] = "low",
	[LABYRINTH_MARK_HIGH] = "high",
};

static const char *const wake_names[RX_WAKE_COUNT] = {
	[RX_WAKE_FRAMES] = "frames",
	[RX_WAKE_CALL] = "call",
	[RX_WAKE_TIME] = "time",
};

const char *
rx_place_name(enum rx_place place)
{
	return place_names[place][0];
}

const char *
rx_places_name(enum rx_place place)
{
	return place_names[place][1];
}

const char *
rx_kind_name(enum rx_kind kind)
{
	static const char *const names[RX_KIND_COUNT] = { "counter", "gauge", "histogram" };

	return names[kind];
}

const char *
rx_label_key(enum rx_label label)
{
	return label_keys[label];
}

uint32_t
rx_label_values(enum rx_label label)
{
	switch (label) {
	case RX_LABEL_REASON:
		return LABYRINTH_REASON_COUNT;
	case RX_LABEL_CLASS:
		return LABYRINTH_GFP_CLASSES;
	case RX_LABEL_REFUSAL:
		return LABYRINTH_REFUSAL_KINDS - 1;
	case RX_LABEL_MARK:
		return LABYRINTH_MARKS;
	case RX_LABEL_MODE:
		return RX_MODES;
	case RX_LABEL_WAKE:
		return RX_WAKE_COUNT;
	default:
		return 1;
	}
}

const char *
rx_label_value(enum rx_label label, uint32_t i)
{
	switch (label) {
	case RX_LABEL_REASON:
		return labyrinth_reason_name(i);
	case RX_LABEL_CLASS:
		return class_names[i];
	case RX_LABEL_REFUSAL:
		return refusal_names[i + 1];
	case RX_LABEL_MARK:
		return mark_names[i];
	case RX_LABEL_MODE:
		return rx_modes[i]->name;
	case RX_LABEL_WAKE:
		return wake_names[i];
	default:
		return "";
	}
}

/* Worked out once: snapshots look there for each value. */
static uint16_t cells[RX_FIGURE_COUNT], cells_of[RX_PLACE_COUNT];
static uint16_t first_of[RX_PLACE_COUNT + 1];

RTE_INIT(rx_registry_init)
{
	for (unsigned int id = RX_FIGURE_COUNT; id-- > 0; )
		first_of[rx_figures[id].place] = (uint16_t)id;
	first_of[RX_PLACE_COUNT] = RX_FIGURE_COUNT;
	for (unsigned int id = 0; id < RX_FIGURE_COUNT; id++) {
		const struct rx_figure *f = &rx_figures[id];

		cells[id] = cells_of[f->place];
		cells_of[f->place] += (uint16_t)rx_label_values(f->label);
	}
}

enum rx_figure_id
rx_place_first(enum rx_place place)
{
	return first_of[place];
}

uint32_t
rx_figure_cell(enum rx_figure_id id)
{
	return cells[id];
}

uint32_t
rx_place_cells(enum rx_place place)
{
	return cells_of[place];
}

/* Powers of two: of times from 64 ns to 8 s; of sizes to the greatest burst. */
uint64_t
rx_figure_bound(enum rx_figure_id id, uint32_t i)
{
	bool is_time = strcmp(rx_figures[id].unit, "ns") == 0;
	uint32_t log = i + (is_time ? 6 : 0);
	uint64_t most = is_time ? UINT64_C(1) << 33 : RX_BURST_MAX;

	if (log > 33 || UINT64_C(1) << log > most)
		return UINT64_MAX;
	/* Up to 64 each has a bucket of its own, above a bucket begins there. */
	return (UINT64_C(1) << log) - (log > 6);
}
