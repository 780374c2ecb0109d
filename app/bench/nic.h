/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_NIC_H
#define BENCH_NIC_H

/**
 * @file
 * The simulated card as all benches use it: opened in one step, its frames read in one way.
 */

#include <stdint.h>
#include <string.h>

#include "exit_code.h"
#include "labyrinth_frame.h"
#include "labyrinth_nic.h"

/** What is asked of bench_nic_open(). */
struct bench_nic_plan {
	const struct labyrinth_nic_config *config;
	uint32_t queues, ring;                   /**< descriptors of each queue */
	const struct labyrinth_source *source;   /**< buffers for all of them */
};

/**
 * Create a card, give it rings, and let the wire begin.
 *
 * @return BENCH_OK; BENCH_USAGE it refuses the configuration; BENCH_ENVIRONMENT
 */
enum bench_exit
bench_nic_open(const struct bench_nic_plan *plan, struct labyrinth_nic **nic,
	struct labyrinth_error *error);

/** What an application reads of a frame: addresses, ports, number. */
LABYRINTH_HOT uint64_t
bench_read_header(const uint8_t *data)
{
	uint64_t addresses;
	uint32_t ports, number;

	memcpy(&addresses, data + LABYRINTH_AT_IP_SOURCE, sizeof(addresses));
	memcpy(&ports, data + LABYRINTH_AT_UDP, sizeof(ports));
	memcpy(&number, data + LABYRINTH_AT_SEQUENCE, sizeof(number));
	return addresses + ports + number;
}

/** Make the compiler believe that @p value is used. */
LABYRINTH_HOT void
bench_use(uint64_t value)
{
	__asm__ volatile("" : : "r"(value) : "memory");
}

#endif /* BENCH_NIC_H */
