/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "figures/since.h"

static void
subtract_histogram(struct labyrinth_histogram *h, const struct labyrinth_histogram *before)
{
	uint64_t worst = h->worst;

	h->worst = 0;
	for (uint32_t i = 0; i < LABYRINTH_HISTOGRAM_BUCKETS; i++) {
		h->count[i] -= before->count[i];
		if (h->count[i] != 0)
			h->worst = labyrinth_histogram_bucket_end(i);
		if (h->worst > worst)
			h->worst = worst;
	}
	h->total -= before->total;
	h->sum -= before->sum;
}

static void
subtract(struct rx_value *now, const struct rx_value *before, const struct rx_figure *f)
{
	if (now->known != RX_KNOWN || before->known != RX_KNOWN)
		return;
	if (f->form == RX_FORM_UINT && f->kind == RX_KIND_COUNTER)
		now->n -= before->n;
	/* The snapshot made it, and hands it out for reading. */
	if (f->form == RX_FORM_HISTOGRAM && f->kind == RX_KIND_HISTOGRAM)
		subtract_histogram((struct labyrinth_histogram *)(uintptr_t)now->h, before->h);
}

static void
work_out(struct rx_row *row, enum rx_figure_id ratio, enum rx_figure_id cycles,
	enum rx_figure_id packets)
{
	uint64_t n = rx_number(row, packets, 0);
	struct rx_value *value = rx_cell(row, ratio, 0);

	value->known = n == 0 ? RX_NONE : RX_KNOWN;
	value->x = n == 0 ? 0 : (double)rx_number(row, cycles, 0) / (double)n;
}

static void
subtract_row(struct rx_row *row, const struct rx_row *before)
{
	enum rx_figure_id end = rx_place_first(row->place + 1);

	for (enum rx_figure_id id = rx_place_first(row->place); id < end; id++) {
		for (uint32_t l = 0; l < rx_label_values(rx_figures[id].label); l++)
			subtract(rx_cell(row, id, l), rx_cell(before, id, l), &rx_figures[id]);
	}
	if (row->place == RX_PLACE_QUEUE)
		work_out(row, RX_QUEUE_CYCLES_PER_PACKET, RX_QUEUE_BUSY_CYCLES,
			RX_QUEUE_PACKETS);
	if (row->place == RX_PLACE_LCORE)
		work_out(row, RX_LCORE_CYCLES_PER_PACKET, RX_LCORE_BUSY_CYCLES,
			RX_LCORE_PACKETS);
}

void
rx_snapshot_since(struct rx_snapshot *now, const struct rx_snapshot *before)
{
	for (uint32_t r = 0; r < now->nb_rows; r++) {
		struct rx_row *row = &now->row[r];
		const struct rx_row *match =
			rx_snapshot_find(before, row->place, row->name);

		if (match != NULL)
			subtract_row(row, match);
	}
}
