/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_ADVICE_H
#define RX_ADVICE_H

/**
 * @file
 * What spoils figures and is easily overlooked, said before the run: lcores that share a
 * CPU or wander over several, ports and pages on another NUMA node than the lcore that
 * polls, EAL without hugepages. Main lcore only.
 */

#include <stdio.h>

#include "plan.h"

/** Print a line to @p out for each; @p plan has its lcores. @return lines */
unsigned int
rx_advice_print(const struct rx_plan *plan, FILE *out);

#endif /* RX_ADVICE_H */
