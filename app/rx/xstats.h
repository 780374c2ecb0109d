/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_XSTATS_H
#define RX_XSTATS_H

/**
 * @file
 * Extended statistics, as the PMD has them. Main lcore only.
 */

#include <stdio.h>

#include "port.h"

/**
 * Print the xstats of @p names of each port, with commas between the names.
 *
 * @param names  NULL: nothing is printed; "" all that are not 0
 */
void
rx_xstats_print(
	const char *names, const struct rx_port *ports, uint16_t nb_ports, FILE *out);

#endif /* RX_XSTATS_H */
