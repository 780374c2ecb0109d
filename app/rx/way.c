/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <rte_ethdev.h>

#include "stage.h"
#include "way.h"

uint16_t
rx_way_peer(enum rx_topology topology, uint16_t i, uint16_t n)
{
	uint16_t peer = i;

	if (topology == RX_TOPOLOGY_PAIRED)
		peer = i ^ 1;
	else if (topology == RX_TOPOLOGY_CHAINED)
		peer = (uint16_t)((i + 1) % n);
	return peer < n ? peer : i;
}

static const struct rx_port *
peer_of(const struct rx_plan *plan, uint16_t port, const struct rx_mode *mode,
	const struct rx_options *options)
{
	uint16_t i = 0;

	while (plan->ports[i].id != port)
		i++;
	if (!mode->answers)
		i = rx_way_peer(options->topology, i, plan->nb_ports);
	return &plan->ports[i];
}

static enum rx_exit
set_way(struct rx_queue *q, uint16_t queue, const struct rx_port *to,
	const struct rx_options *options, struct labyrinth_error *error)
{
	if (to->nb_txq == 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) has no tx queue, and the mode sends: choose "
			"--forward-mode rxonly, or give a net_pcap port a tx side",
			to->id, to->driver_name);
	q->tx.port = to->id;
	q->tx.queue = queue % to->nb_txq;
	q->tx.peer = options->eth_peer[to->id];
	rte_eth_macaddr_get(to->id, &q->tx.own);
	return RX_OK;
}

static enum rx_exit
check_shared(const struct rx_queue *queues, uint32_t n, struct labyrinth_error *error)
{
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = i + 1; k < n; k++) {
			const struct rx_queue *a = &queues[i], *b = &queues[k];

			if (a->tx.port != b->tx.port || a->tx.queue != b->tx.queue ||
				a->lcore == b->lcore)
				continue;
			return labyrinth_fail(error, RX_USAGE,
				"lcores %u and %u would share queue %u of tx port %u: raise "
				"--txq, or have one lcore poll both rx queues (--rxq-map)",
				a->lcore, b->lcore, a->tx.queue, a->tx.port);
		}
	}
	return RX_OK;
}

static enum rx_exit
set_ways(struct rx_plan *plan, const struct rx_mode *mode, struct rx_queue *queues,
	uint32_t n, const struct rx_options *options, struct labyrinth_error *error)
{
	uint16_t next[RTE_MAX_ETHPORTS] = { 0 };
	enum rx_exit ret = RX_OK;

	for (uint32_t i = 0; i < n && ret == RX_OK; i++)
		ret = set_way(&queues[i], next[queues[i].port]++,
			peer_of(plan, queues[i].port, mode, options), options, error);
	return ret == RX_OK ? check_shared(queues, n, error) : ret;
}

enum rx_exit
rx_ways_set(struct rx_plan *plan, const struct rx_mode *mode,
	const struct rx_options *options, struct labyrinth_error *error)
{
	const struct rx_mode *behind = rx_mode_find(options->pipeline_mode);

	if (mode->sends)
		return set_ways(
			plan, mode, plan->queues, plan->nb_queues, options, error);
	if (mode == &rx_mode_pipeline && behind->sends)
		return set_ways(plan, behind, plan->stages,
			rx_stages_needed(plan, options), options, error);
	return RX_OK;
}
