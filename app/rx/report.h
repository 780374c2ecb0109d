/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_REPORT_H
#define RX_REPORT_H

/**
 * @file
 * The result as text. The first blocks have the words and the arithmetic of
 * testpmd's, for the scripts that read those: RX-dropped is imissed and RX-total
 * their sum with RX-packets, RX-nombufs is in neither.
 */

#include <stdio.h>

#include "result.h"

/** Print @p result to @p out. */
void
rx_report_print(const struct rx_result *result, FILE *out);

#endif /* RX_REPORT_H */
