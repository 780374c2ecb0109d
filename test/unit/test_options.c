/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: each option of labyrinth-rx goes where its table says, within its limits and
 * not beyond; options of testpmd that it has not are named; and no command line, however
 * mangled, does more than be refused with one line.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "option_table.h"
#include "options.h"

#define LINES     200000u
#define WORDS_MAX 6

static struct rx_options options;
static struct labyrinth_error error;

static enum rx_exit
parse(int n, const char *const *words)
{
	char *argv[WORDS_MAX + 3] = { (char *)(uintptr_t)"labyrinth-rx" };

	for (int i = 0; i < n; i++)
		argv[i + 1] = (char *)(uintptr_t)words[i];
	memset(&error, 0, sizeof(error));
	return rx_options_parse(n + 1, argv, &options, &error);
}

static enum rx_exit
parse_one(const char *name, const char *value)
{
	char word[64];

	snprintf(word, sizeof(word), "--%s", name);
	return parse(value == NULL ? 1 : 2, (const char *const[]){ word, value });
}

static uint64_t
stored(const struct rx_option *o)
{
	uint64_t value = 0;

	memcpy(&value, (const char *)&options + o->at, o->width); /* little endian */
	return value;
}

/* Others that an option cannot be without, or it would be refused for that. */
static bool
stands_alone(const struct rx_option *o)
{
	return strcmp(o->name, "absorb") != 0 && strcmp(o->name, "tx-first") != 0;
}

static void
check_number(const struct rx_option *o, const char *format)
{
	char text[32];

	snprintf(text, sizeof(text), format, o->max);
	assert_int_equal(parse_one(o->name, text), RX_OK);
	assert_true(stored(o) == o->max);
	if (o->max != UINT64_MAX) {
		snprintf(text, sizeof(text), format, o->max + 1);
		assert_int_equal(parse_one(o->name, text), RX_USAGE);
		assert_non_null(strstr(error.text, o->name));
	}
	if (o->min > 0) {
		snprintf(text, sizeof(text), format, o->min - 1);
		assert_int_equal(parse_one(o->name, text), RX_USAGE);
	}
	assert_int_equal(parse_one(o->name, "-1"), RX_USAGE);
	assert_int_equal(parse_one(o->name, "1 "), RX_USAGE);
	assert_int_equal(parse_one(o->name, ""), RX_USAGE);
}

static void
check_option(const struct rx_option *o)
{
	assert_true(rx_option_find(o->name, strlen(o->name)) == o);
	if (o->value != NULL)
		assert_int_equal(parse_one(o->name, NULL), RX_USAGE);
	if (o->kind == RX_OPTION_COUNT) {
		check_number(o, "%" PRIu64);
	} else if (o->kind == RX_OPTION_MASK) {
		check_number(o, "0x%" PRIx64);
	} else if (o->kind == RX_OPTION_FLAG && stands_alone(o)) {
		assert_int_equal(parse_one(o->name, NULL), RX_OK);
		assert_true(stored(o) == 1);
	} else if (o->kind == RX_OPTION_SECONDS) {
		assert_int_equal(parse_one(o->name, "0.5"), RX_OK);
		assert_int_equal(parse_one(o->name, "nan"), RX_USAGE);
	} else if (o->kind == RX_OPTION_TEXT) {
		assert_int_equal(parse_one(o->name, "word"), RX_OK);
		assert_int_equal(parse_one(o->name, ""), RX_USAGE);
	} else if (o->kind == RX_OPTION_OWN) {
		assert_non_null(o->read);
		assert_int_equal(parse_one(o->name, ""), RX_USAGE);
		assert_non_null(strstr(error.text, o->name));
	}
}

static void
each_option_goes_where_it_should(void **state)
{
	(void)state;
	for (const struct rx_option_group *g = rx_option_groups; g->title != NULL; g++) {
		for (const struct rx_option *o = g->options; o->name != NULL; o++) {
			/* A burst that does not fit in the pages is refused too. */
			if (strcmp(o->name, "pages") != 0 &&
				strcmp(o->name, "total-num-mbufs") != 0)
				check_option(o);
		}
	}
}

static void
names_are_unique(void **state)
{
	(void)state;
	for (const struct rx_foreign_option *f = rx_foreign_options; f->name != NULL; f++) {
		assert_null(rx_option_find(f->name, strlen(f->name)));
		assert_true(rx_foreign_option_find(f->name, strlen(f->name)) == f);
	}
}

static void
testpmd_options_are_named(void **state)
{
	(void)state;
	for (const struct rx_foreign_option *f = rx_foreign_options; f->name != NULL; f++) {
		enum rx_exit ret = parse_one(f->name, f->value ? "1" : NULL);

		assert_int_equal(ret, f->harmless != NULL ? RX_OK : RX_USAGE);
		if (ret != RX_OK)
			assert_non_null(strstr(error.text, f->name));
	}
}

/* Values as people write them. */
static void
values_are_read(void **state)
{
	(void)state;
	assert_int_equal(parse(2, (const char *const[]){ "--rxq-map",
			"(0,0,1),(0,1,2)" }), RX_OK);
	assert_int_equal(options.rxq_map.n, 2);
	assert_int_equal(rx_rxq_map_lcore(&options.rxq_map, 0, 1), 2);
	assert_int_equal(rx_rxq_map_lcore(&options.rxq_map, 1, 0), -1);
	assert_int_equal(parse_one("rxq-map", "(0,0,1),(0,0,2)"), RX_USAGE);
	assert_int_equal(parse_one("rxq-map", "(0,0,1),"), RX_USAGE);
	assert_int_equal(parse_one("rxq-map", "(0,0,1)x"), RX_USAGE);
	assert_int_equal(parse_one("portlist", "0,2-3"), RX_OK);
	assert_true(options.portmask == 0xd);
	assert_int_equal(parse_one("portlist", "3-2"), RX_USAGE);
	assert_int_equal(parse_one("eth-peer", "1,02:00:00:00:00:aa"), RX_OK);
	assert_int_equal(options.eth_peer[1].addr_bytes[5], 0xaa);
	assert_int_equal(options.eth_peer[2].addr_bytes[5], 2);
	assert_int_equal(parse_one("tx-ip", "10.0.0.1,10.0.0.2"), RX_OK);
	assert_true(options.tx_ip_src == 0x0a000001 && options.tx_ip_dst == 0x0a000002);
	assert_int_equal(parse_one("tx-udp", "7"), RX_OK);
	assert_true(options.tx_udp_src == 7 && options.tx_udp_dst == 7);
	assert_int_equal(parse_one("forward-mode", "macswap"), RX_OK);
	assert_string_equal(options.mode, "macswap");
	assert_int_equal(parse_one("hold-us", "5"), RX_OK);
	assert_string_equal(options.mode, "hold");
	assert_int_equal(parse(3, (const char *const[]){ "--hold-us", "5",
			"--forward-mode=io" }), RX_USAGE);
	assert_int_equal(parse(2, (const char *const[]){ "-i", "-a" }), RX_OK);
	assert_true(options.interactive && options.auto_start);
	assert_int_equal(parse_one("pages", "64"), RX_OK);
	assert_int_equal(parse(4, (const char *const[]){ "--pages", "64", "--burst",
			"65" }), RX_USAGE);
}

/* xorshift64: the same each time. */
static uint64_t
next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A word of a command line: an option, its value, or something of neither kind. */
static void
make_word(uint64_t *seed, char *word, size_t size)
{
	static const char *const values[] = { "0", "1", "32", "65536", "-1", "0x7", "io",
		"(0,0,1)", "(0,0,1),(1,1,2)", "0,02:00:00:00:00:01", "1.2.3.4,5.6.7.8", "9,9",
		"0-3", "1e400", "18446744073709551616", "loop", "drop", "", "-", "--" };
	const struct rx_option_group *group = rx_option_groups;
	uint64_t kind = next(seed) % 4;
	size_t options_there = 0;

	for (uint64_t skip = next(seed) % 8; skip > 0 && group[1].title != NULL; skip--)
		group++;
	while (group->options[options_there].name != NULL)
		options_there++;
	if (kind == 0)
		snprintf(word, size, "%s", values[next(seed) % 20]);
	else
		snprintf(word, size, "--%s%s%s",
			group->options[next(seed) % options_there].name,
			kind == 2 ? "=" : "", kind == 2 ? values[next(seed) % 20] : "");
	for (uint64_t n = next(seed) % 8; n > 5 && word[0] != '\0'; n--)
		word[next(seed) % strlen(word)] = (char)(1 + next(seed) % 255);
}

static void
no_command_line_does_harm(void **state)
{
	char text[WORDS_MAX][96];
	const char *words[WORDS_MAX];
	uint64_t seed = 0x1234567, refused = 0;

	(void)state;
	for (uint32_t line = 0; line < LINES; line++) {
		int n = 1 + (int)(next(&seed) % WORDS_MAX);
		enum rx_exit ret;

		for (int i = 0; i < n; i++) {
			make_word(&seed, text[i], sizeof(text[i]));
			words[i] = text[i];
		}
		ret = parse(n, words);
		assert_true(ret == RX_OK || ret == RX_USAGE);
		assert_true(ret == RX_OK || error.text[0] != '\0');
		refused += ret != RX_OK;
	}
	assert_in_range(refused, LINES / 10, LINES - LINES / 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_goes_where_it_should),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(testpmd_options_are_named),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(no_command_line_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
