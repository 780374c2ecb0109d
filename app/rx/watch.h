/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_WATCH_H
#define RX_WATCH_H

/**
 * @file
 * What is told of a run while it goes on, each period: rates, the screen, and lines of
 * JSON and CSV, all from one snapshot. Main lcore only; it takes memory and writes to
 * files, so that an lcore that polls stops polling for that long.
 *
 *   rx_watch_open -> rx_watch_start -> rx_watch_tick* -> rx_watch_stop -> rx_watch_finish
 */

#include "figures/series.h"
#include "figures/snapshot.h"
#include "figures/top.h"
#include "options.h"
#include "rates.h"

struct rx_watch {
	const struct rx_options *options;
	struct rx_scene *scene;
	FILE *out;
	struct rx_rates rates;
	struct rx_series series;
	struct rx_top top;
	bool on_screen;
	uint64_t period;  /**< ticks of the TSC, 0: nothing is to be told */
	uint64_t at;      /**< TSC, UINT64_MAX: never */
	struct rx_snapshot *before;
};

/** Open the files that @p options name. @return RX_OK; RX_ENVIRONMENT */
enum rx_exit
rx_watch_open(struct rx_watch *watch, const struct rx_options *options,
	struct rx_scene *scene, FILE *out, struct labyrinth_error *error);

/** Rates each @p seconds from the next start on, 0: none. */
void
rx_watch_set_period(struct rx_watch *watch, double seconds);

/** Polling begins at TSC @p now. @return when to call rx_watch_tick(), UINT64_MAX never */
uint64_t
rx_watch_start(struct rx_watch *watch, uint64_t now);

/** Tell what is due at TSC @p now. @return when to call again */
uint64_t
rx_watch_tick(struct rx_watch *watch, uint64_t now);

/** Polling has ended: the terminal is as it was before. */
void
rx_watch_stop(struct rx_watch *watch);

/** The last of the series, and close them. @return RX_OK; RX_ENVIRONMENT */
enum rx_exit
rx_watch_finish(struct rx_watch *watch, const struct rx_snapshot *last,
	struct labyrinth_error *error);

#endif /* RX_WATCH_H */
