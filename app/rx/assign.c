/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <rte_common.h>
#include <rte_lcore.h>

#include "assign.h"
#include "stage.h"

/** Lcores that may poll: the first of them receive, the others work behind rings. */
struct crew {
	uint32_t n;
	uint32_t receive;
	unsigned int id[RTE_MAX_LCORE];
};

uint32_t
rx_plan_lcores(const struct rx_options *options)
{
	uint32_t n = RTE_MAX(rte_lcore_count() - 1, 1u);

	return options->nb_cores == 0 ? n : RTE_MIN(n, (uint32_t)options->nb_cores);
}

static void
list_crew(struct crew *crew, uint32_t limit)
{
	unsigned int id;

	crew->n = 0;
	RTE_LCORE_FOREACH_WORKER (id) {
		if (crew->n < limit)
			crew->id[crew->n++] = id;
	}
	if (crew->n == 0)
		crew->id[crew->n++] = rte_get_main_lcore();
	crew->receive = crew->n;
}

static bool
is_member(const struct crew *crew, unsigned int id)
{
	for (uint32_t i = 0; i < crew->n; i++) {
		if (crew->id[i] == id)
			return true;
	}
	return false;
}

/* The last @p workers lcores are for the far ends of rings. */
static enum rx_exit
split_crew(struct crew *crew, uint32_t workers, struct labyrinth_error *error)
{
	if (workers >= crew->n)
		return labyrinth_fail(error, RX_USAGE,
			"--forward-mode pipeline: %u lcores for %u workers and one that "
			"receives, beside the main one; name more of them (-l, --lcores)",
			crew->n, workers);
	crew->receive = crew->n - workers;
	return RX_OK;
}

static enum rx_exit
place_mapped(struct rx_plan *plan, const struct crew *crew, const struct rx_rxq_map *map,
	struct labyrinth_error *error)
{
	for (uint32_t i = 0; i < plan->nb_queues; i++) {
		struct rx_queue *q = &plan->queues[i];
		int lcore = rx_rxq_map_lcore(map, q->port, q->queue);

		if (lcore < 0)
			return labyrinth_fail(error, RX_USAGE,
				"--rxq-map: port %u queue %u has no lcore, name each queue",
				q->port, q->queue);
		if (!is_member(crew, (unsigned int)lcore))
			return labyrinth_fail(error, RX_USAGE,
				"--rxq-map: lcore %d does not poll, name it in -l, and more "
				"than the main one",
				lcore);
		q->lcore = (unsigned int)lcore;
	}
	if (map->n > plan->nb_queues)
		return labyrinth_fail(error, RX_USAGE,
			"--rxq-map: %u entries for %u queues, raise --rxq or leave some out",
			map->n, plan->nb_queues);
	return RX_OK;
}

static void
place_in_turn(struct rx_plan *plan, const struct crew *crew)
{
	for (uint32_t i = 0; i < plan->nb_queues; i++)
		plan->queues[i].lcore = crew->id[i % crew->receive];
}

/* Queues of @p from that are for @p lcore, behind those that it has. */
static void
collect(struct rx_lcore *lcore, struct rx_queue *from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (from[i].lcore == lcore->id)
			lcore->queues[lcore->nb_queues++] = &from[i];
	}
}

static void
fill_lcores(struct rx_plan *plan, const struct crew *crew, uint32_t stages)
{
	struct rx_queue **next = plan->order;

	plan->nb_lcores = 0;
	for (uint32_t i = 0; i < crew->n; i++) {
		struct rx_lcore *lcore = &plan->lcores[plan->nb_lcores];

		*lcore = (struct rx_lcore){
			.id = crew->id[i],
			.control = &plan->control,
			.tick_at = UINT64_MAX,
			.queues = next,
			.sleep = rx_plan_sleep(plan, crew->id[i]),
		};
		collect(lcore, plan->queues, plan->nb_queues);
		collect(lcore, plan->stages, stages);
		next += lcore->nb_queues;
		plan->nb_lcores += lcore->nb_queues != 0;
	}
	plan->on_main = plan->lcores[0].id == rte_get_main_lcore();
}

enum rx_exit
rx_assign_lcores(struct rx_plan *plan, const struct rx_mode *mode,
	const struct rx_options *options, struct labyrinth_error *error)
{
	uint32_t stages = 0, workers = options->pipeline_workers;
	struct crew crew;
	enum rx_exit ret = RX_OK;

	list_crew(&crew, rx_plan_lcores(options));
	if (mode == &rx_mode_pipeline) {
		ret = split_crew(&crew, workers, error);
		stages = rx_stages_needed(plan, options);
	}
	if (ret == RX_OK && options->rxq_map.n != 0)
		ret = place_mapped(plan, &crew, &options->rxq_map, error);
	else if (ret == RX_OK)
		place_in_turn(plan, &crew);
	if (ret != RX_OK)
		return ret;
	for (uint32_t i = 0; i < stages; i++)
		plan->stages[i].lcore = crew.id[crew.receive + i % workers];
	fill_lcores(plan, &crew, stages);
	return RX_OK;
}
