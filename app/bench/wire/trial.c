/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <stdatomic.h>

#include <rte_cycles.h>

#include "card.h"
#include "trial.h"

/** Polls without a frame between two looks at the card's counters. */
#define EMPTY_POLLS 16u
/** Polls between two looks at the clock and the flag. */
#define POLLS 1024u

/* One for the process, as signal handlers have no argument. */
static atomic_bool stop;

void
wire_stop(void)
{
	/* relaxed: the loops look at nothing but the flag itself */
	atomic_store_explicit(&stop, true, memory_order_relaxed);
}

bool
wire_stopped(void)
{
	/* relaxed: as above */
	return atomic_load_explicit(&stop, memory_order_relaxed);
}

uint64_t
wire_trial_frames(double load, double seconds)
{
	double frames = load * seconds + 0.5;

	return frames >= 1 ? (uint64_t)frames : 1;
}

/* ---- the application ---- */

struct receiver {
	struct wire_bench *bench;
	struct wire_card card;
	struct labyrinth_histogram *latency;
	uint32_t to_note; /* frames until one's latency is noted */
};

static void
note_latency(struct receiver *r, const struct labyrinth_seg *seg, uint32_t n)
{
	uint64_t now = labyrinth_nic_now_ns(r->card.nic);
	struct labyrinth_frame frame;

	for (; r->to_note < n; r->to_note += WIRE_LATENCY_EVERY)
		if (labyrinth_frame_read(seg[r->to_note].data, &frame))
			labyrinth_histogram_add(
				r->latency, labyrinth_frame_age(frame.stamp, now));
	r->to_note -= n;
}

/* Take a burst, read it, and give its buffers back, at once or when they are due. */
LABYRINTH_HOT uint32_t
poll_once(struct receiver *r)
{
	const struct labyrinth_source *source = &r->bench->buffers.source;
	struct wire_hold *hold = &r->bench->hold;
	struct labyrinth_seg seg[WIRE_SEGS];
	void *buffer[WIRE_SEGS];
	uint32_t n = wire_card_receive(&r->card, r->bench->options->burst, seg, buffer);

	if (labyrinth_unlikely(r->latency != NULL))
		note_latency(r, seg, n);
	if (hold->ticks != 0) {
		uint64_t now = rte_rdtsc();

		wire_hold_push(hold, buffer, n, now);
		wire_hold_release(hold, source, now);
	} else if (n != 0) {
		source->give(source->arg, buffer, n);
	}
	return n;
}

static bool
all_accounted(const struct receiver *r, uint64_t frames)
{
	struct labyrinth_rxq_stats stats;

	labyrinth_rxq_stats(r->card.rxq, &stats);
	return stats.ledger.offered == frames && stats.ledger.in_flight == 0;
}

/*
 * Until all frames are accounted for. The limit is for what cannot be, such as frames
 * that a policy leaves in the ring for want of pages for ever.
 */
static void
receive(struct receiver *r, const struct wire_trial *trial)
{
	double seconds = (double)trial->frames / trial->load;
	uint64_t end =
		rte_rdtsc() + (uint64_t)((1.5 * seconds + 1) * (double)rte_get_tsc_hz());
	uint32_t empty = 0;

	for (uint32_t polls = 0;
		polls % POLLS != 0 || (rte_rdtsc() < end && !wire_stopped()); polls++) {
		if (poll_once(r) != 0)
			empty = 0;
		else if (++empty % EMPTY_POLLS == 0 && all_accounted(r, trial->frames))
			break;
	}
	wire_hold_release(&r->bench->hold, &r->bench->buffers.source, UINT64_MAX);
}

enum bench_exit
wire_trial_run(struct wire_bench *bench, const struct wire_trial *trial,
	struct wire_outcome *outcome, struct labyrinth_error *error)
{
	const struct wire_flow flow = {
		.size = trial->size,
		.load = trial->load,
		.frames = trial->frames,
		.policy = bench->options->policy,
	};
	struct receiver receiver = { .bench = bench, .latency = trial->latency };
	struct labyrinth_rxq_stats stats;
	enum bench_exit ret = wire_card_open(&receiver.card, bench->options,
		&bench->buffers, &flow, bench->device_cpu, error);

	if (ret != BENCH_OK)
		return ret;
	receive(&receiver, trial);
	ret = wire_card_close(&receiver.card, &stats, error);
	if (ret == BENCH_OK)
		ret = wire_buffers_check(&bench->buffers, error);
	labyrinth_ledger_merge(&bench->ledger, &stats.ledger);
	*outcome = (struct wire_outcome){
		.ledger = stats.ledger,
		.loss_ratio = 1 - (double)stats.ledger.delivered / (double)trial->frames,
		.forwarding_rate = trial->load * (double)stats.ledger.delivered /
				   (double)trial->frames,
		.alloc_fail = stats.alloc_fail,
	};
	return ret;
}
