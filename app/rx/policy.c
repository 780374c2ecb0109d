/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include "labyrinth_net.h"
#include "policy.h"
#include "vdev_args.h"

/* A build without the driver has none of these, and no port that they could be called for. */
#pragma weak labyrinth_net_set_policy
#pragma weak labyrinth_net_policy

const char *const rx_policies[] = {
	[LABYRINTH_RX_DROP] = "drop",
	[LABYRINTH_RX_STALL] = "stall",
	[LABYRINTH_RX_WAIT] = "wait",
	NULL,
};

enum rx_exit
rx_policy_set(struct rx_port *port, const char *name, struct labyrinth_error *error)
{
	unsigned int policy = 0;

	while (rx_policies[policy] != NULL && strcmp(rx_policies[policy], name) != 0)
		policy++;
	if (rx_policies[policy] == NULL)
		return labyrinth_fail(error, RX_USAGE,
			"policy %.40s: there is none of that name, give drop, stall or wait",
			name);
	if (labyrinth_net_set_policy == NULL ||
		labyrinth_net_set_policy(port->id, policy) != 0)
		return labyrinth_fail(error, RX_USAGE,
			"policy %s: port %u (%s) has its own, only " RX_WIRE_DRIVER
			" can choose",
			name, port->id, port->driver_name);
	port->drops = policy == LABYRINTH_RX_DROP;
	return RX_OK;
}

const char *
rx_policy_of(const struct rx_port *port)
{
	int policy = labyrinth_net_policy == NULL ? -1 : labyrinth_net_policy(port->id);

	return policy < 0 ? NULL : rx_policies[policy];
}
