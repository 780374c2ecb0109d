/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_LAYOUT_H
#define LAB_LAYOUT_H

/**
 * @file
 * Where the objects of a mempool lie in the memory that DPDK gives for them.
 *
 *   paged  the object and its header in a page of 4 KiB, or as many as a page holds; what
 *          is left of the page is its colour: page p begins p lines later, round and
 *          round, so that the first lines of the objects do not all meet in one set of
 *          the L1 cache (the colouring of slabs: Bonwick, USENIX Summer 1994).
 *   dense  one behind the other, at the distance that DPDK worked out: objects larger
 *          than a page, and memory that somebody measured by that distance.
 *
 * No object crosses the end of a page of 4 KiB in the first, and so none lies in two
 * pieces of memory for a device. In the second a chunk is one piece, by the contract of
 * rte_mempool_populate_iova().
 *
 * Pure functions of numbers, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes of a page. */
#define LAB_LAYOUT_PAGE ((size_t)4096)
/** Bytes between two colours: a cache line of all machines that have 64 byte lines. */
#define LAB_LAYOUT_STEP 64u

/** Sizes of an object as rte_mempool has them. */
struct lab_object_size {
	uint32_t header, body, trailer; /**< bytes */
	uint32_t trailer_used;          /**< of the trailer, what is more than padding */
	uint32_t align;                 /**< of header and object, a power of two */
};

struct lab_layout {
	uint32_t header;    /**< bytes before an object */
	uint32_t per_page;  /**< objects a page; 0: dense */
	uint32_t colours;   /**< an odd number, 1 when dense */
	size_t stride;      /**< bytes from an object to the next one (in its page) */
	size_t used;        /**< bytes of an object with its header and used trailer */
};

/** Paged, or dense if an object does not fit a page. */
struct lab_layout
lab_layout_best(struct lab_object_size size);

/** Dense, whatever the size. */
struct lab_layout
lab_layout_dense(struct lab_object_size size);

/**
 * The layout for a chunk of @p len bytes at @p address that is to hold @p wanted objects.
 * @p best, if it holds as many of them as the dense one would: whoever brings memory of
 * his own may have measured it for that.
 */
struct lab_layout
lab_layout_for_chunk(struct lab_object_size size, uintptr_t address, size_t len,
	uint32_t wanted);

/** Objects that fit in @p len bytes at @p address. */
uint64_t
lab_layout_capacity(const struct lab_layout *layout, uintptr_t address, size_t len);

/** Bytes that @p objects need in a chunk that begins with a page. */
size_t
lab_layout_size(const struct lab_layout *layout, uint32_t objects);

/** Where the first page (or object) of a chunk at @p address begins. */
uintptr_t
lab_layout_start(const struct lab_layout *layout, uintptr_t address);

/**
 * Bytes from the start of a chunk to its i-th object, behind the header. Page 0 has the
 * colour of page @p first of the mempool.
 */
size_t
lab_layout_offset(const struct lab_layout *layout, uint32_t first, uint32_t i);

#endif /* LAB_LAYOUT_H */
