/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Any mbuf pool of DPDK's whose ops are the plugin's, as a kind: only the primary says to
 * whom mbufs go and where they come from. LABYRINTH_PLUGIN names the plugin.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_memzone.h>

#include "labyrinth_mempool.h"
#include "mempool.h"
#include "processes.h"

/* The plugin's functions; it is loaded by EAL, and not linked. */
static void *
function(const char *name)
{
	const char *file = getenv("LABYRINTH_PLUGIN");
	void *plugin = dlopen(file != NULL ? file : "", RTLD_NOW | RTLD_NOLOAD);
	void *found = plugin != NULL ? dlsym(plugin, name) : NULL;

	must(found != NULL, "%s: no %s: %s", file, name, dlerror());
	return found;
}

#define FUNCTION(name) ((__typeof__(&labyrinth_mempool_##name)) \
	function("labyrinth_mempool_" #name))

static struct rte_mempool *
create(const char *name, unsigned int n)
{
	return rte_pktmbuf_pool_create(name, n, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
		SOCKET_ID_ANY);
}

static int
attach(struct rte_mempool *mp)
{
	return FUNCTION(process)(mp);
}

/* A secondary has no more to do than to put what it has. */
static int
detach(struct rte_mempool *mp)
{
	RTE_SET_USED(mp);
	return 0;
}

static bool
lives(unsigned int process)
{
	return FUNCTION(process_lives)(process);
}

static uint16_t
give(struct rte_mbuf **m, uint16_t n, unsigned int process)
{
	static __typeof__(&labyrinth_mempool_give) fn;

	if (fn == NULL)
		fn = FUNCTION(give);
	return n == 0 ? 0 : (uint16_t)fn(m[0]->pool, (void **)m, n, process);
}

/* The secondary knows nothing of it. */
static uint16_t
offer(struct rte_mbuf **m, uint16_t n)
{
	RTE_SET_USED(m);
	RTE_SET_USED(n);
	return 0;
}

static uint16_t
accept(struct rte_mbuf **m, uint16_t n, unsigned int process)
{
	static __typeof__(&labyrinth_mempool_take) fn;

	if (fn == NULL)
		fn = FUNCTION(take);
	return n == 0 ? 0 : (uint16_t)fn(m[0]->pool, (void **)m, n, process);
}

static int
reclaim(struct rte_mempool *mp)
{
	int ret = FUNCTION(reclaim)(mp, rte_pktmbuf_init, NULL);

	must(ret >= 0, "reclaim: %d", ret);
	return ret;
}

/* The plugin sees to it by itself, once a second. */
static void
end_freed(struct rte_mempool *mp)
{
	RTE_SET_USED(mp);
	for (int tries = 0; rte_memzone_lookup("MP_pool") != NULL && tries < 600; tries++)
		usleep(100000);
}

static int
by_address(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return x < y ? -1 : x > y;
}

/* Each object once. */
static int
validate(const struct rte_mempool *mp)
{
	struct rte_mempool *pool = rte_mempool_lookup(mp->name);
	void **object = calloc(mp->size + 1, sizeof(*object));
	unsigned int n = 0, twice = 0;

	while (n <= mp->size && rte_mempool_get(pool, &object[n]) == 0)
		n++;
	for (unsigned int i = 0; i < n; i++)
		must(rte_mbuf_refcnt_read(object[i]) == 1, "an mbuf is not as it was");
	qsort(object, n, sizeof(*object), by_address);
	for (unsigned int i = 1; i < n; i++)
		twice += object[i] == object[i - 1];
	for (unsigned int i = 0; i < n; i++)
		rte_mempool_put(pool, object[i]);
	free(object);
	if (n == mp->size && twice == 0)
		return 0;
	printf("got %u of %u, %u of them twice\n", n, mp->size, twice);
	return -1;
}

/* ---- what a hostile process can and cannot do ---- */

/* By the plugin's rules any process may put what another one got: the pool is in common. */
static void
hostile(struct rte_mempool *mp, struct rte_mbuf *kept)
{
	void *object = kept;

	must(attach(mp) > 0, "attach");
	must(is_marked(kept, 0), "cannot read it");
	printf("reads the primary's mbuf\n");
	must(FUNCTION(give)(mp, &object, 1, 0) == 1, "gave what it has not");
	printf("cannot give it away\n");
}

/* ---- what must be refused ---- */

static void
strange(struct rte_mempool *mp)
{
	struct lab_mempool *m = mp->pool_data;
	void *object[2];
	int process;

	m->version++;
	must(rte_mempool_get(mp, object) == -EPROTO, "got of another version");
	must(FUNCTION(process)(mp) == -EPROTO, "attached to another version");
	m->version--;
	must(rte_mempool_get_bulk(mp, object, 2) == 0, "get");
	process = FUNCTION(process)(mp);
	must(process > 0, "process %d", process);
	must(FUNCTION(reclaim)(mp, NULL, NULL) == -ENOTSUP, "reclaimed");
	must(FUNCTION(give)(mp, object, 2, 15) == 2, "given to nobody");
	must(FUNCTION(give)(mp, object, 2, 99) == 2, "given to nobody");
	must(FUNCTION(take)(mp, object, 2, 0) == 2, "taken from who has it not");
	must(FUNCTION(give)(mp, object, 1, 0) == 0, "not given");
	must(FUNCTION(give)(mp, object, 2, 0) == 1, "given twice");
	must(FUNCTION(take)(mp, object, 2, 0) == 0, "not taken back");
	rte_mempool_put_bulk(mp, object, 1);
	rte_mempool_put_bulk(mp, object, 1);
	must(FUNCTION(take)(mp, object, 1, (unsigned int)process) == 1,
		"taken what is free");
	printf("process has put an object twice, and keeps one\n");
}

const struct kind kind_under_test = {
	.name = "plugin",
	.create = create,
	.destroy = rte_mempool_free,
	.free_under = rte_mempool_free,
	.end_freed = end_freed,
	.attach = attach,
	.detach = detach,
	.lives = lives,
	.give = give,
	.offer = offer,
	.accept = accept,
	.reclaim = reclaim,
	.hostile = hostile,
	.strange = strange,
	.validate = validate,
};
