/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_lcore.h>

#include "plan.h"

uint32_t
rx_plan_queues(const struct rx_port *ports, uint16_t nb_ports)
{
	uint32_t n = 0;

	for (uint16_t i = 0; i < nb_ports; i++)
		n += ports[i].nb_rxq;
	return n;
}

static uint32_t
workers(void)
{
	return rte_lcore_count() - 1;
}

uint32_t
rx_plan_lcores(uint32_t nb_queues)
{
	uint32_t lcores = RTE_MAX(workers(), 1u);

	return RTE_MIN(lcores, nb_queues);
}

/* Zeroed and aligned, as the counters want it. NULL when there is no memory. */
static void *
lines_alloc(size_t n, size_t size)
{
	void *memory = aligned_alloc(LABYRINTH_CACHE_LINE, n * size);

	if (memory != NULL)
		memset(memory, 0, n * size);
	return memory;
}

static void
list_queues(struct rx_plan *plan, const struct rx_port *ports, uint16_t nb_ports,
	struct rte_mempool *pool)
{
	struct rx_queue *q = plan->queues;

	for (uint16_t i = 0; i < nb_ports; i++) {
		for (uint16_t queue = 0; queue < ports[i].nb_rxq; queue++, q++) {
			q->port = ports[i].id;
			q->queue = queue;
			rx_queue_init(q, pool, ports[i].driver->foreign_mbufs);
		}
	}
}

static void
assign_queues(struct rx_plan *plan)
{
	struct rx_queue **next = plan->order;
	unsigned int id = rte_get_main_lcore();

	for (uint32_t l = 0; l < plan->nb_lcores; l++) {
		struct rx_lcore *lcore = &plan->lcores[l];

		if (!plan->on_main)
			id = rte_get_next_lcore(l == 0 ? -1u : id, 1, 0);
		lcore->id = id;
		lcore->control = &plan->control;
		lcore->tick_at = UINT64_MAX;
		lcore->queues = next;
		for (uint32_t i = l; i < plan->nb_queues; i += plan->nb_lcores) {
			plan->queues[i].lcore = id;
			*next++ = &plan->queues[i];
			lcore->nb_queues++;
		}
	}
}

enum rx_exit
rx_plan_make(struct rx_plan *plan, const struct rx_port *ports, uint16_t nb_ports,
	struct rte_mempool *pool, struct labyrinth_error *error)
{
	plan->nb_queues = rx_plan_queues(ports, nb_ports);
	plan->nb_lcores = rx_plan_lcores(plan->nb_queues);
	plan->on_main = workers() == 0;
	plan->queues = lines_alloc(plan->nb_queues, sizeof(*plan->queues));
	plan->order = calloc(plan->nb_queues, sizeof(*plan->order));
	plan->lcores = calloc(plan->nb_lcores, sizeof(*plan->lcores));
	if (plan->queues == NULL || plan->order == NULL || plan->lcores == NULL) {
		rx_plan_free(plan);
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"out of memory for %u queues: lower --rxq", plan->nb_queues);
	}
	list_queues(plan, ports, nb_ports, pool);
	assign_queues(plan);
	return RX_OK;
}

enum rx_exit
rx_plan_hold(struct rx_plan *plan, const struct rx_hold_limits *limits, uint32_t pages,
	struct labyrinth_error *error)
{
	enum rx_exit ret = RX_OK;

	for (uint32_t i = 0; i < plan->nb_queues && ret == RX_OK; i++) {
		ret = rx_hold_create(limits, pages, &plan->queues[i].hold, error);
		plan->queues[i].by_request = true;
	}
	return ret;
}

enum rx_exit
rx_plan_latency(struct rx_plan *plan, struct labyrinth_error *error)
{
	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		struct rx_queue *q = &plan->queues[i];

		q->latency = calloc(1, sizeof(*q->latency));
		if (q->latency == NULL)
			return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
		q->by_request = true;
	}
	return RX_OK;
}

bool
rx_plan_latencies(const struct rx_plan *plan, struct labyrinth_histogram *latency)
{
	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		if (plan->queues[i].latency == NULL)
			return false;
		labyrinth_histogram_merge(latency, plan->queues[i].latency);
	}
	return true;
}

uint64_t
rx_plan_release(struct rx_plan *plan)
{
	uint64_t kept = 0;

	if (plan->queues == NULL)
		return 0;
	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		if (plan->queues[i].hold == NULL)
			continue;
		kept += rx_hold_count(plan->queues[i].hold);
		rx_hold_destroy(plan->queues[i].hold);
		plan->queues[i].hold = NULL;
	}
	return kept;
}

static void
free_checks(struct rx_plan *plan)
{
	for (uint32_t i = 0; plan->queues != NULL && i < plan->nb_queues; i++) {
		struct rx_queue *q = &plan->queues[i];

		if (q->verify != NULL)
			labyrinth_seq_check_destroy(q->verify);
		free(q->verify);
		free(q->latency);
	}
}

void
rx_plan_free(struct rx_plan *plan)
{
	rx_plan_release(plan);
	free_checks(plan);
	free(plan->queues);
	free(plan->order);
	free(plan->lcores);
	plan->queues = NULL;
	plan->order = NULL;
	plan->lcores = NULL;
}

void
rx_plan_print(const struct rx_plan *plan, FILE *out)
{
	for (uint32_t l = 0; l < plan->nb_lcores; l++) {
		const struct rx_lcore *lcore = &plan->lcores[l];

		fprintf(out, "lcore %u polls", lcore->id);
		for (uint16_t i = 0; i < lcore->nb_queues; i++)
			fprintf(out, "%s port %u queue %u", i == 0 ? "" : ",",
				lcore->queues[i]->port, lcore->queues[i]->queue);
		fprintf(out, "\n");
	}
}

struct rx_totals
rx_plan_totals(const struct rx_plan *plan, int port)
{
	struct rx_totals t = { 0 };

	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		const struct rx_counters *c = &plan->queues[i].counters;

		if (port >= 0 && plan->queues[i].port != port)
			continue;
		/* relaxed: each figure stands alone, see rx_loop.h */
		t.packets += atomic_load_explicit(&c->packets, memory_order_relaxed);
		t.bytes += atomic_load_explicit(&c->bytes, memory_order_relaxed);
		t.bursts += atomic_load_explicit(&c->bursts, memory_order_relaxed);
		t.cycles += atomic_load_explicit(&c->cycles, memory_order_relaxed);
	}
	return t;
}
