/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: when which frame arrives: rates, mixes, jitter, pauses; places in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire.h"

static struct labyrinth_nic_config
config_of(double rate, uint32_t size)
{
	struct labyrinth_nic_config config;

	labyrinth_nic_config_init(&config);
	config.rate = rate;
	config.mix[0].size = size;
	return config;
}

static struct lab_wire
build(const struct labyrinth_nic_config *config)
{
	struct lab_wire wire;

	assert_int_equal(lab_wire_build(&wire, config), 0);
	return wire;
}

static void
small_frames_at_100_gbits_take_6720_ps_each(void **state)
{
	struct labyrinth_nic_config config = config_of(100, 64);
	struct lab_wire wire = build(&config);

	(void)state;
	for (uint64_t n = 0; n < 1000; n++)
		assert_int_equal(lab_wire_arrival(&wire, n), (n + 1) * 6720);
	/* a day on, nothing has added up: 12.857e12 frames */
	assert_int_equal(lab_wire_arrival(&wire, UINT64_C(12857142857142) - 1),
		UINT64_C(12857142857142) * 6720);
	assert_int_equal((uint64_t)labyrinth_nic_config_frame_rate(&config), 148809523);
	lab_wire_free(&wire);
}

static void
a_rate_that_divides_badly_does_not_drift(void **state)
{
	struct labyrinth_nic_config config = config_of(7.3, 333);
	struct lab_wire wire = build(&config);
	double each = 8 * (333.0 + 20) / 7.3 * 1000;
	double drift = (double)lab_wire_arrival(&wire, 999999) / (each * 1e6) - 1;

	(void)state;
	assert_true(drift < 1e-7 && drift > -1e-7);
	lab_wire_free(&wire);
}

/* Every period holds the shares exactly, and the order depends on the seed alone. */
static void
a_mix_is_exact_in_each_period(void **state)
{
	struct labyrinth_nic_config config = config_of(100, 64);
	struct lab_wire wire, again, other;
	uint32_t count[3] = { 0 }, differ = 0;

	(void)state;
	labyrinth_nic_config_imix(&config);
	wire = build(&config);
	again = build(&config);
	config.seed++;
	other = build(&config);
	assert_int_equal(wire.period % 192, 0);
	assert_int_equal(wire.turns * config.flows, wire.period);
	for (uint32_t i = 0; i < wire.period; i++) {
		count[wire.kind[i]]++;
		assert_int_equal(wire.kind[i], again.kind[i]);
		differ += wire.kind[i] != other.kind[i];
	}
	assert_int_equal(count[0] * 48, 28 * wire.period);
	assert_int_equal(count[1] * 48, 16 * wire.period);
	assert_int_equal(count[2] * 48, 4 * wire.period);
	assert_true(differ > 0);
	/* 80 ps a byte: 28 * 84 + 16 * 590 + 4 * 1538 bytes in 48 frames */
	assert_int_equal(wire.round_ps * 48, UINT64_C(17944) * 80 * wire.period);
	lab_wire_free(&wire);
	lab_wire_free(&again);
	lab_wire_free(&other);
}

static void
jitter_delays_and_never_overtakes(void **state)
{
	struct labyrinth_nic_config config = config_of(10, 64);
	struct lab_wire plain = build(&config), wire, again, other;
	uint64_t last = 0, late = 0, differ = 0;

	(void)state;
	config.jitter_ns = 50;
	wire = build(&config);
	again = build(&config);
	config.seed = 7;
	other = build(&config);
	for (uint64_t n = 0; n < 3 * wire.period; n++) {
		uint64_t at = lab_wire_arrival(&wire, n);
		uint64_t due = lab_wire_arrival(&plain, n);

		assert_true(at > last);
		assert_true(at >= due && at <= due + 50000 + n);
		assert_int_equal(at, lab_wire_arrival(&again, n));
		differ += at != lab_wire_arrival(&other, n);
		late += at - due;
		last = at;
	}
	/* 25 ns in the mean */
	assert_in_range(late / (3 * wire.period), 20000, 30000);
	assert_true(differ > wire.period);
	lab_wire_free(&plain);
	lab_wire_free(&wire);
	lab_wire_free(&again);
	lab_wire_free(&other);
}

static void
a_time_names_a_frame(void **state)
{
	struct labyrinth_nic_config config = config_of(100, 64);
	struct lab_wire wire;

	(void)state;
	labyrinth_nic_config_imix(&config);
	config.jitter_ns = 300;
	wire = build(&config);
	assert_int_equal(lab_wire_frames(&wire, 0), 0);
	for (uint64_t n = 0; n < 5 * wire.period; n++) {
		uint64_t at = lab_wire_arrival(&wire, n);

		assert_int_equal(lab_wire_frames(&wire, at - 1), n);
		assert_int_equal(lab_wire_frames(&wire, at), n + 1);
	}
	lab_wire_free(&wire);
}

static void
pauses_stop_the_sending_time(void **state)
{
	struct labyrinth_nic_config config = config_of(100, 64);
	struct lab_wire wire;
	const uint64_t us = LAB_PS_PER_US;

	(void)state;
	config.on_us = 3;
	config.off_us = 5;
	wire = build(&config);
	assert_int_equal(lab_wire_sending(&wire, 0), 0);
	assert_int_equal(lab_wire_sending(&wire, 2 * us), 2 * us);
	assert_int_equal(lab_wire_sending(&wire, 3 * us), 3 * us);
	assert_int_equal(lab_wire_sending(&wire, 7 * us), 3 * us);
	assert_int_equal(lab_wire_sending(&wire, 8 * us), 3 * us);
	assert_int_equal(lab_wire_sending(&wire, 8 * us + 1), 3 * us + 1);
	assert_int_equal(lab_wire_sending(&wire, 16 * us), 6 * us);
	assert_int_equal(lab_wire_pauses(&wire, 0), 0);
	assert_int_equal(lab_wire_pauses(&wire, 3 * us - 1), 0);
	assert_int_equal(lab_wire_pauses(&wire, 3 * us), 5 * us);
	assert_int_equal(lab_wire_spell_end(&wire, 0), 3 * us);
	assert_int_equal(lab_wire_spell_end(&wire, 3 * us), 6 * us);
	lab_wire_free(&wire);
}

static void
periods_that_cannot_be_are_told(void **state)
{
	struct labyrinth_nic_config config = config_of(100, 64);

	(void)state;
	config.flows = 1;
	assert_int_equal(lab_wire_period(&config), LAB_PERIOD_MIN);
	config.jitter_ns = 1;
	assert_int_equal(lab_wire_period(&config), LAB_PERIOD_JITTER);
	labyrinth_nic_config_imix(&config);
	config.flows = 65521; /* prime */
	assert_int_equal(lab_wire_period(&config), 0);
}

/* A list walked frame by frame, against a jump to the same time. */
static void
skipping_is_walking(void **state)
{
	struct labyrinth_nic_config config = config_of(100, 64);
	uint16_t queue_of[48];
	struct lab_wire wire;
	struct lab_list list;
	struct lab_cursor cursor = { 0 };
	uint64_t random = 1, time = 0, frames = 0, n = 0;

	(void)state;
	config.flows = 48;
	labyrinth_nic_config_imix(&config);
	wire = build(&config);
	for (uint32_t i = 0; i < config.flows; i++)
		queue_of[i] = i % 5 == 1;
	assert_int_equal(lab_list_build(&list, &wire, queue_of, 1), 0);
	for (int i = 0; i < 20000; i++) {
		/* small steps and large ones, and right onto a frame now and then */
		time += lab_random_below(&random, i % 7 != 0 ? 90000 : 4 * wire.round_ps);
		if (i % 3 == 0)
			time = lab_wire_arrival(&wire, lab_wire_frames(&wire, time));
		for (; lab_wire_arrival(&wire, n) <= time; n++)
			frames += queue_of[n % config.flows] == 1;
		lab_cursor_skip(&cursor, &wire, &list, time);
		assert_int_equal(lab_cursor_passed(&cursor, &list), frames);
		assert_true(cursor.start <= time);
	}
	lab_list_free(&list);
	lab_wire_free(&wire);
}

static void
lists_share_out_the_round(void **state)
{
	struct labyrinth_nic_config config = config_of(100, 64);
	uint16_t queue_of[64];
	struct lab_wire wire = build(&config);
	uint32_t sum = 0;

	(void)state;
	for (uint32_t i = 0; i < 64; i++)
		queue_of[i] = (uint16_t)(i * i % 3);
	for (uint16_t q = 0; q < 4; q++) {
		struct lab_list list;

		assert_int_equal(lab_list_build(&list, &wire, queue_of, q), 0);
		for (uint32_t i = 0; i < list.n; i++) {
			uint32_t flow = list.slot[i].header % 64;

			assert_int_equal(queue_of[flow], q);
			assert_int_equal(
				list.slot[i].at, wire.at[list.slot[i].nth * 64 + flow]);
			assert_int_equal(list.slot[i].at_ns, list.slot[i].at / 1000);
		}
		sum += list.n;
		lab_list_free(&list);
	}
	assert_int_equal(sum, wire.period);
	lab_wire_free(&wire);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_frames_at_100_gbits_take_6720_ps_each),
		cmocka_unit_test(a_rate_that_divides_badly_does_not_drift),
		cmocka_unit_test(a_mix_is_exact_in_each_period),
		cmocka_unit_test(jitter_delays_and_never_overtakes),
		cmocka_unit_test(a_time_names_a_frame),
		cmocka_unit_test(pauses_stop_the_sending_time),
		cmocka_unit_test(periods_that_cannot_be_are_told),
		cmocka_unit_test(skipping_is_walking),
		cmocka_unit_test(lists_share_out_the_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
