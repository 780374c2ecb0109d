/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_WATCH_H
#define LAB_WATCH_H

/**
 * @file
 * Says in the log that objects were refused, which a put has no way to say: EAL's
 * interrupt thread looks at the counters once a second, as long as there are mempools.
 * And when a mempool is freed.
 */

#include <stdbool.h>

#include <rte_mempool.h>

/** Whether the ops of @p mp are these, and it is in use. */
bool
lab_ops_are_of(const struct rte_mempool *mp);

/** A mempool came. Any thread but EAL's interrupt thread. */
void
lab_watch_begin(void);

/** A mempool went, and is not kept (keep.h). */
void
lab_watch_end(void);

/** Say now what was not said yet of @p mp. */
void
lab_watch_report(struct rte_mempool *mp);

#endif /* LAB_WATCH_H */
