/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "sequential_pool.h"

#include <errno.h>
#include <stdlib.h>

struct seq_pool *
seq_create(uint32_t pages, uint32_t owners, bool caches)
{
	struct seq_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		abort();
	pool->pages = pages;
	pool->owners = owners;
	pool->caches = caches;
	pool->page = calloc(pages + 1, sizeof(*pool->page));
	if (pool->page == NULL)
		abort();
	/* what generation a pool begins with is its own affair */
	for (uint32_t index = 1; index <= pages; index++)
		pool->page[index].vague = true;
	return pool;
}

void
seq_destroy(struct seq_pool *pool)
{
	free(pool->page);
	free(pool);
}

uint32_t
seq_count(const struct seq_pool *pool, enum seq_state state)
{
	uint32_t count = 0;

	for (uint32_t index = 1; index <= pool->pages; index++)
		count += pool->page[index].state == state;
	return count;
}

/* ---- allocation ---- */

static uint32_t
least_of(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

uint32_t
seq_above_floor(uint32_t min, unsigned int class, uint32_t free)
{
	/* as Linux rounds it: half, and a quarter of what is left */
	uint32_t half = min - min / 2, floor;

	switch (class) {
	case LABYRINTH_GFP_NOWAIT:
	case LABYRINTH_GFP_KERNEL:
		floor = min;
		break;
	case LABYRINTH_GFP_ATOMIC:
		floor = half - half / 4;
		break;
	default:
		floor = 0;
	}
	return free > floor ? free - floor : 0;
}

struct seq_bounds
seq_alloc_bounds(uint32_t n, struct seq_stock stock)
{
	return (struct seq_bounds){
		.least = least_of(n, stock.own + stock.depots),
		.most = least_of(n, stock.own + stock.at_most),
	};
}

const char *
seq_handed_out(struct seq_pool *pool, uint32_t who, labyrinth_page handle, bool by_index)
{
	uint32_t index = labyrinth_page_index(handle);
	uint32_t generation = labyrinth_page_generation(handle);
	struct seq_page *page;

	if (index == 0 || index > pool->pages)
		return "a page that does not exist";
	page = &pool->page[index];
	if (page->state != SEQ_FREE)
		return "a page that is not free";
	/* serial arithmetic: the generation wraps */
	if (!by_index && (int32_t)(generation - page->generation) <= 0 && !page->vague)
		return "a page whose generation has not changed";
	page->state = SEQ_OWNED;
	page->team = pool->owner[who].team;
	page->vague = by_index;
	if (!by_index)
		page->generation = generation;
	return NULL;
}

void
seq_works(struct seq_pool *pool, uint32_t who)
{
	pool->owner[who].worked |= pool->caches && !pool->owner[who].any_thread;
}

void
seq_attempt(struct seq_pool *pool, uint32_t who, unsigned int class, uint32_t n,
	uint32_t got, bool all)
{
	seq_works(pool, who);
	pool->alloc += got;
	if (got == n || (!all && got > 0))
		return;
	pool->alloc_fail[class]++;
	/* pages may have been taken and put back */
	for (uint32_t index = 1; index <= pool->pages; index++)
		pool->page[index].vague |= pool->page[index].state == SEQ_FREE;
}

/* ---- pages that somebody has ---- */

/* The rules of free and transfer, once it is known that the handle is right. */
static enum labyrinth_refusal
judge_owned(const struct seq_pool *pool, const struct seq_request *request)
{
	const struct seq_page *page = &pool->page[labyrinth_page_index(request->page)];

	if (page->state == SEQ_FREE)
		return LABYRINTH_DOUBLE_FREE;
	if (page->state == SEQ_OFFERED || page->team != pool->owner[request->who].team)
		return LABYRINTH_FOREIGN_FREE;
	return LABYRINTH_REFUSED_NONE;
}

/* The rules of accept and withdraw, likewise. */
static enum labyrinth_refusal
judge_offered(const struct seq_pool *pool, const struct seq_request *request)
{
	const struct seq_page *page = &pool->page[labyrinth_page_index(request->page)];
	uint32_t team = pool->owner[request->who].team;

	if (page->state != SEQ_OFFERED)
		return LABYRINTH_NOT_OFFERED;
	if (request->call == SEQ_WITHDRAW)
		return page->team == team ? LABYRINTH_REFUSED_NONE
					  : LABYRINTH_FOREIGN_FREE;
	/* whoever has the slot of a peer that has gone is another one */
	for (uint32_t i = 0; i < SEQ_OWNERS; i++)
		if (pool->owner[i].registration == page->peer &&
			pool->owner[i].team == team)
			return LABYRINTH_REFUSED_NONE;
	return LABYRINTH_FOREIGN_FREE;
}

static bool
has_peer(const struct seq_pool *pool, const struct seq_request *request)
{
	if (request->call != SEQ_TRANSFER && request->call != SEQ_OFFER)
		return true;
	return !request->peer_is_gone && seq_place(pool, request->peer) != SEQ_OWNERS;
}

uint32_t
seq_verdict(const struct seq_pool *pool, const struct seq_request *request)
{
	uint32_t index = labyrinth_page_index(request->page);
	bool settles = request->call == SEQ_ACCEPT || request->call == SEQ_WITHDRAW;
	const struct seq_page *page = &pool->page[index];
	uint32_t right;

	if (!has_peer(pool, request))
		return SEQ_MAY(LABYRINTH_BAD_PEER);
	if (index == 0 || index > pool->pages)
		return SEQ_MAY(LABYRINTH_BAD_HANDLE);
	right = SEQ_MAY(
		settles ? judge_offered(pool, request) : judge_owned(pool, request));
	if (request->call == SEQ_FREE_INDEX)
		return right;
	if (!page->vague &&
		labyrinth_page_generation(request->page) == page->generation &&
		!(settles && page->state == SEQ_FREE))
		return right;
	/* an old handle of a page that is free is both */
	return SEQ_MAY(LABYRINTH_STALE_HANDLE) |
		(page->vague || page->state == SEQ_FREE ? right : 0);
}

static void
offer(struct seq_pool *pool, const struct seq_request *request)
{
	struct seq_page *page = &pool->page[labyrinth_page_index(request->page)];
	const struct seq_owner *peer = &pool->owner[seq_place(pool, request->peer)];

	page->state = SEQ_OFFERED;
	page->offerer = pool->owner[request->who].registration;
	page->peer = peer->registration;
}

void
seq_apply(struct seq_pool *pool, const struct seq_request *request,
	enum labyrinth_refusal why)
{
	struct seq_page *page = &pool->page[labyrinth_page_index(request->page)];
	struct seq_owner *who = &pool->owner[request->who];

	if (why != LABYRINTH_REFUSED_NONE) {
		pool->refused[why]++;
		return;
	}
	switch (request->call) {
	case SEQ_FREE_HANDLE:
	case SEQ_FREE_INDEX:
		page->state = SEQ_FREE;
		pool->released++;
		break;
	case SEQ_TRANSFER:
		page->team = pool->owner[seq_place(pool, request->peer)].team;
		pool->transferred++;
		break;
	case SEQ_OFFER:
		offer(pool, request);
		break;
	case SEQ_ACCEPT:
	case SEQ_WITHDRAW:
		page->state = SEQ_OWNED;
		page->team = who->team;
		pool->transferred += request->call == SEQ_ACCEPT;
		break;
	}
}

/* ---- owners ---- */

uint32_t
seq_place(const struct seq_pool *pool, uint32_t slot)
{
	for (uint32_t i = 0; i < SEQ_OWNERS; i++)
		if (pool->owner[i].registration != 0 && pool->owner[i].slot == slot)
			return i;
	return SEQ_OWNERS;
}

/* The slot of a team's founder is not given to others while the team lives. */
static bool
is_founder(const struct seq_pool *pool, uint32_t slot)
{
	for (uint32_t i = 0; i < SEQ_OWNERS; i++)
		if (pool->owner[i].registration != 0 && pool->owner[i].founder == slot)
			return true;
	return false;
}

static uint32_t
slots_in_use(const struct seq_pool *pool)
{
	uint32_t count = 0;

	for (uint32_t slot = 1; slot <= pool->owners; slot++)
		count += seq_place(pool, slot) != SEQ_OWNERS || is_founder(pool, slot);
	return count;
}

bool
seq_may_register(const struct seq_pool *pool, uint32_t team, int answer)
{
	if (answer == -EBUSY)
		return team != SEQ_OWNERS && !pool->owner[team].shared &&
			pool->owner[team].worked;
	return answer == (slots_in_use(pool) < pool->owners ? 0 : -ENOSPC);
}

uint32_t
seq_registered(struct seq_pool *pool, uint32_t team, uint32_t flags, uint32_t slot)
{
	uint32_t place = 0;

	while (pool->owner[place].registration != 0)
		place++;
	pool->registrations++;
	pool->owner[place] = (struct seq_owner){
		.registration = pool->registrations,
		.slot = slot,
		.team = team != SEQ_OWNERS ? pool->owner[team].team : pool->registrations,
		.founder = team != SEQ_OWNERS ? pool->owner[team].founder : slot,
		.any_thread = (flags & LABYRINTH_OWNER_ANY_THREAD) != 0,
		.shared = team != SEQ_OWNERS || (flags & LABYRINTH_OWNER_ANY_THREAD) != 0,
	};
	if (team != SEQ_OWNERS)
		pool->owner[team].shared = true;
	return place;
}

static bool
has_mates(const struct seq_pool *pool, uint32_t who)
{
	for (uint32_t i = 0; i < SEQ_OWNERS; i++)
		if (i != who && pool->owner[i].registration != 0 &&
				pool->owner[i].team == pool->owner[who].team)
			return true;
	return false;
}

static uint32_t
team_pages(const struct seq_pool *pool, uint32_t team)
{
	uint32_t count = 0;

	for (uint32_t index = 1; index <= pool->pages; index++)
		count += pool->page[index].state != SEQ_FREE &&
			 pool->page[index].team == team;
	return count;
}

int
seq_unregister(struct seq_pool *pool, uint32_t who)
{
	if (!has_mates(pool, who) && team_pages(pool, pool->owner[who].team) != 0)
		return -EBUSY;
	pool->owner[who].registration = 0;
	return 0;
}

void
seq_died(struct seq_pool *pool, uint32_t who)
{
	pool->owner[who].dead = true;
}

/* Its offers end with a member that dies; the pages are the team's. */
static void
end_offers(struct seq_pool *pool, uint32_t registration)
{
	for (uint32_t index = 1; index <= pool->pages; index++)
		if (pool->page[index].state == SEQ_OFFERED &&
				pool->page[index].offerer == registration)
			pool->page[index].state = SEQ_OWNED;
}

int
seq_reclaim(struct seq_pool *pool, uint32_t who, uint32_t slot)
{
	uint32_t dead = seq_place(pool, slot), registration;
	int gained = 0;

	if (dead == SEQ_OWNERS || dead == who)
		return -ENOENT;
	seq_works(pool, who);
	if (!pool->owner[dead].dead)
		return -EBUSY;
	registration = pool->owner[dead].registration;
	pool->owner[dead].registration = 0;
	/* what a member held is the team's from now on */
	if (has_mates(pool, dead)) {
		end_offers(pool, registration);
		return 0;
	}
	for (uint32_t index = 1; index <= pool->pages; index++) {
		struct seq_page *page = &pool->page[index];

		if (page->state == SEQ_FREE || page->team != pool->owner[dead].team)
			continue;
		page->state = SEQ_FREE;
		gained++;
	}
	pool->reclaimed += (uint64_t)gained;
	return gained;
}

static const char *
compare_counters(const struct seq_pool *pool, const struct labyrinth_pool_stats *stats)
{
	if (stats->alloc != pool->alloc)
		return "alloc";
	if (stats->released != pool->released)
		return "released";
	if (stats->transferred != pool->transferred)
		return "transferred";
	if (stats->reclaimed != pool->reclaimed)
		return "reclaimed";
	for (uint32_t i = 0; i < LABYRINTH_GFP_CLASSES; i++)
		if (stats->alloc_fail[i] != pool->alloc_fail[i])
			return "alloc_fail";
	for (uint32_t i = 0; i < LABYRINTH_REFUSAL_KINDS; i++)
		if (stats->refused[i] != pool->refused[i])
			return "refused";
	return NULL;
}

const char *
seq_compare(const struct seq_pool *pool, const struct labyrinth_pool_stats *stats)
{
	if (stats->owned != seq_count(pool, SEQ_OWNED))
		return "owned";
	if (stats->offered != seq_count(pool, SEQ_OFFERED))
		return "offered";
	if (stats->free + stats->cached != seq_count(pool, SEQ_FREE))
		return "free + cached";
	if (!pool->caches && stats->cached != 0)
		return "cached";
	return compare_counters(pool, stats);
}
