/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_JSON_H
#define RX_FIGURES_JSON_H

/**
 * @file
 * A snapshot as JSON: { run: {…}, ports: [ {name, …} ], queues: [ {name, port, queue,
 * lcore, …} ], lcores, pools, owners }, with each figure of the registry under its name: a
 * number, null where there is no such thing, or "unknown" where the PMD does not count it.
 * Families are objects by label, histograms objects by part, with their buckets: how many
 * by the greatest value of the bucket.
 */

#include <jansson.h>

#include "figures/snapshot.h"

/** @return NULL when out of memory */
json_t *
rx_figures_json(const struct rx_snapshot *snapshot);

#endif /* RX_FIGURES_JSON_H */
