/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * Death at any step, and reclaim, by reclaimers that may die at it.
 *
 * Stands for, in lib/pool:
 *   reclaim.c   is_dead(), announce(), unnamed_pages(), release_adopted(),
 *               reclaim_row(), is_half_freed(), reclaim_page(), reclaim_slot(),
 *               retire(), labyrinth_reclaim()
 *   owner.c     claim_slot(), is_reclaimed(), lab_owner_heir(), of
 *               labyrinth_owner_register() what reclaim sees of it
 *   depot.c     changes(), correct(), lab_depot_recount(), lab_depot_begin(),
 *               lab_depot_end()
 *   transfer.c  rename_page() of a page that its word names, to a peer that dies
 * and as what the dead were in the middle of: lab_depot_reserve(), claim(), harvest(),
 * lab_held_commit(), lab_held_free(), lab_depot_release(), take_from(), lab_page_free().
 *
 * X dies: by the killer, at any step of what it does, or when it has done it. R reclaims
 * X, and may be killed at any step too. S survives: it reclaims X, and then R if that is
 * dead, and X again if that was left undone. D lives on, and does something meanwhile.
 * That a thread is dead is the kernel's word: killed[]. The SCENARIO is
 *   ALONE    X owns two rows' pages in every way, alone, and is in the middle of a claim,
 *            a single take, a free or a release; D frees a page that X gave it.
 *   TEAM     X and D are a team; X holds the row; both free pages, X gives its row back.
 *   LENT     D holds the row and takes the page of it that X frees.
 *   GIVE     D transfers a page to X.
 *   RECOUNT  X takes and frees a page; so does D; R and S mend the counter.
 *   SLOT     X has nothing left; a new owner, N, registers meanwhile.
 *
 * Abstracted: hints; the work of the kernel (the robust mutex); statistics.
 *
 * Proven:
 *  - In every state: counter + between == stock, where between is what live owners and
 *    the dead are or were between the two steps of; a page in a free mask is owned by
 *    nobody who lives, and row or word of a page that is owned tell by whom.
 *  - In the end all pages of the dead are free, each once (a second free of a page would
 *    break the sum), those of the living are theirs; the slot of the dead is unused;
 *    after the recount, at most one for each death, counter == stock.
 *  - A slot that was given to a new owner is not retired by a late reclaimer.
 *  - S and D never wait for anybody (-DNP), see depot.pml; X, R may stop anywhere.
 */

#define CLAIM 1
#define TAKE 2
#define FREE_ALONE 3
#define RELEASE 4
#define TEAM 5
#define LENT 6
#define GIVE 7
#define RECOUNT 8
#define DEATHS 9
#define THIEF 10
#define SLOT 11

#define IS_RECOUNT (SCENARIO == RECOUNT || SCENARIO == DEATHS)

#define X 1
#define R 2
#define S 3
#define D 4

/* Whose the pages of the dead are until they are free. */
#define LOST 7
#define NO_SLOT 0

#define ROWS 1
#if SCENARIO == TAKE || SCENARIO == FREE_ALONE || SCENARIO == RELEASE || SCENARIO == GIVE
#define NO_PASS
#endif
#define PER_ROW 2

#if SCENARIO == TEAM
#define team_of(slot) ((slot) == D -> X : (slot))
#else
#define team_of(slot) (slot)
#endif

byte counter, between;
byte epoch;                   /* of the counter: how often it was corrected */
byte own[ROWS * PER_ROW];     /* team that owns a page, 0: it is free */
byte handle[ROWS * PER_ROW];

/* struct labyrinth_owner */
byte team[5];
#define CLAIMING 6
byte bound[5];
#define BOUND_NOT 0
#define BOUND_ALIVE 1
#define BOUND_DEAD 2
byte reclaiming[5];
byte changing[5], changed[5];
byte due;
byte corrected;

bool doomed[5];
bool killed[5];
bool ended[5];
bool registered; /* SLOT: N has X's slot */

#define STOCK_OF(r) (is_counted(row[r]) -> COUNT(FREE(row[r])) : 0)
#define STOCK STOCK_OF(0)
#define ALL_SOUND (IS_SOUND(0) && IS_SOUND(1))

#define IS_FREE(p) (((FREE(row[ROW_OF(p)]) | mine[ROW_OF(p)]) & BIT(p)) != 0)
#define IS_TOLD(p) (own[p] == 0 || own[p] == LOST || (is_named(word[p]) -> \
	team_of(OWNER(word[p])) == own[p] : \
	WHAT(word[p]) == ROW && STATE(row[ROW_OF(p)]) == HELD && \
	team_of(HOLDER(row[ROW_OF(p)])) == own[p]))
#define IS_SOUND(p) (IS_FREE(p) -> own[p] == 0 && !is_named(word[p]) : IS_TOLD(p))

#define check_state() \
	assert(counter + between == STOCK); \
	assert(ALL_SOUND)

#define STOCK_IN(w) (is_counted(w) -> COUNT(FREE(w)) : 0)

/* Between the steps: taking lowers the counter first, giving sets the bits first. */
#define row_changed(r, new) \
	if \
	:: STOCK_OF(r) > STOCK_IN(new) -> \
		assert(between >= STOCK_OF(r) - STOCK_IN(new)) \
	:: else \
	fi; \
	between = between + STOCK_IN(new) - STOCK_OF(r); \
	found(r, 0, new); \
	found(r, 1, new)

/* Pages of the dead that are free now were found. */
#define found(r, i, new) \
	if \
	:: own[PAGE(r, i)] == LOST && (FREE(new) & (1 << (i))) != 0 -> own[PAGE(r, i)] = 0 \
	:: else \
	fi

#define now_owned(p, slot) \
	assert(own[p] == 0); \
	own[p] = (killed[slot] && SCENARIO != TEAM -> LOST : team_of(slot)); \
	handle[p] = GENERATION(word[p])

#define now_free(p, slot, h) \
	assert(own[p] == team_of(slot) || (own[p] == LOST && (slot == R || slot == S))); \
	assert((h) == ANY_GENERATION || (h) == handle[p]); \
	own[p] = 0

#include "pool.pml"

/* lab_depot_gained(), of which the hint is in depot.pml */
inline gained(r, k)
{
	d_step {
		counter = counter + (k);
		between = between - (k);
		check_state()
	}
}

/* ---- what the dead are in the middle of ---- */

/* lab_depot_reserve() without a floor: ok */
inline reserve(want)
{
	g = counter;
	do
	:: atomic {
		g >= (want) ->
		if
		:: counter == g ->
			counter = g - (want);
			between = between + (want);
			ok = 1;
			break
		:: else -> g = counter
		fi
		}
	:: else -> break
	od;
	g = 0
}

inline unreserve(k)
{
	d_step {
		counter = counter + (k);
		between = between - (k);
		check_state()
	}
}

/* claim() of row r: ok */
inline claim(r)
{
	w = row[r];
	if
	:: STATE(w) == DEPOT && FREE(w) != 0 ->
		reserve(COUNT(FREE(w)));
		if
		:: ok ->
			bits = COUNT(FREE(w));
			ROW_CAS(r, w, row_claim(w, me), ok, skip);
			if
			:: !ok -> unreserve(bits)
			:: else
			fi
		:: else
		fi
	:: else
	fi;
	atomic { w = 0; bits = 0 }
}

/* lab_depot_take() from row r: bits */
inline take(r)
{
	reserve(1);
	if
	:: ok ->
		ok = 0;
		take_from(r);
		if
		:: bits == 0 -> unreserve(1)
		:: else
		fi
	:: else
	fi
}

/* lab_held_free() alone */
inline free_alone(p)
{
	w = row[ROW_OF(p)];
	m = mine[ROW_OF(p)];
	l = lent[ROW_OF(p)];
	if
	:: is_held_by(w, me) && ((m | l | FREE(w)) & BIT(p)) == 0 ->
		SET_MINE(ROW_OF(p), m | BIT(p), now_free(p, me, ANY_GENERATION));
		assert((FREE(row[ROW_OF(p)]) & BIT(p)) == 0);
		ok = 1
	:: else
	fi;
	atomic { w = 0; m = 0; l = 0 }
}

/* lab_depot_begin() and lab_depot_end() */
#define begin() changing[me] = changing[me] + 1
#define end() changed[me] = changed[me] + 1

/* RECOUNT: what taking and giving a page do to counter and bits, the rest left out */
inline take_bit()
{
	begin();
	reserve(1);
	if
	:: atomic { ok -> ok = 0 }
		w = row[0];
		do
		:: atomic {
			true ->
			bits = 1 << LOWEST(FREE(w));
			ROW_CAS(0, w, ROW_WORD(FREE(w) & ~bits, 0, DEPOT, 0, 0, 0), ok, skip);
			if
			:: ok -> break
			:: else
			fi
			}
		od;
		atomic { w = 0; ok = 0 }
	:: else
	fi;
	end()
}

inline give_bit()
{
	if
	:: bits != 0 ->
		begin();
		w = row[0];
		do
		:: atomic {
			true ->
			ROW_CAS(0, w, row_give(w, bits), ok, skip);
			if
			:: ok -> break
			:: else
			fi
			}
		od;
		atomic { w = 0; ok = 0; bits = 0 }
		gained(0, 1);
		end()
	:: else
	fi
}

/* ---- reclaim.c ---- */

/* is_dead(): ok */
inline is_dead(slot)
{
	b = bound[slot];
	if
	:: atomic { b == BOUND_ALIVE && killed[slot] -> ok = 1 }
		d_step {
			if
			:: bound[slot] == BOUND_ALIVE -> bound[slot] = BOUND_DEAD
			:: else
			fi
		}
		ok = (bound[slot] == BOUND_DEAD)
	:: b == BOUND_ALIVE && !killed[slot]
	:: b != BOUND_ALIVE -> ok = (b == BOUND_DEAD)
	fi;
	b = 0
}

/* unnamed_pages(): out; adopted row r is ours */
inline release_adopted(r)
{
	w = row[r];
	atomic { out = FULL; rest = FULL }
	do
	:: atomic {
		rest != 0 ->
		v = word[PAGE(r, LOWEST(rest))];
		out = (WHAT(v) == ROW -> out : out & ~(rest & ~(rest - 1)));
		rest = rest & (rest - 1);
		v = 0
		}
	:: else -> break
	od;
#ifdef BROKEN_MINE_OF_STOLEN
	mine[r] = 0;
#else
	m = mine[r];
	if
	:: m != 0 -> SET_MINE(r, 0, skip)
	:: else
	fi;
	m = 0;
#endif
	do
	:: atomic {
		is_held_by(w, me) ->
		ROW_CAS(r, w, row_release(w, out), ok, skip);
		if
		:: ok -> break
		:: else
		fi
		}
	:: else -> break
	od;
	if
	:: ok -> gained(r, COUNT(FREE(w) | out))
	:: else
	fi;
	atomic { w = 0; out = 0; ok = 0 }
}

/* In a team the row goes to the heir by one CAS, with all that is out of it. */
#ifdef BROKEN_TEAM_ADOPTION
#define adopter (me)
#else
#define adopter (heir == 0 -> me : heir)
#endif
#define adopted(w) (heir == 0 -> row_pin(w, me) : \
	ROW_WORD(FREE(w), adopter, HELD, 0, NEXT(w), 0))

inline reclaim_row(r, slot)
{
	w = row[r];
	do
	:: atomic { STATE(w) == TAKING && HOLDER(w) == slot -> w = 0 }
		help(r)
	:: atomic {
		is_held_by(w, slot) ->
		ROW_CAS(r, w, adopted(w), ok, skip);
		if
		:: ok -> break
		:: else
		fi
		}
	:: else -> break
	od;
	w = 0;
	if
	:: atomic { ok && heir == 0 -> ok = 0 }
		release_adopted(r)
	:: atomic { ok && heir != 0 -> ok = 0 }
#ifdef BROKEN_TEAM_ADOPTION
		release(r, heir)
#endif
	:: !ok
	fi
}

#define lose_again(p) \
	assert(own[p] == 0); \
	own[p] = LOST

/* is_half_freed() is the middle of it */
inline reclaim_page(p, slot)
{
	v = word[p];
	do
	:: atomic {
		OWNER(v) == slot && WHAT(v) == FREED ->
		n = row[ROW_OF(p)];
		if
		:: (FREE(n) & BIT(p)) != 0 || (STATE(n) == TAKING && 1 << PICK(n) == BIT(p)) ->
			break
		:: else
		fi
		}
#ifdef BROKEN_NO_ADOPTION
		atomic { ok = 1; rest = 1; break }
#else
		atomic {
			WORD_CAS(p, v, page_owned(GENERATION(v), me), ok, lose_again(p));
			if
			:: ok -> rest = 1; break
			:: else
			fi
		}
#endif
	:: atomic {
		OWNER(v) == slot && is_named(v) ->
		WORD_CAS(p, v, page_owned(GENERATION(v), (heir == 0 -> me : heir)), ok, skip);
		if
		:: ok -> rest = (heir == 0); break
		:: else
		fi
		}
	:: else -> break
	od;
	atomic { n = 0; v = 0; ok = 0 }
	if
	:: rest ->
		rest = 0;
#ifdef BROKEN_NO_ADOPTION
		v = word[p];
		if
		:: WHAT(v) == FREED -> give_freed(p)
		:: else -> page_free(p, ANY_GENERATION)
		fi;
		v = 0
#else
		page_free(p, ANY_GENERATION)
#endif
	:: else
	fi;
	why = 0
}

/* Rows first: a take that is finished here names its page, seen below. */
inline reclaim_slot(slot)
{
#if IS_RECOUNT
	if
	:: slot == X || SCENARIO == DEATHS -> recount()
	:: else /* R never changed the depot */
	fi
#elif SCENARIO != SLOT
	heir = (SCENARIO == TEAM && slot == X -> D : 0);
	reclaim_row(0, slot);
	reclaim_page(0, slot);
	reclaim_page(1, slot);
	heir = 0
#else
	skip
#endif
}

#if SCENARIO == SLOT
#define announce(who, slot) reclaiming[who] = slot
#else
#define announce(who, slot) skip
#endif

/* labyrinth_reclaim() and retire() */
#if SCENARIO != SLOT && SCENARIO != GIVE && !IS_RECOUNT
/* X and R do not come back, so that what protects their slots is of no account. */
inline reclaim(slot)
{
	reclaim_slot(slot);
	team[slot] = 0
}
#elif defined(BROKEN_RETIRE_BY_BOUND)
inline reclaim(slot)
{
	l = team[slot];
	if
	:: l != 0 ->
		announce(me, slot);
		is_dead(slot);
		if
		:: atomic { ok -> ok = 0 }
			reclaim_slot(slot);
			d_step {
				if
				:: bound[slot] == BOUND_DEAD -> bound[slot] = BOUND_NOT; ok = 1
				:: else
				fi
			}
			if
			:: atomic { ok -> ok = 0 }
				announce(slot, NO_SLOT);
				changing[slot] = 0;
				changed[slot] = 0;
				team[slot] = 0
			:: else
			fi
		:: else
		fi;
		announce(me, NO_SLOT)
	:: else
	fi;
	l = 0
}
#else
inline reclaim(slot)
{
	announce(me, slot);
	l = team[slot];
	if
	:: l != 0 && l != CLAIMING ->
		is_dead(slot);
		if
		:: atomic { ok -> ok = 0 }
			reclaim_slot(slot);
			/* While we announce the slot it is not used anew: all of this can
			 * be done twice, or the rest of it by the next. */
			announce(slot, NO_SLOT);
			team[slot] = 0
		:: else
		fi
	:: else
	fi;
	l = 0;
	announce(me, NO_SLOT)
}
#endif

/* ---- lab_depot_recount() ---- */

#if IS_RECOUNT

/* changes() of one slot: sum, quiet */
inline look_at_changes(slot)
{
	atomic { t = changed[slot]; sum = sum + t }
	vr = (team[slot] != 0 && bound[slot] != BOUND_DEAD);
	atomic {
		quiet = quiet && (!vr || t == changing[slot]);
#ifndef BROKEN_SUM_OF_DONE
		/* Of the dead, too: it may have begun something after the first look. */
		sum = sum + changing[slot];
#endif
		t = 0;
		vr = 0
	}
}

#ifdef BROKEN_EPOCH
#define IS_EPOCH(n) true
#else
#define IS_EPOCH(n) (epoch == (n))
#endif

/* the other one that changes the depot */
#if SCENARIO == DEATHS
#define OTHER R
#else
#define OTHER D
#endif

inline recount()
{
#ifdef BROKEN_DUE_IS_A_FLAG
	due = 1;
#else
	atomic { due++; l = due }
#endif
	atomic { quiet = 1; sum = 0 }
	look_at_changes(X);
	look_at_changes(OTHER);
	if
	:: quiet ->
		atomic { g = counter; n = epoch }
		atomic { w = row[0]; bits = STOCK_IN(w); w = 0 }
		atomic { rest = sum; sum = 0 }
		look_at_changes(X);
		look_at_changes(OTHER);
#ifdef BROKEN_RECOUNT_UNCHECKED
		atomic { quiet = 1; rest = sum }
#endif
		if
		:: quiet && rest == sum ->
			if
			:: bits != g ->
				/* correct() */
				d_step {
					if
					:: IS_EPOCH(n) ->
						assert(between >= bits - g);
						counter = counter + bits - g;
						between = between - (bits - g);
						epoch++;
						corrected++;
						check_state();
						ok = 1
					:: else
					fi
				}
			:: else -> ok = 1
			fi
		:: else
		fi
	:: else
	fi;
	if
	:: atomic { ok ->
#ifdef BROKEN_DUE_IS_A_FLAG
		due = 0;
#else
		/* not if another death was seen meanwhile */
		due = (due == l -> 0 : due);
#endif
		ok = 0
		}
	:: else
	fi;
	atomic { quiet = 0; sum = 0; rest = 0; g = 0; n = 0; bits = 0; l = 0 }
}

#endif

/* ---- transfer.c: a page that its word names, to a peer that may be dying ---- */

inline give_page(p, peer)
{
	l = team[peer];
	if
	:: l != 0 ->
		v = word[p];
		WORD_CAS(p, v, page_owned(1, peer), ok,
			own[p] = (killed[peer] -> LOST : peer));
		assert(ok);
		ok = 0;
#ifndef BROKEN_GIVE_TO_DEAD
		/* Its reclaimer may have passed by already. If not, it sees the page. */
		b = bound[peer];
		l = team[peer];
		if
		:: b == BOUND_DEAD || l == 0 ->
			v = page_owned(1, peer);
			WORD_CAS(p, v, page_owned(1, me), ok, own[p] = me)
		:: else
		fi;
#endif
	:: else
	fi;
	atomic { v = 0; l = 0; b = 0; ok = 0 }
}

/* ---- owner.c: a new owner, N, in the slot of the dead; it lives ---- */

/* claim_slot(), labyrinth_owner_register(), labyrinth_owner_bind() */
inline register(slot)
{
	(killed[slot]);
	do
	:: atomic {
		l == 3 -> break /* tries */
		}
	:: atomic {
		else ->
		l++;
		if
		:: team[slot] == 0 -> team[slot] = CLAIMING; ok = 1
		:: else
		fi
		}
		if
		:: ok ->
#ifndef BROKEN_UNANNOUNCED
			ok = ok && reclaiming[R] != slot;
			ok = ok && reclaiming[S] != slot;
#endif
			if
			:: atomic { !ok -> team[slot] = 0 }
			:: else ->
				bound[slot] = BOUND_NOT;
				team[slot] = slot;
				/* another thread, another mutex */
				atomic { bound[slot] = BOUND_ALIVE; killed[slot] = false }
				registered = true;
				break
			fi
		:: else
		fi
	od;
	atomic { l = 0; ok = 0 }
}

/* ---- the processes ---- */

/* In a team what X held is the team's. */
#if SCENARIO == TEAM
#define lose(p) skip
#else
#define lose(p) own[p] = (own[p] == me -> LOST : own[p])
#endif

/* The killed one takes no step more. What it had in registers is forgotten. */
proctype killer(byte slot)
{
	doomed[slot] = true
}

#define DIE(slot) \
	killed[me] = true; \
	ended[me] = true; \
	lose(0); \
	lose(1); \
	FORGET

#define MORTAL unless { atomic { doomed[me] -> DIE(me) } }

#if IS_RECOUNT
#define OWNER_LOCALS \
	short w; \
	byte n, t, g, bits, rest, l, b, sum; \
	bit ok, vr, quiet
#define FORGET \
	w = 0; n = 0; t = 0; g = 0; bits = 0; rest = 0; l = 0; b = 0; sum = 0; ok = 0; \
	vr = 0; quiet = 0
#else
#define OWNER_LOCALS \
	LOCALS; \
	byte p, b, heir
#define FORGET \
	w = 0; t = 0; n = 0; v = 0; g = 0; vr = 0; vw = 0; vg = 0; m = 0; bits = 0; \
	rest = 0; l = 0; out = 0; ok = 0; why = 0; p = 0; b = 0; heir = 0
#endif

inline free_valid(p, h)
{
	page_free(p, h);
	assert(why == NONE)
}

inline free_taken()
{
	if
	:: bits != 0 ->
		atomic { p = LOWEST(bits); bits = 0 }
		free_valid(p, ANY_GENERATION);
		p = 0
	:: else
	fi
}

proctype x()
{
	OWNER_LOCALS;
	byte me = X;

	{
#if SCENARIO == CLAIM
		claim(0);
		if
		:: ok ->
			ok = 0;
			alloc_alone(0);
			bits = 0;
			release(0, me)
		:: else
		fi
#elif SCENARIO == TAKE
		take(0);
		free_taken()
#elif SCENARIO == FREE_ALONE
		free_alone(0);
		ok = 0;
		release(0, me)
#elif SCENARIO == RELEASE
		release(0, me);
		free_valid(0, 1)
#elif SCENARIO == TEAM
		if
		:: free_valid(1, 1)
		:: release(0, me)
		:: alloc_shared(0)
		fi
#elif SCENARIO == LENT
		free_valid(0, 1)
#elif IS_RECOUNT
		if
		:: take_bit()
		:: bits = BIT(1);
			give_bit()
		fi
#else
		skip
#endif
		;
		atomic { DIE(me) }
	} MORTAL
}

proctype r()
{
	OWNER_LOCALS;
	byte me = R;

#if SCENARIO == DEATHS
	{
		take_bit();
		atomic { DIE(me) }
	} MORTAL
#else
	(killed[X] || registered);
	{
		reclaim(X);
		ended[me] = true
	} MORTAL
#endif
}

proctype s()
{
	OWNER_LOCALS;
	byte me = S;

	(killed[X] || registered);
	reclaim(X);
	(ended[R]);
	if
	:: killed[R] -> reclaim(R)
	:: else
	fi;
#if IS_RECOUNT
	/* recounted() of alloc.c, which somebody calls sooner or later */
	(ended[D]);
	if
	:: due -> recount()
	:: else
	fi;
	assert(!due && counter == STOCK);
#endif
	ended[S] = true
}

proctype d()
{
	OWNER_LOCALS;
	byte me = D;

#if SCENARIO == CLAIM || SCENARIO == TAKE || SCENARIO == FREE_ALONE || SCENARIO == RELEASE
	free_valid(1, 1);
#elif SCENARIO == TEAM
	if
	:: free_valid(0, 1)
	:: free_in_team(0);
		if
		:: !ok -> free_valid(0, ANY_GENERATION)
		:: else -> ok = 0
		fi
	fi;
#elif SCENARIO == LENT
	alloc_alone(0);
	free_taken();
#elif SCENARIO == RECOUNT
	take_bit();
	give_bit();
#elif SCENARIO == DEATHS
	/* as an alloc that fails */
	(killed[X]);
	if
	:: due -> recount()
	:: else
	fi;
#elif SCENARIO == THIEF
	steal(0);
	claim(0);
	if
	:: ok ->
		ok = 0;
		alloc_alone(0);
		free_taken();
		release(0, me)
	:: else
	fi;
#elif SCENARIO == GIVE
	give_page(1, X);
#elif SCENARIO == SLOT
	register(X);
#endif
	ended[D] = true
}

#ifdef NO_PASS
#define BEGIN_NEWER word[0] = page_row(1)
#else
#define BEGIN_NEWER newer[0] = 1; newer[1] = 1
#endif

#if SCENARIO == CLAIM || SCENARIO == TAKE
#define BEGIN \
	row[0] = ROW_WORD(BIT(0), 0, DEPOT, 0, 0, 0); \
	lent[0] = BIT(1); \
	word[1] = page_owned(1, D); \
	own[1] = D; handle[1] = 1; BEGIN_NEWER
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(team[X] == 0)
#elif SCENARIO == FREE_ALONE || SCENARIO == RELEASE
#define BEGIN \
	row[0] = ROW_WORD(0, X, HELD, 0, 0, 0); \
	lent[0] = BIT(1); \
	word[1] = page_owned(1, D); \
	own[0] = X; own[1] = D; handle[0] = 1; handle[1] = 1; BEGIN_NEWER
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(team[X] == 0)
#elif SCENARIO == TEAM
#define BEGIN \
	row[0] = ROW_WORD(0, X, HELD, 0, 0, 0); \
	lent[0] = BIT(1); \
	word[1] = page_owned(1, D); \
	own[0] = X; own[1] = X; handle[0] = 1; handle[1] = 1; BEGIN_NEWER
#define END \
	assert(ALL_SOUND && team[X] == 0); \
	assert(!(STATE(row[0]) == HELD && HOLDER(row[0]) != D)); \
	assert(own[0] != LOST && own[1] != LOST); \
	assert(IS_FREE(0) == (own[0] == 0) && IS_FREE(1) == (own[1] == 0))
#elif SCENARIO == LENT
#define BEGIN \
	row[0] = ROW_WORD(0, D, HELD, 0, 0, 0); \
	lent[0] = BIT(0); \
	word[0] = page_owned(1, X); \
	own[0] = X; own[1] = D; handle[0] = 1; handle[1] = 1; BEGIN_NEWER
#define END \
	assert(own[0] == 0 && own[1] == D && IS_FREE(0)); \
	assert(team[X] == 0)
#elif IS_RECOUNT
#define BEGIN row[0] = ROW_WORD(BIT(0), 0, DEPOT, 0, 0, 0)
#define END assert(team[X] == 0)
#elif SCENARIO == THIEF
#define BEGIN row[0] = ROW_WORD(FULL, X, HELD, 0, 0, 0)
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(team[X] == 0)
#elif SCENARIO == GIVE
#define BEGIN \
	row[0] = ROW_WORD(BIT(0), 0, DEPOT, 0, 0, 0); \
	lent[0] = BIT(1); \
	word[1] = page_owned(1, D); \
	own[1] = D; handle[1] = 1
#define END \
	assert(own[1] == 0 && IS_FREE(1) || own[1] == D); \
	assert(team[X] == 0)
#elif SCENARIO == SLOT
#define BEGIN skip
#define END \
	assert(registered -> team[X] == X && bound[X] == BOUND_ALIVE : team[X] == 0)
#endif

init {
	atomic {
		BEGIN;
		counter = STOCK;
		team[X] = team_of(X); team[R] = R; team[S] = S; team[D] = team_of(D);
		bound[X] = BOUND_ALIVE; bound[R] = BOUND_ALIVE;
		bound[S] = BOUND_ALIVE; bound[D] = BOUND_ALIVE;
		run x();
		run r();
		run s();
		run d();
		run killer(X);
		run killer(R)
	}
	(ended[S] && ended[D]);
	END
}
