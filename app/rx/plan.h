/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_PLAN_H
#define RX_PLAN_H

/**
 * @file
 * Which lcore polls which queue, and what it does with the frames. Main lcore only.
 *
 *   rx_plan_make -> (rx_plan_begin -> polling -> rx_plan_end)* -> rx_plan_free
 *
 * Without --rxq-map the queues of all ports go in turn over the worker lcores, or all to
 * the main lcore when there is no worker. Counters live as long as the plan.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "mode.h"
#include "port.h"
#include "rx_loop.h"

/** What a mode sent. */
struct rx_mode_sent {
	uint64_t packets;
	uint64_t bytes;  /**< no FCS */
};

/** The plan, and all that lcores write to. */
struct rx_plan {
	struct rx_control control;
	const struct rx_port *ports;
	uint16_t nb_ports;
	struct rte_mempool *pool;
	uint32_t nb_queues;
	uint32_t nb_stages;
	uint32_t nb_lcores;      /**< with at least one queue */
	struct rx_queue *queues; /**< by port, then by queue */
	struct rx_queue *stages; /**< the far ends of the rings of a pipeline */
	struct rx_queue **order; /**< all of them, by lcore */
	struct rx_lcore *lcores;
	struct rx_sleep **sleeps;  /**< by rte_lcore_index(), NULL: lcores never sleep */
	bool on_main;            /**< the main lcore polls */
	/** By modes while they were the present one, up to the last rx_plan_end(). */
	struct rx_mode_sent by_mode[RX_MODES];
};

/** Queues of @p ports together. */
uint32_t
rx_plan_queues(const struct rx_port *ports, uint16_t nb_ports);

/** Lcores that can poll, of which --nb-cores takes the first. */
uint32_t
rx_plan_lcores(const struct rx_options *options);

/** Make the plan; nothing runs yet. @return RX_OK; RX_ENVIRONMENT out of memory */
enum rx_exit
rx_plan_make(struct rx_plan *plan, const struct rx_port *ports, uint16_t nb_ports,
	struct rte_mempool *pool, struct labyrinth_error *error);

/**
 * Give each queue its lcore, its way on, and the state of @p mode.
 *
 * @return RX_OK; RX_USAGE the options do not fit to lcores, ports or mode, or lcores would
 *   share a tx queue; RX_ENVIRONMENT. Then as after rx_plan_end()
 */
enum rx_exit
rx_plan_begin(struct rx_plan *plan, const struct rx_mode *mode,
	const struct rx_options *options, struct labyrinth_error *error);

/** Free what the mode kept; lcores joined. @return frames that it kept */
uint64_t
rx_plan_end(struct rx_plan *plan);

/** Let each queue note how long after its arrival a frame is freed. */
enum rx_exit
rx_plan_latency(struct rx_plan *plan, struct labyrinth_error *error);

/** Let lcores that find nothing sleep (--rx-intr), see rx_sleep.h. Ports are started. */
enum rx_exit
rx_plan_sleeps(struct rx_plan *plan, struct labyrinth_error *error);

/** The sleeps of lcore @p id, NULL: it never sleeps. */
struct rx_sleep *
rx_plan_sleep(const struct rx_plan *plan, unsigned int id);

/** Add what the queues have noted to @p latency; false: nothing was to be noted. */
bool
rx_plan_latencies(const struct rx_plan *plan, struct labyrinth_histogram *latency);

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
	uint64_t sent;       /**< by whatever port, received or made */
	uint64_t sent_bytes; /**< no FCS */
	uint64_t tx_full;    /**< received, and lost for want of room in a tx queue */
	uint64_t ring_full;  /**< received, and lost for want of room in a ring */
	uint64_t made;       /**< not received but made here */
	uint64_t unsent;     /**< of those, not sent */
	uint64_t starved;    /**< bursts not made for want of mbufs */
};

/** Sum up what the queues of port @p port have counted so far; @p port -1: of all. */
struct rx_totals
rx_plan_totals(const struct rx_plan *plan, int port);

/** Counters of what tx port @p port was given, by whichever queue. */
struct rx_totals
rx_plan_sent(const struct rx_plan *plan, uint16_t port);

/** What @p mode has sent so far. */
struct rx_mode_sent
rx_plan_mode_sent(const struct rx_plan *plan, const struct rx_mode *mode);

#endif /* RX_PLAN_H */
