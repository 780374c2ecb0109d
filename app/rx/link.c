/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>

#include <rte_common.h>
#include <rte_ethdev.h>

#include "link.h"
#include "port.h"

/* relaxed, all: each of them stands alone, and is told a little later */
static bool
is(const atomic_bool *flag)
{
	return atomic_load_explicit(flag, memory_order_relaxed);
}

static uint64_t
changes(const struct rx_link *link)
{
	return atomic_load_explicit(&link->changes, memory_order_relaxed);
}

/* By whoever sees it first: one change is one, also when two see it. */
static void
note(struct rx_link *link, bool up)
{
	if (atomic_exchange_explicit(&link->up, up, memory_order_relaxed) != up)
		atomic_fetch_add_explicit(&link->changes, 1, memory_order_relaxed);
}

static bool
ask(uint16_t port)
{
	struct rte_eth_link link = { 0 };

	return rte_eth_link_get_nowait(port, &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

static uint64_t
received(const struct rx_port *port)
{
	struct rte_eth_stats stats = { 0 };

	rte_eth_stats_get(port->id, &stats);
	return stats.ipackets;
}

/* On a thread of EAL or of the PMD. */
static int
on_event(uint16_t id, enum rte_eth_event_type type, void *port, void *unused)
{
	struct rx_link *link = &((struct rx_port *)port)->link;

	RTE_SET_USED(unused);
	if (type == RTE_ETH_EVENT_INTR_RMV)
		atomic_store_explicit(&link->gone, true, memory_order_relaxed);
	note(link, type == RTE_ETH_EVENT_INTR_LSC && ask(id));
	return 0;
}

void
rx_link_begin(struct rx_port *port)
{
	struct rx_link *link = &port->link;

	link->if_index = port->info.if_index;
	atomic_store_explicit(&link->up, ask(port->id), memory_order_relaxed);
	if (link->listens)
		return;
	rte_eth_dev_callback_register(port->id, RTE_ETH_EVENT_INTR_LSC, on_event, port);
	rte_eth_dev_callback_register(port->id, RTE_ETH_EVENT_INTR_RMV, on_event, port);
	link->listens = true;
}

static bool
interface_is_there(const struct rx_link *link)
{
	char name[IF_NAMESIZE];

	return link->if_index == 0 || if_indextoname(link->if_index, name) != NULL ||
	       errno != ENXIO;
}

void
rx_link_look(struct rx_port *port)
{
	struct rx_link *link = &port->link;

	if (!port->started)
		return;
	if (interface_is_there(link)) {
		if (!is(&link->gone))
			note(link, ask(port->id));
		return;
	}
	if (!is(&link->gone)) {
		link->received = received(port);
		note(link, false);
		atomic_store_explicit(&link->gone, true, memory_order_relaxed);
	} else if (received(port) != link->received) {
		link->if_index = 0; /* moved: its number says nothing any more */
		atomic_store_explicit(&link->gone, false, memory_order_relaxed);
	}
}

static void
tell(struct rx_port *port, FILE *out)
{
	struct rx_link *link = &port->link;
	uint64_t now = changes(link);

	if (is(&link->gone) && !link->told_gone)
		fprintf(out, "port %u (%s) is gone: its %s was removed; others go on\n",
			port->id, port->driver_name,
			link->if_index != 0 ? "interface" : "device");
	else if (!is(&link->gone) && (now != link->told || link->told_gone))
		fprintf(out, "port %u (%s): link %s, %" PRIu64 " changes so far\n", port->id,
			port->driver_name, rx_link_name(link), now);
	else
		return;
	fflush(out);
	link->told = now;
	link->told_gone = is(&link->gone);
}

void
rx_links_tell(struct rx_port *ports, uint16_t nb_ports, FILE *out)
{
	for (uint16_t i = 0; i < nb_ports; i++) {
		rx_link_look(&ports[i]);
		tell(&ports[i], out);
	}
}

void
rx_link_end(struct rx_port *port)
{
	if (!port->link.listens)
		return;
	rte_eth_dev_callback_unregister(port->id, RTE_ETH_EVENT_INTR_LSC, on_event, port);
	rte_eth_dev_callback_unregister(port->id, RTE_ETH_EVENT_INTR_RMV, on_event, port);
	port->link.listens = false;
}

const char *
rx_link_name(const struct rx_link *link)
{
	if (is(&link->gone))
		return "gone";
	return is(&link->up) ? "up" : "down";
}
