/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <string.h>

#include <rte_ethdev.h>

#include "figures/live.h"
#include "figures/since.h"
#include "figures/text.h"
#include "labyrinth_reasons.h"
#include "prompt_show.h"
#include "xstats.h"

#define BORDER "########################"

/* The figures of now, since the last clear. NULL when out of memory. */
static struct rx_snapshot *
take(const struct rx_prompt *prompt)
{
	struct rx_snapshot *now;

	rx_live_hold();
	now = rx_snapshot_take(&prompt->app->scene);
	rx_live_release();
	if (now != NULL && prompt->cleared != NULL)
		rx_snapshot_since(now, prompt->cleared);
	return now;
}

/* The words and the arithmetic of testpmd. */
static void
show_stats(const struct rx_snapshot *now, const struct rx_port *port, FILE *out)
{
	const struct rx_row *row = NULL, *r;

	for (uint32_t i = 0; (r = rx_snapshot_row(now, RX_PLACE_PORT, i)) != NULL; i++) {
		if (r->port == port->id)
			row = r;
	}
	if (row == NULL)
		return;
	fprintf(out, "\n  %s NIC statistics for port %-2d %s\n", BORDER, port->id, BORDER);
	fprintf(out,
		"  RX-packets: %-10" PRIu64 " RX-missed: %-10" PRIu64 " RX-bytes:  %-" PRIu64
		"\n",
		rx_number(row, RX_PORT_RX_PACKETS, 0), rx_number(row, RX_PORT_IMISSED, 0),
		rx_number(row, RX_PORT_RX_BYTES, 0));
	fprintf(out, "  RX-errors: %-" PRIu64 "\n", rx_number(row, RX_PORT_RX_ERRORS, 0));
	fprintf(out, "  RX-nombuf:  %-10" PRIu64 "\n", rx_number(row, RX_PORT_RX_NOMBUF, 0));
	fprintf(out,
		"  TX-packets: %-10" PRIu64 " TX-errors: %-10" PRIu64 " TX-bytes:  %-" PRIu64
		"  since the start\n",
		port->stats.opackets, port->stats.oerrors, port->stats.obytes);
	fprintf(out, "  %s############################%s\n", BORDER, BORDER);
}

static void
show_info(const struct rx_port *port, FILE *out)
{
	char mac[RTE_ETHER_ADDR_FMT_SIZE] = "unknown";
	struct rte_ether_addr address;
	const char *state = "unknown";
	struct rte_eth_link link;

	if (rte_eth_macaddr_get(port->id, &address) == 0)
		rte_ether_format_addr(mac, sizeof(mac), &address);
	if (rte_eth_link_get_nowait(port->id, &link) == 0)
		state = link.link_status == RTE_ETH_LINK_UP ? "up" : "down";
	fprintf(out, "\nPort %u\n", port->id);
	fprintf(out, "  driver       %s (frames from: %s)\n", port->driver_name,
		port->driver->kind);
	fprintf(out, "  state        %s, link %s\n", port->started ? "started" : "stopped",
		state);
	fprintf(out, "  MAC address  %s\n", mac);
	fprintf(out, "  NUMA node    %d\n", port->socket_id);
	fprintf(out, "  rx queues    %u of %u descriptors\n", port->nb_rxq, port->nb_rxd);
	fprintf(out, "  tx queues    %u of %u descriptors\n", port->nb_txq, port->nb_txd);
}

void
rx_show_port(const struct rx_prompt *prompt, const char *what, const struct rx_port *port)
{
	FILE *out = prompt->app->out;
	struct rx_snapshot *now;

	if (strcmp(what, "info") == 0) {
		show_info(port, out);
	} else if (strcmp(what, "xstats") == 0) {
		rx_xstats_print("", port, 1, out);
	} else if ((now = take(prompt)) != NULL) {
		show_stats(now, port, out);
		rx_snapshot_free(now);
	}
}

/* As VPP has it: count, reason, sentence, and nothing where there is nothing. */
static void
show_errors(const struct rx_snapshot *now, FILE *out)
{
	const struct rx_row *run = rx_snapshot_row(now, RX_PLACE_RUN, 0);
	bool any = false;

	fprintf(out, "%20s  %-14s %s\n", "Count", "Reason", "Meaning");
	for (uint32_t i = 0; i < LABYRINTH_REASON_COUNT; i++) {
		const struct rx_value *value = rx_cell(run, RX_RUN_DROPS, i);

		if (value->known == RX_UNKNOWN)
			fprintf(out, "%20s", RX_UNKNOWN_WORD);
		else if (value->n != 0)
			fprintf(out, "%20" PRIu64, value->n);
		else
			continue;
		fprintf(out, "  %-14s %s\n", labyrinth_reason_name(i),
			labyrinth_reason_sentence(i));
		any = true;
	}
	if (!any)
		fprintf(out, "%20s  no frame was lost\n", "");
}

static void
show_ledger(const struct rx_snapshot *now, bool running, FILE *out)
{
	const struct rx_row *run = rx_snapshot_row(now, RX_PLACE_RUN, 0);
	int64_t rest = rx_cell(run, RX_RUN_UNACCOUNTED, 0)->i;

	fprintf(out, "  %-12s %20" PRIu64 "\n", "offered", rx_number(run, RX_RUN_OFFERED, 0));
	fprintf(out, "  %-12s %20" PRIu64 "\n", "delivered",
		rx_number(run, RX_RUN_DELIVERED, 0));
	for (uint32_t i = 0; i < LABYRINTH_REASON_COUNT; i++) {
		if (rx_number(run, RX_RUN_DROPS, i) != 0)
			fprintf(out, "  %-12s %20" PRIu64 "\n", labyrinth_reason_name(i),
				rx_number(run, RX_RUN_DROPS, i));
	}
	fprintf(out, "  %-12s %20" PRIu64 "\n", "in flight",
		rx_number(run, RX_RUN_IN_FLIGHT, 0));
	fprintf(out, "  %-12s %20" PRId64 "%s\n", "unaccounted", rest,
		running ? "  on their way, while lcores poll" : "");
}

static void
show_latency(const struct rx_snapshot *now, FILE *out)
{
	struct labyrinth_histogram all = { 0 };
	const struct rx_row *row;

	for (uint32_t i = 0; (row = rx_snapshot_row(now, RX_PLACE_QUEUE, i)) != NULL; i++) {
		const struct rx_value *value = rx_cell(row, RX_QUEUE_LATENCY, 0);

		if (value->known == RX_KNOWN)
			labyrinth_histogram_merge(&all, value->h);
	}
	if (all.total == 0) {
		fprintf(out, "no latency was noted: a simulated wire and --latency do that\n");
		return;
	}
	fprintf(out, "p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f us, of %" PRIu64
		     " frames, simulated wire\n",
		(double)labyrinth_histogram_quantile(&all, 0.5) / 1e3,
		(double)labyrinth_histogram_quantile(&all, 0.9) / 1e3,
		(double)labyrinth_histogram_quantile(&all, 0.99) / 1e3,
		(double)labyrinth_histogram_quantile(&all, 0.999) / 1e3,
		(double)all.worst / 1e3, all.total);
}

static void
show_snapshot(const struct rx_prompt *prompt, const char *what,
	const struct rx_snapshot *now)
{
	FILE *out = prompt->app->out;

	if (strcmp(what, "pool") == 0)
		rx_text_print(now, RX_PLACE_POOL, out);
	else if (strcmp(what, "owners") == 0)
		rx_text_print(now, RX_PLACE_OWNER, out);
	else if (strcmp(what, "queues") == 0)
		rx_text_print(now, RX_PLACE_QUEUE, out);
	else if (strcmp(what, "errors") == 0)
		show_errors(now, out);
	else if (strcmp(what, "ledger") == 0)
		show_ledger(now, prompt->app->running, out);
	else if (strcmp(what, "latency") == 0)
		show_latency(now, out);
	else
		rx_text_lcores(now, out);
}

void
rx_show(const struct rx_prompt *prompt, const char *what)
{
	struct rx_snapshot *now;

	if (strcmp(what, "fwd") == 0) {
		fprintf(prompt->app->out, "mode %s, burst %u, %s\n",
			prompt->app->options.mode, prompt->app->plan.control.burst,
			prompt->app->running ? "forwarding" : "stopped");
		rx_plan_print(&prompt->app->plan, prompt->app->out);
		return;
	}
	now = take(prompt);
	if (now == NULL)
		return;
	show_snapshot(prompt, what, now);
	rx_snapshot_free(now);
}
