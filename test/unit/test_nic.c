/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: the card delivers each frame at its time, or says why not, to the frame.
 */
#include <errno.h>

#include "nic_fixture.h"
#include "wire.h"

static void
each_frame_comes_at_its_time_and_not_before(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 512, 1, 128);
	rig_start(&rig);
	assert_int_equal(rig_receive(&rig, 0, 32), 0);
	for (uint64_t n = 1; n <= 1000; n++) {
		labyrinth_nic_clock_advance(rig.nic, PS64 - 1);
		assert_int_equal(rig_receive(&rig, 0, 32), 0);
		labyrinth_nic_clock_advance(rig.nic, 1);
		assert_int_equal(rig_receive(&rig, 0, 32), 1);
		assert_int_equal(rig_stats(&rig).ledger.offered, n);
	}
	rig_close(&rig);
}

/* A second of 100 Gb/s: 148,809,523 frames, of which the ring has room for so many. */
static void
a_second_has_148809523_frames(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 512, 1, 128);
	rig_start(&rig);
	labyrinth_nic_clock_advance(rig.nic, UINT64_C(1000000000000));
	assert_int_equal(rig_receive_all(&rig), 128);
	assert_int_equal(rig_stats(&rig).ledger.offered, 148809523);
	assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_IMISSED), 148809523 - 128);
	rig_close(&rig);
}

static void
stamps_are_the_arrivals(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_frame frame;
	struct labyrinth_seg seg[64];
	struct rig rig;

	(void)state;
	labyrinth_nic_config_imix(&config);
	config.on_us = 3;
	config.off_us = 2;
	rig_open(&rig, &config, 512, 1, 128);
	/* the clock does not begin with the card */
	labyrinth_nic_clock_advance(rig.nic, UINT64_C(5000000000));
	rig_start(&rig);
	for (uint64_t n = 0; n < 1000; n++) {
		uint64_t sending = labyrinth_nic_arrival_ps(rig.nic, n);
		uint64_t pauses = (sending - 1) / 3000000 * 2000000;
		uint64_t ns = 5000000 + (sending + pauses) / 1000;

		while (labyrinth_rx_burst(labyrinth_nic_rxq(rig.nic, 0), seg, 64, 1) == 0)
			labyrinth_nic_clock_advance(rig.nic, 1000);
		assert_true(labyrinth_frame_read(seg[0].data, &frame));
		assert_int_equal(frame.flow, n % 64);
		assert_int_equal(frame.sequence, n / 64);
		/* cut off twice: of the round and in it */
		assert_in_range(frame.stamp, ns - 1, ns);
		assert_int_equal(labyrinth_frame_arrival(
					 frame.stamp, labyrinth_nic_now_ns(rig.nic)),
			frame.stamp);
		assert_true(labyrinth_nic_now_ns(rig.nic) >= ns);
		labyrinth_seq_check_frame(&rig.check[0], &frame);
		rig.bytes += seg[0].length;
		rig.source.give(rig.source.arg, &seg[0].buffer, 1);
	}
	rig_close(&rig);
}

/* Every size from the smallest to the largest, each byte of it. */
static void
frames_of_any_size_are_whole(void **state)
{
	static const uint32_t sizes[] = { 64, 65, 68, 69, 127, 128, 129, 570, 1518, 1522,
		2051, 2052 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct labyrinth_nic_config config = virtual_config();
		struct rig rig;

		config.mix[0].size = sizes[i];
		config.mtu = 9000;
		rig_open(&rig, &config, 512, 1, 64);
		rig_start(&rig);
		labyrinth_nic_clock_advance(
			rig.nic, labyrinth_nic_arrival_ps(rig.nic, 49));
		assert_int_equal(rig_receive_all(&rig), 50);
		assert_int_equal(rig.bytes, 50 * (sizes[i] - 4));
		rig_close(&rig);
	}
}

static void
what_was_in_the_buffers_before_does_not_show(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;

	(void)state;
	config.mix[0].size = 1518;
	rig_open(&rig, &config, 128, 1, 64);
	memset(labyrinth_pool_base(rig.pool), 0xee, 128 * LABYRINTH_PAGE_SIZE);
	rig_start(&rig);
	labyrinth_nic_clock_advance(rig.nic, labyrinth_nic_arrival_ps(rig.nic, 63));
	assert_int_equal(rig_receive_all(&rig), 64);
	rig_close(&rig);
}

/* The device keeps to the room of a buffer, also with its whole lines. */
static void
nothing_is_written_beyond_the_room(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;
	uint8_t *page;

	(void)state;
	config.mix[0].size = 1518;
	config.scatter = true;
	rig_open(&rig, &config, 256, 1, 128);
	rig.source.room = 1000; /* 960 in whole lines */
	assert_int_equal(
		labyrinth_nic_set_rx_ring(rig.nic, 0, 128, &rig.source, NULL), 0);
	page = labyrinth_pool_base(rig.pool);
	memset(page, 0xee, 256 * LABYRINTH_PAGE_SIZE);
	rig_start(&rig);
	labyrinth_nic_clock_advance(rig.nic, labyrinth_nic_arrival_ps(rig.nic, 63));
	assert_int_equal(rig_receive_all(&rig), 64);
	for (uint32_t index = 1; index <= 256; index++, page += LABYRINTH_PAGE_SIZE) {
		uint32_t start = LABYRINTH_PAGE_HEADROOM + index % 31 * 64;

		for (uint32_t i = 0; i < LABYRINTH_PAGE_SIZE; i++)
			if ((i < start || i >= start + 960) && page[i] != 0xee)
				fail_msg("page %u, byte %u was written", index, i);
	}
	rig_close(&rig);
}

static void
long_frames_are_scattered(void **state)
{
	static const uint32_t sizes[] = { 2053, 4100, 9018, 16384 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct labyrinth_nic_config config = virtual_config();
		uint32_t buffers = (sizes[i] - 4 + 2047) / 2048;
		struct labyrinth_seg seg[32];
		struct rig rig;

		config.mix[0].size = sizes[i];
		config.mtu = LABYRINTH_MTU_MAX;
		config.scatter = true;
		rig_open(&rig, &config, 512, 1, 128);
		rig_start(&rig);
		labyrinth_nic_clock_advance(
			rig.nic, labyrinth_nic_arrival_ps(rig.nic, 0));
		/* too little room for the one frame that there is */
		assert_int_equal(labyrinth_rx_burst(labyrinth_nic_rxq(rig.nic, 0), seg,
					 buffers - 1, 32),
			0);
		assert_int_equal(rig_stats(&rig).ledger.in_flight, 1);
		assert_int_equal(
			labyrinth_rxq_used(labyrinth_nic_rxq(rig.nic, 0)), buffers);
		assert_int_equal(rig_receive_all(&rig), 1);
		/* round the ring a few times, one frame or several a poll */
		for (int n = 1; n < 400; n++) {
			labyrinth_nic_clock_advance(rig.nic,
				labyrinth_nic_arrival_ps(rig.nic, n % 3 == 0 ? 2 : 0));
			rig_receive_all(&rig);
		}
		assert_int_equal(rig_drops(&rig, LABYRINTH_REASON_IMISSED), 0);
		rig_close(&rig);
	}
}

/* A frame of several buffers that finds too few is missed as a whole; a shorter one after
 * it may find enough. */
static void
a_ring_nearly_full_takes_what_fits(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_rxq_stats stats;
	struct rig rig;

	(void)state;
	config.mix[0] = (struct labyrinth_frame_share){ 64, 1 };
	config.mix[1] = (struct labyrinth_frame_share){ 9018, 1 };
	config.sizes = 2;
	config.mtu = 9000;
	config.scatter = true;
	rig_open(&rig, &config, 512, 1, 64);
	rig_start(&rig);
	labyrinth_nic_clock_advance(rig.nic, UINT64_C(10000000000));
	rig_receive_all(&rig);
	stats = rig_stats(&rig);
	/* as full as can be: no short one was missed while there was a descriptor */
	assert_int_equal(stats.bytes, 60 * (stats.ledger.delivered - stats.bytes / 9014) +
					      9014 * (stats.bytes / 9014));
	assert_int_equal(stats.ledger.delivered + 4 * (stats.bytes / 9014), 64);
	rig_close(&rig);
}

static void
rss_sends_each_flow_to_its_queue(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_rss rss;
	struct rig rig;

	(void)state;
	config.flows = 1000;
	rig_open(&rig, &config, 4096, 4, 512);
	rig_start(&rig);
	for (int i = 0; i < 100; i++) {
		rig_pass(&rig, 200);
		for (uint32_t q = 0; q < 4; q++) {
			struct labyrinth_seg seg[512];
			uint32_t n = labyrinth_rx_burst(
				labyrinth_nic_rxq(rig.nic, q), seg, 512, 512);

			for (uint32_t k = 0; k < n; k++) {
				const uint8_t *data = seg[k].data;
				uint8_t input[12];

				memcpy(input, data + 26, 8);
				memcpy(input + 8, data + 34, 4);
				assert_true((seg[k].flags & LABYRINTH_SEG_RSS) != 0);
				assert_int_equal(seg[k].hash,
					labyrinth_toeplitz(
						labyrinth_rss_default_key, input, 12));
				assert_int_equal(seg[k].hash % 128 % 4, q);
				rig_look_at(&rig, q, seg + k);
			}
			rig_give_back(&rig);
		}
	}
	/* all that was sent, and roughly even */
	assert_int_equal(rig_stats(&rig).ledger.delivered, 20000);
	for (uint32_t q = 0; q < 4; q++)
		assert_in_range(rig.check[q].result.received, 4000, 6000);
	/* the table and the fields change at rest */
	labyrinth_nic_rss(rig.nic, &rss);
	assert_int_equal(labyrinth_nic_set_rss(rig.nic, &rss, NULL), -EBUSY);
	rig_close(&rig);
}

static void
the_redirection_table_is_obeyed(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct labyrinth_rxq_stats stats;
	struct labyrinth_rss rss;
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 4096, 3, 512);
	labyrinth_nic_rss(rig.nic, &rss);
	rss.fields = LABYRINTH_RSS_IPV4;
	for (uint32_t i = 0; i < LABYRINTH_RSS_RETA_SIZE; i++)
		rss.reta[i] = 2;
	assert_int_equal(labyrinth_nic_set_rss(rig.nic, &rss, NULL), 0);
	rig_start(&rig);
	rig_pass(&rig, 300);
	assert_int_equal(rig_receive_all(&rig), 300);
	assert_int_equal(rig.check[2].result.received, 300);
	labyrinth_nic_stop(rig.nic);
	/* no RSS: queue 0; sequence numbers go on, in other queues */
	rss.fields = LABYRINTH_RSS_NONE;
	assert_int_equal(labyrinth_nic_set_rss(rig.nic, &rss, NULL), 0);
	rig_start(&rig);
	rig_pass(&rig, 100);
	assert_int_equal(rig_receive(&rig, 0, 512), 100);
	labyrinth_rxq_stats(labyrinth_nic_rxq(rig.nic, 2), &stats);
	assert_int_equal(stats.ledger.offered, 300);
	labyrinth_rxq_stats(labyrinth_nic_rxq(rig.nic, 0), &stats);
	assert_int_equal(stats.ledger.offered, 100);
	labyrinth_nic_stop(rig.nic);
	/* to the checker of queue 0 those of queue 2 are missing: not for rig_close() */
	assert_int_equal(rig.check[0].result.missing, 300);
	assert_int_equal(rig_stats(&rig).ledger.offered, 400);
	labyrinth_nic_destroy(rig.nic);
	for (uint32_t q = 0; q < 3; q++)
		labyrinth_seq_check_destroy(&rig.check[q]);
	assert_int_equal(labyrinth_owner_unregister(rig.owner, NULL), 0);
	end_pool(rig.pool);
}

static void
the_wire_ends_when_all_was_sent(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;

	(void)state;
	config.frames = 777;
	config.jitter_ns = 100;
	rig_open(&rig, &config, 2048, 2, 512);
	rig_start(&rig);
	for (int i = 0; i < 20; i++) {
		rig_pass(&rig, 100);
		rig_receive_all(&rig);
	}
	assert_int_equal(rig_stats(&rig).ledger.offered, 777);
	assert_int_equal(rig_stats(&rig).ledger.delivered, 777);
	rig_close(&rig);
}

/* While it sends it sends at the full rate; in a pause nothing comes. */
static void
bursts_and_pauses(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	struct rig rig;

	(void)state;
	config.on_us = 1; /* 148.8 frames */
	config.off_us = 9;
	rig_open(&rig, &config, 1024, 1, 512);
	rig_start(&rig);
	for (uint64_t period = 1; period <= 50; period++) {
		labyrinth_nic_clock_advance(rig.nic, 1000000);
		rig_receive_all(&rig);
		assert_int_equal(rig_stats(&rig).ledger.offered, period * 1000000 / PS64);
		labyrinth_nic_clock_advance(rig.nic, 9000000);
		assert_int_equal(rig_receive_all(&rig), 0);
	}
	/* many bursts in one step */
	labyrinth_nic_clock_advance(rig.nic, 10 * 100000);
	labyrinth_nic_clock_advance(rig.nic, 49 * UINT64_C(10000000));
	rig_receive_all(&rig);
	assert_int_equal(rig_stats(&rig).ledger.offered, 100 * 1000000 / PS64);
	rig_close(&rig);
}

/* The same configuration, the same frames, however often the driver looks. */
static void
the_wire_does_not_depend_on_who_looks(void **state)
{
	struct labyrinth_nic_config config = virtual_config();
	uint64_t offered[2], random = 5;

	(void)state;
	labyrinth_nic_config_imix(&config);
	config.jitter_ns = 500;
	config.on_us = 7;
	config.off_us = 3;
	config.fault_every[LABYRINTH_FAULT_BAD_FCS] = 17;
	config.stalled = (struct labyrinth_window){ 50, 4 };
	for (int run = 0; run < 2; run++) {
		uint64_t end = UINT64_C(2000000000), at = 0;
		struct rig rig;

		rig_open(&rig, &config, 1024, 2, 256);
		rig_start(&rig);
		while (at < end) {
			uint64_t step =
				run == 0 ? 500000 : 1 + lab_random_below(&random, 900000);

			step = at + step > end ? end - at : step;
			labyrinth_nic_clock_advance(rig.nic, step);
			rig_receive_all(&rig);
			at += step;
		}
		offered[run] = rig_stats(&rig).ledger.offered;
		rig_close(&rig);
	}
	assert_int_equal(offered[0], offered[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_frame_comes_at_its_time_and_not_before),
		cmocka_unit_test(a_second_has_148809523_frames),
		cmocka_unit_test(stamps_are_the_arrivals),
		cmocka_unit_test(frames_of_any_size_are_whole),
		cmocka_unit_test(what_was_in_the_buffers_before_does_not_show),
		cmocka_unit_test(nothing_is_written_beyond_the_room),
		cmocka_unit_test(long_frames_are_scattered),
		cmocka_unit_test(a_ring_nearly_full_takes_what_fits),
		cmocka_unit_test(rss_sends_each_flow_to_its_queue),
		cmocka_unit_test(the_redirection_table_is_obeyed),
		cmocka_unit_test(the_wire_ends_when_all_was_sent),
		cmocka_unit_test(bursts_and_pauses),
		cmocka_unit_test(the_wire_does_not_depend_on_who_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
