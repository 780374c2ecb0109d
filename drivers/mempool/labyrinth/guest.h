/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_GUEST_H
#define LAB_GUEST_H

/**
 * @file
 * Secondary processes, which may be killed at any instruction. They get and put by the same
 * hands and tags as the primary's lcores, but in steps of which each leaves a number where
 * it can be found (dead.c):
 *
 *   get: numbers from the pool, as the process's alone · tags · given to the team
 *   put: tag by compare and swap, so that a free object's is never touched · to the hand,
 *        or the team's pool
 *
 * A process is known from its first get or put, or lab_guest_enter(), on.
 */

#include "mempool.h"

/**
 * Is this process the primary, or did a primary with the same plugin make @p m? Says so in
 * the log if not, once. Sets lab_hand_row.
 */
bool
lab_guest_is_welcome(const struct lab_mempool *m);

/**
 * The hand of the calling thread, which comes for the first time.
 *
 * @param error  may be NULL
 * @return NULL: nobody can be a guest, or too many are
 */
struct lab_hand *
lab_guest_enter(struct lab_mempool *m, struct labyrinth_error *error);

/** @p n objects, or none. */
bool
lab_guest_get(
	const struct lab_mempool *m, struct lab_hand *hand, void **object, unsigned int n);

void
lab_guest_put(const struct lab_mempool *m, struct lab_hand *hand, void *const *object,
	unsigned int n);

/** Owners for the guests of a new mempool, that are not there. @return 0; -errno */
int
lab_guest_register(struct lab_mempool *m, unsigned int process);

/** The bit of a mempool in lab_processes.uses. */
static inline uint64_t
lab_guest_bit(const struct lab_mempool *m)
{
	return UINT64_C(1) << m->number;
}

/** Has the process, living or dead, something of @p m? acquire: pairs with its end. */
static inline bool
lab_guest_has(const struct lab_mempool *m, unsigned int process)
{
	return (atomic_load_explicit(&m->processes->process[process].uses,
			memory_order_acquire) & lab_guest_bit(m)) != 0;
}

#endif /* LAB_GUEST_H */
