/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "latency.h"

void
bench_latency_merge(struct bench_latency *to, const struct bench_latency *from)
{
	for (uint32_t i = 0; i < BENCH_LATENCY_BUCKETS; i++)
		to->count[i] += from->count[i];
	to->total += from->total;
	if (from->worst > to->worst)
		to->worst = from->worst;
}

/* The greatest duration in a bucket. */
static uint64_t
bucket_end(uint32_t bucket)
{
	uint32_t log = bucket >> BENCH_LATENCY_SHIFT;
	uint64_t low = bucket & ((1u << BENCH_LATENCY_SHIFT) - 1);

	if (log < 2)
		return bucket;
	log--;
	return (((UINT64_C(1) << BENCH_LATENCY_SHIFT) + low + 1) << log) - 1;
}

uint64_t
bench_latency_quantile(const struct bench_latency *latency, double part)
{
	uint64_t wanted = (uint64_t)((double)latency->total * part), seen = 0;

	for (uint32_t i = 0; i < BENCH_LATENCY_BUCKETS; i++) {
		seen += latency->count[i];
		if (seen > wanted || seen == latency->total)
			return bucket_end(i) < latency->worst ? bucket_end(i)
							      : latency->worst;
	}
	return latency->worst;
}
