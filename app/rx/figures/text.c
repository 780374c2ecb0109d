/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <string.h>

#include "figures/text.h"
#include "figures/walk.h"
#include "rx_sleep.h"

static void
print_item(const struct rx_item *item, void *out)
{
	char number[RX_ITEM_TEXT], name[64];
	const char *sub = item->label[0] != '\0' ? item->label : item->part;

	if (rx_item_is_zero(item))
		return;
	rx_item_text(item, number);
	snprintf(name, sizeof(name), "%s%s%s%s", item->figure->name, sub[0] != '\0' ? "{" : "",
		sub, sub[0] != '\0' ? "}" : "");
	fprintf(out, "  %-24s %20s %-8s  %s%s\n", name, number, item->figure->unit,
		item->figure->sentence,
		item->value.known == RX_UNKNOWN ? "; unknown to the PMD" : "");
}

void
rx_text_print(const struct rx_snapshot *snapshot, enum rx_place place, FILE *out)
{
	for (uint32_t r = 0; r < snapshot->nb_rows; r++) {
		const struct rx_row *row = &snapshot->row[r];

		if (place != RX_PLACE_COUNT && row->place != place)
			continue;
		fprintf(out, "\nFigures of %s%s%s\n", rx_place_name(row->place),
			row->name[0] != '\0' ? " " : "", row->name);
		rx_row_walk(row, print_item, out);
	}
}

static double
percent(uint64_t part, uint64_t rest)
{
	return part + rest == 0 ? 0 : 100.0 * (double)part / (double)(part + rest);
}

static void
print_times(const char *label, const struct labyrinth_histogram *h, FILE *out)
{
	fprintf(out, "  %-12s p50 %.1f  p99 %.1f  max %.1f us, of %" PRIu64 "\n", label,
		(double)rx_part_value(h, RX_PART_P50) / 1e3,
		(double)rx_part_value(h, RX_PART_P99) / 1e3, (double)h->worst / 1e3, h->total);
}

/* --rx-intr: the rest of the time it polled. */
static void
print_sleeps(const struct rx_row *row, FILE *out)
{
	if (rx_cell(row, RX_LCORE_ASLEEP, 0)->known != RX_KNOWN)
		return;
	fprintf(out,
		"  %-12s asleep %.3f s, woken by frames %" PRIu64 ", by a call %" PRIu64
		", by time %" PRIu64 "\n",
		"", (double)rx_number(row, RX_LCORE_ASLEEP, 0) / 1e9,
		rx_number(row, RX_LCORE_WAKEUPS, RX_WAKE_FRAMES),
		rx_number(row, RX_LCORE_WAKEUPS, RX_WAKE_CALL),
		rx_number(row, RX_LCORE_WAKEUPS, RX_WAKE_TIME));
	print_times("  wake cost", rx_cell(row, RX_LCORE_WAKE_COST, 0)->h, out);
	print_times("  wake late", rx_cell(row, RX_LCORE_WAKE_LATE, 0)->h, out);
}

void
rx_text_lcores(const struct rx_snapshot *snapshot, FILE *out)
{
	const struct rx_row *row;

	fprintf(out, "\nLcores: time in busy polls, cycles a packet, frames a burst\n");
	for (uint32_t i = 0; (row = rx_snapshot_row(snapshot, RX_PLACE_LCORE, i)) != NULL; i++) {
		const struct rx_value *cycles = rx_cell(row, RX_LCORE_CYCLES_PER_PACKET, 0);
		const struct labyrinth_histogram *h = rx_cell(row, RX_LCORE_BURST_SIZE, 0)->h;

		fprintf(out,
			"  lcore %-6s busy %5.1f %%  %8.2f cycles/packet  burst p50 %" PRIu64
			" p99 %" PRIu64 " max %" PRIu64 "\n",
			row->name,
			percent(rx_number(row, RX_LCORE_BUSY_CYCLES, 0),
				rx_number(row, RX_LCORE_IDLE_CYCLES, 0)),
			cycles->known == RX_KNOWN ? cycles->x : 0,
			rx_part_value(h, RX_PART_P50), rx_part_value(h, RX_PART_P99), h->worst);
		print_sleeps(row, out);
	}
}

void
rx_text_holders(const struct rx_snapshot *snapshot, FILE *out)
{
	const struct rx_row *row;
	bool any = false;

	for (uint32_t i = 0; (row = rx_snapshot_row(snapshot, RX_PLACE_OWNER, i)) != NULL; i++) {
		uint64_t pages = rx_number(row, RX_OWNER_OWNED, 0) +
				 rx_number(row, RX_OWNER_OFFERED, 0);
		const struct labyrinth_histogram *h = rx_cell(row, RX_OWNER_AGE, 0)->h;

		if (pages == 0)
			continue;
		if (!any)
			fprintf(out, "\nHolders of pages\n");
		any = true;
		fprintf(out, "  %-16s %12" PRIu64 " pages", row->name, pages);
		if (h != NULL)
			fprintf(out, ", for p50 %.6f  p99 %.6f  max %.6f s",
				(double)rx_part_value(h, RX_PART_P50) / 1e9,
				(double)rx_part_value(h, RX_PART_P99) / 1e9,
				(double)h->worst / 1e9);
		fprintf(out, "\n");
	}
}

void
rx_text_registry(FILE *out)
{
	for (unsigned int id = 0; id < RX_FIGURE_COUNT; id++) {
		const struct rx_figure *f = &rx_figures[id];

		fprintf(out, "%-5s %-18s %-9s %-8s %-9s %s\n", rx_place_name(f->place),
			f->name, rx_kind_name(f->kind), f->unit,
			f->label == RX_LABEL_NONE ? "-" : rx_label_key(f->label),
			f->sentence);
	}
}
