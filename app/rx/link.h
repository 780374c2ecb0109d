/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_LINK_H
#define RX_LINK_H

/**
 * @file
 * Whether a port is still there. Links go down and up, interfaces under a port are deleted,
 * cards are pulled out: the run goes on with the others, and it is told.
 *
 * Few PMDs raise events for that, so that the main lcore looks a few times a second; those
 * that raise them (vhost, cards) are heard at once. An interface of this host is gone when
 * its number is; if frames come nevertheless, it was moved to another namespace.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rx_port;

/** How often the main lcore looks. */
#define RX_LINK_LOOKS_PER_SECOND 4

/** What is known; written by the main lcore and by the PMD's thread, read by anybody. */
struct rx_link {
	atomic_bool up;
	atomic_bool gone;          /**< the card, or the interface under the port */
	_Atomic uint64_t changes;  /**< up or down, of a started port */
	/* of the main lcore */
	unsigned int if_index;     /**< of the interface under the port, 0: none */
	uint64_t received;         /**< when it was found gone, as counted by the PMD */
	uint64_t told;             /**< changes */
	bool told_gone;
	bool listens;
};

/** The port has been started: from now on changes count. Main lcore. */
void
rx_link_begin(struct rx_port *port);

/** Look at a started port. Main lcore. */
void
rx_link_look(struct rx_port *port);

/**
 * Look at @p ports, and say in a line each on @p out what changed since the last call, if
 * anything. Main lcore.
 */
void
rx_links_tell(struct rx_port *ports, uint16_t nb_ports, FILE *out);

/** The port is about to be closed. Main lcore. */
void
rx_link_end(struct rx_port *port);

/** "up", "down", "gone". */
const char *
rx_link_name(const struct rx_link *link);

#endif /* RX_LINK_H */
