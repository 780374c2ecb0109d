/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "nic.h"

static int
set_rings(struct labyrinth_nic *nic, const struct bench_nic_plan *plan,
	struct labyrinth_error *error)
{
	int ret = labyrinth_nic_set_queues(nic, plan->queues, 0, error);

	for (uint32_t q = 0; q < plan->queues && ret == 0; q++)
		ret = labyrinth_nic_set_rx_ring(nic, q, plan->ring, plan->source, error);
	return ret;
}

enum bench_exit
bench_nic_open(const struct bench_nic_plan *plan, struct labyrinth_nic **nic,
	struct labyrinth_error *error)
{
	if (labyrinth_nic_create(plan->config, nic, error) != 0)
		return BENCH_USAGE;
	if (set_rings(*nic, plan, error) == 0 && labyrinth_nic_start(*nic, error) == 0)
		return BENCH_OK;
	labyrinth_nic_destroy(*nic);
	return BENCH_ENVIRONMENT;
}
