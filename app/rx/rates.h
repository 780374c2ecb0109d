/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_RATES_H
#define RX_RATES_H

/**
 * @file
 * Rates while running: what was counted since the last time, by port and in all.
 * Main lcore only.
 */

#include <stdint.h>
#include <stdio.h>

#include <rte_config.h>

#include "plan.h"

/** What was last seen. */
struct rx_rates {
	FILE *out;
	const struct rx_plan *plan;
	const struct rx_port *ports;
	uint16_t nb_ports;
	uint64_t start;  /**< TSC */
	uint64_t last;   /**< TSC */
	struct rx_totals seen[RTE_MAX_ETHPORTS];
};

/** Begin at TSC @p now. */
void
rx_rates_start(struct rx_rates *rates, uint64_t now);

/** Print the rates from the last call to TSC @p now. */
void
rx_rates_print(struct rx_rates *rates, uint64_t now);

/** Print packets and bytes of @p seconds in Mpps and Gbit/s, on wire and in mbufs. */
void
rx_rates_line(FILE *out, const char *label, uint64_t packets, uint64_t bytes,
	double seconds);

#endif /* RX_RATES_H */
