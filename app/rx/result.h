/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_RESULT_H
#define RX_RESULT_H

/**
 * @file
 * What a run came to. Gathered once, after the ports were closed, and then written
 * as text and as JSON, so that the two cannot differ.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_config.h>

#include "absorb.h"
#include "frame_pool.h"
#include "labyrinth_ledger.h"
#include "plan.h"
#include "port.h"
#include "verify.h"

/** One port. Frames, but for bytes. */
struct rx_port_result {
	uint16_t id;
	const char *driver;
	const char *link;    /**< up, down, gone: as last seen */
	uint64_t packets;    /**< as counted by the PMD */
	uint64_t bytes;      /**< in delivered mbufs: not every PMD counts them */
	uint64_t imissed;
	uint64_t errors;
	uint64_t nombuf;     /**< as the PMD counts: frames, or failed attempts */
	bool nombuf_is_lost; /**< the former */
	bool nombuf_unknown; /**< the PMD does not count it */
	bool imissed_unknown;
	uint64_t sent;       /**< by this port, as counted by the PMD */
	uint64_t unsent;     /**< that it did not take, as counted by the lcores */
	struct labyrinth_ledger ledger;
};

struct rx_snapshot;

/** A run. */
struct rx_result {
	/** Where the frames came from, see drivers.h; "mixed" when ports differ. */
	const char *kind;
	const char *mode;      /**< forward mode of the last run */
	double duration_s;
	uint16_t nb_ports;
	struct rx_port_result ports[RTE_MAX_ETHPORTS];
	struct labyrinth_ledger ledger;  /**< of all ports */
	struct rx_totals before;         /**< what came before the run, by --absorb */
	struct rx_totals totals;         /**< of the run, as counted by the lcores */
	struct rx_pool_summary pool;
	struct rx_verify verify;
	struct rx_absorb absorb;         /**< filled before, but for what is computed */
	bool latency_noted;
	struct labyrinth_histogram latency;  /**< from arrival to release, ns */
	/** All figures of the end, NULL without memory. */
	const struct rx_snapshot *last;
};

/** Gather the result; lcores joined, ports stopped and closed. */
void
rx_result_gather(struct rx_result *result, struct rx_plan *plan,
	const struct rx_port *ports, uint16_t nb_ports, const struct rte_mempool *pool);

/** The ledger of a port, from its counters as last read and those of its queues. */
void
rx_result_ledger(struct labyrinth_ledger *ledger, const struct rx_port *port,
	const struct rx_totals *totals);

/** Cycles that a frame took, 0 when there was none. */
double
rx_result_cycles_per_packet(const struct rx_result *result);

#endif /* RX_RESULT_H */
