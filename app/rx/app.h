/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_APP_H
#define RX_APP_H

/**
 * @file
 * The parts of the program together. Main lcore only, but for what says otherwise.
 *
 *   rx_app_set_up -> (rx_run_start -> polling -> rx_run_stop)* -> rx_app_conclude
 *     -> rx_app_tear_down
 *
 * The last of them may follow each of the others.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_config.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "options.h"
#include "plan.h"
#include "port.h"
#include "result.h"
#include "watch.h"

/** A run of the program. */
struct rx_app {
	struct rx_options options;
	FILE *out; /**< where text goes: not where JSON goes */
	struct rx_port ports[RTE_MAX_ETHPORTS];
	uint16_t nb_ports;
	struct rte_mempool *pool;
	struct rx_plan plan;
	struct rx_result result;
	struct rx_scene scene;       /**< what snapshots are taken of */
	struct rx_watch watch;
	struct rx_snapshot *last;    /**< of the end */
	uint64_t started_at;  /**< TSC */
	uint64_t end_at;      /**< TSC, UINT64_MAX: open end */
	uint64_t look_at;     /**< TSC: when links are looked at next */
	bool running;         /**< lcores poll */
	bool ran;             /**< they did so before */
	bool timed_out;       /**< the duration ended the run */
	bool captures;        /**< dpdk-dumpcap can */
	atomic_bool quit;     /**< a signal came; written by its handler */
};

/** Did a signal come, or is there nobody to report to? */
static inline bool
rx_app_quits(const struct rx_app *app)
{
	/* relaxed: the flag alone; rx_run_start() needs more and says so */
	return atomic_load_explicit(&app->quit, memory_order_relaxed);
}

/** Ports, pool, plan; the ports are started. @return RX_OK or as each of them fails */
enum rx_exit
rx_app_set_up(struct rx_app *app, struct labyrinth_error *error);

/**
 * Stop and close the ports, print and write the result.
 *
 * @return RX_OK; RX_GATE --packets was not reached; RX_ENVIRONMENT JSON or text cannot be
 *   written, or a port was removed meanwhile;
 *   RX_INVARIANT the ledger is out of balance
 */
enum rx_exit
rx_app_conclude(struct rx_app *app, struct labyrinth_error *error);

/**
 * Give everything back, from wherever it was come to.
 *
 * @return @p ret; RX_INVARIANT with the reason in @p error when pages leaked
 */
enum rx_exit
rx_app_tear_down(struct rx_app *app, enum rx_exit ret, struct labyrinth_error *error);

#endif /* RX_APP_H */
