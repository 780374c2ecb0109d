/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Where in a page its data should begin: a ring of pages, of which a burst of 32 gets a
 * line written (by a card) and then the line read (by the application), burst after burst
 * round the ring. Page i begins at 128 + 64 x (i modulo colours). With one colour all of
 * them want the same few places of the caches. In cycles of the TSC for a page. "bare"
 * has all lines one behind the other: less is not to be had.
 */

#include <string.h>

#include "bench.h"
#include "labyrinth_colour.h"

#define RING_MAX 2048u
#define HEADROOM 128u

static const uint32_t rings[] = { 512, 2048 };
static const uint32_t colours[] = { 1, 2, 4, 8, 16, LABYRINTH_COLOURS, 36 };

struct ring {
	uint8_t *line[RING_MAX];
	uint32_t size;
};

static struct ring ring;

static inline void
write_burst(uint32_t at)
{
	for (uint32_t i = 0; i < BENCH_BULK; i++) {
		uint64_t *word = (uint64_t *)ring.line[at + i];

		for (unsigned int w = 0; w < 8; w++)
			word[w] = at + w;
		/* or the compiler would keep what it is going to read */
		__asm__ volatile("" : : : "memory");
	}
}

static inline uint64_t
read_burst(uint32_t at)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < BENCH_BULK; i++) {
		const uint64_t *word = (const uint64_t *)ring.line[at + i];

		sum += word[3] + word[4] + word[5];
	}
	return sum;
}

static uint64_t
round_the_ring(void *arg, uint64_t until)
{
	uint64_t sum = 0, done = 0;

	(void)arg;
	do {
		for (uint32_t at = 0; at < ring.size; at += BENCH_BULK) {
			write_burst(at);
			sum += read_burst(at);
		}
		done += ring.size;
	} while (rte_rdtsc() < until);
	__asm__ volatile("" : : "r"(sum));
	return done;
}

static void
run_way(struct bench *bench, const char *impl)
{
	char name[32];

	snprintf(name, sizeof(name), "colour/%u", ring.size);
	bench_results_add(&bench->results, name, impl, "cycles",
		bench_cycles_each(round_the_ring, NULL, bench->plan.cell));
}

static void
run_ring(struct bench *bench, uint8_t *base, uint32_t size)
{
	char impl[48];

	ring.size = size;
	for (size_t c = 0; c < RTE_DIM(colours); c++) {
		for (uint32_t i = 0; i < size; i++)
			ring.line[i] = base + (size_t)i * LABYRINTH_PAGE_SIZE + HEADROOM +
				       i % colours[c] * LABYRINTH_COLOUR_STEP;
		snprintf(impl, sizeof(impl), "labyrinth-%u-colours", colours[c]);
		run_way(bench, impl);
	}
	for (uint32_t i = 0; i < size; i++)
		ring.line[i] = base + i * LABYRINTH_COLOUR_STEP;
	run_way(bench, "bare");
}

enum bench_exit
bench_case_colour(struct bench *bench, struct labyrinth_error *error)
{
	const struct labyrinth_pool_config config = {
		.name = "colour",
		.pages = RING_MAX,
		.numa_node = -1,
	};
	struct labyrinth_pool *pool;

	if (labyrinth_pool_create(&config, &pool, error) != 0)
		return BENCH_ENVIRONMENT;
	for (unsigned int round = 0; round < bench->runs; round++)
		for (size_t i = 0; i < RTE_DIM(rings); i++)
			run_ring(bench, labyrinth_pool_base(pool), rings[i]);
	labyrinth_pool_destroy(pool, NULL);
	return BENCH_OK;
}
