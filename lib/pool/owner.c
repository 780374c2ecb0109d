/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "held.h"

/* A slot whose registration is under way, so that nobody else takes it. */
#define TEAM_CLAIMING UINT32_MAX

/* A team keeps the number of its first member, even when that has left. */
static bool
names_team(const struct labyrinth_pool *pool, uint32_t slot)
{
	for (uint32_t other = 1; other <= pool->owners; other++)
		if (other != slot && lab_team_of(pool, other) == slot)
			return true;
	return false;
}

static struct labyrinth_owner *
claim_slot(struct labyrinth_pool *pool)
{
	for (uint32_t slot = 1; slot <= pool->owners; slot++) {
		uint32_t unused = 0;

		if (names_team(pool, slot))
			continue;
		/* acquire: what the slot's last owner left is seen */
		if (atomic_compare_exchange_strong_explicit(&pool->owner[slot].team, &unused,
				TEAM_CLAIMING, memory_order_acquire, memory_order_relaxed))
			return &pool->owner[slot];
	}
	return NULL;
}

static void
free_slot(struct labyrinth_owner *owner)
{
	free(owner->held);
	free(owner->stock);
	free(owner->recent);
	owner->held = NULL;
	owner->stock = NULL;
	owner->recent = NULL;
	/* release: the slot is clean for whoever claims it */
	atomic_store_explicit(&owner->team, 0, memory_order_release);
}

static int
init_rows(struct labyrinth_owner *owner)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t rows = pool->cache_max / LAB_ROW_PAGES;

	owner->current = LAB_NO_ROW;
	owner->cache_max = pool->cache_max;
	owner->recent_count = owner->recent_top = 0;
	owner->cached = 0;
	owner->oldest = 0;
	/* Owners start apart from each other, so that they seldom meet. */
	owner->depot_rotor = (uint32_t)((uint64_t)owner->slot * 37 % pool->hints) * 64;
	if (pool->cache_max == 0 || (owner->flags & LABYRINTH_OWNER_ANY_THREAD) != 0) {
		owner->recent_rows = 0;
		return 0;
	}
	owner->recent_rows = rows > 0 ? rows : 1;
	owner->held = calloc(pool->hints, sizeof(*owner->held));
	owner->stock = calloc(pool->hints, sizeof(*owner->stock));
	owner->recent = calloc(owner->recent_rows, sizeof(*owner->recent));
	return owner->held != NULL && owner->stock != NULL && owner->recent != NULL ?
		0 : -ENOMEM;
}

/* The first to be joined must not have begun to work alone: its rows are private. */
static int
join_team(struct labyrinth_owner *team)
{
	if (team->shared)
		return 0;
	if (atomic_load_explicit(&team->begun, memory_order_relaxed) != 0)
		return -EBUSY;
	team->shared = true;
	return 0;
}

int
labyrinth_owner_register(struct labyrinth_pool *pool, const char *name,
	struct labyrinth_owner *team, uint32_t flags, struct labyrinth_owner **result)
{
	struct labyrinth_owner *owner;
	int ret;

	if (pool == NULL || result == NULL || (flags & ~(uint32_t)LABYRINTH_OWNER_ANY_THREAD) ||
			(team != NULL && team->pool != pool))
		return -EINVAL;
	ret = team != NULL ? join_team(team) : 0;
	if (ret != 0)
		return ret;
	owner = claim_slot(pool);
	if (owner == NULL)
		return -ENOSPC;
	owner->flags = flags;
	owner->shared = team != NULL || (flags & LABYRINTH_OWNER_ANY_THREAD) != 0;
	atomic_store_explicit(&owner->begun, 0, memory_order_relaxed);
	atomic_store_explicit(&owner->ended, 0, memory_order_relaxed);
	memset(owner->name, 0, sizeof(owner->name));
	strncpy(owner->name, name != NULL ? name : "owner", sizeof(owner->name) - 1);
	ret = init_rows(owner);
	if (ret != 0) {
		free_slot(owner);
		return ret;
	}
	/* release: who sees the slot used sees the owner complete */
	atomic_store_explicit(&owner->team, team != NULL ?
		atomic_load_explicit(&team->team, memory_order_relaxed) : owner->slot,
		memory_order_release);
	*result = owner;
	return 0;
}

/* Another member, who answers for the pages of one that leaves; 0: none. */
static uint32_t
find_heir(const struct labyrinth_owner *owner)
{
	const struct labyrinth_pool *pool = owner->pool;

	for (uint32_t slot = 1; slot <= pool->owners; slot++)
		if (slot != owner->slot && lab_team_of(pool, slot) ==
				lab_team_of(pool, owner->slot))
			return slot;
	return 0;
}

/* Pages that were taken singly name their owner: they name the heir from now on. */
static void
bequeath(struct labyrinth_owner *owner, uint32_t heir)
{
	struct labyrinth_pool *pool = owner->pool;

	for (uint32_t page = 0; page < pool->pages; page++) {
		struct lab_page_word word = lab_word_load(pool, page);

		while (lab_page_named(word) && word.owner == owner->slot) {
			struct lab_page_word named = word;

			named.owner = heir;
			if (lab_word_cas(pool, page, &word, named))
				break;
		}
	}
}

int
labyrinth_owner_unregister(struct labyrinth_owner *owner, struct labyrinth_error *error)
{
	uint32_t heir = find_heir(owner), out;

	if (heir == 0) {
		out = lab_census_owned(owner->pool, owner->slot);
		if (out != 0)
			return labyrinth_fail(error, -EBUSY,
				"owner %s (slot %u) still owns %u pages: free or transfer them",
				owner->name, owner->slot, out);
		heir = owner->slot;
	}
	if (owner->recent_rows != 0)
		lab_held_flush(owner, heir);
	if (heir != owner->slot)
		bequeath(owner, heir);
	lab_census_retire(owner);
	free_slot(owner);
	return 0;
}

void
labyrinth_owner_flush(struct labyrinth_owner *owner)
{
	if (owner->recent_rows != 0)
		lab_held_flush(owner, owner->slot);
}

uint32_t
labyrinth_owner_slot(const struct labyrinth_owner *owner)
{
	return owner->slot;
}
