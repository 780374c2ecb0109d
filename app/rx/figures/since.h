/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_SINCE_H
#define RX_FIGURES_SINCE_H

/**
 * @file
 * What was counted since an earlier snapshot: counters are never set back, others may be
 * reading them; who wants to count anew remembers where they stood.
 */

#include "figures/snapshot.h"

/**
 * Take off @p now what its counters and histograms had at @p before; gauges stay, what is
 * worked out of counters is worked out anew. Rows are matched by name, one without a match
 * stays. The greatest value of a histogram becomes the end of its last bucket.
 */
void
rx_snapshot_since(struct rx_snapshot *now, const struct rx_snapshot *before);

#endif /* RX_FIGURES_SINCE_H */
