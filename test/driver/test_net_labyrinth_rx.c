/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * Frames of the simulated wire through its ethdev: each arrives whole, once and in order,
 * or is counted under the reason for which it was lost; and a port that ran out of mbufs
 * receives again with the first that comes back, under each policy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "labyrinth_frame.h"
#include "labyrinth_nic.h"
#include "labyrinth_seq_check.h"
#include "port.h"
#include "wire.h"

#define PAGES  1024u
#define RING   256u
#define BURST  32u
#define FLOWS  64u  /* of a wire that is not told otherwise */
#define ROUNDS 50u

/** A second without a frame: the wire has ended. */
#define SILENCE_S 1u

/** Whatever receives frames: counts them, and looks at each. */
struct receiver {
	uint16_t port;
	uint32_t length;  /**< expected, 0: any */
	uint64_t frames;
	uint64_t bad_ip, bad_udp;
	struct labyrinth_seq_check seq;
};

static void
receiver_begin(struct receiver *r, uint16_t port, uint32_t flows)
{
	*r = (struct receiver){ .port = port };
	assert_int_equal(labyrinth_seq_check_create(&r->seq, flows, NULL), 0);
}

/* Bytes of all segments, and what the mbuf says of itself. */
static void
look_at(struct receiver *r, const struct rte_mbuf *m)
{
	uint8_t copied[LABYRINTH_FRAME_MAX];
	const uint8_t *data = rte_pktmbuf_read(m, 0, m->pkt_len, copied);
	const char *wrong;

	assert_int_equal(m->port, r->port);
	assert_int_equal(rte_mbuf_check(m, 1, &wrong), 0);
	if (r->length != 0)
		assert_int_equal(m->pkt_len, r->length);
	if ((m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_BAD)
		r->bad_ip++;
	else if ((m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) ==
		 RTE_MBUF_F_RX_L4_CKSUM_BAD)
		r->bad_udp++;
	else if ((wrong = labyrinth_frame_check(data, m->pkt_len)) != NULL)
		fail_msg("frame %lu: %s", (unsigned long)r->frames, wrong);
	labyrinth_seq_check_data(&r->seq, data);
	r->frames++;
}

static uint16_t
receive(struct receiver *r, uint16_t queue)
{
	struct rte_mbuf *mbufs[BURST];
	uint16_t n = rte_eth_rx_burst(r->port, queue, mbufs, BURST);

	for (uint16_t i = 0; i < n; i++)
		look_at(r, mbufs[i]);
	rte_pktmbuf_free_bulk(mbufs, n);
	return n;
}

/* Receive until the wire has sent all @p frames, delivered or lost. */
static void
receive_all(struct receiver *r, uint64_t frames)
{
	struct labyrinth_ledger ledger;

	do {
		while (receive(r, 0) != 0)
			;
		wire_ledger(r->port, &ledger);
	} while (ledger.offered < frames || ledger.in_flight != 0);
	assert_int_equal(ledger.offered, frames);
	assert_int_equal(ledger.delivered, r->frames);
}

/* The counters of the card and the numbers in the frames tell the same story. */
static void
receiver_end(struct receiver *r, uint64_t frames)
{
	const struct labyrinth_seq_result *seq = &r->seq.result;
	struct labyrinth_ledger ledger;

	wire_check(r->port);
	wire_ledger(r->port, &ledger);
	labyrinth_seq_check_end(&r->seq, frames);
	assert_int_equal(seq->received, r->frames);
	assert_int_equal(seq->twice, 0);
	assert_int_equal(seq->out_of_order, 0);
	assert_int_equal(seq->ancient, 0);
	assert_int_equal(seq->invented, 0);
	assert_int_equal(seq->missing, labyrinth_ledger_dropped(&ledger));
	labyrinth_seq_check_destroy(&r->seq);
}

static void
receives_all(struct rte_mempool *pool, const char *args, const struct wire_setup *setup,
	uint32_t length, uint64_t frames)
{
	struct receiver r;
	char all[256];

	snprintf(all, sizeof(all), "%s,frames=%lu", args, (unsigned long)frames);
	receiver_begin(&r, wire_begin(all, setup, pool), FLOWS);
	r.length = length;
	receive_all(&r, frames);
	receiver_end(&r, frames);
	port_end(r.port);
}

static void
every_frame_is_whole(void **state)
{
	const struct wire_setup chained = { .rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER };
	struct rte_mempool *ours = pool_begin(PAGES, 64);
	struct rte_mempool *ring = ring_pool_begin(PAGES, RTE_MBUF_DEFAULT_BUF_SIZE);

	(void)state;
	receives_all(ours, "rate=1", NULL, 60, 100000);
	receives_all(ring, "rate=1", NULL, 60, 100000);
	receives_all(ours, "rate=1,mode=thread", NULL, 60, 100000);
	receives_all(ours, "rate=10,size=1518", NULL, 1514, 50000);
	receives_all(ring, "rate=10,size=imix,seed=7,jitter_ns=5000", NULL, 0, 100000);
	receives_all(ours, "rate=10,size=imix", &chained, 0, 100000);
	receives_all(ours, "rate=100,on_us=50,off_us=500", NULL, 60, 100000);
	pool_end(ours);
	ring_pool_end(ring);
}

/* A frame that does not fit in a buffer takes several; the last one holds the rest. */
static void
jumbo_frames_are_chained(void **state)
{
	const struct wire_setup setup = { .mtu = 9000,
		.rx_offloads = RTE_ETH_RX_OFFLOAD_SCATTER };
	struct rte_mempool *pools[] = { pool_begin(PAGES, 64),
		ring_pool_begin(PAGES, RTE_MBUF_DEFAULT_BUF_SIZE) };

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(pools); i++) {
		uint16_t port = wire_begin("rate=10,size=9018", &setup, pools[i]);
		struct rte_mbuf *m;

		while (rte_eth_rx_burst(port, 0, &m, 1) == 0)
			;
		assert_int_equal(m->pkt_len, 9014);
		assert_int_equal(m->nb_segs, 5);
		assert_int_equal(m->data_len, 2048);
		assert_int_equal(rte_pktmbuf_lastseg(m)->data_len, 9014 - 4 * 2048);
		rte_pktmbuf_free(m);
		port_end(port);
		receives_all(pools[i], "rate=10,size=64+9018", &setup, 0, 10000);
		receives_all(pools[i], "rate=10,size=9018,mode=thread", &setup, 9014, 3000);
	}
	pool_end(pools[0]);
	ring_pool_end(pools[1]);
}

/* Faults that are delivered are marked, those of the MAC are lost and counted. */
static void
faults_are_marked_or_counted(void **state)
{
	const struct wire_setup setup = { .rx_offloads = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM |
							 RTE_ETH_RX_OFFLOAD_UDP_CKSUM };
	struct rte_mempool *pool = pool_begin(PAGES, 64);
	struct labyrinth_ledger ledger;
	struct rte_eth_stats stats;
	struct receiver r;

	(void)state;
	receiver_begin(&r,
		wire_begin("rate=1,frames=100000,bad_ip_checksum=100,bad_udp_checksum=90,"
			   "bad_fcs=80,truncated=70,oversize=60",
			&setup, pool),
		FLOWS);
	receive_all(&r, 100000);
	wire_ledger(r.port, &ledger);
	assert_true(r.bad_ip > 0 && r.bad_udp > 0);
	assert_true(wire_xstat(r.port, "rx_fault_bad_ip_checksum") >= r.bad_ip);
	assert_true(wire_xstat(r.port, "rx_fault_bad_udp_checksum") >= r.bad_udp);
	assert_true(ledger.drops[LABYRINTH_REASON_BAD_FCS] > 0);
	assert_true(ledger.drops[LABYRINTH_REASON_TRUNCATED] > 0);
	assert_true(ledger.drops[LABYRINTH_REASON_OVERSIZE] > 0);
	assert_int_equal(rte_eth_stats_get(r.port, &stats), 0);
	assert_int_equal(stats.ierrors,
		ledger.drops[LABYRINTH_REASON_BAD_FCS] +
			ledger.drops[LABYRINTH_REASON_TRUNCATED] +
			ledger.drops[LABYRINTH_REASON_OVERSIZE]);
	receiver_end(&r, 100000);
	port_end(r.port);
	pool_end(pool);
}

static struct rte_mbuf *held[PAGES];

/* Hold all there is to be had. @return mbufs */
static uint32_t
take_all(struct rte_mempool *pool)
{
	uint32_t n = 0;

	while (n < PAGES && (held[n] = rte_pktmbuf_alloc(pool)) != NULL)
		n++;
	return n;
}

/* With @p spare mbufs in the pool a burst of a full ring brings as many, at once. */
static void
brings_what_there_is(uint16_t port, struct rte_mempool *pool, uint32_t spare)
{
	struct rte_mbuf *mbufs[BURST];
	uint32_t n = take_all(pool);

	assert_int_equal(n, PAGES - RING);
	for (uint32_t i = 0; i < 10; i++) {
		wire_wait();
		assert_int_equal(rte_eth_rx_burst(port, 0, mbufs, BURST), 0);
	}
	rte_pktmbuf_free_bulk(held + n - spare, spare);
	wire_wait();
	assert_int_equal(rte_eth_rx_burst(port, 0, mbufs, BURST), RTE_MIN(spare, BURST));
	assert_int_equal(rte_mempool_avail_count(pool), spare - RTE_MIN(spare, BURST));
	rte_pktmbuf_free_bulk(mbufs, RTE_MIN(spare, BURST));
	rte_pktmbuf_free_bulk(held, n - spare);
	assert_int_equal(rte_mempool_avail_count(pool), PAGES - RING);
}

static void
exhausted(struct rte_mempool *pool, const char *policy, bool loses_frames)
{
	char args[64];
	uint16_t port;

	snprintf(args, sizeof(args), "rate=100,wait_us=1,policy=%s", policy);
	port = wire_begin(args, NULL, pool);
	for (uint32_t round = 0; round < ROUNDS; round++)
		brings_what_there_is(port, pool, 1 + round);
	assert_true(wire_xstat(port, "rx_alloc_fail") >= ROUNDS * 10);
	assert_int_equal(wire_xstat(port, "rx_drop_no_page") > 0, loses_frames);
	assert_int_equal(rte_eth_dev_stop(port), 0);
	wire_check(port);
	assert_int_equal(rte_mempool_avail_count(pool), PAGES);
	assert_int_equal(rte_eth_dev_start(port), 0);
	port_end(port);
}

static void
exhaustion_ends_at_once(void **state)
{
	struct rte_mempool *pools[] = { pool_begin(PAGES, 0),
		ring_pool_begin(PAGES, RTE_MBUF_DEFAULT_BUF_SIZE) };

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(pools); i++) {
		exhausted(pools[i], "drop", true);
		exhausted(pools[i], "stall", false);
		exhausted(pools[i], "wait", false);
	}
	pool_end(pools[0]);
	ring_pool_end(pools[1]);
}

/*
 * A frame dropped for want of an mbuf leaves its own in the ring, which stays full of
 * fresh frames; stalled frames stay, and are the oldest when there are mbufs again.
 */
static void
policies_differ_in_what_is_lost(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 0);
	struct labyrinth_frame before, after;
	struct rte_mbuf *m;
	bool stall = false;

	(void)state;
	do {
		uint16_t port = wire_begin(stall ? "flows=1,policy=stall" : "flows=1", NULL,
			pool);
		uint32_t n;

		while (rte_eth_rx_burst(port, 0, &m, 1) == 0)
			;
		assert_true(labyrinth_frame_read(rte_pktmbuf_mtod(m, void *), &before));
		rte_pktmbuf_free(m);
		n = take_all(pool);
		for (uint32_t i = 0; i < 2 * RING; i++)
			assert_int_equal(rte_eth_rx_burst(port, 0, &m, 1), 0);
		rte_pktmbuf_free_bulk(held, n);
		assert_int_equal(rte_eth_rx_burst(port, 0, &m, 1), 1);
		assert_true(labyrinth_frame_read(rte_pktmbuf_mtod(m, void *), &after));
		if (stall)
			assert_int_equal(after.sequence, before.sequence + 1);
		else
			assert_true(after.sequence > before.sequence + 2 * RING);
		rte_pktmbuf_free(m);
		assert_int_equal(wire_xstat(port, "rx_drop_no_page"), stall ? 0 : 2 * RING);
		port_end(port);
	} while ((stall = !stall));
	pool_end(pool);
}

/* The wire goes on where it was; frames that stood in the ring are counted. */
static void
restarts_lose_no_count(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 64);
	struct rte_eth_stats stats;
	struct receiver r;

	(void)state;
	receiver_begin(&r, wire_begin("rate=10", NULL, pool), FLOWS);
	for (uint32_t round = 0; round < 10; round++) {
		wire_wait();
		for (uint32_t i = 0; i < 20; i++)
			receive(&r, 0);
		assert_int_equal(rte_eth_dev_stop(r.port), 0);
		assert_int_equal(rte_mempool_avail_count(pool), PAGES);
		wire_check(r.port);
		assert_int_equal(wire_xstat(r.port, "rx_in_flight"), 0);
		assert_int_equal(wire_xstat(r.port, "rx_packets"), r.frames);
		assert_int_equal(rte_eth_dev_start(r.port), 0);
	}
	assert_int_equal(rte_eth_dev_stop(r.port), 0);
	assert_true(wire_xstat(r.port, "rx_stopped") > 0);
	receiver_end(&r, wire_xstat(r.port, "rx_wire_packets"));
	assert_int_equal(rte_eth_stats_get(r.port, &stats), 0);
	assert_int_equal(stats.ibytes, r.frames * 60);
	assert_int_equal(rte_eth_dev_start(r.port), 0);
	port_end(r.port);
	pool_end(pool);
}

/* What stood in the ring at a reset counts afterwards, as what was offered does. */
static void
reset_counters_balance(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 64);
	uint16_t port = wire_begin("rate=100", NULL, pool);
	struct labyrinth_ledger ledger;
	struct rte_mbuf *m;
	uint64_t frames = 0;

	(void)state;
	wire_wait();
	while (rte_eth_rx_burst(port, 0, &m, 1) == 0)
		;
	rte_pktmbuf_free(m);
	assert_true(wire_xstat(port, "rx_in_flight") > 0);
	assert_int_equal(rte_eth_xstats_reset(port), 0);
	wire_ledger(port, &ledger);
	assert_int_equal(ledger.delivered, 0);
	assert_int_equal(ledger.offered, ledger.in_flight);
	for (uint32_t i = 0; i < 1000; i++) {
		if (rte_eth_rx_burst(port, 0, &m, 1) == 1) {
			rte_pktmbuf_free(m);
			frames++;
		}
	}
	assert_int_equal(wire_xstat(port, "rx_packets"), frames);
	wire_check(port);
	port_end(port);
	pool_end(pool);
}

/* Descriptors with frames come first; the ring counts them. */
static void
ring_tells_its_state(void **state)
{
	struct rte_mempool *pool = pool_begin(PAGES, 64);
	uint16_t port = wire_begin("rate=100,frames=100", NULL, pool);
	struct rte_mbuf *m;

	(void)state;
	wire_wait();
	assert_int_equal(rte_eth_rx_burst(port, 0, &m, 1), 1);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_eth_rx_queue_count(port, 0), 99);
	assert_int_equal(rte_eth_rx_descriptor_status(port, 0, 0), RTE_ETH_RX_DESC_DONE);
	assert_int_equal(rte_eth_rx_descriptor_status(port, 0, 98), RTE_ETH_RX_DESC_DONE);
	assert_int_equal(rte_eth_rx_descriptor_status(port, 0, 99), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(
		rte_eth_rx_descriptor_status(port, 0, RING - 1), RTE_ETH_RX_DESC_AVAIL);
	assert_int_equal(rte_eth_rx_descriptor_status(port, 0, RING), -EINVAL);
	port_end(port);
	pool_end(pool);
}

/* Each stamp is the arrival that the frame itself tells, and no later than now. */
static void
stamps_are_arrivals(void **state)
{
	const struct wire_setup setup = { .rx_offloads = RTE_ETH_RX_OFFLOAD_TIMESTAMP };
	struct rte_mempool *pool = pool_begin(PAGES, 64);
	uint16_t port = wire_begin("rate=10", &setup, pool);
	int offset = rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, NULL);
	int bit = rte_mbuf_dynflag_lookup(RTE_MBUF_DYNFLAG_RX_TIMESTAMP_NAME, NULL);
	struct labyrinth_clock clock;
	uint64_t last = 0;

	(void)state;
	labyrinth_clock_init(&clock, rte_get_tsc_hz());
	assert_true(offset >= 0 && bit >= 0);
	for (uint32_t i = 0; i < 1000;) {
		struct labyrinth_frame frame;
		rte_mbuf_timestamp_t stamp;
		struct rte_mbuf *m;

		if (rte_eth_rx_burst(port, 0, &m, 1) == 0)
			continue;
		assert_true(m->ol_flags & RTE_BIT64(bit));
		stamp = *RTE_MBUF_DYNFIELD(m, offset, rte_mbuf_timestamp_t *);
		assert_true(labyrinth_frame_read(rte_pktmbuf_mtod(m, void *), &frame));
		assert_int_equal(frame.stamp, (uint32_t)stamp);
		assert_true(stamp >= last);
		assert_true(stamp <= labyrinth_clock_ns(&clock, labyrinth_clock_ticks()));
		last = stamp;
		rte_pktmbuf_free(m);
		i++;
	}
	port_end(port);
	pool_end(pool);
}

/* A frame of 16 KiB takes 131 ms at 1 Mb/s: what is accepted is what the ring holds. */
static void
tx_is_paced_and_counted(void **state)
{
	enum { LENGTH = 16000 };
	struct rte_mempool *pool = ring_pool_begin(PAGES, LENGTH + RTE_PKTMBUF_HEADROOM);
	const struct wire_setup setup = { .rxd = 32 };
	uint16_t port = wire_begin("rate=0.001", &setup, pool);
	uint32_t mbufs = take_all(pool), sent = 0;
	struct rte_eth_stats stats;

	(void)state;
	for (uint32_t i = 0; i < mbufs; i++)
		rte_pktmbuf_append(held[i], LENGTH);
	for (uint16_t n = BURST; n != 0; sent += n)
		n = rte_eth_tx_burst(port, 0, held + sent, BURST);
	assert_true(sent >= RING && sent < RING + BURST);
	assert_int_equal(rte_mempool_avail_count(pool), sent);
	/* 33 s pass until the whole ring is free again */
	assert_int_equal(
		rte_eth_tx_descriptor_status(port, 0, RING - 1), RTE_ETH_TX_DESC_FULL);
	assert_int_equal(rte_eth_tx_descriptor_status(port, 0, RING), -EINVAL);
	assert_int_equal(rte_eth_stats_get(port, &stats), 0);
	assert_int_equal(stats.opackets, sent);
	assert_int_equal(stats.obytes, (uint64_t)sent * LENGTH);
	assert_int_equal(wire_xstat(port, "tx_q0_packets"), sent);
	rte_pktmbuf_free_bulk(held + sent, mbufs - sent);
	port_end(port);
	ring_pool_end(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_is_whole),
		cmocka_unit_test(jumbo_frames_are_chained),
		cmocka_unit_test(faults_are_marked_or_counted),
		cmocka_unit_test(exhaustion_ends_at_once),
		cmocka_unit_test(policies_differ_in_what_is_lost),
		cmocka_unit_test(restarts_lose_no_count),
		cmocka_unit_test(reset_counters_balance),
		cmocka_unit_test(ring_tells_its_state),
		cmocka_unit_test(stamps_are_arrivals),
		cmocka_unit_test(tx_is_paced_and_counted),
	};
	int failed;

	if (eal_begin() != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eal_end();
	return failed;
}
