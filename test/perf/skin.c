/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * What the ethdev costs on top of the simulated card: cycles a frame of the card's own
 * loop on pages, and of rte_eth_rx_burst() on mbufs, freed in a burst and one by one (as
 * testpmd's rxonly does). All look at the header. In one process and by turns, in slices
 * so short that few are disturbed; medians and the fifth that was quietest.
 *
 *   skin EAL-OPTIONS -- [ROUNDS [NAME]]    NAME: one alone, for a profiler
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "labyrinth_frame.h"
#include "labyrinth_mbuf.h"
#include "labyrinth_nic.h"

#define BURST   32u
#define RING    512u
#define PAGES   16384u
#define SLICE   2000u  /* bursts */
#define ROUNDS  200u
#define LENGTH  64u

/** A way to receive: a burst, and what becomes of it. @return frames */
struct contender {
	const char *name;
	uint32_t (*poll)(struct contender *c);
	uint16_t port;
	struct labyrinth_nic *nic;
	struct labyrinth_rxq *rxq;
	struct labyrinth_source source;
	double *cycles;  /* a frame, of each round */
};

static uint64_t looked_at; /* so that the compiler does not leave the look out */

static inline void
look(const void *data)
{
	looked_at += *(const uint32_t *)((const char *)data + LABYRINTH_AT_SEQUENCE);
}

static uint32_t
poll_card(struct contender *c)
{
	struct labyrinth_seg seg[BURST];
	void *buffer[BURST];
	uint32_t n = labyrinth_rx_burst(c->rxq, seg, BURST, BURST);

	for (uint32_t i = 0; i < n; i++) {
		look(seg[i].data);
		buffer[i] = seg[i].buffer;
	}
	c->source.give(c->source.arg, buffer, n);
	return n;
}

static uint32_t
poll_port(struct contender *c)
{
	struct rte_mbuf *mbufs[BURST];
	uint32_t n = rte_eth_rx_burst(c->port, 0, mbufs, BURST);

	for (uint32_t i = 0; i < n; i++)
		look(rte_pktmbuf_mtod(mbufs[i], void *));
	rte_pktmbuf_free_bulk(mbufs, n);
	return n;
}

/* As labyrinth-rx: whole mbufs of one pool need not be looked at again. */
static uint32_t
poll_port_put(struct contender *c)
{
	struct rte_mbuf *mbufs[BURST];
	uint32_t n = rte_eth_rx_burst(c->port, 0, mbufs, BURST);

	for (uint32_t i = 0; i < n; i++)
		look(rte_pktmbuf_mtod(mbufs[i], void *));
	if (n != 0)
		rte_mempool_put_bulk(mbufs[0]->pool, (void **)mbufs, n);
	return n;
}

static uint32_t
poll_port_singly(struct contender *c)
{
	struct rte_mbuf *mbufs[BURST];
	uint32_t n = rte_eth_rx_burst(c->port, 0, mbufs, BURST);

	for (uint32_t i = 0; i < n; i++)
		look(rte_pktmbuf_mtod(mbufs[i], void *));
	for (uint32_t i = 0; i < n; i++)
		rte_pktmbuf_free(mbufs[i]);
	return n;
}

/* A wire faster than any core: the ring is never empty. */
static int
card_begin(struct contender *c)
{
	static struct labyrinth_page_source pages;
	struct labyrinth_pool_config pool_config = { .name = "card", .pages = PAGES,
		.owners = 1, .backing = LABYRINTH_BACKING_AUTO,
		.watermarks = { .min = LABYRINTH_NO_RESERVE } };
	struct labyrinth_error error;
	struct labyrinth_nic_config config;
	struct labyrinth_owner *owner;
	struct labyrinth_pool *pool;

	labyrinth_nic_config_init(&config);
	config.rate = LABYRINTH_RATE_MAX;
	config.tsc_hz = rte_get_tsc_hz();
	if (labyrinth_pool_create(&pool_config, &pool, &error) != 0 ||
		labyrinth_owner_register(pool, "card", NULL, 0, &owner) != 0 ||
		labyrinth_nic_create(&config, &c->nic, &error) != 0 ||
		labyrinth_nic_set_queues(c->nic, 1, 0, &error) != 0) {
		fprintf(stderr, "%s: %s\n", c->name, error.text);
		return -1;
	}
	labyrinth_page_source_init(&pages, &c->source, pool, owner, false);
	if (labyrinth_nic_set_rx_ring(c->nic, 0, RING, &c->source, &error) != 0 ||
		labyrinth_nic_start(c->nic, &error) != 0) {
		fprintf(stderr, "%s: %s\n", c->name, error.text);
		return -1;
	}
	c->rxq = labyrinth_nic_rxq(c->nic, 0);
	return 0;
}

static int
port_begin(struct contender *c, const char *name, struct rte_mempool *pool)
{
	struct rte_eth_conf conf = { 0 };

	if (rte_eal_hotplug_add("vdev", name, "rate=1000") != 0 ||
		rte_eth_dev_get_port_by_name(name, &c->port) != 0 ||
		rte_eth_dev_configure(c->port, 1, 0, &conf) != 0 ||
		rte_eth_rx_queue_setup(c->port, 0, RING, SOCKET_ID_ANY, NULL, pool) != 0 ||
		rte_eth_dev_start(c->port) != 0) {
		fprintf(stderr, "%s: port %s does not start\n", c->name, name);
		return -1;
	}
	return 0;
}

static double
slice(struct contender *c)
{
	uint64_t frames = 0, start = rte_rdtsc();

	for (uint32_t i = 0; i < SLICE; i++)
		frames += c->poll(c);
	return (double)(rte_rdtsc() - start) / (double)frames;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct rte_mempool *
ours(void)
{
	struct labyrinth_mbuf_config config = { .name = "ours", .pages = PAGES,
		.socket_id = SOCKET_ID_ANY, .backing = LABYRINTH_BACKING_AUTO };
	struct rte_mempool *pool = NULL;
	struct labyrinth_error error;

	if (labyrinth_mbuf_pool_create(&config, &pool, &error) != 0)
		fprintf(stderr, "%s\n", error.text);
	return pool;
}

static void
report(struct contender *c, size_t n, uint32_t rounds)
{
	double base = 0;

	printf("cycles a frame of %u bytes, ring of %u, %u slices of %u bursts by turns\n",
		LENGTH, RING, rounds, SLICE);
	printf("%-28s %10s %10s %10s\n", "", "quiet", "median", "rate");
	for (size_t i = 0; i < n; i++) {
		double quiet;

		qsort(c[i].cycles, rounds, sizeof(double), by_value);
		quiet = c[i].cycles[rounds / 5];
		base = i == 0 ? quiet : base;
		printf("%-28s %10.2f %10.2f %10.3f\n", c[i].name, quiet,
			c[i].cycles[rounds / 2], base / quiet);
	}
}

int
main(int argc, char **argv)
{
	struct contender c[] = {
		{ "card, pages", .poll = poll_card },
		{ "port, our mbufs put", .poll = poll_port_put },
		{ "port, our mbufs", .poll = poll_port },
		{ "port, our mbufs singly", .poll = poll_port_singly },
		{ "port, ring_mp_mc put", .poll = poll_port_put },
		{ "port, ring_mp_mc", .poll = poll_port },
		{ "port, ring_mp_mc singly", .poll = poll_port_singly },
	};
	struct rte_mempool *pools[2];
	int used = rte_eal_init(argc, argv);
	const char *only = NULL;
	uint32_t rounds = ROUNDS;

	if (used < 0)
		return 3;
	if (argc - used > 1)
		rounds = (uint32_t)strtoul(argv[used + 1], NULL, 10);
	if (argc - used > 2)
		only = argv[used + 2];
	pools[0] = ours();
	pools[1] = rte_pktmbuf_pool_create_by_ops("ring", PAGES, 250, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, "ring_mp_mc");
	if (rounds == 0 || pools[0] == NULL || pools[1] == NULL || card_begin(&c[0]) != 0 ||
		port_begin(&c[1], "net_labyrinth0", pools[0]) != 0 ||
		port_begin(&c[4], "net_labyrinth1", pools[1]) != 0)
		return 3;
	c[3].port = c[2].port = c[1].port;
	c[6].port = c[5].port = c[4].port;
	for (size_t i = 0; i < RTE_DIM(c); i++)
		c[i].cycles = calloc(rounds, sizeof(double));
	for (uint32_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < RTE_DIM(c); i++) {
			if (only == NULL || strcmp(only, c[i].name) == 0)
				c[i].cycles[round] = slice(&c[i]);
		}
	}
	report(c, RTE_DIM(c), rounds);
	return looked_at == 0;
}
