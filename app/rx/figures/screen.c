/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "figures/screen.h"
#include "figures/walk.h"
#include "labyrinth_pool.h"
#include "labyrinth_reasons.h"
#include "labyrinth_wire.h"

/* Most lines for reasons, lcores and holders, so that queues have room. */
#define REASONS_MAX 5u
#define LCORES_MAX  4u
#define HOLDERS_MAX 3u

/* Width of the bar of a pool at 80 columns, and of an lcore's. */
#define POOL_BAR  40u
#define LCORE_BAR 20u

/* What is shown, and what it is compared with. */
struct view {
	struct rx_screen *screen;
	const struct rx_snapshot *now, *before;
	double seconds;
};

__attribute__((format(printf, 2, 3))) static void
put(struct rx_screen *screen, const char *format, ...)
{
	va_list ap;

	if (screen->used >= screen->lines)
		return;
	va_start(ap, format);
	vsnprintf(screen->line[screen->used], screen->columns + 1u, format, ap);
	va_end(ap);
	screen->used++;
}

/* A number in five characters and a unit: 148.8M. */
static const char *
shorten(double n, char text[16])
{
	static const char units[] = " kMGTPE";
	unsigned int unit = 0;

	while (n >= 9999.5 && unit < sizeof(units) - 2) {
		n /= 1000;
		unit++;
	}
	if (unit == 0)
		snprintf(text, 16, "%.0f", n);
	else
		snprintf(text, 16, "%.*f%c", n < 100 ? 2 : n < 1000 ? 1 : 0, n, units[unit]);
	return text;
}

static uint64_t
since(const struct view *view, const struct rx_row *row, enum rx_figure_id id, uint32_t label)
{
	const struct rx_row *then = view->before == NULL ? NULL :
		rx_snapshot_find(view->before, row->place, row->name);
	uint64_t now = rx_number(row, id, label);
	uint64_t before = then == NULL ? 0 : rx_number(then, id, label);

	return now > before ? now - before : 0;
}

static double
rate(const struct view *view, const struct rx_row *row, enum rx_figure_id id, uint32_t label)
{
	return view->seconds > 0 ? (double)since(view, row, id, label) / view->seconds : 0;
}

static double
drop_rate(const struct view *view, const struct rx_row *row, enum rx_figure_id id)
{
	double sum = 0;

	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		sum += rate(view, row, id, i);
	return sum;
}

/* What a histogram gained; the worst is not known of a part of it. NULL: no memory. */
static struct labyrinth_histogram *
gained(const struct view *view, const struct rx_row *row, enum rx_figure_id id)
{
	const struct rx_row *then = view->before == NULL ? NULL :
		rx_snapshot_find(view->before, row->place, row->name);
	const struct labyrinth_histogram *now = rx_cell(row, id, 0)->h, *before = NULL;
	struct labyrinth_histogram *h;

	if (then != NULL)
		before = rx_cell(then, id, 0)->h;
	h = now == NULL ? NULL : calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	for (uint32_t i = 0; i < LABYRINTH_HISTOGRAM_BUCKETS; i++) {
		uint64_t n = now->count[i] - (before == NULL ? 0 : before->count[i]);

		h->count[i] = n;
		h->total += n;
	}
	h->worst = now->worst;
	return h;
}

/* "p50/p99/p99.9", "-" when nothing came, in units of @p unit. */
static void
percentiles(const struct view *view, const struct rx_row *row, enum rx_figure_id id,
	double unit, char *text)
{
	struct labyrinth_histogram *h = gained(view, row, id);

	strcpy(text, "-");
	if (h != NULL && h->total != 0)
		snprintf(text, 32, "%.*f/%.*f/%.*f", unit > 1, 
			(double)labyrinth_histogram_quantile(h, 0.5) / unit, unit > 1,
			(double)labyrinth_histogram_quantile(h, 0.99) / unit, unit > 1,
			(double)labyrinth_histogram_quantile(h, 0.999) / unit);
	free(h);
}

/* ---- title ---- */

static void
put_title(struct view *view, const struct rx_screen_title *title)
{
	uint64_t s = (uint64_t)view->now->seconds;
	const struct rx_row *run = &view->now->row[0];
	uint64_t lost = 0;
	char a[16], b[16], c[16];

	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		lost += rx_number(run, RX_RUN_DROPS, i);
	put(view->screen, "%s %s, frames from: %s  %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
		title->program, title->mode, title->kind, s / 3600, s / 60 % 60, s % 60);
	put(view->screen, "delivered %s/s (%s)  lost %s/s (%" PRIu64 ")",
		shorten(rate(view, run, RX_RUN_DELIVERED, 0), a),
		shorten((double)rx_number(run, RX_RUN_DELIVERED, 0), b),
		shorten(drop_rate(view, run, RX_RUN_DROPS), c), lost);
	put(view->screen, "%s", "");
}

/* ---- queues ---- */

static void
put_queue(struct view *view, const struct rx_row *row)
{
	uint64_t packets = since(view, row, RX_QUEUE_PACKETS, 0);
	uint64_t bytes = since(view, row, RX_QUEUE_BYTES, 0);
	double per_s = view->seconds > 0 ? 1 / view->seconds : 0;
	char burst[32], times[32], pps[16], lost[16] = RX_UNKNOWN_WORD;

	percentiles(view, row, RX_QUEUE_BURST_SIZE, 1, burst);
	percentiles(view, row, rx_cell(row, RX_QUEUE_LATENCY, 0)->known == RX_KNOWN ?
		RX_QUEUE_LATENCY : RX_QUEUE_HOLD_TIME, 1e3, times);
	if (rx_cell(row, RX_QUEUE_DROPS, LABYRINTH_REASON_IMISSED)->known == RX_KNOWN)
		shorten(drop_rate(view, row, RX_QUEUE_DROPS), lost);
	put(view->screen, "%-6s %5d %8s %7.2f %8s %6.1f %-11s %s", row->name, row->lcore,
		shorten((double)packets * per_s, pps),
		(double)labyrinth_wire_l1_bits(packets, bytes) * per_s / 1e9, lost,
		packets == 0 ? 0 : (double)since(view, row, RX_QUEUE_BUSY_CYCLES, 0) /
			(double)packets,
		burst, times);
}

static void
put_queues(struct view *view, uint32_t room)
{
	const struct rx_row *row;
	uint32_t n = 0;

	while (rx_snapshot_row(view->now, RX_PLACE_QUEUE, n) != NULL)
		n++;
	put(view->screen, "%-6s %5s %8s %7s %8s %6s %-11s %s", "QUEUE", "LCORE", "PKT/S",
		"L1 Gb/s", "LOST/S", "CYC/PK", "BURST", "us p50/p99/p99.9");
	room = RTE_MAX(room, 2u);
	for (uint32_t i = 0; i < n; i++) {
		if (i + 1 == room && n > room) {
			put(view->screen, "and %u queues more", n - i);
			break;
		}
		row = rx_snapshot_row(view->now, RX_PLACE_QUEUE, i);
		put_queue(view, row);
	}
	put(view->screen, "%s", "");
}

/* ---- drops ---- */

static uint32_t
count_reasons(const struct rx_row *run)
{
	uint32_t n = 0;

	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++) {
		const struct rx_value *value = rx_cell(run, RX_RUN_DROPS, i);

		n += value->known == RX_UNKNOWN || rx_number(run, RX_RUN_DROPS, i) != 0;
	}
	return RTE_MIN(n, REASONS_MAX);
}

static void
put_reasons(struct view *view)
{
	const struct rx_row *run = &view->now->row[0];
	uint32_t left = count_reasons(run);
	char a[16];

	put(view->screen, "%-14s %8s %16s  %s", "LOST BY REASON", "/S", "TOTAL", "");
	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT && left > 0; i++) {
		const struct rx_value *value = rx_cell(run, RX_RUN_DROPS, i);

		if (value->known == RX_UNKNOWN)
			put(view->screen, "%-14s %8s %16s  the PMD does not count it",
				labyrinth_reason_name(i), RX_UNKNOWN_WORD, RX_UNKNOWN_WORD);
		else if (value->n != 0)
			put(view->screen, "%-14s %8s %16" PRIu64 "  %s",
				labyrinth_reason_name(i),
				shorten(rate(view, run, RX_RUN_DROPS, i), a), value->n,
				labyrinth_reason_sentence(i));
		else
			continue;
		left--;
	}
	put(view->screen, "%s", "");
}

/* ---- the pool ---- */

static void
fill_bar(char *bar, uint32_t width, uint64_t part, uint64_t whole)
{
	uint32_t full = whole == 0 ? 0 : (uint32_t)(part * width / whole);

	memset(bar, '#', full);
	memset(bar + full, '.', width - full);
	bar[width] = '\0';
}

static void
put_pool(struct view *view, const struct rx_row *row)
{
	uint64_t pages = rx_number(row, RX_POOL_PAGES, 0);
	uint64_t available = rx_number(row, RX_POOL_AVAILABLE, 0);
	uint32_t width = POOL_BAR + (view->screen->columns - 80u) / 2u *
		(view->screen->columns > 80u);
	static const char names[LABYRINTH_MARKS] = { 'm', 'l', 'h' };
	char bar[RX_SCREEN_COLUMNS_MAX];

	fill_bar(bar, width, available, pages);
	for (unsigned int i = 0; i < LABYRINTH_MARKS && pages != 0; i++) {
		uint64_t mark = rx_number(row, RX_POOL_WATERMARK, i);

		if (mark != 0)
			bar[RTE_MIN(mark * width / pages, (uint64_t)width - 1)] = names[i];
	}
	put(view->screen, "POOL %-12.12s [%s] %" PRIu64 "/%" PRIu64, row->name, bar,
		available, pages);
	if (rx_cell(row, RX_POOL_LOW_WATER, 0)->known != RX_KNOWN)
		return;
	put(view->screen,
		"  free %" PRIu64 "  cached %" PRIu64 "  out %" PRIu64 "  low water %" PRIu64
		"  refused attempts %" PRIu64,
		rx_number(row, RX_POOL_FREE, 0), rx_number(row, RX_POOL_CACHED, 0),
		rx_number(row, RX_POOL_OWNED, 0) + rx_number(row, RX_POOL_OFFERED, 0),
		rx_number(row, RX_POOL_LOW_WATER, 0),
		rx_number(row, RX_POOL_ALLOC_FAIL, LABYRINTH_GFP_ATOMIC));
	put(view->screen, "  below low %.3f s (%" PRIu64 " times)  below high %.3f s (%" PRIu64
		" times)",
		(double)rx_number(row, RX_POOL_BELOW, LABYRINTH_MARK_LOW) / 1e9,
		rx_number(row, RX_POOL_FALLS, LABYRINTH_MARK_LOW),
		(double)rx_number(row, RX_POOL_BELOW, LABYRINTH_MARK_HIGH) / 1e9,
		rx_number(row, RX_POOL_FALLS, LABYRINTH_MARK_HIGH));
}

static void
put_holders(struct view *view)
{
	const struct rx_row *row;
	uint32_t shown = 0;

	for (uint32_t i = 0; shown < HOLDERS_MAX &&
		(row = rx_snapshot_row(view->now, RX_PLACE_OWNER, i)) != NULL; i++) {
		uint64_t pages = rx_number(row, RX_OWNER_OWNED, 0) +
				 rx_number(row, RX_OWNER_OFFERED, 0);

		if (pages == 0)
			continue;
		put(view->screen, "  %s holds %" PRIu64 " pages, caches %" PRIu64, row->name,
			pages, rx_number(row, RX_OWNER_CACHED, 0));
		shown++;
	}
}

/* ---- lcores ---- */

static void
put_lcores(struct view *view)
{
	const struct rx_row *row;
	char bar[LCORE_BAR + 1], a[16], b[16];

	for (uint32_t i = 0; i < LCORES_MAX &&
		(row = rx_snapshot_row(view->now, RX_PLACE_LCORE, i)) != NULL; i++) {
		uint64_t busy = since(view, row, RX_LCORE_BUSY_CYCLES, 0);
		uint64_t idle = since(view, row, RX_LCORE_IDLE_CYCLES, 0);

		fill_bar(bar, LCORE_BAR, busy, busy + idle);
		put(view->screen, "LCORE %-4s [%s] busy %5.1f %%  polls/s busy %s idle %s",
			row->name, bar,
			busy + idle == 0 ? 0 : 100.0 * (double)busy / (double)(busy + idle),
			shorten(rate(view, row, RX_LCORE_BUSY_POLLS, 0), a),
			shorten(rate(view, row, RX_LCORE_IDLE_POLLS, 0), b));
	}
}

void
rx_screen_fill(struct rx_screen *screen, const struct rx_screen_title *title,
	const struct rx_snapshot *now, const struct rx_snapshot *before)
{
	struct view view = { .screen = screen, .now = now, .before = before,
		.seconds = now->seconds - (before == NULL ? 0 : before->seconds) };
	uint32_t others = 3 + 2 + 2 + count_reasons(&now->row[0]) + 3 + HOLDERS_MAX +
		LCORES_MAX;

	screen->used = 0;
	screen->columns = RTE_MIN(screen->columns, (uint16_t)RX_SCREEN_COLUMNS_MAX);
	screen->lines = RTE_MIN(screen->lines, (uint16_t)RX_SCREEN_LINES_MAX);
	put_title(&view, title);
	put_queues(&view, screen->lines > others ? screen->lines - others : 0);
	put_reasons(&view);
	put_pool(&view, rx_snapshot_row(now, RX_PLACE_POOL, 0));
	put_holders(&view);
	put_lcores(&view);
}
