/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <time.h>

#include "alloc.h"
#include "pool_private.h"

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint32_t
labyrinth_alloc_wait(struct labyrinth_owner *owner, unsigned int gfp, labyrinth_page *page,
	uint32_t n, uint64_t timeout_us)
{
	const struct timespec slice = { .tv_nsec = LABYRINTH_WAIT_SLICE_US * 1000 };
	unsigned int flags = LABYRINTH_GFP_KERNEL | (gfp & ~(unsigned int)LABYRINTH_GFP_CLASS);
	struct labyrinth_pool *pool = owner->pool;
	uint32_t got = lab_alloc_try(owner, flags, page, n);
	uint64_t start, end;

	if (got == n)
		return got;
	start = now_us();
	end = timeout_us < UINT64_MAX - start ? start + timeout_us : UINT64_MAX;
	/* relaxed: frees that miss it are seen by the next look */
	atomic_fetch_add_explicit(&pool->waiters, 1, memory_order_relaxed);
	/* What we cache ourselves must not keep us waiting for it. */
	labyrinth_owner_flush(owner);
	while (now_us() < end && (got = lab_alloc_try(owner, flags, page, n)) != n)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &slice, NULL);
	/* the last look at the deadline, counted if it fails */
	if (got != n)
		got = labyrinth_alloc_bulk(owner, flags, page, n);
	atomic_fetch_sub_explicit(&pool->waiters, 1, memory_order_relaxed);
	return got;
}
