/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <rte_cycles.h>

#include "card.h"
#include "timeline.h"

/** Least between two samples; a core that was taken away has missed some. */
#define SAMPLE_US ((double)WIRE_TIMELINE_US / WIRE_TIMELINE_SAMPLES)

static void
take_sample(struct wire_timeline *timeline, const struct wire_card *card, double us)
{
	struct wire_sample *sample = &timeline->sample[timeline->samples++];
	struct labyrinth_rxq_stats stats;

	labyrinth_rxq_stats(card->rxq, &stats);
	sample->us = us;
	sample->ledger = stats.ledger;
}

/* An application that keeps frames for a while, and then no more. */
static void
receive(struct wire_bench *bench, struct wire_card *card, struct wire_timeline *timeline)
{
	const struct labyrinth_source *source = &bench->buffers.source;
	double us_per_tick = 1e6 / (double)rte_get_tsc_hz(), us = 0, next = 0;
	struct labyrinth_seg seg[WIRE_SEGS];
	uint64_t start = rte_rdtsc();
	void *buffer[WIRE_SEGS];

	while (us < WIRE_TIMELINE_US && !wire_stopped()) {
		uint32_t n = wire_card_receive(card, bench->options->burst, seg, buffer);

		us = (double)(rte_rdtsc() - start) * us_per_tick;
		if (us >= WIRE_TIMELINE_KEEP_US && us < WIRE_TIMELINE_FREE_US) {
			wire_hold_push(&bench->hold, buffer, n, 0);
		} else {
			wire_hold_release(&bench->hold, source, UINT64_MAX);
			if (n != 0)
				source->give(source->arg, buffer, n);
		}
		if (us >= next && timeline->samples < WIRE_TIMELINE_SAMPLES) {
			take_sample(timeline, card, us);
			next = us + SAMPLE_US;
		}
	}
	wire_hold_release(&bench->hold, source, UINT64_MAX);
}

enum bench_exit
wire_timeline_run(struct wire_bench *bench, const struct wire_size *size, double load,
	struct wire_timeline *timeline, struct labyrinth_error *error)
{
	const struct wire_flow flow = {
		.size = size,
		.load = load,
		/* for longer than it is looked at */
		.frames = wire_trial_frames(load, 1),
		.policy = timeline->policy,
	};
	struct labyrinth_rxq_stats stats;
	struct wire_card card;
	enum bench_exit ret = wire_card_open(
		&card, bench->options, &bench->buffers, &flow, bench->device_cpu, error);

	if (ret != BENCH_OK)
		return ret;
	timeline->samples = 0;
	receive(bench, &card, timeline);
	ret = wire_card_close(&card, &stats, error);
	if (ret == BENCH_OK)
		ret = wire_buffers_check(&bench->buffers, error);
	labyrinth_ledger_merge(&bench->ledger, &stats.ledger);
	return ret;
}
