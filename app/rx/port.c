/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_common.h>
#include <rte_devargs.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_kvargs.h>

#include "labyrinth_dpdk_compat.h"
#include "labyrinth_mbuf.h"
#include "labyrinth_nic.h"
#include "port.h"
#include "shared_memory.h"

/** How long the kernel gets to send what it was given, in ns. */
#define REAP_NS 10000000

/* Ethernet header, FCS, and the VLAN tags that a port has room for. */
static uint32_t
overhead(const struct rte_eth_dev_info *info)
{
	if (info->max_mtu != UINT16_MAX && info->max_rx_pktlen > info->max_mtu)
		return info->max_rx_pktlen - info->max_mtu;
	return RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
}

static enum rx_exit
check_length(const struct rx_port *port, struct labyrinth_error *error)
{
	const struct rte_eth_dev_info *info = &port->info;
	uint32_t least = RTE_MAX((uint32_t)info->min_mtu, 1u) + overhead(info);

	if (port->max_pkt_len == 0 || (port->max_pkt_len >= least &&
					      port->max_pkt_len <= info->max_rx_pktlen))
		return RX_OK;
	return labyrinth_fail(error, RX_USAGE,
		"--max-pkt-len %u: port %u (%s) can have %u to %u bytes", port->max_pkt_len,
		port->id, port->driver_name, least, info->max_rx_pktlen);
}

static enum rx_exit
check_queues(struct rx_port *port, const struct rx_options *options,
	struct labyrinth_error *error)
{
	if (port->nb_rxq > port->info.max_rx_queues)
		return labyrinth_fail(error, RX_USAGE,
			"--rxq %u: port %u (%s) has %u rx queues at most", port->nb_rxq,
			port->id, port->driver_name, port->info.max_rx_queues);
	if (port->nb_txq > port->info.max_tx_queues && options->txq != 0)
		return labyrinth_fail(error, RX_USAGE,
			"--txq %u: port %u (%s) has %u tx queues at most", port->nb_txq,
			port->id, port->driver_name, port->info.max_tx_queues);
	port->nb_txq = RTE_MIN(port->nb_txq, port->info.max_tx_queues);
	if (port->driver->counts_by_queue && port->nb_rxq > LABYRINTH_STAT_QUEUES)
		return labyrinth_fail(error, RX_USAGE,
			"--rxq %u: %s counts the frames of %u queues only, the ledger "
			"could "
			"not be checked; use as many at most",
			port->nb_rxq, port->driver_name, LABYRINTH_STAT_QUEUES);
	return RX_OK;
}

static int
read_flows(const char *key, const char *value, void *port)
{
	RTE_SET_USED(key);
	((struct rx_port *)port)->flows = (uint32_t)strtoul(value, NULL, 10);
	return 0;
}

static int
read_policy(const char *key, const char *value, void *port)
{
	RTE_SET_USED(key);
	((struct rx_port *)port)->drops = strcmp(value, "drop") == 0;
	return 0;
}

/* What has to be known of a simulated wire, as its --vdev says. */
static void
read_devargs(struct rx_port *port)
{
	const struct rte_devargs *devargs = rte_dev_devargs(port->info.device);
	struct labyrinth_nic_config usual;
	struct rte_kvargs *args;

	labyrinth_nic_config_init(&usual);
	port->flows = usual.flows;
	port->drops = usual.policy == LABYRINTH_RX_DROP;
	if (devargs == NULL || devargs->args == NULL)
		return;
	args = rte_kvargs_parse(devargs->args, NULL);
	if (args == NULL)
		return;
	rte_kvargs_process(args, "flows", read_flows, port);
	rte_kvargs_process(args, "policy", read_policy, port);
	rte_kvargs_free(args);
}

static enum rx_exit
check_devargs(const struct rx_port *port, struct labyrinth_error *error)
{
	const struct rte_devargs *devargs = rte_dev_devargs(port->info.device);
	const char *bad = port->driver->bad_argument;

	if (bad == NULL || devargs == NULL || devargs->args == NULL ||
		strstr(devargs->args, bad) == NULL)
		return RX_OK;
	return labyrinth_fail(error, RX_USAGE,
		"port %u (%s): with %s its PMD keeps mbufs when it is closed, leave that out",
		port->id, port->driver_name, bad);
}

enum rx_exit
rx_ports_are_wires(const struct rx_port *ports, uint16_t nb_ports, const char *option,
	struct labyrinth_error *error)
{
	for (uint16_t i = 0; i < nb_ports; i++) {
		if (!ports[i].driver->wire)
			return labyrinth_fail(error, RX_USAGE,
				"%s: the frames of port %u (%s) have no numbers and stamps, "
				"only those of a simulated wire have (--vdev "
				"net_labyrinth0)",
				option, ports[i].id, ports[i].driver_name);
	}
	return RX_OK;
}

enum rx_exit
rx_port_probe(struct rx_port *port, uint16_t id, const struct rx_options *options,
	struct labyrinth_error *error)
{
	int ret;

	memset(port, 0, sizeof(*port));
	port->id = id;
	port->nb_rxq = options->rxq;
	port->nb_txq = options->txq != 0 ? options->txq : options->rxq;
	port->nb_rxd = options->rxd;
	port->nb_txd = options->txd != 0 ? options->txd : options->rxd;
	port->scatter = options->scatter;
	port->no_rss = options->no_rss;
	port->rx_intr = options->rx_intr;
	port->max_pkt_len = options->max_pkt_len;
	port->socket_id = rte_eth_dev_socket_id(id);
	ret = rte_eth_dev_info_get(id, &port->info);
	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(id, &port->nb_rxd, &port->nb_txd);
	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u cannot be queried (%s): leave it out (-a, -b, --vdev)",
			id, rte_strerror(-ret));
	snprintf(port->driver_name, sizeof(port->driver_name), "%s",
		port->info.driver_name == NULL ? "unknown" : port->info.driver_name);
	port->driver = rx_driver_find(port->driver_name);
	if (port->driver->wire)
		read_devargs(port);
	if (check_length(port, error) != RX_OK || check_devargs(port, error) != RX_OK)
		return RX_USAGE;
	return check_queues(port, options, error);
}

/* A frame that does not fit in a buffer takes several, if the port can do that. */
static void
set_length(const struct rx_port *port, struct rte_eth_conf *conf)
{
	uint32_t room = rte_pktmbuf_data_room_size(port->pool) - RTE_PKTMBUF_HEADROOM;

	if (port->max_pkt_len != 0)
		conf->rxmode.mtu = port->max_pkt_len - overhead(&port->info);
	if (port->max_pkt_len <= room && !port->scatter)
		return;
	conf->rxmode.offloads |= port->info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
	conf->txmode.offloads |=
		port->info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
}

static void
set_rss(const struct rx_port *port, struct rte_eth_conf *conf)
{
	if (port->nb_rxq <= 1 || port->no_rss)
		return;
	conf->rx_adv_conf.rss_conf.rss_hf =
		port->info.flow_type_rss_offloads &
		(RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP);
	if (conf->rx_adv_conf.rss_conf.rss_hf != 0)
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
}

/*
 * Some PMDs (tap) want as many tx as rx queues, some (pcap without a tx side) refuse any:
 * then there is none, which the modes that send are told when they begin.
 */
static int
configure(struct rx_port *port)
{
	struct rte_eth_conf conf = { 0 };
	int ret;

	set_rss(port, &conf);
	set_length(port, &conf);
	conf.intr_conf.rxq = port->rx_intr;
	port->open = true;
	ret = rte_eth_dev_configure(port->id, port->nb_rxq, port->nb_txq, &conf);
	if (ret != 0 && port->nb_txq != 0) {
		port->nb_txq = 0;
		ret = rte_eth_dev_configure(port->id, port->nb_rxq, 0, &conf);
	}
	return ret;
}

static int
setup_queues(struct rx_port *port)
{
	struct rte_eth_rxconf rxconf = port->info.default_rxconf;
	uint16_t nb_rxd = port->nb_rxd, nb_txd = port->nb_txd;
	int ret = rte_eth_dev_adjust_nb_rx_tx_desc(port->id, &nb_rxd, &nb_txd);

	for (uint16_t q = 0; q < port->nb_txq && ret == 0; q++)
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
	if (port->driver->data_in_mbufs)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) gives the kernel the memory of the mbufs, and pages are "
			"elsewhere: choose --pool ring_mp_mc",
			port->id, port->driver_name);
	ret = labyrinth_mbuf_pool_dma_map(port->pool, port->info.device, error);
	port->mapped = ret == 0;
	return ret == 0 ? RX_OK : RX_ENVIRONMENT;
}

/* A PMD may round up what it was asked for. */
static void
read_ring_size(struct rx_port *port)
{
	struct rte_eth_rxq_info info;

	if (rte_eth_rx_queue_info_get(port->id, 0, &info) == 0 && info.nb_desc != 0)
		port->nb_rxd = info.nb_desc;
}

enum rx_exit
rx_port_setup(
	struct rx_port *port, struct rte_mempool *pool, struct labyrinth_error *error)
{
	enum rx_exit mapped;
	uint32_t free;
	int ret;

	port->pool = pool;
	ret = configure(port);
	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) refuses %u rx queues (%s): lower --rxq", port->id,
			port->driver_name, port->nb_rxq, rte_strerror(-ret));
	mapped = map_pages(port, error);
	if (mapped != RX_OK)
		return mapped;
	free = rte_mempool_avail_count(pool);
	ret = setup_queues(port);
	if (port->driver->strands_posted)
		port->stranded = free - rte_mempool_avail_count(pool);
	read_ring_size(port);
	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) refuses rx queues of %u descriptors (%s): change "
			"--rxd, or --pages if mbufs are short",
			port->id, port->driver_name, port->nb_rxd, rte_strerror(-ret));
	return RX_OK;
}

/* Software that makes frames up has no line rate, whatever it reports. */
static uint32_t
link_mbps(const struct rx_port *port)
{
	struct rte_eth_link link;

	if ((!port->driver->wire && !port->driver->hardware) ||
		rte_eth_link_get_nowait(port->id, &link) != 0 ||
		link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN)
		return 0;
	return link.link_speed;
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
	if (port->driver->shares_memory &&
		rx_shared_memory_check(port->driver_name, error) != RX_OK)
		return RX_ENVIRONMENT;
	port->link_mbps = link_mbps(port);
	rx_link_begin(port);
	/* As testpmd does; PMDs that cannot see everything anyway. */
	rte_eth_promiscuous_enable(port->id);
	/* A wire counts from its first frame, which came before anybody polled. */
	if (port->driver->wire)
		return RX_OK;
	ret = rte_eth_stats_get(port->id, &port->base);
	if (ret != 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"port %u (%s) has no counters (%s): the ledger cannot be kept, "
			"leave the port out",
			port->id, port->driver_name, rte_strerror(-ret));
	return RX_OK;
}

/* A counter of the simulated card, 0 when it has none of that name. */
static uint64_t
xstat(const struct rx_port *port, const char *name)
{
	uint64_t id, value;

	if (rte_eth_xstats_get_id_by_name(port->id, name, &id) != 0 ||
		rte_eth_xstats_get_by_id(port->id, &id, &value, 1) != 1)
		return 0;
	return value;
}

/*
 * The wire says itself how many frames it sent, by their places on it and not by adding
 * up what became of them.
 */
static void
read_wire(struct rx_port *port)
{
	struct labyrinth_ledger wire = { 0 };
	char name[RTE_ETH_XSTATS_NAME_SIZE];

	wire.offered = xstat(port, "rx_wire_packets");
	wire.in_flight = xstat(port, "rx_in_flight");
	for (unsigned int i = 0; i < LABYRINTH_CARD_REASON_COUNT; i++) {
		snprintf(name, sizeof(name), "rx_%s", labyrinth_reason_name(i));
		labyrinth_ledger_drop(&wire, i, xstat(port, name));
	}
	port->wire = wire;
}

/* What was counted since @p base; a counter that is below it was reset meanwhile. */
static uint64_t
since(uint64_t now, uint64_t base)
{
	return now >= base ? now - base : now;
}

static void
take_counters(struct rx_port *port, const struct rte_eth_stats *now)
{
	const struct rte_eth_stats *base = &port->base, *past = &port->past;
	struct rte_eth_stats *s = &port->stats;

	s->ipackets = past->ipackets + since(now->ipackets, base->ipackets);
	s->ibytes = past->ibytes + since(now->ibytes, base->ibytes);
	s->imissed = past->imissed + since(now->imissed, base->imissed);
	s->ierrors = past->ierrors + since(now->ierrors, base->ierrors);
	s->rx_nombuf = past->rx_nombuf + since(now->rx_nombuf, base->rx_nombuf);
	s->opackets = past->opackets + since(now->opackets, base->opackets);
	s->obytes = past->obytes + since(now->obytes, base->obytes);
	s->oerrors = past->oerrors + since(now->oerrors, base->oerrors);
}

/* The counters of @p port, those of @p base when it gives none. */
static struct rte_eth_stats
ask_counters(const struct rx_port *port)
{
	struct rte_eth_stats stats = { 0 };

	return rte_eth_stats_get(port->id, &stats) == 0 ? stats : port->base;
}

void
rx_port_read(struct rx_port *port)
{
	struct rte_eth_stats now;

	if (!port->started)
		return;
	now = ask_counters(port);
	take_counters(port, &now);
	if (port->driver->wire)
		read_wire(port);
}

/*
 * A PMD frees what it sent at a later burst, and at the latest when it is closed. One that
 * strands mbufs does not do so then: bursts of nothing, until they bring no more back.
 */
static void
reap_sent(const struct rx_port *port)
{
	const struct timespec nap = { .tv_nsec = REAP_NS };
	uint32_t free = rte_mempool_avail_count(port->pool), before;

	do {
		before = free;
		nanosleep(&nap, NULL);
		for (uint16_t q = 0; q < port->nb_txq; q++)
			rte_eth_tx_burst(port->id, q, NULL, 0);
		free = rte_mempool_avail_count(port->pool);
	} while (free != before);
}

/*
 * A card goes on counting until it is stopped, memif forgets its counters then: the
 * larger figure of each is the right one. A failure leaves zeroes, and the ledger shows
 * what is missing. A wire's counters go on at the next start, others begin anew there.
 */
void
rx_port_stop(struct rx_port *port)
{
	struct rte_eth_stats running, s;

	if (!port->started)
		return;
	if (port->driver->strands_posted)
		reap_sent(port);
	running = ask_counters(port);
	rte_eth_dev_stop(port->id);
	port->started = false;
	s = ask_counters(port);
	s.ipackets = RTE_MAX(running.ipackets, s.ipackets);
	s.ibytes = RTE_MAX(running.ibytes, s.ibytes);
	s.imissed = RTE_MAX(running.imissed, s.imissed);
	s.ierrors = RTE_MAX(running.ierrors, s.ierrors);
	s.rx_nombuf = RTE_MAX(running.rx_nombuf, s.rx_nombuf);
	s.opackets = RTE_MAX(running.opackets, s.opackets);
	s.obytes = RTE_MAX(running.obytes, s.obytes);
	s.oerrors = RTE_MAX(running.oerrors, s.oerrors);
	take_counters(port, &s);
	if (port->driver->wire)
		read_wire(port);
	else
		port->past = port->stats;
}

void
rx_port_close(struct rx_port *port)
{
	if (!port->open)
		return;
	rx_port_stop(port);
	if (port->mapped)
		labyrinth_mbuf_pool_dma_unmap(port->pool, port->info.device, NULL);
	port->mapped = false;
	rx_link_end(port);
	rte_eth_dev_close(port->id);
	port->open = false;
}

uint32_t
rx_ports_stranded(const struct rx_port *ports, uint16_t nb_ports)
{
	uint32_t sum = 0;

	for (uint16_t i = 0; i < nb_ports; i++)
		sum += ports[i].stranded;
	return sum;
}
