/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <math.h>

#include "burst.h"

/** Losses of a length that make it fail. */
#define LOSSES 2u
/** The interval is narrow when it is this part of its lower end. */
#define NARROW 128u

void
search_burst_init(struct search_burst *burst, uint64_t first, uint64_t most)
{
	*burst = (struct search_burst){
		.first = first < most ? first : most,
		.most = most,
	};
}

/* Nothing failed yet. */
static uint64_t
longer(const struct search_burst *burst)
{
	if (burst->passed == 0)
		return burst->first;
	if (burst->passed == burst->most)
		return 0;
	return burst->passed > burst->most / 2 ? burst->most : 2 * burst->passed;
}

uint64_t
search_burst_next(const struct search_burst *burst)
{
	uint64_t between = burst->failed - burst->passed;

	if (burst->failed == 0)
		return longer(burst);
	if (between <= 1 || between <= burst->passed / NARROW)
		return 0;
	return burst->passed + between / 2;
}

void
search_burst_report(struct search_burst *burst, bool lost)
{
	uint64_t frames = search_burst_next(burst);

	if (frames == 0 || (lost && ++burst->losses < LOSSES))
		return;
	burst->losses = 0;
	*(lost ? &burst->failed : &burst->passed) = frames;
}

struct search_spread
search_spread(const double *value, uint32_t n)
{
	struct search_spread s = { 0 };
	double squares = 0;

	for (uint32_t i = 0; i < n; i++) {
		s.average += value[i] / n;
		s.min = i == 0 ? value[i] : fmin(s.min, value[i]);
		s.max = i == 0 ? value[i] : fmax(s.max, value[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		squares += (value[i] - s.average) * (value[i] - s.average);
	if (n > 1)
		s.stdev = sqrt(squares / (n - 1));
	return s;
}

struct search_buffer
search_buffer_time(double frames, double line, double throughput)
{
	double implied = frames / line, left = 1 - throughput / line;

	return (struct search_buffer){
		.implied = implied,
		.corrected = implied * fmax(left, 0),
	};
}
