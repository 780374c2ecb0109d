/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_FREE_H
#define LAB_FREE_H

/** @file What the rest of the pool needs of freeing. */

#include "names.h"

/**
 * labyrinth_free_bulk() of pages that the owner just took, inside the call that took them,
 * by the owner's thread. Not counted as released.
 */
void
lab_free_entered(struct labyrinth_owner *owner, struct lab_names names, uint32_t n);

#endif /* LAB_FREE_H */
