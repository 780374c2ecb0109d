/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "defaults.h"
#include "hand.h"
#include "keep.h"
#include "log.h"
#include "mempool.h"
#include "watch.h"

RTE_LOG_REGISTER(lab_logtype, mempool.labyrinth, NOTICE);

static int
ops_alloc(struct rte_mempool *mp)
{
	int ret = lab_mempool_create(mp);

	if (ret == 0)
		lab_watch_begin();
	return ret;
}

static void
ops_free(struct rte_mempool *mp)
{
	/* never populated, so never made */
	if (mp->pool_data == NULL)
		return;
	lab_watch_report(mp);
	lab_mempool_warn_of_out(mp);
	if (lab_keep_begin(mp))
		return;
	lab_mempool_destroy(mp);
	lab_watch_end();
}

static unsigned int
ops_get_count(const struct rte_mempool *mp)
{
	const struct lab_mempool *m = mp->pool_data;

	return m != NULL ? lab_mempool_in_pool(m) + lab_mempool_at_hand(m) : 0;
}

static const struct rte_mempool_ops labyrinth_plugin_ops = {
	.name = LAB_MEMPOOL_OPS_NAME,
	.alloc = ops_alloc,
	.free = ops_free,
	.enqueue = lab_hand_put,
	.dequeue = lab_hand_get,
	.get_count = ops_get_count,
	.calc_mem_size = lab_mempool_mem_size,
	.populate = lab_mempool_populate,
};

static int ops_index = -ENOENT;

bool
lab_ops_are_of(const struct rte_mempool *mp)
{
	return ops_index >= 0 && mp->ops_index == ops_index && mp->pool_data != NULL;
}

static bool
is_registered(void)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, LAB_MEMPOOL_OPS_NAME) == 0)
			return true;
	return false;
}

/* RTE_MEMPOOL_REGISTER_OPS would drop the result. */
RTE_INIT(labyrinth_plugin_register)
{
	lab_load_default_drivers();
	if (is_registered()) {
		LAB_LOG(WARNING,
			"mempool ops " LAB_MEMPOOL_OPS_NAME " are there already, "
			"built in or from another file: this one is not used; load one");
		return;
	}
	ops_index = rte_mempool_register_ops(&labyrinth_plugin_ops);
	if (ops_index < 0)
		LAB_LOG(ERR,
			"DPDK's table of %d mempool ops is full, so there are no ops "
			LAB_MEMPOOL_OPS_NAME ": remove a driver that is not needed here "
			"for (librte_mempool_*) from " RTE_EAL_PMD_PATH,
			RTE_MEMPOOL_MAX_OPS_IDX);
}
