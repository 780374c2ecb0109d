/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_ABSORB_H
#define RX_ABSORB_H

/**
 * @file
 * For how long a pool takes in frames at line rate when the application frees none.
 *
 * Computed: the pages that are not posted, over the frames that the links bring. Measured,
 * on a simulated wire that sends without pause: keep all that is received until nothing
 * comes any more, then free all. The arrival stamps say when the first frame was kept and
 * when the last one arrived before frames were lost; and for how long after the pages came
 * back frames were still lost.
 */

#include <stdbool.h>
#include <stdint.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "plan.h"
#include "port.h"

/** How often it is measured; the figures are medians of the rounds that count. */
#define RX_ABSORB_ROUNDS 5u

struct rx_absorb {
	bool computed;            /**< the speed of the links is known */
	uint32_t frame_size;      /**< mean of what came, FCS included */
	uint32_t pages;           /**< that frames can take */
	double line_rate;         /**< frames a second of such frames on all links */
	double computed_us;
	bool measured;            /**< and frames were lost in each round */
	double measured_us;
	uint64_t measured_frames;
	/** Rounds in which no frame was lost before the pages ran out; the figures are
	 * theirs. 0: there was none, the loop does not keep up with this wire. */
	uint32_t kept_up;
	double recovery_us;
};

/**
 * Measure, on the lcores of @p plan, before the run. What is received counts as
 * delivered, what is lost as lost.
 *
 * @return RX_OK; RX_USAGE frames of a port have no arrival stamps; RX_ENVIRONMENT out of
 *   memory
 */
enum rx_exit
rx_absorb_measure(struct rx_absorb *absorb, struct rx_plan *plan,
	const struct rx_port *ports, uint16_t nb_ports, struct labyrinth_error *error);

/** Compute, from the mean frame that @p plan has received. */
void
rx_absorb_compute(struct rx_absorb *absorb, const struct rx_plan *plan,
	const struct rx_port *ports, uint16_t nb_ports, const struct rte_mempool *pool);

#endif /* RX_ABSORB_H */
