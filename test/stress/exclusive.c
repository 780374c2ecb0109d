/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "exclusive.h"

#include <inttypes.h>

/* Words of a page that are looked at: its ends and some in between. */
#define WORDS 4u
static const uint32_t place[WORDS] = { 0, 129, 258, 511 };

static uint64_t
free_pattern(uint32_t index)
{
	return UINT64_C(0xf4ee000000000000) | index;
}

static uint64_t
stamp_of(const struct history_log *log, uint32_t index)
{
	return (uint64_t)(log->who + 1) << 32 | index;
}

static uint64_t *
words_of(const struct exclusive *watch, uint32_t index)
{
	uint64_t *words = labyrinth_page_address(watch->pool, index);

	stress_check(words != NULL, "page %u does not exist", index);
	return words;
}

static void
expect(const struct exclusive *watch, uint32_t index, uint64_t value, const char *when)
{
	const uint64_t *words = words_of(watch, index);

	for (uint32_t i = 0; i < WORDS; i++)
		stress_check(words[place[i]] == value,
			"page %u has %#" PRIx64 " and not %#" PRIx64 " when %s", index,
			words[place[i]], value, when);
}

static void
fill(const struct exclusive *watch, uint32_t index, uint64_t value)
{
	uint64_t *words = words_of(watch, index);

	for (uint32_t i = 0; i < WORDS; i++)
		words[place[i]] = value;
}

void
exclusive_took(const struct exclusive *watch, struct history_log *log, uint32_t index)
{
	history_took(log, index);
	if (!watch->forgets)
		expect(watch, index, free_pattern(index), "taken");
	fill(watch, index, stamp_of(log, index));
}

void
exclusive_check(
	const struct exclusive *watch, const struct history_log *log, uint32_t index)
{
	expect(watch, index, stamp_of(log, index), "owned");
}

void
exclusive_drops(const struct exclusive *watch, struct history_log *log, uint32_t index)
{
	expect(watch, index, stamp_of(log, index), "given away");
	fill(watch, index, free_pattern(index));
	history_drops(log, index);
}

void
exclusive_hands(const struct exclusive *watch, struct history_log *log, uint32_t index)
{
	expect(watch, index, stamp_of(log, index), "handed on");
	history_drops(log, index);
}

void
exclusive_received(const struct exclusive *watch, struct history_log *log, uint32_t index)
{
	uint64_t stamp = words_of(watch, index)[place[0]];

	history_took(log, index);
	stress_check((uint32_t)stamp == index && stamp >> 32 >= 1 &&
		stamp >> 32 <= watch->history->logs,
		"page %u has %#" PRIx64 ", which is no thread's stamp", index, stamp);
	expect(watch, index, stamp, "received");
	fill(watch, index, stamp_of(log, index));
}

struct exclusive
exclusive_create(const struct labyrinth_pool_config *config, uint32_t logs)
{
	struct labyrinth_pool_config plain = *config;
	struct labyrinth_error error = { "" };
	struct exclusive watch = { .forgets = config->pages_max != 0 };
	struct labyrinth_pool_stats stats;

	plain.backing = LABYRINTH_BACKING_PLAIN;
	plain.numa_node = -1;
	stress_check(labyrinth_pool_create(&plain, &watch.pool, &error) == 0, "%s",
		error.text);
	labyrinth_pool_stats(watch.pool, &stats);
	watch.pages = stats.pages;
	watch.history = history_create(watch.pages, logs);
	for (uint32_t index = 1; index <= watch.pages && !watch.forgets; index++)
		fill(&watch, index, free_pattern(index));
	return watch;
}

struct labyrinth_owner *
exclusive_owner(
	const struct exclusive *watch, struct labyrinth_owner *team, uint32_t flags)
{
	struct labyrinth_owner *owner = NULL;
	int ret = labyrinth_owner_register(watch->pool, "stress", team, flags, &owner);

	stress_check(ret == 0, "register: %d", ret);
	return owner;
}

/* Who has pages still? */
static void
tell_owners(const struct labyrinth_pool *pool)
{
	static struct labyrinth_owner_stats stats[LABYRINTH_OWNERS_MAX];
	uint32_t n = labyrinth_pool_owners(pool, stats, LABYRINTH_OWNERS_MAX);

	for (uint32_t i = 0; i < n; i++)
		fprintf(stderr, "owner %u, %s: %u owned, %u offered, %u cached\n",
			stats[i].slot, stats[i].name, stats[i].owned, stats[i].offered,
			stats[i].cached);
}

void
exclusive_end(struct exclusive *watch)
{
	struct labyrinth_pool_stats stats;
	struct labyrinth_error error = { "" };

	stress_check(labyrinth_pool_validate(watch->pool, &error) == 0, "%s", error.text);
	labyrinth_pool_stats(watch->pool, &stats);
	if (stats.owned != 0 || stats.offered != 0)
		tell_owners(watch->pool);
	stress_check(stats.owned == 0 && stats.offered == 0, "%u owned, %u offered",
		stats.owned, stats.offered);
	stress_check(stats.free + stats.cached + stats.offline == watch->pages,
		"%u free, %u cached, %u offline of %u", stats.free, stats.cached,
		stats.offline, watch->pages);
	stress_check(stats.alloc == stats.released + stats.reclaimed,
		"%" PRIu64 " handed out, %" PRIu64 " freed, %" PRIu64 " reclaimed",
		stats.alloc, stats.released, stats.reclaimed);
	for (uint32_t index = 1; index <= watch->pages && !watch->forgets; index++)
		expect(watch, index, free_pattern(index), "free at the end");
	history_end(watch->history);
	stress_check(labyrinth_pool_destroy(watch->pool, &error) == 0, "%s", error.text);
}
