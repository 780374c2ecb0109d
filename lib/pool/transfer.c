/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "call.h"
#include "handover.h"
#include "labyrinth_probe.h"
#include "owner.h"
#include "page.h"

/* Whom a page is given to: the owner that had the slot when the call began. */
struct peer {
	uint32_t slot;
	uint32_t tenure;
};

/* One page's part of a call: change its owner, or say why not. */
typedef enum labyrinth_refusal (*step_fn)(struct labyrinth_owner *owner,
	const struct peer *peer, uint32_t page, uint32_t generation);

static bool
find_peer(const struct labyrinth_pool *pool, struct peer *peer)
{
	uint32_t slot = peer->slot;

	if (slot < 1 || slot > pool->owners || lab_team_of(pool, slot) == 0)
		return false;
	peer->tenure = atomic_load_explicit(&pool->owner[slot].tenure, memory_order_seq_cst);
	return !lab_owner_is_leaving(&pool->owner[slot]);
}

static bool
is_gone(const struct labyrinth_pool *pool, const struct peer *peer)
{
	const struct labyrinth_owner *owner = &pool->owner[peer->slot];

	/* leaving first: a successor's tenure is set before it is seen not to leave */
	return lab_owner_is_leaving(owner) || atomic_load_explicit(&owner->tenure,
		memory_order_seq_cst) != peer->tenure;
}

/*
 * Give a page to a peer. One that leaves looks for pages that name it, once; so after it
 * is named, it is looked at: if it leaves, the page is taken back, unless somebody did
 * something with it already. (A giver that is killed between the two, in the very moment
 * in which its peer leaves, leaves the page to the slot: its reclaimer finds it there, if
 * the slot has no other owner by then.)
 */
static enum labyrinth_refusal
take_back(struct labyrinth_owner *owner, uint32_t page, struct lab_page_word given)
{
	if (lab_word_cas(owner->pool, page, &given,
			lab_page_owned((uint32_t)given.generation, owner->slot)))
		return LABYRINTH_BAD_PEER;
	/* an offer of ours that has lost its peer can be withdrawn: it stands */
	return LABYRINTH_REFUSED_NONE;
}

static enum labyrinth_refusal
give(struct labyrinth_owner *owner, const struct peer *peer, uint32_t page,
	uint32_t generation, lab_next_word next)
{
	enum labyrinth_refusal why = lab_page_rename(owner, page, generation, next,
		peer->slot);

	if (why != LABYRINTH_REFUSED_NONE || labyrinth_likely(!is_gone(owner->pool, peer)))
		return why;
	return take_back(owner, page, next(generation, owner->slot, peer->slot));
}

static struct lab_page_word
to_peer(uint32_t generation, uint32_t owner, uint32_t peer)
{
	(void)owner;
	return lab_page_owned(generation, peer);
}

static enum labyrinth_refusal
transfer_page(struct labyrinth_owner *owner, const struct peer *peer, uint32_t page,
	uint32_t generation)
{
	return give(owner, peer, page, generation, to_peer);
}

static enum labyrinth_refusal
offer_page(struct labyrinth_owner *owner, const struct peer *peer, uint32_t page,
	uint32_t generation)
{
	return give(owner, peer, page, generation, lab_page_offered);
}

/* OFFERED -> OWNED, by the peer or by who offered: the CAS decides between the two. */
static enum labyrinth_refusal
settle(struct labyrinth_owner *owner, uint32_t page, uint32_t generation, bool accept)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_page_word word = lab_word_load(pool, page);

	for (;;) {
		uint32_t party = accept ? (uint32_t)word.peer : (uint32_t)word.owner;

		if (lab_page_generation(&pool->row[lab_row_of(page)],
				lab_pass_load(&pool->row[lab_row_of(page)]), word,
				lab_bit_of(page)) != generation)
			return LABYRINTH_STALE_HANDLE;
		if (word.state != LAB_PAGE_OFFERED)
			return LABYRINTH_NOT_OFFERED;
		if (!lab_is_of_team(pool, party, lab_team_of(pool, owner->slot)))
			return LABYRINTH_FOREIGN_FREE;
		if (lab_word_cas(pool, page, &word, lab_page_owned(generation, owner->slot)))
			return LABYRINTH_REFUSED_NONE;
	}
}

static enum labyrinth_refusal
accept_page(struct labyrinth_owner *owner, const struct peer *peer, uint32_t page,
	uint32_t generation)
{
	(void)peer;
	return settle(owner, page, generation, true);
}

static enum labyrinth_refusal
withdraw_page(struct labyrinth_owner *owner, const struct peer *peer, uint32_t page,
	uint32_t generation)
{
	(void)peer;
	return settle(owner, page, generation, false);
}

/* Entries of a call; those that are refused move to the front. */
struct batch {
	labyrinth_page *page;
	uint32_t n;
	enum labyrinth_refusal *why;
	uint32_t kept;
};

static void
settle_entry(struct labyrinth_owner *owner, struct batch *batch, uint32_t i,
	enum labyrinth_refusal why)
{
	if (labyrinth_likely(why == LABYRINTH_REFUSED_NONE))
		return;
	lab_count_shared(&owner->side.refused[why], 1);
	LABYRINTH_PROBE4(refuse, owner->pool->name, owner->slot, why,
		labyrinth_page_index(batch->page[i]));
	batch->page[batch->kept] = batch->page[i];
	if (batch->why != NULL)
		batch->why[batch->kept] = why;
	batch->kept++;
}

static void
step_entry(struct labyrinth_owner *owner, const struct peer *peer, struct batch *batch,
	uint32_t i, step_fn step)
{
	uint32_t number = labyrinth_page_index(batch->page[i]) - 1;

	settle_entry(owner, batch, i, number >= owner->pool->pages ? LABYRINTH_BAD_HANDLE :
		step(owner, peer, number, labyrinth_page_generation(batch->page[i])));
}

/* Is there such a peer? If not, all entries are refused. */
static bool
meet(struct labyrinth_owner *owner, struct peer *peer, struct batch *batch)
{
	bool good = find_peer(owner->pool, peer);

	for (uint32_t i = 0; !good && i < batch->n; i++)
		settle_entry(owner, batch, i, LABYRINTH_BAD_PEER);
	return good;
}

static uint32_t
each(struct labyrinth_owner *owner, uint32_t slot, struct batch batch, step_fn step)
{
	struct peer peer = { .slot = slot };
	/* so that a handler frees where it is seen, and not into the owner's own masks */
	bool entered = lab_enter(owner);

	if (meet(owner, &peer, &batch))
		for (uint32_t i = 0; i < batch.n; i++)
			step_entry(owner, &peer, &batch, i, step);
	if (entered)
		lab_leave(owner);
	return batch.kept;
}

/* Transfer the entries from i on that can go at once. Returns how many. */
static uint32_t
give_run(struct labyrinth_owner *owner, const struct peer *peer, struct batch *batch, uint32_t i)
{
	uint32_t n = lab_handover_give(owner, peer->slot, batch->page + i, batch->n - i);

	if (labyrinth_likely(!is_gone(owner->pool, peer)))
		return n;
	for (uint32_t k = i; k < i + n; k++) {
		labyrinth_page page = batch->page[k];

		settle_entry(owner, batch, k, take_back(owner, labyrinth_page_index(page) - 1,
			lab_page_owned(labyrinth_page_generation(page), peer->slot)));
	}
	return n;
}

uint32_t
labyrinth_transfer_bulk(struct labyrinth_owner *owner, uint32_t slot, labyrinth_page *page,
	uint32_t n, enum labyrinth_refusal *why)
{
	struct batch batch = { page, n, why, 0 };
	struct peer peer = { .slot = slot };
	bool alone = !owner->shared && lab_enter(owner);
	uint32_t i = meet(owner, &peer, &batch) ? 0 : n, given;

	while (i < n) {
		given = alone ? give_run(owner, &peer, &batch, i) : 0;
		if (labyrinth_unlikely(given == 0)) {
			step_entry(owner, &peer, &batch, i, transfer_page);
			given = 1;
		}
		i += given;
	}
	lab_count_shared(&owner->side.transferred, n - batch.kept);
	if (alone)
		lab_leave(owner);
	return batch.kept;
}

uint32_t
labyrinth_offer_bulk(struct labyrinth_owner *owner, uint32_t peer, labyrinth_page *page,
	uint32_t n, enum labyrinth_refusal *why)
{
	return each(owner, peer, (struct batch){ page, n, why, 0 }, offer_page);
}

uint32_t
labyrinth_accept_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why)
{
	uint32_t kept = each(owner, owner->slot, (struct batch){ page, n, why, 0 }, accept_page);

	lab_count_shared(&owner->side.transferred, n - kept);
	return kept;
}

uint32_t
labyrinth_withdraw_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why)
{
	return each(owner, owner->slot, (struct batch){ page, n, why, 0 }, withdraw_page);
}
