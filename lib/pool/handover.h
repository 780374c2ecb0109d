/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_HANDOVER_H
#define LAB_HANDOVER_H

/**
 * @file
 * A pipeline's two halves, for owners without a team: pages of one row are given to a
 * peer, and are freed by it, without an atomic instruction a page.
 *
 * What such an owner has out is written by its thread and its handlers alone, and those
 * refuse pages of the burst that they interrupted (magazine.h). So the steps that
 * naming.h and lab_page_free() take for a page need no CAS here:
 *
 *   give   lent bits of the run; then words {generation, OWNED, peer}
 *   free   words {generation, FREED, me}; then the bits in the row's free mask, one CAS
 *
 * A death in between leaves each page the giver's or the peer's, or FREED without its bit.
 *
 * By the owner's thread inside a call (lab_enter()).
 */

#include "names.h"

/**
 * Give pages, from the first on, that share a row and are the owner's, to the owner with
 * slot @p peer.
 *
 * @return how many; 0: the first needs a closer look
 */
uint32_t
lab_handover_give(struct labyrinth_owner *owner, uint32_t peer, labyrinth_page *page,
	uint32_t n);

/**
 * Free pages, from the first on, that share a row and that words say are the owner's.
 *
 * @return how many; 0: the first needs a closer look
 */
uint32_t
lab_handover_free(struct labyrinth_owner *owner, struct lab_names names, uint32_t n);

#endif /* LAB_HANDOVER_H */
