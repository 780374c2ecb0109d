/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "stress.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUN_MS 600u
/* How often a stall is sent; each ends by itself. */
#define STALL_EVERY_US 50u

static uint64_t seed;
static pthread_once_t seeded = PTHREAD_ONCE_INIT;
/* How long stalls last goes round through some values. */
static _Atomic uint32_t stalls;

void
stress_fail(const char *file, int line, const char *condition, const char *format, ...)
{
	va_list ap;

	flockfile(stderr);
	fprintf(stderr, "%s:%d: not so: %s: ", file, line, condition);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, " (LABYRINTH_STRESS_SEED=%#llx)\n",
		(unsigned long long)stress_seed());
	funlockfile(stderr);
	abort();
}

/* ---- random numbers ---- */

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t
from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static void
choose_seed(void)
{
	seed = from_environment("LABYRINTH_STRESS_SEED", now_ns());
	printf("LABYRINTH_STRESS_SEED=%#llx\n", (unsigned long long)seed);
	fflush(stdout);
}

uint64_t
stress_seed(void)
{
	pthread_once(&seeded, choose_seed);
	return seed;
}

/* splitmix64 */
static uint64_t
mix(uint64_t value)
{
	value += 0x9e3779b97f4a7c15;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	return value ^ value >> 31;
}

struct stress_random
stress_random_stream(uint64_t number)
{
	return (struct stress_random){ .state = mix(stress_seed() ^ mix(number)) };
}

uint32_t
stress_random_next(struct stress_random *random)
{
	random->state += 0x9e3779b97f4a7c15;
	return (uint32_t)(mix(random->state) >> 32);
}

uint32_t
stress_random_below(struct stress_random *random, uint32_t n)
{
	return (uint32_t)((uint64_t)stress_random_next(random) * n >> 32);
}

/* ---- stalls ---- */

static void
sleep_ns(long ns)
{
	const struct timespec pause = { .tv_nsec = ns };

	nanosleep(&pause, NULL);
}

static void
stall(int signal)
{
	int kept = errno;
	uint32_t number = atomic_fetch_add_explicit(&stalls, 1, memory_order_relaxed);

	(void)signal;
	/* mostly a moment, now and then long enough for thousands of calls */
	sleep_ns(number % 16 == 0 ? 2000000 : (long)(number % 7) * 30000);
	errno = kept;
}

void
stress_stall(pthread_t thread)
{
	pthread_kill(thread, SIGUSR1);
}

static bool
arm_stalls(const struct stress_run *run)
{
	struct sigaction action = { .sa_handler = stall, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	return !run->no_stalls && from_environment("LABYRINTH_STRESS_STALLS", 1) != 0;
}

/* ---- threads ---- */

uint32_t
stress_ms(void)
{
	return (uint32_t)from_environment("LABYRINTH_STRESS_MS", RUN_MS);
}

static void *
begin(void *arg)
{
	struct stress_thread *thread = arg;

	pthread_barrier_wait(&thread->run->start);
	thread->run->fn(thread);
	atomic_fetch_add_explicit(&thread->run->done, 1, memory_order_relaxed);
	return NULL;
}

static void
launch(struct stress_run *run, uint32_t number)
{
	struct stress_thread *thread = &run->thread[number];
	pthread_attr_t attr;
	cpu_set_t cpus;
	int ret;

	thread->run = run;
	thread->number = number;
	thread->random = stress_random_stream(number + 1);
	pthread_attr_init(&attr);
	if (run->one_cpu) {
		CPU_ZERO(&cpus);
		CPU_SET(sched_getcpu(), &cpus);
		pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	}
	ret = pthread_create(&thread->id, &attr, begin, thread);
	pthread_attr_destroy(&attr);
	stress_check(ret == 0, "pthread_create: %d", ret);
}

void
stress_run(struct stress_run *run)
{
	struct stress_random random = stress_random_stream(0);
	bool stalling = arm_stalls(run);
	uint64_t end;

	atomic_store(&run->stop, false);
	atomic_store(&run->done, 0);
	pthread_barrier_init(&run->start, NULL, run->threads + 1);
	for (uint32_t i = 0; i < run->threads; i++)
		launch(run, i);
	pthread_barrier_wait(&run->start);
	end = now_ns() + stress_ms() * UINT64_C(1000000);
	while (now_ns() < end && atomic_load(&run->done) < run->threads) {
		if (stalling)
			stress_stall(run->thread[stress_random_below(&random,
				run->threads)].id);
		sleep_ns(STALL_EVERY_US * 1000);
	}
	atomic_store(&run->stop, true);
	for (uint32_t i = 0; i < run->threads; i++)
		pthread_join(run->thread[i].id, NULL);
	pthread_barrier_destroy(&run->start);
}
