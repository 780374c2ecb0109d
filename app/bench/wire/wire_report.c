/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>

#include "labyrinth_reasons.h"
#include "wire_report.h"

#define MPPS 1e-6

static const char *
mode_name(const struct wire_options *o)
{
	return o->mode == LABYRINTH_NIC_INLINE ? "played by the polling core"
					       : "played by a core of its own";
}

void
wire_report_begin(const struct wire_run *run, FILE *out)
{
	const struct wire_options *o = run->options;
	const struct wire_buffers *b = run->buffers;

	fprintf(out, "%s, %ld CPUs, TSC %.0f MHz, Linux %s, %s\n", run->machine.cpu,
		run->machine.cores, (double)run->machine.tsc_hz / 1e6,
		run->machine.kernel, run->machine.dpdk);
	fprintf(out,
		"SIMULATED WIRE of %g Gb/s, the card %s; one core reads each header\n",
		o->rate, mode_name(o));
	fprintf(out,
		"%s, %" PRIu32 " buffers of 4 KiB (%s), ring %" PRIu32 ", burst %" PRIu32
		", policy %s, held %" PRIu32 " us\n",
		o->pool, b->n, b->backing, o->rxd, o->burst, wire_policy_name(o->policy),
		o->hold_us);
	fprintf(out, "goal %s: %s\n", o->preset->name, o->preset->summary);
}

/* ---- NDR, PDR, MRR ---- */

/* A star: not regular, see below the table. */
static void
print_goal(FILE *out, const struct wire_result *r, uint32_t g)
{
	const struct search_result *goal = &r->goal[g];
	const char *star = goal->regular ? " " : "*";
	char upper[16] = "none";

	if (!r->searched || (!goal->has_lower && !goal->has_upper)) {
		fprintf(out, "  %8s %7s %-17s", "-", "", "");
		return;
	}
	if (goal->has_upper)
		snprintf(upper, sizeof(upper), "%.3f", goal->upper * MPPS);
	fprintf(out, "  %8.3f%s %5.1f%% %8.3f-%-8s", goal->throughput * MPPS, star,
		100 * goal->throughput / r->line_rate, goal->lower * MPPS, upper);
}

static bool
any_irregular(const struct wire_run *run)
{
	for (uint32_t i = 0; i < run->results; i++)
		for (uint32_t g = 0; g < run->options->preset->goals; g++)
			if (run->result[i].searched && !run->result[i].goal[g].regular)
				return true;
	return false;
}

static void
print_throughput(const struct wire_run *run, FILE *out)
{
	fprintf(out,
		"\nThroughput by RFC 9971, Mpps, on the simulated wire\n"
		"%5s %8s  %8s  %6s %-17s  %8s  %6s %-17s  %8s %7s\n",
		"bytes", "line", "NDR", "line", "bounds", "PDR", "line", "bounds", "MRR",
		"stdev");
	for (uint32_t i = 0; i < run->results; i++) {
		const struct wire_result *r = &run->result[i];
		struct search_spread mrr = search_spread(r->mrr, r->mrrs);

		fprintf(out, "%5s %8.3f", r->size->label, r->line_rate * MPPS);
		for (uint32_t g = 0; g < run->options->preset->goals; g++)
			print_goal(out, r, g);
		if (r->mrrs != 0)
			fprintf(out, "  %8.3f %7.3f", mrr.average * MPPS,
				mrr.stdev * MPPS);
		fprintf(out, "\n");
	}
	if (any_irregular(run))
		fprintf(out,
			"* irregular: no upper bound up to line rate, no lower one, or "
			"broken off\n");
}

/* ---- loss against load ---- */

static void
print_loss(const struct wire_run *run, FILE *out)
{
	fprintf(out, "\nFrame loss in %% at part of line rate (RFC 2544 26.3)\n%5s",
		"bytes");
	for (uint32_t i = 0; i < WIRE_LOSS_STEPS; i++)
		fprintf(out, " %7u%%", (WIRE_LOSS_STEPS - i) * 100 / WIRE_LOSS_STEPS);
	fprintf(out, "\n");
	for (uint32_t i = 0; i < run->results; i++) {
		const struct wire_result *r = &run->result[i];

		fprintf(out, "%5s", r->size->label);
		for (uint32_t j = 0; j < r->losses; j++)
			fprintf(out, " %8.3f", 100 * r->loss[j].outcome.loss_ratio);
		fprintf(out, "\n");
	}
}

/* ---- back-to-back ---- */

static void
print_bursts(const struct wire_run *run, FILE *out)
{
	const struct wire_options *o = run->options;

	fprintf(out,
		"\nBack-to-back at line rate (RFC 2544 26.4, RFC 9004)\n"
		"%5s %10s %10s %10s %10s  %12s %12s  %10s %10s\n",
		"bytes", "frames", "min", "max", "stdev", "buffer us", "corrected",
		"ring us", "pool us");
	for (uint32_t i = 0; i < run->results; i++) {
		const struct wire_result *r = &run->result[i];
		struct search_spread s = search_spread(r->burst, r->bursts);

		fprintf(out, "%5s", r->size->label);
		if (r->bursts == 0 || r->burst_unlimited)
			fprintf(out, " %10s %57s", r->bursts == 0 ? "-" : "unlimited",
				"");
		else
			fprintf(out, " %10.0f %10.0f %10.0f %10.0f  %12.2f %12.2f",
				s.average, s.min, s.max, s.stdev, r->buffer.implied * 1e6,
				r->buffer.corrected * 1e6);
		fprintf(out, "  %10.2f %10.2f\n", o->rxd / r->line_rate * 1e6,
			run->buffers->n / r->line_rate * 1e6);
	}
}

/* ---- latency ---- */

static void
print_latency(const struct wire_run *run, FILE *out)
{
	fprintf(out,
		"\nMicroseconds from arrival on the simulated wire to the application\n"
		"%5s %8s %9s %9s %9s %9s %9s %9s %9s\n",
		"bytes", "of PDR", "Mpps", "min", "p50", "p90", "p99", "p99.9", "max");
	for (uint32_t i = 0; i < run->results; i++)
		for (uint32_t j = 0; j < run->result[i].latencies; j++) {
			const struct wire_latency *l = &run->result[i].latency[j];

			fprintf(out,
				"%5s %7" PRIu32 "%% %9.3f %9.2f %9.2f %9.2f %9.2f %9.2f "
				"%9.2f\n",
				run->result[i].size->label, l->percent, l->load * MPPS,
				l->min, l->p50, l->p90, l->p99, l->p999, l->max);
		}
}

/* ---- losses over time ---- */

/* The part of the frames between two moments that was lost. */
static double
lost_share(const struct wire_timeline *t, double from, double to)
{
	const struct labyrinth_ledger *first = NULL, *last = NULL;
	uint64_t offered;

	for (uint32_t i = 0; i < t->samples; i++) {
		if (t->sample[i].us < from || t->sample[i].us > to)
			continue;
		if (first == NULL)
			first = &t->sample[i].ledger;
		last = &t->sample[i].ledger;
	}
	offered = first != NULL ? last->offered - first->offered : 0;
	if (offered == 0)
		return 0;
	return (double)(labyrinth_ledger_dropped(last) -
			labyrinth_ledger_dropped(first)) /
	       (double)offered;
}

static void
print_timelines(const struct wire_run *run, FILE *out)
{
	fprintf(out,
		"\nLoss in %% at line rate: before, while and after the application "
		"keeps all frames for %u ms\n%5s",
		(WIRE_TIMELINE_FREE_US - WIRE_TIMELINE_KEEP_US) / 1000, "bytes");
	for (uint32_t i = 0; i < WIRE_POLICIES; i++)
		fprintf(out, "  %8s %8s %8s",
			wire_policy_name((enum labyrinth_rx_policy)i), "keeping",
			"after");
	fprintf(out, "\n");
	for (uint32_t i = 0; i < run->results; i++) {
		const struct wire_result *r = &run->result[i];

		fprintf(out, "%5s", r->size->label);
		for (uint32_t j = 0; j < r->timelines; j++)
			fprintf(out, "  %8.3f %8.3f %8.3f",
				100 * lost_share(
					      &r->timeline[j], 0, WIRE_TIMELINE_KEEP_US),
				100 * lost_share(&r->timeline[j], WIRE_TIMELINE_KEEP_US,
					      WIRE_TIMELINE_FREE_US),
				100 * lost_share(&r->timeline[j], WIRE_TIMELINE_FREE_US,
					      WIRE_TIMELINE_US));
		fprintf(out, "\n");
	}
}

/* ---- where the frames went ---- */

static void
print_ledger(const struct wire_run *run, FILE *out)
{
	struct labyrinth_ledger sum = { 0 };

	for (uint32_t i = 0; i < run->results; i++)
		labyrinth_ledger_merge(&sum, &run->result[i].ledger);
	fprintf(out, "\nAll trials: offered %" PRIu64 ", delivered %" PRIu64, sum.offered,
		sum.delivered);
	for (uint32_t i = 0; i < LABYRINTH_REASON_COUNT; i++)
		if (sum.drops[i] != 0)
			fprintf(out, ", %s %" PRIu64, labyrinth_reason_name(i),
				sum.drops[i]);
	fprintf(out, ", in flight %" PRIu64 "; the ledger %s\n", sum.in_flight,
		labyrinth_ledger_balanced(&sum) ? "balances" : "DOES NOT BALANCE");
}

void
wire_report_print(const struct wire_run *run, FILE *out)
{
	unsigned int measures = run->options->measures;

	if ((measures & (WIRE_NDRPDR | WIRE_MRR)) != 0)
		print_throughput(run, out);
	if ((measures & WIRE_LOSS) != 0)
		print_loss(run, out);
	if ((measures & WIRE_BURST) != 0)
		print_bursts(run, out);
	if ((measures & WIRE_LATENCY) != 0)
		print_latency(run, out);
	if ((measures & WIRE_TIMELINE) != 0)
		print_timelines(run, out);
	print_ledger(run, out);
	if (!run->passed)
		fprintf(out, "NOT COMPLETE: %s\n", run->message);
	fflush(out);
}
