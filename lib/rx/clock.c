/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <time.h>

#include "clock.h"

static uint64_t
monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Ticks and nanoseconds of the same moment: of a few tries the one least interrupted. */
static void
look(uint64_t *ticks, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 8; i++) {
		uint64_t before = labyrinth_clock_ticks(), at = monotonic_ns();
		uint64_t after = labyrinth_clock_ticks();

		if (after - before < best) {
			best = after - before;
			*ticks = before + (after - before) / 2;
			*ns = at;
		}
	}
}

static uint64_t
measure_hz(void)
{
	struct timespec pause = { .tv_nsec = LAB_CLOCK_MEASURE_MS * 1000000L };
	uint64_t ticks[2] = { 0 }, ns[2] = { 0 }, hz;

	look(&ticks[0], &ns[0]);
	nanosleep(&pause, NULL);
	look(&ticks[1], &ns[1]);
	hz = (uint64_t)((labyrinth_u128)(ticks[1] - ticks[0]) * 1000000000u /
			(ns[1] - ns[0]));
	return hz < LABYRINTH_CLOCK_HZ_MIN ? LABYRINTH_CLOCK_HZ_MIN : hz;
}

void
lab_clock_init(struct lab_clock *clock, uint64_t hz, bool is_virtual)
{
	*clock = (struct lab_clock){ .is_virtual = is_virtual };
	if (hz == 0)
		hz = is_virtual ? LABYRINTH_CLOCK_HZ_MAX : measure_hz();
	labyrinth_clock_init(&clock->tsc, hz);
}

void
lab_clock_start(struct lab_clock *clock)
{
	clock->start = lab_clock_raw(clock);
	clock->runs = true;
}

void
lab_clock_stop(struct lab_clock *clock)
{
	clock->before = lab_clock_now(clock);
	clock->runs = false;
}
