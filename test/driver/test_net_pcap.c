/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * Frames of a file through net_pcap into our pages: each arrives once, in order,
 * with all its bytes; and when pages run out, each lost frame is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "frames.h"
#include "port.h"

#define FRAMES 5000u
#define SEED   20u
#define BURST  32u

static char path[] = "/tmp/labyrinth-frames-XXXXXX";
static char args[64];

/* The expected bytes are made anew; the mbuf may be of several segments. */
static void
check_frame(const struct rte_mbuf *mbuf, uint32_t i)
{
	uint8_t expected[FRAME_MAX], copied[FRAME_MAX];
	uint32_t length = frame_make(SEED, i, expected);
	const void *bytes;

	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), length);
	bytes = rte_pktmbuf_read(mbuf, 0, length, copied);
	assert_non_null(bytes);
	assert_memory_equal(bytes, expected, length);
}

/* Receive until the file has ended. @return frames received */
static uint32_t
receive_all(uint16_t port)
{
	struct rte_mbuf *mbufs[BURST];
	uint32_t received = 0, n;

	while ((n = rte_eth_rx_burst(port, 0, mbufs, BURST)) > 0) {
		for (uint32_t i = 0; i < n; i++)
			check_frame(mbufs[i], received + i);
		rte_pktmbuf_free_bulk(mbufs, n);
		received += n;
	}
	return received;
}

static void
every_byte_arrives(void **state)
{
	struct rte_mempool *pool = pool_begin(512, 64);
	uint16_t port = port_begin("net_pcap0", args, pool);
	struct rte_eth_stats stats;

	(void)state;
	assert_int_equal(receive_all(port), FRAMES);
	assert_int_equal(rte_eth_stats_get(port, &stats), 0);
	assert_int_equal(stats.ipackets, FRAMES);
	assert_int_equal(stats.rx_nombuf, 0);
	port_end(port);
	pool_end(pool);
}

/* Frames held all at once lie in different pages: none overwrites another. */
static void
held_frames_stay(void **state)
{
	static struct rte_mbuf *mbufs[FRAMES];
	struct rte_mempool *pool = pool_begin(FRAMES, 0);
	uint16_t port = port_begin("net_pcap0", args, pool);
	uint32_t held = 0, n;

	(void)state;
	while ((n = rte_eth_rx_burst(port, 0, mbufs + held, RTE_MIN(BURST, FRAMES - held))) > 0)
		held += n;
	assert_int_equal(held, FRAMES);
	for (uint32_t i = 0; i < held; i++)
		check_frame(mbufs[i], i);
	rte_pktmbuf_free_bulk(mbufs, held);
	port_end(port);
	pool_end(pool);
}

/*
 * net_pcap has taken a frame from the file before it asks for an mbuf: without one
 * the frame is lost, and rx_nombuf counts it. All taken, then all given back.
 */
static void
lost_frames_are_counted(void **state)
{
	enum { PAGES = 100, LOST = 250 };
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = port_begin("net_pcap0", args, pool);
	struct rte_mbuf *mbufs[PAGES], *none[BURST];
	struct rte_eth_stats stats;
	uint32_t held = 0;

	(void)state;
	while (held < PAGES)
		held += rte_eth_rx_burst(port, 0, mbufs + held, RTE_MIN(BURST, PAGES - held));
	for (uint32_t i = 0; i < LOST; i++)
		assert_int_equal(rte_eth_rx_burst(port, 0, none, BURST), 0);
	for (uint32_t i = 0; i < PAGES; i++)
		check_frame(mbufs[i], i);
	rte_pktmbuf_free_bulk(mbufs, PAGES);
	assert_int_equal(rte_eth_rx_burst(port, 0, mbufs, 1), 1);
	check_frame(mbufs[0], PAGES + LOST);
	rte_pktmbuf_free(mbufs[0]);
	assert_int_equal(rte_eth_stats_get(port, &stats), 0);
	assert_int_equal(stats.rx_nombuf, LOST);
	assert_int_equal(stats.ipackets, PAGES + 1);
	port_end(port);
	pool_end(pool);
}

static int
write_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	snprintf(args, sizeof(args), "rx_pcap=%s", path);
	return frames_write_pcap(path, SEED, FRAMES) > 0 ? 0 : -1;
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_arrives),
		cmocka_unit_test(held_frames_stay),
		cmocka_unit_test(lost_frames_are_counted),
	};
	int failed;

	if (eal_begin() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, write_file, remove_file);
	eal_end();
	return failed;
}
