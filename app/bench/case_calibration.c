/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * What the bricks cost on this machine, uncontended, in ns: whoever reads the other
 * figures can count in these. The SPSC transport and the cost of the random case's
 * own work are the "bare" rows of those cases.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "bench.h"
#include "store.h"

/* Rounds between two looks at the clock. */
#define STRIDE 1024u

static struct {
	_Atomic uint64_t word;
	pthread_mutex_t mutex;
} brick __rte_cache_aligned = { .mutex = PTHREAD_MUTEX_INITIALIZER };

enum brick_id { EMPTY, ADD, CAS, MUTEX, CLOCK };

static const struct {
	enum brick_id id;
	const char *name;
} bricks[] = {
	{ EMPTY, "empty loop" },
	{ ADD, "relaxed atomic add" },
	{ CAS, "locked CAS" },
	{ MUTEX, "mutex lock and unlock" },
	{ CLOCK, "read of the TSC" },
};

static __rte_always_inline void
use(enum brick_id id)
{
	uint64_t expected;

	switch (id) {
	case ADD:
		atomic_fetch_add_explicit(&brick.word, 1, memory_order_relaxed);
		break;
	case CAS:
		expected = 0;
		atomic_compare_exchange_strong_explicit(&brick.word, &expected, 0,
			memory_order_acq_rel, memory_order_relaxed);
		break;
	case MUTEX:
		pthread_mutex_lock(&brick.mutex);
		pthread_mutex_unlock(&brick.mutex);
		break;
	case CLOCK:
		(void)rte_rdtsc();
		break;
	default:
		break;
	}
	/* Or the compiler would drop the empty loop. */
	__asm__ volatile("" : : : "memory");
}

static __rte_always_inline double
measure(enum brick_id id, double seconds)
{
	uint64_t rounds = 0, start, now, until;

	atomic_store_explicit(&brick.word, 0, memory_order_relaxed);
	until = bench_deadline(seconds);
	start = rte_rdtsc();
	do {
		for (unsigned int i = 0; i < STRIDE; i++)
			use(id);
		rounds += STRIDE;
		now = rte_rdtsc();
	} while (now < until);
	return (double)(now - start) / (double)rounds * 1e9 / (double)rte_get_tsc_hz();
}

static double
measure_brick(enum brick_id id, double seconds)
{
	switch (id) {
	case ADD:
		return measure(ADD, seconds);
	case CAS:
		return measure(CAS, seconds);
	case MUTEX:
		return measure(MUTEX, seconds);
	case CLOCK:
		return measure(CLOCK, seconds);
	default:
		return measure(EMPTY, seconds);
	}
}

enum bench_exit
bench_case_calibration(struct bench *bench, struct labyrinth_error *error)
{
	(void)error;
	for (unsigned int round = 0; round < bench->runs; round++)
		for (size_t i = 0; i < RTE_DIM(bricks); i++)
			bench_results_add(&bench->results, "calibration", bricks[i].name,
				"ns",
				measure_brick(bricks[i].id, bench->plan.calibration));
	return BENCH_OK;
}
