/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_SHARE_H
#define LAB_SHARE_H

/**
 * @file
 * A pool that secondary processes share, from the side of the primary that makes and ends
 * it. Their own side is in labyrinth_mbuf.h.
 */

#include <rte_mempool.h>
#include <rte_memzone.h>

#include "labyrinth_mbuf.h"
#include "mempool_data.h"

/** What of a pool lies in EAL's memory: of a shared one all, else its pages or nothing. */
struct lab_shared_memory {
	const struct rte_memzone *side, *pages;
};

/**
 * Make the page pool in EAL's memory: the pages, and with secondaries the side arrays.
 *
 * @param pages   what it is to be, but for where it is
 * @param memory  receives where, to be given to lab_share_note()
 * @return 0; -ENOMEM EAL has too little memory; -errno of labyrinth_pool_create()
 */
int
lab_share_create(const struct labyrinth_mbuf_config *config,
	struct labyrinth_pool_config *pages, struct labyrinth_pool **pool,
	struct lab_shared_memory *memory, struct labyrinth_error *error);

/** Keep with a mempool that is complete where it is. */
void
lab_share_note(struct rte_mempool *mp, struct lab_shared_memory memory);

/** Where a mempool's pages are. */
struct lab_shared_memory
lab_share_memory(const struct rte_mempool *mp);

/** The memory back, after labyrinth_pool_destroy(). */
void
lab_share_free(struct lab_shared_memory memory);

/** Let secondaries attach to a mempool that is complete. @return 0; -errno */
int
lab_share_begin(struct rte_mempool *mp, const struct labyrinth_mbuf_config *config,
	struct labyrinth_error *error);

/** Let none attach any more. @return 0; -EBUSY some are, or died and were not reclaimed */
int
lab_share_end(const struct rte_mempool *mp, struct labyrinth_error *error);

/** Has a secondary attached that did not detach, or died and was not reclaimed? */
bool
lab_share_in_use(const struct lab_mempool *m);

/** Owners that the secondaries need. */
uint32_t
lab_share_owners(const struct labyrinth_mbuf_config *config);

/** Make the mbuf of a page as it was at first: its last user is dead. */
void
lab_mbuf_renew(struct rte_mempool *mp, uint32_t index);

#endif /* LAB_SHARE_H */
