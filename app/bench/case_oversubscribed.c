/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Eight threads on two CPUs, each of which gets and puts 128 objects by bulks. The
 * page pool's rows are eight owners alone, or a team of eight. rte_mempool is used in
 * two ways:
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

static enum bench_exit
run_mode(struct bench *bench, const struct bench_impl *impl, enum bench_crew_mode mode,
	struct labyrinth_error *error)
{
	rte_cpuset_t cpus, worker = rte_lcore_cpuset(bench->lcore[1]);
	char name[BENCH_CREW_NAME_SIZE];
	double rate;
	int ret;

	cpus = rte_lcore_cpuset(bench->lcore[0]);
	CPU_OR(&cpus, &cpus, &worker);
	bench_crew_init(&crew, impl, BENCH_CREW_MAX, &cpus, mode);
	crew.registered = impl->kind == BENCH_MEMPOOL && impl->cache != 0;
	bench_crew_name(&crew, name);
	ret = bench_crew_start(&crew);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	rate = measure_rate(mode == BENCH_CREW_TIMED ? bench->plan.latency
						     : bench->plan.oversubscribed);
	ret = bench_crew_end(&crew);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	if (mode == BENCH_CREW_TIMED)
		add_latency(&bench->results, name);
	else
		bench_results_add(
			&bench->results, "oversubscribed", name, "Mobj/s", rate);
	return BENCH_OK;
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	enum bench_exit ret;

	if (bench_impl_is_bare(impl))
		return BENCH_OK;
	ret = run_mode(bench, impl, BENCH_CREW_PLAIN, error);
	return ret == BENCH_OK ? run_mode(bench, impl, BENCH_CREW_TIMED, error) : ret;
}

enum bench_exit
bench_case_oversubscribed(struct bench *bench, struct labyrinth_error *error)
{
	return bench_by_turns(bench, run, error);
}
