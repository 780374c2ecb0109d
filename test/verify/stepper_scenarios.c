/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "stepper_scenarios.h"

#include <errno.h>

#include "stepper_third.h"
#include "pool_private.h"

/* ---- words to set a stage with ---- */

static struct labyrinth_owner *
victim(const struct stage *stage)
{
	return stage->actor[STAGE_VICTIM];
}

/* What the call asks for. */
static void
ask(struct stage *stage, uint32_t n)
{
	stage->call.n = n;
}

/* Pages of a hand become the argument of the call. */
static void
name(struct stage *stage, enum stage_actor who, uint32_t at, uint32_t n)
{
	struct hand *call = &stage->call;

	hand_move(&stage->hand[who], at, n, call);
	for (uint32_t i = 0; i < call->n; i++)
		stage->index[i] = labyrinth_page_index(call->page[i]);
}

static void
pass(struct stage *stage, enum stage_actor from, enum stage_actor to, uint32_t at,
	uint32_t n)
{
	struct hand *hand = &stage->hand[to];

	hand_move(&stage->hand[from], at, n, hand);
	need(labyrinth_transfer_bulk(stage->actor[from],
		labyrinth_owner_slot(stage->actor[to]), &hand->page[hand->n - n], n,
		NULL) == 0);
}

/* Leave nothing in the depot. */
static void
drain(struct stage *stage)
{
	struct hand *hand = &stage->hand[STAGE_A];
	uint32_t got = labyrinth_alloc_burst(stage->actor[STAGE_A], LABYRINTH_GFP_RESCUE,
		&hand->page[hand->n], STAGE_PAGES - hand->n);

	need(got != 0);
	hand->n += got;
}

static uint32_t
index_of(const struct stage *stage, const void *address)
{
	return 1 + (uint32_t)(((const char *)address -
		(const char *)labyrinth_pool_base(stage->pool)) / LABYRINTH_PAGE_SIZE);
}

/*
 * Pages at places at, at + stride, … of a new row go and come back alone, so that they
 * are loose: freed again, they go into the victim's magazine.
 */
static void
loosen(struct stage *stage, uint32_t stride, uint32_t n)
{
	stage_take(stage, STAGE_VICTIM, 32);
	stage_free(stage, STAGE_VICTIM, 0, stride, n);
	stage_take(stage, STAGE_VICTIM, n);
}

/* ---- the calls ---- */

static uint32_t
call_alloc_atomic(struct stage *stage)
{
	labyrinth_void_alloc_page_gfp_atomic_exclusive(victim(stage), stage->call.page);
	return stage->call.page[0] != 0;
}

static uint32_t
call_alloc_bulk(struct stage *stage)
{
	return labyrinth_alloc_bulk(victim(stage), LABYRINTH_GFP_NOWAIT, stage->call.page,
		stage->call.n);
}

static uint32_t
call_alloc_burst(struct stage *stage)
{
	return labyrinth_alloc_burst(
		victim(stage), LABYRINTH_GFP_ATOMIC, stage->call.page, stage->call.n);
}

static uint32_t
call_alloc_index(struct stage *stage)
{
	return labyrinth_alloc_index_bulk(
		victim(stage), LABYRINTH_GFP_NOWAIT, stage->index, stage->call.n);
}

static uint32_t
call_alloc_wait(struct stage *stage)
{
	return labyrinth_alloc_wait(victim(stage), 0, stage->call.page, stage->call.n, 0);
}

static uint32_t
call_free(struct stage *stage)
{
	return labyrinth_free_bulk(victim(stage), stage->call.page, stage->call.n, NULL);
}

static uint32_t
call_free_index(struct stage *stage)
{
	return labyrinth_free_index_bulk(
		victim(stage), stage->index, stage->call.n, NULL);
}

static uint32_t
call_flush(struct stage *stage)
{
	labyrinth_owner_flush(victim(stage));
	return 0;
}

static uint32_t
call_unregister(struct stage *stage)
{
	return (uint32_t)labyrinth_owner_unregister(victim(stage), NULL);
}

static uint32_t
call_transfer(struct stage *stage)
{
	return labyrinth_transfer_bulk(victim(stage),
		labyrinth_owner_slot(stage->actor[STAGE_B]), stage->call.page,
		stage->call.n, NULL);
}

static uint32_t
call_offer(struct stage *stage)
{
	return labyrinth_offer_bulk(victim(stage),
		labyrinth_owner_slot(stage->actor[STAGE_B]), stage->call.page,
		stage->call.n, NULL);
}

static uint32_t
call_accept(struct stage *stage)
{
	return labyrinth_accept_bulk(
		victim(stage), stage->call.page, stage->call.n, NULL);
}

static uint32_t
call_withdraw(struct stage *stage)
{
	return labyrinth_withdraw_bulk(
		victim(stage), stage->call.page, stage->call.n, NULL);
}

static uint32_t
call_reclaim(struct stage *stage)
{
	return (uint32_t)labyrinth_reclaim(
		victim(stage), labyrinth_owner_slot(stage->third));
}

static uint32_t
call_alloc_address(struct stage *stage)
{
	void *address[STAGE_PAGES];
	uint32_t n = labyrinth_alloc_address_bulk(
		victim(stage), LABYRINTH_GFP_NOWAIT, address, stage->call.n);

	for (uint32_t i = 0; i < n; i++)
		stage->index[i] = index_of(stage, address[i]);
	return n;
}

static uint32_t
call_free_address(struct stage *stage)
{
	void *address[STAGE_PAGES];

	for (uint32_t i = 0; i < stage->call.n; i++)
		address[i] = labyrinth_page_address(stage->pool, stage->index[i]);
	return labyrinth_free_address_bulk(victim(stage), address, stage->call.n, NULL);
}

static uint32_t
call_transfer_to_third(struct stage *stage)
{
	return labyrinth_transfer_bulk(victim(stage), labyrinth_owner_slot(stage->third),
		stage->call.page, stage->call.n, NULL);
}

/* A second owner of the same thread, from its first to its last moment. */
static uint32_t
call_register(struct stage *stage)
{
	struct labyrinth_owner *owner;

	if (labyrinth_owner_register(stage->pool, "second", NULL, LABYRINTH_OWNER_BOUND,
			&owner) != 0)
		return 1;
	return (uint32_t)labyrinth_owner_unregister(owner, NULL);
}

/* ---- alloc: rows that the victim holds, claims, or gets pages back in ---- */

static void
warm_row_full(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 1);
	stage_free(stage, STAGE_VICTIM, 0, 1, 1);
	ask(stage, 32);
}

static void
warm_row_partial(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 32);
	stage_free(stage, STAGE_VICTIM, 1, 2, 16);
	ask(stage, 10);
}

/* Freed one by one, all over the rows; the first of a row would be no loose one. */
static void
warm_loose(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 64);
	stage_free(stage, STAGE_VICTIM, 1, 5, 10);
	ask(stage, 10);
}

/* Half of the row is out with the generation that the other half had, too. */
static void
warm_half_out(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 32);
	stage_free(stage, STAGE_VICTIM, 0, 1, 16);
	ask(stage, 16);
}

static void
warm_rows_recent(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 65);
	stage_free(stage, STAGE_VICTIM, 0, 1, 64);
	ask(stage, 80);
}

static void
warm_across_rows(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 20);
	ask(stage, 60);
}

static void
warm_one(struct stage *stage)
{
	ask(stage, 1);
}

static void
warm_harvest(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 32);
	pass(stage, STAGE_VICTIM, STAGE_A, 0, 16);
	stage_free(stage, STAGE_A, 0, 2, 8);
	ask(stage, 6);
}

/* All of the row is in its public mask: anybody may take it back. */
static void
warm_harvest_ripe(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 32);
	pass(stage, STAGE_VICTIM, STAGE_A, 0, 32);
	stage_free(stage, STAGE_A, 0, 1, 32);
	ask(stage, 20);
}

/* Nothing left but a few pages each that others freed into two held rows. */
static void
warm_harvest_any(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 96);
	pass(stage, STAGE_VICTIM, STAGE_A, 32, 8);
	pass(stage, STAGE_VICTIM, STAGE_A, 0, 8);
	stage_free(stage, STAGE_A, 0, 1, 16);
	drain(stage);
	ask(stage, 12);
}

/* Seven pages in the magazine. */
static void
warm_magazine(struct stage *stage)
{
	loosen(stage, 4, 7);
	stage_free(stage, STAGE_VICTIM, 25, 1, 7);
	ask(stage, 5);
}

/* What a mate has free in a row of which others are out. */
static void
warm_raid(struct stage *stage)
{
	stage_take(stage, STAGE_B, 32);
	drain(stage);
	stage_free(stage, STAGE_B, 0, 3, 9);
	ask(stage, 6);
}

static void
warm_team(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 20);
	ask(stage, 40);
}

static void
warm_team_ripe(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 32);
	pass(stage, STAGE_VICTIM, STAGE_B, 0, 10);
	hand_move(&stage->hand[STAGE_VICTIM], 0, 22, &stage->hand[STAGE_B]);
	stage_free(stage, STAGE_B, 0, 1, 32);
	ask(stage, 8);
}

/* ---- alloc: at the floors and below ---- */

/* 72 pages in the depot. */
static void
warm_floor(struct stage *stage)
{
	stage_take(stage, STAGE_A, 94);
	ask(stage, 6);
}

static void
warm_floor_atomic(struct stage *stage)
{
	warm_floor(stage);
	ask(stage, 36);
}

static void
warm_no_cache(struct stage *stage)
{
	ask(stage, 5);
}

static void
warm_steal(struct stage *stage)
{
	stage_take(stage, STAGE_B, 32);
	drain(stage);
	pass(stage, STAGE_B, STAGE_A, 0, 32);
	stage_free(stage, STAGE_A, STAGE_PAGES - 32, 1, 32);
	ask(stage, 40);
}

static void
warm_exhausted(struct stage *stage)
{
	drain(stage);
	ask(stage, 4);
}

static void
warm_put_back(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 27);
	drain(stage);
	ask(stage, 8);
}

/* What the victim caches it gives back before it waits. */
static void
warm_wait(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 30);
	pass(stage, STAGE_VICTIM, STAGE_A, 0, 24);
	drain(stage);
	ask(stage, 3);
}

static void
warm_put_back_single(struct stage *stage)
{
	stage_take(stage, STAGE_A, STAGE_PAGES - 3);
	ask(stage, 5);
}

static void
warm_help(struct stage *stage)
{
	third_take_half(stage);
	stage_bury(stage);
	ask(stage, 1);
}

/* ---- free ---- */

static void
warm_free_row(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 32);
	name(stage, STAGE_VICTIM, 0, 32);
}

static void
warm_free_scattered(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 64);
	for (uint32_t i = 0; i < 12; i++)
		name(stage, STAGE_VICTIM, stage_random(stage, 64 - i), 1);
}

static void
warm_free_named(struct stage *stage)
{
	stage_take(stage, STAGE_A, 8);
	pass(stage, STAGE_A, STAGE_VICTIM, 0, 8);
	stage_take(stage, STAGE_VICTIM, 2);
	name(stage, STAGE_VICTIM, 0, 10);
}

static void
warm_free_no_cache(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 5);
	name(stage, STAGE_VICTIM, 0, 5);
}

static void
warm_free_team(struct stage *stage)
{
	stage_take(stage, STAGE_B, 40);
	name(stage, STAGE_B, 28, 8);
}

static void
warm_free_team_ripe(struct stage *stage)
{
	stage_take(stage, STAGE_B, 32);
	name(stage, STAGE_B, 0, 32);
}

static void
warm_free_team_named(struct stage *stage)
{
	stage_take(stage, STAGE_B, 6);
	name(stage, STAGE_B, 0, 6);
}

static void
warm_free_trim(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 96);
	name(stage, STAGE_VICTIM, 32, 18);
	name(stage, STAGE_VICTIM, 0, 20);
}

/* One row more got whole than are remembered. */
static void
warm_free_evict(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 128);
	name(stage, STAGE_VICTIM, 0, 96);
}

/* The depot is below min: what is freed must not hide in held rows. */
static void
warm_free_pressed(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 8);
	stage_take(stage, STAGE_A, 104);
	name(stage, STAGE_VICTIM, 0, 4);
}

static void
warm_free_pressed_team(struct stage *stage)
{
	stage_take(stage, STAGE_B, 8);
	stage_take(stage, STAGE_A, 104);
	name(stage, STAGE_B, 0, 4);
}

/* The first one is no page at all. */
static void
warm_free_pressed_bad(struct stage *stage)
{
	struct hand *call = &stage->call;

	stage_take(stage, STAGE_VICTIM, 8);
	stage_take(stage, STAGE_A, 104);
	call->page[call->n++] = STAGE_PAGES + 1;
	name(stage, STAGE_VICTIM, 0, 4);
}

/* Good ones between a double free, another's page and no page at all. */
static void
warm_free_refused(struct stage *stage)
{
	struct hand *call = &stage->call;

	stage_take(stage, STAGE_VICTIM, 4);
	stage_take(stage, STAGE_A, 1);
	call->page[call->n++] = stage->hand[STAGE_VICTIM].page[0];
	stage_free(stage, STAGE_VICTIM, 0, 1, 1);
	name(stage, STAGE_VICTIM, 0, 2);
	call->page[call->n++] = stage->hand[STAGE_A].page[0];
	call->page[call->n++] = STAGE_PAGES + 1;
	name(stage, STAGE_VICTIM, 0, 1);
}

static void
warm_free_loose(struct stage *stage)
{
	loosen(stage, 4, 7);
	name(stage, STAGE_VICTIM, 25, 7);
}

/* More than the magazine has room for: the oldest go back into their rows. */
static void
warm_free_loose_spill(struct stage *stage)
{
	loosen(stage, 2, 16);
	loosen(stage, 2, 16);
	loosen(stage, 2, 16);
	stage_free(stage, STAGE_VICTIM, 16, 1, 16);
	stage_free(stage, STAGE_VICTIM, 32, 1, 16);
	name(stage, STAGE_VICTIM, 48, 16);
}

static void
warm_free_loose_pressed(struct stage *stage)
{
	warm_magazine(stage);
	ask(stage, 0);
	stage_take(stage, STAGE_A, 96);
	name(stage, STAGE_VICTIM, 0, 4);
}

static void
warm_free_team_trim(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 96);
	stage_take(stage, STAGE_B, 1);
	name(stage, STAGE_VICTIM, 0, 28);
	name(stage, STAGE_VICTIM, 4, 28);
}

/* ---- the rest ---- */

static void
warm_flush_magazine(struct stage *stage)
{
	warm_magazine(stage);
	ask(stage, 0);
}

static void
warm_unregister_team(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 40);
	pass(stage, STAGE_VICTIM, STAGE_A, 0, 5);
	stage_free(stage, STAGE_VICTIM, 0, 1, 25);
}

static void
warm_nothing(struct stage *stage)
{
	(void)stage;
}

/* Given to one who is dead, and whom somebody may be reclaiming. */
static void
warm_transfer_late(struct stage *stage)
{
	loosen(stage, 4, 2);
	name(stage, STAGE_VICTIM, 28, 4);
	stage_bury(stage);
}

/* Offered by one who is. */
static void
warm_accept_late(struct stage *stage)
{
	struct hand *call = &stage->call;

	call->n = labyrinth_alloc_bulk(stage->third, LABYRINTH_GFP_NOWAIT, call->page, 4);
	need(call->n == 4);
	need(labyrinth_offer_bulk(stage->third, labyrinth_owner_slot(victim(stage)),
		call->page, 4, NULL) == 0);
	stage_bury(stage);
}

static void
warm_flush(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 40);
	stage_free(stage, STAGE_VICTIM, 0, 3, 12);
}

static void
warm_unregister(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 40);
	pass(stage, STAGE_VICTIM, STAGE_A, 0, 5);
	stage_free(stage, STAGE_VICTIM, 0, 1, 35);
}

static void
warm_transfer(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 4);
	stage_take(stage, STAGE_A, 2);
	pass(stage, STAGE_A, STAGE_VICTIM, 0, 2);
	name(stage, STAGE_VICTIM, 0, 6);
}

static void
warm_transfer_team(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 8);
	name(stage, STAGE_VICTIM, 2, 4);
}

static void
warm_accept(struct stage *stage)
{
	stage_take(stage, STAGE_A, 4);
	name(stage, STAGE_A, 0, 4);
	need(labyrinth_offer_bulk(stage->actor[STAGE_A],
		labyrinth_owner_slot(victim(stage)), stage->call.page, 4, NULL) == 0);
}

static void
warm_withdraw(struct stage *stage)
{
	stage_take(stage, STAGE_VICTIM, 4);
	name(stage, STAGE_VICTIM, 0, 4);
	need(call_offer(stage) == 0);
}

static void
warm_reclaim(struct stage *stage)
{
	third_leave_all_kinds(stage);
	stage_bury(stage);
}

/* ---- the table ---- */

#define ALONE     { .cache = 64 }
#define TEAM      { .cache = 64, .team = STAGE_VICTIM_AND_B }
#define FLOOR     { .cache = 64, .min = 64 }
#define POISON    { .cache = 64, .flags = LABYRINTH_POOL_POISON }
#define NO_CACHE  { .cache = LABYRINTH_CACHE_NONE }
#define DEAD      { .cache = 64, .third = true }
#define DEAD_TEAM { .cache = 64, .third = true, .team = STAGE_DEAD_AND_B }

const struct scenario scenarios[] = {
	{ "alloc: row full", ALONE, warm_row_full, call_alloc_bulk, EFFECT_TAKES,
		{ 32, 0, 0 }, 50 },
	{ "alloc: row partial", ALONE, warm_row_partial, call_alloc_bulk, EFFECT_TAKES,
		{ 10, 0, 0 }, 50 },
	{ "alloc: loose pages", ALONE, warm_loose, call_alloc_bulk, EFFECT_TAKES,
		{ 10, 0, 0 }, 100 },
	{ "alloc: the other half is out", ALONE, warm_half_out, call_alloc_bulk,
		EFFECT_TAKES, { 16, 0, 0 }, 50 },
	{ "alloc: by index", ALONE, warm_team, call_alloc_index, EFFECT_TAKES_INDEX,
		{ 40, 1, -32 }, 100 },
	{ "alloc: rows that got full again", { .cache = 128 }, warm_rows_recent,
		call_alloc_bulk, EFFECT_TAKES, { 80, 0, 0 }, 100 },
	{ "alloc: one, claims a row", ALONE, warm_one, call_alloc_atomic, EFFECT_TAKES,
		{ 1, 1, -32 }, 100 },
	{ "alloc: across rows, claims two", ALONE, warm_across_rows, call_alloc_bulk,
		EFFECT_TAKES, { 60, 2, -64 }, 200 },
	{ "alloc: harvest", ALONE, warm_harvest, call_alloc_bulk, EFFECT_TAKES,
		{ 6, 0, 0 }, 100 },
	{ "alloc: harvest of a row all free", ALONE, warm_harvest_ripe, call_alloc_bulk,
		EFFECT_TAKES, { 20, 0, 0 }, 200 },
	{ "alloc: harvest, a few each", ALONE, warm_harvest_any, call_alloc_bulk,
		EFFECT_TAKES, { 12, 0, 0 }, 200 },
	{ "alloc: team, by index", TEAM, warm_team, call_alloc_index, EFFECT_TAKES_INDEX,
		{ 40, 1, -32 }, 100 },
	{ "alloc: team, by handle", TEAM, warm_team, call_alloc_bulk, EFFECT_TAKES,
		{ 40, 1, -32 }, 100 },
	{ "alloc: team, row all free, by index", TEAM, warm_team_ripe, call_alloc_index,
		EFFECT_TAKES_INDEX, { 8, 0, 0 }, 80 },
	{ "alloc: team, row all free, by handle", TEAM, warm_team_ripe, call_alloc_bulk,
		EFFECT_TAKES, { 8, 0, 0 }, 80 },
	{ "alloc: at the floor, singly", FLOOR, warm_floor, call_alloc_bulk, EFFECT_TAKES,
		{ 6, 0, -6 }, 500 },
	{ "alloc: a row, then singly at the floor", { .cache = 64, .min = 80 },
		warm_floor_atomic, call_alloc_burst, EFFECT_TAKES, { 36, 1, -36 }, 1000 },
	{ "alloc: no cache", NO_CACHE, warm_no_cache, call_alloc_bulk, EFFECT_TAKES,
		{ 5, 0, -5 }, 400 },
	{ "alloc: steals", ALONE, warm_steal, call_alloc_burst, EFFECT_TAKES,
		{ 32, 1, 0 }, 300 },
	{ "alloc: exhausted", ALONE, warm_exhausted, call_alloc_bulk, EFFECT_TAKES,
		{ 0, 0, 0 }, 80 },
	{ "alloc: puts back", ALONE, warm_put_back, call_alloc_bulk, EFFECT_TAKES,
		{ 0, 0, 0 }, 500 },
	{ "alloc: puts back, no cache", NO_CACHE, warm_put_back_single, call_alloc_bulk,
		EFFECT_TAKES, { 0, 0, 0 }, 400 },
	{ "alloc: finishes a dead one's take", DEAD, warm_help, call_alloc_atomic,
		EFFECT_TAKES, { 1, 1, -31 }, 150 },
	{ "alloc: waits in vain", ALONE, warm_wait, call_alloc_wait, EFFECT_TAKES,
		{ 0, -1, 2 }, 500 },
	{ "alloc: from the magazine", ALONE, warm_magazine, call_alloc_bulk, EFFECT_TAKES,
		{ 5, 0, 0 }, 80 },
	{ "alloc: by address", ALONE, warm_team, call_alloc_address, EFFECT_TAKES_INDEX,
		{ 40, 1, -32 }, 100 },
	{ "alloc: raids its team", TEAM, warm_raid, call_alloc_bulk, EFFECT_TAKES,
		{ 6, 1, 0 }, 100 },
	{ "alloc: poisoned", POISON, warm_one, call_alloc_atomic, EFFECT_TAKES,
		{ 1, 1, -32 }, 100 },
	{ "free: whole row", ALONE, warm_free_row, call_free, EFFECT_GIVES,
		{ 0, 0, 0 }, 50 },
	{ "free: whole row, by index", ALONE, warm_free_row, call_free_index,
		EFFECT_GIVES_INDEX, { 0, 0, 0 }, 50 },
	{ "free: scattered", ALONE, warm_free_scattered, call_free, EFFECT_GIVES,
		{ 0, 0, 0 }, 200 },
	{ "free: named by its word", ALONE, warm_free_named, call_free, EFFECT_GIVES,
		{ 0, 0, 0 }, 300 },
	{ "free: no cache", NO_CACHE, warm_free_no_cache, call_free, EFFECT_GIVES,
		{ 0, 0, 5 }, 200 },
	{ "free: team, another's row, by index", TEAM, warm_free_team, call_free_index,
		EFFECT_GIVES_INDEX, { 0, 0, 0 }, 50 },
	{ "free: team, another's row, by handle", TEAM, warm_free_team, call_free,
		EFFECT_GIVES, { 0, 0, 0 }, 300 },
	{ "free: team, completes a row", TEAM, warm_free_team_ripe, call_free_index,
		EFFECT_GIVES_INDEX, { 0, 0, 0 }, 50 },
	{ "free: team, named after another",
		{ .cache = LABYRINTH_CACHE_NONE, .team = STAGE_VICTIM_AND_B },
		warm_free_team_named, call_free_index, EFFECT_GIVES_INDEX, { 0, 0, 6 }, 300 },
	{ "free: trims the cache", { .cache = 32 }, warm_free_trim, call_free,
		EFFECT_GIVES, { 0, -1, 18 }, 500 },
	{ "free: gives a row back", ALONE, warm_free_evict, call_free, EFFECT_GIVES,
		{ 0, -1, 32 }, 200 },
	{ "free: below min", FLOOR, warm_free_pressed, call_free, EFFECT_GIVES,
		{ 0, -1, 28 }, 100 },
	{ "free: below min, team", { .cache = 64, .min = 64, .team = STAGE_VICTIM_AND_B },
		warm_free_pressed_team, call_free_index, EFFECT_GIVES_INDEX,
		{ 0, 0, 28 }, 100 },
	{ "free: below min, one refused", FLOOR, warm_free_pressed_bad, call_free,
		EFFECT_NONE, { 1, -1, 28 }, 100 },
	{ "free: some refused", ALONE, warm_free_refused, call_free, EFFECT_NONE,
		{ 3, 0, 0 }, 150 },
	{ "free: into the magazine", ALONE, warm_free_loose, call_free, EFFECT_GIVES,
		{ 0, 0, 0 }, 80 },
	{ "free: into the magazine, by address", ALONE, warm_free_loose, call_free_address,
		EFFECT_GIVES_INDEX, { 0, 0, 0 }, 80 },
	{ "free: spills the magazine", { .cache = 32 }, warm_free_loose_spill, call_free,
		EFFECT_GIVES, { 0, -1, 16 }, 500 },
	{ "free: below min, with a magazine", FLOOR, warm_free_loose_pressed, call_free,
		EFFECT_GIVES, { 0, -1, 11 }, 100 },
	{ "free: team, trims the cache", { .cache = 32, .team = STAGE_VICTIM_AND_B },
		warm_free_team_trim, call_free_index, EFFECT_GIVES_INDEX, { 0, -2, 56 }, 300 },
	{ "free: poisons", POISON, warm_free_no_cache, call_free, EFFECT_GIVES,
		{ 0, 0, 0 }, 200 },
	{ "flush: magazine", ALONE, warm_flush_magazine, call_flush, EFFECT_NONE,
		{ 0, -1, 7 }, 300 },
	{ "flush", ALONE, warm_flush, call_flush, EFFECT_NONE, { 0, -2, 36 }, 400 },
	{ "flush: team", TEAM, warm_flush, call_flush, EFFECT_NONE, { 0, -2, 36 }, 400 },
	{ "unregister", ALONE, warm_unregister, call_unregister, EFFECT_LEAVES,
		{ 0, -2, 59 }, 500 },
	{ "unregister: its team inherits", TEAM, warm_unregister_team, call_unregister,
		EFFECT_LEAVES, { 0, -2, 49 }, 500 },
	{ "register, unregister", ALONE, warm_nothing, call_register, EFFECT_REGISTERS,
		{ 0, 0, 0 }, 500 },
	{ "transfer: to one who is dead", DEAD, warm_transfer_late, call_transfer_to_third,
		EFFECT_BURIES, { 0, 0, 0 }, 200 },
	{ "accept: from one who is dead", DEAD, warm_accept_late, call_accept,
		EFFECT_GETS_SOME, { 0, 0, 0 }, 80 },
	{ "transfer", ALONE, warm_transfer, call_transfer, EFFECT_PASSES,
		{ 0, 0, 0 }, 200 },
	{ "transfer: within a team", TEAM, warm_transfer_team, call_transfer, EFFECT_PASSES,
		{ 0, 0, 0 }, 300 },
	{ "offer", ALONE, warm_transfer, call_offer, EFFECT_OFFERS, { 0, 0, 0 }, 200 },
	{ "accept", ALONE, warm_accept, call_accept, EFFECT_GETS, { 0, 0, 0 }, 80 },
	{ "withdraw", ALONE, warm_withdraw, call_withdraw, EFFECT_GETS, { 0, 0, 0 }, 80 },
	{ "reclaim", DEAD, warm_reclaim, call_reclaim, EFFECT_NONE,
		{ THIRD_OWNED - THIRD_HALF_FREED, 0, THIRD_DEPOT }, 3000 },
	{ "reclaim: its team inherits", DEAD_TEAM, warm_reclaim, call_reclaim,
		EFFECT_NONE, { 0, 0, THIRD_DEPOT_TEAM }, 3000 },
};

const uint32_t scenarios_n = sizeof(scenarios) / sizeof(scenarios[0]);

/* ---- afterwards ---- */

static int
settle_all(struct stage *stage, struct hand *to, struct labyrinth_error *error)
{
	if (stage->ret != 0)
		return labyrinth_fail(error, -EUCLEAN,
			"the call refused %u of its own pages", stage->ret);
	if (to != NULL)
		hand_move(&stage->call, 0, stage->call.n, to);
	return 0;
}

/* What was refused is at the front of call. */
static void
settle_some(struct stage *stage, struct hand *done)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < stage->asked.n; i++)
		if (kept < stage->ret && stage->call.page[kept] == stage->asked.page[i])
			kept++;
		else if (done != NULL)
			hand_move(&(struct hand){ 1, { stage->asked.page[i] } }, 0, 1, done);
}

static int
settle_offered(struct stage *stage, struct labyrinth_error *error)
{
	if (stage->ret != 0 || call_withdraw(stage) != 0)
		return labyrinth_fail(error, -EUCLEAN, "what was offered is not");
	hand_move(&stage->call, 0, stage->call.n, &stage->hand[STAGE_VICTIM]);
	return 0;
}

void
scenario_begin(const struct scenario *scenario, struct stage *stage)
{
	scenario->warm(stage);
	stage->asked = stage->call;
}

int
scenario_settle(const struct scenario *scenario, struct stage *stage,
	struct labyrinth_error *error)
{
	struct hand *hand = &stage->hand[STAGE_VICTIM];

	switch (scenario->effect) {
	case EFFECT_TAKES:
		need(stage->ret <= stage->call.n);
		hand_move(&stage->call, 0, stage->ret, hand);
		return 0;
	case EFFECT_TAKES_INDEX:
		need(stage->ret <= stage->call.n);
		for (uint32_t i = 0; i < stage->ret; i++)
			hand->page[hand->n++] = stage_handle(stage, stage->index[i]);
		return 0;
	case EFFECT_GIVES:
	case EFFECT_GIVES_INDEX:
		return settle_all(stage, NULL, error);
	case EFFECT_LEAVES:
		hand_move(hand, 0, hand->n, &stage->hand[STAGE_B]);
		return settle_all(stage, NULL, error);
	case EFFECT_PASSES:
		return settle_all(stage, &stage->hand[STAGE_B], error);
	case EFFECT_OFFERS:
		return settle_offered(stage, error);
	case EFFECT_GETS:
		return settle_all(stage, hand, error);
	case EFFECT_GETS_SOME:
		settle_some(stage, hand);
		return 0;
	case EFFECT_BURIES:
		hand_move(&stage->call, 0, stage->ret, hand);
		return 0;
	default:
		return 0;
	}
}

struct proof
scenario_proof(const struct stage *stage)
{
	const struct labyrinth_pool *pool = stage->pool;
	struct proof proof = { .ret = stage->ret };

	for (uint32_t row = 0; row < pool->rows; row++)
		proof.rows += lab_row_held_by(lab_row_load(&pool->row[row]),
			labyrinth_owner_slot(victim(stage)));
	for (uint32_t node = 0; node < pool->nodes; node++)
		proof.depot += (int32_t)(uint32_t)pool->depot[node].free;
	return proof;
}
