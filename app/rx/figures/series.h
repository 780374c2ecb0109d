/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_SERIES_H
#define RX_FIGURES_SERIES_H

/**
 * @file
 * Snapshots one after the other in files: --json-lines, an object a line, and --csv, a
 * number a line under the heading time_s,place,name,figure,label,value. Each snapshot is
 * written out at once, so that a reader can follow. Main lcore only.
 */

#include <stdio.h>

#include "exit_code.h"
#include "figures/snapshot.h"
#include "labyrinth_base.h"

struct rx_series {
	FILE *lines, *csv;  /**< NULL: none */
	bool failed;        /**< something was not written */
};

/**
 * Open the files.
 *
 * @param lines, csv  names, "-" for standard output, NULL none
 * @return RX_OK; RX_ENVIRONMENT one cannot be written
 */
enum rx_exit
rx_series_open(struct rx_series *series, const char *lines, const char *csv,
	struct labyrinth_error *error);

/** Write a snapshot. */
void
rx_series_add(struct rx_series *series, const struct rx_snapshot *snapshot);

/** Close the files. @return RX_OK; RX_ENVIRONMENT not all was written */
enum rx_exit
rx_series_close(struct rx_series *series, struct labyrinth_error *error);

#endif /* RX_FIGURES_SERIES_H */
