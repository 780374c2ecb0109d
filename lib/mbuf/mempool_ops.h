/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_MEMPOOL_OPS_H
#define LAB_MEMPOOL_OPS_H

/**
 * @file
 * The rte_mempool ops "labyrinth": which objects of a mempool are free is what the
 * page pool says of their pages. One slot of DPDK's table of 16 is used.
 *
 * The page pool comes as pool_config. Each lcore that has a role when the ops are
 * set up gets an owner, all of one team, since an rte_mempool may be filled by any
 * thread; other threads share the team's LABYRINTH_OWNER_ANY_THREAD member. Nothing
 * is registered, allocated or locked in get and put.
 */

#include <stdbool.h>

#include <rte_mempool.h>

#include "labyrinth_pool.h"

/** @return 0; -errno of the registration, -ENOSPC when DPDK's table was full */
int
lab_mempool_ops_status(void);

/** Whether the objects of @p mp are kept by these ops. */
bool
lab_mempool_ops_is(const struct rte_mempool *mp);

/** Note from now on when objects are handed out. Before any is. @return 0; -ENOMEM */
int
lab_mempool_ops_note_ages(struct rte_mempool *mp);

/** TSC at which object @p index was last handed out, 0: not known. */
uint64_t
lab_mempool_ops_born(const struct rte_mempool *mp, uint32_t index);

/**
 * Give @p mp its objects, in one piece of EAL memory, dense as object_layout.h says; to
 * be called after rte_mempool_set_ops_byname(), in place of
 * rte_mempool_populate_default().
 *
 * @return 0; -ENOMEM no such piece; -errno of setting up the owners
 */
int
lab_mempool_ops_populate(struct rte_mempool *mp);

/**
 * Refuse every get from now on. rte_mempool_free() takes one object for each that
 * there is, which would leave all pages owned by a mempool that is gone.
 * No other thread may be in a call on @p mp.
 */
void
lab_mempool_ops_close(struct rte_mempool *mp);

/**
 * Was @p mp freed by rte_mempool_free() while secondaries were attached? Then nothing was
 * given back, since they read and write it, and @p mp is as before but that it cannot be
 * looked up, and that its objects are out.
 */
bool
lab_mempool_ops_is_kept(const struct rte_mempool *mp);

/** Give such a mempool back, whatever is out. */
void
lab_mempool_ops_end(struct rte_mempool *mp);

#endif /* LAB_MEMPOOL_OPS_H */
