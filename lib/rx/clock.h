/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_RX_CLOCK_H
#define LAB_RX_CLOCK_H

/**
 * @file
 * The clock of the wire: picoseconds for which the card has been started, by the TSC or
 * by hand. While it is stopped the wire's time stands.
 *
 * Read by any thread; started and stopped at rest.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_clock.h"

struct lab_clock {
	struct labyrinth_clock tsc;
	bool is_virtual;
	bool runs;
	uint64_t start;   /**< ticks of the TSC, or virtual ps, at the last start */
	uint64_t before;  /**< wire time at the last start, in ps */
	_Atomic uint64_t virtual_ps;
};

/** @param hz  of the TSC; 0: measure it, which takes LAB_CLOCK_MEASURE_MS */
void
lab_clock_init(struct lab_clock *clock, uint64_t hz, bool is_virtual);

#define LAB_CLOCK_MEASURE_MS 50

void
lab_clock_start(struct lab_clock *clock);

void
lab_clock_stop(struct lab_clock *clock);

/* Ticks, or virtual ps. relaxed: the virtual time stands alone, it orders nothing. */
static inline uint64_t
lab_clock_raw(const struct lab_clock *clock)
{
	if (clock->is_virtual)
		return atomic_load_explicit(&clock->virtual_ps, memory_order_relaxed);
	return labyrinth_clock_ticks();
}

/** The wire's time in ps. */
static inline uint64_t
lab_clock_now(const struct lab_clock *clock)
{
	uint64_t since;

	if (!clock->runs)
		return clock->before;
	since = lab_clock_raw(clock) - clock->start;
	/* Two CPUs may disagree a little about the TSC. */
	if ((int64_t)since < 0)
		since = 0;
	return clock->before +
		(clock->is_virtual ? since : labyrinth_clock_ps(&clock->tsc, since));
}

/** Nanoseconds on the scale of the stamps: all of the TSC, or all virtual time. */
static inline uint64_t
lab_clock_ns(const struct lab_clock *clock, uint64_t raw)
{
	return clock->is_virtual ? raw / 1000 : labyrinth_clock_ns(&clock->tsc, raw);
}

/** Stamp of wire time 0, as if the clock had run since then without a stop. */
static inline uint64_t
lab_clock_origin_ns(const struct lab_clock *clock)
{
	return lab_clock_ns(clock, clock->start) - clock->before / 1000;
}

#endif /* LAB_RX_CLOCK_H */
