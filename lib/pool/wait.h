/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_WAIT_H
#define LAB_WAIT_H

/**
 * @file
 * Who waits for pages. Each owner counts its own waits; that anybody waits at all, which
 * each free looks at (lab_pressure()), follows from those counts and is never counted by
 * itself, so that a death at any instruction leaves nothing that could not be put right.
 */

#include "pool_private.h"

/** Nobody waits any more in the name of @p owner, who is dead or leaves. Idempotent. */
void
lab_wait_forget(struct labyrinth_owner *owner);

#endif /* LAB_WAIT_H */
