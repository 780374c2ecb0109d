/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <string.h>

#include "figures/figures_json.h"
#include "figures/series.h"
#include "figures/walk.h"

static FILE *
open_one(const char *path, const char *option, struct labyrinth_error *error)
{
	FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");

	if (out == NULL)
		labyrinth_fail(error, RX_ENVIRONMENT,
			"%s %.100s: cannot be written (%s), choose another file", option, path,
			strerror(errno));
	return out;
}

enum rx_exit
rx_series_open(struct rx_series *series, const char *lines, const char *csv,
	struct labyrinth_error *error)
{
	memset(series, 0, sizeof(*series));
	if (lines != NULL) {
		series->lines = open_one(lines, "--json-lines", error);
		if (series->lines == NULL)
			return RX_ENVIRONMENT;
	}
	if (csv != NULL) {
		series->csv = open_one(csv, "--csv", error);
		if (series->csv == NULL)
			return RX_ENVIRONMENT;
		fprintf(series->csv, "time_s,place,name,figure,label,value\n");
	}
	return RX_OK;
}

static void
add_line(struct rx_series *series, const struct rx_snapshot *snapshot)
{
	json_t *json = json_pack("{s:s, s:f, s:o}", "schema", "labyrinth-rx-line/1", "time_s",
		snapshot->seconds, "figures", rx_figures_json(snapshot));

	if (json == NULL || json_dumpf(json, series->lines, JSON_COMPACT |
				    JSON_REAL_PRECISION(15)) != 0 ||
		fputc('\n', series->lines) == EOF || fflush(series->lines) != 0)
		series->failed = true;
	json_decref(json);
}

/* A row that is being written, and where to. */
struct csv {
	FILE *out;
	double seconds;
	const struct rx_row *row;
};

static void
add_item(const struct rx_item *item, void *arg)
{
	const struct csv *csv = arg;
	char number[RX_ITEM_TEXT];

	if (item->value.known == RX_NONE)
		return;
	rx_item_text(item, number);
	fprintf(csv->out, "%.6f,%s,%s,%s,%s%s,%s\n", csv->seconds,
		rx_place_name(csv->row->place), csv->row->name, item->figure->name,
		item->label, item->part, number);
}

static void
add_csv(struct rx_series *series, const struct rx_snapshot *snapshot)
{
	struct csv csv = { .out = series->csv, .seconds = snapshot->seconds };

	for (uint32_t r = 0; r < snapshot->nb_rows; r++) {
		csv.row = &snapshot->row[r];
		rx_row_walk(csv.row, add_item, &csv);
	}
	if (fflush(csv.out) != 0 || ferror(csv.out))
		series->failed = true;
}

void
rx_series_add(struct rx_series *series, const struct rx_snapshot *snapshot)
{
	if (series->lines != NULL)
		add_line(series, snapshot);
	if (series->csv != NULL)
		add_csv(series, snapshot);
}

static void
close_one(struct rx_series *series, FILE **out)
{
	if (*out != NULL && *out != stdout && fclose(*out) != 0)
		series->failed = true;
	*out = NULL;
}

enum rx_exit
rx_series_close(struct rx_series *series, struct labyrinth_error *error)
{
	close_one(series, &series->lines);
	close_one(series, &series->csv);
	if (series->failed)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"--json-lines or --csv: not all was written, make room or choose "
			"another file");
	return RX_OK;
}
