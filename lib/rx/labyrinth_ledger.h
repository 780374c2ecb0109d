/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_LEDGER_H
#define LABYRINTH_LEDGER_H

/**
 * @file
 * Where each frame went:
 *
 *   offered == delivered + sum of drops + in flight
 *
 * The two sides must come from different hands, or the sum proves nothing:
 * offered is what the port says it saw, delivered what the application itself
 * counted as it took frames out of rte_eth_rx_burst(), less those that it then lost
 * itself. A difference is a finding.
 *
 * A ledger is plain numbers (frames) with one writer. No call here fails, blocks or
 * allocates; sums wrap modulo 2^64 as the counters of the ports do.
 */

#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_reasons.h"

#ifdef __cplusplus
extern "C" {
#endif

/** All in frames. Zeroes are an empty ledger. */
struct labyrinth_ledger {
	uint64_t offered;    /**< reached the port, as counted by the port */
	uint64_t delivered;  /**< reached the application, as counted by it */
	uint64_t in_flight;  /**< still in a ring: neither delivered nor lost */
	uint64_t drops[LABYRINTH_REASON_COUNT];  /**< lost, by reason */
};

/** Enter @p frames lost for @p reason; a reason that is none is not entered. */
void
labyrinth_ledger_drop(struct labyrinth_ledger *ledger, enum labyrinth_reason reason,
	uint64_t frames);

/** Frames lost for any reason. */
uint64_t
labyrinth_ledger_dropped(const struct labyrinth_ledger *ledger);

/** Frames whose fate is known: delivered, lost or in flight. */
uint64_t
labyrinth_ledger_accounted(const struct labyrinth_ledger *ledger);

/**
 * Offered less accounted, in frames.
 *
 * @return 0 balanced; > 0 frames vanished unseen; < 0 frames came from nowhere
 */
int64_t
labyrinth_ledger_imbalance(const struct labyrinth_ledger *ledger);

/** Whether each frame offered is accounted for. */
bool
labyrinth_ledger_balanced(const struct labyrinth_ledger *ledger);

/** Add each entry of @p from to @p into. */
void
labyrinth_ledger_merge(struct labyrinth_ledger *into,
	const struct labyrinth_ledger *from);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_LEDGER_H */
