/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <math.h>
#include <string.h>

#include "labyrinth_wire.h"
#include "rx_report.h"

/* What 64 byte frames at 100 Gb/s need. */
#define LINE_RATE_MPPS (labyrinth_wire_line_rate(100e9, LABYRINTH_FRAME_MIN) * 1e-6)

static const char *const rings[] = { "512", "1024", "2048" };

static struct bench_ratio *
next(struct bench_ratios *ratios, const char *name, const char *ours, const char *theirs)
{
	struct bench_ratio *ratio = &ratios->ratio[ratios->n++];

	memset(ratio, 0, sizeof(*ratio));
	snprintf(ratio->name, sizeof(ratio->name), "%s", name);
	snprintf(ratio->ours, sizeof(ratio->ours), "%s", ours);
	snprintf(ratio->theirs, sizeof(ratio->theirs), "%s", theirs);
	ratio->value = NAN;
	return ratio;
}

/* A claim about each ring, of which the worst is the headline. */
struct claim {
	const char *name, *name_of_case, *ours, *theirs;  /* theirs NULL: the line rate */
	double goal, least;
	bool headline;
};

static double
value_of(const struct bench_results *results, const struct claim *claim, const char *ring)
{
	double ours, theirs = LINE_RATE_MPPS;
	char name[32];

	snprintf(name, sizeof(name), "%s/%s", claim->name_of_case, ring);
	ours = bench_results_median(results, name, claim->ours);
	if (claim->theirs != NULL)
		theirs = bench_results_median(results, name, claim->theirs);
	return ours / theirs;
}

static void
work_out(struct bench_ratios *ratios, const struct bench_results *results,
	const struct claim *claim)
{
	const char *theirs = claim->theirs != NULL ? claim->theirs : "148.81 Mpps";
	struct bench_ratio *worst = next(ratios, claim->name, claim->ours, theirs);

	worst->goal = claim->goal;
	worst->least = claim->least;
	worst->headline = claim->headline;
	for (unsigned int i = 0; i < RX_RING_KINDS; i++) {
		double value = value_of(results, claim, rings[i]);
		struct bench_ratio *each;
		char name[64];

		snprintf(name, sizeof(name), "%s_%s", claim->name, rings[i]);
		each = next(ratios, name, claim->ours, theirs);
		each->value = value;
		if (isnan(worst->value) || value < worst->value)
			worst->value = value;
	}
}

void
rx_ratios_work_out(struct bench_ratios *ratios, const struct bench_results *results)
{
	static const struct claim claims[] = {
		{ "rx_vs_bare", "loop", "labyrinth", "bare", 0.85, 0.75, true },
		{ "coloured", "loop", "labyrinth", "labyrinth-uncoloured", 1.6, 1.6,
			true },
		{ "headroom", "headroom", "labyrinth", NULL, 1.3, 1.0, true },
		{ "aged", "loop", "labyrinth-aged", "labyrinth", 0, 0, false },
		{ "rx_vs_bare_frames", "loop", "labyrinth", "bare-frames", 0, 0, false },
	};
	double delivered = bench_results_median(results, "line_rate", "delivered");
	double missed = bench_results_median(results, "line_rate", "missed");
	struct bench_ratio *zero_loss;

	ratios->n = 0;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		work_out(ratios, results, &claims[i]);
	zero_loss = next(ratios, "zero_loss", "delivered", "sent");
	zero_loss->value = delivered / (delivered + missed);
	zero_loss->goal = 1;
}
