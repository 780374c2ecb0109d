/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_TAG_H
#define LAB_TAG_H

/**
 * @file
 * The tag of an object: is it free, and whose was it last. A put is one atomic exchange
 * of the tag: who finds it free already puts a second time, whatever other threads do
 * meanwhile. So a put is decided when it is made, and what is remembered of it in a hand
 * (hand.h) is one object once.
 *
 *   taken by w   a get of w handed it out
 *   free, by w   a put of w brought it back
 *
 * w is an lcore of a process, or all threads of a process without one together. What the
 * pool has is always free by somebody; what is at a hand is free by whose hand it is.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_base.h"

#define LAB_TAG_FREE 0x8000u
/** The last bits: who. */
#define LAB_TAG_WHO 0x7fffu

/**
 * An object that @p who got is handed out. relaxed: whoever puts it got it from @p who,
 * after this store, by some means that orders.
 */
LABYRINTH_HOT void
lab_tag_take(_Atomic uint16_t *tag, uint32_t who)
{
	atomic_store_explicit(tag, (uint16_t)who, memory_order_relaxed);
}

/** A free object is at the hand of @p who from now on. relaxed: see dead.c. */
LABYRINTH_HOT void
lab_tag_keep(_Atomic uint16_t *tag, uint32_t who)
{
	atomic_store_explicit(tag, (uint16_t)(LAB_TAG_FREE | who), memory_order_relaxed);
}

/**
 * Change a tag that is @p old, so that of several who would only one does. acquire and
 * release: what whoever had the object did to it is seen by whoever has it next.
 */
static inline bool
lab_tag_change(_Atomic uint16_t *tag, uint32_t old, uint32_t next)
{
	uint16_t expected = (uint16_t)old;

	return atomic_compare_exchange_strong_explicit(tag, &expected, (uint16_t)next,
		memory_order_acq_rel, memory_order_relaxed);
}

/** Does a tag say that the object is free? */
LABYRINTH_HOT bool
lab_tag_is_free(uint32_t tag)
{
	return (tag & LAB_TAG_FREE) != 0;
}

/** Whom a tag names. */
LABYRINTH_HOT uint32_t
lab_tag_who(uint32_t tag)
{
	return tag & LAB_TAG_WHO;
}

/**
 * @p who puts an object. relaxed: what it wrote to the object is ordered by that through
 * which the next one gets it, the pool or the hand of the same thread.
 *
 * @return the tag before: if that is free, the put is refused, and lab_tag_restore() due
 */
LABYRINTH_HOT uint32_t
lab_tag_give(_Atomic uint16_t *tag, uint32_t who)
{
	return atomic_exchange_explicit(tag, (uint16_t)(LAB_TAG_FREE | who),
		memory_order_relaxed);
}

/** Who put the object first is to be named again, unless it was handed out meanwhile. */
static inline void
lab_tag_restore(_Atomic uint16_t *tag, uint32_t who, uint32_t old)
{
	uint16_t now = (uint16_t)(LAB_TAG_FREE | who);

	atomic_compare_exchange_strong_explicit(tag, &now, (uint16_t)old,
		memory_order_relaxed, memory_order_relaxed);
}

#endif /* LAB_TAG_H */
