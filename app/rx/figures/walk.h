/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_WALK_H
#define RX_FIGURES_WALK_H

/**
 * @file
 * A row's figures one number at a time: families by label, histograms by part. What all
 * writers have in common; any thread.
 */

#include <stdio.h>

#include "figures/snapshot.h"

/** A number, or that it is not known. */
struct rx_item {
	const struct rx_figure *figure;
	enum rx_figure_id id;
	const char *label;    /**< of a family, else "" */
	const char *part;     /**< of a histogram: count, sum, max, p50 …, else "" */
	enum rx_form form;    /**< never RX_FORM_HISTOGRAM */
	struct rx_value value;
};

typedef void rx_item_fn(const struct rx_item *item, void *arg);

/** Call @p fn with each number of @p row, in the order of the registry. */
void
rx_row_walk(const struct rx_row *row, rx_item_fn *fn, void *arg);

/** Parts of a histogram. */
enum rx_part {
	RX_PART_COUNT_OF,
	RX_PART_SUM,
	RX_PART_MAX,
	RX_PART_P50,
	RX_PART_P90,
	RX_PART_P99,
	RX_PART_P99_9,
	RX_PARTS
};

/** "count", "sum", "max", "p50", "p90", "p99", "p99_9". */
const char *
rx_part_name(enum rx_part part);

/** Work a part out. */
uint64_t
rx_part_value(const struct labyrinth_histogram *histogram, enum rx_part part);

/** How many are within @p bound, the end of a bucket. */
uint64_t
rx_histogram_within(const struct labyrinth_histogram *histogram, uint64_t bound);

/** Room for any number. */
#define RX_ITEM_TEXT 32

/** Write an item's number into @p text: digits, RX_UNKNOWN_WORD, or "" of RX_NONE. */
void
rx_item_text(const struct rx_item *item, char text[RX_ITEM_TEXT]);

/** Is it 0, or not there? What is not known is not. */
bool
rx_item_is_zero(const struct rx_item *item);

#endif /* RX_FIGURES_WALK_H */
