/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "labyrinth_dpdk_compat.h"
#include "labyrinth_mbuf.h"
#include "port.h"

static enum rx_exit
check_queues(const struct rx_port *port, struct labyrinth_error *error)
{
	if (port->nb_rxq > port->info.max_rx_queues)
		return labyrinth_fail(error, RX_USAGE,
			"--rxq %u: port %u (%s) has %u rx queues at most", port->nb_rxq,
			port->id, port->driver_name, port->info.max_rx_queues);
	if (port->driver->counts_by_queue && port->nb_rxq > LABYRINTH_STAT_QUEUES)
		return labyrinth_fail(error, RX_USAGE,
			"--rxq %u: %s counts the frames of %u queues only, the ledger "
			"could "
			"not be checked; use as many at most",
			port->nb_rxq, port->driver_name, LABYRINTH_STAT_QUEUES);
	return RX_OK;
}

enum rx_exit
rx_port_probe(struct rx_port *port, uint16_t id, const struct rx_options *options,
	struct labyrinth_error *error)
{
	uint16_t nb_txd = 0;
	int ret;

	memset(port, 0, sizeof(*port));
	port->id = id;
	port->nb_rxq = options->rxq;
	port->nb_rxd = options->rxd;
	port->socket_id = rte_eth_dev_socket_id(id);
	ret = rte_eth_dev_info_get(id, &port->info);
	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(id, &port->nb_rxd, &nb_txd);
	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u cannot be queried (%s): leave it out (-a, -b, --vdev)",
			id, rte_strerror(-ret));
	snprintf(port->driver_name, sizeof(port->driver_name), "%s",
		port->info.driver_name == NULL ? "unknown" : port->info.driver_name);
	port->driver = rx_driver_find(port->driver_name);
	return check_queues(port, error);
}

/*
 * Some PMDs (tap) want as many tx as rx queues, some have fewer or none; nothing is
 * ever sent. Returns the tx queues configured, or -errno.
 */
static int
configure(struct rx_port *port)
{
	uint16_t nb_txq = RTE_MIN(port->info.max_tx_queues, port->nb_rxq);
	struct rte_eth_conf conf = { 0 };
	int ret;

	if (port->nb_rxq > 1) {
		conf.rx_adv_conf.rss_conf.rss_hf =
			port->info.flow_type_rss_offloads &
			(RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP);
		if (conf.rx_adv_conf.rss_conf.rss_hf != 0)
			conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	}
	port->open = true;
	ret = rte_eth_dev_configure(port->id, port->nb_rxq, nb_txq, &conf);
	if (ret != 0 && nb_txq != 0) {
		nb_txq = 0;
		ret = rte_eth_dev_configure(port->id, port->nb_rxq, 0, &conf);
	}
	return ret != 0 ? ret : nb_txq;
}

static int
setup_queues(struct rx_port *port, uint16_t nb_txq)
{
	uint16_t nb_rxd = port->nb_rxd, nb_txd = port->nb_rxd;
	struct rte_eth_rxconf rxconf = port->info.default_rxconf;
	int ret = rte_eth_dev_adjust_nb_rx_tx_desc(port->id, &nb_rxd, &nb_txd);

	for (uint16_t q = 0; q < nb_txq && ret == 0; q++)
		ret = rte_eth_tx_queue_setup(
			port->id, q, nb_txd, (unsigned int)port->socket_id, NULL);
	for (uint16_t q = 0; q < port->nb_rxq && ret == 0; q++)
		ret = rte_eth_rx_queue_setup(port->id, q, nb_rxd,
			(unsigned int)port->socket_id, &rxconf, port->pool);
	return ret;
}

/* Other pools are EAL memory, which EAL maps by itself. */
static enum rx_exit
map_pages(struct rx_port *port, struct labyrinth_error *error)
{
	int ret;

	if (labyrinth_mbuf_pool_pages(port->pool) == NULL)
		return RX_OK;
	if (port->driver->shares_memory)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) shares memory with another process, which cannot "
			"see "
			"the pages: choose --pool ring_mp_mc",
			port->id, port->driver_name);
	ret = labyrinth_mbuf_pool_dma_map(port->pool, port->info.device, error);
	port->mapped = ret == 0;
	return ret != 0 && port->driver->hardware ? RX_ENVIRONMENT : RX_OK;
}

enum rx_exit
rx_port_setup(
	struct rx_port *port, struct rte_mempool *pool, struct labyrinth_error *error)
{
	enum rx_exit mapped;
	int ret;

	port->pool = pool;
	ret = configure(port);
	if (ret < 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) refuses %u rx queues (%s): lower --rxq", port->id,
			port->driver_name, port->nb_rxq, rte_strerror(-ret));
	mapped = map_pages(port, error);
	if (mapped != RX_OK)
		return mapped;
	ret = setup_queues(port, (uint16_t)ret);
	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) refuses rx queues of %u descriptors (%s): change "
			"--rxd, or --pages if mbufs are short",
			port->id, port->driver_name, port->nb_rxd, rte_strerror(-ret));
	return RX_OK;
}

enum rx_exit
rx_port_start(struct rx_port *port, struct labyrinth_error *error)
{
	int ret = rte_eth_dev_start(port->id);

	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) does not start (%s): see the messages of its PMD "
			"above",
			port->id, port->driver_name, rte_strerror(-ret));
	port->started = true;
	/* As testpmd does; PMDs that cannot see everything anyway. */
	rte_eth_promiscuous_enable(port->id);
	ret = rte_eth_stats_get(port->id, &port->base);
	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) has no counters (%s): the ledger cannot be kept, "
			"leave the port out",
			port->id, port->driver_name, rte_strerror(-ret));
	return RX_OK;
}

/*
 * A card goes on counting until it is stopped, memif forgets its counters then: the
 * larger figure of each is the right one. A failure leaves zeroes, and the ledger shows
 * what is missing.
 */
void
rx_port_stop(struct rx_port *port)
{
	struct rte_eth_stats running = { 0 }, stopped = { 0 };
	const struct rte_eth_stats *base = &port->base;
	struct rte_eth_stats *s = &port->stats;

	if (!port->started)
		return;
	if (rte_eth_stats_get(port->id, &running) != 0)
		running = *base;
	rte_eth_dev_stop(port->id);
	port->started = false;
	if (rte_eth_stats_get(port->id, &stopped) != 0)
		stopped = *base;
	s->ipackets = RTE_MAX(running.ipackets, stopped.ipackets) - base->ipackets;
	s->ibytes = RTE_MAX(running.ibytes, stopped.ibytes) - base->ibytes;
	s->imissed = RTE_MAX(running.imissed, stopped.imissed) - base->imissed;
	s->ierrors = RTE_MAX(running.ierrors, stopped.ierrors) - base->ierrors;
	s->rx_nombuf = RTE_MAX(running.rx_nombuf, stopped.rx_nombuf) - base->rx_nombuf;
}

void
rx_port_close(struct rx_port *port)
{
	if (!port->open)
		return;
	rx_port_stop(port);
	rte_eth_dev_close(port->id);
	port->open = false;
	if (port->mapped)
		labyrinth_mbuf_pool_dma_unmap(port->pool, port->info.device, NULL);
	port->mapped = false;
}
