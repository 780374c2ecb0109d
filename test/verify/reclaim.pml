/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * Death at any step, and reclaim, by reclaimers that may die at it.
 *
 * Stands for, in lib/pool:
 *   reclaim.c   keep(), unnamed_pages(), release_adopted(), reclaim_row(),
 *               is_half_freed(), is_orphan(), fate_of(), reclaim_page(), reclaim_slot(),
 *               reclaim_in_team(), retire(), labyrinth_reclaim()
 *   owner.c     lab_owner_is_dead(), claim_slot(), is_kept(), lab_owner_free_slot(),
 *               is_mate(), lab_owner_has_mates(), lab_owner_is_leaving(),
 *               lab_owner_unpeer(), of labyrinth_owner_register() and
 *               labyrinth_owner_bind() what reclaim sees
 *   depot.c     changes(), correct(), recount_one(), lab_depot_recount(),
 *               lab_depot_begin(), lab_depot_end(), lab_depot_release_dead()
 *   transfer.c  find_peer(), is_gone(), give(), take_back() of a page that its word
 *               names; settle()
 * and as what the dead were in the middle of: lab_depot_reserve(), claim(), harvest(),
 * lab_held_commit(), lab_held_free(), lab_depot_release(), take_from(), lab_page_free(),
 * lab_magazine_free(), lab_magazine_take(), lab_magazine_spill(), lab_handover_give(),
 * lab_handover_free().
 *
 * X dies: by the killer, at any step of what it does, or when it has done it. R reclaims
 * X, and may be killed at any step too. S survives: it reclaims X, and then R if that is
 * dead, and X again if that was left undone. D lives on, and does something meanwhile.
 * That a thread is dead is the kernel's word: killed[]. The SCENARIO is
 *   CLAIM, TAKE, FREE_ALONE, RELEASE  X is alone, and in the middle of such a call; D
 *            frees a page of the same row that its word names.
 *   TEAM, TEAM_GIVES_BACK, TEAM_TAKES  X and D are a team; X holds the row; X frees a
 *            page, gives the row back, or takes one; D frees a page. S begins when R has
 *            ended or is dead.
 *   TEAM_TWICE  as TEAM, but R lives, and S begins at once.
 *   LENT     D holds the row and takes the page of it that X frees.
 *   OFFERING X has offered a page to D, which accepts it.
 *   MAGAZINE X frees a page into its magazine, and takes it again or spills it.
 *   HANDOVER X gives a page to D.
 *   THIEF    X's row is wholly free; D takes it back, claims it, takes and frees a page.
 *   HEIR     X, D and E are a team of the number of D; X is dead, D dies at any moment while
 *            R leaves the team what X had; S reclaims D.
 *   LAST     the same without E: nobody is left to be there for the team.
 *   GIVE     D transfers a page to X; a new owner registers in X's slot meanwhile.
 *   ORPHAN   the same, but D may die.
 *   GIVEN_TWICE  as GIVE, but D tries again, while S reclaims E, which has nothing to do
 *            with them.
 *   RECOUNT  X takes or gives a page; D takes one; R and S mend the counter.
 *   DEATHS   X takes or gives a page; so does R, while X's death is mended.
 *   SLOT     X has nothing left but an offer that S made it; a new owner, N, registers
 *            meanwhile, and accepts what it may.
 *
 * Abstracted: hints (depot.pml); the work of the kernel (the robust mutex); statistics.
 * Left out: who joins a team meanwhile, so is_over(), and KEEP_TEAM.
 *
 * Proven:
 *  - In every state: counter + between == stock, where between is what live owners and
 *    the dead are or were between the two steps of; a page in a free mask is owned by
 *    nobody who lives, and row or word of a page that is owned tell by whom.
 *  - In the end all pages of the dead are free, each once (a second free of a page would
 *    break the sum), or in a team a living mate's; those of the living are theirs; the
 *    slot of the dead is unused, and nothing names it; after the recount counter == stock.
 *  - A slot that was given to a new owner is not retired by a late reclaimer, and what
 *    was offered to the dead is not the new owner's to accept.
 *  - S and D never wait for anybody (-DNP), see depot.pml; X, R may stop anywhere.
 */

#define CLAIM 1
#define TAKE 2
#define FREE_ALONE 3
#define RELEASE 4
#define TEAM 5
#define TEAM_GIVES_BACK 14
#define TEAM_TAKES 15
#define TEAM_TWICE 16
#define LENT 6
#define GIVE 7
#define RECOUNT 8
#define DEATHS 9
#define THIEF 10
#define SLOT 11
#define HEIR 12
#define OFFERING 13
#define MAGAZINE 17
#define HANDOVER 18
#define ORPHAN 19
#define GIVEN_TWICE 20
#define LAST 21

#define IS_GIVE (SCENARIO == GIVE || SCENARIO == ORPHAN || SCENARIO == GIVEN_TWICE)
#define IS_RECOUNT (SCENARIO == RECOUNT || SCENARIO == DEATHS)
#define IS_TEAM_OF_TWO \
	(SCENARIO == TEAM || SCENARIO == TEAM_GIVES_BACK || SCENARIO == TEAM_TAKES || \
	SCENARIO == TEAM_TWICE)
#define IS_TEAM_THAT_DIES (SCENARIO == HEIR || SCENARIO == LAST)
#define IS_TEAM (IS_TEAM_OF_TWO || IS_TEAM_THAT_DIES)

#define X 1
#define R 2
#define S 3
#define D 4
#define E 5

/* Whose the pages of the dead are until they are free. */
#define LOST 7
#define NO_SLOT 0

#define ROWS 1
#if SCENARIO == TAKE || SCENARIO == FREE_ALONE || SCENARIO == RELEASE || \
	IS_GIVE || SCENARIO == SLOT || SCENARIO == OFFERING || IS_TEAM
#define NO_PASS
#endif

/* The number of the team, where there is one: that of D, its first member. */
#define TEAM_NUMBER D

#if SCENARIO == HEIR
#define team_of(slot) ((slot) == X || (slot) == E -> TEAM_NUMBER : (slot))
#define is_shared(slot) ((slot) == X || (slot) == D || (slot) == E)
#elif IS_TEAM
#define team_of(slot) ((slot) == X -> TEAM_NUMBER : (slot))
#define is_shared(slot) ((slot) == X || (slot) == D)
#else
#define team_of(slot) (slot)
#define is_shared(slot) false
#endif

#if SCENARIO == TEAM_TWICE || IS_GIVE
#define R_IS_MORTAL 0
#else
#define R_IS_MORTAL 1
#endif

byte counter, between;
byte epoch;                   /* of the counter: how often it was corrected */
byte own[2];                  /* team that owns a page, 0: it is free */
byte handle[2];
byte offered[2];

/* struct labyrinth_owner */
byte team[6];
#define CLAIMING 6
byte bound[6];
#define BOUND_NOT 0
#define BOUND_ALIVE 1
#define BOUND_DEAD 2
byte keeps[6], keeps_orphan[6];
byte changing[6], changed[6];
byte due;

bool doomed[6];
bool killed[6];
bool ended[6];
bool registered;              /* N has X's slot */
byte tenure[6];
byte given;                   /* GIVE: 1 + tenure of whom the page was given to, if it was */

#define STOCK_IN(w) (is_counted(w) -> COUNT(FREE(w)) : 0)
#define STOCK STOCK_IN(row[0])
#define ALL_SOUND (IS_SOUND(0) && IS_SOUND(1))

#define IS_FREE(p) (((FREE(row[0]) | mine[0]) & BIT(p)) != 0)
#define IS_TOLD(p) (own[p] == 0 || own[p] == LOST || (is_named(word[p]) -> \
	team_of(OWNER(word[p])) == own[p] : \
	is_unnamed(word[p]) && STATE(row[0]) == HELD && team_of(HOLDER(row[0])) == own[p]))
#define IS_SOUND(p) (IS_FREE(p) -> own[p] == 0 && !is_named(word[p]) : IS_TOLD(p))

#define check_state() \
	assert(counter + between == STOCK); \
	assert(ALL_SOUND)

/* Between the steps: taking lowers the counter first, giving sets the bits first. */
#define row_changed(r, new) \
	if \
	:: STOCK > STOCK_IN(new) -> assert(between >= STOCK - STOCK_IN(new)) \
	:: else \
	fi; \
	between = between + STOCK_IN(new) - STOCK; \
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
	own[p] = (killed[slot] && !IS_TEAM -> LOST : team_of(slot)); \
	handle[p] = GENERATION(word[p])

#define now_free(p, slot, h) \
	assert(own[p] == team_of(slot) || (own[p] == LOST && (slot == R || slot == S))); \
	assert((h) == ANY_GENERATION || (h) == handle[p]); \
	assert(offered[p] == 0 || own[p] == LOST); \
	offered[p] = 0; \
	own[p] = 0

#define given_away(p, peer) \
	assert(own[p] == me); \
	own[p] = peer

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
	gained(0, k)
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
			ROW_CAS(0, w, ROW_WORD(FREE(w) & ~bits, 0, DEPOT, 0, 0), ok, skip);
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

/* lab_owner_is_dead(): ok */
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
	:: b == BOUND_ALIVE && !killed[slot]
	:: b != BOUND_ALIVE -> ok = (b == BOUND_DEAD)
	fi;
	b = 0
}

/* keep(); only who registers asks for it */
#if SCENARIO == SLOT || IS_GIVE
#define keep(slot) keeps[me] = slot
#else
#define keep(slot) skip
#endif

#define keep_none(slot) keeps[slot] = NO_SLOT

/* release_adopted() and unnamed_pages() of row r, which is ours; m: the dead one's mask */
inline release_adopted(r)
{
	w = row[r];
#ifdef BROKEN_MINE_OF_STOLEN
	SET_MINE(r, 0, skip);
#else
	/* If it is empty the row may have been stolen. */
	if
	:: m != 0 -> SET_MINE(r, 0, skip)
	:: else
	fi;
#endif
	do
	:: is_held_by(w, me) ->
		atomic { out = m; rest = FULL }
		do
		:: rest == 0 -> break
		:: else ->
			v = word[PAGE(r, LOWEST(rest))];
			if
			:: WHAT(v) == NAMING -> cancel(PAGE(r, LOWEST(rest)), v)
			:: else
			fi;
			atomic {
				out = (is_unnamed(v) -> out | (rest & -rest) : out);
				rest = rest & (rest - 1);
				v = 0
			}
		od;
		atomic {
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
	atomic { w = 0; m = 0; out = 0; ok = 0 }
}

/* What a team has in common is not the reclaimer's for a moment. */
#ifdef BROKEN_TEAM_ADOPTION
#define is_adopted true
#else
#define is_adopted (heir == 0)
#endif

inline reclaim_row(r, slot)
{
	w = row[r];
	if
	:: STATE(w) == TAKING && HOLDER(w) == slot -> help(r)
	:: else
	fi;
	if
	:: !is_adopted ->
		/* lab_depot_release_dead() */
		w = 0;
		release_held(r, slot, heir, true)
	:: else ->
		do
		:: is_held_by(w, slot) ->
			m = mine[r];
			atomic {
				ROW_CAS(r, w, row_claim(w, me), ok, skip);
				if
				:: ok -> break
				:: else -> m = 0
				fi
			}
		:: else -> break
		od;
		w = 0;
		if
		:: atomic { ok -> ok = 0 }
#ifdef BROKEN_TEAM_ADOPTION
			release(r, heir)
#else
			release_adopted(r)
#endif
		:: else
		fi
	fi
}

#define lose_again(p) \
	assert(own[p] == 0); \
	own[p] = LOST

#ifdef BROKEN_MAGAZINE_FORGOTTEN
#define is_half(v) (WHAT(v) == FREED)
#else
#define is_half(v) (WHAT(v) == FREED || WHAT(v) == CACHED)
#endif

/*
 * is_orphan(): a page may be named after nobody because its giver died before it saw that
 * its peer was gone. Then b is 0.
 */
#ifdef BROKEN_ORPHAN_FORGOTTEN
#define keep_orphan(slot) skip
inline look_at_orphan(p)
{
	b = 1
}
#elif SCENARIO == HEIR
#define keep_orphan(slot) skip
inline look_at_orphan(p)
{
	b = team[OWNER(v)];
#ifndef BROKEN_ORPHAN_OF_TEAM
	/* Or because it is the number of a team that has members. */
	if
	:: b == 0 && OWNER(v) == TEAM_NUMBER -> b = (team[E] == TEAM_NUMBER)
	:: else
	fi
#endif
}
#elif defined(BROKEN_ORPHAN_UNKEPT)
#define keep_orphan(slot) skip
inline look_at_orphan(p)
{
	b = team[OWNER(v)]
}
#elif IS_GIVE && SCENARIO != GIVE
#define keep_orphan(slot) keeps_orphan[me] = slot
inline look_at_orphan(p)
{
	b = team[OWNER(v)];
	if
	:: b == 0 ->
		/* Or it was, and is the next owner's by now: so that nobody is that yet,
		 * keep it. */
		keep_orphan(OWNER(v));
		b = team[OWNER(v)];
		if
		:: b == 0 -> atomic { b = (word[p] != v); v = word[p] }
		:: else
		fi;
		if
		:: b != 0 -> keep_orphan(NO_SLOT)
		:: else
		fi
	:: else
	fi
}
#else
#define keep_orphan(slot) skip
inline look_at_orphan(p)
{
	b = team[OWNER(v)]
}
#endif

#define is_of_dead(v, slot) (OWNER(v) == (slot) || OWNER(v) == team_of(slot))

/* is_half_freed() is the middle of it */
inline reclaim_page(p, slot)
{
	v = word[p];
	do
	:: atomic {
		OWNER(v) == slot && is_half(v) ->
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
		/* nobody is there for what is the team's, or the dead was alone */
		is_named(v) && is_of_dead(v, slot) && heir == 0 ->
		WORD_CAS(p, v, page_owned(GENERATION(v), me), ok, offered[p] = 0);
		if
		:: ok -> rest = 1; break
		:: else
		fi
		}
	:: atomic {
		is_named(v) && is_of_dead(v, slot) && heir != 0 ->
		if
		:: OWNER(v) == slot && (slot != heir || WHAT(v) == OFFERED) ->
			WORD_CAS(p, v, page_owned(GENERATION(v), heir), ok, offered[p] = 0);
			if
			:: ok -> break
			:: else
			fi
		:: else -> break
		fi
		}
	:: WHAT(v) == OWNED && !is_of_dead(v, slot) ->
		look_at_orphan(p);
		if
		:: atomic {
			b == 0 ->
			WORD_CAS(p, v, page_owned(GENERATION(v), me), ok, assert(own[p] == LOST));
			if
			:: ok -> rest = 1
			:: else -> b = 1
			fi
			}
			keep_orphan(NO_SLOT);
			if
			:: rest -> break
			:: else
			fi
		:: atomic { else -> break }
		fi
	:: else -> break
	od;
	atomic { n = 0; v = 0; ok = 0; b = 0 }
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
#elif SCENARIO == SLOT
	skip
#elif defined(BROKEN_PAGES_FIRST)
	reclaim_page(0, slot);
	reclaim_page(1, slot);
	reclaim_row(0, slot)
#else
	reclaim_row(0, slot);
	reclaim_page(0, slot);
	reclaim_page(1, slot)
#endif
}

#if IS_TEAM_THAT_DIES

/* is_mate(), of one that may be in the team of slot: heir */
inline look_at_mate(other, slot)
{
	if
	:: heir == 0 && (other) != (slot) ->
		l = team[other];
		if
		:: l == TEAM_NUMBER ->
			is_dead(other);
			atomic { heir = (ok -> 0 : TEAM_NUMBER); ok = 0 }
		:: else
		fi;
		l = 0
	:: else
	fi
}

/* lab_owner_has_mates(): heir */
inline look_for_mates(slot)
{
	heir = 0;
	if
	:: (slot) != R ->
		look_at_mate(X, slot);
		look_at_mate(D, slot);
		look_at_mate(E, slot)
	:: else
	fi
}

inline reclaim_in_team(slot)
{
	do
	:: true ->
		look_for_mates(slot);
		reclaim_slot(slot);
		if
		:: heir == 0 -> break
		:: else
		fi;
#ifdef BROKEN_MATES_UNCHECKED
		break;
#endif
		look_for_mates(slot);
		if
		:: heir != 0 -> break
		:: else
		fi
	od;
	heir = 0
}

#else

inline reclaim_in_team(slot)
{
	heir = (IS_TEAM_OF_TWO && slot == X -> TEAM_NUMBER : 0);
	reclaim_slot(slot);
	heir = 0
}

#endif

/* lab_owner_unpeer() */
inline unpeer(p, slot)
{
#if SCENARIO == SLOT && !defined(BROKEN_OFFER_OUTLIVES_PEER)
	v = word[p];
	do
	:: atomic {
		WHAT(v) == OFFERED && PEER(v) == (slot) ->
		WORD_CAS(p, v, page_offered(GENERATION(v), OWNER(v), NO_SLOT), ok, skip);
		if
		:: ok -> break
		:: else
		fi
		}
	:: else -> break
	od;
	atomic { v = 0; ok = 0 }
#else
	skip
#endif
}

/* lab_owner_free_slot() */
inline free_slot(slot, by)
{
	d_step {
		if
		:: team[slot] == (by) -> team[slot] = 0
		:: else
		fi
	}
}

/*
 * While we keep the slot it is not used anew: all of this can be done twice, or the rest
 * of it by the next.
 */
inline retire(slot)
{
#ifdef BROKEN_RETIRE_BY_BOUND
	d_step {
		if
		:: bound[slot] == BOUND_DEAD -> bound[slot] = BOUND_NOT; ok = 1
		:: else
		fi
	}
	if
	:: atomic { ok -> ok = 0 }
		unpeer(0, slot);
		keeps[slot] = NO_SLOT;
		team[slot] = 0
	:: else
	fi
#else
	unpeer(0, slot);
	keep_none(slot);
	free_slot(slot, team_of(slot))
#endif
}

/* labyrinth_reclaim() */
inline reclaim(slot)
{
#ifndef BROKEN_SLOT_NOT_KEPT
	keep(slot);
#endif
#ifdef BROKEN_DEAD_BEFORE_TEAM
	is_dead(slot);
	l = (ok -> team[slot] : 0);
#else
	/* First whose the slot is: who is then seen dead is that one. */
	l = team[slot];
	if
	:: l != 0 && l != CLAIMING -> is_dead(slot)
	:: else
	fi;
#endif
	if
	:: atomic { ok && l != 0 -> ok = 0 }
		reclaim_in_team(slot);
		retire(slot)
	:: else -> ok = 0
	fi;
	l = 0;
	keep_none(me)
}

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
						assert(bits >= g && between >= bits - g);
						counter = counter + bits - g;
						between = between - (bits - g);
						epoch++;
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

/* ---- transfer.c ---- */

/* find_peer(), give() and is_gone(), of a page that its word names: given */
inline give_page(p, peer)
{
	l = team[peer];
	if
	:: l != 0 ->
		t = tenure[peer];
		b = bound[peer];
		if
		:: b != BOUND_DEAD ->
			v = word[p];
			WORD_CAS(p, v, page_owned(1, peer), ok, own[p] =
				(killed[peer] || tenure[peer] != t -> LOST : peer));
			assert(ok);
			atomic { ok = 0; given = t + 1 }
#ifndef BROKEN_PEER_NOT_LOOKED_AT
			/* Its reclaimer may have passed by already. If not, it sees the page. */
			b = bound[peer];
			l = tenure[peer];
			if
			:: b == BOUND_DEAD || l != t ->
				v = page_owned(1, peer);
				WORD_CAS(p, v, page_owned(1, me), ok, own[p] = me; given = 0)
			:: else
			fi
#endif
		:: else
		fi
	:: else
	fi;
	atomic { v = 0; l = 0; b = 0; ok = 0; t = 0 }
}

#define party(v) (accept -> PEER(v) : OWNER(v))

#define now_settled(p) \
	assert(offered[p] != 0); \
	offered[p] = 0; \
	own[p] = team_of(me)

/* settle(), of a page of generation 1: why */
inline settle(p, accept)
{
	v = word[p];
	do
	:: GENERATION(v) != 1 -> why = STALE_HANDLE; break
	:: GENERATION(v) == 1 && WHAT(v) != OFFERED -> why = NOT_OFFERED; break
	:: atomic {
		GENERATION(v) == 1 && WHAT(v) == OFFERED ->
		if
		:: party(v) != me -> why = FOREIGN_FREE; break
		:: else
		fi;
		WORD_CAS(p, v, page_owned(1, me), ok, now_settled(p));
		if
		:: ok -> why = NONE; break
		:: else
		fi
		}
	od;
	atomic { v = 0; ok = 0 }
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
			ok = ok && keeps[R] != slot;
			ok = ok && keeps[S] != slot;
#if IS_GIVE && SCENARIO != GIVE
			ok = ok && keeps_orphan[S] != slot;
#endif
			if
			:: atomic { !ok -> free_slot(slot, CLAIMING) }
			:: else ->
#ifndef BROKEN_BOUND_BEFORE_TENURE
				tenure[slot] = tenure[slot] + 1;
#endif
				/* another thread, another mutex */
				atomic { bound[slot] = BOUND_NOT; killed[slot] = false }
#ifdef BROKEN_BOUND_BEFORE_TENURE
				tenure[slot] = tenure[slot] + 1;
#endif
				team[slot] = slot;
				bound[slot] = BOUND_ALIVE;
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
#if SCENARIO == LAST
#define lose(p) \
	own[p] = (killed[X] && killed[D] && own[p] == TEAM_NUMBER -> LOST : own[p])
#elif IS_TEAM
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
	bit ok, vr, quiet; \
	byte heir, v
#define FORGET \
	w = 0; n = 0; t = 0; g = 0; bits = 0; rest = 0; l = 0; b = 0; sum = 0; ok = 0; \
	vr = 0; quiet = 0; heir = 0; v = 0
#else
#define OWNER_LOCALS \
	LOCALS; \
	byte p, b, heir
#define FORGET \
	FORGET_LOCALS; p = 0; b = 0; heir = 0
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
			bits = 0
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
		release(0, me)
#elif SCENARIO == TEAM || SCENARIO == TEAM_TWICE
		free_valid(1, 1)
#elif SCENARIO == TEAM_GIVES_BACK
		release(0, me)
#elif SCENARIO == TEAM_TAKES
		alloc_shared(0, true)
#elif SCENARIO == LENT
		if
		:: free_valid(0, 1)
		:: handover_free(0, 1)
		fi
#elif SCENARIO == HANDOVER
		handover_give(0, 1, D)
#elif SCENARIO == MAGAZINE
		magazine_free(0, 1);
		assert(ok);
		ok = 0;
		if
		:: magazine_take(0, 1)
		:: magazine_spill(0, 1)
		fi
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
#if SCENARIO == GIVEN_TWICE
	reclaim(E);
#elif SCENARIO == ORPHAN
	/* Before X is buried, and while somebody tries to register, its pages are no
	 * orphans: then the next reclaim finds them. */
	(ended[D] && ended[R] && ended[E]);
	if
	:: killed[D] -> reclaim(D)
	:: else
	fi;
#elif IS_TEAM_THAT_DIES
	(killed[D]);
	reclaim(D);
	(ended[R]);
#elif IS_TEAM_OF_TWO && SCENARIO != TEAM_TWICE
	(ended[R]);
#endif
#if SCENARIO != ORPHAN && SCENARIO != GIVEN_TWICE
	reclaim(X);
#endif
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
#elif SCENARIO == SLOT
	(ended[E]);
	settle(0, 0);
	assert(why == NONE);
#endif
	ended[S] = true
}

proctype successor()
{
	OWNER_LOCALS;
	byte me = X;

	register(X);
#if SCENARIO == SLOT
	if
	:: registered ->
		settle(0, 1);
		assert(why != NONE)
	:: else
	fi;
#endif
	ended[E] = true
}

proctype d()
{
	OWNER_LOCALS;
	byte me = D;

#if SCENARIO == CLAIM || SCENARIO == TAKE || SCENARIO == FREE_ALONE || \
	SCENARIO == RELEASE
	free_valid(1, 1);
#elif IS_TEAM_OF_TWO && SCENARIO != TEAM_TWICE
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
#elif SCENARIO == ORPHAN
	{
		give_page(1, X)
	} MORTAL;
#elif SCENARIO == GIVEN_TWICE
	give_page(1, X);
	v = word[1];
	if
	:: v == page_owned(1, D) -> give_page(1, X)
	:: else
	fi;
#elif SCENARIO == HANDOVER
	v = word[0];
	if
	:: v == page_owned(1, D) -> free_valid(0, 1)
	:: else
	fi;
#elif SCENARIO == OFFERING
	settle(1, 1);
	if
	:: why == NONE -> free_valid(1, 1)
	:: else
	fi;
#elif IS_TEAM_THAT_DIES
	{
		(false)
	} MORTAL;
#endif
	ended[D] = true
}

#ifdef NO_PASS
#define BEGIN_NEWER word[0] = page_row(1)
#else
#define BEGIN_NEWER newer[0] = 1; newer[1] = 1; used[0] = BIT(0)
#endif

/* a row that D has one page of, which its word names */
#define BEGIN_D(holder, state, free) \
	row[0] = ROW_WORD(free, holder, state, 0, 0); \
	lent[0] = BIT(1); \
	word[1] = page_owned(1, D); \
	own[1] = D; handle[1] = 1; BEGIN_NEWER

#define X_IS_GONE team[X] == 0

#if SCENARIO == CLAIM || SCENARIO == TAKE
#define BEGIN BEGIN_D(0, DEPOT, BIT(0))
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(X_IS_GONE)
#elif SCENARIO == FREE_ALONE || SCENARIO == RELEASE
#define BEGIN BEGIN_D(X, HELD, 0); own[0] = X; handle[0] = 1
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(X_IS_GONE)
#elif SCENARIO == HANDOVER
#define BEGIN \
	row[0] = ROW_WORD(BIT(1), X, HELD, 0, 0); \
	own[0] = X; handle[0] = 1; newer[0] = 1; newer[1] = 1; used[0] = BIT(0)
#define END \
	assert(STOCK == PAGES || \
		own[0] == D && word[0] == page_owned(1, D) && STOCK == PAGES - 1); \
	assert(counter + between == STOCK && X_IS_GONE)
#elif SCENARIO == MAGAZINE
/* the row is X's, or was */
#define BEGIN \
	if \
	:: row[0] = ROW_WORD(BIT(1), X, HELD, 0, 0) \
	:: row[0] = ROW_WORD(BIT(1), 0, DEPOT, 0, 0) \
	fi; \
	lent[0] = BIT(0); \
	word[0] = page_loose(1, X); \
	own[0] = X; handle[0] = 1; handle[1] = 1; \
	newer[0] = 1; newer[1] = 1; used[0] = FULL
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(X_IS_GONE)
#elif IS_TEAM_OF_TWO
#define BEGIN \
	row[0] = ROW_WORD(0, X, HELD, 0, 0); \
	lent[0] = BIT(1); \
	word[0] = page_row(1); word[1] = page_owned(1, D); \
	own[0] = TEAM_NUMBER; own[1] = TEAM_NUMBER; handle[0] = 1; handle[1] = 1
#define END \
	assert(ALL_SOUND && X_IS_GONE); \
	assert(!(STATE(row[0]) == HELD && HOLDER(row[0]) != D)); \
	assert(own[0] != LOST && own[1] != LOST); \
	assert(IS_FREE(0) == (own[0] == 0) && IS_FREE(1) == (own[1] == 0))
#elif SCENARIO == LENT
#define BEGIN \
	row[0] = ROW_WORD(0, D, HELD, 0, 0); \
	lent[0] = BIT(0); \
	word[0] = page_owned(1, X); \
	own[0] = X; own[1] = D; handle[0] = 1; handle[1] = 1; \
	newer[0] = 1; newer[1] = 1; used[0] = FULL
#define END \
	assert(own[0] == 0 && own[1] == D && IS_FREE(0)); \
	assert(X_IS_GONE)
#elif SCENARIO == OFFERING
#define BEGIN \
	row[0] = ROW_WORD(BIT(0), 0, DEPOT, 0, 0); \
	lent[0] = BIT(1); \
	word[1] = page_offered(1, X, D); \
	own[1] = X; handle[1] = 1; offered[1] = D
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(X_IS_GONE)
#elif IS_RECOUNT
#define BEGIN row[0] = ROW_WORD(BIT(0), 0, DEPOT, 0, 0)
#define END assert(X_IS_GONE)
#elif SCENARIO == THIEF
#define BEGIN row[0] = ROW_WORD(FULL, X, HELD, 0, 0)
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(X_IS_GONE)
#elif IS_TEAM_THAT_DIES
/* one page that the row tells to be X's, one that its word does */
#define BEGIN \
	row[0] = ROW_WORD(0, X, HELD, 0, 0); \
	lent[0] = BIT(1); \
	word[0] = page_row(1); word[1] = page_owned(1, X); \
	own[0] = TEAM_NUMBER; own[1] = TEAM_NUMBER; handle[0] = 1; handle[1] = 1
#define IS_TEAMS(p) (own[p] == TEAM_NUMBER && word[p] == page_owned(1, TEAM_NUMBER))
#if SCENARIO == HEIR
#define END \
	assert(X_IS_GONE && STATE(row[0]) == DEPOT && IS_TEAMS(0) && IS_TEAMS(1))
#else
#define END \
	assert(STOCK == PAGES && counter + between == PAGES); \
	assert(X_IS_GONE && team[D] == 0)
#endif
#elif IS_GIVE
/* D died before it saw that X was gone, and X's slot has another owner: see take_back(). */
#define IS_LEFT_TO_SUCCESSOR \
	(killed[D] && registered && word[1] == page_owned(1, X))
#define BEGIN BEGIN_D(0, DEPOT, BIT(0))
#define END \
	(ended[E]); \
	assert(registered || X_IS_GONE); \
	assert(given == 0 && own[1] == D || own[1] == 0 && IS_FREE(1) || \
		registered && own[1] == X && given == tenure[X] + 1 || \
		IS_LEFT_TO_SUCCESSOR)
#elif SCENARIO == SLOT
#define BEGIN \
	lent[0] = BIT(0); \
	word[0] = page_offered(1, S, X); \
	own[0] = S; handle[0] = 1; offered[0] = X
#define END \
	assert(registered -> team[X] == X && bound[X] == BOUND_ALIVE : X_IS_GONE)
#endif

init {
	atomic {
		BEGIN;
		counter = STOCK;
		team[X] = team_of(X); team[R] = R; team[S] = S; team[D] = team_of(D);
		bound[X] = BOUND_ALIVE; bound[R] = BOUND_ALIVE;
		bound[S] = BOUND_ALIVE; bound[D] = BOUND_ALIVE;
#if SCENARIO == GIVEN_TWICE
		team[E] = E; bound[E] = BOUND_ALIVE; killed[E] = true;
#endif
#if SCENARIO == HEIR
		team[E] = TEAM_NUMBER;
		bound[E] = BOUND_ALIVE;
#endif
#if IS_TEAM_THAT_DIES
		run killer(D);
#endif
#if SCENARIO == SLOT || IS_GIVE
		run successor();
#endif
		run x();
		run r();
		run s();
		run d();
#if R_IS_MORTAL
		run killer(R);
#endif
#if SCENARIO == ORPHAN
		run killer(D);
#endif
		run killer(X)
	}
	(ended[S] && ended[D]);
	END
}
