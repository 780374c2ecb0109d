/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_NIC_DEVARGS_H
#define LAB_NIC_DEVARGS_H

/**
 * @file
 * What stands after the name in --vdev net_labyrinth0,rate=100,size=64,…
 *
 *   rate=G           Gb/s on the wire, preamble and gap included (100)
 *   size=N           bytes of each frame, FCS included (64); or imix; or a mix of sizes
 *                    and shares such as 64x28+570x16+1518x4
 *   flows=N          flows, by turns (64)
 *   frames=N         sent in all, then silence; 0: no end (0)
 *   on_us=N,off_us=N send for so long, then be silent for so long (0, 0: always send)
 *   jitter_ns=N      each frame comes up to so much late (0)
 *   seed=N           of jitter and of the order of sizes (1)
 *   headers_only=0|1 write the first 64 bytes of a frame only (0)
 *   policy=P         drop, stall or wait: what happens to a frame whose buffer cannot
 *                    be replaced (drop)
 *   wait_us=N        of policy wait
 *   mode=M           inline or thread: who plays the device (inline)
 *   cpu=N            that the device's thread is pinned to (none)
 *   rxq=N,txq=N      most queues that an application may have
 *   bad_ip_checksum=N, bad_udp_checksum=N, bad_fcs=N, truncated=N, oversize=N
 *                    one of every so many frames is faulty (0: none)
 *   link_down=E/F, stalled=E/F
 *                    of every E µs the last F the link is down, the device stands still
 */

#include <stdint.h>

#include "labyrinth_base.h"
#include "labyrinth_nic.h"

/** For RTE_PMD_REGISTER_PARAM_STRING, as all PMDs have it. */
#define LAB_DEVARGS_USAGE                                                                \
	"rate=<Gb/s> size=<bytes>|imix|<bytes>x<share>+... flows=<n> frames=<n> "        \
	"on_us=<n> off_us=<n> jitter_ns=<n> seed=<n> headers_only=0|1 "                  \
	"policy=drop|stall|wait wait_us=<n> mode=inline|thread cpu=<n> rxq=<n> txq=<n> " \
	"bad_ip_checksum=<n> bad_udp_checksum=<n> bad_fcs=<n> truncated=<n> "            \
	"oversize=<n> link_down=<us>/<us> stalled=<us>/<us>"

/** The same, read. */
struct lab_devargs {
	struct labyrinth_nic_config config;
	uint32_t rxq, txq;
};

/**
 * Read @p text, which may be NULL or empty, into @p args; what is not named is as above.
 *
 * @return 0; -EINVAL, and @p error names the key, what is wrong and what is allowed;
 *   -ENOMEM
 */
int
lab_devargs_parse(
	const char *text, struct lab_devargs *args, struct labyrinth_error *error);

#endif /* LAB_NIC_DEVARGS_H */
