/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "search.h"

/* A place on the grid: 0 is the least load, top the most. */
typedef int32_t level;

struct search {
	struct search_config config;
	level top;
	struct search_load *load; /* by level */
	/* what each goal asks in each phase, and its width in levels */
	struct search_goal phase[SEARCH_GOALS_MAX][SEARCH_PHASES];
	level width[SEARCH_GOALS_MAX][SEARCH_PHASES];
	uint32_t trials;
	double seconds;
};

/* Bounds of a goal in a phase: -1 and top + 1 where there are none. */
struct bounds {
	level lower, upper;
};

/* ---- creation ---- */

/* Wide and short first. The sums grow from the initial duration in equal ratios. */
static void
set_phases(struct search *search, uint32_t g, double ratio)
{
	const struct search_goal *goal = &search->config.goal[g];
	level width = (level)floor(log1p(-goal->width) / ratio + 1e-6);

	for (uint32_t p = 0; p < SEARCH_PHASES; p++) {
		struct search_goal *phase = &search->phase[g][p];
		uint32_t to_come = SEARCH_PHASES - 1 - p;
		double part = (double)p / (SEARCH_PHASES - 1);

		*phase = *goal;
		search->width[g][p] = width << to_come;
		if (to_come == 0)
			continue;
		phase->duration_sum =
			goal->initial_duration *
			pow(goal->duration_sum / goal->initial_duration, part);
		phase->final_duration = fmin(phase->duration_sum, goal->final_duration);
	}
}

static int
check_config(const struct search_config *config, struct labyrinth_error *error)
{
	if (!(config->min_load > 0 && config->min_load < config->max_load) ||
		!isfinite(config->max_load))
		return labyrinth_fail(error, -EINVAL,
			"loads from %g to %g: the least must be more than 0 and less "
			"than the "
			"most",
			config->min_load, config->max_load);
	if (config->goals < 1 || config->goals > SEARCH_GOALS_MAX)
		return labyrinth_fail(error, -EINVAL, "%u goals: give 1 to %u",
			config->goals, SEARCH_GOALS_MAX);
	for (uint32_t g = 0; g < config->goals; g++) {
		if (search_goal_check(&config->goal[g], error) != 0)
			return -EINVAL;
		if (g > 0 && config->goal[g].loss_ratio < config->goal[g - 1].loss_ratio)
			return labyrinth_fail(error, -EINVAL,
				"goal %s comes after %s, which allows more loss: change "
				"their "
				"order",
				config->goal[g].name, config->goal[g - 1].name);
	}
	return 0;
}

int
search_create(const struct search_config *config, struct search **search,
	struct labyrinth_error *error)
{
	double width = 1, ratio, levels;
	struct search *s;

	*search = NULL;
	if (check_config(config, error) != 0)
		return -EINVAL;
	for (uint32_t g = 0; g < config->goals; g++)
		width = fmin(width, config->goal[g].width);
	ratio = log1p(-width);
	levels = floor(log(config->min_load / config->max_load) / ratio + 1e-6) + 1;
	if (levels > SEARCH_LEVELS_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%g loads between %g and %g at a width of %g: more than %u, "
			"widen it or "
			"raise the least load",
			levels, config->min_load, config->max_load, width,
			SEARCH_LEVELS_MAX);
	s = calloc(1, sizeof(*s));
	if (s != NULL)
		s->load = calloc((size_t)levels, sizeof(*s->load));
	if (s == NULL || s->load == NULL) {
		free(s);
		return labyrinth_fail(error, -ENOMEM, "no memory for %g loads", levels);
	}
	s->config = *config;
	s->top = (level)levels - 1;
	for (level i = 0; i <= s->top; i++)
		s->load[i].load = config->max_load * exp(ratio * (s->top - i));
	for (uint32_t g = 0; g < config->goals; g++)
		set_phases(s, g, ratio);
	*search = s;
	return 0;
}

void
search_destroy(struct search *search)
{
	if (search == NULL)
		return;
	for (level i = 0; i <= search->top; i++)
		search_load_free(&search->load[i]);
	free(search->load);
	free(search);
}

/* ---- what is known ---- */

/* §4.8.1, §4.8.2: the least upper bound, and the most lower bound below it. */
static struct bounds
bounds_of(const struct search *s, uint32_t g, uint32_t p)
{
	struct bounds b = { -1, s->top + 1 };

	for (level i = 0; i <= s->top; i++) {
		enum search_bound bound;

		if (s->load[i].trials == 0)
			continue;
		bound = search_load_classify(&s->load[i], &s->phase[g][p]);
		if (bound == SEARCH_LOWER)
			b.lower = i;
		if (bound != SEARCH_UPPER)
			continue;
		b.upper = i;
		break;
	}
	return b;
}

static bool
no_lower(struct bounds b)
{
	return b.upper == 0;
}

static bool
no_upper(const struct search *s, struct bounds b)
{
	return b.lower == s->top;
}

/* Are the bounds close enough, or is it known that one of them does not exist? */
static bool
is_done(const struct search *s, uint32_t g, uint32_t p, struct bounds b)
{
	if (no_lower(b) || no_upper(s, b))
		return true;
	return b.lower >= 0 && b.upper <= s->top && b.upper - b.lower <= s->width[g][p];
}

/* ---- what to try ---- */

/* The load at which as much comes through as did at the most load (RFC 2285 FRMOL),
 * less what the goal lets go. */
static level
guess(const struct search *s, const struct search_goal *goal)
{
	const struct search_load *most = &s->load[s->top];
	double loss = most->trial[0].loss_ratio, load;
	level at = s->top;

	load = most->load * (1 - loss) / (1 - goal->loss_ratio);
	while (at > 0 && s->load[at].load > load)
		at--;
	return at;
}

/* Where a phase begins. */
static struct bounds
beginning(const struct search *s, uint32_t g, uint32_t p)
{
	level at;

	if (p > 0)
		return bounds_of(s, g, p - 1);
	at = guess(s, &s->config.goal[g]);
	return (struct bounds){ at, at };
}

/*
 * A load between the bounds. First those that the phase began with, the lower one first.
 * When both lie on one side, the interval was left there: follow by steps that double,
 * but do not pass its middle. No load between the bounds can have been settled.
 */
static level
between(const struct search *s, uint32_t g, uint32_t p, struct bounds b)
{
	struct bounds from = beginning(s, g, p);
	level width = s->width[g][p], middle = b.lower + (b.upper - b.lower) / 2,
	      at = middle;

	if (from.lower > b.lower && from.lower < b.upper)
		return from.lower;
	if (from.upper > b.lower && from.upper < b.upper)
		return from.upper;
	if (from.upper <= b.lower) {
		level gone = b.lower - from.upper;

		at = b.lower + (gone > width ? gone : width);
		if (b.upper > s->top)
			return at < s->top ? at : s->top;
		return at < middle ? at : middle;
	}
	if (from.lower >= b.upper) {
		level gone = from.lower - b.upper;

		at = b.upper - (gone > width ? gone : width);
		if (b.lower < 0)
			return at > 0 ? at : 0;
		return at > middle ? at : middle;
	}
	return middle;
}

bool
search_next(const struct search *s, struct search_input *input)
{
	if (s->load[s->top].trials == 0) {
		*input = (struct search_input){ .load = s->load[s->top].load,
			.duration = s->phase[0][0].final_duration };
		return true;
	}
	for (uint32_t p = 0; p < SEARCH_PHASES; p++)
		for (uint32_t g = 0; g < s->config.goals; g++) {
			struct bounds b = bounds_of(s, g, p);

			if (is_done(s, g, p, b))
				continue;
			*input = (struct search_input){
				.load = s->load[between(s, g, p, b)].load,
				.duration = s->phase[g][p].final_duration,
				.goal = g,
			};
			return true;
		}
	return false;
}

/* The level of a load, -1: not on the grid. */
static level
find(const struct search *s, double load)
{
	level low = 0, high = s->top;

	while (low < high) {
		level middle = low + (high - low) / 2;

		if (s->load[middle].load < load)
			low = middle + 1;
		else
			high = middle;
	}
	return s->load[low].load == load ? low : -1;
}

int
search_report(struct search *s, const struct search_input *input,
	const struct search_output *output)
{
	struct search_trial trial = {
		.duration = input->duration,
		.effective = output->effective > 0 ? output->effective : input->duration,
		.loss_ratio = output->loss_ratio,
	};
	level at = find(s, input->load);
	int ret;

	if (at < 0 || !(trial.duration > 0) || !isfinite(trial.effective) ||
		!(trial.loss_ratio >= 0 && trial.loss_ratio <= 1))
		return -EINVAL;
	ret = search_load_add(&s->load[at], &trial);
	if (ret != 0)
		return ret;
	s->trials++;
	s->seconds += trial.duration;
	return 0;
}

/* ---- what it says ---- */

void
search_result(const struct search *s, uint32_t g, struct search_result *result)
{
	const struct search_goal *goal;
	struct bounds b;
	uint32_t p = SEARCH_PHASES;

	do {
		p--;
		b = bounds_of(s, g, p);
	} while (p > 0 && b.lower < 0 && b.upper > s->top);
	goal = &s->phase[g][p];
	*result = (struct search_result){
		.has_lower = b.lower >= 0,
		.has_upper = b.upper <= s->top,
		.phase = p,
	};
	if (result->has_upper)
		result->upper = s->load[b.upper].load;
	if (result->has_lower) {
		result->lower = s->load[b.lower].load;
		result->throughput =
			search_conditional_throughput(&s->load[b.lower], goal);
	}
	result->regular = p == SEARCH_PHASES - 1 && result->has_lower &&
			  result->has_upper && is_done(s, g, p, b);
}

/* Seconds until a load is settled: good ones are the dearer. */
static double
seconds_a_load(const struct search_goal *phase)
{
	double trials = ceil(
		phase->duration_sum * (1 - phase->exceed_ratio) / phase->final_duration -
		1e-6);

	return fmax(trials, 1) * phase->final_duration;
}

/* Loads that a phase is likely to need: the two that it begins with, and halvings. */
static double
loads_left(const struct search *s, uint32_t g, uint32_t p)
{
	struct bounds b = bounds_of(s, g, p);
	double width = s->width[g][p];

	if (is_done(s, g, p, b))
		return 0;
	if (b.lower < 0 || b.upper > s->top)
		return b.lower < 0 && b.upper > s->top ? 3 : 2;
	return ceil(log2((b.upper - b.lower) / width));
}

double
search_seconds_left(const struct search *s)
{
	double seconds = 0;

	for (uint32_t g = 0; g < s->config.goals; g++)
		for (uint32_t p = 0; p < SEARCH_PHASES; p++)
			seconds += loads_left(s, g, p) * seconds_a_load(&s->phase[g][p]);
	return seconds;
}

uint32_t
search_trials(const struct search *s)
{
	return s->trials;
}

double
search_seconds(const struct search *s)
{
	return s->seconds;
}
