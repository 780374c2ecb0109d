/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include <rte_cycles.h>

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

/* ---- the card ---- */

static enum bench_exit
open_card(const struct wire_bench *bench, const struct wire_trial *trial,
	struct labyrinth_nic **nic, struct labyrinth_error *error)
{
	const struct wire_options *o = bench->options;
	struct labyrinth_nic_config config;

	labyrinth_nic_config_init(&config);
	wire_size_apply(trial->size, &config);
	config.name = "wire";
	config.rate = wire_bandwidth(trial->size, trial->load) * 1e-9;
	config.frames = trial->frames;
	config.policy = o->policy;
	config.mode = o->mode;
	config.device_cpu = bench->device_cpu;
	config.scatter = trial->size->largest > bench->buffers.source.room;
	config.tsc_hz = rte_get_tsc_hz();
	if (labyrinth_nic_create(&config, nic, error) != 0)
		return BENCH_USAGE;
	if (labyrinth_nic_set_queues(*nic, 1, 0, error) == 0 &&
		labyrinth_nic_set_rx_ring(
			*nic, 0, o->rxd, &bench->buffers.source, error) == 0 &&
		labyrinth_nic_start(*nic, error) == 0)
		return BENCH_OK;
	labyrinth_nic_destroy(*nic);
	return BENCH_ENVIRONMENT;
}

static enum bench_exit
close_card(struct labyrinth_nic *nic, struct labyrinth_rxq_stats *stats,
	struct labyrinth_error *error)
{
	int64_t off;

	labyrinth_nic_stop(nic);
	labyrinth_nic_rx_stats(nic, stats);
	labyrinth_nic_destroy(nic);
	off = labyrinth_ledger_imbalance(&stats->ledger);
	if (off == 0 && stats->ledger.in_flight == 0)
		return BENCH_OK;
	return labyrinth_fail(error, BENCH_INVARIANT,
		"the ledger of a trial is off by %+" PRId64 " frames", off);
}

/* ---- the application ---- */

/* What it does with a frame: read addresses, ports and number. */
LABYRINTH_HOT uint64_t
read_header(const uint8_t *data)
{
	uint64_t addresses;
	uint32_t ports, number;

	memcpy(&addresses, data + LABYRINTH_AT_IP_SOURCE, sizeof(addresses));
	memcpy(&ports, data + LABYRINTH_AT_UDP, sizeof(ports));
	memcpy(&number, data + LABYRINTH_AT_SEQUENCE, sizeof(number));
	return addresses + ports + number;
}

/* Make the compiler believe that a value is used. */
LABYRINTH_HOT void
use(uint64_t value)
{
	__asm__ volatile("" : : "r"(value) : "memory");
}

struct receiver {
	struct wire_bench *bench;
	struct labyrinth_nic *nic;
	struct labyrinth_rxq *rxq;
	struct labyrinth_histogram *latency;
	uint32_t to_note; /* frames until one's latency is noted */
};

static void
note_latency(struct receiver *r, const struct labyrinth_seg *seg, uint32_t n)
{
	uint64_t now = labyrinth_nic_now_ns(r->nic);
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
	struct labyrinth_seg seg[WIRE_BURST_MAX + LABYRINTH_FRAME_BUFFERS_MAX];
	void *buffer[WIRE_BURST_MAX + LABYRINTH_FRAME_BUFFERS_MAX];
	uint32_t burst = r->bench->options->burst;
	uint32_t n = labyrinth_rx_burst(
		r->rxq, seg, burst + LABYRINTH_FRAME_BUFFERS_MAX, burst);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		sum += read_header(seg[i].data);
		buffer[i] = seg[i].buffer;
	}
	use(sum);
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

	labyrinth_rxq_stats(r->rxq, &stats);
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
	struct receiver receiver = { .bench = bench, .latency = trial->latency };
	struct labyrinth_rxq_stats stats;
	enum bench_exit ret = open_card(bench, trial, &receiver.nic, error);

	if (ret != BENCH_OK)
		return ret;
	receiver.rxq = labyrinth_nic_rxq(receiver.nic, 0);
	receive(&receiver, trial);
	ret = close_card(receiver.nic, &stats, error);
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
