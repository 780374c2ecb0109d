/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_CLOCK_H
#define LABYRINTH_CLOCK_H

/**
 * @file
 * From ticks of the CPU's time stamp counter to nanoseconds and picoseconds.
 *
 * The conversion is a pure function of ticks and frequency, so that two parts of a
 * process that were linked apart (an application and a driver plugin) get the same
 * nanosecond for the same tick, if both name the same frequency: rte_get_tsc_hz() in
 * DPDK programs. That is what makes a stamp in a frame comparable with the reader's
 * own clock.
 *
 * Data path: any thread, no state, no syscall.
 */

#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

__extension__ typedef unsigned __int128 labyrinth_u128;

/** Lowest and highest frequency for which the factors fit in 64 bits, in Hz. */
#define LABYRINTH_CLOCK_HZ_MIN UINT64_C(10000000)
#define LABYRINTH_CLOCK_HZ_MAX UINT64_C(1000000000000)

/** Fractional bits of the factors: the error is below 1 ns in 100 days. */
#define LABYRINTH_CLOCK_NS_BITS 56
#define LABYRINTH_CLOCK_PS_BITS 44

/** A frequency, as the factors that a conversion multiplies with. */
struct labyrinth_clock {
	uint64_t hz;
	uint64_t ns;  /**< nanoseconds a tick, times 2^56 */
	uint64_t ps;  /**< picoseconds a tick, times 2^44 */
};

/** Fill @p clock for @p hz (LABYRINTH_CLOCK_HZ_MIN … _MAX) ticks a second. */
static inline void
labyrinth_clock_init(struct labyrinth_clock *clock, uint64_t hz)
{
	clock->hz = hz;
	clock->ns = (uint64_t)((((labyrinth_u128)1000000000 << LABYRINTH_CLOCK_NS_BITS) +
		hz / 2) / hz);
	clock->ps = (uint64_t)((((labyrinth_u128)1000000000000 <<
		LABYRINTH_CLOCK_PS_BITS) + hz / 2) / hz);
}

/** Ticks now. Not ordered with the loads and stores around it. */
static inline uint64_t
labyrinth_clock_ticks(void)
{
#if defined(__x86_64__)
	return __rdtsc();
#elif defined(__aarch64__)
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
#else
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

/** Nanoseconds in @p ticks, cut off. */
static inline uint64_t
labyrinth_clock_ns(const struct labyrinth_clock *clock, uint64_t ticks)
{
	return (uint64_t)(((labyrinth_u128)ticks * clock->ns) >> LABYRINTH_CLOCK_NS_BITS);
}

/** Picoseconds in @p ticks, cut off; modulo 2^64, which is 213 days. */
static inline uint64_t
labyrinth_clock_ps(const struct labyrinth_clock *clock, uint64_t ticks)
{
	return (uint64_t)(((labyrinth_u128)ticks * clock->ps) >> LABYRINTH_CLOCK_PS_BITS);
}

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_CLOCK_H */
