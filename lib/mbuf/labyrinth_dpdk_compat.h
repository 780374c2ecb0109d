/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_DPDK_COMPAT_H
#define LABYRINTH_DPDK_COMPAT_H

/**
 * @file
 * The one place for what differs between the DPDK releases this project builds
 * with (22.11 to 25.11). Everything else uses only what all of them have.
 */

#include <rte_config.h>
#include <rte_version.h>

/** Queues of which a PMD with counters per queue sums up its ipackets. */
#ifdef RTE_ETHDEV_QUEUE_STAT_CNTRS
#define LABYRINTH_STAT_QUEUES RTE_ETHDEV_QUEUE_STAT_CNTRS
#else
#define LABYRINTH_STAT_QUEUES 16
#endif

#endif /* LABYRINTH_DPDK_COMPAT_H */
