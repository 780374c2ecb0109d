/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labyrinth_mbuf.h"
#include "mode.h"
#include "option_read.h"
#include "policy.h"

/** Lists of names end with NULL. */
static const char *const topologies[] = {
	[RX_TOPOLOGY_PAIRED] = "paired",
	[RX_TOPOLOGY_CHAINED] = "chained",
	[RX_TOPOLOGY_LOOP] = "loop",
	NULL,
};

/* Which of @p choices @p text is, or -1. */
static int
choose(const char *option, const char *text, const char *const *choices,
	struct labyrinth_error *error)
{
	char known[64] = "";

	for (int i = 0; choices[i] != NULL; i++) {
		if (strcmp(text, choices[i]) == 0)
			return i;
		snprintf(known + strlen(known), sizeof(known) - strlen(known), " %s",
			choices[i]);
	}
	labyrinth_fail(error, RX_USAGE, "--%s %.40s: no such, choose from:%s", option, text,
		known);
	return -1;
}

enum rx_exit
rx_read_mode(const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	const struct rx_mode *mode = rx_mode_find(text);
	char names[128];

	if (mode == NULL) {
		rx_mode_names(names, sizeof(names));
		return labyrinth_fail(error, RX_USAGE,
			"--forward-mode %.40s: no such, choose from: %s", text, names);
	}
	options->mode = mode->name;
	return RX_OK;
}

enum rx_exit
rx_read_pipeline_mode(
	const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	const struct rx_mode *mode = rx_mode_find(text);

	if (mode == NULL || mode->deaf || mode == &rx_mode_pipeline)
		return labyrinth_fail(error, RX_USAGE,
			"--pipeline-mode %.40s: choose a mode that does something with what "
			"was received, such as rxonly, io or macswap",
			text);
	options->pipeline_mode = mode->name;
	return RX_OK;
}

enum rx_exit
rx_read_portlist(
	const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	const char *at = text;
	uint64_t mask = 0;

	for (;; at++) {
		char *end;
		unsigned long first, last;

		first = last = *at >= '0' && *at <= '9' ? strtoul(at, &end, 10) : ULONG_MAX;
		if (first < RTE_MAX_ETHPORTS && *end == '-' && end[1] >= '0' && end[1] <= '9')
			last = strtoul(end + 1, &end, 10);
		if (first > last || last >= RTE_MAX_ETHPORTS)
			break;
		for (; first <= last; first++)
			mask |= UINT64_C(1) << first;
		at = end;
		if (*at != ',')
			break;
	}
	if (*at != '\0' || mask == 0)
		return labyrinth_fail(error, RX_USAGE,
			"--portlist '%.40s': give ports from 0 to %d, such as 0,2-3", text,
			RTE_MAX_ETHPORTS - 1);
	options->portmask = mask;
	return RX_OK;
}

enum rx_exit
rx_read_topology(
	const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	int i = choose("port-topology", text, topologies, error);

	if (i >= 0)
		options->topology = (enum rx_topology)i;
	return i >= 0 ? RX_OK : RX_USAGE;
}

enum rx_exit
rx_read_peer(const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	struct rte_ether_addr mac;
	unsigned long port;
	char *end;

	port = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : ULONG_MAX;
	if (port >= RTE_MAX_ETHPORTS || *end != ',' ||
		rte_ether_unformat_addr(end + 1, &mac) != 0)
		return labyrinth_fail(error, RX_USAGE,
			"--eth-peer '%.40s': give a port and an address, such as "
			"0,02:00:00:00:00:01",
			text);
	options->eth_peer[port] = mac;
	return RX_OK;
}

enum rx_exit
rx_read_policy(
	const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	int i = choose("policy", text, rx_policies, error);

	if (i >= 0)
		options->policy = rx_policies[i];
	return i >= 0 ? RX_OK : RX_USAGE;
}

enum rx_exit
rx_read_map(const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	return rx_rxq_map_parse(text, &options->rxq_map, error);
}

enum rx_exit
rx_read_ip(const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	char copy[2 * INET_ADDRSTRLEN + 2];
	struct in_addr src, dst;
	char *comma = NULL;

	if (strlen(text) < sizeof(copy)) {
		memcpy(copy, text, strlen(text) + 1);
		comma = strchr(copy, ',');
	}
	if (comma != NULL)
		*comma = '\0';
	if (comma == NULL || inet_pton(AF_INET, copy, &src) != 1 ||
		inet_pton(AF_INET, comma + 1, &dst) != 1)
		return labyrinth_fail(error, RX_USAGE,
			"--tx-ip '%.40s': give two addresses, such as 198.18.0.1,198.18.0.2",
			text);
	options->tx_ip_src = ntohl(src.s_addr);
	options->tx_ip_dst = ntohl(dst.s_addr);
	return RX_OK;
}

/* A UDP port that ends with @p end or the text. @return what follows, NULL it is none */
static const char *
read_udp_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long n;

	if (*text < '0' || *text > '9')
		return NULL;
	n = strtoul(text, &end, 10);
	*port = (uint16_t)n;
	return n <= UINT16_MAX && (*end == ',' || *end == '\0') ? end : NULL;
}

enum rx_exit
rx_read_udp(const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	uint16_t src, dst;
	const char *end = read_udp_port(text, &src);

	dst = src;
	if (end != NULL && *end == ',')
		end = read_udp_port(end + 1, &dst);
	if (end == NULL || *end != '\0')
		return labyrinth_fail(error, RX_USAGE,
			"--tx-udp '%.40s': give one or two ports, such as 9,9", text);
	options->tx_udp_src = src;
	options->tx_udp_dst = dst;
	return RX_OK;
}

enum rx_exit
rx_read_pool(const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	if (text[0] == '\0')
		return labyrinth_fail(error, RX_USAGE,
			"--pool: give the name of mempool ops, such as %s or ring_mp_mc",
			LABYRINTH_MBUF_OPS_NAME);
	options->pool = text;
	return RX_OK;
}

/* Looked at before the run: to find out after it would lose the figures. */
static enum rx_exit
read_file(const char *option, const char *text, const char **path,
	struct labyrinth_error *error)
{
	char copy[PATH_MAX];
	struct stat st;

	*path = text;
	if (strcmp(text, "-") == 0)
		return RX_OK;
	if (text[0] == '\0' || strlen(text) >= sizeof(copy))
		return labyrinth_fail(error, RX_USAGE,
			"--%s: give a file name, or - for standard output", option);
	if (stat(text, &st) == 0 && S_ISDIR(st.st_mode))
		return labyrinth_fail(error, RX_USAGE,
			"--%s %.100s: is a directory, give a file in it", option, text);
	memcpy(copy, text, strlen(text) + 1);
	if (access(dirname(copy), W_OK | X_OK) != 0)
		return labyrinth_fail(error, RX_USAGE,
			"--%s %.100s: cannot write to its directory (%s), create it first",
			option, text, strerror(errno));
	return RX_OK;
}

enum rx_exit
rx_read_json(const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	return read_file("json", text, &options->json, error);
}

enum rx_exit
rx_read_json_lines(
	const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	return read_file("json-lines", text, &options->json_lines, error);
}

enum rx_exit
rx_read_csv(const char *text, struct rx_options *options, struct labyrinth_error *error)
{
	return read_file("csv", text, &options->csv, error);
}
