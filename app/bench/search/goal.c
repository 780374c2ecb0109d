/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "goal.h"

/* Loss that a PDR allows: that of CSIT, and of most who give one. */
#define PDR_LOSS 0.005

static const struct search_preset presets[] = {
	{
		.name = "rfc2544",
		.summary = "trials of 60 s, none may fail (10 to 20 min a size)",
		/* one bad trial, however short, settles a load: hence short ones first */
		.goal = {
			{ "ndr", 60, 60, 0, 0, 0.005, 1 },
			{ "pdr", 60, 60, PDR_LOSS, 0, 0.005, 1 },
		},
		.goals = 2,
		.mrr_trials = 10,
		.mrr_duration = 1,
		.loss_duration = 60,
		.bursts = 50,
		.burst_duration = 2,
	},
	{
		.name = "csit",
		.summary = "21 s of trials of 1 s, half may fail (1 to 3 min a size)",
		.goal = {
			{ "ndr", 1, 21, 0, 0.5, 0.005, 1 },
			{ "pdr", 1, 21, PDR_LOSS, 0.5, 0.005, 1 },
		},
		.goals = 2,
		.mrr_trials = 10,
		.mrr_duration = 1,
		.loss_duration = 1,
		.bursts = 50,
		.burst_duration = 2,
	},
	{
		.name = "quick",
		.summary = "0.3 s of trials of 0.1 s, half may fail (about 5 s a size)",
		.goal = {
			{ "ndr", 0.1, 0.3, 0, 0.5, 0.01, 0.05 },
			{ "pdr", 0.1, 0.3, PDR_LOSS, 0.5, 0.01, 0.05 },
		},
		.goals = 2,
		.mrr_trials = 5,
		.mrr_duration = 0.1,
		.loss_duration = 0.1,
		.bursts = 5,
		.burst_duration = 0.1,
	},
};

const struct search_preset *
search_preset_at(uint32_t i)
{
	return i < sizeof(presets) / sizeof(presets[0]) ? &presets[i] : NULL;
}

const struct search_preset *
search_preset_find(const char *name)
{
	const struct search_preset *preset = NULL;

	for (uint32_t i = 0; (preset = search_preset_at(i)) != NULL; i++)
		if (strcmp(preset->name, name) == 0)
			break;
	return preset;
}

/* Written so that a NAN is out of range. */
static int
check_ratio(
	const char *goal, const char *what, double value, struct labyrinth_error *error)
{
	if (value >= 0 && value < 1)
		return 0;
	return labyrinth_fail(error, -EINVAL,
		"goal %s: %s is %g, give 0 or more, less than 1", goal, what, value);
}

static int
check_time(
	const char *goal, const char *what, double value, struct labyrinth_error *error)
{
	if (value > 0 && value <= 86400)
		return 0;
	return labyrinth_fail(error, -EINVAL,
		"goal %s: %s is %g s, give more than 0, up to a day (86400)", goal, what,
		value);
}

int
search_goal_check(const struct search_goal *g, struct labyrinth_error *error)
{
	if (check_time(g->name, "final duration", g->final_duration, error) != 0 ||
		check_time(g->name, "duration sum", g->duration_sum, error) != 0 ||
		check_time(g->name, "first duration", g->initial_duration, error) != 0 ||
		check_ratio(g->name, "loss ratio", g->loss_ratio, error) != 0 ||
		check_ratio(g->name, "exceed ratio", g->exceed_ratio, error) != 0)
		return -EINVAL;
	if (!(g->width >= 0.0001 && g->width <= 0.5))
		return labyrinth_fail(error, -EINVAL,
			"goal %s: width is %g, give 0.0001 to 0.5", g->name, g->width);
	if (g->initial_duration > g->final_duration)
		return labyrinth_fail(error, -EINVAL,
			"goal %s: the first duration, %g s, is more than the final, %g s",
			g->name, g->initial_duration, g->final_duration);
	return 0;
}
