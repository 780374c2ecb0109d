/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef TEST_PORT_H
#define TEST_PORT_H

/**
 * @file
 * EAL and virtual ports for the driver tests: no card, no file, no shared name.
 * Every function fails the running cmocka test itself.
 */

#include <stdint.h>

#include <rte_mempool.h>

/** Start EAL with two lcores on whatever CPUs there are. @return 0, or -1 */
int
eal_begin(void);

/** End EAL and leave nothing of it. */
void
eal_end(void);

/** A pool of @p pages pages without reserve, of which lcores may cache @p cache. */
struct rte_mempool *
pool_begin(uint32_t pages, uint32_t cache);

/** Check that all pages are back and nothing is broken, and destroy the pool. */
void
pool_end(struct rte_mempool *pool);

/** Probe vdev @p name with @p args and start it with one rx queue on @p pool. */
uint16_t
port_begin(const char *name, const char *args, struct rte_mempool *pool);

/** Stop and remove a port, which gives its mbufs back. */
void
port_end(uint16_t port);

#endif /* TEST_PORT_H */
