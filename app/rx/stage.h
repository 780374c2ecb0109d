/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_STAGE_H
#define RX_STAGE_H

/**
 * @file
 * The rings of a pipeline, and the queues at their far ends: part of rx_plan_begin() and
 * rx_plan_end(). Main lcore only, while nobody polls.
 */

#include "plan.h"

/** Rings that --pipeline-workers needs: each queue and each worker has at least one. */
uint32_t
rx_stages_needed(const struct rx_plan *plan, const struct rx_options *options);

/** Make the rings and tie them to the queues. @return RX_OK; RX_USAGE; RX_ENVIRONMENT */
enum rx_exit
rx_stages_open(struct rx_plan *plan, const struct rx_options *options,
	struct labyrinth_error *error);

/** Free the rings, and the frames in them. @return how many */
uint64_t
rx_stages_close(struct rx_plan *plan);

#endif /* RX_STAGE_H */
