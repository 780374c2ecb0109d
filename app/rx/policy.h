/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_POLICY_H
#define RX_POLICY_H

/**
 * @file
 * What a simulated card does with a frame for which there is no page, by name. Main lcore
 * only.
 */

#include "exit_code.h"
#include "labyrinth_base.h"
#include "port.h"

/** Names, by enum labyrinth_rx_policy; ends with NULL. */
extern const char *const rx_policies[];

/**
 * From now on @p port does as @p name says, also while lcores poll it.
 *
 * @return RX_OK; RX_USAGE the port is no simulated card, or there is no such policy
 */
enum rx_exit
rx_policy_set(struct rx_port *port, const char *name, struct labyrinth_error *error);

/** The policy of @p port now, NULL: it has none that it tells. */
const char *
rx_policy_of(const struct rx_port *port);

#endif /* RX_POLICY_H */
