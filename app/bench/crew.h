/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

/**
 * @file
 * Threads that get and put until told to stop: each gets 128 objects by bulks and
 * puts them by bulks, again and again. A get that fails is counted and tried anew.
 *
 * Between all calls a thread looks whether it shall stop. It cannot while it spins
 * inside a call of rte_ring; that ends when the kernel has run the one it waits for.
 */

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "impl.h"
#include "labyrinth_histogram.h"

#define BENCH_CREW_MAX  8u
#define BENCH_CREW_KEEP 128u
#define BENCH_CREW_NAME_SIZE 48

enum bench_crew_mode {
	BENCH_CREW_PLAIN,
	BENCH_CREW_TIMED,        /**< each call's duration goes to hand->latency */
	BENCH_CREW_WATCHED,      /**< hand->in_call tells whether one is under way */
};

struct bench_crew;

/** One thread. */
struct bench_hand {
	struct bench_crew *crew;
	pthread_t thread;
	cpu_set_t cpus;          /**< set it before the start */
	enum bench_crew_mode mode;
	struct bench_seat seat;
	int ret;
	/** By the thread, read by others at any time. */
	_Atomic uint64_t objects __rte_cache_aligned;
	_Atomic bool in_call;
	uint64_t failed;
	struct labyrinth_histogram latency;
} __rte_cache_aligned;

struct bench_crew {
	const struct bench_impl *impl;
	/** Make the threads lcores by rte_thread_register(), so that rte_mempool has a
	 * cache for each; else they are what pthread_create() makes. */
	bool registered;
	unsigned int n;
	struct bench_hand hand[BENCH_CREW_MAX];
	sem_t ready, go;
	_Atomic bool stop __rte_cache_aligned;
};

/** Set up a crew of @p n that may run on @p cpus, all of one mode. */
void
bench_crew_init(struct bench_crew *crew, const struct bench_impl *impl, unsigned int n,
	const cpu_set_t *cpus, enum bench_crew_mode mode);

/** Name of the implementation as this crew uses it: "ring_mp_mc/512/registered". */
void
bench_crew_name(const struct bench_crew *crew, char name[BENCH_CREW_NAME_SIZE]);

/**
 * Start the threads; returns when all of them may begin.
 *
 * @return 0; -errno, then none is left
 */
int
bench_crew_start(struct bench_crew *crew);

/** Objects got and put so far. */
uint64_t
bench_crew_objects(const struct bench_crew *crew);

/**
 * Stop the threads and wait for them; all objects are put, caches are flushed.
 *
 * @return 0; -errno that a thread met at its begin or end
 */
int
bench_crew_end(struct bench_crew *crew);

#endif /* BENCH_CREW_H */
