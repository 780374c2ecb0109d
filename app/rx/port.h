/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_PORT_H
#define RX_PORT_H

/**
 * @file
 * An ethdev port from probe to close. Main lcore only.
 *
 *   rx_port_probe -> rx_port_setup -> (rx_port_start -> (polling) -> rx_port_stop)*
 *     -> rx_port_close
 *
 * rx_port_close() may be called in each of these states.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "drivers.h"
#include "exit_code.h"
#include "labyrinth_base.h"
#include "labyrinth_ledger.h"
#include "link.h"
#include "options.h"

/** One port. */
struct rx_port {
	uint16_t id;
	uint16_t nb_rxq;
	uint16_t nb_txq;       /**< 0: the port cannot send */
	uint32_t flows;        /**< of a simulated wire */
	bool drops;            /**< a frame without a page is dropped, not left in the ring, now */
	uint32_t link_mbps;    /**< of a wire, 0: unknown or none */
	uint32_t max_pkt_len;  /**< longest frame, FCS included, 0: as the port has it */
	uint16_t nb_rxd;       /**< descriptors of a queue, as the PMD wants it */
	uint16_t nb_txd;
	bool scatter;          /**< a frame may take several buffers */
	bool no_rss;           /**< frames are not spread over the queues */
	bool rx_intr;          /**< a frame can wake an lcore that sleeps */
	int socket_id;         /**< NUMA node, SOCKET_ID_ANY */
	bool open;
	bool started;
	bool mapped;           /**< the pool's pages, for DMA */
	uint32_t stranded;     /**< mbufs posted at set-up that the PMD does not give back */
	char driver_name[32];
	const struct rx_driver *driver;
	struct rte_eth_dev_info info;
	struct rte_mempool *pool;
	/** Counters when polling began; the figures are counted from there. */
	struct rte_eth_stats base;
	/** What was counted from the first start on, as of the last reading. */
	struct rte_eth_stats stats;
	/** Of that, what was counted before the last start. */
	struct rte_eth_stats past;
	/** Of a wire, what it and the driver counted, as of the last reading. */
	struct labyrinth_ledger wire;
	struct rx_link link;
};

/**
 * Look at port @p id and see how many queues and descriptors it will have. A port with
 * fewer tx queues than rx queues has as many as it can, unless --txq asks for more.
 *
 * @return RX_OK; RX_USAGE more queues than the port has, or than it counts;
 *   RX_ENVIRONMENT the PMD says nothing
 */
enum rx_exit
rx_port_probe(struct rx_port *port, uint16_t id, const struct rx_options *options,
	struct labyrinth_error *error);

/**
 * Are all @p ports simulated wires, as @p option wants?
 *
 * @return RX_OK; RX_USAGE
 */
enum rx_exit
rx_ports_are_wires(const struct rx_port *ports, uint16_t nb_ports, const char *option,
	struct labyrinth_error *error);

/** Configure the port and its queues on @p pool. @return RX_OK; RX_ENVIRONMENT */
enum rx_exit
rx_port_setup(struct rx_port *port, struct rte_mempool *pool,
	struct labyrinth_error *error);

/** Start the port and note its counters. @return RX_OK; RX_ENVIRONMENT */
enum rx_exit
rx_port_start(struct rx_port *port, struct labyrinth_error *error);

/** Read the counters while the port runs. A counter that was reset begins anew. */
void
rx_port_read(struct rx_port *port);

/** Stop the port, nobody polling it any more, and read its counters. */
void
rx_port_stop(struct rx_port *port);

/** Close the port: all its mbufs go back to the pool, but for those it strands. */
void
rx_port_close(struct rx_port *port);

/** Mbufs that @p ports, closed, have not given back and never will. */
uint32_t
rx_ports_stranded(const struct rx_port *ports, uint16_t nb_ports);

#endif /* RX_PORT_H */
