/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>
#include <string.h>

#include "figures/gather.h"
#include "figures/snapshot.h"

const struct rx_row *
rx_snapshot_row(const struct rx_snapshot *snapshot, enum rx_place place, uint32_t i)
{
	for (uint32_t r = 0; r < snapshot->nb_rows; r++) {
		if (snapshot->row[r].place == place && i-- == 0)
			return &snapshot->row[r];
	}
	return NULL;
}

const struct rx_row *
rx_snapshot_find(const struct rx_snapshot *snapshot, enum rx_place place, const char *name)
{
	for (uint32_t r = 0; r < snapshot->nb_rows; r++) {
		if (snapshot->row[r].place == place &&
			strcmp(snapshot->row[r].name, name) == 0)
			return &snapshot->row[r];
	}
	return NULL;
}

uint64_t
rx_number(const struct rx_row *row, enum rx_figure_id id, uint32_t label)
{
	const struct rx_value *value = rx_cell(row, id, label);

	return value->known == RX_KNOWN ? value->n : 0;
}

static uint32_t
count_rows(const struct rx_scene *scene, uint32_t *rows)
{
	uint32_t sum = 0;

	rows[RX_PLACE_RUN] = 1;
	rows[RX_PLACE_PORT] = scene->nb_ports;
	rows[RX_PLACE_QUEUE] = scene->plan->nb_queues;
	rows[RX_PLACE_LCORE] = scene->plan->nb_lcores;
	rows[RX_PLACE_RING] = rx_gather_count_rings(scene);
	rows[RX_PLACE_POOL] = 1;
	rows[RX_PLACE_OWNER] = rx_gather_count_owners(scene);
	for (unsigned int place = 0; place < RX_PLACE_COUNT; place++)
		sum += rows[place];
	return sum;
}

/* Rows with their cells behind them: all values are RX_NONE. */
static struct rx_snapshot *
allocate(const struct rx_scene *scene)
{
	uint32_t rows[RX_PLACE_COUNT], total = count_rows(scene, rows);
	struct rx_snapshot *snapshot;
	struct rx_value *cell;
	struct rx_row *row;
	size_t cells = 0;

	for (unsigned int place = 0; place < RX_PLACE_COUNT; place++)
		cells += (size_t)rows[place] * rx_place_cells(place);
	snapshot = calloc(1, sizeof(*snapshot));
	row = calloc(total, sizeof(*row));
	cell = calloc(cells, sizeof(*cell));
	if (snapshot == NULL || row == NULL || cell == NULL) {
		free(snapshot);
		free(row);
		free(cell);
		return NULL;
	}
	*snapshot = (struct rx_snapshot){ .nb_rows = total, .row = row };
	for (unsigned int place = 0; place < RX_PLACE_COUNT; place++) {
		for (uint32_t i = 0; i < rows[place]; i++, row++) {
			*row = (struct rx_row){ .place = place, .port = RTE_MAX_ETHPORTS,
				.queue = -1, .lcore = -1, .cell = cell };
			cell += rx_place_cells(place);
		}
	}
	return snapshot;
}

struct rx_snapshot *
rx_snapshot_take(const struct rx_scene *scene)
{
	struct rx_snapshot *snapshot = allocate(scene);

	if (snapshot == NULL)
		return NULL;
	if (rx_gather(snapshot, scene))
		return snapshot;
	rx_snapshot_free(snapshot);
	return NULL;
}

void
rx_snapshot_free(struct rx_snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	for (uint32_t r = 0; r < snapshot->nb_rows; r++) {
		struct rx_row *row = &snapshot->row[r];

		for (unsigned int id = rx_place_first(row->place);
			id < rx_place_first(row->place + 1); id++) {
			if (rx_figures[id].form == RX_FORM_HISTOGRAM)
				free((void *)(uintptr_t)rx_cell(row, id, 0)->h);
		}
	}
	if (snapshot->row != NULL)
		free(snapshot->row[0].cell);
	free(snapshot->row);
	free(snapshot);
}
