/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_EXIT_CODE_H
#define RX_EXIT_CODE_H

/**
 * @file
 * How the program ends, for scripts. Set-up functions of this program return one of
 * these and leave the reason, in one line with the fix, in a struct labyrinth_error.
 */

enum rx_exit {
	RX_OK = 0,           /**< ran, and every frame and page is accounted for */
	RX_GATE = 1,         /**< ran, but --packets was not reached within --duration */
	RX_USAGE = 2,        /**< the command line is wrong */
	RX_ENVIRONMENT = 3,  /**< hugepages, rights or devices are missing */
	RX_INVARIANT = 4,    /**< the ledger is out of balance, or a page leaked */
};

#endif /* RX_EXIT_CODE_H */
