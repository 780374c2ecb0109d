/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "watch.h"

#include <inttypes.h>
#include <pthread.h>

#include <rte_alarm.h>
#include <rte_common.h>

#include "dead.h"
#include "keep.h"
#include "log.h"
#include "mempool.h"

#define PERIOD_US 1000000u

/** Guards all of this file: how many mempools there are, kept ones too, and what was said. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int mempools;

static void
report_kind(const struct rte_mempool *mp, uint32_t kind, uint64_t count)
{
	struct lab_mempool *m = mp->pool_data;
	char by[LAB_WHO_SIZE], before[LAB_WHO_SIZE];
	struct lab_refusal last;

	if (!lab_mempool_last_refusal(m, kind, &last)) {
		LAB_LOG(WARNING, "mempool %s: %" PRIu64 " puts refused: %s", mp->name,
			count, lab_refusal_name(kind));
		return;
	}
	lab_who_name(by, last.by);
	lab_who_name(before, last.before);
	if (kind == LAB_DOUBLE_FREE)
		LAB_LOG(WARNING,
			"mempool %s: object %#" PRIxPTR " was put by %s, and again by "
			"%s; the second is refused (%" PRIu64 " double frees so far)",
			mp->name, last.object, before, by, count);
	else
		LAB_LOG(WARNING,
			"mempool %s: %#" PRIxPTR ", put by %s, is no object of it and "
			"is refused (%" PRIu64 " so far)",
			mp->name, last.object, by, count);
}

static void
report(const struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;

	for (uint32_t kind = 0; kind < LAB_REFUSAL_KINDS; kind++) {
		uint64_t count = lab_mempool_refused(m, kind);

		if (count != m->reported[kind])
			report_kind(mp, kind, count);
		m->reported[kind] = count;
	}
}

void
lab_watch_report(struct rte_mempool *mp)
{
	pthread_mutex_lock(&lock);
	report(mp);
	pthread_mutex_unlock(&lock);
}

/* What dead secondaries left that is nobody's comes back without anybody asking. */
static void
look_for_dead(struct rte_mempool *mp)
{
	struct lab_dead_count count = lab_dead_sweep(mp);

	if (count.back != 0)
		LAB_LOG(NOTICE,
			"mempool %s: a process died; %" PRIu32 " objects that it had at hand "
			"came back", mp->name, count.back);
	if (count.out != 0)
		LAB_LOG(WARNING,
			"mempool %s: a process died that had got %" PRIu32 " objects more: when no "
			"ring or port has them, labyrinth_mempool_reclaim() brings them back",
			mp->name, count.out);
}

static void
look(struct rte_mempool *mp, void *arg)
{
	RTE_SET_USED(arg);
	/* DPDK does not take a mempool away during the walk. */
	if (!lab_ops_are_of(mp))
		return;
	lab_watch_report(mp);
	look_for_dead(mp);
}

static void
wake(void *arg)
{
	unsigned int ended;
	bool more;

	rte_mempool_walk(look, NULL);
	ended = lab_keep_end();
	pthread_mutex_lock(&lock);
	mempools -= ended;
	more = mempools != 0;
	pthread_mutex_unlock(&lock);
	if (more)
		rte_eal_alarm_set(PERIOD_US, wake, arg);
}

void
lab_watch_begin(void)
{
	bool first;

	pthread_mutex_lock(&lock);
	first = mempools++ == 0;
	pthread_mutex_unlock(&lock);
	/* Without alarms, telemetry and the end of the mempool still tell. */
	if (first)
		rte_eal_alarm_set(PERIOD_US, wake, NULL);
}

void
lab_watch_end(void)
{
	bool last;

	pthread_mutex_lock(&lock);
	last = --mempools == 0;
	pthread_mutex_unlock(&lock);
	if (last)
		rte_eal_alarm_cancel(wake, NULL);
}
