/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_SEATS_H
#define LAB_SEATS_H

/**
 * @file
 * The owners that are kept for a secondary process: a team, of which one is for any thread
 * and the others are for its first lcores. Each is bound to the thread that attached; what
 * they have is only touched by others when the kernel has said that the process is dead.
 *
 * By one thread at a time for one process: itself, or who has seized it.
 */

#include "mempool_data.h"

#include <rte_mempool.h>

/** Register those that are not. One that cannot be is left out. */
void
lab_seats_fill(struct lab_mempool *m, unsigned int process);

/** Take them for this process: from now on its threads can get and put. */
void
lab_seats_take(struct lab_mempool *m, unsigned int process);

/** Mbufs that they have out. Exact when none of them is in a call. */
uint32_t
lab_seats_owned(const struct lab_mempool *m, unsigned int process);

/** Unregister those that nobody uses, or that the caller is bound to. */
void
lab_seats_empty(struct lab_mempool *m, unsigned int process);

/**
 * Bring back what they had, of a process that is dead, with the mbufs as they were at
 * first; then they are no more registered.
 *
 * @return mbufs that came back; -EAGAIN the calling lcore is in the middle of a call
 */
int
lab_seats_reclaim(struct rte_mempool *mp, struct lab_mempool *m, unsigned int process);

#endif /* LAB_SEATS_H */
