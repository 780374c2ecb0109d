/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mempool.h>

#include "buffers.h"
#include "wire_options.h"

/* ---- a mempool as a source ---- */

/* All or none is what a mempool offers; the rest of a short one comes one by one. */
static uint32_t
take(void *arg, struct labyrinth_buffer *to, uint32_t n)
{
	void *object[WIRE_BURST_MAX];
	uint32_t done = 0;

	while (done < n) {
		uint32_t part = RTE_MIN(n - done, WIRE_BURST_MAX);

		if (rte_mempool_get_bulk(arg, object, part) != 0) {
			if (rte_mempool_get(arg, object) != 0)
				break;
			part = 1;
		}
		for (uint32_t i = 0; i < part; i++)
			to[done++] = (struct labyrinth_buffer){ object[i],
				(char *)object[i] + LABYRINTH_PAGE_HEADROOM };
	}
	return done;
}

static void
give(void *arg, void *const *buffer, uint32_t n)
{
	rte_mempool_put_bulk(arg, buffer, n);
}

static bool
has_ops(const char *name)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, name) == 0)
			return true;
	return false;
}

static enum bench_exit
no_such_ops(const char *name, struct labyrinth_error *error)
{
	char known[176] = WIRE_POOL_LABYRINTH;

	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		const char *ops = rte_mempool_ops_table.ops[i].name;
		size_t used = strlen(known);

		/* no half names: --pool would not take them */
		if (used + 1 + strlen(ops) < sizeof(known))
			snprintf(known + used, sizeof(known) - used, " %s", ops);
	}
	return labyrinth_fail(error, BENCH_USAGE,
		"--pool %.31s: there is none, choose from: %s", name, known);
}

static enum bench_exit
open_mempool(struct wire_buffers *b, const char *name, struct labyrinth_error *error)
{
	if (!has_ops(name))
		return no_such_ops(name, error);
	b->mempool = rte_mempool_create_empty("wire", b->n, LABYRINTH_PAGE_SIZE,
		RTE_MIN(b->n * 2 / 3, (uint32_t)RTE_MEMPOOL_CACHE_MAX_SIZE), 0,
		SOCKET_ID_ANY, 0);
	if (b->mempool == NULL ||
		rte_mempool_set_ops_byname(b->mempool, name, NULL) != 0 ||
		rte_mempool_populate_default(b->mempool) < 0)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"mempool %s of %" PRIu32
			" buffers is not created (%s): give EAL more "
			"memory, or fewer --pages",
			name, b->n, rte_strerror(rte_errno));
	snprintf(b->backing, sizeof(b->backing), "EAL memory");
	b->source = (struct labyrinth_source){
		.take = take,
		.give = give,
		.arg = b->mempool,
		.room = LABYRINTH_PAGE_SIZE - LABYRINTH_PAGE_HEADROOM,
		.buffers = b->n,
	};
	return BENCH_OK;
}

/* ---- pages ---- */

static enum bench_exit
open_pool(struct wire_buffers *b, struct labyrinth_error *error)
{
	const struct labyrinth_pool_config config = {
		.name = "wire",
		.pages = b->n,
		.numa_node = -1,
	};
	struct labyrinth_pool_stats stats;

	if (labyrinth_pool_create(&config, &b->pool, error) != 0)
		return BENCH_ENVIRONMENT;
	if (labyrinth_owner_register(b->pool, "rx", NULL, 0, &b->owner) != 0)
		return labyrinth_fail(
			error, BENCH_ENVIRONMENT, "no owner for the rx queue");
	labyrinth_pool_stats(b->pool, &stats);
	b->n = stats.pages;
	snprintf(b->backing, sizeof(b->backing), "%s", stats.backing);
	labyrinth_page_source_init(&b->pages, &b->source, b->pool, b->owner, false);
	return BENCH_OK;
}

enum bench_exit
wire_buffers_open(struct wire_buffers *buffers, const char *name, uint32_t n,
	struct labyrinth_error *error)
{
	memset(buffers, 0, sizeof(*buffers));
	buffers->n = n;
	if (strcmp(name, WIRE_POOL_LABYRINTH) == 0)
		return open_pool(buffers, error);
	return open_mempool(buffers, name, error);
}

enum bench_exit
wire_buffers_check(const struct wire_buffers *b, struct labyrinth_error *error)
{
	struct labyrinth_pool_stats stats = { 0 };
	uint64_t refused = b->pages.refused, out;

	if (b->pool != NULL) {
		labyrinth_pool_stats(b->pool, &stats);
		out = stats.owned + stats.offered;
	} else {
		out = rte_mempool_in_use_count(b->mempool);
	}
	if (out == 0 && refused == 0)
		return BENCH_OK;
	return labyrinth_fail(error, BENCH_INVARIANT,
		"%" PRIu64 " buffers did not come back, %" PRIu64 " were refused", out,
		refused);
}

void
wire_buffers_close(struct wire_buffers *b)
{
	if (b->owner != NULL)
		labyrinth_owner_unregister(b->owner, NULL);
	if (b->pool != NULL)
		labyrinth_pool_destroy(b->pool, NULL);
	rte_mempool_free(b->mempool);
	memset(b, 0, sizeof(*b));
}
