/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_DRIVERS_H
#define RX_DRIVERS_H

/**
 * @file
 * What has to be known about a PMD to read its counters rightly.
 *
 * The kind says honestly where frames come from, and goes into each report:
 *
 *   simulated      the PMD makes them up, no wire and no pacing (net_null)
 *   simulated-wire the PMD makes them up, at the pace of a wire (net_labyrinth)
 *   pcap           read from a file or captured from an interface by libpcap
 *   tap            a TUN/TAP interface of this host
 *   packet-socket  an AF_PACKET or AF_XDP socket on an interface of this host
 *   ring           a ring of another part of this host
 *   memif, vhost, virtio   memory shared with another process or a hypervisor
 *   netvsc         a virtual NIC of Hyper-V
 *   nic            any other PMD: taken for hardware
 */

#include <stdbool.h>

/** One PMD. */
struct rx_driver {
	const char *name;   /**< as in rte_eth_dev_info.driver_name, NULL any other */
	const char *kind;
	/** rx_nombuf counts lost frames, not failed attempts, some of them repeated. */
	bool nombuf_is_lost;
	/** Never counts failed allocations: its rx_nombuf is not 0 but unknown. */
	bool nombuf_unknown;
	/** Does not know what was lost before it: its imissed is not 0 but unknown. */
	bool imissed_unknown;
	/** ipackets is the sum of the first LABYRINTH_STAT_QUEUES queues only. */
	bool counts_by_queue;
	/** Holds an mbuf for each rx descriptor. */
	bool posts_mbufs;
	/**
	 * Its xstats say what the wire sent and each reason for which a frame was lost,
	 * and frames have sequence numbers and arrival stamps.
	 */
	bool wire;
	/** Hands on mbufs that it did not allocate, others may hold references. */
	bool foreign_mbufs;
	/** Frames that are left in its rx queues are not freed when it is closed. */
	bool strands_frames;
	/** Hands EAL's memory to another process: pages must be of that. */
	bool shares_memory;
	/** Device argument with which not all mbufs come back when it is closed, and pages that
	 * are not EAL's do not work; NULL none. */
	const char *bad_argument;
	/** Wants the data behind the mbufs, in the mempool's own memory. */
	bool data_in_mbufs;
	/** Does not give back, when it is closed, the mbufs that it posted at set-up, nor
	 * those that it sent and did not free yet. */
	bool strands_posted;
	/**
	 * A device counts, at its own pace: what it counted and what still stood in a
	 * ring when the port was stopped cannot be told from it later.
	 */
	bool hardware;
};

/** Look up @p name. Never NULL: what is not known is taken for a NIC. */
const struct rx_driver *
rx_driver_find(const char *name);

#endif /* RX_DRIVERS_H */
