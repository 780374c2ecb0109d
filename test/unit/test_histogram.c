/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: each duration falls in a bucket that ends no more than 1/32 above it, and
 * quantiles are those of the sorted durations, to that precision.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "labyrinth_histogram.h"

#define VALUES 50000u

static struct labyrinth_histogram all, half[2];
static uint64_t value[VALUES];

static uint64_t
next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
check_bucket(uint64_t ticks)
{
	uint32_t bucket = labyrinth_histogram_bucket(ticks);
	uint64_t end = labyrinth_histogram_bucket_end(bucket);

	assert_true(bucket < LABYRINTH_HISTOGRAM_BUCKETS);
	assert_true(end >= ticks && end - ticks <= ticks / 32);
	assert_int_equal(labyrinth_histogram_bucket(end), bucket);
	if (bucket > 0)
		assert_true(labyrinth_histogram_bucket_end(bucket - 1) < ticks);
}

static void
buckets_are_narrow(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (uint64_t ticks = 0; ticks < 100000; ticks++)
		check_bucket(ticks);
	for (uint32_t i = 0; i < 100000; i++)
		check_bucket(next(&seed) >> (next(&seed) % 64));
	for (uint32_t log = 0; log < 64; log++) {
		check_bucket(UINT64_C(1) << log);
		check_bucket((UINT64_C(1) << log) - 1);
	}
	check_bucket(UINT64_MAX);
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
quantiles_are_those_of_the_values(void **state)
{
	const double parts[] = { 0, 0.001, 0.5, 0.99, 0.999, 0.9999, 1 };
	uint64_t seed = 9, sum = 0;

	(void)state;
	for (uint32_t i = 0; i < VALUES; i++) {
		value[i] = next(&seed) >> (30 + next(&seed) % 30);
		sum += value[i];
		labyrinth_histogram_add(&half[i % 2], value[i]);
	}
	labyrinth_histogram_merge(&all, &half[0]);
	labyrinth_histogram_merge(&all, &half[1]);
	qsort(value, VALUES, sizeof(value[0]), by_size);
	assert_int_equal(all.total, VALUES);
	assert_int_equal(all.sum, sum);
	assert_int_equal(all.worst, value[VALUES - 1]);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		uint32_t at = (uint32_t)(parts[i] * VALUES);
		uint64_t exact = value[at < VALUES ? at : VALUES - 1];
		uint64_t found = labyrinth_histogram_quantile(&all, parts[i]);

		assert_true(found >= exact && found - exact <= exact / 32);
	}
}

static void
nothing_has_no_quantiles(void **state)
{
	static const struct labyrinth_histogram empty;

	(void)state;
	assert_int_equal(labyrinth_histogram_quantile(&empty, 0.5), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_are_narrow),
		cmocka_unit_test(quantiles_are_those_of_the_values),
		cmocka_unit_test(nothing_has_no_quantiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
