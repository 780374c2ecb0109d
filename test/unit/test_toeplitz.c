/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: the RSS hash has the values that Microsoft published for it. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "labyrinth_toeplitz.h"

/* "Verifying the RSS Hash Calculation", Windows driver documentation. */
static const struct {
	int family;
	const char *destination;
	uint16_t to;
	const char *source;
	uint16_t from;
	uint32_t addresses, ports;
} vectors[] = {
	{ AF_INET, "161.142.100.80", 1766, "66.9.149.187", 2794, 0x323e8fc2, 0x51ccc178 },
	{ AF_INET, "65.69.140.83", 4739, "199.92.111.2", 14230, 0xd718262a, 0xc626b0ea },
	{ AF_INET, "12.22.207.184", 38024, "24.19.198.95", 12898, 0xd2d0a5de, 0x5c2b394a },
	{ AF_INET, "209.142.163.6", 2217, "38.27.205.30", 48228, 0x82989176, 0xafc7327f },
	{ AF_INET, "202.188.127.2", 1303, "153.39.163.191", 44251, 0x5d1809c5,
		0x10e828a2 },
	{ AF_INET6, "3ffe:2501:200:3::1", 1766, "3ffe:2501:200:1fff::7", 2794, 0x2cc18cd5,
		0x40207d3d },
	{ AF_INET6, "ff02::1", 4739, "3ffe:501:8::260:97ff:fe40:efab", 14230, 0x0f0c461c,
		0xdde51bbf },
	{ AF_INET6, "fe80::200:f8ff:fe21:67cf", 38024,
		"3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, 0x4b61e985, 0x02d1feef },
};

static void
the_published_values_come_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t address = vectors[i].family == AF_INET ? 4 : 16;
		uint16_t from = htons(vectors[i].from), to = htons(vectors[i].to);
		uint8_t input[36];

		assert_int_equal(inet_pton(vectors[i].family, vectors[i].source, input), 1);
		assert_int_equal(inet_pton(vectors[i].family, vectors[i].destination,
			input + address), 1);
		memcpy(input + 2 * address, &from, 2);
		memcpy(input + 2 * address + 2, &to, 2);
		assert_int_equal(labyrinth_toeplitz(labyrinth_rss_default_key, input,
			2 * address), vectors[i].addresses);
		assert_int_equal(labyrinth_toeplitz(labyrinth_rss_default_key, input,
			2 * address + 4), vectors[i].ports);
	}
}

static void
nothing_hashes_to_nothing(void **state)
{
	const uint8_t zeroes[36] = { 0 };

	(void)state;
	assert_int_equal(labyrinth_toeplitz(labyrinth_rss_default_key, zeroes, 0), 0);
	assert_int_equal(labyrinth_toeplitz(labyrinth_rss_default_key, zeroes, 36), 0);
}

/* Each bit of the input brings the 32 bits of the key that begin at its place. */
static void
each_bit_selects_its_part_of_the_key(void **state)
{
	const uint8_t *key = labyrinth_rss_default_key;

	(void)state;
	for (unsigned int bit = 0; bit < 8 * 36; bit++) {
		uint8_t input[36] = { 0 };
		uint32_t expected = 0;

		input[bit / 8] = (uint8_t)(0x80 >> bit % 8);
		for (unsigned int k = bit; k < bit + 32; k++)
			expected = expected << 1 | (key[k / 8] >> (7 - k % 8) & 1u);
		assert_int_equal(labyrinth_toeplitz(key, input, 36), expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_values_come_out),
		cmocka_unit_test(nothing_hashes_to_nothing),
		cmocka_unit_test(each_bit_selects_its_part_of_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
