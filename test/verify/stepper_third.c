/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "stepper_third.h"

#include "depot.h"
#include "pool_private.h"

static void
count_off(struct labyrinth_pool *pool, uint32_t pages)
{
	atomic_fetch_sub(&pool->depot[0].free, pages);
}

static void
take_half(struct stage *stage, uint32_t number)
{
	struct lab_row *row = &stage->pool->row[number];
	struct lab_row_word word = lab_row_load(row);

	lab_depot_begin(stage->third);
	count_off(stage->pool, 1);
	need(word.state == LAB_ROW_DEPOT);
	need(lab_row_cas(row, &word, lab_row_take(word, 0,
		labyrinth_owner_slot(stage->third))));
}

static void
free_half(struct stage *stage, labyrinth_page page)
{
	uint32_t number = labyrinth_page_index(page) - 1;
	struct lab_page_word word = lab_word_load(stage->pool, number);

	lab_depot_begin(stage->third);
	need(word.state == LAB_PAGE_OWNED);
	need(lab_word_cas(stage->pool, number, &word, lab_page_freed(word,
		labyrinth_owner_slot(stage->third))));
}

void
third_take_half(struct stage *stage)
{
	take_half(stage, 0);
}

void
third_leave_all_kinds(struct stage *stage)
{
	uint32_t slot = labyrinth_owner_slot(stage->third);
	uint32_t a = labyrinth_owner_slot(stage->actor[STAGE_A]);
	struct hand *hand = &stage->third_hand, given = { .n = 0 };

	/* two rows: 35 pages out, 29 cached */
	need(labyrinth_alloc_bulk(stage->third, LABYRINTH_GFP_NOWAIT, hand->page,
		40) == 40);
	hand->n = 40;
	hand_move(hand, 10, 5, &given);
	need(labyrinth_free_bulk(stage->third, given.page, 5, NULL) == 0);
	/* 3 given away, 2 offered */
	hand_move(hand, 0, 3, &stage->hand[STAGE_A]);
	need(labyrinth_transfer_bulk(stage->third, a, stage->hand[STAGE_A].page, 3,
		NULL) == 0);
	need(labyrinth_offer_bulk(stage->third, a, hand->page, 2, NULL) == 0);
	/* 4 received, one of them begun to be freed */
	stage_take(stage, STAGE_A, 4);
	hand_move(&stage->hand[STAGE_A], 3, 4, hand);
	need(labyrinth_transfer_bulk(stage->actor[STAGE_A], slot,
		&hand->page[hand->n - 4], 4, NULL) == 0);
	free_half(stage, hand->page[hand->n - 1]);
	take_half(stage, 3);
	count_off(stage->pool, 4);
}
