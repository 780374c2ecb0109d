/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: what becomes of frames when pages run out, and how soon it is over. */
#include <errno.h>

#include "nic_fixture.h"
#include "wire.h"

#define RING  64u
#define PAGES 100u /* the ring, and 36 that the application may have */
#define SPARE (PAGES - RING)

static void
open_rig(struct rig *rig, enum labyrinth_rx_policy policy)
{
	struct labyrinth_nic_config config = virtual_config();

	config.policy = policy;
	rig_open(rig, &config, PAGES, 1, RING);
	rig_start(rig);
}

/* Take and keep until there is no page left, with k more frames in the ring then. */
static void
exhaust(struct rig *rig, uint32_t k)
{
	rig->keep = true;
	rig_pass(rig, SPARE + k);
	assert_int_equal(rig_receive(rig, 0, SPARE), SPARE);
	assert_int_equal(rig->holds, SPARE);
}

static void
drop_recycles_and_the_ring_stays_full(void **state)
{
	struct rig rig;

	(void)state;
	open_rig(&rig, LABYRINTH_RX_DROP);
	exhaust(&rig, 10);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE), 10);
	/* for a hundred rings of frames the card misses none: each has a descriptor */
	for (uint32_t i = 0; i < 100 * RING / 32; i++) {
		rig_pass(&rig, 32);
		assert_int_equal(rig_receive(&rig, 0, 32), 0);
		assert_int_equal(labyrinth_rxq_used(labyrinth_nic_rxq(rig.nic, 0)), 0);
	}
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE), 10 + 100 * RING);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_IMISSED), 0);
	rig_close(&rig);
}

static void
stall_leaves_frames_and_the_card_misses(void **state)
{
	struct rig rig;

	(void)state;
	open_rig(&rig, LABYRINTH_RX_STALL);
	exhaust(&rig, 10);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	assert_int_equal(labyrinth_rxq_used(labyrinth_nic_rxq(rig.nic, 0)), 10);
	rig_pass(&rig, 1000);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	/* the ring is full of frames that wait, all others were missed */
	assert_int_equal(labyrinth_rxq_used(labyrinth_nic_rxq(rig.nic, 0)), RING);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_IMISSED), 1010 - RING);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE), 0);
	assert_int_equal(rig_stats(&rig).ledger.in_flight, RING);
	assert_int_equal(rig_stats(&rig).alloc_fail, 2);
	/* those that waited come first */
	rig_give_back(&rig);
	rig.keep = false;
	assert_int_equal(rig_receive_all(&rig), RING);
	rig_close(&rig);
}

static void
wait_waits_and_then_stalls(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	uint64_t before;
	struct rig rig;

	(void)state;
	config.policy = LABYRINTH_RX_WAIT;
	config.wait_us = 30;
	rig_open(&rig, &config, PAGES, 1, RING);
	rig_start(&rig);
	exhaust(&rig, 10);
	before = labyrinth_nic_now_ns(rig.nic);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	/* 30 us of virtual time went by with waiting */
	assert_int_equal(labyrinth_nic_now_ns(rig.nic) - before, 30000);
	assert_int_equal(labyrinth_rxq_used(labyrinth_nic_rxq(rig.nic, 0)), 10);
	rig_give_back(&rig);
	rig.keep = false;
	before = labyrinth_nic_now_ns(rig.nic);
	rig_receive_all(&rig);
	assert_int_equal(labyrinth_nic_now_ns(rig.nic), before);
	rig_close(&rig);
}

/* Under the same exhaustion, while the card runs: each poll does as the policy of then says. */
static void
policy_changes_while_it_runs(void **state)
{
	struct labyrinth_error error;
	struct rig rig;

	(void)state;
	open_rig(&rig, LABYRINTH_RX_STALL);
	exhaust(&rig, 10);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE), 0);
	assert_int_equal(labyrinth_nic_set_policy(rig.nic, LABYRINTH_RX_DROP, &error), 0);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE), 10);
	assert_int_equal(labyrinth_nic_config(rig.nic)->policy, LABYRINTH_RX_DROP);
	assert_int_equal(labyrinth_nic_set_policy(rig.nic, LABYRINTH_RX_STALL, &error), 0);
	rig_pass(&rig, 7);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE), 10);
	assert_int_equal(labyrinth_rxq_used(labyrinth_nic_rxq(rig.nic, 0)), 7);
	assert_int_equal(labyrinth_nic_set_policy(rig.nic, LABYRINTH_RX_WAIT + 1, &error),
		-EINVAL);
	rig_give_back(&rig);
	rig.keep = false;
	assert_int_equal(rig_receive_all(&rig), 7);
	/* of a stopped card it is the one from the next start on */
	labyrinth_nic_stop(rig.nic);
	assert_int_equal(labyrinth_nic_set_policy(rig.nic, LABYRINTH_RX_DROP, &error), 0);
	rig_start(&rig);
	exhaust(&rig, 5);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE), 15);
	rig_close(&rig);
}

/* The pages come back while the driver waits: it goes on with them. */
static struct rig *waiting;

static uint32_t
take_late(void *arg, struct labyrinth_buffer *to, uint32_t n)
{
	static int tries;
	uint32_t got = waiting->source.take(waiting->source.arg, to, n);

	(void)arg;
	if (got < n && ++tries == 5)
		rig_give_back(waiting);
	return got;
}

static void
wait_goes_on_with_what_comes_back(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_source late;
	struct rig rig;

	(void)state;
	config.policy = LABYRINTH_RX_WAIT;
	rig_open(&rig, &config, PAGES, 1, RING);
	late = rig.source;
	late.take = take_late;
	waiting = &rig;
	assert_int_equal(labyrinth_nic_set_rx_ring(rig.nic, 0, RING, &late, NULL), 0);
	rig_start(&rig);
	exhaust(&rig, 20);
	assert_int_equal(rig_receive(&rig, 0, 32), 20);
	/* all but the two attempts that the fifth gave back for */
	assert_int_equal(labyrinth_nic_now_ns(rig.nic),
		((SPARE + 20) * PS64 + 5 * 1000000) / 1000);
	rig_close(&rig);
}

/* After any exhaustion: one page back, one frame through, in the very next poll. */
static void
one_page_back_is_one_frame_through(void **state)
{
	static const enum labyrinth_rx_policy policies[] = {
		LABYRINTH_RX_DROP,
		LABYRINTH_RX_STALL,
		LABYRINTH_RX_WAIT,
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct rig rig;

		open_rig(&rig, policies[i]);
		exhaust(&rig, 0);
		for (int round = 0; round < 200; round++) {
			rig_pass(&rig, 1);
			assert_int_equal(rig_receive(&rig, 0, 32), 0);
			rig.holds--;
			rig.source.give(rig.source.arg, &rig.held[rig.holds], 1);
			if (policies[i] == LABYRINTH_RX_DROP)
				rig_pass(&rig, 1);
			assert_int_equal(rig_receive(&rig, 0, 32), 1);
			assert_int_equal(rig.holds, SPARE);
		}
		rig_close(&rig);
	}
}

/* All back at once: a full burst in the next poll, and full rate from then on. */
static void
all_back_is_all_well(void **state)
{
	(void)state;
	for (int policy = LABYRINTH_RX_DROP; policy <= LABYRINTH_RX_WAIT; policy++) {
		struct rig rig;

		open_rig(&rig, (enum labyrinth_rx_policy)policy);
		for (int round = 0; round < 50; round++) {
			uint64_t lost;

			exhaust(&rig, 0);
			rig_pass(&rig, 500);
			assert_int_equal(rig_receive(&rig, 0, 32), 0);
			rig_give_back(&rig);
			rig.keep = false;
			rig_receive_all(&rig);
			lost = rig_lost(&rig);
			for (int i = 0; i < 100; i++) {
				rig_pass(&rig, 32);
				assert_int_equal(rig_receive(&rig, 0, 32), 32);
			}
			assert_int_equal(rig_lost(&rig), lost);
		}
		rig_close(&rig);
	}
}

/* "Up to n": with three pages left three frames get through, not none. */
static void
a_refill_takes_what_there_is(void **state)
{
	(void)state;
	for (int policy = LABYRINTH_RX_DROP; policy <= LABYRINTH_RX_WAIT; policy++) {
		struct rig rig;

		open_rig(&rig, (enum labyrinth_rx_policy)policy);
		rig.keep = true;
		rig_pass(&rig, SPARE + 13);
		assert_int_equal(rig_receive(&rig, 0, SPARE - 3), SPARE - 3);
		assert_int_equal(rig_receive(&rig, 0, 32), 3);
		assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE),
			policy == LABYRINTH_RX_DROP ? 13 : 0);
		rig_close(&rig);
	}
}

/* A frame of three buffers goes as a whole or not at all; the odd pages go back. */
static void
scattered_frames_are_dropped_whole(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_pool_stats pool;
	struct rig rig;

	(void)state;
	for (int policy = LABYRINTH_RX_DROP; policy <= LABYRINTH_RX_STALL; policy++) {
		config.policy = (enum labyrinth_rx_policy)policy;
		config.mix[0].size = 5000;
		config.mtu = 5000;
		config.scatter = true;
		rig_open(&rig, &config, RING + 11, 1, RING);
		rig_start(&rig);
		rig.keep = true;
		labyrinth_nic_clock_advance(
			rig.nic, labyrinth_nic_arrival_ps(rig.nic, 9));
		/* 11 pages are three frames and two that no frame needs */
		assert_int_equal(rig_receive(&rig, 0, 32), 3);
		labyrinth_pool_stats(rig.pool, &pool);
		assert_int_equal(pool.owned, RING + 9);
		assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE),
			policy == LABYRINTH_RX_DROP ? 7 : 0);
		assert_int_equal(labyrinth_rxq_used(labyrinth_nic_rxq(rig.nic, 0)),
			policy == LABYRINTH_RX_DROP ? 0 : 21);
		rig_give_back(&rig);
		rig.keep = false;
		rig_receive_all(&rig);
		rig_close(&rig);
	}
}

/* Anything may happen, in any order; the account is right all the same. */
static void
whatever_happens_the_account_is_right(void **state)
{
	uint64_t random = 3;

	(void)state;
	for (int policy = LABYRINTH_RX_DROP; policy <= LABYRINTH_RX_WAIT; policy++) {
		struct labyrinth_nic_config config = virtual_config();
		struct rig rig;

		labyrinth_nic_config_imix(&config);
		config.policy = (enum labyrinth_rx_policy)policy;
		config.scatter = true;
		config.wait_us = 3;
		rig_open(&rig, &config, 400, 2, RING);
		rig.source.room = 704; /* IMIX takes one, one and three */
		for (uint32_t q = 0; q < 2; q++)
			assert_int_equal(labyrinth_nic_set_rx_ring(
						 rig.nic, q, RING, &rig.source, NULL),
				0);
		rig_start(&rig);
		rig.keep = true;
		for (int i = 0; i < 30000; i++) {
			switch (lab_random_below(&random, 8)) {
			case 0:
				rig_give_back(&rig);
				break;
			case 1:
				rig_pass(&rig, lab_random_below(&random, 500));
				break;
			case 2:
				rig_pass(&rig, lab_random_below(&random, 50));
				break;
			default:
				rig_receive(&rig, (uint32_t)lab_random_below(&random, 2),
					1 + (uint32_t)lab_random_below(&random, 64));
			}
		}
		assert_true(rig_drops(&rig, LABYRINTH_REASON_IMISSED) > 0);
		assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_DROP_NO_PAGE) > 0,
			policy == LABYRINTH_RX_DROP);
		rig_close(&rig);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drop_recycles_and_the_ring_stays_full),
		cmocka_unit_test(stall_leaves_frames_and_the_card_misses),
		cmocka_unit_test(wait_waits_and_then_stalls),
		cmocka_unit_test(policy_changes_while_it_runs),
		cmocka_unit_test(wait_goes_on_with_what_comes_back),
		cmocka_unit_test(one_page_back_is_one_frame_through),
		cmocka_unit_test(all_back_is_all_well),
		cmocka_unit_test(a_refill_takes_what_there_is),
		cmocka_unit_test(scattered_frames_are_dropped_whole),
		cmocka_unit_test(whatever_happens_the_account_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
