/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * Page words: transfer, offer, accept, withdraw, and frees of all kinds, against what
 * the holder of the row does meanwhile.
 *
 * Stands for, in lib/pool:
 *   transfer.c  transfer_page(), offer_page(), settle()
 *   page.c      lab_page_look(), lab_page_rename(), is_sealed(), lab_page_free(),
 *               free_wiping(), give_freed(), note_given()
 *   naming.c    all of it
 *   depot.c     lab_depot_release(), lab_depot_release_shared(), steal_row(),
 *               take_from(), lab_depot_help(), name_taken(); of claim() the CAS of the row
 *   held.c      available(), harvest(), take_out(), lab_held_pick(), lab_held_commit(),
 *               lab_held_free(), lab_held_free_shared(), lab_held_take_back()
 *   pass.c      lab_words_clean(), lab_lent_clear(), lab_pass_hand_out(),
 *               lab_pass_hand_out_shared(), lab_pass_begin_shared()
 *   magazine.c  lab_magazine_free(), lab_magazine_take(), lab_magazine_spill()
 *   handover.c  lab_handover_give(), lab_handover_free()
 *
 * 3 owners (A, B, C), 1 row of 2 pages, which A holds. What they do is the SCENARIO:
 *   OFFER     A offers a page to B, withdraws it, frees it, takes it again; B accepts
 *             it and frees it, twice; C frees and accepts what is not its own.
 *   TEAM      A and B are a team. A gives the row back, claims it again, gives it back;
 *             B frees a page of it, twice, by handle or by index; C takes one singly.
 *   PRESSURE  as TEAM, but A takes a page of its row, and B, having freed one, gives
 *             A's row back for it.
 *   STEAL     A has lent both pages to B, who frees them; A takes one, or gives the row
 *             back; C steals the row when all is free, claims it or takes a page singly.
 *   RIVALS    A and B are a team and do with one page what excludes each other: A frees
 *             it, B transfers it to C, who frees it, steals the row, and takes a page.
 *   WIPE      as RIVALS, but both free it, in a pool that wipes what is freed, or A gives
 *             the row back; C steals the row and takes a page.
 *   HANDLER   A frees, takes, or gives its row back; B is a signal handler of A's thread,
 *             which frees at any step what is A's or is not; C steals the row and claims
 *             it, or takes a page singly.
 *   MAGAZINE  the same, A frees a page into its magazine and takes it again or spills it.
 *   HANDOVER  the same, A gives a page to C, which frees it.
 *
 * Abstracted: the counter and the hints (depot.pml); the pass word, see pool.pml.
 *
 * Proven, in every state:
 *  - A page that is out is in no free mask, and row or word say who owns it: the one
 *    that got it last by alloc, transfer or accept. So no page has two owners, and
 *    whatever was refused changed nothing.
 *  - A page in a free mask is named by nobody.
 *  - Who frees a page owns it, and its handle is the one it was handed out by: foreign,
 *    double and stale frees change nothing. Of an accept and a withdraw of the same
 *    offer, of a free and a transfer of the same page, exactly one is done.
 *  - A valid free is never refused.
 *  - At rest all pages are free, or owned as said above.
 *  - What is wiped is nobody's at that moment.
 *  - No owner ever waits (-DNP), see depot.pml.
 */

#define OFFER 1
#define TEAM 2
#define PRESSURE 3
#define STEAL 4
#define RIVALS 5
#define HANDLER 6
#define MAGAZINE 7
#define WIPE 8
#define HANDOVER 9

#define ROWS 1

#define A 1
#define B 2
#define C 3

#define HAS_HANDLER (SCENARIO == HANDLER || SCENARIO == MAGAZINE || SCENARIO == HANDOVER)

#if SCENARIO == OFFER || SCENARIO == STEAL || HAS_HANDLER
#define team_of(slot) (slot)
#define is_shared(slot) false
#else
#define team_of(slot) ((slot) == B -> A : (slot))
#define is_shared(slot) ((slot) != C)
#endif

byte own[2];     /* the team that owns a page, 0: it is free */
byte handle[2];  /* the generation it was handed out by */
byte offered[2]; /* to whom it is offered */
byte done;
byte sent;                    /* RIVALS: what came of the transfer */

#define IS_FREE(p) (((FREE(row[0]) | mine[0]) & BIT(p)) != 0)
#define IS_TOLD(p) (own[p] == 0 || (is_named(word[p]) -> \
	team_of(OWNER(word[p])) == own[p] : \
	is_unnamed(word[p]) && STATE(row[0]) == HELD && team_of(HOLDER(row[0])) == own[p]))
#define IS_SOUND(p) (IS_FREE(p) -> own[p] == 0 && !is_named(word[p]) : IS_TOLD(p))

#define check_state() assert(IS_SOUND(0) && IS_SOUND(1))

#define row_changed(r, new) skip

#define now_owned(p, slot) \
	assert(own[p] == 0 && GENERATION(word[p]) > handle[p]); \
	own[p] = team_of(slot); \
	handle[p] = GENERATION(word[p])

#define now_free(p, slot, h) \
	assert(own[p] == team_of(slot) && offered[p] == 0); \
	assert((h) == ANY_GENERATION || (h) == handle[p]); \
	own[p] = 0

#define given_away(p, peer) \
	assert(own[p] == team_of(me) && offered[p] == 0); \
	own[p] = team_of(peer)

#define gained(r, k) skip

#if HAS_HANDLER
bool interrupted;
byte flight;      /* pages that A is moving from one mask to another, or freeing */
byte freeing;     /* pages that A is freeing or giving by their words */
#ifndef BROKEN_FLIGHT_UNSEEN
#define FLIGHT (me == A -> flight : 0)
#define SET_FLIGHT(bits) flight = (me == A -> bits : flight)
#endif
#ifndef BROKEN_FREEING_UNSEEN
#define FREEING (me == A -> freeing : 0)
#define SET_FREEING(bits) freeing = (me == A -> bits : freeing)
#endif
#endif

#include "pool.pml"

/* ---- transfer.c ---- */

#define now_renamed(p, peer, next) \
	assert(own[p] == team_of(me) && offered[p] == 0); \
	if \
	:: next == OFFERED -> offered[p] = peer \
	:: next == OWNED -> own[p] = team_of(peer) \
	:: else -> own[p] = 0 \
	fi

#define renamed(peer, next) (next == OWNED -> page_owned(vg, peer) : \
	(next == OFFERED -> page_offered(vg, me, peer) : PAGE_WORD(FREED, me, 0, vg)))

/* lab_page_rename(): why; next: the state */
inline rename_page(p, h, peer, next)
{
	do
	:: look(p, h);
		if
		:: why != NONE -> break
		:: else
		fi;
#ifndef BROKEN_NAME_AT_ONCE
		if
		:: is_unnamed(vw) ->
			mark_or_join(p, vw, vg);
			if
			:: ok ->
				/* is_sealed() */
				seal(0, HOLDER(vr));
				if
				:: ok && (FREE(n) & BIT(p)) == 0 ->
					load_pass(u, g, p);
					ok = (effective(u, g, vw) == vg)
				:: else -> ok = 0
				fi;
				atomic { n = 0; u = 0; g = 0 }
				if
				:: !ok -> cancel(p, vw)
				:: else
				fi
			:: else
			fi
		:: else -> ok = 1
		fi;
#else
		lent[0] = lent[0] | BIT(p);
		ok = 1;
#endif
		if
		:: atomic {
			ok ->
			WORD_CAS(p, vw, renamed(peer, next), ok, now_renamed(p, peer, next));
			if
			:: ok -> break
			:: else
			fi
			}
		:: else
		fi
	od;
	atomic { vr = 0; vw = 0; vg = 0; ok = 0 }
}

#define transfer_page(p, h, peer) rename_page(p, h, peer, OWNED)
#define offer_page(p, h, peer) rename_page(p, h, peer, OFFERED)

/* free_wiping(): why. What is wiped is nobody's, and nobody else can take it. */
inline free_wiping(p, h)
{
#ifdef BROKEN_WIPE_FIRST
	look(p, h);
	if
	:: why == NONE ->
		assert(own[p] == team_of(me));
		page_free(p, h)
	:: else
	fi;
	atomic { vr = 0; vw = 0; vg = 0 }
#else
	rename_page(p, h, 0, FREED);
	if
	:: why == NONE ->
		assert(own[p] == 0 && WHAT(word[p]) == FREED && !IS_FREE(p));
		give_freed(p)
	:: else
	fi
#endif
}

#define now_settled(p) \
	assert(offered[p] != 0); \
	offered[p] = 0; \
	own[p] = team_of(me)

#define party(v) (accept -> PEER(v) : OWNER(v))

/* settle(): why */
inline settle(p, h, accept)
{
	v = word[p];
	do
	:: load_pass(u, g, p);
		if
		:: effective(u, g, v) != (h) -> why = STALE_HANDLE; break
		:: effective(u, g, v) == (h) && WHAT(v) != OFFERED -> why = NOT_OFFERED; break
		:: effective(u, g, v) == (h) && WHAT(v) == OFFERED &&
				team_of(party(v)) != team_of(me) ->
			why = FOREIGN_FREE;
			break
		:: atomic {
			effective(u, g, v) == (h) && WHAT(v) == OFFERED &&
				team_of(party(v)) == team_of(me) ->
#ifdef BROKEN_SETTLE_UNCHECKED
			v = word[p];
#endif
			WORD_CAS(p, v, page_owned(h, me), ok, now_settled(p));
			if
			:: ok -> why = NONE; break
			:: else
			fi
			}
		fi
	od;
	atomic { v = 0; u = 0; g = 0; ok = 0 }
}

#define accept_page(p, h) settle(p, h, 1)
#define withdraw_page(p, h) settle(p, h, 0)

/* ---- the scenarios ---- */

inline free_valid(p, h)
{
	page_free(p, h);
	assert(why == NONE)
}

inline free_refused(p, h)
{
	page_free(p, h);
	assert(why != NONE)
}

/* Free what was taken: page p, by the handle it was handed out by. */
inline free_taken()
{
	if
	:: bits != 0 ->
		atomic { p = LOWEST(bits); bits = 0; h = handle[p]; assert(own[p] == team_of(me)) }
		free_valid(p, h);
		atomic { p = 0; h = 0 }
	:: else
	fi
}

#define OWNER_LOCALS LOCALS; byte p, h

#if SCENARIO == OFFER

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	offer_page(0, 1, B);
	assert(why == NONE);
	withdraw_page(0, 1);
	if
	:: why == NONE -> free_valid(0, 1)
	:: else
	fi;
	free_refused(0, 1);
	alloc_alone(0);
	free_refused(0, 1);
	free_taken();
	done++
}

proctype b()
{
	OWNER_LOCALS;
	byte me = B;

	accept_page(0, 1);
	if
	:: why == NONE -> free_valid(0, 1)
	:: else
	fi;
	free_refused(0, 1);
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	free_refused(0, 1);
	accept_page(0, 1);
	assert(why != NONE);
	done++
}

#define BEGIN \
	own[0] = A; own[1] = A; handle[0] = 1; handle[1] = 1; \
	newer[0] = 1; newer[1] = 1; used[0] = FULL; \
	row[0] = ROW_WORD(0, A, HELD, 0, 0)
#define END assert(own[1] == A && (own[0] == 0 || (own[0] == A && offered[0] == B)))

#elif SCENARIO == TEAM

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	release(0, me);
	claim_row(0);
	ok = 0;
	release(0, me);
	done++
}

proctype b()
{
	OWNER_LOCALS;
	byte me = B;

	if
	:: free_valid(0, 1)
	:: free_in_team(0);
		if
		:: !ok -> free_valid(0, ANY_GENERATION)
		:: else -> ok = 0
		fi
	fi;
	free_refused(0, 1);
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	take_from(0);
	free_taken();
	done++
}

#define BEGIN \
	own[0] = A; handle[0] = 1; newer[0] = 1; newer[1] = 1; word[0] = page_row(1); \
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0)
#define END assert(FREE(row[0]) == FULL)

#elif SCENARIO == PRESSURE

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	alloc_shared(0, true);
	free_taken();
	done++
}

proctype b()
{
	OWNER_LOCALS;
	byte me = B;

	if
	:: free_valid(0, 1)
	:: free_in_team(0);
		if
		:: !ok -> free_valid(0, ANY_GENERATION)
		:: else -> ok = 0
		fi
	fi;
	release_shared(0, A);
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	if
	:: take_from(0)
	:: claim_row(0);
		if
		:: ok ->
			ok = 0;
			alloc_alone(0);
			release(0, me)
		:: else
		fi
	fi;
	free_taken();
	done++
}

#define BEGIN \
	own[0] = A; handle[0] = 1; newer[0] = 1; newer[1] = 1; word[0] = page_row(1); \
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0)
#define END assert((FREE(row[0]) | mine[0]) == FULL)

#elif SCENARIO == STEAL

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	if
	:: alloc_alone(0)
	:: skip
	fi;
	release(0, me);
	free_taken();
	done++
}

proctype b()
{
	OWNER_LOCALS;
	byte me = B;

	free_valid(0, 1);
	free_valid(1, 1);
	free_refused(0, 1);
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	steal(0);
	if
	:: take_from(0)
	:: claim_row(0);
		if
		:: ok ->
			ok = 0;
			alloc_alone(0)
		:: else
		fi
	fi;
	free_taken();
	done++
}

#define BEGIN \
	own[0] = B; own[1] = B; handle[0] = 1; handle[1] = 1; newer[0] = 1; newer[1] = 1; \
	word[0] = page_owned(1, B); word[1] = page_owned(1, B); lent[0] = FULL; \
	row[0] = ROW_WORD(0, A, HELD, 0, 0)
#define END assert((FREE(row[0]) | mine[0]) == FULL)

#elif SCENARIO == RIVALS

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	page_free(0, 1);
	if
	:: why == NONE ->
		alloc_shared(0, true);
		free_taken()
	:: else
	fi;
	done++
}

proctype b()
{
	OWNER_LOCALS;
	byte me = B;

	transfer_page(0, 1, C);
	sent = (why == NONE -> 1 : 2);
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	steal(0);
	take_from(0);
	free_taken();
	(sent != 0);
	if
	:: sent == 1 -> free_valid(0, 1)
	:: else
	fi;
	done++
}

#define BEGIN \
	own[0] = A; handle[0] = 1; newer[0] = 1; newer[1] = 1; word[0] = page_row(1); \
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0)
#define END assert((FREE(row[0]) | mine[0]) == FULL)

#elif SCENARIO == WIPE

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	if
	:: free_wiping(0, 1)
	:: release(0, me)
	fi;
	done++
}

proctype b()
{
	OWNER_LOCALS;
	byte me = B;

	free_wiping(0, 1);
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	steal(0);
	take_from(0);
	free_taken();
	done++
}

#define BEGIN \
	own[0] = A; handle[0] = 1; newer[0] = 1; newer[1] = 1; word[0] = page_row(1); \
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0)
#define END assert((FREE(row[0]) | mine[0]) == FULL)

#endif

#if SCENARIO == HANDLER

/* lab_held_free() alone: ok */
inline free_alone(p)
{
	SET_FLIGHT(BIT(p));
	w = row[0];
	m = mine[0];
	l = lent[0];
	if
	:: is_held_by(w, me) && ((m | l | FREE(w)) & BIT(p)) == 0 ->
		SET_MINE(0, m | BIT(p), now_free(p, me, ANY_GENERATION));
		ok = 1
	:: else
	fi;
	SET_FLIGHT(0);
	atomic { w = 0; m = 0; l = 0 }
}

proctype a() provided (!interrupted)
{
	OWNER_LOCALS;
	byte me = A;

	if
	:: free_alone(0);
		if
		:: !ok -> page_free(0, 1)
		:: else -> ok = 0
		fi
	:: alloc_alone(0);
		free_taken()
	:: release(0, me)
	fi;
	done++
}

/* a signal handler of A's thread */
proctype b()
{
	OWNER_LOCALS;
	byte me = A;

	interrupted = true;
	if
	:: page_free(0, 1)
	:: page_free(1, 1)
	fi;
	interrupted = false;
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	steal(0);
	if
	:: take_from(0)
	:: claim_row(0);
		if
		:: ok ->
			ok = 0;
			alloc_alone(0)
		:: else
		fi
	fi;
	free_taken();
	done++
}

#define BEGIN \
	handle[0] = 1; handle[1] = 1; newer[0] = 1; newer[1] = 1; used[0] = FULL; \
	if \
	:: own[0] = A; row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0) \
	:: own[0] = A; row[0] = ROW_WORD(0, A, HELD, 0, 0); mine[0] = BIT(1) \
	:: row[0] = ROW_WORD(FULL, A, HELD, 0, 0) \
	fi
#define END assert(IS_SOUND(0) && IS_SOUND(1))

#elif SCENARIO == MAGAZINE

proctype a() provided (!interrupted)
{
	OWNER_LOCALS;
	byte me = A;

	magazine_free(0, 1);
	if
	:: ok ->
		ok = 0;
		if
		:: magazine_take(0, 1);
			free_valid(0, 2)
		:: magazine_spill(0, 1)
		fi
	:: else -> page_free(0, 1)
	fi;
	done++
}

/* a signal handler of A's thread */
proctype b()
{
	OWNER_LOCALS;
	byte me = A;

	interrupted = true;
	page_free(0, 1);
	interrupted = false;
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	free_refused(0, 1);
	steal(0);
	take_from(0);
	free_taken();
	done++
}

#define BEGIN \
	own[0] = A; handle[0] = 1; newer[0] = 1; newer[1] = 1; \
	word[0] = page_loose(1, A); lent[0] = BIT(0); \
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0)
#define END assert((FREE(row[0]) | mine[0]) == FULL)

#elif SCENARIO == HANDOVER

proctype a() provided (!interrupted)
{
	OWNER_LOCALS;
	byte me = A;

	handover_give(0, 1, C);
	if
	:: ok -> ok = 0; why = NONE
	:: else -> transfer_page(0, 1, C)
	fi;
	sent = (why == NONE -> 1 : 2);
	alloc_alone(0);
	free_taken();
	done++
}

/* a signal handler of A's thread */
proctype b()
{
	OWNER_LOCALS;
	byte me = A;

	interrupted = true;
	page_free(0, 1);
	interrupted = false;
	done++
}

proctype c()
{
	OWNER_LOCALS;
	byte me = C;

	(sent != 0);
	if
	:: sent == 1 -> handover_free(0, 1);
		assert(ok);
		ok = 0
	:: else
	fi;
	free_refused(0, 1);
	steal(0);
	take_from(0);
	free_taken();
	done++
}

#define BEGIN \
	own[0] = A; handle[0] = 1; newer[0] = 1; newer[1] = 1; used[0] = BIT(0); \
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0)
#define END assert((FREE(row[0]) | mine[0]) == FULL)

#endif

init {
	atomic {
		BEGIN;
		run a();
		run b();
		run c()
	}
	(done == 3);
	END
}
