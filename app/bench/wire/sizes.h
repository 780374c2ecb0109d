/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_WIRE_SIZES_H
#define BENCH_WIRE_SIZES_H

/**
 * @file
 * The frame sizes that are measured, FCS included: those of RFC 2544 §9.1 for Ethernet,
 * any other one, and IMIX (28 × 64, 16 × 570, 4 × 1518: "IMIX_v4_1" of CSIT).
 */

#include <stdint.h>

#include "exit_code.h"
#include "labyrinth_nic.h"

#define WIRE_SIZES_MAX 32u

struct wire_size {
	char label[8];    /**< "64", "imix" */
	uint32_t bytes;   /**< 0: IMIX */
	uint32_t largest; /**< frame, in bytes */
	double mean;      /**< bytes of a frame */
};

/** What --sizes says when it is not given. */
#define WIRE_SIZES_DEFAULT "64,128,256,512,1024,1280,1518,imix"

/**
 * Parse a list such as "64,imix,9018".
 *
 * @param size  WIRE_SIZES_MAX of them
 * @return BENCH_OK; BENCH_USAGE
 */
enum bench_exit
wire_sizes_parse(const char *text, struct wire_size *size, uint32_t *sizes,
	struct labyrinth_error *error);

/** Let @p config send frames of @p size. */
void
wire_size_apply(const struct wire_size *size, struct labyrinth_nic_config *config);

/** Frames a second that fill a wire of @p gbps Gb/s, preamble and gap included. */
double
wire_line_rate(const struct wire_size *size, double gbps);

/** Bits a second on the wire (preamble and gap included) of @p pps frames a second. */
double
wire_bandwidth(const struct wire_size *size, double pps);

#endif /* BENCH_WIRE_SIZES_H */
