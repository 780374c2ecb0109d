/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * A plugin that takes all places of DPDK's table of mempool ops that DPDK's own drivers
 * leave, as a DPDK with more drivers than today's would.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_mempool.h>

static int
no_alloc(struct rte_mempool *mp)
{
	RTE_SET_USED(mp);
	return -ENOTSUP;
}

static int
no_put(struct rte_mempool *mp, void *const *object, unsigned int n)
{
	RTE_SET_USED(mp);
	RTE_SET_USED(object);
	RTE_SET_USED(n);
	return -ENOTSUP;
}

static int
no_get(struct rte_mempool *mp, void **object, unsigned int n)
{
	RTE_SET_USED(mp);
	RTE_SET_USED(object);
	RTE_SET_USED(n);
	return -ENOTSUP;
}

static unsigned int
no_count(const struct rte_mempool *mp)
{
	RTE_SET_USED(mp);
	return 0;
}

static void
load_drivers(void)
{
	DIR *folder = opendir(RTE_EAL_PMD_PATH);
	char path[4096];

	for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
		if (strncmp(entry->d_name, "librte_mempool_", 15) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", RTE_EAL_PMD_PATH, entry->d_name);
		dlopen(path, RTLD_NOW);
	}
	if (folder != NULL)
		closedir(folder);
}

RTE_INIT(fill_table)
{
	struct rte_mempool_ops ops = {
		.alloc = no_alloc,
		.enqueue = no_put,
		.dequeue = no_get,
		.get_count = no_count,
	};

	load_drivers();
	while (rte_mempool_ops_table.num_ops < RTE_MEMPOOL_MAX_OPS_IDX) {
		snprintf(ops.name, sizeof(ops.name), "filler%u",
			rte_mempool_ops_table.num_ops);
		rte_mempool_register_ops(&ops);
	}
}
