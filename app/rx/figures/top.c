/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <rte_common.h>

#include "figures/top.h"

/* Of ECMA-48 and, the first two, xterm: what all terminals of today know. */
#define SCREEN_ON  "\033[?1049h\033[?25l"
#define SCREEN_OFF "\033[?25h\033[?1049l"
#define HOME       "\033[H"
#define LINE_END   "\033[K"
#define REST       "\033[J"
#define CLEAR      "\033[2J"

/* Where there is no terminal, lines may be as long as they like. */
#define PLAIN_COLUMNS 120
#define PLAIN_LINES   RX_SCREEN_LINES_MAX

/* The terminal that is to be given back should the program end in whatever way. */
static struct rx_top *taken;

static void
give_back(void)
{
	if (taken != NULL)
		rx_top_end(taken);
}

enum rx_exit
rx_top_begin(struct rx_top *top, FILE *out, const struct rx_screen_title *title,
	struct labyrinth_error *error)
{
	static bool registered;

	*top = (struct rx_top){ .out = out, .title = *title };
	top->screen = calloc(1, sizeof(*top->screen));
	if (top->screen == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	top->terminal = isatty(fileno(out));
	if (!top->terminal)
		return RX_OK;
	taken = top;
	if (!registered)
		atexit(give_back);
	registered = true;
	fputs(SCREEN_ON, out);
	fflush(out);
	return RX_OK;
}

/* Asked each time: the window may have changed. */
static void
set_size(struct rx_top *top)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	top->screen->lines = PLAIN_LINES;
	top->screen->columns = PLAIN_COLUMNS;
	if (!top->terminal)
		return;
	if (ioctl(fileno(top->out), TIOCGWINSZ, &size) != 0 || size.ws_row == 0 ||
		size.ws_col == 0)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	top->screen->lines = size.ws_row;
	/* The last column is left alone: there terminals differ in when they wrap. */
	top->screen->columns = (uint16_t)RTE_MAX(size.ws_col - 1, RX_SCREEN_COLUMNS_MIN);
}

void
rx_top_draw(
	struct rx_top *top, const struct rx_snapshot *now, const struct rx_snapshot *before)
{
	const struct rx_screen *screen = top->screen;
	uint16_t columns = screen->columns;

	set_size(top);
	rx_screen_fill(top->screen, &top->title, now, before);
	/* What was drawn while the window changed may have wrapped. */
	if (top->terminal)
		fputs(columns != screen->columns ? CLEAR HOME : HOME, top->out);
	for (uint16_t i = 0; i < screen->used; i++)
		fprintf(top->out, "%s%s%s", screen->line[i], top->terminal ? LINE_END : "",
			top->terminal && i + 1 == screen->used ? "" :
			top->terminal ? "\r\n" : "\n");
	if (top->terminal)
		fputs(REST, top->out);
	fflush(top->out);
}

void
rx_top_end(struct rx_top *top)
{
	if (top->terminal) {
		fputs(SCREEN_OFF, top->out);
		fflush(top->out);
	}
	taken = NULL;
	top->terminal = false;
	free(top->screen);
	top->screen = NULL;
}
