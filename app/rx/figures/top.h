/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_TOP_H
#define RX_FIGURES_TOP_H

/**
 * @file
 * --top: the screen on a terminal, drawn anew each period; plain lines where there is no
 * terminal. Main lcore only.
 */

#include <stdbool.h>
#include <stdio.h>

#include "figures/screen.h"

struct rx_top {
	FILE *out;
	struct rx_screen_title title;
	bool terminal;     /**< the alternate screen of one is on */
	struct rx_screen *screen;
};

/** Take the screen. @return RX_OK; RX_ENVIRONMENT out of memory */
enum rx_exit
rx_top_begin(struct rx_top *top, FILE *out, const struct rx_screen_title *title,
	struct labyrinth_error *error);

/** Draw; see rx_screen_fill(). */
void
rx_top_draw(struct rx_top *top, const struct rx_snapshot *now,
	const struct rx_snapshot *before);

/** Give the terminal back as it was. Nothing happens if it was not taken. */
void
rx_top_end(struct rx_top *top);

#endif /* RX_FIGURES_TOP_H */
