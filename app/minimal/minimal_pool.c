/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* The pool without DPDK: one thread fills pages and hands them to another, which reads
 * and frees them. Each page has one owner at any moment; a second free is refused. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "labyrinth_pool.h"

#define PAGES 1024
#define ROUNDS 100000
#define SLOTS 64

/* One writer, one reader: how the handles get from one thread to the other. */
static _Atomic labyrinth_page slot[SLOTS];
static struct labyrinth_pool *pool;
static struct labyrinth_owner *reader;

static void
check(int ret, const char *what)
{
	if (ret == 0)
		return;
	fprintf(stderr, "minimal_pool: %s\n", what);
	exit(1);
}

static void *
read_pages(void *arg)
{
	uint64_t *sum = arg;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		labyrinth_page page;

		while ((page = slot[i % SLOTS]) == 0)
			;
		slot[i % SLOTS] = 0;
		*sum += *(uint64_t *)labyrinth_page_address(pool, page);
		check(labyrinth_free(reader, page), "a page of ours is refused");
		/* free, or the writer's again by now: no longer ours in either case */
		check(labyrinth_free(reader, page) == LABYRINTH_REFUSED_NONE,
			"freed twice");
	}
	return NULL;
}

static void
write_pages(struct labyrinth_owner *writer)
{
	for (uint64_t i = 0; i < ROUNDS; i++) {
		labyrinth_page page, given;

		do
			labyrinth_void_alloc_page_gfp_atomic_exclusive(writer, &page);
		while (page == 0);
		*(uint64_t *)labyrinth_page_address(pool, page) = i;
		given = page;
		check((int)labyrinth_transfer_bulk(
			      writer, labyrinth_owner_slot(reader), &given, 1, NULL),
			"the page is not handed over");
		while (slot[i % SLOTS] != 0)
			;
		slot[i % SLOTS] = page;
	}
}

int
main(void)
{
	struct labyrinth_pool_config config = { .pages = PAGES, .numa_node = -1 };
	struct labyrinth_pool_stats stats;
	struct labyrinth_owner *writer;
	struct labyrinth_error error;
	uint64_t sum = 0;
	pthread_t thread;

	check(labyrinth_pool_create(&config, &pool, &error), error.text);
	check(labyrinth_owner_register(pool, "writer", NULL, 0, &writer), "no owner");
	check(labyrinth_owner_register(pool, "reader", NULL, 0, &reader), "no owner");
	check(pthread_create(&thread, NULL, read_pages, &sum), "no thread");
	write_pages(writer);
	pthread_join(thread, NULL);
	labyrinth_pool_stats(pool, &stats);
	printf("%" PRIu64 " pages of %s handed over, %" PRIu64 " freed\n",
		stats.transferred, stats.backing, stats.released);
	check(sum != (uint64_t)ROUNDS * (ROUNDS - 1) / 2, "a page was read wrongly");
	check(labyrinth_pool_destroy(pool, &error), error.text);
	return 0;
}
