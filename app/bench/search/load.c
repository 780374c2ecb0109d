/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

int
search_load_add(struct search_load *load, const struct search_trial *trial)
{
	uint32_t at = load->trials;

	if (load->trials == load->room) {
		uint32_t room = load->room != 0 ? 2 * load->room : 4;
		struct search_trial *more = realloc(load->trial, room * sizeof(*more));

		if (more == NULL)
			return -ENOMEM;
		load->trial = more;
		load->room = room;
	}
	while (at > 0 && load->trial[at - 1].loss_ratio > trial->loss_ratio)
		at--;
	memmove(&load->trial[at + 1], &load->trial[at],
		(load->trials - at) * sizeof(*load->trial));
	load->trial[at] = *trial;
	load->trials++;
	return 0;
}

void
search_load_free(struct search_load *load)
{
	free(load->trial);
	memset(load, 0, sizeof(*load));
}

/* §4.7.1.4. A duration that was worked out may be off by its last bit. */
static bool
is_full_length(const struct search_trial *trial, const struct search_goal *goal)
{
	return trial->duration >= goal->final_duration * (1 - 1e-9);
}

/* Seconds of full-length and short trials, good and bad ones (§4.7.1). */
struct sums {
	double full_good, full_bad, short_good, short_bad;
};

static struct sums
add_up(const struct search_load *load, const struct search_goal *goal)
{
	struct sums s = { 0 };

	for (uint32_t i = 0; i < load->trials; i++) {
		const struct search_trial *trial = &load->trial[i];
		bool bad = trial->loss_ratio > goal->loss_ratio;

		if (is_full_length(trial, goal))
			*(bad ? &s.full_bad : &s.full_good) += trial->effective;
		else
			*(bad ? &s.short_bad : &s.short_good) += trial->effective;
	}
	return s;
}

/*
 * Bad short trials count against the load as far as the good ones leave room for them;
 * good ones never count for it. What is missing of the duration sum is taken for all good
 * and for all bad: if the load meets the goal, or fails it, either way, that is settled.
 */
enum search_bound
search_load_classify(const struct search_load *load, const struct search_goal *goal)
{
	struct sums s = add_up(load, goal);
	double allowed_short =
		s.short_good * goal->exceed_ratio / (1 - goal->exceed_ratio);
	double excess = s.short_bad > allowed_short ? s.short_bad - allowed_short : 0;
	double bad = s.full_bad + excess, whole = s.full_good + bad, allowed;

	if (whole < goal->duration_sum)
		whole = goal->duration_sum;
	/* so that 3 of 6 trials of 0.1 s are a half of them */
	allowed = whole * goal->exceed_ratio * (1 + 1e-9);
	if (bad > allowed)
		return SEARCH_UPPER;
	if (whole - s.full_good <= allowed + goal->duration_sum * 1e-9)
		return SEARCH_LOWER;
	return SEARCH_UNDECIDED;
}

double
search_conditional_throughput(
	const struct search_load *load, const struct search_goal *goal)
{
	struct sums s = add_up(load, goal);
	double full = s.full_good + s.full_bad;
	double whole = full > goal->duration_sum ? full : goal->duration_sum;
	double remaining = whole * (1 - goal->exceed_ratio), loss = 1;

	/* as above */
	remaining -= whole * 1e-9;
	for (uint32_t i = 0; i < load->trials && remaining > 0; i++) {
		if (!is_full_length(&load->trial[i], goal))
			continue;
		loss = load->trial[i].loss_ratio;
		remaining -= load->trial[i].effective;
	}
	return remaining > 0 ? 0 : load->load * (1 - loss);
}
