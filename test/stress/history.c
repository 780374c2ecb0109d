/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "history.h"

#include <stdlib.h>

#include "stress.h"

/* Events of all threads together; each log has room for all, most is never touched. */
#define EVENTS (1u << 21)
/* Room for what the threads give back before they end. */
#define MARGIN (1u << 16)

/* An event of a page, of whichever thread. */
struct moment {
	uint64_t stamp;
	uint32_t who;
	bool took;
};

static void *
reserve(size_t n, size_t size)
{
	void *memory = calloc(n > 0 ? n : 1, size);

	stress_check(memory != NULL, "no memory for a history");
	return memory;
}

struct history *
history_create(uint32_t pages, uint32_t logs)
{
	struct history *history = reserve(1, sizeof(*history));

	history->pages = pages;
	history->logs = logs;
	history->log = reserve(logs, sizeof(*history->log));
	for (uint32_t i = 0; i < logs; i++)
		history->log[i] = (struct history_log){ .history = history, .who = i,
			.event = reserve(EVENTS, sizeof(struct history_event)) };
	return history;
}

bool
history_is_full(const struct history_log *log)
{
	return atomic_load_explicit(&log->history->clock, memory_order_relaxed) + MARGIN >
		EVENTS;
}

static int
compare(const void *a, const void *b)
{
	const struct moment *left = a, *right = b;

	return (left->stamp > right->stamp) - (left->stamp < right->stamp);
}

/* Count into first[page + 1] and sum up: where the moments of each page begin. */
static uint32_t *
find_places(const struct history *history, uint32_t *total)
{
	uint32_t *first = reserve(history->pages + 2, sizeof(*first));

	for (uint32_t i = 0; i < history->logs; i++)
		for (uint32_t e = 0; e < history->log[i].count; e++)
			first[history->log[i].event[e].page + 1]++;
	for (uint32_t page = 1; page < history->pages + 2; page++)
		first[page] += first[page - 1];
	*total = first[history->pages + 1];
	return first;
}

static struct moment *
sort_by_page(const struct history *history, const uint32_t *first, uint32_t total)
{
	uint32_t *next = reserve(history->pages + 1, sizeof(*next));
	struct moment *moment = reserve(total, sizeof(*moment));

	for (uint32_t i = 0; i < history->logs; i++)
		for (uint32_t e = 0; e < history->log[i].count; e++) {
			struct history_event event = history->log[i].event[e];

			moment[first[event.page] + next[event.page]++] = (struct moment){
				.stamp = event.stamp, .who = i, .took = event.took };
		}
	free(next);
	return moment;
}

static void
check_page(uint32_t page, struct moment *moment, uint32_t n)
{
	qsort(moment, n, sizeof(*moment), compare);
	for (uint32_t i = 0; i < n; i++)
		stress_check(moment[i].took == (i % 2 == 0),
			"page %u has two owners: thread %u %s at %llu, then thread %u %s "
			"at %llu",
			page, moment[i > 0 ? i - 1 : 0].who,
			moment[i > 0 ? i - 1 : 0].took ? "took it" : "gave it away",
			(unsigned long long)moment[i > 0 ? i - 1 : 0].stamp,
			moment[i].who, moment[i].took ? "took it" : "gave it away",
			(unsigned long long)moment[i].stamp);
}

void
history_end(struct history *history)
{
	uint32_t total, *first = find_places(history, &total);
	struct moment *moment = sort_by_page(history, first, total);

	for (uint32_t page = 0; page <= history->pages; page++)
		check_page(page, moment + first[page], first[page + 1] - first[page]);
	free(moment);
	free(first);
	for (uint32_t i = 0; i < history->logs; i++)
		free(history->log[i].event);
	free(history->log);
	free(history);
}
