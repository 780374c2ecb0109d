/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef STEPPER_THIRD_H
#define STEPPER_THIRD_H

/**
 * @file
 * What an owner leaves that dies in the middle of its calls. That each of these states
 * does come about is what the stepper itself shows; here they are put together by hand,
 * so that one reclaim meets all of them.
 */

#include "stepper_stage.h"

/** Pages that the third owner leaves by third_leave_all_kinds(). */
#define THIRD_OWNED 37
/** Those of them that it had begun to free: not even its team inherits these. */
#define THIRD_HALF_FREED 1
/** What the depot gains when all is reclaimed: pages, masks, a lost count. */
#define THIRD_DEPOT 66
/** Likewise when a team inherits the pages. */
#define THIRD_DEPOT_TEAM 33

/** Die between the two steps of a single take in the first row. */
void
third_take_half(struct stage *stage);

/**
 * Die with rows, pages, pages named by their words, offers, a page begun to be freed, a
 * page begun to be taken, and pages that were counted off the depot but not taken.
 */
void
third_leave_all_kinds(struct stage *stage);

#endif /* STEPPER_THIRD_H */
