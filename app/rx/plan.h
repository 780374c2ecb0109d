/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_PLAN_H
#define RX_PLAN_H

/**
 * @file
 * Which lcore polls which queue: the queues of all ports in turn over the worker
 * lcores, or all on the main lcore when there is no worker. Main lcore only.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "port.h"
#include "rx_loop.h"

/** The plan, and all that lcores write to. */
struct rx_plan {
	struct rx_control control;
	uint32_t nb_queues;
	uint32_t nb_lcores;      /**< with at least one queue */
	struct rx_queue *queues; /**< by port, then by queue */
	struct rx_queue **order; /**< the same, by lcore */
	struct rx_lcore *lcores;
	bool on_main;            /**< the main lcore polls */
};

/** Queues of @p ports together. */
uint32_t
rx_plan_queues(const struct rx_port *ports, uint16_t nb_ports);

/** Lcores that will poll @p nb_queues queues. */
uint32_t
rx_plan_lcores(uint32_t nb_queues);

/** Make the plan; nothing runs yet. @return RX_OK; RX_ENVIRONMENT out of memory */
enum rx_exit
rx_plan_make(struct rx_plan *plan, const struct rx_port *ports, uint16_t nb_ports,
	struct rte_mempool *pool, struct labyrinth_error *error);

/** Let each queue keep its frames for a while. @return RX_OK; RX_ENVIRONMENT */
enum rx_exit
rx_plan_hold(struct rx_plan *plan, const struct rx_hold_limits *limits, uint32_t pages,
	struct labyrinth_error *error);

/** Let each queue note how long after its arrival a frame is freed. */
enum rx_exit
rx_plan_latency(struct rx_plan *plan, struct labyrinth_error *error);

/** Add what the queues have noted to @p latency; false: nothing was to be noted. */
bool
rx_plan_latencies(const struct rx_plan *plan, struct labyrinth_histogram *latency);

/** Free the frames that are still kept; lcores joined. @return how many */
uint64_t
rx_plan_release(struct rx_plan *plan);

/** Give the plan's memory back, and the frames still kept. */
void
rx_plan_free(struct rx_plan *plan);

/** Print who polls what, a line for each lcore. */
void
rx_plan_print(const struct rx_plan *plan, FILE *out);

/** Counters of one or of several queues. */
struct rx_totals {
	uint64_t packets;
	uint64_t bytes;
	uint64_t bursts;
	uint64_t cycles;
};

/** Sum up what the queues of port @p port have counted so far; @p port -1: of all. */
struct rx_totals
rx_plan_totals(const struct rx_plan *plan, int port);

#endif /* RX_PLAN_H */
