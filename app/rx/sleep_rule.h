/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_SLEEP_RULE_H
#define RX_SLEEP_RULE_H

/**
 * @file
 * When an lcore that found nothing goes on polling, and when it sleeps. Pure functions: the
 * time is told, nothing is asked or done. One thread at a time.
 *
 *   polling --- idle for the window ---> armed --- one more round, idle ---> asleep
 *      ^                                   |                                   |
 *      +----------- that brought work -----+         woken, or time is up -----+
 *
 * A frame that came before interrupts were armed raises none: so there is one more round
 * after arming, and a frame that comes later than that one wakes the lcore.
 *
 * The window adapts as that of a halted virtual CPU does in KVM: a sleep that ended before
 * the longest window would have was not worth its cost, so the next window is twice as
 * long; after a longer one it is half as long.
 */

#include <stdbool.h>
#include <stdint.h>

/** What to do after a round over all queues. */
enum rx_sleep_step {
	RX_SLEEP_POLL,    /**< nothing: poll again */
	RX_SLEEP_ARM,     /**< enable interrupts, then poll again */
	RX_SLEEP_DISARM,  /**< disable them, then poll again */
	RX_SLEEP_WAIT,    /**< sleep, then call rx_sleep_rule_woke() */
};

/** Times in ticks of whichever clock. */
struct rx_sleep_rule {
	uint64_t least, most;  /**< limits of the window */
	uint64_t window;       /**< idle for so long, and it arms */
	uint64_t idle_since;
	bool armed;
};

/** Begin at time @p now, with the shortest window. @p least <= @p most */
void
rx_sleep_rule_init(
	struct rx_sleep_rule *rule, uint64_t least, uint64_t most, uint64_t now);

/** A round ended at @p now; @p worked: it brought something, or there is a reason to poll. */
enum rx_sleep_step
rx_sleep_rule_polled(struct rx_sleep_rule *rule, uint64_t now, bool worked);

/**
 * A sleep of @p slept ended at @p now; @p called: by what it waited for and not because the
 * time was up. After that the interrupts are disabled; time being up, one more idle round
 * arms them again.
 */
void
rx_sleep_rule_woke(struct rx_sleep_rule *rule, uint64_t now, uint64_t slept, bool called);

#endif /* RX_SLEEP_RULE_H */
