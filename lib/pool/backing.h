/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_BACKING_H
#define LAB_BACKING_H

/**
 * @file
 * Where the memory of the pages comes from. What each backing keeps out is told at
 * enum labyrinth_backing. The address range is reserved once for the most a pool can
 * have; memory is put under parts of it and taken away again.
 *
 * Not for the data path; one thread at a time.
 */

#include <stdbool.h>

#include "labyrinth_pool.h"

/** What memory is wanted. */
struct lab_backing_request {
	enum labyrinth_backing kind;
	size_t size;     /**< bytes to be mapped at once, rounded up to its unit */
	size_t reserve;  /**< bytes of address range, 0: size */
	int node;        /**< NUMA node, -1: any */
	bool shared;     /**< forked children have it too */
	void *lent;      /**< LABYRINTH_BACKING_LENT: where it is */
	bool low;        /**< below LABYRINTH_LOW_END, if there is room */
};

struct lab_backing {
	enum labyrinth_backing kind;
	void *base;      /**< first page, aligned to the unit */
	size_t size;     /**< bytes of address range, a multiple of the unit */
	int node;
	bool shared;
};

/**
 * Reserve the range, map and prefault what @p request says. With LABYRINTH_BACKING_NONE
 * there is no range: base is NULL, and nothing of it may be brought online. Lent memory is
 * taken as it is, and nothing of it goes or comes either.
 *
 * @return 0; -ENOMEM with what is needed, what there is and the fix in @p error;
 *   -EINVAL no such node; -ENOTSUP the kernel has no such backing
 */
int
lab_backing_map(struct lab_backing *backing, const struct lab_backing_request *request,
	struct labyrinth_error *error);

/** Put memory under @p size bytes from @p offset, prefaulted and placed. As map. */
int
lab_backing_online(const struct lab_backing *backing, size_t offset, size_t size,
	struct labyrinth_error *error);

/** Take the memory under @p size bytes from @p offset away, the range stays ours. */
void
lab_backing_offline(const struct lab_backing *backing, size_t offset, size_t size);

/** Unmap all. */
void
lab_backing_unmap(struct lab_backing *backing);

/**
 * May @p size bytes of ordinary memory be filled? The kernel would promise more than
 * there is and then kill a process, perhaps this one; so it is asked before.
 *
 * @return 0; -ENOMEM with what is needed and what there is
 */
int
lab_backing_check_room(size_t size, struct labyrinth_error *error);

/** Bytes in which the kind can be mapped. */
size_t
lab_backing_unit(enum labyrinth_backing kind);

/** Name for reports. */
const char *
lab_backing_name(enum labyrinth_backing kind);

#endif /* LAB_BACKING_H */
