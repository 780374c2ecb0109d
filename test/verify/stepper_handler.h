/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef STEPPER_HANDLER_H
#define STEPPER_HANDLER_H

/**
 * @file
 * What a signal handler does with the victim's owner while it interrupts the victim's
 * call, and whether it was right: what it got was free, what it gave was taken, what was
 * not its own to free was refused, and errno is as it was.
 */

#include "stepper_scenarios.h"

enum deed {
	DEED_ONE,       /**< takes a page and gives it back */
	DEED_KEEP,      /**< takes or gives some; has pages while the call goes on */
	DEED_GREEDY,    /**< takes all there are and gives them back */
	DEED_REMOTE,    /**< lets another owner give pages back into the rows */
	DEED_RACE,      /**< frees a page that the interrupted call gives away */
	DEED_AGAIN,     /**< tries to free a page that was free before the call */
	DEED_WRONG,     /**< both of these, with each page there is */
	DEEDS
};

extern const char *const deed_names[DEEDS];

/** Note what is whose, before the call begins. */
void
handler_prepare(struct stage *stage, const struct scenario *scenario, enum deed deed);

/** Is there anything to do for the deed, in a call that was prepared for it? */
bool
handler_can(const struct stage *stage, enum deed deed);

/** The handler: by the victim. */
void
handler_act(struct stage *stage);

/**
 * The call returned: what the handler has is the victim's, what it freed of the call's is
 * not in the call any more. Before scenario_settle().
 *
 * @return 0; -EUCLEAN something went wrong, @p error says what
 */
int
handler_settle(struct stage *stage, struct labyrinth_error *error);

#endif /* STEPPER_HANDLER_H */
