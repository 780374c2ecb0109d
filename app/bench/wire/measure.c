/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

/** Latency trials, in % of PDR: those of CSIT. */
static const uint32_t latency_percents[WIRE_LATENCY_LOADS] = { 10, 50, 90 };

/* A size under way. */
struct work {
	struct wire_bench *bench;
	const struct search_preset *preset;
	struct wire_progress *progress;
	struct wire_result *result;
	struct search *search;
	struct labyrinth_error *error;
};

/* ---- how long it takes ---- */

static double
guess_of(const struct search_preset *preset, unsigned int measures)
{
	double seconds = 0;

	if ((measures & WIRE_MRR) != 0)
		seconds += preset->mrr_trials * preset->mrr_duration;
	if ((measures & WIRE_LOSS) != 0)
		seconds += WIRE_LOSS_STEPS * preset->loss_duration;
	/* a burst that is limited is short; one that is not ends it after 2 × its length
	 */
	if ((measures & WIRE_BURST) != 0)
		seconds += preset->burst_duration;
	if ((measures & WIRE_LATENCY) != 0)
		seconds += WIRE_LATENCY_LOADS * preset->loss_duration;
	return seconds;
}

static void
set_config(struct search_config *config, const struct search_preset *preset,
	double line_rate)
{
	*config = (struct search_config){
		.min_load = WIRE_MIN_LOAD,
		.max_load = line_rate,
		.goals = preset->goals,
	};
	memcpy(config->goal, preset->goal, sizeof(config->goal));
}

double
wire_measure_guess(const struct wire_options *options, double line_rate)
{
	double seconds = guess_of(options->preset, options->measures);
	struct search_config config;
	struct search *search;

	if ((options->measures & WIRE_NDRPDR) == 0)
		return seconds;
	set_config(&config, options->preset, line_rate);
	if (search_create(&config, &search, NULL) == 0)
		seconds += search_seconds_left(search);
	search_destroy(search);
	return seconds;
}

static double
left(const struct work *w)
{
	unsigned int open = w->bench->options->measures & ~w->result->done;

	return guess_of(w->preset, open) +
	       (w->search != NULL ? search_seconds_left(w->search) : 0);
}

/* ---- a trial ---- */

/* Make one, and note what it was. */
static enum bench_exit
make_trial(
	struct work *w, struct wire_record *record, struct labyrinth_histogram *latency)
{
	const struct wire_trial trial = {
		.size = w->result->size,
		.load = record->load,
		.frames = wire_trial_frames(record->load, record->seconds),
		.latency = latency,
	};
	enum bench_exit ret =
		wire_trial_run(w->bench, &trial, &record->outcome, w->error);

	if (ret == BENCH_OK)
		wire_progress_trial(w->progress, record->what, record->load,
			record->outcome.loss_ratio, left(w));
	return ret;
}

/* ---- NDR and PDR ---- */

static enum bench_exit
keep(struct wire_result *result, const struct wire_record *record,
	struct labyrinth_error *error)
{
	if (result->trials == result->room) {
		uint32_t room = result->room != 0 ? 2 * result->room : 64;
		struct wire_record *more = realloc(result->trial, room * sizeof(*more));

		if (more == NULL)
			return labyrinth_fail(error, BENCH_ENVIRONMENT, "no memory");
		result->trial = more;
		result->room = room;
	}
	result->trial[result->trials++] = *record;
	return BENCH_OK;
}

static enum bench_exit
search_step(struct work *w, const struct search_input *input)
{
	struct wire_record record = {
		.what = w->preset->goal[input->goal].name,
		.load = input->load,
		.seconds = input->duration,
	};
	enum bench_exit ret = make_trial(w, &record, NULL);
	struct search_output output;

	if (ret != BENCH_OK || wire_stopped())
		return ret;
	output = (struct search_output){ .loss_ratio = record.outcome.loss_ratio };
	if (search_report(w->search, input, &output) != 0)
		return labyrinth_fail(w->error, BENCH_ENVIRONMENT, "no memory");
	return keep(w->result, &record, w->error);
}

/* RFC 9971 §5.3.4: what warms up is not to be limited by it. */
static enum bench_exit
warm_up(struct work *w)
{
	struct wire_record record = {
		.what = "warm-up",
		.load = w->result->line_rate,
		.seconds = w->preset->goal[0].initial_duration,
	};

	return make_trial(w, &record, NULL);
}

static enum bench_exit
measure_ndrpdr(struct work *w)
{
	struct search_config config;
	struct search_input input;
	enum bench_exit ret = BENCH_OK;
	int failed;

	set_config(&config, w->preset, w->result->line_rate);
	failed = search_create(&config, &w->search, w->error);
	if (failed != 0)
		return failed == -EINVAL ? BENCH_USAGE : BENCH_ENVIRONMENT;
	w->result->searched = true;
	while (ret == BENCH_OK && !wire_stopped() && search_next(w->search, &input))
		ret = search_step(w, &input);
	for (uint32_t g = 0; g < config.goals; g++)
		search_result(w->search, g, &w->result->goal[g]);
	search_destroy(w->search);
	w->search = NULL;
	return ret;
}

/* ---- the rest ---- */

static enum bench_exit
measure_mrr(struct work *w)
{
	struct wire_record record = {
		.what = "mrr",
		.load = w->result->line_rate,
		.seconds = w->preset->mrr_duration,
	};

	for (uint32_t i = 0; i < w->preset->mrr_trials && i < WIRE_REPEATS_MAX; i++) {
		enum bench_exit ret = make_trial(w, &record, NULL);

		if (ret != BENCH_OK || wire_stopped())
			return ret;
		w->result->mrr[w->result->mrrs++] = record.outcome.forwarding_rate;
	}
	return BENCH_OK;
}

/* RFC 2544 §26.3: from line rate down, until twice running nothing is lost. */
static enum bench_exit
measure_loss(struct work *w)
{
	uint32_t clean = 0;

	for (uint32_t i = 0; i < WIRE_LOSS_STEPS && clean < 2; i++) {
		struct wire_record *record = &w->result->loss[i];
		enum bench_exit ret;

		*record = (struct wire_record){
			.what = "loss",
			.load = w->result->line_rate * (WIRE_LOSS_STEPS - i) /
				WIRE_LOSS_STEPS,
			.seconds = w->preset->loss_duration,
		};
		ret = make_trial(w, record, NULL);
		if (ret != BENCH_OK || wire_stopped())
			return ret;
		w->result->losses++;
		clean = record->outcome.loss_ratio == 0 ? clean + 1 : 0;
	}
	return BENCH_OK;
}

/* The longest burst, once. */
static enum bench_exit
find_burst(struct work *w, struct search_burst *burst)
{
	double rate = w->result->line_rate;
	struct wire_record record = { .what = "burst", .load = rate };
	uint64_t frames;

	search_burst_init(burst, w->bench->options->rxd,
		wire_trial_frames(rate, w->preset->burst_duration));
	while ((frames = search_burst_next(burst)) != 0) {
		enum bench_exit ret;

		record.seconds = (double)frames / rate;
		ret = make_trial(w, &record, NULL);
		if (ret != BENCH_OK || wire_stopped())
			return ret;
		search_burst_report(burst, record.outcome.loss_ratio > 0);
	}
	return BENCH_OK;
}

static enum bench_exit
measure_burst(struct work *w)
{
	struct wire_result *r = w->result;
	double throughput = r->searched ? r->goal[0].throughput : 0;
	enum bench_exit ret = BENCH_OK;

	while (r->bursts < w->preset->bursts && r->bursts < WIRE_REPEATS_MAX &&
		!r->burst_unlimited) {
		struct search_burst burst;

		ret = find_burst(w, &burst);
		if (ret != BENCH_OK || wire_stopped())
			break;
		r->burst[r->bursts++] = (double)burst.passed;
		r->burst_unlimited = burst.failed == 0;
	}
	if (r->bursts != 0)
		r->buffer = search_buffer_time(search_spread(r->burst, r->bursts).average,
			r->line_rate, throughput);
	return ret;
}

static void
set_latency(struct wire_latency *to, const struct labyrinth_histogram *from)
{
	to->samples = from->total;
	to->min = (double)labyrinth_histogram_quantile(from, 0) * 1e-3;
	to->p50 = (double)labyrinth_histogram_quantile(from, 0.5) * 1e-3;
	to->p90 = (double)labyrinth_histogram_quantile(from, 0.9) * 1e-3;
	to->p99 = (double)labyrinth_histogram_quantile(from, 0.99) * 1e-3;
	to->p999 = (double)labyrinth_histogram_quantile(from, 0.999) * 1e-3;
	to->max = (double)from->worst * 1e-3;
}

static enum bench_exit
measure_latency(struct work *w)
{
	const struct search_result *pdr = &w->result->goal[w->preset->goals - 1];
	struct labyrinth_histogram latency;

	for (uint32_t i = 0; i < WIRE_LATENCY_LOADS && pdr->has_lower; i++) {
		struct wire_latency *to = &w->result->latency[i];
		struct wire_record record = {
			.what = "latency",
			.load = pdr->lower * latency_percents[i] / 100,
			.seconds = w->preset->loss_duration,
		};
		enum bench_exit ret;

		if (record.load < WIRE_MIN_LOAD)
			record.load = WIRE_MIN_LOAD;
		memset(&latency, 0, sizeof(latency));
		ret = make_trial(w, &record, &latency);
		if (ret != BENCH_OK || wire_stopped())
			return ret;
		to->percent = latency_percents[i];
		to->load = record.load;
		set_latency(to, &latency);
		w->result->latencies++;
	}
	return BENCH_OK;
}

/* Each policy, whichever the others were measured with. */
static enum bench_exit
measure_timeline(struct work *w)
{
	while (w->result->timelines < WIRE_POLICIES) {
		struct wire_timeline *t = &w->result->timeline[w->result->timelines];
		enum bench_exit ret;

		t->policy = (enum labyrinth_rx_policy)w->result->timelines;
		ret = wire_timeline_run(
			w->bench, w->result->size, w->result->line_rate, t, w->error);
		if (ret != BENCH_OK || wire_stopped())
			return ret;
		w->result->timelines++;
	}
	return BENCH_OK;
}

/* In this order: latency needs the search. */
static const struct {
	unsigned int measure;
	enum bench_exit (*run)(struct work *work);
} measures[] = {
	{ WIRE_NDRPDR, measure_ndrpdr },
	{ WIRE_MRR, measure_mrr },
	{ WIRE_LOSS, measure_loss },
	{ WIRE_BURST, measure_burst },
	{ WIRE_LATENCY, measure_latency },
	{ WIRE_TIMELINE, measure_timeline },
};

enum bench_exit
wire_measure(struct wire_bench *bench, const struct wire_size *size,
	struct wire_progress *progress, struct wire_result *result,
	struct labyrinth_error *error)
{
	double before = wire_progress_seconds(progress);
	struct work work = {
		.bench = bench,
		.preset = bench->options->preset,
		.progress = progress,
		.result = result,
		.error = error,
	};
	enum bench_exit ret;

	memset(result, 0, sizeof(*result));
	memset(&bench->ledger, 0, sizeof(bench->ledger));
	result->size = size;
	result->line_rate = wire_line_rate(size, bench->options->rate);
	ret = warm_up(&work);
	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
		if (ret != BENCH_OK || wire_stopped())
			break;
		if ((bench->options->measures & measures[i].measure) == 0)
			continue;
		ret = measures[i].run(&work);
		if (ret == BENCH_OK && !wire_stopped())
			result->done |= measures[i].measure;
	}
	result->ledger = bench->ledger;
	result->seconds = wire_progress_seconds(progress) - before;
	return ret;
}

void
wire_result_free(struct wire_result *result)
{
	free(result->trial);
	memset(result, 0, sizeof(*result));
}
