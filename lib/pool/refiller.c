/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "depot.h"
#include "wipe.h"

#define ROWS_OF_EXTENT (LABYRINTH_EXTENT_PAGES / LAB_ROW_PAGES)
#define POLL_US_DEFAULT 1000u
#define QUIET_MS_DEFAULT 5000u

/** The thread and what it was told; the pool points to it while it runs. */
struct lab_refiller {
	struct labyrinth_refiller_config config;
	struct labyrinth_pool *pool;
	pthread_t thread;
	_Atomic bool stop;
};

/* ---- one extent ---- */

static bool
extent_is_offline(const struct labyrinth_pool *pool, uint32_t extent)
{
	return lab_row_load(&pool->row[extent * ROWS_OF_EXTENT]).state == LAB_ROW_OFFLINE;
}

static size_t
offset_of(uint32_t extent)
{
	return (size_t)extent * LABYRINTH_EXTENT_SIZE;
}

static int
tell_online(const struct lab_refiller *refiller, void *address)
{
	if (refiller == NULL || refiller->config.online == NULL)
		return 0;
	return refiller->config.online(refiller->config.arg, address, LABYRINTH_EXTENT_SIZE);
}

static void
tell_offline(const struct lab_refiller *refiller, void *address)
{
	if (refiller != NULL && refiller->config.offline != NULL)
		refiller->config.offline(refiller->config.arg, address, LABYRINTH_EXTENT_SIZE);
}

static int
bring_online(struct labyrinth_pool *pool, uint32_t extent, struct labyrinth_error *error)
{
	char *address = pool->base + offset_of(extent);
	int ret = lab_backing_online(&pool->backing, offset_of(extent), LABYRINTH_EXTENT_SIZE,
		error);

	if (ret != 0)
		return ret;
	ret = tell_online(pool->refiller, address);
	if (ret != 0) {
		lab_backing_offline(&pool->backing, offset_of(extent), LABYRINTH_EXTENT_SIZE);
		return labyrinth_fail(error, ret, "the online callback refused new memory");
	}
	lab_wipe_new(pool, extent * LABYRINTH_EXTENT_PAGES, LABYRINTH_EXTENT_PAGES);
	lab_depot_begin(&pool->owner[0]);
	for (uint32_t i = 0; i < ROWS_OF_EXTENT; i++)
		lab_depot_online(pool, extent * ROWS_OF_EXTENT + i);
	lab_depot_unreserve(&pool->depot[0], LABYRINTH_EXTENT_PAGES);
	lab_depot_end(&pool->owner[0]);
	lab_count(&pool->grows, 1);
	return 0;
}

/* All rows of the extent or none. */
static bool
rows_offline(struct labyrinth_pool *pool, uint32_t extent)
{
	uint32_t first = extent * ROWS_OF_EXTENT, done = 0;

	while (done < ROWS_OF_EXTENT && lab_depot_offline(pool, first + done))
		done++;
	if (done == ROWS_OF_EXTENT)
		return true;
	while (done > 0)
		lab_depot_online(pool, first + --done);
	return false;
}

/* Leaves the depot at high, so that it does not ask for the extent back at once. */
static bool
take_offline(struct labyrinth_pool *pool, uint32_t extent)
{
	bool gone;

	lab_depot_begin(&pool->owner[0]);
	gone = lab_depot_reserve(&pool->depot[0], pool->watermarks.high, LABYRINTH_EXTENT_PAGES);
	if (gone && !rows_offline(pool, extent)) {
		lab_depot_unreserve(&pool->depot[0], LABYRINTH_EXTENT_PAGES);
		gone = false;
	}
	lab_depot_end(&pool->owner[0]);
	if (!gone)
		return false;
	tell_offline(pool->refiller, pool->base + offset_of(extent));
	lab_backing_offline(&pool->backing, offset_of(extent), LABYRINTH_EXTENT_SIZE);
	lab_count(&pool->shrinks, 1);
	return true;
}

/* ---- several ---- */

int
labyrinth_pool_grow(struct labyrinth_pool *pool, uint32_t extents, struct labyrinth_error *error)
{
	uint32_t done = 0;

	for (uint32_t extent = pool->pages_min / LABYRINTH_EXTENT_PAGES;
			extent < pool->pages / LABYRINTH_EXTENT_PAGES && done < extents;
			extent++) {
		int ret;

		if (!extent_is_offline(pool, extent))
			continue;
		ret = bring_online(pool, extent, error);
		if (ret != 0)
			return done > 0 ? (int)done : ret;
		done++;
	}
	return (int)done;
}

int
labyrinth_pool_shrink(struct labyrinth_pool *pool, uint32_t extents)
{
	uint32_t done = 0;

	for (uint32_t extent = pool->pages / LABYRINTH_EXTENT_PAGES;
			extent > pool->pages_min / LABYRINTH_EXTENT_PAGES && done < extents;
			extent--)
		if (!extent_is_offline(pool, extent - 1) && take_offline(pool, extent - 1))
			done++;
	return (int)done;
}

/* ---- the thread ---- */

static uint32_t
depot_free(const struct labyrinth_pool *pool)
{
	return (uint32_t)atomic_load_explicit(&pool->depot[0].free, memory_order_relaxed);
}

/* Below low: up to high. Woken at one mark and done at the other: hysteresis. */
static void
refill(struct labyrinth_pool *pool)
{
	if (depot_free(pool) >= pool->watermarks.low)
		return;
	while (depot_free(pool) < pool->watermarks.high)
		if (labyrinth_pool_grow(pool, 1, NULL) <= 0)
			return;
}

static void *
run(void *arg)
{
	struct lab_refiller *refiller = arg;
	struct labyrinth_pool *pool = refiller->pool;
	const uint64_t poll = refiller->config.poll_us;
	const struct timespec pause = { .tv_sec = (time_t)(poll / 1000000),
		.tv_nsec = (long)(poll % 1000000 * 1000) };
	uint64_t quiet_us = 0;

	/* relaxed: joining the thread orders the rest */
	while (!atomic_load_explicit(&refiller->stop, memory_order_relaxed)) {
		refill(pool);
		if (atomic_load_explicit(&pool->recount_due, memory_order_relaxed))
			lab_depot_recount(pool);
		quiet_us = depot_free(pool) < pool->watermarks.high ? 0 : quiet_us + poll;
		if (quiet_us > refiller->config.quiet_ms * UINT64_C(1000))
			labyrinth_pool_shrink(pool, 1);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	return NULL;
}

int
labyrinth_refiller_start(struct labyrinth_pool *pool,
	const struct labyrinth_refiller_config *config)
{
	struct lab_refiller *refiller;
	int ret;

	if (pool->refiller != NULL)
		return -EBUSY;
	if (pool->pages == pool->pages_min)
		return -ENOTSUP;
	refiller = calloc(1, sizeof(*refiller));
	if (refiller == NULL)
		return -ENOMEM;
	if (config != NULL)
		refiller->config = *config;
	if (refiller->config.poll_us == 0)
		refiller->config.poll_us = POLL_US_DEFAULT;
	if (refiller->config.quiet_ms == 0)
		refiller->config.quiet_ms = QUIET_MS_DEFAULT;
	refiller->pool = pool;
	pool->refiller = refiller;
	ret = pthread_create(&refiller->thread, NULL, run, refiller);
	if (ret != 0) {
		pool->refiller = NULL;
		free(refiller);
	}
	return -ret;
}

void
labyrinth_refiller_stop(struct labyrinth_pool *pool)
{
	struct lab_refiller *refiller = pool->refiller;

	if (refiller == NULL)
		return;
	atomic_store_explicit(&refiller->stop, true, memory_order_relaxed);
	pthread_join(refiller->thread, NULL);
	pool->refiller = NULL;
	free(refiller);
}
