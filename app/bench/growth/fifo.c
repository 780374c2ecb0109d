/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>
#include <string.h>

#include "fifo.h"
#include "labyrinth_colour.h"
#include "labyrinth_histogram.h"
#include "store.h"

/* Bulks between two looks at the clock. */
#define STRIDE 16u
/* Pages on hugepages at most: above that few machines have them free. */
#define HUGE_PAGES_MAX 131072u
#define HEADROOM       128u

const char *
fifo_name(enum fifo_kind kind)
{
	static const char *const name[] = {
		[FIFO_POOL] = "labyrinth",
		[FIFO_WRITTEN] = "labyrinth-written",
		[FIFO_MEMPOOL] = "ring_mp_mc/512",
	};

	return name[kind];
}

static __rte_always_inline struct bench_seat
seat_of(const struct fifo *fifo)
{
	return (struct bench_seat){ .mp = fifo->mp, .owner = fifo->owner };
}

static __rte_always_inline void
write_lines(const struct fifo *fifo, const uint64_t *slot)
{
	for (unsigned int i = 0; i < BENCH_BULK; i++) {
		uint32_t index = labyrinth_page_index(slot[i]);
		uint64_t *line =
			(uint64_t *)(fifo->base +
				     (size_t)(index - 1) * LABYRINTH_PAGE_SIZE +
				     HEADROOM +
				     labyrinth_colour(index) * LABYRINTH_COLOUR_STEP);

		for (unsigned int w = 0; w < 8; w++)
			line[w] = w;
	}
}

/* Put the oldest bulk, get one in its place. */
static __rte_always_inline void
turn(struct fifo *fifo, const struct bench_seat *seat, enum bench_kind kind, bool written)
{
	uint64_t *slot = &fifo->slot[fifo->at];

	bench_put(seat, kind, slot);
	bench_get_sure(seat, kind, slot);
	if (written)
		write_lines(fifo, slot);
	fifo->at = fifo->at + BENCH_BULK == fifo->held ? 0 : fifo->at + BENCH_BULK;
}

static __rte_always_inline void
turn_of(struct fifo *fifo, const struct bench_seat *seat)
{
	if (fifo->kind == FIFO_MEMPOOL)
		turn(fifo, seat, BENCH_MEMPOOL, false);
	else if (fifo->kind == FIFO_WRITTEN)
		turn(fifo, seat, BENCH_HANDLE, true);
	else
		turn(fifo, seat, BENCH_HANDLE, false);
}

uint64_t
fifo_loop(void *arg, uint64_t until)
{
	struct fifo *fifo = arg;
	const struct bench_seat seat = seat_of(fifo);
	uint64_t objects = 0;

	do {
		for (unsigned int i = 0; i < STRIDE; i++)
			turn_of(fifo, &seat);
		objects += STRIDE * BENCH_BULK;
	} while (rte_rdtsc() < until);
	return objects;
}

double
fifo_p99(struct fifo *fifo, double seconds)
{
	static struct labyrinth_histogram histogram;
	const struct bench_seat seat = seat_of(fifo);
	uint64_t until = bench_deadline(seconds), start, now = rte_rdtsc();

	memset(&histogram, 0, sizeof(histogram));
	do {
		start = now;
		turn_of(fifo, &seat);
		now = rte_rdtsc();
		labyrinth_histogram_add(&histogram, now - start);
	} while (now < until);
	return (double)labyrinth_histogram_quantile(&histogram, 0.99);
}

static enum bench_exit
open_pool(struct fifo *fifo, struct labyrinth_error *error)
{
	const struct labyrinth_pool_config config = {
		.name = "growth",
		.pages = fifo->objects,
		.numa_node = -1,
		.backing = fifo->kind == FIFO_POOL           ? LABYRINTH_BACKING_NONE
			   : fifo->objects <= HUGE_PAGES_MAX ? LABYRINTH_BACKING_AUTO
							     : LABYRINTH_BACKING_PLAIN,
	};

	if (labyrinth_pool_create(&config, &fifo->pool, error) != 0)
		return BENCH_ENVIRONMENT;
	fifo->base = labyrinth_pool_base(fifo->pool);
	if (labyrinth_owner_register(fifo->pool, "growth", NULL, 0, &fifo->owner) != 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT, "no owner for growth");
	return BENCH_OK;
}

static enum bench_exit
open_mempool(struct fifo *fifo, struct labyrinth_error *error)
{
	fifo->mp = rte_mempool_create_empty(
		"growth", fifo->objects, RTE_CACHE_LINE_SIZE, 512, 0, SOCKET_ID_ANY, 0);
	if (fifo->mp == NULL ||
		rte_mempool_set_ops_byname(fifo->mp, "ring_mp_mc", NULL) != 0 ||
		rte_mempool_populate_default(fifo->mp) < 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"no mempool of %u objects: give EAL more memory", fifo->objects);
	return BENCH_OK;
}

static enum bench_kind
kind_of(const struct fifo *fifo)
{
	return fifo->kind == FIFO_MEMPOOL ? BENCH_MEMPOOL : BENCH_HANDLE;
}

enum bench_exit
fifo_open(struct fifo *fifo, enum fifo_kind kind, uint32_t objects, uint32_t held,
	struct labyrinth_error *error)
{
	enum bench_exit ret;
	struct bench_seat seat;

	*fifo = (struct fifo){ .kind = kind, .objects = objects, .held = held };
	fifo->slot = calloc(held, sizeof(fifo->slot[0]));
	if (fifo->slot == NULL)
		return labyrinth_fail(error, BENCH_ENVIRONMENT, "no memory for growth");
	ret = kind == FIFO_MEMPOOL ? open_mempool(fifo, error) : open_pool(fifo, error);
	if (ret != BENCH_OK) {
		fifo_close(fifo, NULL);
		return ret;
	}
	seat = seat_of(fifo);
	for (uint32_t i = 0; i < held; i += BENCH_BULK)
		bench_get_n_sure(&seat, kind_of(fifo), &fifo->slot[i], BENCH_BULK);
	return BENCH_OK;
}

static enum bench_exit
close_pool(struct fifo *fifo, struct labyrinth_error *error)
{
	int ret = 0;

	if (fifo->owner != NULL)
		ret = labyrinth_owner_unregister(fifo->owner, error);
	if (ret == 0)
		ret = labyrinth_pool_validate(fifo->pool, error);
	if (ret == 0)
		ret = labyrinth_pool_destroy(fifo->pool, error);
	return ret == 0 ? BENCH_OK : BENCH_INVARIANT;
}

enum bench_exit
fifo_close(struct fifo *fifo, struct labyrinth_error *error)
{
	const struct bench_seat seat = seat_of(fifo);
	enum bench_exit ret = BENCH_OK;

	for (uint32_t i = 0; (fifo->owner != NULL || fifo->mp != NULL) && i < fifo->held;
		i += BENCH_BULK)
		if (fifo->slot[i] != 0)
			bench_put_n(&seat, kind_of(fifo), &fifo->slot[i], BENCH_BULK);
	free(fifo->slot);
	rte_mempool_free(fifo->mp);
	if (fifo->pool != NULL)
		ret = close_pool(fifo, error);
	return ret;
}
