/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "stepper_ops.h"

#include <errno.h>

/* One call as an actor. @return the pages that were refused though they are its own */
typedef uint32_t (*op_fn)(struct stage *stage, uint32_t who);

static uint32_t
alloc_up_to(struct stage *stage, uint32_t who, unsigned int class, uint32_t most)
{
	struct hand *hand = &stage->hand[who];
	uint32_t room = STAGE_PAGES - hand->n;

	hand->n += labyrinth_alloc_burst(stage->actor[who], class, &hand->page[hand->n],
		most < room ? most : room);
	return 0;
}

static uint32_t
alloc_some(struct stage *stage, uint32_t who)
{
	return alloc_up_to(stage, who, LABYRINTH_GFP_ATOMIC, 1 + stage_random(stage, 40));
}

static uint32_t
alloc_everything(struct stage *stage, uint32_t who)
{
	return alloc_up_to(stage, who, LABYRINTH_GFP_RESCUE, STAGE_PAGES);
}

static uint32_t
alloc_all_or_none(struct stage *stage, uint32_t who)
{
	struct hand *hand = &stage->hand[who];
	uint32_t n = 1 + stage_random(stage, 8);

	if (hand->n + n <= STAGE_PAGES)
		hand->n += labyrinth_alloc_bulk(stage->actor[who], LABYRINTH_GFP_NOWAIT,
			&hand->page[hand->n], n);
	return 0;
}

static uint32_t
alloc_by_index(struct stage *stage, uint32_t who)
{
	struct hand *hand = &stage->hand[who];
	uint32_t index[16], n = 1 + stage_random(stage, 16);

	if (hand->n + n > STAGE_PAGES)
		return 0;
	n = labyrinth_alloc_index_burst(
		stage->actor[who], LABYRINTH_GFP_NOWAIT, index, n);
	for (uint32_t i = 0; i < n; i++)
		hand->page[hand->n++] = stage_handle(stage, index[i]);
	return 0;
}

/* Move up to most pages, picked at random, to the end. @return how many */
static uint32_t
shuffle_out(struct stage *stage, struct hand *hand, uint32_t most)
{
	uint32_t n = most < hand->n ? most : hand->n;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t end = hand->n - 1 - i, at = stage_random(stage, end + 1);
		labyrinth_page page = hand->page[at];

		hand->page[at] = hand->page[end];
		hand->page[end] = page;
	}
	hand->n -= n;
	return n;
}

static uint32_t
free_some(struct stage *stage, uint32_t who)
{
	struct hand *hand = &stage->hand[who];
	uint32_t n = shuffle_out(stage, hand, 1 + stage_random(stage, 40));

	return labyrinth_free_bulk(stage->actor[who], &hand->page[hand->n], n, NULL);
}

static uint32_t
free_in_order(struct stage *stage, uint32_t who)
{
	struct hand *hand = &stage->hand[who];
	uint32_t n = stage_random(stage, hand->n + 1);

	hand->n -= n;
	return labyrinth_free_bulk(stage->actor[who], &hand->page[hand->n], n, NULL);
}

static uint32_t
free_by_index(struct stage *stage, uint32_t who)
{
	struct hand *hand = &stage->hand[who];
	uint32_t index[16], n = shuffle_out(stage, hand, 16);

	for (uint32_t i = 0; i < n; i++)
		index[i] = labyrinth_page_index(hand->page[hand->n + i]);
	return labyrinth_free_index_bulk(stage->actor[who], index, n, NULL);
}

static uint32_t
free_everything(struct stage *stage, uint32_t who)
{
	struct hand *hand = &stage->hand[who];
	uint32_t n = hand->n;

	hand->n = 0;
	return labyrinth_free_bulk(stage->actor[who], hand->page, n, NULL);
}

/* Pages for the other survivor, with the room there that they need. */
static uint32_t
give_out(struct stage *stage, uint32_t who, struct hand **to)
{
	uint32_t room;

	*to = &stage->hand[who == STAGE_A ? STAGE_B : STAGE_A];
	room = STAGE_PAGES - (*to)->n;
	return shuffle_out(stage, &stage->hand[who], room < 12 ? room : 12);
}

static struct labyrinth_owner *
other_of(const struct stage *stage, uint32_t who)
{
	return stage->actor[who == STAGE_A ? STAGE_B : STAGE_A];
}

static void
append(struct hand *to, const labyrinth_page *page, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		to->page[to->n++] = page[i];
}

static uint32_t
transfer_some(struct stage *stage, uint32_t who)
{
	struct hand *from = &stage->hand[who], *to;
	uint32_t n = give_out(stage, who, &to);

	append(to, &from->page[from->n], n);
	return labyrinth_transfer_bulk(stage->actor[who],
		labyrinth_owner_slot(other_of(stage, who)), &from->page[from->n], n,
		NULL);
}

/* Half of what is offered gets accepted, the other half withdrawn. */
static uint32_t
offer_some(struct stage *stage, uint32_t who)
{
	struct hand *from = &stage->hand[who], *to;
	uint32_t n = give_out(stage, who, &to), half = n / 2;
	labyrinth_page *page = &from->page[from->n];
	struct labyrinth_owner *peer = other_of(stage, who);
	uint32_t refused = labyrinth_offer_bulk(stage->actor[who],
		labyrinth_owner_slot(peer), page, n, NULL);

	append(to, page, half);
	refused += labyrinth_accept_bulk(peer, page, half, NULL);
	refused += labyrinth_withdraw_bulk(stage->actor[who], page + half, n - half,
		NULL);
	from->n += n;
	for (uint32_t i = 0; i < n - half; i++)
		page[i] = page[half + i];
	from->n -= half;
	return refused;
}

static uint32_t
flush(struct stage *stage, uint32_t who)
{
	labyrinth_owner_flush(stage->actor[who]);
	return 0;
}

static const struct {
	const char *name;
	uint32_t weight;
	op_fn run;
} ops[] = {
	{ "alloc some", 24, alloc_some },
	{ "alloc everything", 2, alloc_everything },
	{ "alloc all or none", 10, alloc_all_or_none },
	{ "alloc by index", 8, alloc_by_index },
	{ "free some", 20, free_some },
	{ "free in order", 6, free_in_order },
	{ "free by index", 10, free_by_index },
	{ "free everything", 2, free_everything },
	{ "transfer", 10, transfer_some },
	{ "offer", 6, offer_some },
	{ "flush", 2, flush },
};

#define OPS (sizeof(ops) / sizeof(ops[0]))

static uint32_t
pick(struct stage *stage)
{
	uint32_t sum = 0, at, op = 0;

	for (uint32_t i = 0; i < OPS; i++)
		sum += ops[i].weight;
	at = stage_random(stage, sum);
	while (at >= ops[op].weight)
		at -= ops[op++].weight;
	return op;
}

int
ops_run(struct stage *stage, uint32_t actors, uint32_t n, struct labyrinth_error *error)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t op = pick(stage), who = stage_random(stage, actors);
		uint32_t refused = ops[op].run(stage, who);

		if (refused != 0)
			return labyrinth_fail(error, -EUCLEAN,
				"%s by actor %u: %u of its own pages are refused",
				ops[op].name, who, refused);
	}
	return 0;
}
