/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_HISTOGRAM_H
#define LABYRINTH_HISTOGRAM_H

/**
 * @file
 * A histogram of durations, exact to 1/32: the kind that HdrHistogram is, of which
 * Debian 12 has no package for C. One writer; merge and read when it is at rest.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Each power of two is divided in 2^shift buckets. */
#define LABYRINTH_HISTOGRAM_SHIFT   5u
#define LABYRINTH_HISTOGRAM_BUCKETS \
	((65u - LABYRINTH_HISTOGRAM_SHIFT) << LABYRINTH_HISTOGRAM_SHIFT)

/** Zeroes are an empty one. */
struct labyrinth_histogram {
	uint64_t count[LABYRINTH_HISTOGRAM_BUCKETS];
	uint64_t total, worst;
};

/**
 * Bucket of a duration: up to 2^(shift + 1) each has its own, then each power of two
 * is divided in 2^shift.
 */
static inline uint32_t
labyrinth_histogram_bucket(uint64_t ticks)
{
	uint32_t log;

	if (ticks >> (LABYRINTH_HISTOGRAM_SHIFT + 1) == 0)
		return (uint32_t)ticks;
	log = 63 - (uint32_t)__builtin_clzll(ticks) - LABYRINTH_HISTOGRAM_SHIFT;
	return (log << LABYRINTH_HISTOGRAM_SHIFT) + (uint32_t)(ticks >> log);
}

static inline void
labyrinth_histogram_add(struct labyrinth_histogram *histogram, uint64_t ticks)
{
	histogram->count[labyrinth_histogram_bucket(ticks)]++;
	histogram->total++;
	if (ticks > histogram->worst)
		histogram->worst = ticks;
}

/** Add what @p from has to @p to. */
static inline void
labyrinth_histogram_merge(
	struct labyrinth_histogram *to, const struct labyrinth_histogram *from)
{
	for (uint32_t i = 0; i < LABYRINTH_HISTOGRAM_BUCKETS; i++)
		to->count[i] += from->count[i];
	to->total += from->total;
	if (from->worst > to->worst)
		to->worst = from->worst;
}

/** The greatest duration in a bucket. */
static inline uint64_t
labyrinth_histogram_bucket_end(uint32_t bucket)
{
	uint32_t log = bucket >> LABYRINTH_HISTOGRAM_SHIFT;
	uint64_t low = bucket & ((1u << LABYRINTH_HISTOGRAM_SHIFT) - 1);

	if (log < 2)
		return bucket;
	log--;
	return (((UINT64_C(1) << LABYRINTH_HISTOGRAM_SHIFT) + low + 1) << log) - 1;
}

/** The least duration (upper end of its bucket) that @p part of all are within. */
static inline uint64_t
labyrinth_histogram_quantile(const struct labyrinth_histogram *histogram, double part)
{
	uint64_t wanted = (uint64_t)((double)histogram->total * part), seen = 0;

	for (uint32_t i = 0; i < LABYRINTH_HISTOGRAM_BUCKETS; i++) {
		uint64_t end = labyrinth_histogram_bucket_end(i);

		seen += histogram->count[i];
		if (seen > wanted || seen == histogram->total)
			return end < histogram->worst ? end : histogram->worst;
	}
	return histogram->worst;
}

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_HISTOGRAM_H */
