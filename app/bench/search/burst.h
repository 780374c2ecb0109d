/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_SEARCH_BURST_H
#define BENCH_SEARCH_BURST_H

/**
 * @file
 * Back-to-back frames (RFC 2544 §26.4, RFC 9004): the longest burst at line rate of which
 * nothing is lost, and what it says of the buffer in front of the device. No I/O, no
 * clock: as search.h.
 *
 * Lengths double until a burst fails, then the interval is halved. A burst fails when it
 * loses frames twice (loss verification): once may be the machine's fault.
 */

#include <stdbool.h>
#include <stdint.h>

struct search_burst {
	uint64_t first, most;  /**< lengths to begin with and to end at, in frames */
	uint64_t passed;       /**< longest that passed, 0: none */
	uint64_t failed;       /**< shortest that failed, 0: none */
	uint32_t losses;       /**< of the length that is being tried */
};

/** Begin with @p first frames, never try more than @p most; both at least 1. */
void
search_burst_init(struct search_burst *burst, uint64_t first, uint64_t most);

/** Frames of the burst to be tried next. @return 0: passed is the result */
uint64_t
search_burst_next(const struct search_burst *burst);

/** Were frames of a burst of search_burst_next() frames lost? */
void
search_burst_report(struct search_burst *burst, bool lost);

/** Of repetitions; all 0 of none. */
struct search_spread {
	double average, min, max, stdev;  /**< stdev: of the sample */
};

struct search_spread
search_spread(const double *value, uint32_t n);

/** Buffer in front of a device, in seconds of line rate. */
struct search_buffer {
	double implied;    /**< as if nothing were taken out during the burst */
	double corrected;  /**< less what the device took out meanwhile */
};

/**
 * RFC 9004: a burst of @p frames at @p line frames a second, to a device that takes out
 * @p throughput of them at the same time (0: not known).
 */
struct search_buffer
search_buffer_time(double frames, double line, double throughput);

#endif /* BENCH_SEARCH_BURST_H */
