/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_WAY_H
#define RX_WAY_H

/**
 * @file
 * By which port and queue frames go on (--port-topology), part of rx_plan_begin(). Main
 * lcore only.
 */

#include "plan.h"

/**
 * Where frames of the @p i-th of @p n ports go on to: the other port of its pair, the next
 * one, or itself; a port without a pair is its own.
 */
uint16_t
rx_way_peer(enum rx_topology topology, uint16_t i, uint16_t n);

/**
 * Set the way of each queue and ring end.
 *
 * @return RX_OK; RX_USAGE two lcores would share a tx queue; RX_ENVIRONMENT a port has no
 *   tx queue
 */
enum rx_exit
rx_ways_set(struct rx_plan *plan, const struct rx_mode *mode,
	const struct rx_options *options, struct labyrinth_error *error);

#endif /* RX_WAY_H */
