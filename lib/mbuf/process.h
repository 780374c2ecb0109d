/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_PROCESS_H
#define LAB_PROCESS_H

/**
 * @file
 * The processes of a DPDK application: their numbers, and which of them live. 0 is the
 * primary, 1 … LAB_SECONDARIES are secondaries, by the order in which they come.
 *
 * That a process lives is the kernel's word: it has a lock on a byte of a file in EAL's
 * runtime directory, by its open file description. The kernel lets go of that when the
 * last thread of the process has ended, and not before: nobody of a process without the
 * lock can still be in a call. (A robust futex tells of one thread, while others of the
 * same process may run for some microseconds more.) A child that the process forked has
 * the description too, and counts as the process until it ends or calls exec().
 *
 * A number is not given anew as long as a pool has things of the process that had it.
 *
 * No call here takes a lock of EAL's but lab_process_create(), so that a process may be
 * killed in any of the others.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_base.h"

/** Most secondary processes at a time. */
#define LAB_SECONDARIES 15u
/** Numbers of processes. */
#define LAB_PROCESSES (LAB_SECONDARIES + 1)
/** No process. */
#define LAB_PROCESS_NONE LAB_PROCESSES
/** Most pools that processes can share. */
#define LAB_PROCESS_POOLS 64u

/** In memory of EAL, so that all processes see it. */
struct lab_processes {
	char file[128];                 /**< whose bytes are locked */
	_Atomic uint64_t pools;         /**< a bit a pool that is shared */
	struct {
		/** A bit a pool of which the process has, or had, something. */
		_Atomic uint64_t uses;
		_Atomic int32_t pid;    /**< for reports */
	} process[LAB_PROCESSES];
};

/**
 * Make the table, or find it, in the primary, which has number 0 then.
 *
 * @param name  of whom it is for: the file is labyrinth_NAME
 * @return 0; -ENOMEM; -ENOTSUP EAL has no files to share
 */
int
lab_process_create(const char *name, struct lab_processes **table,
	struct labyrinth_error *error);

/**
 * Be one of the processes; again, nothing.
 *
 * @return the number, 1 …; -ENOSPC all are taken; -errno of the file
 */
int
lab_process_join(struct lab_processes *table, struct labyrinth_error *error);

/** A bit for a pool that is shared, in the primary. @return its number; -ENOSPC */
int
lab_process_claim_pool(struct lab_processes *table, struct labyrinth_error *error);

/** The pool is gone, and what processes had of it. */
void
lab_process_free_pool(struct lab_processes *table, uint32_t number);

/** Number of this process, LAB_PROCESS_NONE before it is one. */
unsigned int
lab_process_here(void);

/** Does the process live? Any thread. */
bool
lab_process_lives(unsigned int process);

/**
 * Begin to work on what a dead process left: nobody else does so until
 * lab_process_release(), and nobody gets its number.
 *
 * @return false: it lives, or another works on it
 */
bool
lab_process_seize(unsigned int process);

/** End what lab_process_seize() began. */
void
lab_process_release(unsigned int process);

#endif /* LAB_PROCESS_H */
