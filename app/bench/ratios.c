/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <math.h>
#include <string.h>

#include "ratios.h"

/* Ends of names: which rows of a case are meant. */
#define ANY ""

/* A ratio: the median of impl over the best median of the rivals. */
struct claim {
	const char *name, *name_of_case, *impl;
	const char *rival;     /* beginning of their names, NULL: none */
	const char *rival_end; /* end of their names */
	double goal, least;
	bool headline;
};

static const struct claim claims[] = {
	{ "random_vs_ring", "random", "labyrinth", "ring_mp_mc/", ANY, 0.6, 0.4, true },
	{ "cross_core_vs_best", "cross_core", "labyrinth-pointer", ANY, ANY, 1.2, 0.9,
		true },
	{ "oversubscribed_vs_ring", "oversubscribed", "labyrinth", "ring_mp_mc/",
		"/non-eal", 1000, 1000, true },
	{ "oversubscribed_vs_best", "oversubscribed", "labyrinth", ANY, "/non-eal", 8, 5,
		true },
	{ "stopped_owner", "stopped_owner", "labyrinth", NULL, NULL, 0.9, 0.9, true },

	{ "same_core_128_vs_ring", "same_core/128", "labyrinth", "ring_mp_mc/", ANY, 1,
		0.4, false },
	{ "same_core_512_vs_ring", "same_core/512", "labyrinth", "ring_mp_mc/", ANY, 1,
		0.4, false },
	{ "same_core_128_vs_lf_stack", "same_core/128", "labyrinth", "lf_stack/", ANY, 2,
		0, false },
	{ "same_core_512_vs_lf_stack", "same_core/512", "labyrinth", "lf_stack/", ANY, 2,
		0, false },
	{ "same_core_128_vs_lf_stack_no_cache", "same_core/128", "labyrinth", "lf_stack/",
		"/0", 5, 0, false },
	{ "same_core_512_vs_lf_stack_no_cache", "same_core/512", "labyrinth", "lf_stack/",
		"/0", 5, 0, false },
	{ "same_core_128_index_vs_ring", "same_core/128", "labyrinth-index",
		"ring_mp_mc/", ANY, 0, 0, false },
	{ "same_core_512_index_vs_ring", "same_core/512", "labyrinth-index",
		"ring_mp_mc/", ANY, 0, 0, false },
	{ "same_core_128_own_index_vs_ring", "same_core/128", "labyrinth-own-index",
		"ring_mp_mc/", ANY, 0, 0, false },
	{ "random_own_index_vs_ring", "random", "labyrinth-own-index", "ring_mp_mc/", ANY,
		0, 0, false },
	{ "random_index_vs_ring", "random", "labyrinth-index", "ring_mp_mc/", ANY, 0, 0,
		false },
	{ "cross_core_index_vs_best", "cross_core", "labyrinth-index", ANY, ANY, 0, 0,
		false },
	{ "cross_core_team_vs_best", "cross_core", "labyrinth-team", ANY, ANY, 0, 0,
		false },
	{ "cross_core_transfer_vs_best", "cross_core", "labyrinth", ANY, ANY, 0, 0,
		false },
	{ "oversubscribed_vs_best_registered", "oversubscribed", "labyrinth", ANY,
		"/registered", 0, 0, false },
	{ "threads_2_vs_best", "threads/2", "labyrinth", ANY, ANY, 0, 0, false },
	{ "threads_4_vs_best", "threads/4", "labyrinth", ANY, ANY, 0, 0, false },
	{ "oversubscribed_index_vs_ring", "oversubscribed", "labyrinth-index",
		"ring_mp_mc/", "/non-eal", 0, 0, false },
	{ "oversubscribed_index_vs_best", "oversubscribed", "labyrinth-index", ANY,
		"/non-eal", 0, 0, false },
	{ "stopped_owner_index", "stopped_owner", "labyrinth-index", NULL, NULL, 0.9, 0.9,
		false },
	{ "stopped_owner_ring_mp_mc", "stopped_owner", "ring_mp_mc/non-eal", NULL, NULL,
		0, 0, false },
};

/* The rows that the page pool is compared with are those that have a "/". */
static bool
is_rival(const struct bench_series *series, const struct claim *claim)
{
	size_t length = strlen(series->impl), end = strlen(claim->rival_end);

	return strcmp(series->name, claim->name_of_case) == 0 &&
	       strchr(series->impl, '/') != NULL && end <= length &&
	       strncmp(series->impl, claim->rival, strlen(claim->rival)) == 0 &&
	       strcmp(series->impl + length - end, claim->rival_end) == 0;
}

static const struct bench_series *
best_rival(const struct bench_results *results, const struct claim *claim)
{
	const struct bench_series *best = NULL;

	for (unsigned int i = 0; i < results->n; i++) {
		const struct bench_series *series = &results->series[i];

		if (is_rival(series, claim) &&
			(best == NULL || bench_series_summary(series).median >
						 bench_series_summary(best).median))
			best = series;
	}
	return best;
}

static void
work_out(struct bench_ratio *ratio, const struct bench_results *results,
	const struct claim *claim)
{
	const struct bench_series *rival = NULL;

	memset(ratio, 0, sizeof(*ratio));
	snprintf(ratio->name, sizeof(ratio->name), "%s", claim->name);
	snprintf(ratio->ours, sizeof(ratio->ours), "%s", claim->impl);
	ratio->goal = claim->goal;
	ratio->least = claim->least;
	ratio->headline = claim->headline;
	ratio->value = bench_results_median(results, claim->name_of_case, claim->impl);
	if (claim->rival == NULL) {
		snprintf(ratio->theirs, sizeof(ratio->theirs), "before");
		return;
	}
	rival = best_rival(results, claim);
	ratio->value =
		rival != NULL ? ratio->value / bench_series_summary(rival).median : NAN;
	if (rival != NULL)
		snprintf(ratio->theirs, sizeof(ratio->theirs), "%s", rival->impl);
}

static const struct bench_ratio *
find(const struct bench_ratios *ratios, const char *name)
{
	for (unsigned int i = 0; i < ratios->n; i++)
		if (strcmp(ratios->ratio[i].name, name) == 0)
			return &ratios->ratio[i];
	return NULL;
}

void
bench_ratios_work_out(struct bench_ratios *ratios, const struct bench_results *results)
{
	const struct bench_ratio *few, *many;

	/* The first place is that of the worse of the two keeps. */
	ratios->n = 1;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		work_out(&ratios->ratio[ratios->n++], results, &claims[i]);
	few = find(ratios, "same_core_128_vs_ring");
	many = find(ratios, "same_core_512_vs_ring");
	ratios->ratio[0] = few->value < many->value ? *few : *many;
	snprintf(ratios->ratio[0].name, sizeof(ratios->ratio[0].name),
		"same_core_vs_ring");
	ratios->ratio[0].headline = true;
}

enum bench_verdict
bench_ratio_verdict(const struct bench_ratio *ratio)
{
	if (isnan(ratio->value))
		return BENCH_NOT_MEASURED;
	if (ratio->goal == 0)
		return BENCH_NO_GOAL;
	if (ratio->value >= ratio->goal)
		return BENCH_MET;
	return ratio->least != 0 && ratio->value >= ratio->least ? BENCH_LEAST_MET
								 : BENCH_MISSED;
}

const char *
bench_verdict_name(enum bench_verdict verdict)
{
	static const char *const name[] = {
		[BENCH_NOT_MEASURED] = "not measured",
		[BENCH_NO_GOAL] = "-",
		[BENCH_MISSED] = "missed",
		[BENCH_LEAST_MET] = "least met",
		[BENCH_MET] = "met",
	};

	return name[verdict];
}

enum bench_exit
bench_ratios_gate(const struct bench_ratios *ratios, struct labyrinth_error *error)
{
	for (unsigned int i = 0; i < ratios->n; i++) {
		const struct bench_ratio *ratio = &ratios->ratio[i];

		if (ratio->headline && bench_ratio_verdict(ratio) < BENCH_LEAST_MET)
			return labyrinth_fail(error, BENCH_GATE,
				"%s is %.2f, the least acceptable %.2f", ratio->name,
				ratio->value, ratio->least);
	}
	return BENCH_OK;
}
