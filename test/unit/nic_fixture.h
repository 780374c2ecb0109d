/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef NIC_FIXTURE_H
#define NIC_FIXTURE_H

/**
 * A card on a pool of plain pages, and a receiver that looks at every byte of every frame
 * and whose account must be that of the card's ledger.
 */

#include "labyrinth_nic.h"
#include "labyrinth_seq_check.h"
#include "pool_fixture.h"

#define RIG_QUEUES 4u
/** Time of one frame of 64 bytes at 100 Gb/s. */
#define PS64 UINT64_C(6720)

struct rig {
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner;
	struct labyrinth_page_source pages;
	struct labyrinth_source source;
	struct labyrinth_nic *nic;
	uint32_t queues;
	struct labyrinth_seq_check check[RIG_QUEUES];
	uint64_t marked[LABYRINTH_FAULT_COUNT];  /**< frames with wrong checksums */
	uint64_t bytes;
	void *held[4096];                        /**< buffers kept back */
	uint32_t holds;
	bool keep;                               /**< keep all that is received */
};

/** Configuration on the virtual clock. */
static inline struct labyrinth_nic_config
virtual_config(void)
{
	struct labyrinth_nic_config config;

	labyrinth_nic_config_init(&config);
	config.virtual_clock = true;
	return config;
}

/** A pool without reserve or caches, so that the last page is to be had. */
static inline void
rig_open(struct rig *rig, const struct labyrinth_nic_config *config, uint32_t pages,
	uint32_t queues, uint32_t ring)
{
	struct labyrinth_error error = { "" };

	memset(rig, 0, sizeof(*rig));
	rig->pool = make_pool(pages, 0, LABYRINTH_NO_RESERVE);
	rig->owner = make_owner(rig->pool, "rx", NULL);
	labyrinth_page_source_init(
		&rig->pages, &rig->source, rig->pool, rig->owner, false);
	rig->queues = queues;
	if (labyrinth_nic_create(config, &rig->nic, &error) != 0 ||
		labyrinth_nic_set_queues(rig->nic, queues, 0, &error) != 0)
		fail_msg("%s", error.text);
	for (uint32_t q = 0; q < queues; q++) {
		if (labyrinth_nic_set_rx_ring(
			    rig->nic, q, ring, &rig->source, &error) != 0)
			fail_msg("%s", error.text);
		assert_int_equal(labyrinth_seq_check_create(
			&rig->check[q], config->flows, &error), 0);
	}
}

static inline void
rig_start(struct rig *rig)
{
	struct labyrinth_error error = { "" };

	if (labyrinth_nic_start(rig->nic, &error) != 0)
		fail_msg("%s", error.text);
}

/** Let @p frames frames of 64 bytes' time pass. */
static inline void
rig_pass(struct rig *rig, uint64_t frames)
{
	labyrinth_nic_clock_advance(rig->nic, frames * PS64);
}

static inline void
rig_give_back(struct rig *rig)
{
	rig->source.give(rig->source.arg, rig->held, rig->holds);
	rig->holds = 0;
}

/** One frame: every byte, and the account. @return its segments */
static inline uint32_t
rig_look_at(struct rig *rig, uint32_t q, const struct labyrinth_seg *seg)
{
	static uint8_t joined[LABYRINTH_FRAME_MAX];
	uint32_t length = 0, n = 0;
	const char *wrong;

	do {
		memcpy(joined + length, seg[n].data, seg[n].length);
		length += seg[n].length;
		assert_int_equal(seg[n].hash, seg[0].hash);
		rig->held[rig->holds++] = seg[n].buffer;
	} while ((seg[n++].flags & LABYRINTH_SEG_MORE) != 0);
	wrong = labyrinth_frame_check(joined, length);
	if ((seg[0].flags & LABYRINTH_SEG_IP_BAD) != 0) {
		assert_string_equal(wrong, "the IPv4 checksum is wrong");
		rig->marked[LABYRINTH_FAULT_BAD_IP_CHECKSUM]++;
	} else if ((seg[0].flags & LABYRINTH_SEG_UDP_BAD) != 0) {
		assert_string_equal(wrong, "the UDP checksum is wrong");
		rig->marked[LABYRINTH_FAULT_BAD_UDP_CHECKSUM]++;
	} else if (wrong != NULL) {
		fail_msg("%s", wrong);
	}
	labyrinth_seq_check_data(&rig->check[q], joined);
	rig->bytes += length;
	return n;
}

/** Poll queue @p q once for up to @p frames frames. @return how many */
static inline uint32_t
rig_receive(struct rig *rig, uint32_t q, uint32_t frames)
{
	struct labyrinth_seg seg[1024];
	struct labyrinth_rxq *rxq = labyrinth_nic_rxq(rig->nic, q);
	uint32_t n = labyrinth_rx_burst(rxq, seg, 1024, frames), got = 0;

	for (uint32_t i = 0; i < n; got++)
		i += rig_look_at(rig, q, seg + i);
	if (!rig->keep)
		rig_give_back(rig);
	return got;
}

/** Poll all queues until there is nothing. */
static inline uint64_t
rig_receive_all(struct rig *rig)
{
	uint64_t sum = 0;
	uint32_t got;

	do {
		got = 0;
		for (uint32_t q = 0; q < rig->queues; q++)
			got += rig_receive(rig, q, 32);
		sum += got;
	} while (got != 0);
	return sum;
}

static inline struct labyrinth_rxq_stats
rig_stats(const struct rig *rig)
{
	struct labyrinth_rxq_stats stats;

	labyrinth_nic_rx_stats(rig->nic, &stats);
	return stats;
}

static inline uint64_t
rig_drops(const struct rig *rig, enum labyrinth_reason reason)
{
	return rig_stats(rig).ledger.drops[reason];
}

/** Lost for any reason. */
static inline uint64_t
rig_lost(const struct rig *rig)
{
	struct labyrinth_rxq_stats stats = rig_stats(rig);

	return labyrinth_ledger_dropped(&stats.ledger);
}

/** The card's account against the receiver's, which know nothing of each other. */
static inline void
rig_balance(struct rig *rig)
{
	struct labyrinth_rxq_stats stats;
	struct labyrinth_seq_result seen;

	for (uint32_t q = 0; q < rig->queues; q++) {
		labyrinth_rxq_stats(labyrinth_nic_rxq(rig->nic, q), &stats);
		assert_int_equal(labyrinth_ledger_imbalance(&stats.ledger), 0);
		assert_int_equal(stats.ledger.in_flight, 0);
	}
	stats = rig_stats(rig);
	for (uint32_t q = 1; q < rig->queues; q++)
		labyrinth_seq_check_merge(&rig->check[0], &rig->check[q]);
	labyrinth_seq_check_end(&rig->check[0], stats.ledger.offered);
	seen = rig->check[0].result;
	assert_int_equal(seen.received, stats.ledger.delivered);
	assert_int_equal(seen.in_order, stats.ledger.delivered);
	assert_int_equal(seen.missing, labyrinth_ledger_dropped(&stats.ledger));
	assert_int_equal(seen.twice + seen.out_of_order + seen.ancient + seen.invented +
		seen.split, 0);
	assert_int_equal(rig->bytes, stats.bytes);
	for (int i = 0; i <= LABYRINTH_FAULT_BAD_UDP_CHECKSUM; i++)
		assert_int_equal(rig->marked[i], stats.fault[i]);
}

/** Stop, balance, and give all back: nothing is lost, neither frame nor page. */
static inline void
rig_close(struct rig *rig)
{
	rig_give_back(rig);
	labyrinth_nic_stop(rig->nic);
	rig_balance(rig);
	labyrinth_nic_destroy(rig->nic);
	for (uint32_t q = 0; q < rig->queues; q++)
		labyrinth_seq_check_destroy(&rig->check[q]);
	assert_int_equal(rig->pages.refused, 0);
	assert_int_equal(labyrinth_owner_unregister(rig->owner, NULL), 0);
	end_pool(rig->pool);
}

#endif /* NIC_FIXTURE_H */
