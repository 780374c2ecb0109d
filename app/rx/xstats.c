/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "xstats.h"

/* Is @p name one of @p names, which have commas between them? */
static bool
is_listed(const char *names, const char *name)
{
	size_t length = strlen(name);

	while (*names != '\0') {
		size_t n = strcspn(names, ",");

		if (n == length && strncmp(names, name, n) == 0)
			return true;
		names += n + (names[n] == ',');
	}
	return false;
}

static void
print_some(const char *names, const struct rte_eth_xstat_name *known,
	const struct rte_eth_xstat *xstats, int n, FILE *out)
{
	for (int i = 0; i < n; i++) {
		const char *name = known[xstats[i].id].name;

		if (names[0] == '\0' ? xstats[i].value != 0 : is_listed(names, name))
			fprintf(out, "  %-32s %20" PRIu64 "\n", name, xstats[i].value);
	}
}

static void
print_port(const char *names, uint16_t port, FILE *out)
{
	int n = rte_eth_xstats_get(port, NULL, 0);
	struct rte_eth_xstat_name *known;
	struct rte_eth_xstat *xstats;

	if (n <= 0)
		return;
	known = calloc((size_t)n, sizeof(*known));
	xstats = calloc((size_t)n, sizeof(*xstats));
	if (known != NULL && xstats != NULL &&
		rte_eth_xstats_get_names(port, known, (unsigned int)n) == n &&
		rte_eth_xstats_get(port, xstats, (unsigned int)n) == n) {
		fprintf(out, "xstats of port %u\n", port);
		print_some(names, known, xstats, n, out);
	}
	free(known);
	free(xstats);
}

void
rx_xstats_print(
	const char *names, const struct rx_port *ports, uint16_t nb_ports, FILE *out)
{
	if (names == NULL)
		return;
	for (uint16_t i = 0; i < nb_ports; i++)
		print_port(names, ports[i].id, out);
	fflush(out);
}
