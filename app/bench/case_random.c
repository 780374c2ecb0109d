/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Frees in random order: one lcore holds 4,096 objects; again and again it puts 32
 * random ones of them and gets 32 new ones in their place. Which ones is read from a
 * table of permutations, the same for all: 16 of them, so that objects that came
 * together do not go together, as they would if one permutation were repeated. The
 * "bare" row is what the gathering and scattering costs by itself. The mempool ops
 * "bucket" have no row: they want whole groups of objects back before they hand out from
 * them again, so a get soon fails although half of all objects are free.
 */

#include <string.h>

#include "bench.h"
#include "store.h"

#define HELD         4096u
#define PERMUTATIONS 16u
#define BURSTS       (PERMUTATIONS * HELD / BENCH_BULK)
/* Bursts between two looks at the clock. */
#define STRIDE 128u

struct random_args {
	const struct bench_seat *seat;
	uint64_t until;
	unsigned int at; /* burst where to go on in the table */
	uint64_t bursts;
};

static uint16_t victims[BURSTS][BENCH_BULK] __rte_cache_aligned;
static uint64_t held[HELD] __rte_cache_aligned;

static uint32_t
next_random(uint32_t *state)
{
	/* xorshift32: the same victims on every machine and in every run */
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void
choose_victims(void)
{
	uint16_t order[HELD];
	uint32_t state = 2463534242;

	for (unsigned int i = 0; i < HELD; i++)
		order[i] = (uint16_t)i;
	for (unsigned int p = 0; p < PERMUTATIONS; p++) {
		for (unsigned int i = HELD - 1; i > 0; i--) {
			unsigned int j = next_random(&state) % (i + 1);
			uint16_t swap = order[i];

			order[i] = order[j];
			order[j] = swap;
		}
		memcpy(victims[p * HELD / BENCH_BULK], order, sizeof(order));
	}
}

static __rte_always_inline void
random_burst(const struct bench_seat *seat, const uint16_t *victim, enum bench_kind kind)
{
	uint64_t burst[BENCH_BULK];

	for (unsigned int i = 0; i < BENCH_BULK; i++)
		memcpy(bench_slot(burst, i, kind), bench_slot(held, victim[i], kind),
			bench_slot_size(kind));
	bench_put(seat, kind, burst);
	bench_get_sure(seat, kind, burst);
	for (unsigned int i = 0; i < BENCH_BULK; i++)
		memcpy(bench_slot(held, victim[i], kind), bench_slot(burst, i, kind),
			bench_slot_size(kind));
}

static __rte_always_inline void
random_loop(struct random_args *args, enum bench_kind kind)
{
	const struct bench_seat *seat = args->seat;
	unsigned int at = args->at;
	uint64_t bursts = 0;

	do {
		for (unsigned int i = 0; i < STRIDE; i++)
			random_burst(seat, victims[at + i], kind);
		at = (at + STRIDE) % BURSTS;
		bursts += STRIDE;
	} while (rte_rdtsc() < args->until);
	args->at = at;
	args->bursts = bursts;
}

BENCH_INSTANCES(random_loop, struct random_args)

static __rte_always_inline void
fill(struct random_args *args, enum bench_kind kind)
{
	for (unsigned int i = 0; i < HELD; i += BENCH_BULK)
		bench_get_sure(args->seat, kind, bench_slot(held, i, kind));
}

BENCH_INSTANCES(fill, struct random_args)

static __rte_always_inline void
empty(struct random_args *args, enum bench_kind kind)
{
	for (unsigned int i = 0; i < HELD; i += BENCH_BULK)
		bench_put(args->seat, kind, bench_slot(held, i, kind));
}

BENCH_INSTANCES(empty, struct random_args)

/* Rate of a slice. */
static double
measure_slice(struct random_args *args)
{
	uint64_t start = rte_rdtsc();

	args->until = bench_deadline(BENCH_SLICE_S);
	random_loop_of(args->seat->kind, args);
	return bench_mobj(args->bursts * BENCH_BULK, rte_rdtsc() - start);
}

static double
measure(const struct bench_seat *seat, double seconds)
{
	struct random_args args = { .seat = seat };
	unsigned int n = bench_slices(seconds);
	double rate[BENCH_SLICES_MAX];

	memset(held, 0, sizeof(held));
	fill_of(seat->kind, &args);
	/* At first the objects lie as they were got; by now they are well mixed. */
	for (uint64_t mixed = 0; mixed < BURSTS; mixed += args.bursts)
		measure_slice(&args);
	for (unsigned int i = 0; i < n; i++)
		rate[i] = measure_slice(&args);
	empty_of(seat->kind, &args);
	return bench_median(rate, n);
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	struct bench_seat seat;
	int ret;

	if (impl->kind == BENCH_MEMPOOL && strcmp(impl->ops, "bucket") == 0)
		return BENCH_OK;
	ret = bench_seat_take(impl, &seat);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	bench_results_add(&bench->results, "random", impl->name, "Mobj/s",
		measure(&seat, bench->plan.random));
	ret = bench_seat_leave(&seat);
	return ret == 0 ? BENCH_OK : bench_seat_failed(impl, ret, error);
}

enum bench_exit
bench_case_random(struct bench *bench, struct labyrinth_error *error)
{
	choose_victims();
	return bench_by_turns(bench, run, error);
}
