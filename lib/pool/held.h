/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_HELD_H
#define LAB_HELD_H

/**
 * @file
 * The rows that an owner holds: where the fast path takes pages and frees them.
 *
 * An owner alone moves the free pages of a row into the row's mine mask, which it
 * then reads and writes without atomic instructions. Members of a team leave them in
 * the public mask, since any member may free into it, and pay a CAS per row.
 *
 * Which row next? First those that got half full again, youngest first (their pages
 * are warm, and a burst fits in few rows); else round through the held rows, the
 * longest unseen first (it has had most time to fill); else a new one.
 *
 * Called by the owner's thread inside a call (lab_enter()), never by a handler that
 * interrupted one.
 */

#include "pool_private.h"

/** Part of a row: the pages @p bits of row @p number. */
struct lab_run {
	uint32_t number;
	uint32_t bits;
};

/**
 * Choose up to @p want free pages that lie in one held row, claiming one if need be.
 * They stay free until lab_held_commit(), and nobody else takes them before.
 *
 * @return whether @p run has any
 */
bool
lab_held_choose(struct labyrinth_owner *owner, unsigned int class, uint32_t want,
	struct lab_run *run);

/**
 * Take what was chosen.
 *
 * @return false: another thread that met its floor took the row back meanwhile
 */
bool
lab_held_commit(struct labyrinth_owner *owner, struct lab_run run);

/**
 * Free pages that the row, and no page word, says are the owner's or its team's.
 *
 * @return false: nothing is changed, some page needs a closer look or is bad
 */
bool
lab_held_free(struct labyrinth_owner *owner, struct lab_run run);

/** Give the row back that was just freed into: under pressure nothing may hide. */
void
lab_held_yield(struct labyrinth_owner *owner, uint32_t number);

/** Give all held rows back; pages that are out belong to @p heir then. */
void
lab_held_flush(struct labyrinth_owner *owner, uint32_t heir);

#endif /* LAB_HELD_H */
