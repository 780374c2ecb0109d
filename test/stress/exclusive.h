/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef EXCLUSIVE_H
#define EXCLUSIVE_H

/**
 * @file
 * A pool under watch. Each free page holds a pattern; who takes the page finds the
 * pattern, writes its own stamp, finds that again later and restores the pattern before
 * it gives the page away. The stores are plain, so TSan sees when the pool hands a page
 * on without ordering what its last owner wrote. And every change is in a history.
 */

#include "history.h"
#include "stress.h"

struct exclusive {
	struct labyrinth_pool *pool;
	struct history *history;
	uint32_t pages;       /**< all, those offline too */
	bool forgets;         /**< memory comes and goes: free pages hold no pattern */
};

/** Make a pool on plain pages under watch by @p logs threads. */
struct exclusive
exclusive_create(const struct labyrinth_pool_config *config, uint32_t logs);

/**
 * At rest: everything sound, all pages back, none written to by who did not own it,
 * no interval of ownership overlaps another. Destroys the pool.
 */
void
exclusive_end(struct exclusive *watch);

/** The thread of @p log was given page @p index: check and stamp it. */
void
exclusive_took(const struct exclusive *watch, struct history_log *log, uint32_t index);

/** Still the thread's own? */
void
exclusive_check(const struct exclusive *watch, const struct history_log *log,
	uint32_t index);

/** The thread is about to give the page back: check and restore it. */
void
exclusive_drops(const struct exclusive *watch, struct history_log *log, uint32_t index);

/**
 * The thread is about to hand the page, with its stamp, to another one, which calls
 * exclusive_received() when it has it.
 */
void
exclusive_hands(const struct exclusive *watch, struct history_log *log, uint32_t index);
void
exclusive_received(const struct exclusive *watch, struct history_log *log,
	uint32_t index);

/** Register an owner, or abort. */
struct labyrinth_owner *
exclusive_owner(const struct exclusive *watch, struct labyrinth_owner *team,
	uint32_t flags);

#endif /* EXCLUSIVE_H */
