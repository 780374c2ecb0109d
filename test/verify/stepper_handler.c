/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "stepper_handler.h"

#include <errno.h>
#include <string.h>

#include "page.h"

/* An errno that nobody sets. */
#define ERRNO 4712

const char *const deed_names[DEEDS] = {
	"one", "keep", "greedy", "remote", "race", "again", "wrong"
};

/* ---- before the call ---- */

/* Pages that the call frees or hands on: so may the handler, and one of the two will. */
static void
note_given(struct stage *stage, const struct scenario *scenario)
{
	struct handler *handler = &stage->handler;
	enum effect effect = scenario->effect;

	handler->by_index = effect == EFFECT_GIVES_INDEX;
	/* what a mate got the victim may free still */
	if (effect == EFFECT_GIVES || effect == EFFECT_GIVES_INDEX ||
			effect == EFFECT_OFFERS || (effect == EFFECT_PASSES &&
			scenario->setting.team == STAGE_ALONE))
		handler->given = stage->call;
}

/* Handles of pages that are free. By index a page gets no new one when it is taken. */
static void
note_stale(struct stage *stage, const struct scenario *scenario)
{
	struct hand *stale = &stage->handler.stale;
	uint32_t owner;

	for (uint32_t page = 0; page < STAGE_PAGES; page++) {
		enum lab_page_status status = lab_page_status(stage->pool, page, &owner);

		if (scenario->effect != EFFECT_TAKES_INDEX && (status == LAB_STATUS_FREE ||
				status == LAB_STATUS_CACHED))
			stale->page[stale->n++] = stage_handle(stage, page + 1);
	}
}

static void
note_taken(struct stage *stage)
{
	for (uint32_t who = 0; who < STAGE_ACTORS; who++) {
		const struct hand *hand = &stage->hand[who];

		for (uint32_t i = 0; i < hand->n; i++)
			stage->handler.taken[labyrinth_page_index(hand->page[i]) - 1] = true;
	}
}

void
handler_prepare(struct stage *stage, const struct scenario *scenario, enum deed deed)
{
	memset(&stage->handler, 0, sizeof(stage->handler));
	stage->handler.deed = deed;
	note_given(stage, scenario);
	note_stale(stage, scenario);
	note_taken(stage);
}

bool
handler_can(const struct stage *stage, enum deed deed)
{
	bool race = stage->handler.given.n != 0, again = stage->handler.stale.n != 0;

	switch (deed) {
	case DEED_RACE:
		return race;
	case DEED_AGAIN:
		return again;
	case DEED_WRONG:
		return race || again;
	default:
		return true;
	}
}

/* ---- the handler ---- */

static struct labyrinth_owner *
self(const struct stage *stage)
{
	return stage->actor[STAGE_VICTIM];
}

static void
fail(struct stage *stage, const char *what, uint32_t number)
{
	struct handler *handler = &stage->handler;

	if (handler->failed == 0)
		handler->failed = labyrinth_fail(&handler->error, -EUCLEAN,
			"the handler's call %u: %s %u", handler->acted, what, number);
}

static void
take(struct stage *stage, unsigned int class, uint32_t most)
{
	struct hand *hand = &stage->handler.hand;
	uint32_t room = STAGE_PAGES - hand->n;
	uint32_t got = labyrinth_alloc_burst(self(stage), class, &hand->page[hand->n],
		most < room ? most : room);

	for (uint32_t i = 0; i < got; i++) {
		uint32_t index = labyrinth_page_index(hand->page[hand->n + i]);

		if (stage->handler.taken[index - 1])
			fail(stage, "got a page that is not free,", index);
		stage->handler.taken[index - 1] = true;
	}
	hand->n += got;
}

/* The last n pages that the handler took, by the owner who has them now. */
static void
give(struct stage *stage, struct labyrinth_owner *owner, uint32_t n)
{
	struct hand *hand = &stage->handler.hand;

	hand->n -= n;
	for (uint32_t i = 0; i < n; i++)
		stage->handler.taken[labyrinth_page_index(hand->page[hand->n + i]) - 1] =
			false;
	n = labyrinth_free_bulk(owner, &hand->page[hand->n], n, NULL);
	if (n != 0)
		fail(stage, "its own pages refused:", n);
}

static void
give_remotely(struct stage *stage, uint32_t n)
{
	struct labyrinth_owner *other = stage->actor[STAGE_A];
	struct hand *hand = &stage->handler.hand;

	if (labyrinth_transfer_bulk(self(stage), labyrinth_owner_slot(other),
			&hand->page[hand->n - n], n, NULL) != 0)
		fail(stage, "transfer refuses its own pages:", n);
	give(stage, other, n);
}

/* Of two who free a page one is refused: rightly, but it must be one. */
static void
race(struct stage *stage, uint32_t at)
{
	struct handler *handler = &stage->handler;
	labyrinth_page page = handler->given.page[at];
	uint32_t index = labyrinth_page_index(page);
	uint32_t refused = handler->by_index ?
		labyrinth_free_index_bulk(self(stage), &index, 1, NULL) :
		labyrinth_free_bulk(self(stage), &page, 1, NULL);

	if (refused != 0)
		return;
	if (handler->won[at])
		fail(stage, "could free twice page", labyrinth_page_index(page));
	handler->won[at] = true;
}

/* Its handle is old, wherever the page is by now. */
static void
free_again(struct stage *stage, uint32_t at)
{
	labyrinth_page page = stage->handler.stale.page[at];

	if (labyrinth_free_bulk(self(stage), &page, 1, NULL) == 0)
		fail(stage, "could free again page", labyrinth_page_index(page));
}

static void
do_wrong(struct stage *stage)
{
	for (uint32_t i = 0; i < stage->handler.stale.n; i++)
		free_again(stage, i);
	for (uint32_t i = 0; i < stage->handler.given.n; i++)
		race(stage, i);
}

static void
do_deed(struct stage *stage)
{
	struct handler *handler = &stage->handler;
	uint32_t n = stage_random(stage, 4);

	switch (handler->deed) {
	case DEED_ONE:
		take(stage, LABYRINTH_GFP_ATOMIC, 1);
		give(stage, self(stage), handler->hand.n);
		break;
	case DEED_KEEP:
		if (n < 2)
			take(stage, LABYRINTH_GFP_ATOMIC, n + 1);
		else
			give(stage, self(stage), n < handler->hand.n ? n : handler->hand.n);
		break;
	case DEED_GREEDY:
		take(stage, LABYRINTH_GFP_RESCUE, STAGE_PAGES);
		give(stage, self(stage), handler->hand.n);
		break;
	case DEED_REMOTE:
		take(stage, LABYRINTH_GFP_ATOMIC, n + 1);
		give_remotely(stage, handler->hand.n);
		break;
	case DEED_RACE:
		race(stage, stage_random(stage, handler->given.n));
		break;
	case DEED_AGAIN:
		free_again(stage, stage_random(stage, handler->stale.n));
		break;
	default:
		do_wrong(stage);
		break;
	}
}

void
handler_act(struct stage *stage)
{
	int before = errno;

	if (stage->handler.failed != 0)
		return;
	stage->handler.acted++;
	errno = ERRNO;
	do_deed(stage);
	if (errno != ERRNO)
		fail(stage, "it has set errno to", (uint32_t)errno);
	errno = before;
}

/* ---- after the call ---- */

/* What the handler freed the call must have refused. */
static int
settle_race(struct stage *stage, struct labyrinth_error *error)
{
	struct handler *handler = &stage->handler;
	uint32_t won = 0;

	for (uint32_t i = 0; i < handler->given.n; i++)
		won += handler->won[i];
	if (won == 0)
		return 0;
	if (won != stage->ret)
		return labyrinth_fail(error, -EUCLEAN,
			"the handler freed %u pages of the call, which was refused %u", won,
			stage->ret);
	stage->ret = 0;
	stage->call.n = 0;
	for (uint32_t i = 0; i < handler->given.n; i++)
		if (!handler->won[i])
			stage->call.page[stage->call.n++] = handler->given.page[i];
	return 0;
}

int
handler_settle(struct stage *stage, struct labyrinth_error *error)
{
	struct handler *handler = &stage->handler;

	if (handler->failed != 0) {
		*error = handler->error;
		return handler->failed;
	}
	hand_move(&handler->hand, 0, handler->hand.n, &stage->hand[STAGE_VICTIM]);
	return settle_race(stage, error);
}
