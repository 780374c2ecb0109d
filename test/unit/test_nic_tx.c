/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: the sending side takes frames at the pace of its link, and no faster. */
#include "nic_fixture.h"

#define RING 64u

static struct labyrinth_nic *
open_tx(double rate, uint32_t queues)
{
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_error error = { "" };
	struct labyrinth_nic *nic;

	config.rate = rate;
	assert_int_equal(labyrinth_nic_create(&config, &nic, &error), 0);
	assert_int_equal(labyrinth_nic_set_queues(nic, 0, queues, &error), 0);
	for (uint32_t q = 0; q < queues; q++)
		assert_int_equal(labyrinth_nic_set_tx_ring(nic, q, RING, &error), 0);
	if (labyrinth_nic_start(nic, &error) != 0)
		fail_msg("%s", error.text);
	return nic;
}

static uint32_t
send_frames(struct labyrinth_nic *nic, uint32_t q, uint32_t length, uint32_t n)
{
	uint32_t lengths[256];

	for (uint32_t i = 0; i < n; i++)
		lengths[i] = length;
	return labyrinth_tx_burst(labyrinth_nic_txq(nic, q), lengths, n);
}

static void
a_full_ring_drains_at_the_pace_of_the_link(void **state)
{
	struct labyrinth_nic *nic = open_tx(100, 1);
	struct labyrinth_txq *q = labyrinth_nic_txq(nic, 0);
	struct labyrinth_txq_stats stats;

	(void)state;
	assert_true(labyrinth_txq_has_room(q, RING - 1));
	assert_false(labyrinth_txq_has_room(q, RING));
	assert_int_equal(send_frames(nic, 0, 60, 100), RING);
	assert_false(labyrinth_txq_has_room(q, 0));
	labyrinth_nic_clock_advance(nic, PS64 - 1);
	assert_int_equal(send_frames(nic, 0, 60, 100), 0);
	labyrinth_nic_clock_advance(nic, 1);
	assert_true(labyrinth_txq_has_room(q, 0));
	assert_int_equal(send_frames(nic, 0, 60, 100), 1);
	labyrinth_nic_clock_advance(nic, 10 * PS64);
	assert_int_equal(send_frames(nic, 0, 60, 100), 10);
	labyrinth_txq_stats(q, &stats);
	assert_int_equal(stats.frames, RING + 11);
	assert_int_equal(stats.bytes, 60 * (RING + 11));
	assert_int_equal(stats.full, 4);
	labyrinth_nic_destroy(nic);
}

/* Runts are padded on the wire, long frames take longer. */
static void
each_length_takes_its_time(void **state)
{
	static const struct {
		uint32_t length, wire;
	} frames[] = { { 14, 84 }, { 60, 84 }, { 61, 85 }, { 1514, 1538 },
		{ 9014, 9038 } };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct labyrinth_nic *nic = open_tx(100, 1);

		assert_int_equal(send_frames(nic, 0, frames[i].length, RING), RING);
		labyrinth_nic_clock_advance(nic, frames[i].wire * 80 * 7 - 1);
		assert_int_equal(send_frames(nic, 0, 60, 100), 6);
		labyrinth_nic_destroy(nic);
	}
}

static void
an_idle_link_saves_nothing_up(void **state)
{
	struct labyrinth_nic *nic = open_tx(100, 1);

	(void)state;
	labyrinth_nic_clock_advance(nic, UINT64_C(1000000000000));
	assert_int_equal(send_frames(nic, 0, 60, 200), RING);
	labyrinth_nic_clock_advance(nic, 3 * PS64);
	assert_int_equal(send_frames(nic, 0, 60, 200), 3);
	labyrinth_nic_destroy(nic);
}

static void
queues_share_the_link_and_a_fast_wire_has_a_fast_link(void **state)
{
	struct labyrinth_nic *nic = open_tx(400, 2);

	(void)state;
	assert_int_equal(labyrinth_nic_link_mbps(nic), 400000);
	assert_int_equal(send_frames(nic, 0, 60, RING), RING);
	assert_int_equal(send_frames(nic, 1, 60, RING), RING);
	/* 200 Gb/s each: 20 frames of the time of 10 */
	labyrinth_nic_clock_advance(nic, 10 * PS64);
	assert_int_equal(send_frames(nic, 0, 60, RING), 20);
	assert_int_equal(send_frames(nic, 1, 60, RING), 20);
	labyrinth_nic_destroy(nic);
	/* a slow wire on a 100 Gb/s link */
	nic = open_tx(1, 1);
	assert_int_equal(labyrinth_nic_link_mbps(nic), 100000);
	labyrinth_nic_destroy(nic);
}

static void
a_restart_empties_the_ring(void **state)
{
	struct labyrinth_nic *nic = open_tx(100, 1);

	(void)state;
	assert_int_equal(send_frames(nic, 0, 60, RING), RING);
	labyrinth_nic_stop(nic);
	assert_int_equal(labyrinth_nic_start(nic, NULL), 0);
	assert_int_equal(send_frames(nic, 0, 60, RING), RING);
	labyrinth_nic_destroy(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_ring_drains_at_the_pace_of_the_link),
		cmocka_unit_test(each_length_takes_its_time),
		cmocka_unit_test(an_idle_link_saves_nothing_up),
		cmocka_unit_test(queues_share_the_link_and_a_fast_wire_has_a_fast_link),
		cmocka_unit_test(a_restart_empties_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
