/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#define RINGS 256u

struct rte_mempool *
ring_pool_begin(uint32_t mbufs, uint16_t data_room)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create_by_ops("test_ring", mbufs, 0, 0,
		data_room, SOCKET_ID_ANY, "ring_mp_mc");

	if (pool == NULL)
		fail_msg("no pool: %s", rte_strerror(rte_errno));
	return pool;
}

void
ring_pool_end(struct rte_mempool *pool)
{
	assert_int_equal(rte_mempool_avail_count(pool), pool->size);
	rte_mempool_free(pool);
}

uint16_t
wire_probe(const char *args)
{
	uint16_t port;

	assert_int_equal(rte_eal_hotplug_add("vdev", WIRE, args), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name(WIRE, &port), 0);
	return port;
}

int
wire_configure(uint16_t port, const struct wire_setup *setup, struct rte_mempool *pool)
{
	struct rte_eth_conf conf = { .rxmode = { .mtu = setup->mtu,
					     .offloads = setup->rx_offloads } };
	uint16_t rxq = RTE_MAX(setup->rxq, 1), txq = RTE_MAX(setup->txq, 1);
	uint16_t rxd = setup->rxd != 0 ? setup->rxd : RINGS;
	int ret;

	if (setup->rss_hf != 0) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = setup->rss_hf;
	}
	ret = rte_eth_dev_configure(port, rxq, txq, &conf);
	for (uint16_t q = 0; q < rxq && ret == 0; q++)
		ret = rte_eth_rx_queue_setup(port, q, rxd, SOCKET_ID_ANY, NULL, pool);
	for (uint16_t q = 0; q < txq && ret == 0; q++)
		ret = rte_eth_tx_queue_setup(port, q, RINGS, SOCKET_ID_ANY, NULL);
	return ret;
}

uint16_t
wire_begin(const char *args, const struct wire_setup *setup, struct rte_mempool *pool)
{
	static const struct wire_setup usual;
	uint16_t port = wire_probe(args);

	assert_int_equal(wire_configure(port, setup != NULL ? setup : &usual, pool), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	return port;
}

uint64_t
wire_xstat(uint16_t port, const char *name)
{
	uint64_t id, value;

	if (rte_eth_xstats_get_id_by_name(port, name, &id) != 0)
		fail_msg("no xstat %s", name);
	assert_int_equal(rte_eth_xstats_get_by_id(port, &id, &value, 1), 1);
	return value;
}

void
wire_ledger(uint16_t port, struct labyrinth_ledger *ledger)
{
	char name[RTE_ETH_XSTATS_NAME_SIZE];

	*ledger = (struct labyrinth_ledger){
		.offered = wire_xstat(port, "rx_wire_packets"),
		.delivered = wire_xstat(port, "rx_packets"),
		.in_flight = wire_xstat(port, "rx_in_flight"),
	};
	for (unsigned int i = 0; i < LABYRINTH_CARD_REASON_COUNT; i++) {
		snprintf(name, sizeof(name), "rx_%s", labyrinth_reason_name(i));
		ledger->drops[i] = wire_xstat(port, name);
	}
}

void
wire_check(uint16_t port)
{
	struct labyrinth_ledger ledger;
	struct rte_eth_stats stats;

	wire_ledger(port, &ledger);
	assert_int_equal(labyrinth_ledger_imbalance(&ledger), 0);
	assert_int_equal(rte_eth_stats_get(port, &stats), 0);
	assert_int_equal(stats.ipackets, ledger.delivered);
	assert_int_equal(stats.imissed + stats.ierrors + stats.rx_nombuf,
		labyrinth_ledger_dropped(&ledger));
	assert_int_equal(stats.rx_nombuf, ledger.drops[LABYRINTH_REASON_DROP_NO_PAGE]);
}

void
wire_wait(void)
{
	rte_delay_us_sleep(1000);
}
