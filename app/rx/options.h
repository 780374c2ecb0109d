/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_OPTIONS_H
#define RX_OPTIONS_H

/**
 * @file
 * The options after "--". They are read before EAL starts, so that a wrong one costs
 * no hugepages and leaves nothing behind.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "exit_code.h"
#include "labyrinth_base.h"

/** Most frames in a burst, as in testpmd. */
#define RX_BURST_MAX 512

/** What was asked for. */
struct rx_options {
	double duration_s;      /**< 0: until SIGINT or SIGTERM */
	double stats_period_s;  /**< 0: no rates while running */
	uint64_t packets;       /**< 0: no limit */
	uint64_t hold_us;       /**< a frame is kept so long, 0: no limit of time */
	uint32_t hold_packets;  /**< so many of each queue are kept, 0: no such limit */
	uint32_t pages;         /**< 0: by the rule of rx_frame_pool_pages() */
	uint16_t rxq;           /**< rx queues of each port */
	uint16_t rxd;           /**< descriptors of each rx queue */
	uint32_t max_pkt_len;   /**< longest frame, FCS included, 0: as the port has it */
	uint16_t burst;         /**< frames asked for at each poll */
	const char *mode;       /**< forward mode */
	const char *policy;     /**< of simulated cards, NULL: as --vdev says */
	const char *pool;       /**< mempool ops */
	const char *json;       /**< file, "-" standard output, NULL none */
	const char *json_lines; /**< the same, for snapshots while running */
	const char *csv;
	double linger_s;        /**< the last figures can be asked for after the run */
	bool top;               /**< a screen while running */
	bool figures;           /**< print all figures at the end */
	bool list_figures;
	bool page_ages;         /**< note when each page is handed out */
	bool uncoloured;        /**< all data starts at the same place in its page */
	bool absorb;            /**< measure for how long the pool takes frames in */
	bool latency;           /**< from arrival to release, of a simulated wire */
	bool verify;            /**< check the sequence numbers of a simulated wire */
	bool help;
};

/**
 * Read the options.
 *
 * @param argc, argv  as for main(), argv[0] is not read
 * @return RX_OK; RX_USAGE with the reason in @p error
 */
enum rx_exit
rx_options_parse(int argc, char **argv, struct rx_options *options,
	struct labyrinth_error *error);

/** Whether @p argument is one of these options, wherever it was found. */
bool
rx_options_known(const char *argument);

/** Print what the options are to @p out. */
void
rx_options_help(FILE *out, const char *program);

#endif /* RX_OPTIONS_H */
