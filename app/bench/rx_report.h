/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_RX_REPORT_H
#define BENCH_RX_REPORT_H

/**
 * @file
 * What the subcommand "rx-loop" found: ratios, text, JSON (see json.h).
 *
 *   ratio             of medians                          worst of the rings
 *   rx_vs_bare        labyrinth / bare                    yes
 *   coloured          labyrinth / labyrinth-uncoloured    yes
 *   headroom          highest rate / 148.81 Mpps          yes
 *   aged              labyrinth-aged / labyrinth          yes, beside
 *   zero_loss         frames delivered / sent, at 100 Gb/s
 *
 * bare writes and reads the lines of frames and descriptors, bare-frames those of
 * the frames alone: rx_vs_bare_frames stands beside.
 */

#include "machine.h"
#include "ratios.h"
#include "rx_bench.h"

void
rx_ratios_work_out(struct bench_ratios *ratios, const struct bench_results *results);

void
rx_report_print(const struct rx_bench *bench, const struct bench_machine *machine,
	const struct bench_ratios *ratios);

/** As bench_json_write(). */
enum bench_exit
rx_json_write(const struct rx_bench *bench, const struct bench_machine *machine,
	const struct bench_ratios *ratios, const char *path,
	struct labyrinth_error *error);

#endif /* BENCH_RX_REPORT_H */
