/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_MODE_PIPELINE_H
#define RX_MODE_PIPELINE_H

/**
 * @file
 * The receiving end of a pipeline: which rings a queue hands its bursts to, in turn. A
 * ring has one lcore at each end. With more than one, bursts may overtake each other.
 */

#include <rte_ring.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "rx_loop.h"

/** Rings that one queue can have, each with a worker of its own. */
#define RX_PIPELINE_RINGS 32u

/** The state of a queue in this mode. */
struct rx_pipeline {
	uint16_t nb_rings;
	uint16_t next;
	struct rx_queue *far_ends[RX_PIPELINE_RINGS];
	struct rx_sleep *sleeps[RX_PIPELINE_RINGS];  /**< of who works behind, may be NULL */
};

/**
 * Let @p queue, which is in mode pipeline, hand on to the ring of @p far_end too, count
 * there what finds no room, and wake @p sleep, unless it is NULL, for what does.
 *
 * @return RX_OK; RX_USAGE too many rings
 */
enum rx_exit
rx_pipeline_add(struct rx_queue *queue, struct rx_queue *far_end, struct rx_sleep *sleep,
	struct labyrinth_error *error);

#endif /* RX_MODE_PIPELINE_H */
