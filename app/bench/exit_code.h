/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_EXIT_CODE_H
#define BENCH_EXIT_CODE_H

/**
 * @file
 * How the program ends, for scripts. Functions that can fail return one of these and
 * leave the reason, in one line with the fix, in a struct labyrinth_error.
 */

enum bench_exit {
	BENCH_OK = 0,           /**< ran, and every object came back */
	BENCH_GATE = 1,         /**< --gate, and a ratio is under the least acceptable;
				 * or it was interrupted: not all figures are there */
	BENCH_USAGE = 2,        /**< the command line is wrong */
	BENCH_ENVIRONMENT = 3,  /**< CPUs, memory, rights or DPDK drivers are missing */
	BENCH_INVARIANT = 4,    /**< an object was lost, doubled or refused */
};

#endif /* BENCH_EXIT_CODE_H */
