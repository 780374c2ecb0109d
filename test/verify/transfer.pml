/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * Page words: transfer, offer, accept, withdraw, and frees of all kinds, against what
 * the holder of the row does meanwhile.
 *
 * Stands for, in lib/pool:
 *   transfer.c  rename_page(), settle()
 *   page.c      lab_page_look(), lab_page_free(), give_freed(), note_given()
 *   depot.c     name_pages(), lab_depot_release(), lab_depot_release_shared(),
 *               steal_row(), take_from(), lab_depot_help(), name_taken(); of claim()
 *               the CAS of the row
 *   held.c      available(), harvest(), lab_held_commit(), lab_held_free(), in a team
 *               and alone
 *   pass.c      lab_pass_clean(), lab_pass_hand_out()
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
 *  - No owner ever waits (-DNP), see depot.pml.
 */

#define OFFER 1
#define TEAM 2
#define PRESSURE 3
#define STEAL 4
#define RIVALS 5
#define HANDLER 6

#define ROWS 1
#define PER_ROW 2

#define A 1
#define B 2
#define C 3

#if SCENARIO == OFFER || SCENARIO == STEAL || SCENARIO == HANDLER
#define team_of(slot) (slot)
#else
#define team_of(slot) ((slot) == B -> A : (slot))
#define SHARED
#endif

byte own[ROWS * PER_ROW];     /* the team that owns a page, 0: it is free */
byte handle[ROWS * PER_ROW];  /* the generation it was handed out by */
byte offered[ROWS * PER_ROW]; /* to whom it is offered */
byte done;
byte sent;                    /* RIVALS: what came of the transfer */

#define IS_FREE(p) (((FREE(row[0]) | (mine[0] & ~doubt)) & BIT(p)) != 0)
#define IS_TOLD(p) (own[p] == 0 || (is_named(word[p]) -> \
	team_of(OWNER(word[p])) == own[p] : \
	WHAT(word[p]) == ROW && STATE(row[0]) == HELD && team_of(HOLDER(row[0])) == own[p]))
#ifdef LENIENT
#define IS_SOUND(p) (IS_FREE(p) -> own[p] == 0 && (STATE(row[0]) == HELD || !is_named(word[p])) : IS_TOLD(p))
#else
#define IS_SOUND(p) (IS_FREE(p) -> own[p] == 0 && !is_named(word[p]) : IS_TOLD(p))
#endif

#define check_state() assert(IS_SOUND(0) && IS_SOUND(1))

#define row_changed(r, new) skip

#define now_owned(p, slot) \
	assert(own[p] == 0); \
	own[p] = team_of(slot); \
	handle[p] = GENERATION(word[p])

#define now_free(p, slot, h) \
	assert(own[p] == team_of(slot) && offered[p] == 0); \
	assert((h) == ANY_GENERATION || (h) == handle[p]); \
	own[p] = 0

#define gained(r, k) skip

#if SCENARIO == HANDLER
bool interrupted;
byte flight;      /* pages that A is moving from one mask to another */
byte doubt;       /* pages that A freed, but for a last look */
#ifndef BROKEN_FLIGHT_UNSEEN
#define FLIGHT (me == A -> flight : 0)
#define SET_FLIGHT(bits) flight = bits
#endif
#ifndef BROKEN_HANDLER_UNPINNED
/* A handler frees into a row of the owner it interrupted: not to be stolen now. */
#define given(w, p) (row_give(w, BIT(p)) | (interrupted && HOLDER(w) == me -> 1 << 14 : 0))
#endif
#else
#define doubt 0
#endif

#include "pool.pml"

/* ---- transfer.c ---- */

#define now_renamed(p, peer, offer) \
	assert(own[p] == team_of(me) && offered[p] == 0); \
	if \
	:: offer -> offered[p] = peer \
	:: else -> own[p] = team_of(peer) \
	fi

#define renamed(peer, offer) \
	((offer) -> page_offered(vg, me, peer) : page_owned(vg, peer))

/* rename_page(): why */
#ifdef BROKEN_RENAME_UNBUMPED
inline rename_page(p, h, peer, offer)
{
	do
	:: look(p, h);
		if
		:: why != NONE -> break
		:: else
		fi;
		lent[0] = lent[0] | BIT(p);
		atomic {
			WORD_CAS(p, vw, renamed(peer, offer), ok, now_renamed(p, peer, offer));
			if
			:: ok -> break
			:: else
			fi
		}
	od;
	if
	:: why == NONE ->
		vr = row[0];
		if
		:: (FREE(vr) & BIT(p)) != 0 ->
			vw = renamed(peer, offer);
			WORD_CAS(p, vw, page_row(vg), ok, skip);
			why = DOUBLE_FREE
		:: else
		fi
	:: else
	fi;
	atomic { vr = 0; vw = 0; vg = 0; ok = 0 }
}
#else
inline rename_page(p, h, peer, offer)
{
	do
	:: look(p, h);
		if
		:: why != NONE -> break
		:: else
		fi;
		lent[0] = lent[0] | BIT(p);
		if
		:: !is_named(vw) ->
			/* A free that looked before we set the bit fails from now on. */
			ROW_CAS(0, vr, row_bump(vr), ok, skip)
		:: else -> ok = 1
		fi;
		if
		:: atomic {
			ok ->
			WORD_CAS(p, vw, renamed(peer, offer), ok, now_renamed(p, peer, offer));
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
#endif

#define transfer_page(p, h, peer) rename_page(p, h, peer, 0)
#define offer_page(p, h, peer) rename_page(p, h, peer, 1)

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
	:: GENERATION(v) != (h) -> why = STALE_HANDLE; break
	:: GENERATION(v) == (h) && WHAT(v) != OFFERED -> why = NOT_OFFERED; break
	:: GENERATION(v) == (h) && WHAT(v) == OFFERED && team_of(party(v)) != team_of(me) ->
		why = FOREIGN_FREE;
		break
	:: atomic {
		GENERATION(v) == (h) && WHAT(v) == OFFERED && team_of(party(v)) == team_of(me) ->
#ifdef BROKEN_SETTLE_UNCHECKED
		v = word[p];
#endif
		WORD_CAS(p, v, page_owned(h, me), ok, now_settled(p));
		if
		:: ok -> why = NONE; break
		:: else
		fi
		}
	od;
	atomic { v = 0; ok = 0 }
}

#define accept_page(p, h) settle(p, h, 1)
#define withdraw_page(p, h) settle(p, h, 0)

/* ---- depot.c ---- */

/* claim(), of which the rest is in depot.pml: ok */
inline claim(r)
{
	w = row[r];
	if
	:: STATE(w) == DEPOT && FREE(w) != 0 ->
		ROW_CAS(r, w, row_claim(w, me), ok, skip)
	:: else
	fi;
	w = 0
}

/* lab_depot_release_shared() of a row that a member of our team holds */
inline release_shared(r, holder)
{
	w = row[r];
#ifdef BROKEN_NAME_UNPINNED
	do
	:: is_held_by(w, holder) ->
		out = FULL & ~FREE(w);
		lent[r] = lent[r] | out;
		name_words(r, out, holder);
		words_clean(r, FREE(w));
		atomic {
			ROW_CAS(r, w, row_release(w, 0), ok, skip);
			if
			:: ok -> break
			:: else
			fi
		}
	:: else -> break
	od;
#else
	/* Make it ours first, unless the holder is at work in it; lent before that. */
	do
	:: is_held_by(w, holder) && !PINNED(w) ->
		atomic { out = FULL & ~FREE(w); lent[r] = lent[r] | out }
		atomic {
			ROW_CAS(r, w, row_pin(w, me), ok, skip);
			if
			:: ok -> w = row_pin(w, me); break
			:: else -> out = 0
			fi
		}
	:: else -> break
	od;
	if
	:: ok ->
		name_words(r, out, me);
		do
		:: atomic {
			true ->
			ROW_CAS(r, w, row_release(w, 0), ok, skip);
			if
			:: ok -> break
			:: else -> assert(is_held_by(w, me))
			fi
			}
		od
	:: else
	fi;
#endif
	atomic { w = 0; out = 0; ok = 0 }
}

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
	own[0] = A; own[1] = A; handle[0] = 1; handle[1] = 1; newer[0] = 1; newer[1] = 1; word[0] = page_row(1); \
	row[0] = ROW_WORD(0, A, HELD, 0, 0, 0)
#define END assert(own[1] == A && (own[0] == 0 || (own[0] == A && offered[0] == B)))

#elif SCENARIO == TEAM

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	release(0, me);
	claim(0);
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
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0, 0)
#define END assert(FREE(row[0]) == FULL)

#elif SCENARIO == PRESSURE

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	alloc_shared(0);
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
	:: claim(0);
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
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0, 0)
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
	:: claim(0);
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
	row[0] = ROW_WORD(0, A, HELD, 0, 0, 0)
#define END assert((FREE(row[0]) | mine[0]) == FULL)

#elif SCENARIO == RIVALS

proctype a()
{
	OWNER_LOCALS;
	byte me = A;

	page_free(0, 1);
	if
	:: why == NONE ->
		alloc_shared(0);
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
	row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0, 0)
#define END assert((FREE(row[0]) | mine[0]) == FULL)

#elif SCENARIO == HANDLER

/* lab_held_free() alone: ok */
inline free_alone(p)
{
	w = row[0];
	m = mine[0];
	l = lent[0];
	if
	:: is_held_by(w, me) && ((m | l | FREE(w)) & BIT(p)) == 0 ->
		SET_MINE(0, m | BIT(p), doubt = BIT(p));
		/* a handler that freed it since we looked */
		d_step {
			w = row[0];
			l = FREE(w) & BIT(p);
			if
			:: l == 0 ->
				now_free(p, me, ANY_GENERATION);
				doubt = 0;
				ok = 1;
				check_state()
			:: else
			fi
		}
		if
		:: l != 0 -> SET_MINE(0, m, doubt = 0)
		:: else
		fi
	:: else
	fi;
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
	:: claim(0);
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
	handle[0] = 1; handle[1] = 1; newer[0] = 1; newer[1] = 1; \
	if \
	:: own[0] = A; row[0] = ROW_WORD(BIT(1), A, HELD, 0, 0, 0) \
	:: own[0] = A; row[0] = ROW_WORD(0, A, HELD, 0, 0, 0); mine[0] = BIT(1) \
	:: row[0] = ROW_WORD(FULL, A, HELD, 0, 0, 0) \
	fi
#define END assert(IS_SOUND(0) && IS_SOUND(1) && doubt == 0)

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
