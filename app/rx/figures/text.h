/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_TEXT_H
#define RX_FIGURES_TEXT_H

/**
 * @file
 * Figures as text, one a line with its sentence; zeroes are left out.
 */

#include <stdio.h>

#include "figures/snapshot.h"

/** Print the rows of @p place; RX_PLACE_COUNT: of all places. */
void
rx_text_print(const struct rx_snapshot *snapshot, enum rx_place place, FILE *out);

/** Print what each lcore did: busy, idle, cycles and bursts, a line each. */
void
rx_text_lcores(const struct rx_snapshot *snapshot, FILE *out);

/** Print who has pages that are neither free nor cached, if anybody has. */
void
rx_text_holders(const struct rx_snapshot *snapshot, FILE *out);

/** Print the registry: all figures there are, and what they mean. */
void
rx_text_registry(FILE *out);

#endif /* RX_FIGURES_TEXT_H */
