/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <sched.h>

#include <rte_eal.h>
#include <rte_lcore.h>

#include "advice.h"

static unsigned int
about_hugepages(FILE *out)
{
	if (rte_eal_has_hugepages())
		return 0;
	fprintf(out, "WARNING: EAL has no hugepages (--no-huge): more TLB misses, no DMA by a "
		     "NIC. Reserve some with scripts/setup.sh config.\n");
	return 1;
}

static unsigned int
about_wandering(unsigned int lcore, FILE *out)
{
	rte_cpuset_t cpus = rte_lcore_cpuset(lcore);
	int n = CPU_COUNT(&cpus);

	if (n <= 1)
		return 0;
	fprintf(out,
		"WARNING: lcore %u is not pinned, the kernel moves it over %d CPUs: give it "
		"one, by -l or --lcores %u@CPU.\n",
		lcore, n, lcore);
	return 1;
}

static unsigned int
about_sharing(unsigned int a, unsigned int b, FILE *out)
{
	rte_cpuset_t of_a = rte_lcore_cpuset(a), of_b = rte_lcore_cpuset(b), both;

	CPU_AND(&both, &of_a, &of_b);
	if (CPU_COUNT(&both) == 0)
		return 0;
	fprintf(out,
		"WARNING: lcores %u and %u poll on the same CPU, one stands still while the "
		"other polls: give each its own, by -l or --lcores.\n",
		a, b);
	return 1;
}

static const struct rx_port *
port_of(const struct rx_plan *plan, const struct rx_queue *queue)
{
	const struct rx_port *port = plan->ports;

	while (port->id != queue->port)
		port++;
	return port;
}

static unsigned int
about_nodes(const struct rx_plan *plan, const struct rx_lcore *lcore, FILE *out)
{
	int node = (int)rte_lcore_to_socket_id(lcore->id);
	unsigned int lines = 0;

	for (uint16_t i = 0; i < lcore->nb_queues; i++) {
		const struct rx_port *port = port_of(plan, lcore->queues[i]);

		if (port->socket_id < 0 || port->socket_id == node)
			continue;
		fprintf(out,
			"WARNING: port %u is on NUMA node %d and lcore %u, which polls its "
			"queue %u, on node %d: poll it from a CPU of node %d.\n",
			port->id, port->socket_id, lcore->id, lcore->queues[i]->queue, node,
			port->socket_id);
		lines++;
	}
	return lines;
}

unsigned int
rx_advice_print(const struct rx_plan *plan, FILE *out)
{
	unsigned int lines = about_hugepages(out);

	for (uint32_t i = 0; i < plan->nb_lcores; i++) {
		const struct rx_lcore *lcore = &plan->lcores[i];

		lines += about_wandering(lcore->id, out);
		for (uint32_t k = i + 1; k < plan->nb_lcores; k++)
			lines += about_sharing(lcore->id, plan->lcores[k].id, out);
		lines += about_nodes(plan, lcore, out);
	}
	return lines;
}
