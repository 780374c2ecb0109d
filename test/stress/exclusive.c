/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "exclusive.h"

#include <inttypes.h>
#include <stdio.h>

#include "pool_private.h"

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
	expect(watch, index, free_pattern(index), "taken");
	fill(watch, index, stamp_of(log, index));
}

void
exclusive_check(const struct exclusive *watch, const struct history_log *log, uint32_t index)
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

void
exclusive_explain(const struct exclusive *watch, uint32_t index)
{
	static const char *const row_states[8] = { "depot", "held", "taking", "offline" };
	static const char *const states[8] = { "row", "owned", "offered", "freed" };
	struct labyrinth_pool *pool = watch->pool;
	struct lab_row *row = &pool->row[lab_row_of(index - 1)];
	struct lab_row_word r = lab_row_load(row);
	struct lab_page_word w = lab_word_load(pool, index - 1);
	uint32_t bit = lab_bit_of(index - 1);

	fprintf(stderr, "page %u: row %u %s holder %u version %u, page free %d mine %d lent %d; "
		"word %s owner %u peer %u generation %u; depot %u\n", index,
		lab_row_of(index - 1), row_states[r.state], (uint32_t)r.holder,
		(uint32_t)r.version, ((uint32_t)r.free & bit) != 0,
		(atomic_load(&row->mine) & bit) != 0, (atomic_load(&row->lent) & bit) != 0,
		states[w.state], (uint32_t)w.owner, (uint32_t)w.peer, (uint32_t)w.generation,
		(uint32_t)atomic_load(&pool->free));
}

struct exclusive
exclusive_create(const struct labyrinth_pool_config *config, uint32_t logs)
{
	struct labyrinth_pool_config plain = *config;
	struct labyrinth_error error = { "" };
	struct exclusive watch = { .pages = config->pages };

	plain.backing = LABYRINTH_BACKING_PLAIN;
	plain.numa_node = -1;
	stress_check(labyrinth_pool_create(&plain, &watch.pool, &error) == 0, "%s",
		error.text);
	watch.history = history_create(config->pages, logs);
	for (uint32_t index = 1; index <= watch.pages; index++)
		fill(&watch, index, free_pattern(index));
	return watch;
}

struct labyrinth_owner *
exclusive_owner(const struct exclusive *watch, struct labyrinth_owner *team, uint32_t flags)
{
	struct labyrinth_owner *owner = NULL;
	int ret = labyrinth_owner_register(watch->pool, "stress", team, flags, &owner);

	stress_check(ret == 0, "register: %d", ret);
	return owner;
}

void
exclusive_end(struct exclusive *watch)
{
	struct labyrinth_pool_stats stats;
	struct labyrinth_error error = { "" };

	stress_check(labyrinth_pool_validate(watch->pool, &error) == 0, "%s", error.text);
	labyrinth_pool_stats(watch->pool, &stats);
	stress_check(stats.owned == 0 && stats.offered == 0, "%u owned, %u offered",
		stats.owned, stats.offered);
	stress_check(stats.free + stats.cached == watch->pages, "%u free, %u cached of %u",
		stats.free, stats.cached, watch->pages);
	stress_check(stats.alloc == stats.released + stats.reclaimed,
		"%" PRIu64 " handed out, %" PRIu64 " freed, %" PRIu64 " reclaimed", stats.alloc,
		stats.released, stats.reclaimed);
	for (uint32_t index = 1; index <= watch->pages; index++)
		expect(watch, index, free_pattern(index), "free at the end");
	history_end(watch->history);
	stress_check(labyrinth_pool_destroy(watch->pool, &error) == 0, "%s", error.text);
}
