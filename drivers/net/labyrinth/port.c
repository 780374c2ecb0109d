/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>

#include "net_labyrinth.h"

int
lab_dev_info(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct lab_port *port = lab_port_of(dev);
	const struct rte_eth_desc_lim rings = {
		.nb_max = LABYRINTH_NIC_RING_MAX,
		.nb_min = LABYRINTH_NIC_RING_MIN,
		.nb_align = LABYRINTH_NIC_RING_MIN,
	};
	const struct rte_eth_dev_portconf preferred = {
		.burst_size = 32,
		.ring_size = LABYRINTH_NIC_RING_DEFAULT,
		.nb_queues = 1,
	};

	info->min_mtu = LABYRINTH_MTU_MIN;
	info->max_mtu = LABYRINTH_MTU_MAX;
	info->max_rx_pktlen = LABYRINTH_FRAME_MAX;
	info->min_rx_bufsize = LABYRINTH_ROOM_MIN;
	info->max_rx_queues = (uint16_t)port->max_rxq;
	info->max_tx_queues = (uint16_t)port->max_txq;
	info->max_mac_addrs = 1;
	info->rx_offload_capa = LAB_RX_OFFLOADS;
	info->tx_offload_capa = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	info->reta_size = LABYRINTH_RSS_RETA_SIZE;
	info->hash_key_size = LABYRINTH_RSS_KEY_SIZE;
	info->flow_type_rss_offloads = LAB_RSS_TYPES;
	info->rx_desc_lim = rings;
	info->tx_desc_lim = rings;
	info->speed_capa = RTE_ETH_LINK_SPEED_100G;
	info->default_rxportconf = preferred;
	info->default_txportconf = preferred;
	return 0;
}

static int
change_queues(struct lab_port *port, uint16_t rxq, uint16_t txq, struct labyrinth_error *error)
{
	int ret;

	lab_stats_keep(port);
	port->nb_rxq = port->nb_txq = 0;
	ret = labyrinth_nic_set_queues(port->nic, rxq, txq, error);
	if (ret != 0)
		return ret;
	port->nb_rxq = rxq;
	port->nb_txq = txq;
	return 0;
}

/* Queues that stay as many keep their rings, their counters and the table. */
static int
set_queues(struct rte_eth_dev *dev, struct labyrinth_error *error)
{
	struct lab_port *port = lab_port_of(dev);
	uint16_t rxq = dev->data->nb_rx_queues, txq = dev->data->nb_tx_queues;
	int ret;

	if (rxq == port->nb_rxq && txq == port->nb_txq)
		return 0;
	pthread_mutex_lock(&port->lock);
	ret = change_queues(port, rxq, txq, error);
	pthread_mutex_unlock(&port->lock);
	return ret == 0 ? lab_rings_restore(dev, error) : ret;
}

int
lab_dev_configure(struct rte_eth_dev *dev)
{
	struct lab_port *port = lab_port_of(dev);
	const struct rte_eth_rxmode *mode = &dev->data->dev_conf.rxmode;
	struct labyrinth_error error;
	int ret;

	ret = set_queues(dev, &error);
	if (ret == 0)
		ret = labyrinth_nic_set_mtu(port->nic, mode->mtu, &error);
	if (ret == 0)
		ret = labyrinth_nic_set_scatter(port->nic,
			(mode->offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0, &error);
	if (lab_refused(ret, &error) != 0)
		return ret;
	return lab_rss_configure(dev);
}

int
lab_dev_start(struct rte_eth_dev *dev)
{
	struct lab_port *port = lab_port_of(dev);
	struct labyrinth_error error;
	int ret = lab_queues_begin(dev);

	if (ret != 0)
		return ret;
	dev->rx_pkt_burst = lab_rx_burst_function(dev);
	ret = labyrinth_nic_start(port->nic, &error);
	if (lab_refused(ret, &error) != 0)
		lab_queues_end(dev);
	lab_link_update(dev, 0);
	return ret;
}

int
lab_dev_stop(struct rte_eth_dev *dev)
{
	struct lab_port *port = lab_port_of(dev);

	labyrinth_nic_stop(port->nic);
	lab_queues_end(dev);
	lab_link_update(dev, 0);
	return 0;
}

int
lab_dev_close(struct rte_eth_dev *dev)
{
	struct lab_port *port = lab_port_of(dev);

	if (port->nic == NULL)
		return 0;
	lab_dev_stop(dev);
	for (uint16_t q = 0; q < dev->data->nb_rx_queues; q++)
		lab_rx_queue_release(dev, q);
	for (uint16_t q = 0; q < dev->data->nb_tx_queues; q++)
		lab_tx_queue_release(dev, q);
	/* Not destroyed: somebody may wait for it. */
	pthread_mutex_lock(&port->lock);
	labyrinth_nic_destroy(port->nic);
	port->nic = NULL;
	port->nb_rxq = port->nb_txq = 0;
	pthread_mutex_unlock(&port->lock);
	return 0;
}

int
lab_link_update(struct rte_eth_dev *dev, int wait)
{
	struct lab_port *port = lab_port_of(dev);
	struct rte_eth_link link = {
		.link_duplex = RTE_ETH_LINK_FULL_DUPLEX,
		.link_autoneg = RTE_ETH_LINK_FIXED,
		.link_status = RTE_ETH_LINK_DOWN,
	};

	RTE_SET_USED(wait); /* this link knows at once */
	pthread_mutex_lock(&port->lock);
	if (port->nic != NULL)
		link.link_speed = labyrinth_nic_link_mbps(port->nic);
	if (port->nic != NULL && labyrinth_nic_link_is_up(port->nic))
		link.link_status = RTE_ETH_LINK_UP;
	pthread_mutex_unlock(&port->lock);
	return rte_eth_linkstatus_set(dev, &link);
}

int
lab_dev_set_link_up(struct rte_eth_dev *dev)
{
	labyrinth_nic_set_link(lab_port_of(dev)->nic, true);
	lab_link_update(dev, 0);
	return 0;
}

int
lab_dev_set_link_down(struct rte_eth_dev *dev)
{
	labyrinth_nic_set_link(lab_port_of(dev)->nic, false);
	lab_link_update(dev, 0);
	return 0;
}

int
lab_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct labyrinth_error error;
	int ret = labyrinth_nic_set_mtu(lab_port_of(dev)->nic, mtu, &error);

	return lab_refused(ret, &error);
}

int
lab_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	struct labyrinth_error error;
	int ret = labyrinth_nic_set_mac(lab_port_of(dev)->nic, mac->addr_bytes, &error);

	return lab_refused(ret, &error);
}

/* Promiscuous or not: nothing is on the wire that is not for this port. */
int
lab_accept_more(struct rte_eth_dev *dev)
{
	RTE_SET_USED(dev);
	return 0;
}

int
lab_ptypes_set(struct rte_eth_dev *dev, uint32_t mask)
{
	struct lab_port *port = lab_port_of(dev);

	port->ptypes = LAB_PTYPE & mask;
	for (uint16_t q = 0; q < dev->data->nb_rx_queues; q++) {
		struct lab_rxq *rxq = dev->data->rx_queues[q];

		if (rxq != NULL)
			rxq->packet_type = port->ptypes;
	}
	return 0;
}

/* On the scale of the time stamps, in ns. */
int
lab_read_clock(struct rte_eth_dev *dev, uint64_t *clock)
{
	*clock = labyrinth_nic_now_ns(lab_port_of(dev)->nic);
	return 0;
}
