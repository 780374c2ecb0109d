/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: the search finds the limits of simulated devices: sharp ones, noisy ones,
 * ones with loss inversion, with buffers, and beyond what may be tried.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "search.h"

#define MAX_LOAD   148809523.8 /* 64 bytes at 100 Gb/s */
#define MIN_LOAD   9001.0
#define TRIALS_MAX 4000u

/* A device, as frames a second and troubles. Zeroes: none of that trouble. */
struct device {
	double limit;
	double noise;  /* the limit is this part less, at most, in each trial */
	double spikes; /* so many of the trials lose spike_loss more */
	double spike_loss;
	double band_from, band_to, band_loss; /* loses between these loads */
	double collapse; /* under overload so much of the limit is lost */
	double buffer;   /* seconds of what is over the limit that it can keep */
	uint64_t seed;
};

static double
random_unit(uint64_t *seed)
{
	/* SplitMix64 */
	uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)((x ^ x >> 31) >> 11) * 0x1p-53;
}

static double
loss_of(struct device *d, const struct search_input *in)
{
	double limit = d->limit * (1 - d->noise * random_unit(&d->seed)), loss = 0;
	double frames = in->load * in->duration;

	double through = limit * ((1 - d->collapse) * in->duration + d->buffer);

	if (in->load > limit)
		loss = fmax(1 - through / frames, 0);
	if (random_unit(&d->seed) < d->spikes)
		loss += d->spike_loss;
	if (in->load >= d->band_from && in->load < d->band_to)
		loss += d->band_loss;
	/* whole frames; of a part of one nothing comes through */
	return loss > 1e-12 ? fmin(ceil(loss * frames) / frames, 1) : 0;
}

/* A search of a device, with all its trials as the test wrote them down. */
struct run {
	struct search_config config;
	struct search *search;
	struct search_input in[TRIALS_MAX];
	double loss[TRIALS_MAX];
	uint32_t n;
};

static void
begin(struct run *run, const char *preset)
{
	const struct search_preset *p = search_preset_find(preset);

	memset(run, 0, sizeof(*run));
	run->config.min_load = MIN_LOAD;
	run->config.max_load = MAX_LOAD;
	memcpy(run->config.goal, p->goal, sizeof(p->goal));
	run->config.goals = p->goals;
}

static bool
step(struct run *run, struct device *device)
{
	struct search_output out = { 0 };
	struct search_input *in = &run->in[run->n];

	if (!search_next(run->search, in))
		return false;
	assert_true(in->load >= run->config.min_load && in->load <= run->config.max_load);
	assert_true(in->duration >= run->config.goal[in->goal].initial_duration - 1e-9);
	assert_true(in->duration <= run->config.goal[in->goal].final_duration + 1e-9);
	out.loss_ratio = run->loss[run->n] = loss_of(device, in);
	assert_int_equal(search_report(run->search, in, &out), 0);
	assert_true(++run->n < TRIALS_MAX);
	return true;
}

static void
go(struct run *run, struct device *device)
{
	assert_int_equal(search_create(&run->config, &run->search, NULL), 0);
	while (step(run, device))
		;
	assert_int_equal(search_trials(run->search), run->n);
	assert_true(search_seconds_left(run->search) == 0);
}

/*
 * What a load is, by another road than load.c: as §6.1 tells it, with ratios, from the
 * test's own notes.
 */
static enum search_bound
classify(const struct run *run, double load, const struct search_goal *goal)
{
	double sum[2][2] = { { 0 } }, subceed = 1 - goal->exceed_ratio;
	double excess, high, whole, optimistic, pessimistic;

	for (uint32_t i = 0; i < run->n; i++)
		if (run->in[i].load == load)
			sum[run->in[i].duration < goal->final_duration * 0.999999]
			   [run->loss[i] > goal->loss_ratio] += run->in[i].duration;
	excess = sum[1][1] - sum[1][0] * goal->exceed_ratio / subceed;
	high = sum[0][1] + fmax(excess, 0);
	whole = fmax(high + sum[0][0], goal->duration_sum);
	optimistic = high / whole;
	pessimistic = (whole - sum[0][0]) / whole;
	if (optimistic > goal->exceed_ratio + 1e-9)
		return SEARCH_UPPER;
	return pessimistic > goal->exceed_ratio + 1e-9 ? SEARCH_UNDECIDED : SEARCH_LOWER;
}

/* A result is what all the trials say: §4.8.1, §4.8.2, §4.8.4.1. */
static void
check_result(const struct run *run, uint32_t g, const struct search_result *r)
{
	const struct search_goal *goal = &run->config.goal[g];
	double upper = INFINITY, lower = 0;

	for (uint32_t i = 0; i < run->n; i++)
		if (run->in[i].load < upper &&
			classify(run, run->in[i].load, goal) == SEARCH_UPPER)
			upper = run->in[i].load;
	for (uint32_t i = 0; i < run->n; i++)
		if (run->in[i].load < upper && run->in[i].load > lower &&
			classify(run, run->in[i].load, goal) == SEARCH_LOWER)
			lower = run->in[i].load;
	assert_int_equal(r->has_upper, upper < INFINITY);
	assert_true(!r->has_upper || r->upper == upper);
	assert_int_equal(r->has_lower, lower > 0);
	assert_true(r->lower == lower);
	assert_int_equal(r->phase, SEARCH_PHASES - 1);
	assert_int_equal(r->regular, r->has_lower && r->has_upper);
	assert_true(r->throughput <= r->lower * (1 + 1e-12));
	if (r->regular)
		assert_true((upper - lower) / upper <= goal->width * (1 + 1e-6));
}

static void
finish(struct run *run, struct search_result result[2])
{
	for (uint32_t g = 0; g < run->config.goals; g++) {
		search_result(run->search, g, &result[g]);
		check_result(run, g, &result[g]);
	}
	search_destroy(run->search);
	run->search = NULL;
}

/* A frame a trial. */
static double
frame(const struct run *r)
{
	return 1 / r->config.goal[0].final_duration;
}

static struct run run;

static const char *const preset_names[] = { "rfc2544", "csit", "quick" };
#define PRESETS 3u

/* ---- sharp limits ---- */

static void
sharp_limits_are_found(void **state)
{
	struct search_result r[2];

	(void)state;
	for (uint32_t i = 0; i < PRESETS; i++)
		for (double limit = 20000; limit < MAX_LOAD; limit *= 1.37) {
			struct device device = { .limit = limit };

			begin(&run, preset_names[i]);
			go(&run, &device);
			finish(&run, r);
			assert_true(r[0].regular && r[1].regular);
			assert_true(r[0].lower <= limit && r[0].upper > limit);
			assert_true(r[0].throughput == r[0].lower);
			/* half a percent may be lost: the load is so much more */
			assert_true(r[1].lower * 0.995 <= limit + frame(&run));
			assert_true(r[1].upper * 0.995 >= limit - frame(&run));
			/* but no more comes through than the device can: §5.6.1 */
			assert_true(r[1].throughput <= limit * (1 + 1e-9));
			assert_true(r[1].throughput >= r[0].throughput);
		}
}

/* §5.1: bisection at full length from most to least load would take as many trials. */
static void
it_is_faster_than_bisection(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PRESETS; i++)
		for (double limit = 2e6; limit < MAX_LOAD; limit *= 1.7) {
			struct device device = { .limit = limit };
			const struct search_goal *goal;
			struct search_result r[2];
			double loads, seconds;

			begin(&run, preset_names[i]);
			go(&run, &device);
			seconds = search_seconds(run.search);
			finish(&run, r);
			goal = &run.config.goal[0];
			loads = 2 *
				(2 + ceil(log2(log(MAX_LOAD / MIN_LOAD) / goal->width)));
			assert_true(seconds < 0.6 * loads *
						      ceil(goal->duration_sum *
							      (1 - goal->exceed_ratio) /
							      goal->final_duration) *
						      goal->final_duration);
		}
}

/* What comes through at most load says little of the limit: it is left by leaps. */
static void
a_breakdown_under_overload_costs_little(void **state)
{
	(void)state;
	for (double collapse = 0.1; collapse < 1; collapse += 0.0987)
		for (double limit = 2e6; limit < MAX_LOAD; limit *= 1.9) {
			struct device device = { .limit = limit, .collapse = collapse };
			struct search_result r[2];

			begin(&run, "csit");
			go(&run, &device);
			/* eleven trials of 1 s settle a load: two for each bound, and a
			 * handful on the way */
			assert_true(search_seconds(run.search) < 8 * 11);
			finish(&run, r);
			assert_true(r[0].regular && r[1].regular);
			assert_true(r[0].lower <= limit && r[0].upper > limit);
			assert_true(r[1].lower <= limit && r[1].upper > limit);
		}
}

static void
a_device_beyond_the_most_load_is_irregular(void **state)
{
	struct device device = { .limit = 2 * MAX_LOAD };
	struct search_result r[2];

	(void)state;
	for (uint32_t i = 0; i < PRESETS; i++) {
		begin(&run, preset_names[i]);
		go(&run, &device);
		/* nothing but the most load was tried */
		for (uint32_t t = 0; t < run.n; t++)
			assert_true(run.in[t].load == MAX_LOAD);
		finish(&run, r);
		for (uint32_t g = 0; g < 2; g++) {
			assert_false(r[g].regular || r[g].has_upper);
			assert_true(
				r[g].lower == MAX_LOAD && r[g].throughput == MAX_LOAD);
		}
	}
}

static void
a_device_below_the_least_load_is_irregular(void **state)
{
	struct device device = { .limit = MIN_LOAD / 2 };
	struct search_result r[2];

	(void)state;
	for (uint32_t i = 0; i < PRESETS; i++) {
		begin(&run, preset_names[i]);
		go(&run, &device);
		finish(&run, r);
		for (uint32_t g = 0; g < 2; g++) {
			assert_false(r[g].regular || r[g].has_lower);
			assert_true(r[g].has_upper && r[g].throughput == 0);
		}
	}
}

static void
a_dead_device_ends_the_search(void **state)
{
	struct device device = { .limit = 1e-3 };
	struct search_result r[2];

	(void)state;
	begin(&run, "quick");
	go(&run, &device);
	finish(&run, r);
	assert_false(r[0].has_lower || r[1].has_lower);
}

/* ---- noise ---- */

/* A third of the trials lose 2 %: more than PDR allows, less often than its half. */
static void
spikes_are_tolerated_as_the_exceed_ratio_says(void **state)
{
	struct search_result r[2];
	uint32_t close = 0, n = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++, n++) {
		struct device device = {
			.limit = 50e6, .spikes = 0.3, .spike_loss = 0.02, .seed = seed
		};

		begin(&run, "csit");
		go(&run, &device);
		finish(&run, r);
		/* never more than the device can; seldom much less */
		assert_true(r[0].lower <= 50e6 && r[1].throughput <= 50e6 * (1 + 1e-6));
		close += r[0].has_lower && r[0].lower > 0.98 * 50e6 &&
			 r[1].lower > 0.98 * 50e6;
	}
	assert_true(close >= n * 9 / 10);
}

/* The same device by RFC 2544, where one bad trial is enough. */
static void
rfc2544_tolerates_nothing(void **state)
{
	struct search_result r[2];
	uint32_t below = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct device device = {
			.limit = 50e6, .spikes = 0.3, .spike_loss = 0.02, .seed = seed
		};

		begin(&run, "rfc2544");
		go(&run, &device);
		finish(&run, r);
		assert_true(r[0].lower <= 50e6);
		below += r[0].upper <= 50e6;
	}
	assert_true(below > 20);
}

static void
a_limit_that_wavers_is_found_within_its_noise(void **state)
{
	struct search_result r[2];

	(void)state;
	for (uint32_t i = 0; i < PRESETS; i++)
		for (uint64_t seed = 1; seed <= 30; seed++) {
			struct device device = {
				.limit = 80e6, .noise = 0.05, .seed = seed
			};

			begin(&run, preset_names[i]);
			go(&run, &device);
			finish(&run, r);
			assert_true(r[0].has_lower && r[0].has_upper && r[1].has_lower);
			assert_true(r[0].lower > 0.9 * 80e6 && r[0].lower <= 80e6);
			assert_true(r[1].throughput > 0.9 * 80e6);
		}
}

/* Of each trial that comes out by chance only: it must end, and say what they said. */
static void
pure_chance_ends_and_is_told_as_it_was(void **state)
{
	struct search_result r[2];

	(void)state;
	for (uint32_t i = 0; i < PRESETS; i++)
		for (uint64_t seed = 1; seed <= 60; seed++) {
			struct device device = { .limit = MAX_LOAD,
				.noise = 1,
				.spikes = 0.5,
				.spike_loss = 0.004,
				.seed = seed };

			begin(&run, preset_names[i]);
			go(&run, &device);
			finish(&run, r);
		}
}

/* ---- loss inversion (§5.3.2) ---- */

/* Below its limit it loses in a band of loads: what is tried in there is an upper bound,
 * and what is above is none of the device's merits. */
static void
under_loss_inversion_the_upper_bound_is_real(void **state)
{
	struct search_result r[2];
	uint32_t inverted = 0;

	(void)state;
	for (uint32_t i = 0; i < PRESETS; i++)
		for (double from = 0.8; from < 0.99; from += 0.0037) {
			struct device device = { .limit = 60e6,
				.band_from = from * 60e6,
				.band_to = (from + 0.01) * 60e6,
				.band_loss = 0.002 };
			bool met = false;

			begin(&run, preset_names[i]);
			go(&run, &device);
			for (uint32_t t = 0; t < run.n; t++)
				met = met || (run.in[t].load >= device.band_from &&
						     run.in[t].load < device.band_to);
			finish(&run, r);
			assert_true(r[0].regular && r[1].regular);
			/* 0.2 % is loss for NDR, within what PDR allows */
			if (met)
				assert_true(r[0].lower < device.band_from);
			else
				assert_true(r[0].upper > 60e6);
			assert_true(r[1].lower * 0.995 <= 60e6 * (1 + 1e-6));
			inverted += met && r[1].lower > device.band_to;
		}
	/* a device that is never tried in its band would prove nothing */
	assert_true(inverted >= 3);
}

/* ---- buffers: short trials hide what long ones show (§6.3.3.1) ---- */

static void
buffers_do_not_deceive_it(void **state)
{
	struct device device = { .limit = 40e6, .buffer = 0.05 };
	struct search_result r[2];

	(void)state;
	for (uint32_t i = 0; i < PRESETS; i++) {
		double most;

		begin(&run, preset_names[i]);
		go(&run, &device);
		finish(&run, r);
		assert_true(r[0].regular);
		/* what it can take for as long as a full trial lasts, not for a short one
		 */
		most = 40e6 * (1 + 0.05 / run.config.goal[0].final_duration);
		assert_true(r[0].lower <= most * (1 + 1e-6));
		assert_true(r[0].upper >= most * (1 - 1e-6));
	}
}

/* ---- the rest ---- */

static void
it_can_be_broken_off_at_any_trial(void **state)
{
	struct device device = { .limit = 33e6 };
	struct search_result r;
	uint32_t estimates = 0;

	(void)state;
	begin(&run, "csit");
	assert_int_equal(search_create(&run.config, &run.search, NULL), 0);
	do {
		for (uint32_t g = 0; g < 2; g++) {
			struct search_input in;
			bool over = !search_next(run.search, &in);

			search_result(run.search, g, &r);
			assert_true(!over || r.regular);
			assert_true(!r.has_lower || r.lower * 0.995 <= 33e6 * 1.000001);
			assert_true(!r.has_upper || r.upper > 33e6);
			assert_true(!(r.has_lower && r.has_upper) || r.lower < r.upper);
			estimates += !r.regular && r.has_lower && r.has_upper;
		}
	} while (step(&run, &device));
	assert_true(estimates > 10);
	search_destroy(run.search);
}

static void
the_time_left_is_a_fair_guess(void **state)
{
	(void)state;
	for (double limit = 1e6; limit < MAX_LOAD; limit *= 3) {
		struct device device = { .limit = limit };
		double guessed, all;

		begin(&run, "csit");
		assert_int_equal(search_create(&run.config, &run.search, NULL), 0);
		assert_true(step(&run, &device));
		guessed = search_seconds_left(run.search);
		while (step(&run, &device))
			assert_true(search_seconds_left(run.search) >= 0);
		all = search_seconds(run.search);
		assert_true(guessed > all / 3 && guessed < all * 3);
		search_destroy(run.search);
	}
}

static void
the_same_trials_give_the_same_search(void **state)
{
	static struct run again;
	struct search_result r[2], s[2];

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct device one = { .limit = 70e6, .noise = 0.02, .seed = seed };
		struct device two = one;

		begin(&run, "csit");
		go(&run, &one);
		begin(&again, "csit");
		go(&again, &two);
		assert_int_equal(run.n, again.n);
		assert_memory_equal(run.in, again.in, run.n * sizeof(run.in[0]));
		finish(&run, r);
		finish(&again, s);
		assert_true(r[0].throughput == s[0].throughput);
	}
}

/* Goals of different widths and lengths, and a goal alone. */
static void
other_goals(void **state)
{
	struct device device = { .limit = 12345678 };
	struct search_result r[4];

	(void)state;
	begin(&run, "csit");
	run.config.goals = 3;
	run.config.goal[0] = (struct search_goal){ "fine", 2, 2, 0, 0, 0.001, 0.5 };
	run.config.goal[1] = (struct search_goal){ "coarse", 1, 7, 0.01, 0.2, 0.02, 1 };
	run.config.goal[2] = (struct search_goal){ "lax", 1, 1, 0.1, 0, 0.1, 0.25 };
	go(&run, &device);
	finish(&run, r);
	for (uint32_t g = 0; g < 3; g++) {
		double keep = 1 - run.config.goal[g].loss_ratio;

		assert_true(r[g].regular);
		assert_true(r[g].lower * keep <= 12345678 * (1 + 1e-6));
		assert_true(r[g].upper * keep >= 12345678 * (1 - 1e-6));
	}
	begin(&run, "csit");
	run.config.goals = 1;
	go(&run, &device);
	finish(&run, r);
	assert_true(r[0].regular && r[0].lower <= 12345678 && r[0].upper > 12345678);
}

static void
bad_configurations_are_refused(void **state)
{
	struct labyrinth_error error;
	struct search_config bad[9];
	struct search *search;

	(void)state;
	begin(&run, "csit");
	for (size_t i = 0; i < 9; i++)
		bad[i] = run.config;
	bad[0].min_load = 0;
	bad[1].min_load = NAN;
	bad[2].min_load = bad[2].max_load;
	bad[3].max_load = INFINITY;
	bad[4].goals = 0;
	bad[5].goals = SEARCH_GOALS_MAX + 1;
	bad[6].goal[1].width = 0;
	bad[7].goal[0].loss_ratio = 0.1; /* then it comes before the stricter one */
	bad[8].min_load = 1e-300;
	bad[8].goal[0].width = 0.0001;
	for (size_t i = 0; i < 9; i++) {
		error.text[0] = '\0';
		search = (struct search *)&error;
		assert_int_equal(search_create(&bad[i], &search, &error), -EINVAL);
		assert_null(search);
		assert_true(error.text[0] != '\0');
	}
	search_destroy(NULL);
}

static void
bad_reports_are_refused(void **state)
{
	struct search_output out = { 0 };
	struct search_input in;

	(void)state;
	begin(&run, "csit");
	assert_int_equal(search_create(&run.config, &run.search, NULL), 0);
	assert_true(search_next(run.search, &in));
	for (double loss = -1; loss < 3; loss += 3.5) {
		out.loss_ratio = loss;
		assert_int_equal(search_report(run.search, &in, &out), -EINVAL);
	}
	out.loss_ratio = NAN;
	assert_int_equal(search_report(run.search, &in, &out), -EINVAL);
	out.loss_ratio = 0;
	in.load *= 0.9999;
	assert_int_equal(search_report(run.search, &in, &out), -EINVAL);
	assert_int_equal(search_trials(run.search), 0);
	search_destroy(run.search);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sharp_limits_are_found),
		cmocka_unit_test(it_is_faster_than_bisection),
		cmocka_unit_test(a_breakdown_under_overload_costs_little),
		cmocka_unit_test(a_device_beyond_the_most_load_is_irregular),
		cmocka_unit_test(a_device_below_the_least_load_is_irregular),
		cmocka_unit_test(a_dead_device_ends_the_search),
		cmocka_unit_test(spikes_are_tolerated_as_the_exceed_ratio_says),
		cmocka_unit_test(rfc2544_tolerates_nothing),
		cmocka_unit_test(a_limit_that_wavers_is_found_within_its_noise),
		cmocka_unit_test(pure_chance_ends_and_is_told_as_it_was),
		cmocka_unit_test(under_loss_inversion_the_upper_bound_is_real),
		cmocka_unit_test(buffers_do_not_deceive_it),
		cmocka_unit_test(it_can_be_broken_off_at_any_trial),
		cmocka_unit_test(the_time_left_is_a_fair_guess),
		cmocka_unit_test(the_same_trials_give_the_same_search),
		cmocka_unit_test(other_goals),
		cmocka_unit_test(bad_configurations_are_refused),
		cmocka_unit_test(bad_reports_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
