/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_STORE_H
#define BENCH_STORE_H

/**
 * @file
 * Get and put of each kind, to be inlined into the loops that are timed.
 *
 * A loop is written once, takes its kind as a constant and is instantiated for each
 * (BENCH_INSTANCES), so none pays for a choice or an indirect call that a program
 * which uses the thing itself would not have: rte_mempool's calls are inlined with
 * a constant bulk, as its users meet them, and the page pool's are calls into the
 * library.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "impl.h"

/** Bytes of an object as it is handed out: constant where the kind is. */
static __rte_always_inline size_t
bench_slot_size(enum bench_kind kind)
{
	return kind == BENCH_INDEX || kind == BENCH_BARE_INDEX ? sizeof(uint32_t) :
		sizeof(uint64_t);
}

/** Slot @p i of a table. */
static __rte_always_inline void *
bench_slot(void *table, unsigned int i, enum bench_kind kind)
{
	return (char *)table + i * bench_slot_size(kind);
}

/** Get @p n objects or none; a constant where the caller's is. @return whether it got them */
static __rte_always_inline bool
bench_get_n(const struct bench_seat *seat, enum bench_kind kind, void *slot, uint32_t n)
{
	switch (kind) {
	case BENCH_MEMPOOL:
		return rte_mempool_get_bulk(seat->mp, slot, n) == 0;
	case BENCH_HANDLE:
		return labyrinth_alloc_bulk(
			       seat->owner, LABYRINTH_GFP_ATOMIC, slot, n) == n;
	case BENCH_INDEX:
		return labyrinth_alloc_index_bulk(
			       seat->owner, LABYRINTH_GFP_ATOMIC, slot, n) == n;
	case BENCH_POINTER:
		return labyrinth_alloc_address_bulk(
			       seat->owner, LABYRINTH_GFP_ATOMIC, slot, n) == n;
	case BENCH_STACK:
		return bench_stack_get(seat->stack, slot, n);
	case BENCH_MUTEX_STACK:
		return bench_mutex_stack_get(seat->stack, slot, n);
	default:
		return true;
	}
}

/** Put @p n objects. What a pool refuses it counts: bench_impls_validate(). */
static __rte_always_inline void
bench_put_n(const struct bench_seat *seat, enum bench_kind kind, void *slot, uint32_t n)
{
	switch (kind) {
	case BENCH_MEMPOOL:
		rte_mempool_put_bulk(seat->mp, slot, n);
		break;
	case BENCH_HANDLE:
		labyrinth_free_bulk(seat->owner, slot, n, NULL);
		break;
	case BENCH_INDEX:
		labyrinth_free_index_bulk(seat->owner, slot, n, NULL);
		break;
	case BENCH_POINTER:
		labyrinth_free_address_bulk(seat->owner, slot, n, NULL);
		break;
	case BENCH_STACK:
		bench_stack_put(seat->stack, slot, n);
		break;
	case BENCH_MUTEX_STACK:
		bench_mutex_stack_put(seat->stack, slot, n);
		break;
	default:
		/* The compiler must believe that somebody reads the slots. */
		__asm__ volatile("" : : "r"(slot) : "memory");
		break;
	}
}

/** As bench_get_n(), where thousands are free and nobody else takes any. */
static __rte_always_inline void
bench_get_n_sure(const struct bench_seat *seat, enum bench_kind kind, void *slot, uint32_t n)
{
	if (likely(bench_get_n(seat, kind, slot, n)))
		return;
	fprintf(stderr, "labyrinth-bench: get failed although objects are free\n");
	_exit(BENCH_INVARIANT);
}

/** @name By the bulk that most cases have */
/**@{*/
static __rte_always_inline bool
bench_get(const struct bench_seat *seat, enum bench_kind kind, void *slot)
{
	return bench_get_n(seat, kind, slot, BENCH_BULK);
}

static __rte_always_inline void
bench_put(const struct bench_seat *seat, enum bench_kind kind, void *slot)
{
	bench_put_n(seat, kind, slot, BENCH_BULK);
}

static __rte_always_inline void
bench_get_sure(const struct bench_seat *seat, enum bench_kind kind, void *slot)
{
	bench_get_n_sure(seat, kind, slot, BENCH_BULK);
}
/**@}*/

/**
 * Define @p loop_of(args): calls loop(args, kind), of which each kind has an instance
 * of its own.
 */
#define BENCH_INSTANCES(loop, args_type)                                                 \
	BENCH_INSTANCE(loop, args_type, BENCH_MEMPOOL)                                   \
	BENCH_INSTANCE(loop, args_type, BENCH_HANDLE)                                    \
	BENCH_INSTANCE(loop, args_type, BENCH_INDEX)                                     \
	BENCH_INSTANCE(loop, args_type, BENCH_POINTER)                                   \
	BENCH_INSTANCE(loop, args_type, BENCH_STACK)                                     \
	BENCH_INSTANCE(loop, args_type, BENCH_MUTEX_STACK)                               \
	BENCH_INSTANCE(loop, args_type, BENCH_BARE)                                      \
	BENCH_INSTANCE(loop, args_type, BENCH_BARE_INDEX)                                \
	static void loop##_of(enum bench_kind kind, args_type *args)                     \
	{                                                                                \
		static void (*const instance[])(args_type *) = {                         \
			[BENCH_MEMPOOL] = loop##_BENCH_MEMPOOL,                          \
			[BENCH_HANDLE] = loop##_BENCH_HANDLE,                            \
			[BENCH_INDEX] = loop##_BENCH_INDEX,                              \
			[BENCH_POINTER] = loop##_BENCH_POINTER,                          \
			[BENCH_STACK] = loop##_BENCH_STACK,                              \
			[BENCH_MUTEX_STACK] = loop##_BENCH_MUTEX_STACK,                  \
			[BENCH_BARE] = loop##_BENCH_BARE,                                \
			[BENCH_BARE_INDEX] = loop##_BENCH_BARE_INDEX,                    \
		};                                                                       \
		instance[kind](args);                                                    \
	}

#define BENCH_INSTANCE(loop, args_type, kind)                                            \
	static __rte_noinline void loop##_##kind(args_type *args)                        \
	{                                                                                \
		loop(args, kind);                                                        \
	}

#endif /* BENCH_STORE_H */
