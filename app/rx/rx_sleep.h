/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_RX_SLEEP_H
#define RX_RX_SLEEP_H

/**
 * @file
 * Rx interrupts (--rx-intr): an lcore whose queues have been idle for a while sleeps until a
 * PMD, or another lcore, wakes it. When it does so is the rule of sleep_rule.h.
 *
 *   rx_sleep_supported -> rx_sleep_create -> (rx_sleep_begin -> rx_sleep_round* by the lcore
 *     -> rx_sleep_end)* -> rx_sleep_destroy
 *
 * All by the main lcore but rx_sleep_round(). A sleep lasts RX_SLEEP_MS at most: what wakes
 * nobody, such as a peer that connects or a limit that another lcore reached, is seen then.
 * An lcore that keeps frames until a time, or that makes frames, does not sleep.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "labyrinth_histogram.h"
#include "sleep_rule.h"

struct rx_lcore;
struct rx_port;

/** Longest sleep, in ms. */
#define RX_SLEEP_MS 100

/** What ended a sleep. */
enum rx_wake {
	RX_WAKE_FRAMES,  /**< the interrupt of a queue */
	RX_WAKE_CALL,    /**< another lcore: frames in a ring, or the end of the run */
	RX_WAKE_TIME,    /**< RX_SLEEP_MS, or something is due */
	RX_WAKE_COUNT
};

/** Counts of one lcore, written by it and read by anybody: relaxed, each stands alone. */
struct rx_sleep_counts {
	_Atomic uint64_t woken[RX_WAKE_COUNT];
	_Atomic uint64_t ns;  /**< asleep */
	/**
	 * From when the lcore ran again until the first round that brought something was
	 * over, in TSC ticks: disarming, the poll, and the work on those frames.
	 */
	struct labyrinth_histogram cost;
	/**
	 * How much later than its time a sleep ended that nothing else ended, in ns: what
	 * timer, scheduler and machine take to have the lcore run again. The way from an
	 * interrupt to the lcore is not seen from here; this is what it costs at least.
	 */
	struct labyrinth_histogram late;
};

/** The sleeps of one lcore. */
struct rx_sleep;

/**
 * Can all queues of started @p ports wake an lcore?
 *
 * @return RX_OK; RX_ENVIRONMENT with the port and its PMD in @p error
 */
enum rx_exit
rx_sleep_supported(const struct rx_port *ports, uint16_t nb_ports,
	struct labyrinth_error *error);

/** @return NULL when out of memory or file descriptors */
struct rx_sleep *
rx_sleep_create(void);

/** May be NULL. */
void
rx_sleep_destroy(struct rx_sleep *sleep);

/** Register the queues of @p lcore, whose ports are started. @return as the above */
enum rx_exit
rx_sleep_begin(struct rx_sleep *sleep, struct rx_lcore *lcore, struct labyrinth_error *error);

/** The lcore is joined: undo rx_sleep_begin(), before ports stop. */
void
rx_sleep_end(struct rx_sleep *sleep);

/**
 * On the lcore, after a round over all its queues that ended at TSC @p now: arm, sleep or do
 * nothing.
 *
 * @param worked  the round brought something
 * @return the TSC from which on the lcore polls again: @p now unless it slept
 */
uint64_t
rx_sleep_round(struct rx_sleep *sleep, uint64_t now, bool worked);

/** Wake the lcore if it sleeps, after giving it something to do. Any thread. */
void
rx_sleep_wake(struct rx_sleep *sleep);

const struct rx_sleep_counts *
rx_sleep_counts(const struct rx_sleep *sleep);

#endif /* RX_RX_SLEEP_H */
