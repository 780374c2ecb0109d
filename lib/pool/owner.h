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
 * A live member of @p team other than @p slot, who answers for its pages; 0: none. It is
 * kept by @p owner (keeps[1]).
 */
uint32_t
lab_owner_keep_heir(struct labyrinth_owner *owner, uint32_t team, uint32_t slot);

/** Is the owner known to be dead, or about to go? Then it can be nobody's heir or peer. */
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

/** Has the thread died that an owner was bound to? Takes no lock. */
bool
lab_owner_died(const struct labyrinth_owner *owner);

/** Is the owner bound to a thread that lives, other than the caller? */
bool
lab_owner_is_bound_elsewhere(const struct labyrinth_owner *owner);

/** End the owner's tie to the calling thread, if there is one. */
void
lab_owner_unbind(struct labyrinth_owner *owner);

/** Does somebody still work on what the slot's last owner left? Then it is not used anew. */
bool
lab_owner_is_kept(const struct labyrinth_pool *pool, uint32_t slot);

#endif /* LAB_OWNER_H */
