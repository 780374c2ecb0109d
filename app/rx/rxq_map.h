/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_RXQ_MAP_H
#define RX_RXQ_MAP_H

/**
 * @file
 * --rxq-map: which lcore polls which queue, written as l3fwd's --config:
 *
 *   (port,queue,lcore),(port,queue,lcore)...
 */

#include <stdint.h>

#include "exit_code.h"
#include "labyrinth_base.h"

/** Queues that can be mapped. */
#define RX_RXQ_MAP_MAX 256u

/** One entry. */
struct rx_rxq_place {
	uint16_t port;
	uint16_t queue;
	uint16_t lcore;
};

/** The map; without entries there is none. */
struct rx_rxq_map {
	uint16_t n;
	struct rx_rxq_place places[RX_RXQ_MAP_MAX];
};

/** Read @p text. @return RX_OK; RX_USAGE */
enum rx_exit
rx_rxq_map_parse(
	const char *text, struct rx_rxq_map *map, struct labyrinth_error *error);

/** The lcore of a queue, or -1: the map has none. */
int
rx_rxq_map_lcore(const struct rx_rxq_map *map, uint16_t port, uint16_t queue);

#endif /* RX_RXQ_MAP_H */
