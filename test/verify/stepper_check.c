/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "stepper_check.h"

#include <errno.h>
#include <string.h>

#include "page.h"
#include "pool_private.h"
#include "stepper_third.h"

/*
 * Which actor an owner slot is, STAGE_ACTORS: none. What is left to a team is named by its
 * number, the slot of the victim or the third, and b is who is left of it.
 */
static uint32_t
actor_of(const struct stage *stage, uint32_t slot)
{
	uint32_t b = labyrinth_owner_slot(stage->actor[STAGE_B]), who = 0;

	if (slot == lab_team_of(stage->pool, b) && lab_team_of(stage->pool, slot) == 0)
		return STAGE_B;
	while (who < STAGE_ACTORS && labyrinth_owner_slot(stage->actor[who]) != slot)
		who++;
	return who;
}

/* Is each page of the hand the actor's, and in no hand that was looked at before? */
static int
check_hand(const struct stage *stage, uint32_t who, bool *seen,
	struct labyrinth_error *error)
{
	const struct hand *hand = &stage->hand[who];

	for (uint32_t i = 0; i < hand->n; i++) {
		uint32_t index = labyrinth_page_index(hand->page[i]), owner;
		enum lab_page_status status =
			lab_page_status(stage->pool, index - 1, &owner);

		if (seen[index - 1])
			return labyrinth_fail(error, -EUCLEAN,
				"page %u: handed out twice", index);
		seen[index - 1] = true;
		if (status != LAB_STATUS_OWNED || actor_of(stage, owner) != who)
			return labyrinth_fail(error, -EUCLEAN,
				"page %u: actor %u has it, but its status is %d, its "
				"owner slot %u", index, who, (int)status, owner);
		if (stage_handle(stage, index) != hand->page[i])
			return labyrinth_fail(error, -EUCLEAN,
				"page %u: actor %u's handle got stale", index, who);
	}
	return 0;
}

int
check_hands(const struct stage *stage, uint32_t actors, struct labyrinth_error *error)
{
	bool seen[STAGE_PAGES] = { false };
	uint32_t owner;
	int ret;

	for (uint32_t who = 0; who < actors; who++) {
		ret = check_hand(stage, who, seen, error);
		if (ret != 0)
			return ret;
	}
	for (uint32_t page = 0; page < STAGE_PAGES; page++) {
		if (seen[page])
			continue;
		lab_page_status(stage->pool, page, &owner);
		if (actor_of(stage, owner) < actors)
			return labyrinth_fail(error, -EUCLEAN,
				"page %u: belongs to slot %u, which does not know it",
				page + 1, owner);
	}
	return 0;
}

/* Free pages that an owner alone keeps: in the masks of its rows, and in its magazine. */
static uint32_t
count_cached(const struct labyrinth_pool *pool, uint32_t slot)
{
	uint32_t cached = 0;

	for (uint32_t number = 0; number < pool->rows; number++)
		if (lab_row_held_by(lab_row_load(&pool->row[number]), slot))
			cached += (uint32_t)__builtin_popcount(pool->row[number].mine);
	for (uint32_t page = 0; page < pool->pages; page++) {
		struct lab_page_word word = lab_word_load(pool, page);

		cached += word.state == LAB_PAGE_CACHED && word.owner == slot;
	}
	return cached;
}

int
check_cached(const struct stage *stage, uint32_t actors, struct labyrinth_error *error)
{
	for (uint32_t who = 0; who < actors; who++) {
		const struct labyrinth_owner *owner = stage->actor[who];
		uint32_t cached = count_cached(stage->pool, owner->slot);

		if (!owner->shared && cached != owner->cached)
			return labyrinth_fail(error, -EUCLEAN,
				"actor %u thinks to cache %u pages, and caches %u", who,
				owner->cached, cached);
	}
	return 0;
}

int
check_kept(const struct stage *stage, struct labyrinth_error *error)
{
	bool seen[STAGE_PAGES] = { false };

	return check_hand(stage, STAGE_VICTIM, seen, error);
}

/* ---- pages that change hands without the hands' doing ---- */

static void
mark(const struct hand *hand, bool *known)
{
	for (uint32_t i = 0; i < hand->n; i++)
		known[labyrinth_page_index(hand->page[i]) - 1] = true;
}

/* Put pages that survivors own unknowingly into their hands. @return how many */
static uint32_t
inherit(struct stage *stage)
{
	bool known[STAGE_PAGES] = { false };
	uint32_t count = 0, owner;

	for (uint32_t who = 0; who < STAGE_SURVIVORS; who++)
		mark(&stage->hand[who], known);
	for (uint32_t page = 0; page < STAGE_PAGES; page++) {
		enum lab_page_status status = lab_page_status(stage->pool, page, &owner);
		uint32_t who = actor_of(stage, owner);
		struct hand *hand;

		if (status != LAB_STATUS_OWNED || who >= STAGE_SURVIVORS || known[page])
			continue;
		hand = &stage->hand[who];
		need(hand->n < STAGE_PAGES);
		hand->page[hand->n++] = stage_handle(stage, page + 1);
		count++;
	}
	return count;
}

/* Offers to one who died stay with who offered, who can take them back. */
static int
withdraw(struct stage *stage, struct labyrinth_error *error)
{
	uint32_t owner;

	for (uint32_t page = 0; page < STAGE_PAGES; page++) {
		enum lab_page_status status = lab_page_status(stage->pool, page, &owner);
		uint32_t who = actor_of(stage, owner);
		struct hand *hand;

		if (status != LAB_STATUS_OFFERED)
			continue;
		if (who >= STAGE_SURVIVORS)
			return labyrinth_fail(error, -EUCLEAN,
				"page %u: offered by slot %u still", page + 1, owner);
		hand = &stage->hand[who];
		hand->page[hand->n] = stage_handle(stage, page + 1);
		if (labyrinth_withdraw_bulk(stage->actor[who], &hand->page[hand->n++], 1,
				NULL) != 0)
			return labyrinth_fail(error, -EUCLEAN,
				"page %u: cannot be withdrawn", page + 1);
	}
	return 0;
}

/* Pages that the third owner's team gets, or has got but does not know of. */
static uint32_t
third_estate(const struct scenario *scenario, const struct stage *stage)
{
	return scenario->setting.team != STAGE_DEAD_AND_B || stage->inherited ? 0 :
		THIRD_OWNED - THIRD_HALF_FREED;
}

int
check_rest(const struct scenario *scenario, struct stage *stage,
	struct labyrinth_error *error)
{
	uint32_t estate = third_estate(scenario, stage);
	uint32_t got = estate != 0 ? inherit(stage) : 0;
	int ret;

	stage->inherited = true;
	if (got != estate)
		return labyrinth_fail(error, -EUCLEAN,
			"the team inherited %u pages, not %u", got, estate);
	ret = check_hands(stage, STAGE_ACTORS, error);
	return ret == 0 ? labyrinth_pool_validate(stage->pool, error) : ret;
}

/* ---- death ---- */

static int
reclaim(struct stage *stage, struct labyrinth_owner *owner, struct labyrinth_owner *dead,
	struct labyrinth_error *error)
{
	uint32_t slot = labyrinth_owner_slot(dead);
	int ret = labyrinth_reclaim(owner, slot);

	if (ret < 0 && ret != -ENOENT)
		return labyrinth_fail(error, -EUCLEAN, "reclaim of dead slot %u: %s",
			slot, strerror(-ret));
	if (lab_team_of(stage->pool, slot) != 0)
		return labyrinth_fail(error, -EUCLEAN,
			"slot %u was reclaimed, but cannot be used anew", slot);
	return 0;
}

/* All slots but those of the survivors, and the first of a team that lives on, are free. */
static int
check_slots(const struct scenario *scenario, struct stage *stage, struct labyrinth_error *error)
{
	struct labyrinth_owner *owner[STAGE_ACTORS + 1];
	uint32_t most = STAGE_ACTORS + 1 - STAGE_SURVIVORS -
		(scenario->setting.team != STAGE_ALONE), n = 0;

	while (n <= most && labyrinth_owner_register(stage->pool, "next", NULL, 0,
			&owner[n]) == 0)
		n++;
	for (uint32_t i = 0; i < n; i++)
		need(labyrinth_owner_unregister(owner[i], NULL) == 0);
	if (n == most)
		return 0;
	return labyrinth_fail(error, -EUCLEAN, "%u owners can be registered, not %u", n, most);
}

/* In either order: the third may have left things to the victim, which reclaimed it. */
static int
reclaim_dead(struct stage *stage, uint32_t turn, struct labyrinth_error *error)
{
	struct labyrinth_owner *owner = stage->actor[turn % 2], *dead[2] = {
		stage->actor[STAGE_VICTIM], stage->third,
	};
	int ret = 0;

	for (uint32_t i = 0; i < 2 && ret == 0; i++) {
		uint32_t at = (turn / 2 + i) % 2;

		if (dead[at] != NULL)
			ret = reclaim(stage, owner, dead[at], error);
	}
	/* and whom the victim may have registered */
	labyrinth_reclaim_all(owner);
	return ret;
}

/* The survivors take every page there is. Their rows are not flushed before. */
static int
take_all(struct stage *stage, uint32_t turn, struct labyrinth_error *error)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < STAGE_SURVIVORS; i++) {
		uint32_t who = (turn + i) % STAGE_SURVIVORS;
		struct hand *hand = &stage->hand[who];

		hand->n += labyrinth_alloc_burst(stage->actor[who], LABYRINTH_GFP_RESCUE,
			&hand->page[hand->n], STAGE_PAGES - hand->n);
		sum += hand->n;
	}
	if (sum != STAGE_PAGES)
		return labyrinth_fail(error, -EUCLEAN, "only %u of %u pages can be had",
			sum, STAGE_PAGES);
	return check_hands(stage, STAGE_SURVIVORS, error);
}

int
check_end(struct stage *stage, uint32_t actors, struct labyrinth_error *error)
{
	struct labyrinth_pool_stats stats;

	for (uint32_t who = 0; who < actors; who++) {
		struct hand *hand = &stage->hand[who];

		uint32_t n = hand->n;

		hand->n = 0;
		if (labyrinth_free_bulk(stage->actor[who], hand->page, n, NULL) != 0)
			return labyrinth_fail(error, -EUCLEAN, "actor %u cannot free",
				who);
	}
	for (uint32_t who = 0; who < actors; who++)
		labyrinth_owner_flush(stage->actor[who]);
	labyrinth_pool_stats(stage->pool, &stats);
	if (stats.free != STAGE_PAGES)
		return labyrinth_fail(error, -EUCLEAN,
			"%u of %u pages are free in the end", stats.free, STAGE_PAGES);
	if (stage->pool->waiting)
		return labyrinth_fail(error, -EUCLEAN, "somebody waits for pages, says the pool");
	return labyrinth_pool_validate(stage->pool, error);
}

/* How many pages the survivors may inherit from the victim, at least and at most. */
static int
check_inheritance(const struct scenario *scenario, struct stage *stage,
	struct labyrinth_error *error)
{
	uint32_t least = third_estate(scenario, stage), most = least, got;

	if (scenario->setting.team == STAGE_VICTIM_AND_B) {
		least += stage->hand[STAGE_VICTIM].n;
		most = least + stage->call.n;
	}
	if (scenario->effect == EFFECT_PASSES)
		most += stage->call.n;
	got = inherit(stage);
	if (got < least || got > most)
		return labyrinth_fail(error, -EUCLEAN,
			"the survivors inherit %u pages: %u to %u would be right", got,
			least, most);
	return withdraw(stage, error);
}

int
check_death(const struct scenario *scenario, struct stage *stage, uint32_t turn,
	struct labyrinth_error *error)
{
	int ret = reclaim_dead(stage, turn, error);

	if (ret == 0)
		ret = labyrinth_pool_validate(stage->pool, error);
	if (ret == 0)
		ret = check_slots(scenario, stage, error);
	if (ret == 0)
		ret = check_inheritance(scenario, stage, error);
	if (ret == 0)
		ret = check_hands(stage, STAGE_SURVIVORS, error);
	if (ret == 0)
		ret = take_all(stage, turn, error);
	return ret == 0 ? check_end(stage, STAGE_SURVIVORS, error) : ret;
}
