/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_LIVE_H
#define RX_FIGURES_LIVE_H

/**
 * @file
 * The figures for whoever asks while the program runs, from any thread: telemetry. One for
 * the process, as the commands of telemetry are.
 *
 *   rx_live_open -> (rx_live_hold -> change ports, plan -> rx_live_release)*
 *     -> rx_live_hold -> stop ports -> rx_live_close -> rx_live_end
 */

#include "figures/snapshot.h"

/** From now on it may be asked about @p scene, which lives until rx_live_close(). */
void
rx_live_open(struct rx_scene *scene);

/** Nobody may ask while ports start, stop or close, or the plan changes. Nests. */
void
rx_live_hold(void);
void
rx_live_release(void);

/** Nobody may look at the scene any more; @p last, which may be NULL, is the answer now. */
void
rx_live_close(const struct rx_snapshot *last);

/** Nobody may ask any more. */
void
rx_live_end(void);

/**
 * Call @p fn with a snapshot of the present, or a few ms old.
 *
 * @return what @p fn does; -EAGAIN there is nothing to ask about; -ENOMEM
 */
int
rx_live_ask(int (*fn)(const struct rx_snapshot *snapshot, void *arg), void *arg);

#endif /* RX_FIGURES_LIVE_H */
