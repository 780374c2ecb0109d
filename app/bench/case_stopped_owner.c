/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * One thread is stopped in the middle of a call: what do the others still get done?
 * The victim has one CPU, two others share the second one, so the victim's share of
 * the CPU is nobody's gain. The figure is their rate while it is stopped, divided by
 * their rate just before, both for the CPU time that they had: none of the
 * implementations sleeps, and other programs then do not disturb.
 *
 * SIGSTOP stops a process as a whole, with all of its threads, and a pool belongs to
 * one process; so one thread is parked instead, in a signal handler that came at a
 * random instruction of a call. To the others this is the same: a thread that does
 * not go on.
 *
 * An rte_mempool without caches and one with them are both shown: with a cache few
 * calls reach the ring, so a stop seldom hits one that holds the others up.
 */

#include <errno.h>
#include <linux/futex.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <rte_lcore.h>

#include "bench.h"
#include "crew.h"

#define THREADS 3u
/* Stops in a run. */
#define STOPS 3u
/* Looks whether the victim is parked, 0.1 ms apart, before giving up. */
#define LOOKS_MAX 50000u
#define LOOK_NS   100000
/* Naps until the others had their CPU time, before giving up. */
#define NAPS_MAX 20u
/* Windows to find one in which the others do something, before giving up. */
#define TRIES_MAX 10u

/* What the victim's handler is to do: a futex. */
enum gate { OPEN = 0, WANTED = 1, PARKED = 2 };

static struct bench_crew crew;
static _Atomic uint32_t gate;

/*
 * Parks the victim if it is inside a call; else the signal is sent again. A signal
 * that comes late finds the gate open.
 */
static void
park(int number)
{
	uint32_t wanted = WANTED;
	int saved = errno;

	(void)number;
	if (!atomic_load_explicit(&crew.hand[0].in_call, memory_order_relaxed))
		return;
	/* acq_rel: nothing but the gate is handed over, and it is not a hot path */
	if (!atomic_compare_exchange_strong_explicit(
		    &gate, &wanted, PARKED, memory_order_acq_rel, memory_order_relaxed))
		return;
	while (atomic_load_explicit(&gate, memory_order_acquire) == PARKED)
		syscall(SYS_futex, &gate, FUTEX_WAIT_PRIVATE, PARKED, NULL, NULL, 0);
	errno = saved;
}

static void
nap_ns(long ns)
{
	const struct timespec t = { .tv_nsec = ns };

	nanosleep(&t, NULL);
}

static int
stop_victim(void)
{
	atomic_store_explicit(&gate, WANTED, memory_order_release);
	for (unsigned int look = 0; look < LOOKS_MAX; look++) {
		pthread_kill(crew.hand[0].thread, SIGUSR1);
		nap_ns(LOOK_NS);
		if (atomic_load_explicit(&gate, memory_order_acquire) == PARKED)
			return 0;
	}
	return -ETIMEDOUT;
}

static void
release_victim(void)
{
	atomic_store_explicit(&gate, OPEN, memory_order_release);
	syscall(SYS_futex, &gate, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* Nanoseconds that a thread was given a CPU for. */
static uint64_t
cpu_time_ns(pthread_t thread)
{
	struct timespec t = { 0 };
	clockid_t clock;

	if (pthread_getcpuclockid(thread, &clock) == 0)
		clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What all but the victim did so far. */
static void
look_at_others(uint64_t *objects, uint64_t *ns)
{
	*objects = *ns = 0;
	for (unsigned int i = 1; i < crew.n; i++) {
		*objects +=
			atomic_load_explicit(&crew.hand[i].objects, memory_order_relaxed);
		*ns += cpu_time_ns(crew.hand[i].thread);
	}
}

/*
 * Objects per ns of CPU time of all but the victim, over at least so many seconds of
 * CPU time; NAN when that is not to be had, which tells nothing about them.
 */
static double
measure_others(double seconds)
{
	uint64_t objects[2], ns[2];

	look_at_others(&objects[0], &ns[0]);
	for (unsigned int i = 0; i < NAPS_MAX; i++) {
		nap_ns((long)(seconds * 1e9));
		look_at_others(&objects[1], &ns[1]);
		if ((double)(ns[1] - ns[0]) >= seconds * 0.9e9)
			return (double)(objects[1] - objects[0]) /
			       (double)(ns[1] - ns[0]);
	}
	return NAN;
}

/* @p ratio is NAN when the machine was too busy to tell. */
static int
measure(double seconds, double *ratio)
{
	unsigned int tries = 0;
	double before;
	int ret;

	measure_others(seconds / 4);
	/* ring_mp_mc may stand still even so, until the kernel runs the right one */
	do {
		before = measure_others(seconds);
	} while (!(before > 0) && ++tries < TRIES_MAX);
	*ratio = NAN;
	if (!(before > 0))
		return 0;
	ret = stop_victim();
	if (ret == 0)
		*ratio = measure_others(seconds) / before;
	release_victim();
	return ret;
}

static int
measure_all(struct bench *bench)
{
	char name[BENCH_CREW_NAME_SIZE];
	double ratio = 0;
	int ret = 0;

	bench_crew_name(&crew, name);
	for (unsigned int i = 0; i < STOPS && ret == 0; i++) {
		ret = measure(bench->plan.stopped, &ratio);
		if (ret == 0 && !isnan(ratio))
			bench_results_add(&bench->results, "stopped_owner", name,
				"of before", ratio);
	}
	return ret;
}

static enum bench_exit
run_crew(struct bench *bench, const struct bench_impl *impl, bool registered,
	struct labyrinth_error *error)
{
	rte_cpuset_t cpus = rte_lcore_cpuset(bench->lcore[1]);
	int ret, end;

	bench_crew_init(&crew, impl, THREADS, &cpus, BENCH_CREW_PLAIN);
	crew.hand[0].cpus = rte_lcore_cpuset(bench->lcore[0]);
	crew.hand[0].mode = BENCH_CREW_WATCHED;
	crew.registered = registered;
	ret = bench_crew_start(&crew);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	ret = measure_all(bench);
	end = bench_crew_end(&crew);
	if (end != 0)
		return bench_seat_failed(impl, end, error);
	if (ret != 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"%s: the thread to be stopped gets no CPU: free one", impl->name);
	return BENCH_OK;
}

/* rte_mempool's default and the one that is made for this, each in both ways. */
static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	if (bench_impl_is_ours(impl))
		return run_crew(bench, impl, false, error);
	if (impl->kind != BENCH_MEMPOOL || impl->cache == 256 ||
		(strcmp(impl->ops, "ring_mp_mc") != 0 &&
			strcmp(impl->ops, "lf_stack") != 0))
		return BENCH_OK;
	return run_crew(bench, impl, impl->cache != 0, error);
}

enum bench_exit
bench_case_stopped_owner(struct bench *bench, struct labyrinth_error *error)
{
	struct sigaction action = { .sa_handler = park }, old;
	enum bench_exit ret;

	sigemptyset(&action.sa_mask);
	sigaction(SIGUSR1, &action, &old);
	ret = bench_by_turns(bench, run, error);
	sigaction(SIGUSR1, &old, NULL);
	return ret;
}
