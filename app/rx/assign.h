/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_ASSIGN_H
#define RX_ASSIGN_H

/**
 * @file
 * Which lcore polls which queue, part of rx_plan_begin(). Main lcore only.
 */

#include "plan.h"

/**
 * Fill plan->lcores: by --rxq-map, or in turn. With mode pipeline the last lcores get the
 * far ends of the rings, as many as --pipeline-workers says.
 *
 * @return RX_OK; RX_USAGE
 */
enum rx_exit
rx_assign_lcores(struct rx_plan *plan, const struct rx_mode *mode,
	const struct rx_options *options, struct labyrinth_error *error);

#endif /* RX_ASSIGN_H */
