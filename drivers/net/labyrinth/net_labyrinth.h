/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_NET_LABYRINTH_H
#define LAB_NET_LABYRINTH_H

/**
 * @file
 * The simulated card of lib/rx as an ethdev. This folder only translates: what the card
 * and the wire do is in labyrinth_nic.h.
 *
 *   net_labyrinth.c  probe and remove, the table of operations
 *   devargs.c        what the user asks for
 *   port.c           configure, start, stop, close, link, MTU, addresses
 *   queues.c         rings
 *   rxtx.c           the data path
 *   rss.c, stats.c
 *
 * Set-up and control: one thread at a time, as ethdev has it. Bursts: one thread a queue.
 * Counters and link: any thread at any time, since telemetry of ethdev asks from one of its
 * own, whatever the program does with the port meanwhile.
 */

#include <pthread.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <ethdev_driver.h>

#include "devargs.h"
#include "labyrinth_dpdk_compat.h"
#include "labyrinth_nic.h"

extern int lab_net_logtype;

/** One line about port @p name. Set-up calls only: the data path says nothing. */
#define LAB_NET_LOG(level, name, format, ...)                                            \
	rte_log(RTE_LOG_##level, lab_net_logtype, "%s: " format "\n", name, __VA_ARGS__)

/**
 * Rx offloads of this driver; all are of the port, none of a queue. There is no TCP on
 * this wire, but programs ask for all checksums or none.
 */
#define LAB_RX_OFFLOADS                                                                  \
	(RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_SCATTER |                      \
		RTE_ETH_RX_OFFLOAD_RSS_HASH | RTE_ETH_RX_OFFLOAD_TIMESTAMP)

/** What each frame of the wire is. */
#define LAB_PTYPE (RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP)

/** What each mbuf of a queue is set to, in the order of struct rte_mbuf. */
struct lab_rearm {
	uint64_t rearm;               /**< data_off, refcnt, nb_segs, port */
	uint64_t ol_flags;
};

/** An rx queue, as the data path sees it. */
struct lab_rxq {
	struct labyrinth_rxq *ring;   /**< of the card, while it is started */
	struct rte_mempool *pool;
	const struct labyrinth_nic *nic;
	struct lab_rearm rearm[8];    /**< by the flags of a segment, see rxtx.c */
	uint32_t packet_type;
	int timestamp_offset;         /**< of the dynamic field, -1: not asked for */
	bool dry;                     /**< the last attempt to take brought nothing */
	uint16_t descriptors;
	struct labyrinth_source source;
} __rte_cache_aligned;

/** A tx queue. */
struct lab_txq {
	struct labyrinth_txq *ring;   /**< of the card, while it is started */
	uint16_t descriptors;
} __rte_cache_aligned;

/** A port: dev_private. */
struct lab_port {
	/** Held while the card, its queues and what is kept of their counters change, and by
	 * who reads them without being the thread that changes them. Not for the data path. */
	pthread_mutex_t lock;
	struct labyrinth_nic *nic;    /**< NULL: closed */
	uint32_t max_rxq, max_txq;
	uint16_t nb_rxq, nb_txq;      /**< that the card has */
	uint64_t rss_hf;              /**< as configured */
	uint32_t ptypes;              /**< of LAB_PTYPE, those that are asked for */
	/** Counters when they were last reset. */
	struct labyrinth_rxq_stats rx_base[LABYRINTH_NIC_QUEUES_MAX];
	struct labyrinth_txq_stats tx_base[LABYRINTH_NIC_QUEUES_MAX];
	/** What queues counted that are no more: in the sums, of no queue. */
	struct labyrinth_rxq_stats rx_past;
	struct labyrinth_txq_stats tx_past;
};

static inline struct lab_port *
lab_port_of(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

/* Log why the card refused, which names it, and hand on what it returned. */
static inline int
lab_refused(int ret, const struct labyrinth_error *error)
{
	if (ret != 0)
		rte_log(RTE_LOG_ERR, lab_net_logtype, "%s\n", error->text);
	return ret;
}

/* port.c */
int lab_dev_configure(struct rte_eth_dev *dev);
int lab_dev_start(struct rte_eth_dev *dev);
int lab_dev_stop(struct rte_eth_dev *dev);
int lab_dev_close(struct rte_eth_dev *dev);
int lab_dev_info(struct rte_eth_dev *dev, struct rte_eth_dev_info *info);
int lab_dev_set_link_up(struct rte_eth_dev *dev);
int lab_dev_set_link_down(struct rte_eth_dev *dev);
int lab_link_update(struct rte_eth_dev *dev, int wait);
int lab_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);
int lab_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac);
int lab_accept_more(struct rte_eth_dev *dev);
int lab_ptypes_set(struct rte_eth_dev *dev, uint32_t mask);
int lab_read_clock(struct rte_eth_dev *dev, uint64_t *clock);

/* queues.c */
int lab_rx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t descriptors,
	unsigned int socket, const struct rte_eth_rxconf *conf, struct rte_mempool *pool);
int lab_tx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t descriptors,
	unsigned int socket, const struct rte_eth_txconf *conf);
void lab_rx_queue_release(struct rte_eth_dev *dev, uint16_t q);
void lab_tx_queue_release(struct rte_eth_dev *dev, uint16_t q);
void lab_rxq_info(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_rxq_info *info);
void lab_txq_info(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_txq_info *info);
int lab_burst_mode(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_burst_mode *mode);
/** Give a card with new queues the rings of those that ethdev kept. */
int lab_rings_restore(struct rte_eth_dev *dev, struct labyrinth_error *error);
/** Prepare the queues for the data path: the card has been started. */
int lab_queues_begin(struct rte_eth_dev *dev);
void lab_queues_end(struct rte_eth_dev *dev);

/* rxtx.c */
/** Whether frames may come in several segments, or with time stamps. */
eth_rx_burst_t lab_rx_burst_function(const struct rte_eth_dev *dev);
uint16_t lab_tx_burst(void *queue, struct rte_mbuf **mbufs, uint16_t n);
/** Fill in what the rx path of @p q needs of the port's configuration. */
int lab_rxq_prepare(struct lab_rxq *q, const struct rte_eth_dev *dev);
/** A card takes its buffers from @p pool by this. */
void lab_source_init(struct lab_rxq *q, struct rte_mempool *pool);
labyrinth_queue_count lab_rx_queue_count(void *queue);
int lab_rx_descriptor_status(void *queue, uint16_t offset);
int lab_tx_descriptor_status(void *queue, uint16_t offset);
int lab_tx_done_cleanup(void *queue, uint32_t n);

/* rss.c */
int lab_rss_configure(struct rte_eth_dev *dev);
int lab_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
	uint16_t size);
int lab_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
	uint16_t size);
int lab_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int lab_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
/** Packets whose flow the card hashes. */
#define LAB_RSS_TYPES (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP)

/* stats.c */
int lab_stats_get(LABYRINTH_STATS_PARAMS(dev, stats, queues));
int lab_stats_reset(struct rte_eth_dev *dev);
/** Keep what the queues of @p port have counted: the card is to get others. */
void lab_stats_keep(struct lab_port *port);
int lab_xstats_names(
	struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int size);
int lab_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *stats, unsigned int n);

#endif /* LAB_NET_LABYRINTH_H */
