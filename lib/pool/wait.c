/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <time.h>

#include "alloc.h"
#include "wait.h"

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool
waits(const struct labyrinth_owner *owner)
{
	/* seq_cst: count, then say so; say no, then look at the counts: one sees the other */
	return atomic_load_explicit(&owner->waiting, memory_order_seq_cst) != 0;
}

static void
say_waiting(struct labyrinth_pool *pool, bool waiting)
{
	atomic_store_explicit(&pool->waiting, waiting, memory_order_seq_cst);
}

/*
 * One waits less: does anybody still? A death before the end leaves it to the reclaimer,
 * who comes here too, and to the others' next looks.
 */
static void
look_for_waiters(struct labyrinth_pool *pool)
{
	uint32_t slot;

	do {
		say_waiting(pool, false);
		slot = 1;
		while (slot <= pool->owners && !waits(&pool->owner[slot]))
			slot++;
		if (slot > pool->owners)
			return;
		say_waiting(pool, true);
		/* It may have ended its wait before we said so: then that was wrong. */
	} while (!waits(&pool->owner[slot]));
}

static void
begin_wait(struct labyrinth_owner *owner)
{
	/* RMW, since several threads may wait as one any-thread owner */
	atomic_fetch_add_explicit(&owner->waiting, 1, memory_order_seq_cst);
	say_waiting(owner->pool, true);
}

static void
end_wait(struct labyrinth_owner *owner)
{
	atomic_fetch_sub_explicit(&owner->waiting, 1, memory_order_seq_cst);
	look_for_waiters(owner->pool);
}

void
lab_wait_forget(struct labyrinth_owner *owner)
{
	atomic_store_explicit(&owner->waiting, 0, memory_order_seq_cst);
	look_for_waiters(owner->pool);
}

uint32_t
labyrinth_alloc_wait(struct labyrinth_owner *owner, unsigned int gfp, labyrinth_page *page,
	uint32_t n, uint64_t timeout_us)
{
	const struct timespec slice = { .tv_nsec = LABYRINTH_WAIT_SLICE_US * 1000 };
	unsigned int flags = LABYRINTH_GFP_KERNEL | (gfp & ~(unsigned int)LABYRINTH_GFP_CLASS);
	uint32_t got = lab_alloc_try(owner, flags, page, n);
	uint64_t start, end;

	if (got == n)
		return got;
	start = now_us();
	end = timeout_us < UINT64_MAX - start ? start + timeout_us : UINT64_MAX;
	begin_wait(owner);
	/* What we cache ourselves must not keep us waiting for it. */
	labyrinth_owner_flush(owner);
	while (now_us() < end && (got = lab_alloc_try(owner, flags, page, n)) != n) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &slice, NULL);
		/* again: who said no may have died or stopped before it saw us */
		say_waiting(owner->pool, true);
	}
	/* the last look at the deadline, counted if it fails */
	if (got != n)
		got = labyrinth_alloc_bulk(owner, flags, page, n);
	end_wait(owner);
	return got;
}
