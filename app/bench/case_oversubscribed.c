/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Eight threads on two CPUs (the case "threads" has two and four), each of which gets and
 * puts 128 objects by bulks. The page pool's rows are so many owners alone, or a team of
 * them. rte_mempool is used in two ways:
 *
 *   …/non-eal         threads as pthread_create() makes them, which is how threads of
 *                     a program meet it by default: rte_mempool has no cache for them
 *   …/256/registered  threads that called rte_thread_register() and so are lcores,
 *   …/512/registered  each with a cache of its own, as an owner of the page pool has
 *
 * Crews of ring_mp_mc at times get no bulk done in a run. That counts as one bulk, so
 * that no ratio is without bound.
 *
 * How long calls take is measured in runs of their own, as reading the TSC twice costs
 * as much as a call. A call during which the kernel runs another thread counts in full,
 * for all implementations alike.
 */

#include <time.h>

#include <rte_lcore.h>

#include "bench.h"
#include "crew.h"

static struct bench_crew crew;

static void
nap(double seconds)
{
	struct timespec t = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};

	while (nanosleep(&t, &t) != 0)
		;
}

static double
measure_rate(double seconds)
{
	uint64_t objects, start;

	nap(seconds / 8);
	objects = bench_crew_objects(&crew);
	start = rte_rdtsc();
	nap(seconds);
	objects = bench_crew_objects(&crew) - objects;
	return bench_mobj(RTE_MAX(objects, BENCH_BULK), rte_rdtsc() - start);
}

static void
add_latency(struct bench_results *results, const char *impl)
{
	struct labyrinth_histogram *all = &crew.hand[0].latency;
	double us = 1e6 / (double)rte_get_tsc_hz();

	for (unsigned int i = 1; i < crew.n; i++)
		labyrinth_histogram_merge(all, &crew.hand[i].latency);
	bench_results_add(results, "oversubscribed/p99.99", impl, "us",
		(double)labyrinth_histogram_quantile(all, 0.9999) * us);
	bench_results_add(
		results, "oversubscribed/worst", impl, "us", (double)all->worst * us);
}

/* What a crew is to do. */
struct job {
	const char *name; /* of the case */
	unsigned int threads;
	enum bench_crew_mode mode;
	double seconds;
};

static void
add(struct bench *bench, const struct job *job, double rate)
{
	char impl[BENCH_CREW_NAME_SIZE];

	bench_crew_name(&crew, impl);
	if (job->mode == BENCH_CREW_TIMED)
		add_latency(&bench->results, impl);
	else
		bench_results_add(&bench->results, job->name, impl, "Mobj/s", rate);
}

static enum bench_exit
run_job(struct bench *bench, const struct bench_impl *impl, const struct job *job,
	struct labyrinth_error *error)
{
	rte_cpuset_t cpus, worker = rte_lcore_cpuset(bench->lcore[1]);
	double rate;
	int ret;

	cpus = rte_lcore_cpuset(bench->lcore[0]);
	CPU_OR(&cpus, &cpus, &worker);
	bench_crew_init(&crew, impl, job->threads, &cpus, job->mode);
	crew.registered = impl->kind == BENCH_MEMPOOL && impl->cache != 0;
	ret = bench_crew_start(&crew);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	rate = measure_rate(job->seconds);
	ret = bench_crew_end(&crew);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	add(bench, job, rate);
	return BENCH_OK;
}

static bool
can_be_shared(const struct bench_impl *impl)
{
	return !bench_impl_is_bare(impl) && impl->sharing == BENCH_ANY_THREADS;
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	const struct job rate = { "oversubscribed", BENCH_CREW_MAX, BENCH_CREW_PLAIN,
		bench->plan.oversubscribed };
	const struct job latency = { "oversubscribed", BENCH_CREW_MAX, BENCH_CREW_TIMED,
		bench->plan.latency };
	enum bench_exit ret;

	if (!can_be_shared(impl))
		return BENCH_OK;
	ret = run_job(bench, impl, &rate, error);
	return ret == BENCH_OK ? run_job(bench, impl, &latency, error) : ret;
}

enum bench_exit
bench_case_oversubscribed(struct bench *bench, struct labyrinth_error *error)
{
	return bench_by_turns(bench, run, error);
}

static enum bench_exit
run_few(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	const struct job two = { "threads/2", 2, BENCH_CREW_PLAIN, bench->plan.threads };
	const struct job four = { "threads/4", 4, BENCH_CREW_PLAIN, bench->plan.threads };
	enum bench_exit ret;

	if (!can_be_shared(impl))
		return BENCH_OK;
	ret = run_job(bench, impl, &two, error);
	return ret == BENCH_OK ? run_job(bench, impl, &four, error) : ret;
}

enum bench_exit
bench_case_threads(struct bench *bench, struct labyrinth_error *error)
{
	return bench_by_turns(bench, run_few, error);
}
