/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <unistd.h>

#include <rte_cycles.h>

#include "progress.h"

/** Seconds between two lines: on a terminal, and else. */
#define LIVE_S  0.2
#define QUIET_S 10.0
/** Characters of the bar. */
#define BAR 20u

static double
since(uint64_t tsc)
{
	return (double)(rte_rdtsc() - tsc) / (double)rte_get_tsc_hz();
}

void
wire_progress_begin(struct wire_progress *p, uint32_t sizes, double guess)
{
	*p = (struct wire_progress){
		.out = stderr,
		.live = isatty(STDERR_FILENO) == 1,
		.sizes = sizes,
		.guess = guess,
		.begin = rte_rdtsc(),
	};
	p->size_begin = p->begin;
}

double
wire_progress_seconds(const struct wire_progress *p)
{
	return since(p->begin);
}

double
wire_progress_left(const struct wire_progress *p)
{
	double each = p->guess;

	if (p->size > 0)
		each = (double)(p->size_begin - p->begin) / (double)rte_get_tsc_hz() /
		       p->size;
	return p->left_in_size + (p->sizes - p->size - 1) * each;
}

static void
say(struct wire_progress *p, const char *what)
{
	double left = wire_progress_left(p), part, done = wire_progress_seconds(p);
	char bar[BAR + 1];

	p->said = rte_rdtsc();
	part = done + left > 0 ? done / (done + left) : 1;
	for (unsigned int i = 0; i < BAR; i++)
		bar[i] = i < part * BAR ? '#' : '.';
	bar[BAR] = '\0';
	fprintf(p->out, "%s[%s] %3.0f %%, %u:%02u left: size %s, %s%s",
		p->live ? "\r\033[K" : "labyrinth-bench: ", bar, 100 * part,
		(unsigned int)left / 60, (unsigned int)left % 60, p->label, what,
		p->live ? "" : "\n");
	fflush(p->out);
}

void
wire_progress_size(struct wire_progress *p, uint32_t size, const char *label)
{
	p->size = size;
	p->label = label;
	p->size_begin = rte_rdtsc();
	p->left_in_size = p->guess;
	say(p, "begins");
}

void
wire_progress_trial(struct wire_progress *p, const char *what, double pps,
	double loss_ratio, double left)
{
	char text[64];

	p->left_in_size = left;
	if (since(p->said) < (p->live ? LIVE_S : QUIET_S))
		return;
	snprintf(text, sizeof(text), "%s, %.2f Mpps, loss %.3f %%", what, pps * 1e-6,
		100 * loss_ratio);
	say(p, text);
}

void
wire_progress_end(struct wire_progress *p)
{
	if (p->live)
		fprintf(p->out, "\r\033[K");
	fflush(p->out);
}
