/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_NODE_H
#define LAB_NODE_H

/**
 * @file
 * In which order an owner looks through the depots of several NUMA nodes. Pure: the
 * distances come from the caller (numa_distance(), or a table in a test).
 */

#include <stdint.h>

#include "labyrinth_pool.h"

/**
 * Order the @p nodes depots as seen from depot @p from: itself, then the others by
 * distance; of equally far ones first the next in number, so that depots with equal
 * distances do not all fall back on the same one.
 *
 * @param distance  of each depot from @p from
 * @param order     receives the depots' numbers
 */
void
lab_node_order(const int *distance, uint32_t nodes, uint32_t from, uint8_t *order);

/** Depot of the node that the calling thread runs on; 0 if the pool has none there. */
uint32_t
lab_node_here(const int *node, uint32_t nodes);

#endif /* LAB_NODE_H */
