/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * A port whose pool has run dry receives nothing and breaks nothing, and receives
 * again with the first page that comes back. No page is lost on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_mbuf.h>

#include "port.h"

#define PAGES  1000u
#define CACHE  64u
#define BURST  32u
#define ROUNDS 100u

static struct rte_mbuf *held[PAGES + 1];

/* Take all pages there are, those in caches too. @return how many */
static uint32_t
take_all(struct rte_mempool *pool)
{
	uint32_t n = 0;

	while (n <= PAGES && (held[n] = rte_pktmbuf_alloc(pool)) != NULL)
		n++;
	return n;
}

static void
free_all(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		rte_pktmbuf_free(held[i]);
}

static void
null_recovers(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, CACHE);
	uint16_t port = port_begin("net_null0", "", pool);
	struct rte_mbuf *mbufs[BURST];

	(void)state;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		assert_int_equal(take_all(pool), PAGES);
		assert_int_equal(rte_mempool_avail_count(pool), 0);
		for (uint32_t i = 0; i < 10; i++)
			assert_int_equal(rte_eth_rx_burst(port, 0, mbufs, BURST), 0);
		free_all(PAGES);
		assert_int_equal(rte_eth_rx_burst(port, 0, mbufs, BURST), BURST);
		rte_pktmbuf_free_bulk(mbufs, BURST);
		assert_int_equal(rte_mempool_avail_count(pool), PAGES);
	}
	port_end(port);
	pool_end(pool);
}

/* A burst of net_null is all or nothing: one page short of it is none. */
static void
null_needs_a_whole_burst(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = port_begin("net_null0", "", pool);
	struct rte_mbuf *mbufs[BURST];

	(void)state;
	assert_int_equal(take_all(pool), PAGES);
	for (uint32_t i = 0; i < BURST - 1; i++)
		rte_pktmbuf_free(held[i]);
	assert_int_equal(rte_eth_rx_burst(port, 0, mbufs, BURST), 0);
	assert_int_equal(rte_mempool_avail_count(pool), BURST - 1);
	rte_pktmbuf_free(held[BURST - 1]);
	assert_int_equal(rte_eth_rx_burst(port, 0, mbufs, BURST), BURST);
	rte_pktmbuf_free_bulk(mbufs, BURST);
	for (uint32_t i = BURST; i < PAGES; i++)
		rte_pktmbuf_free(held[i]);
	port_end(port);
	pool_end(pool);
}

/* Runs on another lcore: receives n frames and frees them there. */
static int
receive_and_free(void *argument)
{
	uint16_t port = *(const uint16_t *)argument;
	struct rte_mbuf *mbufs[BURST];
	uint32_t received = 0, n;

	while ((n = rte_eth_rx_burst(port, 0, mbufs, BURST)) > 0) {
		rte_pktmbuf_free_bulk(mbufs, n);
		received += n;
	}
	return (int)received;
}

/* What is sent into a net_ring comes back out of it; its ring holds 1023 frames. */
static void
send_all(uint16_t port, uint32_t n)
{
	uint32_t sent = 0;

	while (sent < n) {
		uint16_t burst = (uint16_t)RTE_MIN(BURST, n - sent);

		assert_int_equal(rte_eth_tx_burst(port, 0, held + sent, burst), burst);
		sent += burst;
	}
}

/*
 * Taken on one lcore until the pool is dry, received and freed on another one: they
 * must be there again for the first, though the other may cache some.
 */
static void
ring_between_lcores(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, CACHE);
	uint16_t port = port_begin("net_ring0", "", pool);

	(void)state;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t n = take_all(pool);

		assert_in_range(n, PAGES - 2 * CACHE, PAGES);
		send_all(port, n);
		assert_int_equal(rte_eal_remote_launch(receive_and_free, &port, 1), 0);
		assert_int_equal(rte_eal_wait_lcore(1), n);
		assert_int_equal(rte_mempool_avail_count(pool), PAGES);
	}
	port_end(port);
	pool_end(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_recovers),
		cmocka_unit_test(null_needs_a_whole_burst),
		cmocka_unit_test(ring_between_lcores),
	};
	int failed;

	if (eal_begin() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eal_end();
	return failed;
}
