/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef TEST_WIRE_H
#define TEST_WIRE_H

/**
 * @file
 * Ports of the simulated card for the driver tests. Every function fails the running
 * cmocka test itself.
 */

#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "labyrinth_ledger.h"

/** Name of the port that wire_begin() makes. */
#define WIRE "net_labyrinth0"

/** How a port is to be configured. Zeroes are one queue of 256 and what a port has. */
struct wire_setup {
	uint16_t rxq, txq, rxd;
	uint32_t mtu;
	uint64_t rx_offloads;
	uint64_t rss_hf;  /**< not 0: RSS */
};

/** A pool of other ops, mbufs as testpmd makes them, without cache. */
struct rte_mempool *
ring_pool_begin(uint32_t mbufs, uint16_t data_room);

/** Check that all mbufs are back, and free the pool. */
void
ring_pool_end(struct rte_mempool *pool);

/** Probe a port with @p args; it is not configured. */
uint16_t
wire_probe(const char *args);

/** Configure @p port and set its queues up on @p pool. @return as the first that fails */
int
wire_configure(uint16_t port, const struct wire_setup *setup, struct rte_mempool *pool);

/** Probe, configure and start a port; @p setup NULL: zeroes. */
uint16_t
wire_begin(const char *args, const struct wire_setup *setup, struct rte_mempool *pool);

/** The account of a port as its xstats give it. */
void
wire_ledger(uint16_t port, struct labyrinth_ledger *ledger);

/** An xstat by its name, which the port must have. */
uint64_t
wire_xstat(uint16_t port, const char *name);

/** The basic counters are the sums of the account, which balances. */
void
wire_check(uint16_t port);

/** Let the wire send for a millisecond. */
void
wire_wait(void);

#endif /* TEST_WIRE_H */
