/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_JSON_H
#define RX_JSON_H

/**
 * @file
 * The result as JSON, schema "labyrinth-rx/1":
 *
 *   schema      "labyrinth-rx/1"
 *   source      { kind }: where frames came from, see drivers.h
 *   duration_s  seconds of polling
 *   ports       [ { port, driver, rx_packets, rx_bytes, imissed, rx_errors,
 *               rx_nombuf, tx_packets, tx_dropped } ]: the PMD's counters, but for
 *               rx_bytes, which are those of the received mbufs, and tx_dropped, frames
 *               that the PMD did not take.
 *               Where the PMD does not count imissed or rx_nombuf: "unknown"
 *   ledger      { offered, delivered, in_flight, drops { reason: frames }, unknown,
 *               balanced }, each reason of labyrinth_reasons.h, also at 0; unknown lists
 *               those that a PMD does not count
 *   forward     { mode, sent, tx_full, made, unsent }: the mode of the last run; frames
 *               that tx queues took; received ones that they did not; ones made here;
 *               of those, ones that they did not take
 *   sequence    { received, missing, twice, out_of_order, invented, agrees }: what the
 *               numbers in the frames say (--verify), or null
 *   latency_us  { p50, p99, p99_9, max }: from arrival to release (--latency), or null
 *   absorb      for how long the pool takes frames in when none is freed: computed_us,
 *               pages, frame_size, line_rate_pps where the line rate is known;
 *               measured_us, measured_frames, rounds_kept_up, recovery_us with --absorb
 *   pool        { ops, pages, page_size, backing, free, alloc_fail, low_water,
 *               stranded, leaked }; alloc_fail and low_water are null with ops that have none
 *   rate        { pps, l1_bps, l2_bps, cycles_per_packet }
 *   figures     all of them, by place, see figures/figures_json.h
 *
 * scripts/rx.schema.json is the JSON Schema.
 */

#include "exit_code.h"
#include "labyrinth_base.h"
#include "result.h"

/**
 * Write @p result to @p path, "-" for standard output. A file appears whole or not at
 * all: it is written beside and renamed; devices and pipes are written to.
 *
 * @return RX_OK; RX_ENVIRONMENT it cannot be written
 */
enum rx_exit
rx_json_write(const struct rx_result *result, const char *path,
	struct labyrinth_error *error);

#endif /* RX_JSON_H */
