/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_VDEV_ARGS_H
#define RX_VDEV_ARGS_H

/**
 * @file
 * Options of this program that are devargs of the simulated card: they are added to its
 * --vdev before EAL reads them.
 */

#include "exit_code.h"
#include "labyrinth_base.h"

/** The PMD whose --vdev takes them. */
#define RX_WIRE_DRIVER "net_labyrinth"

/**
 * Add policy=@p policy to each --vdev net_labyrinth… of @p argv.
 *
 * @param argv    changed entries are new strings, which live as long as the process
 * @param policy  NULL: change nothing
 * @return RX_OK; RX_USAGE there is none, or one has another policy, or one is no policy;
 *   RX_ENVIRONMENT out of memory
 */
enum rx_exit
rx_vdev_args_policy(
	int argc, char **argv, const char *policy, struct labyrinth_error *error);

#endif /* RX_VDEV_ARGS_H */
