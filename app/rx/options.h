/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_OPTIONS_H
#define RX_OPTIONS_H

/**
 * @file
 * The options after "--". They are read before EAL starts, so that a wrong one costs
 * no hugepages and leaves nothing behind. What options there are stands in
 * option_table.c; where testpmd has one for a thing, it has testpmd's name.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_config.h>
#include <rte_ether.h>

#include "exit_code.h"
#include "labyrinth_base.h"
#include "rxq_map.h"

/** Most frames in a burst, as in testpmd. */
#define RX_BURST_MAX 512

/** Where received frames go on to, see way.h. */
enum rx_topology {
	RX_TOPOLOGY_PAIRED,
	RX_TOPOLOGY_CHAINED,
	RX_TOPOLOGY_LOOP,
};

/** What was asked for. */
struct rx_options {
	double duration_s;      /**< 0: until SIGINT or SIGTERM */
	double stats_period_s;  /**< 0: no rates while running */
	uint64_t packets;       /**< 0: no limit */
	uint64_t hold_us;       /**< a frame is kept so long, 0: no limit of time */
	uint32_t hold_packets;  /**< so many of each queue are kept, 0: no such limit */
	uint32_t pages;         /**< 0: by the rule of rx_frame_pool_pages() */
	uint16_t rxq;           /**< rx queues of each port */
	uint16_t txq;           /**< tx queues of each port, 0: as many as rx queues */
	uint16_t rxd;           /**< descriptors of each rx queue */
	uint16_t txd;           /**< of each tx queue, 0: as many as rx */
	uint32_t max_pkt_len;   /**< longest frame, FCS included, 0: as the port has it */
	bool scatter;           /**< a frame may take several buffers, whatever its length */
	bool no_rss;            /**< one rx queue of each port gets all */
	uint64_t portmask;      /**< ports that are used, 0: all */
	uint16_t burst;         /**< frames asked for at each poll */
	bool rx_intr;           /**< lcores sleep while there is nothing to do */
	uint16_t nb_cores;      /**< lcores that poll at most, 0: all but the main one */
	struct rx_rxq_map rxq_map;
	const char *mode;       /**< forward mode */
	enum rx_topology topology;
	/** Of who is at the other end of each port. */
	struct rte_ether_addr eth_peer[RTE_MAX_ETHPORTS];
	bool tx_first;          /**< send a burst of each queue before polling */
	const char *pipeline_mode;  /**< what is done behind the rings */
	uint16_t pipeline_workers;
	uint32_t pipeline_ring;     /**< frames */
	uint16_t tx_length;     /**< of frames made here, without FCS */
	uint32_t tx_ip_src, tx_ip_dst;
	uint16_t tx_udp_src, tx_udp_dst;
	bool tx_multi_flow;
	uint32_t flowgen_flows;
	uint32_t flowgen_clones;
	uint32_t noisy_buffer;  /**< frames, 0: none */
	uint32_t noisy_flush_ms;
	uint32_t noisy_memory_mb;
	uint32_t noisy_reads, noisy_writes, noisy_reads_writes;  /**< for each frame */
	const char *policy;     /**< of simulated cards, NULL: as --vdev says */
	const char *pool;       /**< mempool ops */
	uint16_t mbcache;       /**< mbufs that an lcore caches, of other ops than ours */
	uint16_t dpdk_cache;    /**< mbufs that an lcore caches in front of ours */
	const char *json;       /**< file, "-" standard output, NULL none */
	const char *json_lines; /**< the same, for snapshots while running */
	const char *csv;
	double linger_s;        /**< the last figures can be asked for after the run */
	bool top;               /**< a screen while running */
	bool figures;           /**< print all figures at the end */
	bool list_figures;
	bool page_ages;         /**< note when each page is handed out */
	const char *xstats;     /**< names with commas between, NULL: none are shown */
	bool uncoloured;        /**< all data starts at the same place in its page */
	bool absorb;            /**< measure for how long the pool takes frames in */
	bool latency;           /**< from arrival to release, of a simulated wire */
	bool verify;            /**< check the sequence numbers of a simulated wire */
	bool interactive;       /**< a prompt */
	bool auto_start;        /**< of the prompt: forward at once */
	const char *cmdline_file;   /**< commands of the prompt, NULL none */
	bool help;
	bool help_man;
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

/**
 * Say in a line each on @p out which options of testpmd among @p argv were read and have
 * no effect here.
 */
void
rx_options_warn(int argc, char **argv, FILE *out);

/** Print what the options are to @p out, with defaults, by groups. */
void
rx_options_help(FILE *out, const char *program);

/** Print the manual page to @p out. */
void
rx_options_man(FILE *out, const char *program);

#endif /* RX_OPTIONS_H */
