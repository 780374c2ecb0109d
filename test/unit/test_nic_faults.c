/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: faults on request: as many as asked for, counted by kind, never more. */
#include "nic_fixture.h"

static void
one_of_every_so_many_frames_is_faulty(void **state)
{
	(void)state;
	for (int fault = 0; fault < LABYRINTH_FAULT_COUNT; fault++) {
		struct labyrinth_nic_config config = virtual_config();
		bool delivered = fault <= LABYRINTH_FAULT_BAD_UDP_CHECKSUM;
		struct labyrinth_rxq_stats stats;
		struct rig rig;

		config.fault_every[fault] = 50;
		rig_open(&rig, &config, 1024, 2, 256);
		rig_start(&rig);
		for (int i = 0; i < 500; i++) {
			rig_pass(&rig, 100);
			rig_receive_all(&rig);
			/* two in each 100: the bookkeeping is not a matter of chance */
			stats = rig_stats(&rig);
			assert_int_equal(stats.fault[fault], 2 * (i + 1));
		}
		assert_int_equal(stats.ledger.delivered, 50000 - (delivered ? 0 : 1000));
		assert_int_equal(rig_lost(&rig), delivered ? 0 : 1000);
		rig_close(&rig);
	}
}

static void
each_kind_has_a_reason_of_its_own(void **state)
{
	static const struct {
		enum labyrinth_fault fault;
		enum labyrinth_reason reason;
	} kinds[] = {
		{ LABYRINTH_FAULT_BAD_FCS, LABYRINTH_REASON_BAD_FCS },
		{ LABYRINTH_FAULT_TRUNCATED, LABYRINTH_REASON_TRUNCATED },
		{ LABYRINTH_FAULT_OVERSIZE, LABYRINTH_REASON_OVERSIZE },
	};
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_rxq_stats stats;
	struct rig rig;

	(void)state;
	for (int fault = 0; fault < LABYRINTH_FAULT_COUNT; fault++)
		config.fault_every[fault] = 10 + (uint32_t)fault;
	labyrinth_nic_config_imix(&config);
	config.scatter = true;
	rig_open(&rig, &config, 4096, 3, 256);
	rig_start(&rig);
	for (int i = 0; i < 1000; i++) {
		rig_pass(&rig, 300);
		rig_receive_all(&rig);
	}
	stats = rig_stats(&rig);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
			stats.ledger.drops[kinds[i].reason], stats.fault[kinds[i].fault]);
		assert_true(stats.fault[kinds[i].fault] > 0);
	}
	assert_int_equal(stats.ledger.drops[LABYRINTH_REASON_IMISSED], 0);
	/* one frame has one fault: some met, none is counted twice */
	for (int fault = 0; fault < LABYRINTH_FAULT_COUNT; fault++)
		assert_in_range(stats.fault[fault],
			stats.ledger.offered / (10 + (uint32_t)fault) * 6 / 10,
			stats.ledger.offered / (10 + (uint32_t)fault) + 1);
	rig_close(&rig);
}

/* The same seed, the same frames. */
static void
which_frames_is_up_to_the_seed(void **state)
{
	uint64_t missing[3];

	(void)state;
	for (int run = 0; run < 3; run++) {
		struct labyrinth_nic_config config = virtual_config();
		struct rig rig;

		config.fault_every[LABYRINTH_FAULT_BAD_FCS] = 100;
		config.seed = run == 2;
		rig_open(&rig, &config, 512, 1, 256);
		rig_start(&rig);
		rig_pass(&rig, 100);
		rig_receive_all(&rig);
		missing[run] = 0;
		for (uint32_t flow = 0; flow < 64; flow++)
			if (rig.check[0].flow[flow].next != (flow < 36 ? 2 : 1))
				missing[run] = flow + 1;
		rig_pass(&rig, 200);
		rig_receive_all(&rig);
		assert_int_equal(rig_lost(&rig), 3);
		rig_close(&rig);
	}
	assert_int_equal(missing[0], missing[1]);
	assert_int_not_equal(missing[0], missing[2]);
}

/* A driver that never comes must not make the device's work grow without end. */
static void
a_full_ring_misses_the_faulty_too(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_rxq_stats stats;
	struct rig rig;

	(void)state;
	config.fault_every[LABYRINTH_FAULT_BAD_FCS] = 2;
	rig_open(&rig, &config, 512, 1, 64);
	rig_start(&rig);
	rig_pass(&rig, UINT64_C(10000000000));
	rig_receive_all(&rig);
	stats = rig_stats(&rig);
	assert_int_equal(stats.ledger.delivered, 64);
	assert_in_range(stats.fault[LABYRINTH_FAULT_BAD_FCS], 62, 66);
	/* and goes on as before */
	rig_pass(&rig, 100);
	rig_receive_all(&rig);
	rig_pass(&rig, 100);
	rig_receive_all(&rig);
	assert_in_range(rig_stats(&rig).ledger.delivered, 64 + 99, 64 + 101);
	rig_close(&rig);
}

static void
windows_take_what_arrives_in_them(void **state)
{
	static const struct {
		bool link;
		enum labyrinth_reason reason;
	} kinds[] = {
		{ true, LABYRINTH_REASON_LINK_DOWN },
		{ false, LABYRINTH_REASON_STALLED },
	};
	const struct labyrinth_window window = { .every_us = 100, .for_us = 20 };
	const uint64_t us = 1000000;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct labyrinth_nic_config config = virtual_config();
		struct rig rig;
		uint64_t lost = 0;

		*(kinds[i].link ? &config.link_down : &config.stalled) = window;
		rig_open(&rig, &config, 1024, 1, 512);
		rig_start(&rig);
		for (uint64_t t = 1; t <= 1000; t++) {
			labyrinth_nic_clock_advance(rig.nic, us);
			rig_receive_all(&rig);
			if ((t - 1) % 100 >= 80)
				lost += t * us / PS64 - (t - 1) * us / PS64;
			assert_int_equal(rig_drops(&rig, kinds[i].reason), lost);
			assert_int_equal(labyrinth_nic_link_is_up(rig.nic),
				!kinds[i].link || t % 100 < 80);
		}
		assert_int_equal(rig_lost(&rig), lost);
		/* ten of them in one step, as exactly: the ring's 512 are all that is
		 * there */
		labyrinth_nic_clock_advance(rig.nic, 1000 * us);
		assert_int_equal(rig_receive_all(&rig), 512);
		for (uint64_t t = 1080; t < 2000; t += 100)
			lost += (t + 20) * us / PS64 - t * us / PS64;
		assert_int_equal(rig_drops(&rig, kinds[i].reason), lost);
		rig_close(&rig);
	}
}

static void
by_hand_too(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 1024, 1, 512);
	assert_false(labyrinth_nic_link_is_up(rig.nic)); /* not started */
	rig_start(&rig);
	assert_true(labyrinth_nic_link_is_up(rig.nic));
	rig_pass(&rig, 10);
	assert_int_equal(rig_receive_all(&rig), 10);
	labyrinth_nic_set_link(rig.nic, false);
	assert_false(labyrinth_nic_link_is_up(rig.nic));
	rig_pass(&rig, 20);
	assert_int_equal(rig_receive_all(&rig), 0);
	labyrinth_nic_set_link(rig.nic, true);
	labyrinth_nic_set_stalled(rig.nic, true);
	rig_pass(&rig, 40);
	assert_int_equal(rig_receive_all(&rig), 0);
	labyrinth_nic_set_stalled(rig.nic, false);
	rig_pass(&rig, 80);
	assert_int_equal(rig_receive_all(&rig), 80);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_LINK_DOWN), 20);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_STALLED), 40);
	rig_close(&rig);
}

/* Frames that a window took are past, also the faulty ones among them. */
static void
after_a_window_faults_go_on_where_they_are(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;

	(void)state;
	config.fault_every[LABYRINTH_FAULT_BAD_FCS] = 50;
	rig_open(&rig, &config, 1024, 1, 512);
	rig_start(&rig);
	for (uint64_t round = 1; round <= 20; round++) {
		labyrinth_nic_set_stalled(rig.nic, true);
		rig_pass(&rig, 1000);
		assert_int_equal(rig_receive_all(&rig), 0);
		labyrinth_nic_set_stalled(rig.nic, false);
		rig_pass(&rig, 100);
		assert_int_equal(rig_receive_all(&rig), 98);
		assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_BAD_FCS), 2 * round);
		assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_STALLED), 1000 * round);
	}
	rig_close(&rig);
}

/* What the driver has not taken when the port stops. */
static void
stopping_counts_what_is_left_and_starting_goes_on(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;

	(void)state;
	config.fault_every[LABYRINTH_FAULT_OVERSIZE] = 7;
	rig_open(&rig, &config, 1024, 1, 512);
	for (uint64_t run = 1; run <= 20; run++) {
		struct labyrinth_rxq_stats stats;

		rig_start(&rig);
		rig_pass(&rig, 91);
		assert_int_equal(rig_receive(&rig, 0, 50), 50);
		/* and what the device would have seen only at the next poll */
		rig_pass(&rig, 21);
		labyrinth_nic_stop(rig.nic);
		stats = rig_stats(&rig);
		assert_int_equal(stats.ledger.offered, run * 112);
		assert_int_equal(stats.ledger.delivered, run * 50);
		assert_int_equal(stats.ledger.drops[LABYRINTH_REASON_OVERSIZE], run * 16);
		assert_int_equal(stats.ledger.drops[LABYRINTH_REASON_STOPPED], run * 46);
		assert_int_equal(stats.ledger.in_flight, 0);
		/* while it is stopped nothing is sent */
		rig_pass(&rig, 1000);
	}
	rig_close(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_every_so_many_frames_is_faulty),
		cmocka_unit_test(each_kind_has_a_reason_of_its_own),
		cmocka_unit_test(which_frames_is_up_to_the_seed),
		cmocka_unit_test(a_full_ring_misses_the_faulty_too),
		cmocka_unit_test(windows_take_what_arrives_in_them),
		cmocka_unit_test(by_hand_too),
		cmocka_unit_test(after_a_window_faults_go_on_where_they_are),
		cmocka_unit_test(stopping_counts_what_is_left_and_starting_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
