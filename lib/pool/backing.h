/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_BACKING_H
#define LAB_BACKING_H

/**
 * @file
 * Where the memory of the pages comes from. What each backing keeps out:
 *
 *   hugetlb-2M  anonymous, no name in any file system; MADV_DONTFORK, so a forked
 *               child has no mapping of it. ptrace and /proc/PID/mem of a
 *               privileged process do read it.
 *   plain-4K    the same on ordinary pages: more TLB misses, not for DMA.
 *
 * Set-up calls, one thread.
 */

#include <stdbool.h>

#include "labyrinth_pool.h"

struct lab_backing {
	enum labyrinth_backing kind;
	void *base;      /**< first page, aligned to an extent */
	size_t size;     /**< bytes mapped, a multiple of an extent */
};

/** What memory is wanted. */
struct lab_backing_request {
	enum labyrinth_backing kind;
	size_t size;     /**< bytes, rounded up to extents */
	int node;        /**< NUMA node, -1: any */
	bool shared;     /**< forked children have it too */
};

/**
 * Map and prefault what @p request says.
 *
 * @return 0; -ENOMEM with the number of hugepages needed and free in @p error;
 *   -EINVAL no such node
 */
int
lab_backing_map(struct lab_backing *backing, const struct lab_backing_request *request,
	struct labyrinth_error *error);

/** Unmap. */
void
lab_backing_unmap(struct lab_backing *backing);

/** Name for reports. */
const char *
lab_backing_name(enum labyrinth_backing kind);

#endif /* LAB_BACKING_H */
