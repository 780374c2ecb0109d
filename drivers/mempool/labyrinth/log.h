/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_LOG_H
#define LAB_LOG_H

/**
 * @file
 * A line in DPDK's log, of type mempool.labyrinth. Not from get and put.
 */

#include <rte_log.h>

extern int lab_logtype;

#define LAB_LOG(level, format, ...)                                                      \
	rte_log(RTE_LOG_##level, lab_logtype, "labyrinth: " format "\n", ##__VA_ARGS__)

#endif /* LAB_LOG_H */
