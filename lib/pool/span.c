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
 * (Sanitizers do not survive the resolvers, which run before they are set up.)
 */
#if defined(__x86_64__) && !defined(LAB_SANITIZED)
#define LAB_WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#define LAB_LOAD(word)	       (*(const uint64_t *)(word))
#define LAB_STORE(word, value) (*(uint64_t *)(word) = (value))
#else
#define LAB_WIDE
/* relaxed: the caller's next release store publishes them */
#define LAB_LOAD(word)	       atomic_load_explicit((word), memory_order_relaxed)
#define LAB_STORE(word, value) atomic_store_explicit((word), (value), memory_order_relaxed)
#endif

LAB_WIDE void
lab_span_emit(_Atomic uint64_t *word, uint32_t first, labyrinth_page *page, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint64_t next = (LAB_LOAD(&word[i]) + 1) & UINT32_MAX;

		LAB_STORE(&word[i], next);
		page[i] = next << 32 | (uint32_t)(first + i + 1);
	}
}

LAB_WIDE bool
lab_span_matches(const _Atomic uint64_t *word, uint32_t first, const labyrinth_page *page,
	uint32_t n)
{
	uint64_t off = 0;

	for (uint32_t i = 0; i < n; i++)
		off |= page[i] ^ (LAB_LOAD(&word[i]) << 32 | (uint32_t)(first + i + 1));
	return off == 0;
}

LAB_WIDE bool
lab_span_ascends(uint32_t first, const uint32_t *index, uint32_t n)
{
	uint32_t off = 0;

	for (uint32_t i = 0; i < n; i++)
		off |= index[i] ^ (first + i + 1);
	return off == 0;
}
