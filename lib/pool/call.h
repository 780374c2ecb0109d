/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_CALL_H
#define LAB_CALL_H

/**
 * @file
 * The bracket around every call of an owner. A signal handler that interrupts a call
 * of the same owner sees it busy and takes the way that touches nothing the call may be
 * in the middle of: single pages straight from and to the shared words. The idea is that
 * of the kernel's local_trylock: a plain flag, no atomic. A handler leaves the flag as
 * it found it, so that it may come between the load and the store of lab_enter().
 */

#include "pool_private.h"

/**
 * Begin a call.
 *
 * @return whether the owner's rows may be used; if so lab_leave() must follow
 */
static inline bool
lab_enter(struct labyrinth_owner *owner)
{
	if (labyrinth_unlikely(owner->recent_rows == 0 ||
			atomic_load_explicit(&owner->busy, memory_order_relaxed)))
		return false;
	atomic_store_explicit(&owner->busy, true, memory_order_relaxed);
	/* for the handler of the same thread: the flag before what it guards */
	atomic_signal_fence(memory_order_seq_cst);
	return true;
}

/** End a call that lab_enter() began. */
static inline void
lab_leave(struct labyrinth_owner *owner)
{
	atomic_signal_fence(memory_order_seq_cst);
	/* release: who sees the call ended sees what it did (statistics) */
	atomic_store_explicit(&owner->busy, false, memory_order_release);
}

#endif /* LAB_CALL_H */
