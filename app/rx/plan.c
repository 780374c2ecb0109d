/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_lcore.h>

#include "assign.h"
#include "plan.h"
#include "rx_sleep.h"
#include "stage.h"
#include "way.h"

uint32_t
rx_plan_queues(const struct rx_port *ports, uint16_t nb_ports)
{
	uint32_t n = 0;

	for (uint16_t i = 0; i < nb_ports; i++)
		n += ports[i].nb_rxq;
	return n;
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
list_queues(struct rx_plan *plan)
{
	struct rx_queue *q = plan->queues;

	for (uint16_t i = 0; i < plan->nb_ports; i++) {
		const struct rx_port *port = &plan->ports[i];

		for (uint16_t queue = 0; queue < port->nb_rxq; queue++, q++) {
			q->port = port->id;
			q->queue = queue;
			q->control = &plan->control;
			rx_queue_init(q, plan->pool, port->driver->foreign_mbufs);
		}
	}
}

/* The far ends of rings, as many as there may ever be. */
static void
list_stages(struct rx_plan *plan)
{
	for (uint32_t i = 0; i < plan->nb_stages; i++) {
		struct rx_queue *stage = &plan->stages[i];
		const struct rx_queue *from = &plan->queues[i % plan->nb_queues];

		stage->port = from->port;
		stage->queue = (uint16_t)i;
		stage->control = &plan->control;
		stage->long_way = from->long_way;
		stage->pool = from->pool;
		stage->source = RX_FROM_RING;
	}
}

enum rx_exit
rx_plan_make(struct rx_plan *plan, const struct rx_port *ports, uint16_t nb_ports,
	struct rte_mempool *pool, struct labyrinth_error *error)
{
	uint32_t lcores = rte_lcore_count();

	plan->ports = ports;
	plan->nb_ports = nb_ports;
	plan->pool = pool;
	plan->nb_queues = rx_plan_queues(ports, nb_ports);
	plan->nb_stages = RTE_MAX(plan->nb_queues, lcores);
	plan->queues = lines_alloc(plan->nb_queues, sizeof(*plan->queues));
	plan->stages = lines_alloc(plan->nb_stages, sizeof(*plan->stages));
	plan->order = calloc(plan->nb_queues + plan->nb_stages, sizeof(*plan->order));
	plan->lcores = calloc(lcores, sizeof(*plan->lcores));
	if (plan->queues == NULL || plan->stages == NULL || plan->order == NULL ||
		plan->lcores == NULL) {
		rx_plan_free(plan);
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"out of memory for %u queues: lower --rxq", plan->nb_queues);
	}
	list_queues(plan);
	list_stages(plan);
	return RX_OK;
}

/* relaxed: each figure stands alone, see rx_loop.h */
static uint64_t
read_counter(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static enum rx_exit
begin_queue(struct rx_queue *queue, const struct rx_mode *mode,
	const struct rx_mode_config *config, struct labyrinth_error *error)
{
	enum rx_exit ret = RX_OK;

	if (mode->begin != NULL)
		ret = mode->begin(queue, config, error);
	if (ret == RX_OK) {
		queue->mode = mode;
		queue->packets_before = read_counter(&queue->sent.packets);
		queue->bytes_before = read_counter(&queue->sent.bytes);
		queue->source = queue->ring != NULL ? RX_FROM_RING
				: mode->deaf	    ? RX_FROM_NONE
						    : RX_FROM_PORT;
	}
	return ret;
}

static enum rx_exit
begin_all(struct rx_plan *plan, const struct rx_mode *mode,
	const struct rx_mode_config *config, struct labyrinth_error *error)
{
	enum rx_exit ret = RX_OK;

	for (uint32_t i = 0; i < plan->nb_queues && ret == RX_OK; i++)
		ret = begin_queue(&plan->queues[i], mode, config, error);
	if (ret != RX_OK || mode != &rx_mode_pipeline)
		return ret;
	ret = rx_stages_open(plan, config->options, error);
	mode = rx_mode_find(config->options->pipeline_mode);
	for (uint32_t i = 0; i < plan->nb_stages && ret == RX_OK; i++) {
		if (plan->stages[i].ring != NULL)
			ret = begin_queue(&plan->stages[i], mode, config, error);
	}
	return ret;
}

enum rx_exit
rx_plan_begin(struct rx_plan *plan, const struct rx_mode *mode,
	const struct rx_options *options, struct labyrinth_error *error)
{
	const struct rx_mode_config config = { options, plan->pool };
	enum rx_exit ret = rx_assign_lcores(plan, mode, options, error);

	if (ret == RX_OK)
		ret = rx_ways_set(plan, mode, options, error);
	if (ret == RX_OK)
		ret = begin_all(plan, mode, &config, error);
	if (ret != RX_OK)
		rx_plan_end(plan);
	return ret;
}

/* What a queue sent since its mode began. */
static void
add_since(struct rx_mode_sent *sum, const struct rx_queue *q)
{
	sum->packets += read_counter(&q->sent.packets) - q->packets_before;
	sum->bytes += read_counter(&q->sent.bytes) - q->bytes_before;
}

static uint64_t
end_queues(struct rx_plan *plan, struct rx_queue *queues, uint32_t n)
{
	uint64_t kept = 0;

	for (uint32_t i = 0; queues != NULL && i < n; i++) {
		struct rx_queue *q = &queues[i];

		kept += q->hold == NULL ? 0 : rx_hold_count(q->hold);
		rx_hold_destroy(q->hold);
		q->hold = NULL;
		if (q->mode != NULL)
			add_since(&plan->by_mode[rx_mode_index(q->mode)], q);
		if (q->mode != NULL && q->mode->end != NULL)
			q->mode->end(q);
		q->mode = NULL;
	}
	return kept;
}

uint64_t
rx_plan_end(struct rx_plan *plan)
{
	uint64_t kept = end_queues(plan, plan->queues, plan->nb_queues);

	kept += end_queues(plan, plan->stages, plan->nb_stages);
	return kept + rx_stages_close(plan);
}

static enum rx_exit
note_latency(struct rx_queue *queues, uint32_t n, struct labyrinth_error *error)
{
	for (uint32_t i = 0; i < n; i++) {
		queues[i].latency = calloc(1, sizeof(*queues[i].latency));
		if (queues[i].latency == NULL)
			return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	}
	return RX_OK;
}

enum rx_exit
rx_plan_latency(struct rx_plan *plan, struct labyrinth_error *error)
{
	enum rx_exit ret = note_latency(plan->queues, plan->nb_queues, error);

	return ret == RX_OK ? note_latency(plan->stages, plan->nb_stages, error) : ret;
}

enum rx_exit
rx_plan_sleeps(struct rx_plan *plan, struct labyrinth_error *error)
{
	enum rx_exit ret = rx_sleep_supported(plan->ports, plan->nb_ports, error);
	unsigned int id;

	if (ret != RX_OK)
		return ret;
	plan->sleeps = calloc(rte_lcore_count(), sizeof(*plan->sleeps));
	RTE_LCORE_FOREACH (id) {
		struct rx_sleep *sleep = plan->sleeps == NULL ? NULL : rx_sleep_create();

		if (sleep == NULL)
			return labyrinth_fail(error, RX_ENVIRONMENT,
				"--rx-intr: out of memory or of file descriptors");
		plan->sleeps[rte_lcore_index((int)id)] = sleep;
	}
	return RX_OK;
}

struct rx_sleep *
rx_plan_sleep(const struct rx_plan *plan, unsigned int id)
{
	return plan->sleeps == NULL ? NULL : plan->sleeps[rte_lcore_index((int)id)];
}

static void
free_sleeps(struct rx_plan *plan)
{
	unsigned int id;

	if (plan->sleeps == NULL)
		return;
	RTE_LCORE_FOREACH (id)
		rx_sleep_destroy(rx_plan_sleep(plan, id));
	free(plan->sleeps);
	plan->sleeps = NULL;
}

bool
rx_plan_latencies(const struct rx_plan *plan, struct labyrinth_histogram *latency)
{
	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		if (plan->queues[i].latency == NULL)
			return false;
		labyrinth_histogram_merge(latency, plan->queues[i].latency);
	}
	for (uint32_t i = 0; i < plan->nb_stages; i++)
		labyrinth_histogram_merge(latency, plan->stages[i].latency);
	return true;
}

static void
free_checks(struct rx_queue *queues, uint32_t n)
{
	for (uint32_t i = 0; queues != NULL && i < n; i++) {
		struct rx_queue *q = &queues[i];

		if (q->verify != NULL)
			labyrinth_seq_check_destroy(q->verify);
		free(q->verify);
		free(q->latency);
	}
}

void
rx_plan_free(struct rx_plan *plan)
{
	rx_plan_end(plan);
	free_checks(plan->queues, plan->nb_queues);
	free_checks(plan->stages, plan->nb_stages);
	free_sleeps(plan);
	free(plan->queues);
	free(plan->stages);
	free(plan->order);
	free(plan->lcores);
	plan->queues = NULL;
	plan->stages = NULL;
	plan->order = NULL;
	plan->lcores = NULL;
}

static void
print_queue(const struct rx_queue *q, FILE *out)
{
	if (q->source == RX_FROM_RING)
		fprintf(out, " ring %u", q->queue);
	else
		fprintf(out, " port %u queue %u", q->port, q->queue);
	if (q->mode->sends)
		fprintf(out, " -> port %u queue %u", q->tx.port, q->tx.queue);
}

void
rx_plan_print(const struct rx_plan *plan, FILE *out)
{
	for (uint32_t l = 0; l < plan->nb_lcores; l++) {
		const struct rx_lcore *lcore = &plan->lcores[l];

		fprintf(out, "lcore %u polls", lcore->id);
		for (uint16_t i = 0; i < lcore->nb_queues; i++) {
			fprintf(out, "%s", i == 0 ? "" : ",");
			print_queue(lcore->queues[i], out);
		}
		fprintf(out, "\n");
	}
}

static void
add_received(struct rx_totals *t, const struct rx_counters *c)
{
	t->packets += read_counter(&c->packets);
	t->bytes += read_counter(&c->bytes);
	t->bursts += read_counter(&c->bursts);
	t->cycles += read_counter(&c->cycles);
}

static void
add_sent(struct rx_totals *t, const struct rx_sent *s)
{
	t->sent += read_counter(&s->packets);
	t->sent_bytes += read_counter(&s->bytes);
	t->tx_full += read_counter(&s->tx_full);
	t->ring_full += read_counter(&s->ring_full);
	t->made += read_counter(&s->made);
	t->unsent += read_counter(&s->unsent);
	t->starved += read_counter(&s->starved);
}

struct rx_totals
rx_plan_totals(const struct rx_plan *plan, int port)
{
	struct rx_totals t = { 0 };

	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		if (port >= 0 && plan->queues[i].port != port)
			continue;
		add_received(&t, &plan->queues[i].counters);
		add_sent(&t, &plan->queues[i].sent);
	}
	for (uint32_t i = 0; i < plan->nb_stages; i++) {
		if (port >= 0 && plan->stages[i].port != port)
			continue;
		/* Received before, but the work costs here too. */
		t.cycles += read_counter(&plan->stages[i].counters.cycles);
		add_sent(&t, &plan->stages[i].sent);
	}
	return t;
}

struct rx_totals
rx_plan_sent(const struct rx_plan *plan, uint16_t port)
{
	struct rx_totals t = { 0 };

	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		if (plan->queues[i].tx.port == port)
			add_sent(&t, &plan->queues[i].sent);
	}
	for (uint32_t i = 0; i < plan->nb_stages; i++) {
		if (plan->stages[i].tx.port == port)
			add_sent(&t, &plan->stages[i].sent);
	}
	return t;
}

struct rx_mode_sent
rx_plan_mode_sent(const struct rx_plan *plan, const struct rx_mode *mode)
{
	struct rx_mode_sent sum = plan->by_mode[rx_mode_index(mode)];

	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		if (plan->queues[i].mode == mode)
			add_since(&sum, &plan->queues[i]);
	}
	for (uint32_t i = 0; i < plan->nb_stages; i++) {
		if (plan->stages[i].mode == mode)
			add_since(&sum, &plan->stages[i]);
	}
	return sum;
}
