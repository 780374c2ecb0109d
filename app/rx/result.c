/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include <rte_common.h>

#include "result.h"

/*
 * A card counts a frame when it arrives, a PMD in software when it hands it on. So
 * with a card, frames counted but not delivered may have stood in the rings when the
 * port was stopped, though no more than there are descriptors.
 */
static uint64_t
in_flight(const struct rx_port *port, uint64_t delivered)
{
	uint64_t counted = port->stats.ipackets;

	if (!port->driver->hardware || counted <= delivered)
		return 0;
	return RTE_MIN(counted - delivered, (uint64_t)port->nb_rxq * port->nb_rxd);
}

static void
gather_offered(struct labyrinth_ledger *ledger, const struct rx_port *port,
	uint64_t received)
{
	const struct rte_eth_stats *s = &port->stats;
	uint64_t nombuf;

	if (port->driver->wire) {
		*ledger = port->wire;
		return;
	}
	nombuf = port->driver->nombuf_is_lost ? s->rx_nombuf : 0;
	ledger->offered = s->ipackets + s->imissed + s->ierrors + nombuf;
	ledger->in_flight = in_flight(port, received);
	labyrinth_ledger_drop(ledger, LABYRINTH_REASON_IMISSED, s->imissed);
	labyrinth_ledger_drop(ledger, LABYRINTH_REASON_RX_ERRORS, s->ierrors);
	labyrinth_ledger_drop(ledger, LABYRINTH_REASON_RX_NOMBUF, nombuf);
}

/* What the modes lost of what they received is not delivered. */
static void
gather_delivered(struct labyrinth_ledger *ledger, const struct rx_totals *t)
{
	labyrinth_ledger_drop(ledger, LABYRINTH_REASON_TX_FULL, t->tx_full);
	labyrinth_ledger_drop(ledger, LABYRINTH_REASON_RING_FULL, t->ring_full);
	ledger->delivered = t->packets - t->tx_full - t->ring_full;
}

void
rx_result_ledger(struct labyrinth_ledger *ledger, const struct rx_port *port,
	const struct rx_totals *totals)
{
	gather_offered(ledger, port, totals->packets);
	gather_delivered(ledger, totals);
}

static void
gather_port(
	struct rx_port_result *r, const struct rx_plan *plan, const struct rx_port *port)
{
	struct rx_totals t = rx_plan_totals(plan, port->id);

	r->id = port->id;
	r->driver = port->driver_name;
	r->link = rx_link_name(&port->link);
	r->packets = port->stats.ipackets;
	r->bytes = t.bytes;
	r->imissed = port->stats.imissed;
	r->errors = port->stats.ierrors;
	r->nombuf = port->stats.rx_nombuf;
	r->nombuf_is_lost = port->driver->nombuf_is_lost;
	r->nombuf_unknown = port->driver->nombuf_unknown;
	r->imissed_unknown = port->driver->imissed_unknown;
	r->sent = port->stats.opackets;
	rx_result_ledger(&r->ledger, port, &t);
	t = rx_plan_sent(plan, port->id);
	r->unsent = t.tx_full + t.unsent;
}

static struct rx_totals
of_the_run(struct rx_totals all, const struct rx_totals *before)
{
	all.packets -= before->packets;
	all.bytes -= before->bytes;
	all.bursts -= before->bursts;
	all.cycles -= before->cycles;
	all.sent -= before->sent;
	all.sent_bytes -= before->sent_bytes;
	all.tx_full -= before->tx_full;
	all.ring_full -= before->ring_full;
	all.made -= before->made;
	all.unsent -= before->unsent;
	all.starved -= before->starved;
	return all;
}

void
rx_result_gather(struct rx_result *result, struct rx_plan *plan,
	const struct rx_port *ports, uint16_t nb_ports, const struct rte_mempool *pool)
{
	result->nb_ports = nb_ports;
	result->kind = ports[0].driver->kind;
	for (uint16_t i = 0; i < nb_ports; i++) {
		gather_port(&result->ports[i], plan, &ports[i]);
		labyrinth_ledger_merge(&result->ledger, &result->ports[i].ledger);
		if (strcmp(ports[i].driver->kind, result->kind) != 0)
			result->kind = "mixed";
	}
	result->totals = of_the_run(rx_plan_totals(plan, -1), &result->before);
	rx_frame_pool_summary(pool, rx_ports_stranded(ports, nb_ports), &result->pool);
	rx_absorb_compute(&result->absorb, plan, ports, nb_ports, pool);
	result->latency_noted = rx_plan_latencies(plan, &result->latency);
	rx_verify_end(&result->verify, plan, ports, nb_ports);
}

double
rx_result_cycles_per_packet(const struct rx_result *result)
{
	if (result->totals.packets == 0)
		return 0;
	return (double)result->totals.cycles / (double)result->totals.packets;
}
