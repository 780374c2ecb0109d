/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* The cases "pages" and "hold": how many there are, and how many of them are held. */

#include "fifo.h"

/* 1 Mi pages with memory are 4 GiB: quick runs stop before. */
#define QUICK_WRITTEN_MAX 131072u

static void
note_backing(struct growth *growth, const struct fifo *fifo)
{
	struct labyrinth_pool_stats stats;

	if (fifo->kind != FIFO_WRITTEN)
		return;
	labyrinth_pool_stats(fifo->pool, &stats);
	growth->backing = stats.backing;
}

static enum bench_exit
run(struct growth *growth, const char *name, enum fifo_kind kind, uint32_t objects,
	uint32_t held, struct labyrinth_error *error)
{
	struct fifo fifo;
	char p99[32];
	enum bench_exit ret = fifo_open(&fifo, kind, objects, held, error);

	if (ret != BENCH_OK)
		return ret;
	/* once round, so that nothing is used for the first time */
	for (uint32_t i = 0; i < held; i += BENCH_BULK * 16)
		fifo_loop(&fifo, 0);
	bench_results_add(&growth->results, name, fifo_name(kind), "cycles",
		bench_cycles_each(fifo_loop, &fifo, growth->cell));
	snprintf(p99, sizeof(p99), "p99_%s", name);
	bench_results_add(&growth->results, p99, fifo_name(kind), "cycles",
		fifo_p99(&fifo, growth->cell));
	note_backing(growth, &fifo);
	return fifo_close(&fifo, error);
}

enum bench_exit
growth_case_pages(struct growth *growth, struct labyrinth_error *error)
{
	static const uint32_t pages[] = { 1024, 4096, 16384, 65536, 131072, 262144,
		1048576 };
	enum bench_exit ret = BENCH_OK;
	char name[24];

	for (unsigned int r = 0; r < growth->runs; r++)
		for (size_t i = 0; i < RTE_DIM(pages); i++)
			for (int kind = 0; kind < FIFO_KINDS && ret == BENCH_OK; kind++) {
				if (growth->options->quick && kind != FIFO_POOL &&
					pages[i] > QUICK_WRITTEN_MAX)
					continue;
				snprintf(name, sizeof(name), "pages/%u", pages[i]);
				ret = run(growth, name, kind, pages[i], pages[i] / 2,
					error);
			}
	return ret;
}

enum bench_exit
growth_case_hold(struct growth *growth, struct labyrinth_error *error)
{
	static const uint32_t held[] = { 32, 128, 512, 2048, 8192, 32768 };
	enum bench_exit ret = BENCH_OK;
	char name[24];

	for (unsigned int r = 0; r < growth->runs; r++)
		for (size_t i = 0; i < RTE_DIM(held); i++)
			for (int kind = 0; kind < FIFO_KINDS && ret == BENCH_OK; kind++) {
				snprintf(name, sizeof(name), "hold/%u", held[i]);
				ret = run(
					growth, name, kind, GROWTH_PAGES, held[i], error);
			}
	return ret;
}
