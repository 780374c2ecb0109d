/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "call.h"
#include "page.h"

/* One page's part of a call: change its owner, or say why not. */
typedef enum labyrinth_refusal (*step_fn)(struct labyrinth_owner *owner, uint32_t peer,
	uint32_t page, uint32_t generation);

static struct lab_page_word
to_peer(uint32_t generation, uint32_t owner, uint32_t peer)
{
	(void)owner;
	return lab_page_owned(generation, peer);
}

static enum labyrinth_refusal
transfer_page(struct labyrinth_owner *owner, uint32_t peer, uint32_t page, uint32_t generation)
{
	return lab_page_rename(owner, page, generation, to_peer, peer);
}

static enum labyrinth_refusal
offer_page(struct labyrinth_owner *owner, uint32_t peer, uint32_t page, uint32_t generation)
{
	return lab_page_rename(owner, page, generation, lab_page_offered, peer);
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
		if (lab_team_of(pool, party) != lab_team_of(pool, owner->slot))
			return LABYRINTH_FOREIGN_FREE;
		if (lab_word_cas(pool, page, &word, lab_page_owned(generation, owner->slot)))
			return LABYRINTH_REFUSED_NONE;
	}
}

static enum labyrinth_refusal
accept_page(struct labyrinth_owner *owner, uint32_t peer, uint32_t page, uint32_t generation)
{
	(void)peer;
	return settle(owner, page, generation, true);
}

static enum labyrinth_refusal
withdraw_page(struct labyrinth_owner *owner, uint32_t peer, uint32_t page, uint32_t generation)
{
	(void)peer;
	return settle(owner, page, generation, false);
}

static bool
is_owner(const struct labyrinth_pool *pool, uint32_t slot)
{
	return slot >= 1 && slot <= pool->owners && lab_team_of(pool, slot) != 0;
}

struct batch {
	labyrinth_page *page;
	uint32_t n;
	enum labyrinth_refusal *why;
};

static uint32_t
each(struct labyrinth_owner *owner, uint32_t peer, struct batch batch, step_fn step)
{
	struct labyrinth_pool *pool = owner->pool;
	bool good_peer = is_owner(pool, peer);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < batch.n; i++) {
		uint32_t number = labyrinth_page_index(batch.page[i]) - 1;
		enum labyrinth_refusal why = !good_peer ? LABYRINTH_BAD_PEER :
			number >= pool->pages ? LABYRINTH_BAD_HANDLE :
			step(owner, peer, number, labyrinth_page_generation(batch.page[i]));

		if (why == LABYRINTH_REFUSED_NONE)
			continue;
		lab_count_shared(&owner->side.refused[why], 1);
		batch.page[kept] = batch.page[i];
		if (batch.why != NULL)
			batch.why[kept] = why;
		kept++;
	}
	return kept;
}

uint32_t
labyrinth_transfer_bulk(struct labyrinth_owner *owner, uint32_t peer, labyrinth_page *page,
	uint32_t n, enum labyrinth_refusal *why)
{
	uint32_t kept = each(owner, peer, (struct batch){ page, n, why }, transfer_page);

	lab_count_shared(&owner->side.transferred, n - kept);
	return kept;
}

uint32_t
labyrinth_offer_bulk(struct labyrinth_owner *owner, uint32_t peer, labyrinth_page *page,
	uint32_t n, enum labyrinth_refusal *why)
{
	return each(owner, peer, (struct batch){ page, n, why }, offer_page);
}

uint32_t
labyrinth_accept_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why)
{
	uint32_t kept = each(owner, owner->slot, (struct batch){ page, n, why }, accept_page);

	lab_count_shared(&owner->side.transferred, n - kept);
	return kept;
}

uint32_t
labyrinth_withdraw_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why)
{
	return each(owner, owner->slot, (struct batch){ page, n, why }, withdraw_page);
}
