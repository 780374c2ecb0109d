/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_ALLOC_H
#define LAB_ALLOC_H

#include "labyrinth_pool.h"

/** labyrinth_alloc_bulk(), but getting none is not counted: the caller tries again. */
uint32_t
lab_alloc_try(struct labyrinth_owner *owner, unsigned int gfp, labyrinth_page *page,
	uint32_t n);

#endif /* LAB_ALLOC_H */
