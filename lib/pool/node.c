/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "node.h"

#include <sched.h>

/* Steps from depot from to depot to, going up in number. */
static uint32_t
steps(uint32_t nodes, uint32_t from, uint32_t to)
{
	return (to + nodes - from) % nodes;
}

void
lab_node_order(const int *distance, uint32_t nodes, uint32_t from, uint8_t *order)
{
	/* insertion sort by (itself, distance, steps): there are eight at most */
	for (uint32_t n = 0; n < nodes; n++) {
		uint32_t candidate = (from + n) % nodes, at = n;

		while (at > 0 && n > 0 && order[at - 1] != from &&
				(distance[candidate] < distance[order[at - 1]] ||
				(distance[candidate] == distance[order[at - 1]] &&
				steps(nodes, from, candidate) < steps(nodes, from, order[at - 1])))) {
			order[at] = order[at - 1];
			at--;
		}
		order[at] = (uint8_t)candidate;
	}
}

uint32_t
lab_node_here(const int *node, uint32_t nodes)
{
	unsigned int cpu, here;

	if (getcpu(&cpu, &here) != 0)
		return 0;
	for (uint32_t n = 0; n < nodes; n++)
		if (node[n] == (int)here)
			return n;
	return 0;
}
