/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_HISTOGRAM_H
#define LABYRINTH_HISTOGRAM_H

/**
 * @file
 * A histogram of durations or sizes, exact to 1/32: the kind that HdrHistogram is, of
 * which Debian 12 has no package for C. One writer; anybody may merge from it meanwhile,
 * and finds each figure a little behind the writer. It is exact at rest.
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
	uint64_t sum;  /**< of all, modulo 2^64 */
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

/** Read a figure that another thread writes. relaxed: each stands alone. */
static inline uint64_t
labyrinth_histogram_read(const uint64_t *figure)
{
	return __atomic_load_n(figure, __ATOMIC_RELAXED);
}

/** Note that @p n lasted @p ticks each. */
static inline void
labyrinth_histogram_add_n(struct labyrinth_histogram *histogram, uint64_t ticks, uint64_t n)
{
	uint64_t *count = &histogram->count[labyrinth_histogram_bucket(ticks)];

	/* relaxed: for readers, who want no order and only no tear; one writer */
	__atomic_store_n(count, *count + n, __ATOMIC_RELAXED);
	__atomic_store_n(&histogram->total, histogram->total + n, __ATOMIC_RELAXED);
	__atomic_store_n(&histogram->sum, histogram->sum + n * ticks, __ATOMIC_RELAXED);
	if (ticks > histogram->worst)
		__atomic_store_n(&histogram->worst, ticks, __ATOMIC_RELAXED);
}

static inline void
labyrinth_histogram_add(struct labyrinth_histogram *histogram, uint64_t ticks)
{
	labyrinth_histogram_add_n(histogram, ticks, 1);
}

/**
 * Add what @p from has to @p to, which is the caller's. The total is that of the buckets
 * that were read, so that quantiles are right also while @p from is written to.
 */
static inline void
labyrinth_histogram_merge(
	struct labyrinth_histogram *to, const struct labyrinth_histogram *from)
{
	uint64_t worst = labyrinth_histogram_read(&from->worst);

	for (uint32_t i = 0; i < LABYRINTH_HISTOGRAM_BUCKETS; i++) {
		uint64_t n = labyrinth_histogram_read(&from->count[i]);

		to->count[i] += n;
		to->total += n;
	}
	to->sum += labyrinth_histogram_read(&from->sum);
	if (worst > to->worst)
		to->worst = worst;
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
