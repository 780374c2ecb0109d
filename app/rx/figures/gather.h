/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_GATHER_H
#define RX_FIGURES_GATHER_H

/**
 * @file
 * Where each figure comes from: the inside of rx_snapshot_take().
 */

#include <stdbool.h>

#include "figures/snapshot.h"

/** Owners of the pool. */
uint32_t
rx_gather_count_owners(const struct rx_scene *scene);

/** Rings of the pipeline, 0 where there is none. */
uint32_t
rx_gather_count_rings(const struct rx_scene *scene);

/** Fill all rows of @p snapshot. @return false out of memory */
bool
rx_gather(struct rx_snapshot *snapshot, const struct rx_scene *scene);

#endif /* RX_FIGURES_GATHER_H */
