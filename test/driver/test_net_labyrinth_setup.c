/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * The simulated card as a port that is set up: what it says of itself, what it refuses,
 * with the reason, and leaves behind then (nothing), RSS, link, MTU, queues.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_byteorder.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_thash.h>
#include <rte_udp.h>

#include "labyrinth_frame.h"
#include "labyrinth_toeplitz.h"
#include "port.h"
#include "wire.h"

#define PAGES 2048u
#define BURST 32u

/* What EAL and the driver said between said_begin() and said_end(). */
static char *said;
static size_t said_size;
static FILE *said_stream;

static void
said_begin(void)
{
	said_stream = open_memstream(&said, &said_size);
	assert_non_null(said_stream);
	rte_openlog_stream(said_stream);
}

/* Of all that was said one line is the port's, and it has @p words in it. */
static void
said_end(const char *what, const char *words)
{
	uint32_t lines = 0;
	const char *line = NULL;

	rte_openlog_stream(NULL);
	fclose(said_stream);
	for (char *at = strtok(said, "\n"); at != NULL; at = strtok(NULL, "\n")) {
		if (strncmp(at, WIRE ": ", strlen(WIRE ": ")) == 0) {
			line = at;
			lines++;
		}
	}
	if (lines != 1 || strstr(line, words) == NULL)
		fail_msg("%s: %u lines, the last: %s; expected one with: %s", what, lines,
			line == NULL ? "" : line, words);
	printf("%s\n", line);
	free(said);
}

static const struct {
	const char *args;
	const char *words; /* the key, or what is allowed */
} bad_devargs[] = {
	{ "rate=0", "from 0.001 to 1000" },
	{ "rate=0.0009", "from 0.001 to 1000" },
	{ "rate=1001", "from 0.001 to 1000" },
	{ "rate=-1", "from 0.001 to 1000" },
	{ "rate=nan", "from 0.001 to 1000" },
	{ "rate=inf", "from 0.001 to 1000" },
	{ "rate=1e400", "from 0.001 to 1000" },
	{ "rate=10G", "from 0.001 to 1000" },
	{ "rate=", "rate=" },
	{ "rate", "rate: its value is missing" },
	{ "size=63", "from 64 to 16384" },
	{ "size=16385", "from 64 to 16384" },
	{ "size=0", "from 64 to 16384" },
	{ "size=-64", "from 64 to 16384" },
	{ "size=64x0", "from 64 to 16384" },
	{ "size=64x257", "add up to 256" },
	{ "size=64x200+128x57", "add up to 256" },
	{ "size=64+", "from 64 to 16384" },
	{ "size=64+63", "from 64 to 16384" },
	{ "size=64 128", "from 64 to 16384" },
	{ "size=18446744073709551680", "from 64 to 16384" },
	{ "size=1+2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17", "from 64 to 16384" },
	{ "size=jumbo", "imix" },
	{ "flows=0", "from 1 to 65536" },
	{ "flows=65537", "from 1 to 65536" },
	{ "flows=4294967297", "from 1 to 65536" },
	{ "frames=-1", "frames=-1" },
	{ "frames=9223372036854775808", "to 9223372036854775807" },
	{ "on_us=10", "pausing for 0 us is out of range: give 1 to 60000000" },
	{ "off_us=10", "sending for 0 us" },
	{ "on_us=60000001,off_us=1", "to 60000000" },
	{ "jitter_ns=1000001", "to 1000000" },
	{ "seed=18446744073709551616", "seed=" },
	{ "seed=0x1", "seed=0x1" },
	{ "headers_only=2", "from 0 to 1" },
	{ "policy=hope", "drop, stall and wait" },
	{ "policy=", "drop, stall and wait" },
	{ "wait_us=0,policy=wait", "from 1 to 1000000" },
	{ "wait_us=1000001", "from 1 to 1000000" },
	{ "mode=driven", "inline and thread" },
	{ "cpu=-1", "from 0 to 4095" },
	{ "rxq=0", "from 1 to 64" },
	{ "rxq=65", "from 1 to 64" },
	{ "txq=65", "from 1 to 64" },
	{ "bad_fcs=1", "0 for none or one of every 2" },
	{ "truncated=1000000001", "to 1000000000" },
	{ "link_down=100", "EVERY/FOR" },
	{ "link_down=100/100", "EVERY/FOR" },
	{ "link_down=100/0", "EVERY/FOR" },
	{ "stalled=60000001/1", "up to 60000000" },
	{ "stalled=5/6", "EVERY/FOR" },
	{ "sise=64", "sise: no such key, there are: rate size" },
	{ "=64", "no such key" },
	{ "colour=off", "colour: no such key" },
	{ "rate=10,rate=20", "rate: is given twice" },
	{ "a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,"
	  "a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1",
		"up to 32 pairs" },
};

/* Each is refused in one line that names what is allowed, and no port is left. */
static void
bad_devargs_are_refused(void **state)
{
	uint16_t before = rte_eth_dev_count_avail(), port;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(bad_devargs); i++) {
		said_begin();
		assert_int_not_equal(
			rte_eal_hotplug_add("vdev", WIRE, bad_devargs[i].args), 0);
		said_end(bad_devargs[i].args, bad_devargs[i].words);
		assert_int_equal(rte_eth_dev_count_avail(), before);
		assert_int_not_equal(rte_eth_dev_get_port_by_name(WIRE, &port), 0);
	}
}

static const char *const good_devargs[] = {
	"",
	"rate=0.001,size=64",
	"rate=1000,size=16384,flows=65536,frames=9223372036854775807",
	"size=imix,jitter_ns=1000000,seed=18446744073709551615,headers_only=1",
	"size=64x28+570x16+1518x4,on_us=1,off_us=60000000",
	"policy=wait,wait_us=1000000,mode=thread,cpu=0,rxq=1,txq=64",
	"bad_ip_checksum=2,bad_udp_checksum=1000000000,bad_fcs=0,truncated=3,oversize=4",
	"link_down=60000000/1,stalled=2/1",
};

static void
good_devargs_make_a_port(void **state)
{
	struct rte_eth_dev_info info;

	(void)state;
	for (size_t i = 0; i < RTE_DIM(good_devargs); i++) {
		uint16_t port = wire_probe(good_devargs[i]);

		assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
		assert_int_equal(rte_dev_remove(info.device), 0);
		assert_false(rte_eth_dev_is_valid_port(port));
	}
}

static void
port_says_what_it_is(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_begin("rxq=8,txq=4", NULL, pool);
	struct rte_eth_dev_info info;
	struct rte_eth_rxq_info rxq;
	struct rte_eth_txq_info txq;
	struct rte_eth_burst_mode mode;
	struct rte_ether_addr mac;
	uint32_t ptypes[8];

	(void)state;
	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	assert_string_equal(info.driver_name, "net_labyrinth");
	assert_int_equal(info.max_rx_queues, 8);
	assert_int_equal(info.max_tx_queues, 4);
	assert_int_equal(info.max_rx_pktlen, 16384);
	assert_int_equal(info.max_mtu, 16384 - 18);
	assert_true(info.speed_capa & RTE_ETH_LINK_SPEED_100G);
	assert_int_equal(rte_eth_macaddr_get(port, &mac), 0);
	assert_true(rte_is_valid_assigned_ether_addr(&mac));
	assert_int_equal(rte_eth_rx_queue_info_get(port, 0, &rxq), 0);
	assert_ptr_equal(rxq.mp, pool);
	assert_int_equal(rxq.nb_desc, 256);
	assert_int_equal(rte_eth_tx_queue_info_get(port, 0, &txq), 0);
	assert_int_equal(rte_eth_rx_burst_mode_get(port, 0, &mode), 0);
	assert_non_null(strstr(mode.info, "inline"));
	assert_int_equal(rte_eth_dev_get_supported_ptypes(
				 port, RTE_PTYPE_ALL_MASK, ptypes, RTE_DIM(ptypes)),
		3);
	assert_int_equal(rte_eth_promiscuous_enable(port), 0);
	assert_int_equal(rte_eth_promiscuous_get(port), 1);
	assert_int_equal(rte_eth_allmulticast_enable(port), 0);
	assert_int_equal(rte_eth_allmulticast_get(port), 1);
	port_end(port);
	pool_end(pool);
}

/* One frame of the wire. The caller frees it. */
static struct rte_mbuf *
next_frame(uint16_t port)
{
	struct rte_mbuf *m;

	while (rte_eth_rx_burst(port, 0, &m, 1) == 0)
		;
	return m;
}

static void
packet_types_are_as_asked_for(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_begin("", NULL, pool);
	struct rte_mbuf *m = next_frame(port);

	(void)state;
	assert_int_equal(m->packet_type,
		RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP);
	rte_pktmbuf_free(m);
	assert_true(
		rte_eth_dev_set_ptypes(port, RTE_PTYPE_L3_MASK, NULL, 0) >= 0);
	m = next_frame(port);
	assert_int_equal(m->packet_type, RTE_PTYPE_L3_IPV4);
	rte_pktmbuf_free(m);
	port_end(port);
	pool_end(pool);
}

/* What the frame says, hashed by DPDK's own function. */
static uint32_t
hash_of(const struct rte_mbuf *m, bool ports)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(
		m, const struct rte_ipv4_hdr *, sizeof(struct rte_ether_hdr));
	const struct rte_udp_hdr *udp = (const struct rte_udp_hdr *)(ip + 1);
	struct rte_ipv4_tuple tuple = {
		.src_addr = rte_be_to_cpu_32(ip->src_addr),
		.dst_addr = rte_be_to_cpu_32(ip->dst_addr),
		.sport = rte_be_to_cpu_16(udp->src_port),
		.dport = rte_be_to_cpu_16(udp->dst_port),
	};
	uint32_t words[sizeof(tuple) / sizeof(uint32_t)];

	/* copied: ports are not written as the words that are hashed */
	memcpy(words, &tuple, sizeof(words));
	return rte_softrss(words, ports ? RTE_THASH_V4_L4_LEN : RTE_THASH_V4_L3_LEN,
		labyrinth_rss_default_key);
}

/* Receive @p frames of all queues; each must be where hash and table put it. */
static void
check_queues(uint16_t port, const uint16_t *reta, uint16_t queues, bool ports)
{
	struct rte_mbuf *mbufs[BURST];
	uint32_t frames = 0;

	while (frames < 2000) {
		for (uint16_t q = 0; q < queues; q++) {
			uint16_t n = rte_eth_rx_burst(port, q, mbufs, BURST);

			for (uint16_t i = 0; i < n; i++) {
				uint32_t hash = hash_of(mbufs[i], ports);

				assert_true(mbufs[i]->ol_flags & RTE_MBUF_F_RX_RSS_HASH);
				assert_int_equal(mbufs[i]->hash.rss, hash);
				assert_int_equal(reta[hash % 128], q);
			}
			rte_pktmbuf_free_bulk(mbufs, n);
			frames += n;
		}
	}
}

static void
rss_follows_key_and_table(void **state)
{
	const struct wire_setup setup = { .rxq = 4,
		.rx_offloads = RTE_ETH_RX_OFFLOAD_RSS_HASH,
		.rss_hf = RTE_ETH_RSS_NONFRAG_IPV4_UDP };
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_begin("flows=1000", &setup, pool), reta[128];
	struct rte_eth_rss_reta_entry64 table[2];
	uint8_t key[LABYRINTH_RSS_KEY_SIZE];
	struct rte_eth_rss_conf conf = { .rss_key = key, .rss_key_len = sizeof(key) };

	(void)state;
	for (uint16_t i = 0; i < RTE_DIM(reta); i++)
		reta[i] = i % 4;
	check_queues(port, reta, 4, true);
	assert_int_equal(rte_eth_dev_rss_hash_conf_get(port, &conf), 0);
	assert_int_equal(conf.rss_hf, RTE_ETH_RSS_NONFRAG_IPV4_UDP);
	assert_memory_equal(key, labyrinth_rss_default_key, sizeof(key));

	/* only while it is stopped, for half the table */
	memset(table, 0, sizeof(table));
	table[1].mask = UINT64_MAX;
	for (uint16_t i = 0; i < 64; i++)
		table[1].reta[i] = reta[64 + i] = 3 - i % 2;
	assert_int_equal(rte_eth_dev_rss_reta_update(port, table, 128), -EBUSY);
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_rss_reta_update(port, table, 128), 0);
	table[0].mask = UINT64_MAX;
	assert_int_equal(rte_eth_dev_rss_reta_query(port, table, 128), 0);
	for (uint16_t i = 0; i < 128; i++)
		assert_int_equal(table[i / 64].reta[i % 64], reta[i]);
	conf = (struct rte_eth_rss_conf){ .rss_hf = RTE_ETH_RSS_IPV4 };
	assert_int_equal(rte_eth_dev_rss_hash_update(port, &conf), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	check_queues(port, reta, 4, false);
	port_end(port);
	pool_end(pool);
}

/* Without RSS all frames are those of queue 0. */
static void
no_rss_is_queue_0(void **state)
{
	const struct wire_setup setup = { .rxq = 2 };
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_begin("rate=100", &setup, pool);
	struct rte_mbuf *m;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		m = next_frame(port);
		assert_false(m->ol_flags & RTE_MBUF_F_RX_RSS_HASH);
		rte_pktmbuf_free(m);
		assert_int_equal(rte_eth_rx_burst(port, 1, &m, 1), 0);
	}
	port_end(port);
	pool_end(pool);
}

static void
link_goes_down_and_up(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_probe("rate=100");
	static const struct wire_setup setup;
	struct rte_eth_link link;
	uint64_t lost;

	(void)state;
	assert_int_equal(wire_configure(port, &setup, pool), 0);
	assert_int_equal(rte_eth_link_get_nowait(port, &link), 0);
	assert_int_equal(link.link_status, RTE_ETH_LINK_DOWN);
	assert_int_equal(rte_eth_dev_start(port), 0);
	assert_int_equal(rte_eth_link_get(port, &link), 0);
	assert_int_equal(link.link_status, RTE_ETH_LINK_UP);
	assert_int_equal(link.link_speed, RTE_ETH_SPEED_NUM_100G);
	assert_int_equal(link.link_duplex, RTE_ETH_LINK_FULL_DUPLEX);
	rte_pktmbuf_free(next_frame(port));
	assert_int_equal(rte_eth_dev_set_link_down(port), 0);
	assert_int_equal(rte_eth_link_get_nowait(port, &link), 0);
	assert_int_equal(link.link_status, RTE_ETH_LINK_DOWN);
	wire_wait();
	while (wire_xstat(port, "rx_in_flight") != 0)
		rte_pktmbuf_free(next_frame(port));
	lost = wire_xstat(port, "rx_link_down");
	wire_wait();
	assert_int_equal(rte_eth_rx_burst(port, 0, &(struct rte_mbuf *){ NULL }, 1), 0);
	assert_true(wire_xstat(port, "rx_link_down") > lost);
	assert_int_equal(rte_eth_dev_set_link_up(port), 0);
	rte_pktmbuf_free(next_frame(port));
	wire_check(port);
	port_end(port);
	pool_end(pool);
}

/* Setting up fails with the reason; what is right afterwards works. */
static void
bad_setups_are_refused(void **state)
{
	const struct wire_setup usual = { 0 }, queues = { .rxq = 9 };
	const struct wire_setup mtu = { .mtu = 9000 };
	const struct wire_setup scatter = { .mtu = 9000,
		.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER };
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	struct rte_mempool *small = ring_pool_begin(512, RTE_PKTMBUF_HEADROOM + 63);
	struct rte_eth_dev_info info;
	uint16_t port = wire_probe("size=9018,rxq=9");

	(void)state;
	said_begin();
	assert_int_equal(wire_configure(port, &queues, pool), -ENOMEM);
	said_end("more descriptors than mbufs", "more than the 2048 mbufs of pool test_pages");
	assert_int_equal(wire_configure(port, &usual, small), -EINVAL);
	assert_int_equal(wire_configure(port, &usual, pool), 0);
	said_begin();
	assert_int_equal(rte_eth_dev_start(port), -EINVAL);
	said_end("a frame longer than the MTU", "9018 bytes are longer than MTU 1500");
	assert_int_equal(wire_configure(port, &mtu, pool), 0);
	said_begin();
	assert_int_equal(rte_eth_dev_start(port), -EINVAL);
	said_end("a frame longer than a buffer", "does not fit in 1 buffer of 2048");
	assert_int_equal(rte_eth_dev_set_mtu(port, 45), -EINVAL);
	assert_int_equal(wire_configure(port, &scatter, pool), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	assert_int_equal(rte_eth_dev_set_mtu(port, 1500), -EBUSY);
	rte_pktmbuf_free(next_frame(port));
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	assert_int_equal(rte_dev_remove(info.device), 0);
	pool_end(pool);
	ring_pool_end(small);
}

/* Fewer mbufs to be had than the rings need: start fails and holds none. */
static void
start_without_mbufs_fails_whole(void **state)
{
	static struct rte_mbuf *held[PAGES];
	const struct wire_setup setup = { .rxq = 4, .rss_hf = RTE_ETH_RSS_IPV4 };
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_probe("");

	(void)state;
	assert_int_equal(wire_configure(port, &setup, pool), 0);
	for (uint32_t n = PAGES - 1023; n > 0; n--)
		held[n] = rte_pktmbuf_alloc(pool);
	said_begin();
	assert_int_equal(rte_eth_dev_start(port), -ENOMEM);
	said_end("too few mbufs", "of the 256 its ring needs");
	assert_int_equal(rte_mempool_avail_count(pool), 1023);
	rte_pktmbuf_free(held[1]);
	assert_int_equal(rte_eth_dev_start(port), 0);
	assert_int_equal(rte_mempool_avail_count(pool), 0);
	port_end(port);
	rte_pktmbuf_free_bulk(held + 2, PAGES - 1024);
	pool_end(pool);
}

/* Queues come and go; what they counted stays in the sums. */
static void
other_queues_keep_the_sums(void **state)
{
	const struct wire_setup four = { .rxq = 4, .rss_hf = RTE_ETH_RSS_NONFRAG_IPV4_UDP };
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_begin("rate=10", NULL, pool);
	struct rte_eth_stats before, after;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		rte_pktmbuf_free(next_frame(port));
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_stats_get(port, &before), 0);
	assert_int_equal(before.ipackets, 1000);
	assert_int_equal(wire_configure(port, &four, pool), 0);
	assert_int_equal(rte_eth_stats_get(port, &after), 0);
	assert_int_equal(after.ipackets, before.ipackets);
	assert_int_equal(after.ibytes, before.ibytes);
	assert_int_equal(after.imissed, before.imissed);
	wire_check(port);
	assert_int_equal(rte_eth_dev_start(port), 0);
	rte_pktmbuf_free(next_frame(port));
	assert_int_equal(wire_xstat(port, "rx_packets"), 1001);
	assert_int_equal(wire_xstat(port, "rx_q0_packets"), 1);
	wire_check(port);
	assert_int_equal(rte_eth_stats_reset(port), 0);
	assert_int_equal(wire_xstat(port, "rx_packets"), 0);
	port_end(port);
	assert_int_equal(rte_mempool_avail_count(pool), PAGES);
	pool_end(pool);
}

static void
xstats_have_distinct_names(void **state)
{
	const struct wire_setup setup = { .rxq = 2, .txq = 3 };
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_begin("", &setup, pool);
	static struct rte_eth_xstat_name names[512];
	static struct rte_eth_xstat values[512];
	int n = rte_eth_xstats_get_names(port, NULL, 0);

	(void)state;
	assert_in_range(n, 1, RTE_DIM(names));
	assert_int_equal(rte_eth_xstats_get_names(port, names, n), n);
	assert_int_equal(rte_eth_xstats_get(port, values, n), n);
	for (int i = 0; i < n; i++) {
		assert_int_equal(values[i].id, i);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(names[i].name, names[k].name);
	}
	port_end(port);
	pool_end(pool);
}

/* As DPDK's telemetry does, from a thread of its own. Room is for as many as there are. */
static void
ask_all(uint16_t port)
{
	int n = rte_eth_xstats_get_names(port, NULL, 0);
	struct rte_eth_xstat_name *names;
	struct rte_eth_xstat *values;
	struct rte_ether_addr mac;
	struct rte_eth_stats stats;
	struct rte_eth_link link;

	rte_eth_macaddr_get(port, &mac);
	rte_eth_stats_get(port, &stats);
	rte_eth_link_get_nowait(port, &link);
	if (n <= 0)
		return;
	names = calloc((size_t)n, sizeof(*names));
	values = calloc((size_t)n, sizeof(*values));
	rte_eth_xstats_get_names(port, names, (unsigned int)n);
	rte_eth_xstats_get(port, values, (unsigned int)n);
	free(names);
	free(values);
}

static struct {
	uint16_t port;
	atomic_bool stop;
	atomic_uint rounds;
} asker;

static void *
keep_asking(void *arg)
{
	(void)arg;
	/* relaxed, both: nothing is published by them */
	while (!atomic_load_explicit(&asker.stop, memory_order_relaxed)) {
		ask_all(asker.port);
		atomic_fetch_add_explicit(&asker.rounds, 1, memory_order_relaxed);
	}
	return NULL;
}

/* Queues come and go meanwhile; whoever asks gets the figures of before or after. */
static void
others_may_ask_while_queues_change(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_probe("rxq=8,txq=8");
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf = { 0 };
	pthread_t thread;
	unsigned int rounds;

	(void)state;
	asker.port = port;
	assert_int_equal(pthread_create(&thread, NULL, keep_asking, NULL), 0);
	do {
		for (uint16_t i = 0; i < 64; i++)
			assert_int_equal(rte_eth_dev_configure(
				port, 1 + i % 8, 1 + i / 8, &conf), 0);
		rounds = atomic_load_explicit(&asker.rounds, memory_order_relaxed);
	} while (rounds < 10000);
	atomic_store_explicit(&asker.stop, true, memory_order_relaxed);
	pthread_join(thread, NULL);
	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	assert_int_equal(rte_eth_dev_close(port), 0);
	assert_int_equal(rte_dev_remove(info.device), 0);
	pool_end(pool);
}

static unsigned int asked_late;

/* The driver has closed, and for ethdev the port is still there. */
static int
ask_late(uint16_t port, enum rte_eth_event_type event, void *arg, void *result)
{
	(void)event;
	(void)arg;
	(void)result;
	ask_all(port);
	assert_int_equal(rte_eth_stats_reset(port), 0);
	asked_late++;
	return 0;
}

static void
others_may_ask_until_the_port_is_gone(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	uint16_t port = wire_begin("", NULL, pool);

	(void)state;
	assert_int_equal(rte_eth_dev_callback_register(
		port, RTE_ETH_EVENT_DESTROY, ask_late, NULL), 0);
	rte_pktmbuf_free(next_frame(port));
	port_end(port);
	assert_int_equal(asked_late, 1);
	pool_end(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_devargs_are_refused),
		cmocka_unit_test(good_devargs_make_a_port),
		cmocka_unit_test(port_says_what_it_is),
		cmocka_unit_test(packet_types_are_as_asked_for),
		cmocka_unit_test(rss_follows_key_and_table),
		cmocka_unit_test(no_rss_is_queue_0),
		cmocka_unit_test(link_goes_down_and_up),
		cmocka_unit_test(bad_setups_are_refused),
		cmocka_unit_test(start_without_mbufs_fails_whole),
		cmocka_unit_test(other_queues_keep_the_sums),
		cmocka_unit_test(xstats_have_distinct_names),
		cmocka_unit_test(others_may_ask_while_queues_change),
		cmocka_unit_test(others_may_ask_until_the_port_is_gone),
	};
	int failed;

	if (eal_begin() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eal_end();
	return failed;
}
