/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

/**
 * @file
 * A histogram of durations, exact to 1/32: the kind that HdrHistogram is, of which
 * Debian 12 has no package for C. One writer; merge when it is at rest.
 */

#include <stdint.h>

#define BENCH_LATENCY_SHIFT   5u
#define BENCH_LATENCY_BUCKETS ((65u - BENCH_LATENCY_SHIFT) << BENCH_LATENCY_SHIFT)

struct bench_latency {
	uint64_t count[BENCH_LATENCY_BUCKETS];
	uint64_t total, worst;
};

/**
 * Bucket of a duration: up to 2^(shift + 1) each has its own, then each power of two
 * is divided in 2^shift.
 */
static inline uint32_t
bench_latency_bucket(uint64_t ticks)
{
	uint32_t log;

	if (ticks >> (BENCH_LATENCY_SHIFT + 1) == 0)
		return (uint32_t)ticks;
	log = 63 - (uint32_t)__builtin_clzll(ticks) - BENCH_LATENCY_SHIFT;
	return (log << BENCH_LATENCY_SHIFT) + (uint32_t)(ticks >> log);
}

static inline void
bench_latency_add(struct bench_latency *latency, uint64_t ticks)
{
	latency->count[bench_latency_bucket(ticks)]++;
	latency->total++;
	if (ticks > latency->worst)
		latency->worst = ticks;
}

/** Add what @p from has to @p to. */
void
bench_latency_merge(struct bench_latency *to, const struct bench_latency *from);

/** The least duration (upper end of its bucket) that @p part of all are within. */
uint64_t
bench_latency_quantile(const struct bench_latency *latency, double part);

#endif /* BENCH_LATENCY_H */
