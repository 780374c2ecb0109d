/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include "crew.h"
#include "store.h"

#define BULKS (BENCH_CREW_KEEP / BENCH_BULK)

static __rte_always_inline uint64_t
before_call(struct bench_hand *hand, enum bench_crew_mode mode)
{
	if (mode == BENCH_CREW_WATCHED) {
		/* relaxed and a fence for the compiler: for the same thread's handler */
		atomic_store_explicit(&hand->in_call, true, memory_order_relaxed);
		atomic_signal_fence(memory_order_seq_cst);
	}
	return mode == BENCH_CREW_TIMED ? rte_rdtsc() : 0;
}

static __rte_always_inline void
after_call(struct bench_hand *hand, enum bench_crew_mode mode, uint64_t start)
{
	if (mode == BENCH_CREW_TIMED)
		labyrinth_histogram_add(&hand->latency, rte_rdtsc() - start);
	if (mode == BENCH_CREW_WATCHED) {
		atomic_signal_fence(memory_order_seq_cst);
		atomic_store_explicit(&hand->in_call, false, memory_order_relaxed);
	}
}

static __rte_always_inline bool
stopped(const struct bench_crew *crew)
{
	/* relaxed: only the flag itself is looked at */
	return atomic_load_explicit(&crew->stop, memory_order_relaxed);
}

/* Get and put once round. */
static __rte_always_inline void
crew_round(struct bench_hand *hand, enum bench_kind kind, enum bench_crew_mode mode)
{
	uint64_t slots[BENCH_CREW_KEEP];
	unsigned int got = 0, put;
	uint64_t objects, start;
	bool ok;

	while (got < BULKS && !stopped(hand->crew)) {
		start = before_call(hand, mode);
		ok = bench_get(
			&hand->seat, kind, bench_slot(slots, got * BENCH_BULK, kind));
		after_call(hand, mode, start);
		if (likely(ok))
			got++;
		else
			hand->failed++;
	}
	objects = atomic_load_explicit(&hand->objects, memory_order_relaxed);
	for (put = 0; put < got; put++) {
		start = before_call(hand, mode);
		bench_put(&hand->seat, kind, bench_slot(slots, put * BENCH_BULK, kind));
		after_call(hand, mode, start);
		objects += BENCH_BULK;
		/* relaxed: a figure, one writer */
		atomic_store_explicit(&hand->objects, objects, memory_order_relaxed);
	}
}

static __rte_always_inline void
plain_loop(struct bench_hand *hand, enum bench_kind kind)
{
	while (!stopped(hand->crew))
		crew_round(hand, kind, BENCH_CREW_PLAIN);
}

static __rte_always_inline void
timed_loop(struct bench_hand *hand, enum bench_kind kind)
{
	while (!stopped(hand->crew))
		crew_round(hand, kind, BENCH_CREW_TIMED);
}

static __rte_always_inline void
watched_loop(struct bench_hand *hand, enum bench_kind kind)
{
	while (!stopped(hand->crew))
		crew_round(hand, kind, BENCH_CREW_WATCHED);
}

BENCH_INSTANCES(plain_loop, struct bench_hand)
BENCH_INSTANCES(timed_loop, struct bench_hand)
BENCH_INSTANCES(watched_loop, struct bench_hand)

static void
work(struct bench_hand *hand)
{
	if (hand->mode == BENCH_CREW_TIMED)
		timed_loop_of(hand->seat.kind, hand);
	else if (hand->mode == BENCH_CREW_WATCHED)
		watched_loop_of(hand->seat.kind, hand);
	else
		plain_loop_of(hand->seat.kind, hand);
}

static void *
hand_main(void *opaque)
{
	struct bench_hand *hand = opaque;
	struct bench_crew *crew = hand->crew;
	bool registered = crew->registered && rte_thread_register() == 0;

	hand->ret = crew->registered && !registered
			    ? -rte_errno
			    : bench_seat_take(crew->impl, &hand->seat);
	sem_post(&crew->ready);
	sem_wait(&crew->go);
	if (hand->ret == 0) {
		work(hand);
		hand->ret = bench_seat_leave(&hand->seat);
	}
	if (registered)
		rte_thread_unregister();
	return NULL;
}

void
bench_crew_init(struct bench_crew *crew, const struct bench_impl *impl, unsigned int n,
	const cpu_set_t *cpus, enum bench_crew_mode mode)
{
	memset(crew, 0, sizeof(*crew));
	crew->impl = impl;
	crew->n = n;
	for (unsigned int i = 0; i < n; i++) {
		crew->hand[i].crew = crew;
		crew->hand[i].cpus = *cpus;
		crew->hand[i].mode = mode;
	}
}

void
bench_crew_name(const struct bench_crew *crew, char name[BENCH_CREW_NAME_SIZE])
{
	const struct bench_impl *impl = crew->impl;

	if (impl->kind != BENCH_MEMPOOL)
		snprintf(name, BENCH_CREW_NAME_SIZE, "%s", impl->name);
	else if (crew->registered)
		snprintf(name, BENCH_CREW_NAME_SIZE, "%s/registered", impl->name);
	else
		/* without lcores the size of the cache does not matter */
		snprintf(name, BENCH_CREW_NAME_SIZE, "%s/non-eal", impl->ops);
}

static int
start_hand(struct bench_hand *hand)
{
	pthread_attr_t attr;
	int ret = pthread_attr_init(&attr);

	if (ret != 0)
		return -ret;
	/* What EAL pinned main() to would be inherited. */
	ret = pthread_attr_setaffinity_np(&attr, sizeof(hand->cpus), &hand->cpus);
	if (ret == 0)
		ret = pthread_create(&hand->thread, &attr, hand_main, hand);
	pthread_attr_destroy(&attr);
	return -ret;
}

static void
join(struct bench_crew *crew, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		sem_post(&crew->go);
	for (unsigned int i = 0; i < n; i++)
		pthread_join(crew->hand[i].thread, NULL);
}

int
bench_crew_start(struct bench_crew *crew)
{
	unsigned int begun = 0;
	int ret = 0;

	sem_init(&crew->ready, 0, 0);
	sem_init(&crew->go, 0, 0);
	while (begun < crew->n && ret == 0) {
		ret = start_hand(&crew->hand[begun]);
		begun += ret == 0 ? 1 : 0;
	}
	for (unsigned int i = 0; i < begun; i++)
		sem_wait(&crew->ready);
	if (ret == 0) {
		for (unsigned int i = 0; i < begun; i++)
			sem_post(&crew->go);
		return 0;
	}
	/* relaxed: sem_post() orders it */
	atomic_store_explicit(&crew->stop, true, memory_order_relaxed);
	join(crew, begun);
	return ret;
}

uint64_t
bench_crew_objects(const struct bench_crew *crew)
{
	uint64_t objects = 0;

	for (unsigned int i = 0; i < crew->n; i++)
		objects += atomic_load_explicit(
			&crew->hand[i].objects, memory_order_relaxed);
	return objects;
}

int
bench_crew_end(struct bench_crew *crew)
{
	int ret = 0;

	/* relaxed: they look at nothing but the flag itself */
	atomic_store_explicit(&crew->stop, true, memory_order_relaxed);
	join(crew, crew->n);
	for (unsigned int i = 0; i < crew->n; i++)
		if (crew->hand[i].ret != 0)
			ret = crew->hand[i].ret;
	sem_destroy(&crew->ready);
	sem_destroy(&crew->go);
	return ret;
}
