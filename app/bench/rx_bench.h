/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_RX_BENCH_H
#define BENCH_RX_BENCH_H

/**
 * @file
 * The subcommand "rx-loop": one core takes frames from the simulated 100GbE card, each in
 * a page of the pool, reads their headers, and frees the pages. What its cases share.
 *
 * In a loop without a wire (case "loop") virtual time goes on by one burst with each poll,
 * so that the figure is what the core can do. The others run by the TSC: the wire does
 * not wait.
 *
 * Runs are by turns and consist of slices of a millisecond, as those of the pool do: a
 * slice in which the kernel ran something else is one of many.
 */

#include <stdio.h>

#include "nic.h"
#include "options.h"
#include "results.h"

/** Frames a poll. */
#define RX_BURST 32u
/** Pages of the pool: some more than the largest ring. */
#define RX_PAGES 8192u
/** Rings that are measured. */
#define RX_RINGS { 512u, 1024u, 2048u }
#define RX_RING_KINDS 3u
/** The ring of cases that have one only. */
#define RX_RING 2048u

/** Seconds that one run takes, or one step of a search. */
struct rx_plan {
	double loop, search, line_rate;
	uint32_t steps;
};

struct rx_bench {
	const struct bench_options *options;
	FILE *out;
	unsigned int runs;
	struct rx_plan plan;
	int device_cpu;                /**< for a device in a thread, -1: there is none */
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner;
	struct labyrinth_page_source pages[2];   /**< coloured, uncoloured: the same pages */
	struct labyrinth_source source[2];
	struct bench_results results;
};

/** A card with one queue. */
struct rx_card {
	struct labyrinth_nic *nic;
	struct labyrinth_rxq *rxq;
};

typedef enum bench_exit (*rx_case_fn)(struct rx_bench *bench,
	struct labyrinth_error *error);

/** As fast as the core can, beside a loop that only writes and reads the same lines. */
enum bench_exit
rx_case_loop(struct rx_bench *bench, struct labyrinth_error *error);

/** The highest rate of 64 byte frames without loss. */
enum bench_exit
rx_case_headroom(struct rx_bench *bench, struct labyrinth_error *error);

/** 64 byte frames at 100 Gb/s, for long: what is lost, and why. */
enum bench_exit
rx_case_line_rate(struct rx_bench *bench, struct labyrinth_error *error);

/** The highest rate without loss for each frame size, inline and with a device thread. */
enum bench_exit
rx_case_sizes(struct rx_bench *bench, struct labyrinth_error *error);

/** Create the pool. @return BENCH_OK; BENCH_ENVIRONMENT */
enum bench_exit
rx_bench_open(struct rx_bench *bench, struct labyrinth_error *error);

/** @return BENCH_OK; BENCH_INVARIANT a page is missing or was refused */
enum bench_exit
rx_bench_close(struct rx_bench *bench, struct labyrinth_error *error);

/** A new pool instead of the old one, whose pages are in no order any more: each run is to
 * begin as the first one did. */
enum bench_exit
rx_bench_renew(struct rx_bench *bench, struct labyrinth_error *error);

/** Start a card on a new pool. @return as bench_nic_open(); BENCH_INVARIANT */
enum bench_exit
rx_card_open(struct rx_bench *bench, const struct labyrinth_nic_config *config,
	uint32_t ring, const struct labyrinth_source *source, struct rx_card *card,
	struct labyrinth_error *error);

/** Stop it. @return BENCH_OK; BENCH_INVARIANT its ledger does not balance */
enum bench_exit
rx_card_close(struct rx_card *card, struct labyrinth_error *error);

/** Frames that the card has missed by now. */
uint64_t
rx_card_missed(const struct rx_card *card);

/** Poll once: take a burst, read the headers, free the pages. @return frames */
LABYRINTH_HOT uint32_t
rx_poll(const struct rx_bench *bench, struct labyrinth_rxq *rxq)
{
	struct labyrinth_seg seg[RX_BURST];
	uint32_t page[RX_BURST], n = labyrinth_rx_burst(rxq, seg, RX_BURST, RX_BURST);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		sum += bench_read_header(seg[i].data);
		page[i] = labyrinth_page_of_buffer(seg[i].buffer);
	}
	bench_use(sum);
	if (n != 0)
		labyrinth_free_index_bulk(bench->owner, page, n, NULL);
	return n;
}

#endif /* BENCH_RX_BENCH_H */
