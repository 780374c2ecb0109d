/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include <rte_cycles.h>

#include "figures/live.h"
#include "watch.h"

enum rx_exit
rx_watch_open(struct rx_watch *watch, const struct rx_options *options,
	struct rx_scene *scene, FILE *out, struct labyrinth_error *error)
{
	double period = options->stats_period_s;

	memset(watch, 0, sizeof(*watch));
	watch->options = options;
	watch->scene = scene;
	watch->out = out;
	watch->at = UINT64_MAX;
	if (period == 0 && (options->top || options->json_lines != NULL || options->csv != NULL))
		period = 1;
	watch->period = (uint64_t)(period * (double)rte_get_tsc_hz());
	return rx_series_open(&watch->series, options->json_lines, options->csv, error);
}

/* Where frames come from, of all ports. */
static const char *
kind(const struct rx_scene *scene)
{
	const char *first = scene->ports[0].driver->kind;

	for (uint16_t i = 1; i < scene->nb_ports; i++) {
		if (strcmp(scene->ports[i].driver->kind, first) != 0)
			return "mixed";
	}
	return first;
}

uint64_t
rx_watch_start(struct rx_watch *watch, uint64_t now)
{
	const struct rx_screen_title title = { .program = "labyrinth-rx",
		.mode = watch->options->mode, .kind = kind(watch->scene) };

	watch->rates = (struct rx_rates){
		.out = watch->out,
		.plan = watch->scene->plan,
		.ports = watch->scene->ports,
		.nb_ports = watch->scene->nb_ports,
	};
	rx_rates_start(&watch->rates, now);
	/* Without memory for a screen there are rates. */
	watch->on_screen = watch->options->top &&
		rx_top_begin(&watch->top, watch->out, &title, NULL) == RX_OK;
	watch->at = watch->period == 0 ? UINT64_MAX : now + watch->period;
	return watch->at;
}

static void
tell_snapshot(struct rx_watch *watch)
{
	struct rx_snapshot *now;

	rx_live_hold();
	now = rx_snapshot_take(watch->scene);
	rx_live_release();
	if (now == NULL)
		return;
	rx_series_add(&watch->series, now);
	if (watch->on_screen)
		rx_top_draw(&watch->top, now, watch->before);
	rx_snapshot_free(watch->before);
	watch->before = now;
}

void
rx_watch_set_period(struct rx_watch *watch, double seconds)
{
	watch->period = (uint64_t)(seconds * (double)rte_get_tsc_hz());
}

uint64_t
rx_watch_tick(struct rx_watch *watch, uint64_t now)
{
	if (now < watch->at)
		return watch->at;
	if (watch->options->stats_period_s > 0 && !watch->on_screen)
		rx_rates_print(&watch->rates, now);
	if (watch->on_screen || watch->series.lines != NULL || watch->series.csv != NULL)
		tell_snapshot(watch);
	watch->at += watch->period;
	return watch->at;
}

void
rx_watch_stop(struct rx_watch *watch)
{
	watch->at = UINT64_MAX;
	if (watch->on_screen)
		rx_top_end(&watch->top);
	watch->on_screen = false;
}

enum rx_exit
rx_watch_finish(
	struct rx_watch *watch, const struct rx_snapshot *last, struct labyrinth_error *error)
{
	rx_watch_stop(watch);
	rx_snapshot_free(watch->before);
	watch->before = NULL;
	if (last != NULL)
		rx_series_add(&watch->series, last);
	return rx_series_close(&watch->series, error);
}
