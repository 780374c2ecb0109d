/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: lists of frame sizes are parsed, or refused; rates are those of the wire.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sizes.h"

static struct wire_size size[WIRE_SIZES_MAX];
static uint32_t sizes;

static void
the_default_is_that_of_rfc2544_and_imix(void **state)
{
	static const uint32_t bytes[] = { 64, 128, 256, 512, 1024, 1280, 1518, 0 };

	(void)state;
	assert_int_equal(
		wire_sizes_parse(WIRE_SIZES_DEFAULT, size, &sizes, NULL), BENCH_OK);
	assert_int_equal(sizes, 8);
	for (uint32_t i = 0; i < sizes; i++) {
		assert_int_equal(size[i].bytes, bytes[i]);
		assert_int_equal(size[i].largest, bytes[i] != 0 ? bytes[i] : 1518);
	}
	assert_string_equal(size[7].label, "imix");
}

static void
line_rates(void **state)
{
	(void)state;
	assert_int_equal(
		wire_sizes_parse("64,1518,imix,9018", size, &sizes, NULL), BENCH_OK);
	assert_float_equal(wire_line_rate(&size[0], 100), 148809523.8, 0.1);
	assert_float_equal(wire_line_rate(&size[1], 100), 8127438.2, 0.1);
	/* (28 × 64 + 16 × 570 + 4 × 1518) / 48 = 353.83 */
	assert_float_equal(size[2].mean, 16984 / 48.0, 1e-9);
	assert_float_equal(
		wire_line_rate(&size[2], 100), 1e11 / 8 / (16984 / 48.0 + 20), 0.1);
	for (uint32_t i = 0; i < sizes; i++)
		assert_float_equal(
			wire_bandwidth(&size[i], wire_line_rate(&size[i], 40)), 40e9, 1);
}

/* What the card makes of it is what the search counts with. */
static void
the_card_sends_at_that_rate(void **state)
{
	(void)state;
	assert_int_equal(
		wire_sizes_parse("64,imix,9018,16384", size, &sizes, NULL), BENCH_OK);
	for (uint32_t i = 0; i < sizes; i++) {
		struct labyrinth_nic_config config;

		labyrinth_nic_config_init(&config);
		wire_size_apply(&size[i], &config);
		config.rate = wire_bandwidth(&size[i], 1234567) * 1e-9;
		assert_int_equal(labyrinth_nic_config_check(&config, NULL), 0);
		assert_float_equal(
			labyrinth_nic_config_frame_rate(&config), 1234567, 1e-3);
		assert_true(config.mtu + LABYRINTH_MTU_OVERHEAD >= size[i].largest);
	}
}

static void
bad_lists_are_refused(void **state)
{
	static const char *const bad[] = { "", ",", "64,", ",64", "64,,128", "63",
		"16385", "-64", " 64", "64 ", "0x40", "64.5", "imix2", "IMIX", "64,64",
		"imix,imix", "99999999999999999999", "64;128" };
	char many[256] = "64";
	struct labyrinth_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error.text[0] = '\0';
		assert_int_equal(
			wire_sizes_parse(bad[i], size, &sizes, &error), BENCH_USAGE);
		assert_non_null(strstr(error.text, "--sizes"));
	}
	for (uint32_t i = 1; i < WIRE_SIZES_MAX; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), ",%u", 64 + i);
	assert_int_equal(wire_sizes_parse(many, size, &sizes, NULL), BENCH_OK);
	assert_int_equal(sizes, WIRE_SIZES_MAX);
	strcat(many, ",1500");
	assert_int_equal(wire_sizes_parse(many, size, &sizes, NULL), BENCH_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_that_of_rfc2544_and_imix),
		cmocka_unit_test(line_rates),
		cmocka_unit_test(the_card_sends_at_that_rate),
		cmocka_unit_test(bad_lists_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
