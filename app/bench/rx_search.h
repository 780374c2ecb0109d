/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_RX_SEARCH_H
#define BENCH_RX_SEARCH_H

/**
 * @file
 * The highest rate without loss. A rate passes if nine of ten slices of 100 us lost
 * nothing. Slices do not count in which the kernel or a hypervisor took a core away, for
 * longer than a ring lasts: any driver loses frames then. So this says what the loop can
 * do, and the case line_rate what became of it on this machine.
 */

#include "rx_bench.h"

/**
 * Search by halving (the logarithm of) the rate.
 *
 * @param config  all but the rate
 * @param rate    receives Gb/s, 0: there is none
 */
enum bench_exit
rx_search(struct rx_bench *bench, const struct labyrinth_nic_config *config,
	uint32_t ring, const struct labyrinth_source *source, double *rate,
	struct labyrinth_error *error);

#endif /* BENCH_RX_SEARCH_H */
