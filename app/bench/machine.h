/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

/**
 * @file
 * What the figures were measured on: they mean nothing without it.
 */

#include <stdint.h>

struct bench_machine {
	char cpu[96];                 /**< model name, "unknown" */
	long cores;                   /**< CPUs that are online */
	long hugepages_2m_total, hugepages_2m_free;  /**< -1: the kernel has none */
	char kernel[96];
	const char *dpdk;
	const char *commit;           /**< of this program, NULL when not known */
	uint64_t tsc_hz;
};

/** Look; EAL is up. */
void
bench_machine_look(struct bench_machine *machine);

#endif /* BENCH_MACHINE_H */
