/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>

#include <rte_cycles.h>

#include "figures/text.h"
#include "labyrinth_reasons.h"
#include "rates.h"
#include "report.h"

#define PORT_BORDER "----------------------"
#define ALL_BORDER  "+++++++++++++++"

static void
print_tx(uint64_t sent, uint64_t unsent, FILE *out)
{
	fprintf(out,
		"  TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64
		"TX-total: %-" PRIu64 "\n",
		sent, unsent, sent + unsent);
}

static void
print_port(const struct rx_port_result *r, FILE *out)
{
	fprintf(out, "\n  %s Forward statistics for port %-2d %s\n", PORT_BORDER, r->id,
		PORT_BORDER);
	fprintf(out,
		"  RX-packets: %-14" PRIu64 " RX-dropped: %-14" PRIu64
		"RX-total: %-" PRIu64 "\n",
		r->packets, r->imissed, r->packets + r->imissed);
	fprintf(out, "  RX-error: %-" PRIu64 "\n", r->errors);
	fprintf(out, "  RX-nombufs: %-14" PRIu64 "%s\n", r->nombuf,
		r->nombuf_unknown ? " unknown: the PMD counts none"
		: r->nombuf_is_lost || r->nombuf == 0
			? ""
			: " failed attempts, not frames");
	print_tx(r->sent, r->unsent, out);
	fprintf(out, "  %s--------------------------------%s\n", PORT_BORDER,
		PORT_BORDER);
}

static void
print_all_ports(const struct rx_result *result, FILE *out)
{
	uint64_t packets = 0, imissed = 0, nombuf = 0, sent = 0, unsent = 0;

	for (uint16_t i = 0; i < result->nb_ports; i++) {
		packets += result->ports[i].packets;
		imissed += result->ports[i].imissed;
		nombuf += result->ports[i].nombuf;
		sent += result->ports[i].sent;
		unsent += result->ports[i].unsent;
	}
	fprintf(out, "\n  %s Accumulated forward statistics for all ports%s\n",
		ALL_BORDER, ALL_BORDER);
	fprintf(out,
		"  RX-packets: %-14" PRIu64 " RX-dropped: %-14" PRIu64
		"RX-total: %-" PRIu64 "\n",
		packets, imissed, packets + imissed);
	fprintf(out, "  RX-nombufs: %-14" PRIu64 "\n", nombuf);
	print_tx(sent, unsent, out);
	fprintf(out, "  %s++++++++++++++++++++++++++++++++++++++++++++++%s\n", ALL_BORDER,
		ALL_BORDER);
}

static void
print_cycles(const struct rx_result *result, FILE *out)
{
	if (result->totals.packets == 0)
		return;
	fprintf(out,
		"\n  CPU cycles/packet=%.2F (total cycles=%" PRIu64
		" / total RX packets=%" PRIu64 ") at %" PRIu64 " MHz Clock\n",
		rx_result_cycles_per_packet(result), result->totals.cycles,
		result->totals.packets, (uint64_t)(rte_get_tsc_hz() / 1000000));
}

/* What became of the frames that the modes sent, or were to send. */
static void
print_sent(const struct rx_totals *t, FILE *out)
{
	if (t->sent + t->tx_full + t->unsent == 0)
		return;
	fprintf(out, "\nForwarded, in frames\n");
	fprintf(out, "  %-12s %20" PRIu64 "  taken by the tx queues\n", "sent", t->sent);
	fprintf(out, "  %-12s %20" PRIu64 "  made here, not received\n", "made", t->made);
	fprintf(out, "  %-12s %20" PRIu64 "  of those, not taken\n", "unsent", t->unsent);
}

/* Reasons of which a PMD keeps no count: what it lost for them is not in the ledger. */
static void
print_unknown(const struct rx_result *result, FILE *out)
{
	for (uint16_t i = 0; i < result->nb_ports; i++) {
		const struct rx_port_result *r = &result->ports[i];

		if (r->imissed_unknown)
			fprintf(out, "  %-12s %20s  port %u: %s does not know it\n",
				labyrinth_reason_name(LABYRINTH_REASON_IMISSED),
				RX_UNKNOWN_WORD, r->id, r->driver);
		if (r->nombuf_unknown)
			fprintf(out, "  %-12s %20s  port %u: %s does not count it\n",
				labyrinth_reason_name(LABYRINTH_REASON_RX_NOMBUF),
				RX_UNKNOWN_WORD, r->id, r->driver);
	}
}

static void
print_ledger(const struct rx_result *result, FILE *out)
{
	const struct labyrinth_ledger *ledger = &result->ledger;

	fprintf(out, "\nLedger, in frames\n");
	fprintf(out, "  %-12s %20" PRIu64 "  counted by the ports\n", "offered",
		ledger->offered);
	fprintf(out, "  %-12s %20" PRIu64 "  counted by the lcores\n", "delivered",
		ledger->delivered);
	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++) {
		if (ledger->drops[i] == 0)
			continue;
		fprintf(out, "  %-12s %20" PRIu64 "  lost: %s\n",
			labyrinth_reason_name(i), ledger->drops[i],
			labyrinth_reason_sentence(i));
	}
	print_unknown(result, out);
	fprintf(out, "  %-12s %20" PRIu64 "  in the rings when the ports stopped\n",
		"in flight", ledger->in_flight);
	if (labyrinth_ledger_balanced(ledger))
		fprintf(out, "  %-12s %20s\n", "balanced", "yes");
	else
		fprintf(out, "  %-12s %20s  off by %+" PRId64 "\n", "balanced", "NO",
			labyrinth_ledger_imbalance(ledger));
}

static void
print_verify(const struct rx_result *result, FILE *out)
{
	const struct labyrinth_seq_result *r = &result->verify.result;

	if (!result->verify.done)
		return;
	fprintf(out, "\nNumbers in the frames\n");
	fprintf(out, "  %-12s %20" PRIu64 "\n", "received", r->received);
	fprintf(out, "  %-12s %20" PRIu64 "  must be what the ledger says was lost\n",
		"missing", r->missing);
	fprintf(out, "  %-12s %20" PRIu64 "  came twice\n", "twice", r->twice);
	fprintf(out, "  %-12s %20" PRIu64 "  came after a later one of their flow\n",
		"out of order", r->out_of_order + r->ancient);
	fprintf(out, "  %-12s %20" PRIu64 "  were never sent\n", "invented", r->invented);
	fprintf(out, "  %-12s %20s\n", "agree",
		rx_verify_agrees(&result->verify, &result->ledger) ? "yes" : "NO");
}

static void
print_latency(const struct rx_result *result, FILE *out)
{
	const struct labyrinth_histogram *l = &result->latency;

	if (!result->latency_noted)
		return;
	fprintf(out,
		"\nLatency from arrival to release, simulated wire\n"
		"  p50 %.2f  p99 %.2f  p99.9 %.2f  max %.2f us, of %" PRIu64 " frames\n",
		(double)labyrinth_histogram_quantile(l, 0.5) / 1e3,
		(double)labyrinth_histogram_quantile(l, 0.99) / 1e3,
		(double)labyrinth_histogram_quantile(l, 0.999) / 1e3,
		(double)l->worst / 1e3, l->total);
}

static void
print_absorb(const struct rx_absorb *a, FILE *out)
{
	if (a->computed)
		fprintf(out,
			"  %-12s %20.1f  us of line rate, computed: %" PRIu32
			" pages, frames of %" PRIu32 " bytes at %.3f Mpps\n",
			"absorbs", a->computed_us, a->pages, a->frame_size,
			a->line_rate / 1e6);
	if (a->measured)
		fprintf(out,
			"  %-12s %20.1f  us measured: %" PRIu64 " frames, %s (%" PRIu32
			" of %u rounds)\n"
			"  %-12s %20.1f  us frames were still lost with the pages back\n",
			"absorbed", a->measured_us, a->measured_frames,
			a->kept_up != 0 ? "none lost before"
					: "others lost before, the loop did not keep up",
			a->kept_up, RX_ABSORB_ROUNDS, "recovery", a->recovery_us);
}

static void
print_pool(const struct rx_pool_summary *pool, FILE *out)
{
	fprintf(out, "\nPool %s, %" PRIu32 " pages of %" PRIu32 " bytes, %s\n", pool->ops,
		pool->pages, pool->page_size, pool->backing);
	fprintf(out, "  %-12s %20" PRIu32 "\n", "free", pool->free);
	if (pool->ours) {
		fprintf(out, "  %-12s %20" PRIu32 "  least ever left in the depot\n",
			"low water", pool->low_water);
		fprintf(out, "  %-12s %20" PRIu64 "  attempts, not frames\n",
			"alloc fail", pool->alloc_fail);
	}
	if (pool->stranded != 0)
		fprintf(out, "  %-12s %20" PRIu32 "  kept by PMDs of ports that are closed\n",
			"stranded", pool->stranded);
	fprintf(out, "  %-12s %20" PRIu32 "\n", "leaked", pool->leaked);
}

void
rx_report_print(const struct rx_result *result, FILE *out)
{
	for (uint16_t i = 0; i < result->nb_ports; i++)
		print_port(&result->ports[i], out);
	print_all_ports(result, out);
	print_cycles(result, out);
	fprintf(out, "\nRates over %.3f s, frames from: %s\n", result->duration_s,
		result->kind);
	rx_rates_line(out, "total", result->totals.packets, result->totals.bytes,
		result->duration_s);
	print_ledger(result, out);
	print_sent(&result->totals, out);
	print_verify(result, out);
	print_latency(result, out);
	print_pool(&result->pool, out);
	print_absorb(&result->absorb, out);
	if (result->last != NULL) {
		rx_text_lcores(result->last, out);
		rx_text_holders(result->last, out);
	}
	fflush(out);
}
