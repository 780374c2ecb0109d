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

#include <stdint.h>

#include <rte_config.h>
#include <rte_version.h>

/** Queues of which a PMD with counters per queue sums up its ipackets. */
#ifdef RTE_ETHDEV_QUEUE_STAT_CNTRS
#define LABYRINTH_STAT_QUEUES RTE_ETHDEV_QUEUE_STAT_CNTRS
#else
#define LABYRINTH_STAT_QUEUES 16
#endif

/*
 * For drivers, see struct eth_dev_ops of the release.
 */

/** Parameters of dev_supported_ptypes_get, and how its number of types is returned. */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 7, 0, 0)
#define LABYRINTH_PTYPES_PARAMS(dev, n) struct rte_eth_dev *dev, size_t *n
#define LABYRINTH_PTYPES_COUNT(n, count) (*(n) = (count))
#else
#define LABYRINTH_PTYPES_PARAMS(dev, n) struct rte_eth_dev *dev
#define LABYRINTH_PTYPES_COUNT(n, count) ((void)(count))
#endif

/** Parameters of stats_get, and what holds the counters of queues, NULL nothing. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
#define LABYRINTH_STATS_PARAMS(dev, stats, queues)                                       \
	struct rte_eth_dev *dev, struct rte_eth_stats *stats,                            \
		struct eth_queue_stats *queues
#define LABYRINTH_QUEUE_STATS(stats, queues) (queues)
#define LABYRINTH_QUEUE_STATS_TYPE           struct eth_queue_stats
#else
#define LABYRINTH_STATS_PARAMS(dev, stats, queues)                                       \
	struct rte_eth_dev *dev, struct rte_eth_stats *stats
#define LABYRINTH_QUEUE_STATS(stats, queues) (stats)
#define LABYRINTH_QUEUE_STATS_TYPE           struct rte_eth_stats
#endif

/** What rx_queue_count returns. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
typedef int labyrinth_queue_count;
#else
typedef uint32_t labyrinth_queue_count;
#endif

/** Add an unsigned number to a dictionary of telemetry. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
#define labyrinth_tel_add_uint rte_tel_data_add_dict_uint
#else
#define labyrinth_tel_add_uint rte_tel_data_add_dict_u64
#endif

#endif /* LABYRINTH_DPDK_COMPAT_H */
