/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_ATTACH_H
#define LAB_ATTACH_H

/**
 * @file
 * What stands at the beginning of a pool's side arrays, so that another process that has
 * them mapped knows whether it may work on them: is it a pool at all, of the version and
 * the build that this is, at the address where it was made. All pointers in the side arrays
 * lead into them or into the pages, so that they hold for whoever has both at those places.
 */

#include <stddef.h>
#include <stdint.h>

struct lab_seal {
	uint64_t magic;     /**< written last, and taken away first */
	uint32_t version;   /**< LABYRINTH_POOL_VERSION */
	uint32_t layout;    /**< of the structures, as this build has them */
	uintptr_t at;       /**< where the pool was made */
	size_t size;        /**< bytes of the side arrays */
};

/** Seal a pool that is complete, but for the size, which is there already. */
void
lab_seal_set(struct lab_seal *seal);

/** The pool is about to go. */
void
lab_seal_break(struct lab_seal *seal);

#endif /* LAB_ATTACH_H */
