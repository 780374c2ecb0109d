/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_VERIFY_H
#define RX_VERIFY_H

/**
 * @file
 * What the frames of a simulated wire say themselves: whether one came twice, out of its
 * order, or was never sent, and how many are missing. It knows nothing of the counters of
 * the port, so the two can be held against each other. Main lcore, but for the looking.
 */

#include <stdbool.h>
#include <stdint.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "labyrinth_ledger.h"
#include "labyrinth_seq_check.h"
#include "plan.h"
#include "port.h"

/** What was found, of all ports. */
struct rx_verify {
	bool done;                          /**< else all is zero */
	struct labyrinth_seq_result result;
};

/**
 * Let each queue look at its frames.
 *
 * @return RX_OK; RX_USAGE the frames of a port have no numbers; RX_ENVIRONMENT out of
 *   memory
 */
enum rx_exit
rx_verify_begin(struct rx_plan *plan, const struct rx_port *ports, uint16_t nb_ports,
	struct labyrinth_error *error);

/** Sum up; lcores joined, ports stopped. */
void
rx_verify_end(struct rx_verify *verify, struct rx_plan *plan, const struct rx_port *ports,
	uint16_t nb_ports);

/** Do the frames and @p ledger tell the same? */
bool
rx_verify_agrees(const struct rx_verify *verify, const struct labyrinth_ledger *ledger);

#endif /* RX_VERIFY_H */
