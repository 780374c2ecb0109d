/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_OWNER_H
#define LAB_OWNER_H

/**
 * @file
 * The register of owners, as far as reclaim needs it.
 */

#include "pool_private.h"

/** Team of @p slot, 0 as long as nobody is registered there. */
uint32_t
lab_owner_team(const struct labyrinth_pool *pool, uint32_t slot);

/**
 * Has @p team a member other than @p slot that lives and does not leave? Then that answers
 * for the team's pages: its unregister, or who reclaims it, begins later.
 *
 * @param joins  receives what pool->joins was before the look. If nobody has such a member
 *   and that has not changed, who may join yet has got nothing in common with the team
 */
bool
lab_owner_has_mates(const struct labyrinth_pool *pool, uint32_t team, uint32_t slot,
	uint32_t *joins);

/** May pages be named after @p slot: is it used, or the number of a team with members? */
bool
lab_owner_may_own(const struct labyrinth_pool *pool, uint32_t slot);

/**
 * Who answers for pages that are named after @p slot: that owner, or a member of the team of
 * that number, its first having gone; @p slot itself if nobody does. In passing.
 */
uint32_t
lab_owner_answering(const struct labyrinth_pool *pool, uint32_t slot);

/** Is the owner dead? The kernel says so, once; from then on the slot does. */
bool
lab_owner_is_dead(struct labyrinth_owner *owner);

/** Is the owner known to be dead, or about to go? Then it can be nobody's peer. */
bool
lab_owner_is_leaving(const struct labyrinth_owner *owner);

/**
 * Pages offered to this owner, who leaves or is dead, can only be withdrawn from now on:
 * whoever has the slot next is not whom they were offered to. Looks at every page.
 */
void
lab_owner_unpeer(struct labyrinth_owner *owner);

/**
 * Let the slot be used anew, if it is still that of an owner in @p team: of several who
 * bury a dead one each may call this, if it keeps the slot.
 */
void
lab_owner_free_slot(struct labyrinth_owner *owner, uint32_t team);

/** Make the lock of a slot, once for all owners that will have it. */
void
lab_owner_init_life(struct labyrinth_owner *owner);

/** Is the owner bound to a thread that lives, other than the caller? */
bool
lab_owner_is_bound_elsewhere(const struct labyrinth_owner *owner);

/** End the owner's tie to the calling thread, if there is one. */
void
lab_owner_unbind(struct labyrinth_owner *owner);

#endif /* LAB_OWNER_H */
