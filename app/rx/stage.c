/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdio.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "mode/pipeline.h"
#include "stage.h"

uint32_t
rx_stages_needed(const struct rx_plan *plan, const struct rx_options *options)
{
	return RTE_MAX(plan->nb_queues, (uint32_t)options->pipeline_workers);
}

enum rx_exit
rx_stages_open(struct rx_plan *plan, const struct rx_options *options,
	struct labyrinth_error *error)
{
	uint32_t n = rx_stages_needed(plan, options);
	enum rx_exit ret = RX_OK;
	char name[RTE_RING_NAMESIZE];

	for (uint32_t i = 0; i < n && ret == RX_OK; i++) {
		struct rx_queue *stage = &plan->stages[i];

		snprintf(name, sizeof(name), "labyrinth-rx-%u", i);
		stage->ring = rte_ring_create(name, options->pipeline_ring,
			(int)rte_lcore_to_socket_id(stage->lcore),
			RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
		if (stage->ring == NULL)
			return labyrinth_fail(error, RX_ENVIRONMENT,
				"no ring of %u frames (%s): lower --pipeline-ring",
				options->pipeline_ring, rte_strerror(rte_errno));
		ret = rx_pipeline_add(&plan->queues[i % plan->nb_queues], stage,
			rx_plan_sleep(plan, stage->lcore), error);
	}
	return ret;
}

uint64_t
rx_stages_close(struct rx_plan *plan)
{
	struct rte_mbuf *m;
	uint64_t left = 0;

	for (uint32_t i = 0; plan->stages != NULL && i < plan->nb_stages; i++) {
		struct rx_queue *stage = &plan->stages[i];

		if (stage->ring == NULL)
			continue;
		while (rte_ring_sc_dequeue(stage->ring, (void **)&m) == 0) {
			rte_pktmbuf_free(m);
			left++;
		}
		rte_ring_free(stage->ring);
		stage->ring = NULL;
	}
	return left;
}
