/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef STEPPER_TRACEE_H
#define STEPPER_TRACEE_H

/**
 * @file
 * A child process that stands still at an instruction of ours, and copies of it.
 *
 * To see what happens when a process dies (or is overtaken) at instruction k of a call,
 * for every k, one child, the trunk, goes through the call once, step by step. Where it
 * stands it is made to fork: the copy stands at the same instruction with the same
 * registers and private memory, is our child as well, and can be killed or let run.
 * So the price is a fork an instruction, not k steps from the beginning.
 *
 * Shared memory is not copied: the caller saves and restores it (stepper_stage.h).
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct tracee {
	pid_t pid;
	struct user_regs_struct regs;   /**< where it stands */
};

/**
 * Fork a child that calls prepare(arg) and then stops before the first instruction of
 * run(arg).
 *
 * @return false: the kernel does not let us trace
 */
bool
tracee_start(struct tracee *trunk, void (*prepare)(void *arg), void (*run)(void *arg),
	void *arg);

/** One instruction on. @return false: run() has returned */
bool
tracee_step(struct tracee *trunk);

/** Copy @p trunk where it stands, with the list of robust futexes that it holds. */
void
tracee_branch(struct tracee *trunk, struct tracee *branch);

/**
 * Let @p branch go on until run() returns, from the handler of @p signal on, 0: none.
 *
 * @return what signal stops it, 0: none
 */
int
tracee_finish(struct tracee *branch, int signal);

/** SIGKILL, and wait until the kernel has settled what the process held. */
void
tracee_kill(struct tracee *tracee);

#endif /* STEPPER_TRACEE_H */
