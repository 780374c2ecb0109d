/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* What may be changed while the card is stopped. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nic_private.h"

static void
spread(struct labyrinth_rss *rss, uint32_t queues)
{
	for (uint32_t i = 0; i < LABYRINTH_RSS_RETA_SIZE; i++)
		rss->reta[i] = queues != 0 ? (uint16_t)(i % queues) : 0;
}

void
lab_free_queues(struct labyrinth_nic *nic)
{
	for (uint32_t i = 0; i < nic->rxqs; i++)
		labyrinth_nic_clear_rx_ring(nic, i);
	for (uint32_t i = 0; i < nic->txqs; i++)
		labyrinth_nic_clear_tx_ring(nic, i);
	free(nic->rxq);
	free(nic->txq);
	nic->rxq = NULL;
	nic->txq = NULL;
	nic->rxqs = nic->txqs = 0;
}

int
lab_check_stopped(const struct labyrinth_nic *nic, struct labyrinth_error *error)
{
	if (!nic->started)
		return 0;
	return labyrinth_fail(
		error, -EBUSY, "%s: is started, stop it first", nic->config.name);
}

static int
check_queue(const struct labyrinth_nic *nic, const char *kind, uint32_t q,
	uint32_t queues, uint32_t size, struct labyrinth_error *error)
{
	int ret = lab_check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if (q >= queues)
		return labyrinth_fail(error, -EINVAL,
			"%s: there is no %s queue %" PRIu32 ", the card has %" PRIu32,
			nic->config.name, kind, q, queues);
	if (size < LABYRINTH_NIC_RING_MIN || size > LABYRINTH_NIC_RING_MAX ||
		(size & (size - 1)) != 0)
		return labyrinth_fail(error, -EINVAL,
			"%s: a ring of %" PRIu32 " descriptors is not possible: give a "
			"power of two from %u to %u",
			nic->config.name, size, LABYRINTH_NIC_RING_MIN,
			LABYRINTH_NIC_RING_MAX);
	return 0;
}

int
labyrinth_nic_set_queues(struct labyrinth_nic *nic, uint32_t rx, uint32_t tx,
	struct labyrinth_error *error)
{
	int ret = lab_check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if (rx > LABYRINTH_NIC_QUEUES_MAX || tx > LABYRINTH_NIC_QUEUES_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%s: %" PRIu32 " rx and %" PRIu32
			" tx queues are not possible: give "
			"0 to %u each",
			nic->config.name, rx, tx, LABYRINTH_NIC_QUEUES_MAX);
	lab_free_queues(nic);
	nic->rxq = aligned_alloc(LABYRINTH_CACHE_LINE, (rx + 1) * sizeof(*nic->rxq));
	nic->txq = calloc(tx + 1, sizeof(*nic->txq));
	if (nic->rxq == NULL || nic->txq == NULL) {
		lab_free_queues(nic);
		return labyrinth_fail(error, -ENOMEM,
			"%s: no memory for %" PRIu32 " queues", nic->config.name,
			rx + tx);
	}
	memset(nic->rxq, 0, (rx + 1) * sizeof(*nic->rxq));
	for (uint32_t i = 0; i < rx; i++) {
		nic->rxq[i].nic = nic;
		nic->rxq[i].number = (uint16_t)i;
	}
	for (uint32_t i = 0; i < tx; i++)
		nic->txq[i].nic = nic;
	nic->rxqs = rx;
	nic->txqs = tx;
	spread(&nic->rss, rx);
	return 0;
}

static int
check_source(const struct labyrinth_nic *nic, uint32_t size,
	const struct labyrinth_source *source, struct labyrinth_error *error)
{
	if (source->take == NULL || source->give == NULL)
		return labyrinth_fail(error, -EINVAL,
			"%s: a source of buffers takes and gives", nic->config.name);
	if (source->room < LABYRINTH_ROOM_MIN)
		return labyrinth_fail(error, -EINVAL,
			"%s: buffers with room for %" PRIu32 " bytes are too small: %u "
			"or more after the headroom",
			nic->config.name, source->room, LABYRINTH_ROOM_MIN);
	if (source->buffers != 0 && size > source->buffers)
		return labyrinth_fail(error, -EINVAL,
			"%s: a ring of %" PRIu32
			" descriptors needs more than the %" PRIu32
			" buffers of its pool: make that larger or the ring smaller",
			nic->config.name, size, source->buffers);
	return 0;
}

int
labyrinth_nic_set_rx_ring(struct labyrinth_nic *nic, uint32_t q, uint32_t size,
	const struct labyrinth_source *source, struct labyrinth_error *error)
{
	struct labyrinth_rxq *rxq;
	int ret = check_queue(nic, "rx", q, nic->rxqs, size, error);

	if (ret == 0)
		ret = check_source(nic, size, source, error);
	if (ret != 0)
		return ret;
	labyrinth_nic_clear_rx_ring(nic, q);
	rxq = &nic->rxq[q];
	rxq->posted = aligned_alloc(LABYRINTH_CACHE_LINE, size * sizeof(*rxq->posted));
	rxq->done = aligned_alloc(LABYRINTH_CACHE_LINE, size * sizeof(*rxq->done));
	if (rxq->posted == NULL || rxq->done == NULL) {
		labyrinth_nic_clear_rx_ring(nic, q);
		return labyrinth_fail(error, -ENOMEM,
			"%s: no memory for a ring of %" PRIu32, nic->config.name, size);
	}
	memset((void *)rxq->done, 0, size * sizeof(*rxq->done));
	rxq->size = size;
	rxq->source = *source;
	return 0;
}

void
labyrinth_nic_clear_rx_ring(struct labyrinth_nic *nic, uint32_t q)
{
	struct labyrinth_rxq *rxq = &nic->rxq[q];

	free(rxq->posted);
	free(rxq->done);
	lab_list_free(&rxq->list);
	rxq->posted = NULL;
	rxq->done = NULL;
	rxq->size = 0;
}

int
labyrinth_nic_set_tx_ring(struct labyrinth_nic *nic, uint32_t q, uint32_t size,
	struct labyrinth_error *error)
{
	int ret = check_queue(nic, "tx", q, nic->txqs, size, error);

	if (ret != 0)
		return ret;
	labyrinth_nic_clear_tx_ring(nic, q);
	nic->txq[q].out_at = calloc(size, sizeof(uint64_t));
	if (nic->txq[q].out_at == NULL)
		return labyrinth_fail(error, -ENOMEM,
			"%s: no memory for a ring of %" PRIu32, nic->config.name, size);
	nic->txq[q].size = size;
	return 0;
}

void
labyrinth_nic_clear_tx_ring(struct labyrinth_nic *nic, uint32_t q)
{
	free(nic->txq[q].out_at);
	nic->txq[q].out_at = NULL;
	nic->txq[q].size = 0;
}

int
labyrinth_nic_set_rss(struct labyrinth_nic *nic, const struct labyrinth_rss *rss,
	struct labyrinth_error *error)
{
	int ret = lab_check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if (rss->fields > LABYRINTH_RSS_IPV4_UDP)
		return labyrinth_fail(error, -EINVAL,
			"%s: RSS over fields %d is not possible: none, IPv4, or IPv4 and "
			"UDP",
			nic->config.name, rss->fields);
	for (uint32_t i = 0; i < LABYRINTH_RSS_RETA_SIZE; i++)
		if (rss->reta[i] >= nic->rxqs)
			return labyrinth_fail(error, -EINVAL,
				"%s: entry %" PRIu32
				" of the redirection table names queue "
				"%u, the card has %" PRIu32,
				nic->config.name, i, rss->reta[i], nic->rxqs);
	nic->rss = *rss;
	return 0;
}

void
labyrinth_nic_rss(const struct labyrinth_nic *nic, struct labyrinth_rss *rss)
{
	*rss = nic->rss;
}

int
labyrinth_nic_set_mtu(
	struct labyrinth_nic *nic, uint32_t mtu, struct labyrinth_error *error)
{
	int ret = lab_check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if (mtu < LABYRINTH_MTU_MIN || mtu > LABYRINTH_MTU_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%s: MTU %" PRIu32 " is out of range: give %u to %u",
			nic->config.name, mtu, LABYRINTH_MTU_MIN, LABYRINTH_MTU_MAX);
	nic->config.mtu = mtu;
	return 0;
}

int
labyrinth_nic_set_scatter(
	struct labyrinth_nic *nic, bool scatter, struct labyrinth_error *error)
{
	int ret = lab_check_stopped(nic, error);

	if (ret == 0)
		nic->config.scatter = scatter;
	return ret;
}

int
labyrinth_nic_set_policy(struct labyrinth_nic *nic, enum labyrinth_rx_policy policy,
	struct labyrinth_error *error)
{
	if (policy > LABYRINTH_RX_WAIT)
		return labyrinth_fail(error, -EINVAL,
			"%s: policy %d is none: give drop, stall or wait", nic->config.name,
			policy);
	nic->config.policy = policy;
	/* relaxed: see struct labyrinth_rxq */
	for (uint32_t q = 0; q < nic->rxqs; q++)
		atomic_store_explicit(&nic->rxq[q].policy, policy, memory_order_relaxed);
	return 0;
}

int
labyrinth_nic_set_mac(
	struct labyrinth_nic *nic, const uint8_t mac[6], struct labyrinth_error *error)
{
	int ret = lab_check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if ((mac[0] & 1) != 0)
		return labyrinth_fail(error, -EINVAL,
			"%s: the address is one of a group: give an even first byte",
			nic->config.name);
	memcpy(nic->config.mac, mac, sizeof(nic->config.mac));
	return 0;
}
