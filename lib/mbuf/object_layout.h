/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_OBJECT_LAYOUT_H
#define LAB_OBJECT_LAYOUT_H

/**
 * @file
 * Where the mbuf of a page stands. Three cache lines for each page, in one array:
 *
 *   | mbuf line 0 | mbuf line 1 | shinfo (24 B), gap, objhdr of the next mbuf |
 *
 * DPDK finds the mempool header directly before an object, and nothing says that
 * the rest of its line must be empty; sharing it with shinfo saves a quarter of the
 * memory, and an odd number of lines lets the first lines of the mbufs fall in all
 * sets of the L1 cache instead of in every fourth one.
 *
 * Page p (1 … pages) and its mbuf belong together for life, so that each is found
 * from the other by arithmetic: a multiplication one way, and the other way an exact
 * division, which is a multiplication by the inverse modulo 2^32.
 */

#include <stdint.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "labyrinth_pool.h"

/** What DPDK sees as the object. */
struct lab_object {
	struct rte_mbuf mbuf;
	struct rte_mbuf_ext_shared_info shinfo;
};

/** Bytes of an object; sizeof would count the padding that the next header uses. */
#define LAB_OBJECT_SIZE                                                                  \
	(offsetof(struct lab_object, shinfo) + sizeof(struct rte_mbuf_ext_shared_info))

/** Bytes from one mbuf to the next: 192 with lines of 64 bytes. */
#define LAB_OBJECT_STRIDE sizeof(struct lab_object)

#ifdef RTE_LIBRTE_MEMPOOL_DEBUG
#define LAB_OBJECT_TRAILER sizeof(struct rte_mempool_objtlr)
#else
#define LAB_OBJECT_TRAILER 0
#endif

_Static_assert(LAB_OBJECT_SIZE + LAB_OBJECT_TRAILER + sizeof(struct rte_mempool_objhdr) <=
		LAB_OBJECT_STRIDE,
	"an object, its trailer and the next header fit in the stride");

#if RTE_CACHE_LINE_SIZE == 64
#define LAB_OBJECT_SHIFT 6
#define LAB_OBJECT_ODD 3u
#define LAB_OBJECT_INVERSE 0xaaaaaaabu
#elif RTE_CACHE_LINE_SIZE == 128
#define LAB_OBJECT_SHIFT 8
#define LAB_OBJECT_ODD 1u
#define LAB_OBJECT_INVERSE 1u
#else
#error "no object layout for this size of cache line"
#endif

_Static_assert(LAB_OBJECT_STRIDE == (size_t)LAB_OBJECT_ODD << LAB_OBJECT_SHIFT,
	"the stride is an odd number of units");
_Static_assert((uint32_t)(LAB_OBJECT_ODD * LAB_OBJECT_INVERSE) == 1,
	"the inverse undoes the multiplication");
_Static_assert(((uint64_t)LABYRINTH_PAGES_MAX + 1) * LAB_OBJECT_ODD <= UINT32_MAX,
	"the place of the last mbuf, in units, fits in 32 bits");

/**
 * Mbuf of page @p index. @p origin is where the mbuf of page 0 would be, one stride
 * before that of page 1.
 */
static inline void *
lab_object_of(uintptr_t origin, uint32_t index)
{
	/* 32 bits suffice for the product (asserted above), which vectorises better. */
	uint32_t place = index * LAB_OBJECT_ODD;

	return (void *)(origin + ((uint64_t)place << LAB_OBJECT_SHIFT));
}

/**
 * Page of @p object. What is no mbuf of this array gives a number beyond all pages or
 * another page; the pool refuses the first, and the owner check is for the second.
 */
static inline uint32_t
lab_object_index(uintptr_t origin, const void *object)
{
	uint64_t place = (uint64_t)((uintptr_t)object - origin) >> LAB_OBJECT_SHIFT;

	return (uint32_t)place * LAB_OBJECT_INVERSE;
}

/**
 * The last reference to a page of a pinned mbuf is gone; what shinfo.free_cb points to. An
 * mbuf of a pool that processes share has the function of the process that owns it.
 */
void
lab_object_released(void *address, void *mbuf);

/** The objects are this process's from now on. */
static inline void
lab_objects_adopt(void *const *object, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		((struct lab_object *)object[i])->shinfo.free_cb = lab_object_released;
}

#endif /* LAB_OBJECT_LAYOUT_H */
