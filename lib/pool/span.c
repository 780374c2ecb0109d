/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "span.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define LAB_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define LAB_SANITIZED 1
#endif
#endif

/*
 * The default build is SSE4.2; the loader picks the widest that the machine has.
 * (Sanitizers do not survive the resolvers, which run before they are set up; clang 14
 * gives the resolved function another name than its declaration.)
 */
#if defined(__x86_64__) && !defined(LAB_SANITIZED) && !defined(__clang__)
#define LAB_WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define LAB_WIDE
#endif

LAB_WIDE void
lab_span_write64(uint64_t first, uint64_t *to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = first + i;
}

LAB_WIDE void
lab_span_write32(uint32_t first, uint32_t *to, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to[i] = first + i;
}

LAB_WIDE bool
lab_span_is64(uint64_t first, const uint64_t *from, uint32_t n)
{
	uint64_t off = 0;

	for (uint32_t i = 0; i < n; i++)
		off |= from[i] ^ (first + i);
	return off == 0;
}

LAB_WIDE bool
lab_span_is32(uint32_t first, const uint32_t *from, uint32_t n)
{
	uint32_t off = 0;

	for (uint32_t i = 0; i < n; i++)
		off |= from[i] ^ (first + i);
	return off == 0;
}
