/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_SCREEN_H
#define RX_FIGURES_SCREEN_H

/**
 * @file
 * What --top shows, as lines of ASCII: what came of two snapshots one after the other. It
 * is put together here and knows no terminal. One thread.
 */

#include "figures/snapshot.h"

/** Largest and least terminal that is made use of. */
#define RX_SCREEN_LINES_MAX   512
#define RX_SCREEN_COLUMNS_MAX 256
#define RX_SCREEN_COLUMNS_MIN 40

/** Lines no longer than the columns. */
struct rx_screen {
	uint16_t lines, columns;  /**< that there is room for */
	uint16_t used;            /**< lines written */
	char line[RX_SCREEN_LINES_MAX][RX_SCREEN_COLUMNS_MAX + 1];
};

/** What is told beside the figures. */
struct rx_screen_title {
	const char *program;
	const char *mode;
	const char *kind;   /**< where frames come from */
};

/**
 * Fill @p screen, of which lines and columns are set. What does not fit is left out, and
 * said to be so where a list is cut.
 *
 * @param now, before  rates are from the one to the other; before NULL: since the beginning
 */
void
rx_screen_fill(struct rx_screen *screen, const struct rx_screen_title *title,
	const struct rx_snapshot *now, const struct rx_snapshot *before);

#endif /* RX_FIGURES_SCREEN_H */
