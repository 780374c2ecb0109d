/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>

#include "net_labyrinth.h"

/* The card wants a power of two; what ethdev can say is a multiple. */
static uint16_t
ring_size(uint16_t descriptors)
{
	return (uint16_t)rte_align32pow2(descriptors);
}

/* Descriptors of the other rx queues on the same pool. */
static uint32_t
posted_by_others(const struct rte_eth_dev *dev, uint16_t self, const void *pool)
{
	uint32_t posted = 0;

	for (uint16_t q = 0; q < dev->data->nb_rx_queues; q++) {
		const struct lab_rxq *rxq = dev->data->rx_queues[q];

		if (q != self && rxq != NULL && rxq->pool == pool)
			posted += rxq->descriptors;
	}
	return posted;
}

static int
check_rx_queue(const struct rte_eth_dev *dev, uint16_t q, uint16_t descriptors,
	const struct rte_eth_rxconf *conf, const struct rte_mempool *pool)
{
	uint32_t others = posted_by_others(dev, q, pool);

	if (conf->rx_deferred_start) {
		LAB_NET_LOG(ERR, dev->data->name,
			"rx queue %u: cannot be started later than its port", q);
		return -ENOTSUP;
	}
	if (others + descriptors > pool->size) {
		LAB_NET_LOG(ERR, dev->data->name,
			"rx queue %u: %u descriptors and %" PRIu32 " of other queues are "
			"more than the %" PRIu32 " mbufs of pool %s: use fewer queues or "
			"descriptors, or more mbufs",
			q, descriptors, others, pool->size, pool->name);
		return -ENOMEM;
	}
	return 0;
}

static int
set_rx_ring(struct rte_eth_dev *dev, uint16_t q, const struct lab_rxq *rxq,
	struct labyrinth_error *error)
{
	return labyrinth_nic_set_rx_ring(
		lab_port_of(dev)->nic, q, rxq->descriptors, &rxq->source, error);
}

static int
set_tx_ring(struct rte_eth_dev *dev, uint16_t q, const struct lab_txq *txq,
	struct labyrinth_error *error)
{
	return labyrinth_nic_set_tx_ring(
		lab_port_of(dev)->nic, q, txq->descriptors, error);
}

int
lab_rx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t descriptors,
	unsigned int socket, const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	struct labyrinth_error error;
	struct lab_rxq *rxq;
	int ret;

	descriptors = ring_size(descriptors);
	ret = check_rx_queue(dev, q, descriptors, conf, pool);
	if (ret != 0)
		return ret;
	rxq = rte_zmalloc_socket("lab_rxq", sizeof(*rxq), RTE_CACHE_LINE_SIZE, socket);
	if (rxq == NULL)
		return -ENOMEM;
	rxq->descriptors = descriptors;
	lab_source_init(rxq, pool);
	ret = set_rx_ring(dev, q, rxq, &error);
	if (lab_refused(ret, &error) != 0) {
		rte_free(rxq);
		return ret;
	}
	dev->data->rx_queues[q] = rxq;
	return 0;
}

int
lab_tx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t descriptors,
	unsigned int socket, const struct rte_eth_txconf *conf)
{
	struct labyrinth_error error;
	struct lab_txq *txq;
	int ret;

	if (conf->tx_deferred_start) {
		LAB_NET_LOG(ERR, dev->data->name,
			"tx queue %u: cannot be started later than its port", q);
		return -ENOTSUP;
	}
	txq = rte_zmalloc_socket("lab_txq", sizeof(*txq), RTE_CACHE_LINE_SIZE, socket);
	if (txq == NULL)
		return -ENOMEM;
	txq->descriptors = ring_size(descriptors);
	ret = set_tx_ring(dev, q, txq, &error);
	if (lab_refused(ret, &error) != 0) {
		rte_free(txq);
		return ret;
	}
	dev->data->tx_queues[q] = txq;
	return 0;
}

void
lab_rx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	if (dev->data->rx_queues[q] == NULL)
		return;
	labyrinth_nic_clear_rx_ring(lab_port_of(dev)->nic, q);
	rte_free(dev->data->rx_queues[q]);
	dev->data->rx_queues[q] = NULL;
}

void
lab_tx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	if (dev->data->tx_queues[q] == NULL)
		return;
	labyrinth_nic_clear_tx_ring(lab_port_of(dev)->nic, q);
	rte_free(dev->data->tx_queues[q]);
	dev->data->tx_queues[q] = NULL;
}

int
lab_rings_restore(struct rte_eth_dev *dev, struct labyrinth_error *error)
{
	int ret = 0;

	for (uint16_t q = 0; q < dev->data->nb_rx_queues && ret == 0; q++) {
		if (dev->data->rx_queues[q] != NULL)
			ret = set_rx_ring(dev, q, dev->data->rx_queues[q], error);
	}
	for (uint16_t q = 0; q < dev->data->nb_tx_queues && ret == 0; q++) {
		if (dev->data->tx_queues[q] != NULL)
			ret = set_tx_ring(dev, q, dev->data->tx_queues[q], error);
	}
	return ret;
}

static void
set_states(struct rte_eth_dev *dev, uint8_t state)
{
	for (uint16_t q = 0; q < dev->data->nb_rx_queues; q++)
		dev->data->rx_queue_state[q] = state;
	for (uint16_t q = 0; q < dev->data->nb_tx_queues; q++)
		dev->data->tx_queue_state[q] = state;
}

int
lab_queues_begin(struct rte_eth_dev *dev)
{
	struct labyrinth_nic *nic = lab_port_of(dev)->nic;

	/* A queue without a ring is the card's to refuse. */
	for (uint16_t q = 0; q < dev->data->nb_rx_queues; q++) {
		struct lab_rxq *rxq = dev->data->rx_queues[q];
		int ret;

		if (rxq == NULL)
			continue;
		rxq->ring = labyrinth_nic_rxq(nic, q);
		ret = lab_rxq_prepare(rxq, dev);
		if (ret != 0)
			return ret;
	}
	for (uint16_t q = 0; q < dev->data->nb_tx_queues; q++) {
		struct lab_txq *txq = dev->data->tx_queues[q];

		if (txq != NULL)
			txq->ring = labyrinth_nic_txq(nic, q);
	}
	set_states(dev, RTE_ETH_QUEUE_STATE_STARTED);
	return 0;
}

void
lab_queues_end(struct rte_eth_dev *dev)
{
	set_states(dev, RTE_ETH_QUEUE_STATE_STOPPED);
}

void
lab_rxq_info(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_rxq_info *info)
{
	const struct lab_rxq *rxq = dev->data->rx_queues[q];

	info->mp = rxq->pool;
	info->nb_desc = rxq->descriptors;
	info->rx_buf_size = (uint16_t)rxq->source.room;
	info->scattered_rx = dev->data->scattered_rx;
	info->conf.offloads = dev->data->dev_conf.rxmode.offloads;
}

void
lab_txq_info(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_txq_info *info)
{
	const struct lab_txq *txq = dev->data->tx_queues[q];

	info->nb_desc = txq->descriptors;
	info->conf.offloads = dev->data->dev_conf.txmode.offloads;
}

int
lab_burst_mode(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_burst_mode *mode)
{
	bool inlined = labyrinth_nic_config(lab_port_of(dev)->nic)->mode ==
		       LABYRINTH_NIC_INLINE;

	RTE_SET_USED(q);
	snprintf(mode->info, sizeof(mode->info), "Simulated wire, device %s",
		inlined ? "inline" : "thread");
	return 0;
}
