/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: what cannot be is refused, with the reason and what could be. */
#include <errno.h>
#include <math.h>

#include "nic_fixture.h"

static struct labyrinth_nic_config config;
static struct labyrinth_error error;

static int
reset(void **state)
{
	(void)state;
	labyrinth_nic_config_init(&config);
	config.virtual_clock = true;
	return 0;
}

/* The configuration as it is now is refused, and the text has both words; then reset. */
static void
refused(const char *what, const char *range)
{
	struct labyrinth_nic *nic = NULL;

	memset(&error, 0, sizeof(error));
	assert_int_equal(labyrinth_nic_config_check(&config, &error), -EINVAL);
	if (strstr(error.text, what) == NULL || strstr(error.text, range) == NULL)
		fail_msg(
			"\"%s\" does not say \"%s\" and \"%s\"", error.text, what, range);
	/* it fits in the line */
	assert_true(strlen(error.text) < sizeof(error.text) - 1);
	assert_int_equal(labyrinth_nic_create(&config, &nic, NULL), -EINVAL);
	assert_null(nic);
	reset(NULL);
}

static void
accepted(void)
{
	if (labyrinth_nic_config_check(&config, &error) != 0)
		fail_msg("%s", error.text);
	reset(NULL);
}

static void
rates(void **state)
{
	(void)state;
	config.rate = 0;
	refused("rate 0", "0.001 to 1000 Gb/s");
	config.rate = -1;
	refused("rate -1", "0.001 to 1000 Gb/s");
	config.rate = 1000.1;
	refused("rate 1000.1", "0.001 to 1000 Gb/s");
	config.rate = NAN;
	refused("rate", "0.001 to 1000 Gb/s");
	config.rate = INFINITY;
	refused("rate inf", "0.001 to 1000 Gb/s");
	config.rate = LABYRINTH_RATE_MIN;
	accepted();
	config.rate = LABYRINTH_RATE_MAX;
	accepted();
}

static void
sizes(void **state)
{
	(void)state;
	config.mix[0].size = 63;
	refused("frame size 63", "64 to 16384 bytes");
	config.mix[0].size = 0;
	refused("frame size 0", "64 to 16384 bytes");
	config.mix[0].size = 16385;
	refused("frame size 16385", "64 to 16384 bytes");
	config.mix[0].size = UINT32_MAX;
	refused("frame size 4294967295", "64 to 16384 bytes");
	config.sizes = 0;
	refused("number of frame sizes 0", "1 to 16");
	config.sizes = 17;
	refused("number of frame sizes 17", "1 to 16");
	config.mix[0].share = 0;
	refused("share of a frame size 0", "1 to 256");
	config.mix[0].share = 200;
	config.mix[1] = config.mix[0];
	config.sizes = 2;
	refused("add up to 400", "at most 256");
	config.mix[0].size = 16384;
	accepted();
	labyrinth_nic_config_imix(&config);
	accepted();
}

static void
values(void **state)
{
	(void)state;
	config.flows = 0;
	refused("flows 0", "1 to 65536");
	config.flows = 65537;
	refused("flows 65537", "1 to 65536");
	config.jitter_ns = 1000001;
	refused("jitter 1000001", "1 to 1000000 ns, or 0");
	config.mtu = 45;
	refused("MTU 45", "46 to 16366 bytes");
	config.mtu = 16367;
	refused("MTU 16367", "46 to 16366 bytes");
	config.wait_us = 0;
	refused("wait 0", "1 to 1000000 us");
	config.tsc_hz = 1;
	refused("TSC frequency 1", "10000000 to 1000000000000 Hz");
	config.on_us = 5;
	refused("sending for 5 us and pausing for 0", "1 to 60000000 each, or 0 and 0");
	config.off_us = 5;
	refused("sending for 0 us and pausing for 5", "1 to 60000000 each, or 0 and 0");
	config.on_us = config.off_us = 60000001;
	refused("60000001", "1 to 60000000 each");
	config.flows = 65521;
	labyrinth_nic_config_imix(&config);
	refused("65521 flows", "1048576 frames");
}

static void
choices(void **state)
{
	(void)state;
	config.mode = 3;
	refused("mode 3", "inline, thread or driven");
	config.policy = 3;
	refused("policy 3", "drop, stall or wait");
	config.device_cpu = -2;
	refused("device CPU -2", "0 to 1023, or -1");
	config.mac[0] = 1;
	refused("address", "even first byte");
}

static void
faults(void **state)
{
	(void)state;
	for (int i = 0; i < LABYRINTH_FAULT_COUNT; i++) {
		config.fault_every[i] = 1;
		refused(labyrinth_fault_name(i), "2 to 1000000000");
		config.fault_every[i] = 1000000001;
		refused(labyrinth_fault_name(i), "2 to 1000000000");
		config.fault_every[i] = 2;
		accepted();
	}
	assert_null(labyrinth_fault_name(LABYRINTH_FAULT_COUNT));
	config.link_down = (struct labyrinth_window){ 10, 10 };
	refused("link down for 10 of every 10 us", "2 to 60000000");
	config.link_down = (struct labyrinth_window){ 0, 10 };
	refused("link down", "2 to 60000000");
	config.stalled = (struct labyrinth_window){ 60000001, 10 };
	refused("stalled", "2 to 60000000");
	config.stalled = (struct labyrinth_window){ 2, 1 };
	accepted();
}

/* ---- what a card is set up with ---- */

static void
fails(int ret, int expected, const char *what, const char *fix)
{
	assert_int_equal(ret, expected);
	if (strstr(error.text, what) == NULL || strstr(error.text, fix) == NULL)
		fail_msg("\"%s\" does not say \"%s\" and \"%s\"", error.text, what, fix);
	assert_true(strlen(error.text) < sizeof(error.text) - 1);
	memset(&error, 0, sizeof(error));
}

static void
queues_and_rings(void **state)
{
	struct labyrinth_rss rss;
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 512, 2, 128);
	fails(labyrinth_nic_set_queues(rig.nic, 65, 1, &error), -EINVAL, "65 rx",
		"0 to 64");
	fails(labyrinth_nic_set_rx_ring(rig.nic, 2, 64, &rig.source, &error), -EINVAL,
		"no rx queue 2", "has 2");
	fails(labyrinth_nic_set_rx_ring(rig.nic, 0, 100, &rig.source, &error), -EINVAL,
		"ring of 100", "power of two from 32 to 32768");
	fails(labyrinth_nic_set_rx_ring(rig.nic, 0, 16, &rig.source, &error), -EINVAL,
		"ring of 16", "power of two from 32 to 32768");
	fails(labyrinth_nic_set_tx_ring(rig.nic, 0, 64, &error), -EINVAL, "no tx queue 0",
		"has 0");
	/* more descriptors than pages */
	fails(labyrinth_nic_set_rx_ring(rig.nic, 0, 1024, &rig.source, &error), -EINVAL,
		"ring of 1024", "512 buffers");
	rig.source.room = 63;
	fails(labyrinth_nic_set_rx_ring(rig.nic, 0, 64, &rig.source, &error), -EINVAL,
		"63 bytes are too small", "64 or more");
	labyrinth_nic_rss(rig.nic, &rss);
	rss.reta[77] = 2;
	fails(labyrinth_nic_set_rss(rig.nic, &rss, &error), -EINVAL, "entry 77",
		"the card has 2");
	rss.reta[77] = 0;
	rss.fields = 9;
	fails(labyrinth_nic_set_rss(rig.nic, &rss, &error), -EINVAL, "fields 9", "IPv4");
	fails(labyrinth_nic_set_mtu(rig.nic, 20000, &error), -EINVAL, "MTU 20000",
		"46 to 16366");
	fails(labyrinth_nic_set_mac(rig.nic, (const uint8_t[6]){ 0xff }, &error), -EINVAL,
		"address", "even");
	rig_close(&rig);
}

static void
nothing_is_set_up_while_it_is_started(void **state)
{
	struct labyrinth_rss rss;
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 512, 1, 128);
	labyrinth_nic_rss(rig.nic, &rss);
	rig_start(&rig);
	fails(labyrinth_nic_start(rig.nic, &error), -EBUSY, "is started",
		"stop it first");
	fails(labyrinth_nic_set_queues(rig.nic, 1, 1, &error), -EBUSY, "is started",
		"stop");
	fails(labyrinth_nic_set_rx_ring(rig.nic, 0, 64, &rig.source, &error), -EBUSY,
		"is started", "stop");
	fails(labyrinth_nic_set_rss(rig.nic, &rss, &error), -EBUSY, "is started", "stop");
	fails(labyrinth_nic_set_mtu(rig.nic, 1500, &error), -EBUSY, "is started", "stop");
	fails(labyrinth_nic_set_scatter(rig.nic, true, &error), -EBUSY, "is started",
		"stop");
	fails(labyrinth_nic_set_mac(rig.nic, config.mac, &error), -EBUSY, "is started",
		"stop");
	rig_close(&rig);
}

static void
a_frame_longer_than_the_mtu_does_not_start(void **state)
{
	struct rig rig;

	(void)state;
	config.mix[0].size = 1519;
	rig_open(&rig, &config, 512, 1, 128);
	fails(labyrinth_nic_start(rig.nic, &error), -EINVAL, "1519 bytes",
		"64 to 1518, or an MTU of 1501");
	assert_int_equal(labyrinth_nic_set_mtu(rig.nic, 1501, &error), 0);
	rig_start(&rig);
	rig_close(&rig);
}

static void
buffers_too_small_for_the_frames_do_not_start(void **state)
{
	struct rig rig;

	(void)state;
	config.mix[0].size = 2053;
	config.mtu = 9000;
	rig_open(&rig, &config, 512, 1, 128);
	fails(labyrinth_nic_start(rig.nic, &error), -EINVAL, "2049 bytes",
		"1 buffer of 2048");
	assert_int_equal(labyrinth_nic_set_scatter(rig.nic, true, &error), 0);
	rig_start(&rig);
	labyrinth_nic_stop(rig.nic);
	/* not in 32 either */
	rig.source.room = 64;
	assert_int_equal(
		labyrinth_nic_set_rx_ring(rig.nic, 0, 128, &rig.source, &error), 0);
	fails(labyrinth_nic_start(rig.nic, &error), -EINVAL, "2049 bytes",
		"32 buffers of 64");
	rig_close(&rig);
}

/* More queues than pages: nothing starts, and what was taken goes back. */
static void
rings_that_cannot_be_filled_do_not_start(void **state)
{
	struct rig rig;

	(void)state;
	rig_open(&rig, &config, 300, 3, 128);
	fails(labyrinth_nic_start(rig.nic, &error), -ENOMEM,
		"rx queue 2 got 44 buffers of the 128", "larger pool, smaller rings");
	assert_false(labyrinth_nic_is_started(rig.nic));
	assert_int_equal(stats_of(rig.pool).owned, 0);
	/* a queue less, and all is well */
	labyrinth_nic_clear_rx_ring(rig.nic, 2);
	fails(labyrinth_nic_start(rig.nic, &error), -EINVAL, "rx queue 2", "no ring");
	rig.queues = 2;
	labyrinth_seq_check_destroy(&rig.check[2]);
	assert_int_equal(labyrinth_nic_set_queues(rig.nic, 2, 0, &error), 0);
	for (uint32_t q = 0; q < 2; q++)
		assert_int_equal(
			labyrinth_nic_set_rx_ring(rig.nic, q, 128, &rig.source, &error),
			0);
	rig_start(&rig);
	rig_close(&rig);
}

static void
a_thread_on_a_cpu_that_is_none_does_not_start(void **state)
{
	struct rig rig;

	(void)state;
	config.mode = LABYRINTH_NIC_THREAD;
	config.device_cpu = 1023;
	rig_open(&rig, &config, 300, 1, 128);
	fails(labyrinth_nic_start(rig.nic, &error), -EINVAL, "CPU 1023", "or -1");
	assert_false(labyrinth_nic_is_started(rig.nic));
	rig_close(&rig);
}

static void
nothing_comes_of_nothing(void **state)
{
	(void)state;
	labyrinth_nic_destroy(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rates, reset),
		cmocka_unit_test_setup(sizes, reset),
		cmocka_unit_test_setup(values, reset),
		cmocka_unit_test_setup(choices, reset),
		cmocka_unit_test_setup(faults, reset),
		cmocka_unit_test_setup(queues_and_rings, reset),
		cmocka_unit_test_setup(nothing_is_set_up_while_it_is_started, reset),
		cmocka_unit_test_setup(a_frame_longer_than_the_mtu_does_not_start, reset),
		cmocka_unit_test_setup(
			buffers_too_small_for_the_frames_do_not_start, reset),
		cmocka_unit_test_setup(rings_that_cannot_be_filled_do_not_start, reset),
		cmocka_unit_test_setup(
			a_thread_on_a_cpu_that_is_none_does_not_start, reset),
		cmocka_unit_test(nothing_comes_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
