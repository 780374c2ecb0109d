/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <pthread.h>

#include <rte_cycles.h>

#include "figures/live.h"

/** For so long the same answer will do: who asks for all asks in several commands. */
#define FRESH_MS 20

static struct {
	pthread_mutex_t lock;
	struct rx_scene *scene;
	const struct rx_snapshot *last;
	struct rx_snapshot *recent;
} live = { .lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP };

void
rx_live_hold(void)
{
	pthread_mutex_lock(&live.lock);
}

void
rx_live_release(void)
{
	pthread_mutex_unlock(&live.lock);
}

static void
set(struct rx_scene *scene, const struct rx_snapshot *last)
{
	rx_live_hold();
	live.scene = scene;
	live.last = last;
	rx_snapshot_free(live.recent);
	live.recent = NULL;
	rx_live_release();
}

void
rx_live_open(struct rx_scene *scene)
{
	set(scene, NULL);
}

void
rx_live_close(const struct rx_snapshot *last)
{
	set(NULL, last);
}

void
rx_live_end(void)
{
	set(NULL, NULL);
}

/* With the lock held. NULL when out of memory. */
static const struct rx_snapshot *
recent(void)
{
	uint64_t fresh = rte_get_tsc_hz() * FRESH_MS / 1000;

	if (live.recent != NULL && rte_rdtsc() - live.recent->tsc < fresh)
		return live.recent;
	rx_snapshot_free(live.recent);
	live.recent = rx_snapshot_take(live.scene);
	return live.recent;
}

int
rx_live_ask(int (*fn)(const struct rx_snapshot *snapshot, void *arg), void *arg)
{
	const struct rx_snapshot *snapshot;
	int ret = -EAGAIN;

	rx_live_hold();
	snapshot = live.scene != NULL ? recent() : live.last;
	if (snapshot != NULL)
		ret = fn(snapshot, arg);
	else if (live.scene != NULL)
		ret = -ENOMEM;
	rx_live_release();
	return ret;
}
