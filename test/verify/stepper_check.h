/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef STEPPER_CHECK_H
#define STEPPER_CHECK_H

/**
 * @file
 * Is what the actors hold what the pool says they own, and is the pool whole?
 * All return 0, or -EUCLEAN with the reason in @p error.
 */

#include "stepper_scenarios.h"

/** The first @p actors own what is in their hands, and nothing else. */
int
check_hands(const struct stage *stage, uint32_t actors, struct labyrinth_error *error);

/** At rest: those of the first @p actors that are no team count right what they cache. */
int
check_cached(const struct stage *stage, uint32_t actors, struct labyrinth_error *error);

/** What the victim has besides its call is its own still. */
int
check_kept(const struct stage *stage, struct labyrinth_error *error);

/** Nothing is under way: everything must be in order. */
int
check_rest(const struct scenario *scenario, struct stage *stage,
	struct labyrinth_error *error);

/** All alive: the first @p actors free what they have, and all pages must be free. */
int
check_end(struct stage *stage, uint32_t actors, struct labyrinth_error *error);

/**
 * The victim is dead: the survivors reclaim what it left, and what the third one left.
 * All pages must be there, to be taken by them, and be free in the end.
 *
 * @param turn  odd: B does the work, even: A
 */
int
check_death(const struct scenario *scenario, struct stage *stage, uint32_t turn,
	struct labyrinth_error *error);

#endif /* STEPPER_CHECK_H */
