/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* Receive on port 0, whatever it is, into pages of the pool; tell what came in. */
#include <signal.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_ethdev.h>

#include "labyrinth_mbuf.h"

#define BURST 32

static volatile sig_atomic_t stopped;
static struct labyrinth_error error;
static struct rte_eth_dev_info info;
static struct rte_mempool *pool;

static void
stop(int signal)
{
	stopped = signal;
}

static void
die(const char *what)
{
	rte_exit(EXIT_FAILURE, "minimal: %s\n", what);
}

static void
open_port(uint16_t port)
{
	struct labyrinth_mbuf_config config = {
		.name = "pages",
		.pages = 4096,
		.socket_id = rte_eth_dev_socket_id(port),
	};

	if (labyrinth_mbuf_pool_create(&config, &pool, &error) != 0 ||
		(rte_eth_dev_info_get(port, &info) == 0 &&
			labyrinth_mbuf_pool_dma_map(pool, info.device, &error) != 0))
		die(error.text);
	if (rte_eth_dev_configure(port, 1, 1, &(struct rte_eth_conf){ 0 }) != 0 ||
		rte_eth_rx_queue_setup(port, 0, 512, config.socket_id, NULL, pool) != 0 ||
		rte_eth_tx_queue_setup(port, 0, 512, config.socket_id, NULL) != 0 ||
		rte_eth_dev_start(port) != 0)
		die("port 0 does not start: give one, e.g. --vdev net_null0");
}

int
main(int argc, char **argv)
{
	int eal = rte_eal_init(argc, argv);
	uint64_t most = eal >= 0 && argc > eal + 1 ? atoll(argv[eal + 1]) : 0;
	uint64_t packets = 0, bytes = 0;
	struct rte_mbuf *mbuf[BURST];

	if (eal < 0)
		die("EAL does not start");
	open_port(0);
	signal(SIGINT, stop);
	while (!stopped && (most == 0 || packets < most)) {
		uint16_t n = rte_eth_rx_burst(0, 0, mbuf, BURST);

		for (uint16_t i = 0; i < n; i++)
			bytes += rte_pktmbuf_pkt_len(mbuf[i]);
		rte_pktmbuf_free_bulk(mbuf, n);
		packets += n;
	}
	rte_eth_dev_stop(0);
	labyrinth_mbuf_pool_dma_unmap(pool, info.device, &error);
	rte_eth_dev_close(0);
	printf("%" PRIu64 " packets, %" PRIu64 " bytes\n", packets, bytes);
	if (labyrinth_mbuf_pool_destroy(pool, &error) != 0) /* if a page is missing */
		die(error.text);
	return rte_eal_cleanup();
}
