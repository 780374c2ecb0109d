/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stddef.h>
#include <string.h>

#include "mode.h"

const struct rx_mode *const rx_modes[] = {
	&rx_mode_rxonly,
	&rx_mode_io,
	&rx_mode_mac,
	&rx_mode_macswap,
	&rx_mode_5tswap,
	&rx_mode_icmpecho,
	&rx_mode_hold,
	&rx_mode_noisy,
	&rx_mode_pipeline,
	&rx_mode_txonly,
	&rx_mode_flowgen,
	NULL,
};

_Static_assert(sizeof(rx_modes) / sizeof(rx_modes[0]) == RX_MODES + 1, "RX_MODES");

uint32_t
rx_mode_index(const struct rx_mode *mode)
{
	uint32_t i = 0;

	while (rx_modes[i] != mode)
		i++;
	return i;
}

const struct rx_mode *
rx_mode_find(const char *name)
{
	const struct rx_mode *const *mode = rx_modes;

	while (*mode != NULL && strcmp((*mode)->name, name) != 0)
		mode++;
	return *mode;
}

void
rx_mode_names(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (const struct rx_mode *const *mode = rx_modes; *mode != NULL; mode++) {
		int n = snprintf(text + used, size - used, "%s%s", used == 0 ? "" : " ",
			(*mode)->name);

		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}
