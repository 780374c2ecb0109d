/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef STRESS_H
#define STRESS_H

/**
 * @file
 * What all stress tests share: threads that run until they are told to stop, random
 * numbers with a seed that can be given again, and stalls.
 *
 * A stall is a signal whose handler sleeps: it takes a thread off its CPU between two
 * instructions of whatever it does, for longer than the others need for many calls.
 * That is what finds a window of one instruction. (Under TSan a handler runs only
 * where the thread calls the C library, so there stalls find less.)
 *
 * LABYRINTH_STRESS_SEED, LABYRINTH_STRESS_MS (per test) and LABYRINTH_STRESS_STALLS (0:
 * none) override the defaults.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_pool.h"

/** Threads of a test, more than any CPU count that a CI has. */
#define STRESS_THREADS 8u
/** Most threads of a run. */
#define STRESS_THREADS_MAX 16u

/** Report where, why and with which seed, and abort: also from a thread. */
#define stress_check(condition, ...)                                           \
	do {                                                                   \
		if (!(condition))                                              \
			stress_fail(__FILE__, __LINE__, #condition,            \
				__VA_ARGS__);                                  \
	} while (0)

_Noreturn void
stress_fail(const char *file, int line, const char *condition, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- random numbers ---- */

struct stress_random {
	uint64_t state;
};

/** Seed of this process; printed when first asked for. */
uint64_t
stress_seed(void);

/** Independent stream @p number of the seed. */
struct stress_random
stress_random_stream(uint64_t number);

uint32_t
stress_random_next(struct stress_random *random);

/** 0 … n - 1. */
uint32_t
stress_random_below(struct stress_random *random, uint32_t n);

/** True once in @p n. */
static inline bool
stress_random_once_in(struct stress_random *random, uint32_t n)
{
	return stress_random_below(random, n) == 0;
}

/* ---- threads ---- */

struct stress_run;

/** One thread of a run. */
struct stress_thread {
	struct stress_run *run;
	uint32_t number;              /**< 0 … */
	struct stress_random random;
	pthread_t id;
};

typedef void (*stress_fn)(struct stress_thread *thread);

/** Threads that do the same until the time is up. */
struct stress_run {
	uint32_t threads;
	stress_fn fn;
	void *arg;                    /**< for fn */
	bool no_stalls;
	bool one_cpu;                 /**< all threads on one CPU */
	_Atomic bool stop;
	_Atomic uint32_t done;
	pthread_barrier_t start;
	struct stress_thread thread[STRESS_THREADS_MAX];
};

/** Run until the time is up and all threads have returned. */
void
stress_run(struct stress_run *run);

/** Shall the thread go on? */
static inline bool
stress_goes_on(struct stress_thread *thread)
{
	/* relaxed: pthread_join orders what matters */
	return !atomic_load_explicit(&thread->run->stop, memory_order_relaxed);
}

/** Milliseconds that a run takes. */
uint32_t
stress_ms(void);

/** Let @p thread be stalled (see above) once, now. */
void
stress_stall(pthread_t thread);

#endif /* STRESS_H */
