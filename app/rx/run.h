/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_RUN_H
#define RX_RUN_H

/**
 * @file
 * Forwarding begins, goes on, and ends. Main lcore only.
 */

#include "app.h"

/**
 * Give the queues their work and launch the lcores. When the main lcore is to poll itself,
 * it does so in rx_run_wait().
 *
 * @return RX_OK, or why the mode cannot begin, as rx_plan_begin(). RX_OK also when a signal
 *   came meanwhile: then it ends at once
 */
enum rx_exit
rx_run_start(struct rx_app *app, struct labyrinth_error *error);

/** Wait until the run has ended: its time, its frames, a signal. Rates are printed. */
void
rx_run_wait(struct rx_app *app);

/** Do what is due now, and look whether the run has ended. Never waits. */
bool
rx_run_ended(struct rx_app *app);

/** End the run and join the lcores. What the mode keeps it keeps until rx_plan_end(). */
void
rx_run_stop(struct rx_app *app);

#endif /* RX_RUN_H */
