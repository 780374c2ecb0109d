/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * What the models share: the words of lib/pool/row_word.h and page_word.h, and those
 * functions of depot.c, naming.c, page.c, pass.c, held.c, magazine.[ch] and handover.c that
 * more than one runs. Each says which function it stands for.
 *
 * One Promela transition is one atomic access of the C code; what is computed between
 * two accesses is local and belongs to the one before. Memory is sequentially consistent
 * here: the weaker orders of the C code are argued for where they stand, not modelled.
 *
 * Abstracted: rows have 2 pages, not 32. The pass word (pass_word.h) is a generation a
 * page, newer[], with the bits used[] that say whether it counts; singles, which are
 * the holder's own, are left out. Versions have 5 bits, generations 4; that they do not
 * wrap is asserted, since else two that help or hinder each other without end would not
 * be noticed: each round changes a version.
 *
 * A model defines ROWS, team_of(slot) and is_shared(slot) before it includes this file,
 * and these hooks, run in the same transition as the change that they belong to:
 *   row_changed(r, new)    row r gets the word new
 *   check_state()          after every change: what must hold in every state
 *   now_owned(p, slot)     page p is slot's from now on
 *   now_free(p, slot, h)   slot freed page p, by a handle of generation h
 *   given_away(p, to)      page p, that was ours, is to's from now on
 * and gained(r, n), the steps of lab_depot_gained().
 *
 * BROKEN_: a variant that is wrong on purpose, in these lines or the model's. Each must be
 * caught, see meson.build.
 */

#define PER_ROW 2
#define PAGES (ROWS * PER_ROW)
#define FULL 3

/* ---- row_word.h ---- */

#define DEPOT 0
#define HELD 1
#define TAKING 2

/* free:2 holder:3 state:2 pick:2 version:5 */
#define FREE(w) ((w) & 3)
#define HOLDER(w) (((w) >> 2) & 7)
#define STATE(w) (((w) >> 5) & 3)
#define PICK(w) (((w) >> 7) & 3)
#define VERSION(w) (((w) >> 9) & 31)
#define ROW_WORD(free, holder, state, pick, version) \
	((free) | ((holder) << 2) | ((state) << 5) | ((pick) << 7) | ((version) << 9))
#define NEXT(w) (VERSION(w) + 1)

#define row_claim(w, slot) ROW_WORD(FREE(w), slot, HELD, 0, VERSION(w))
#define row_release(w, mine) ROW_WORD(FREE(w) | (mine), 0, DEPOT, 0, NEXT(w))
#define row_touch(w) ROW_WORD(FREE(w), HOLDER(w), HELD, 0, NEXT(w))
#define row_pick(w, bits) ROW_WORD(FREE(w) & ~(bits), HOLDER(w), HELD, 0, NEXT(w))
#define row_give(w, bits) ((w) | (bits))
#define row_take(w, pick, slot) \
	ROW_WORD(FREE(w) & ~(1 << (pick)), slot, TAKING, pick, NEXT(w))
#define row_taken(w) ROW_WORD(FREE(w), 0, DEPOT, 0, VERSION(w))

#define is_counted(w) (STATE(w) == DEPOT || STATE(w) == TAKING)
#define is_held_by(w, slot) (STATE(w) == HELD && HOLDER(w) == (slot))
#define has_stock(w) (is_counted(w) && FREE(w) != 0)

/* ---- page_word.h ---- */

#define ROW 0
#define OWNED 1
#define OFFERED 2
#define FREED 3
#define NAMING 4
#define CACHED 5

/* state:3 owner:3 peer:3 generation:4 loose:1 */
#define WHAT(v) ((v) & 7)
#define OWNER(v) (((v) >> 3) & 7)
#define PEER(v) (((v) >> 6) & 7)
#define GENERATION(v) (((v) >> 9) & 15)
#define PAGE_WORD(what, owner, peer, generation) \
	((what) | ((owner) << 3) | ((peer) << 6) | ((generation) << 9))

#define LOOSE (1 << 13)
#define page_loose(g, slot) (PAGE_WORD(OWNED, slot, 0, g) | LOOSE)
#define page_cached(g, slot) PAGE_WORD(CACHED, slot, 0, g)
#define page_row(g) PAGE_WORD(ROW, 0, 0, g)
#define page_owned(g, slot) PAGE_WORD(OWNED, slot, 0, g)
#define page_offered(g, slot, to) PAGE_WORD(OFFERED, slot, to, g)
#define page_naming(g, slot) PAGE_WORD(NAMING, slot, 0, g)
/* The word names who frees, not who owned: in a team it may be another, who lives. */
#ifdef BROKEN_FREED_KEEPS_NAME
#define page_freed(v, slot) PAGE_WORD(FREED, OWNER(v), 0, GENERATION(v))
#else
#define page_freed(v, slot) PAGE_WORD(FREED, slot, 0, GENERATION(v))
#endif

#define is_named(v) (WHAT(v) == OWNED || WHAT(v) == OFFERED)
#define is_unnamed(v) (WHAT(v) == ROW || WHAT(v) == NAMING)

/* ---- the side arrays, pool_private.h ---- */

short row[ROWS];
byte mine[ROWS];
byte lent[ROWS];
short word[PAGES];

#ifdef NO_PASS
/* Nothing is handed out of a held row: all generations are in the words. */
#define load_pass(u, g, p) skip
#define effective(u, g, v) GENERATION(v)
#define newer(p) 0
#define hand_out(r, b) skip
#define let_word_speak(p) skip
#else
byte used[ROWS];
byte newer[PAGES];
#define load_pass(u, g, p) atomic { u = used[ROW_OF(p)] & BIT(p); g = newer[p] }
/* lab_page_generation() */
#define effective(u, g, v) (is_unnamed(v) && (u) != 0 -> (g) : GENERATION(v))
#define newer(p) newer[p]
#define let_word_speak(p) used[ROW_OF(p)] = used[ROW_OF(p)] & ~BIT(p)
/* lab_pass_raise() and lab_pass_hand_out() of one page */
#define hand_out(r, b) \
	newer[PAGE(r, LOWEST(b))] = MAX(newer[PAGE(r, LOWEST(b))], \
		GENERATION(word[PAGE(r, LOWEST(b))])) + 1; \
	used[r] = used[r] | (b)
#endif

#define ROW_OF(p) ((p) / PER_ROW)
#define BIT(p) (1 << ((p) % PER_ROW))
#define PAGE(r, i) ((r) * PER_ROW + (i))
#define LOWEST(bits) (((bits) & 1) -> 0 : 1)
#define COUNT(bits) (((bits) & 1) + (((bits) >> 1) & 1))
#define MAX(a, b) ((a) > (b) -> (a) : (b))

/* lab_row_cas() */
#define ROW_CAS(r, expected, desired, done, ghost) \
	d_step { \
		if \
		:: row[r] == expected -> \
			assert(VERSION(desired) >= VERSION(expected)); \
			row_changed(r, desired); \
			row[r] = desired; \
			done = 1; \
			ghost; \
			check_state() \
		:: else -> \
			expected = row[r]; \
			done = 0 \
		fi \
	}

/* lab_word_cas() */
#define WORD_CAS(p, expected, desired, done, ghost) \
	d_step { \
		if \
		:: word[p] == expected -> \
			assert(GENERATION(desired) < ANY_GENERATION); \
			word[p] = desired; \
			done = 1; \
			ghost; \
			check_state() \
		:: else -> \
			expected = word[p]; \
			done = 0 \
		fi \
	}

/* the holder's plain store to row[r].mine */
#define SET_MINE(r, value, ghost) \
	d_step { \
		mine[r] = value; \
		ghost; \
		check_state() \
	}

/* ---- what every process has ---- */

#define LOCALS \
	short w;       /* a row word as last seen */ \
	short t, n;    /* help(): the take that it finishes, and the row meanwhile */ \
	short v;       /* a page word as last seen */ \
	short vr, vw;  /* struct lab_view */ \
	byte vg; \
	byte m;        /* the mine mask as last seen */ \
	byte u, g;     /* the pass word as last seen */ \
	byte marks;    /* pages that we marked, */ \
	short m0, m1;  /* their words since */ \
	byte bits, rest, l, out; \
	byte ok, why

#define FORGET_LOCALS \
	w = 0; t = 0; n = 0; v = 0; vr = 0; vw = 0; vg = 0; m = 0; u = 0; g = 0; marks = 0; \
	m0 = 0; m1 = 0; bits = 0; rest = 0; l = 0; out = 0; ok = 0; why = 0

/* enum labyrinth_refusal */
#define NONE 0
#define DOUBLE_FREE 1
#define FOREIGN_FREE 2
#define STALE_HANDLE 3
#define NOT_OFFERED 4
#define ANY_GENERATION 15

/* ---- depot.c: single takes ---- */

#ifdef BROKEN_UNCHECKED_HELP
#define IS_STILL_TAKING(n, t) true
#else
#define IS_STILL_TAKING(n, t) (STATE(n) == TAKING && VERSION(n) == VERSION(t))
#endif

/* lab_depot_help() and name_taken() */
inline help(r)
{
	t = row[r];
	if
	:: STATE(t) == TAKING ->
		lent[r] = lent[r] | (1 << PICK(t));
		v = word[PAGE(r, PICK(t))];
		do
		:: atomic { WHAT(v) == OWNED -> break }
		:: atomic { else -> n = row[r] }
			load_pass(u, g, PAGE(r, PICK(t)));
			if
			:: atomic {
				IS_STILL_TAKING(n, t) ->
				WORD_CAS(PAGE(r, PICK(t)), v,
					page_owned(MAX(g, GENERATION(v)) + 1, HOLDER(t)), ok,
					now_owned(PAGE(r, PICK(t)), HOLDER(t)));
				if
				:: ok -> break
				:: else
				fi
				}
			:: else -> break
			fi
		od;
		n = t;
		do
		:: atomic {
			STATE(n) == TAKING && VERSION(n) == VERSION(t) ->
			ROW_CAS(r, n, row_taken(n), ok, skip);
			if
			:: ok -> break
			:: else
			fi
			}
		:: else -> break
		od
	:: else
	fi;
	atomic { t = 0; n = 0; v = 0; u = 0; g = 0; ok = 0 }
}

/* take_from(): bits receives the bit of the page, 0 if the row has none */
inline take_from(r)
{
	w = row[r];
	do
	:: has_stock(w) && STATE(w) == TAKING ->
#ifndef BROKEN_NO_HELP
		help(r);
#endif
		w = row[r]
	:: atomic {
		has_stock(w) && STATE(w) == DEPOT ->
		bits = 1 << LOWEST(FREE(w));
		ROW_CAS(r, w, row_take(w, LOWEST(bits), me), ok, skip);
		if
		:: ok -> break
		:: else -> bits = 0
		fi
		}
	:: else -> break
	od;
	atomic { w = 0; ok = 0 }
	if
	:: bits != 0 -> help(r)
	:: else
	fi
}

/* steal_row() */
inline steal(r)
{
	w = row[r];
	do
	:: atomic {
		STATE(w) == HELD && FREE(w) == FULL ->
		ROW_CAS(r, w, row_release(w, 0), ok, skip);
		if
		:: ok -> break
		:: else
		fi
		}
	:: else -> break
	od;
	if
	:: ok -> gained(r, PER_ROW)
	:: else
	fi;
	atomic { w = 0; ok = 0 }
}

/* ---- naming.c ---- */

/* lab_naming_cancel(); x: the mark */
inline cancel(p, x)
{
	d_step {
		if
		:: word[p] == (x) -> word[p] = page_row(GENERATION(x)); check_state()
		:: else
		fi
	}
}

/* lab_naming_mark() of a page that has the word x, by generation h: ok, x is the mark */
inline mark(p, x, h)
{
#ifdef BROKEN_LENT_BEFORE_MARK
	lent[ROW_OF(p)] = lent[ROW_OF(p)] | BIT(p);
	WORD_CAS(p, x, page_naming(h, me), ok, skip);
#else
	WORD_CAS(p, x, page_naming(h, me), ok, skip);
	if
	:: ok -> lent[ROW_OF(p)] = lent[ROW_OF(p)] | BIT(p)
	:: else
	fi;
#endif
	x = page_naming(h, me)
}

/* The same; a mark of somebody else's will do: whoever is first settles it. */
inline mark_or_join(p, x, h)
{
	if
#ifndef BROKEN_MARK_TAKEN_BACK
	:: WHAT(x) == NAMING ->
		/* whose it is may not have come to it yet */
		lent[ROW_OF(p)] = lent[ROW_OF(p)] | BIT(p);
		ok = 1
#endif
	:: else -> mark(p, x, h)
	fi
}

/* lab_naming_seal(): ok, and n is the row */
inline seal(r, holder)
{
	n = row[r];
#ifdef BROKEN_UNSEALED
	ok = is_held_by(n, holder);
#else
	ok = 0;
	do
	:: atomic {
		is_held_by(n, holder) ->
		ROW_CAS(r, n, row_touch(n), ok, skip);
		if
		:: ok -> break
		:: else
		fi
		}
	:: else -> break
	od
#endif
}

#define MARKED(i) ((1 - (i)) * m0 + (i) * m1)

/* One page of mark_pages(): l is set if it has no name yet. */
inline mark_page(r, i)
{
	if
	:: (out & (1 << (i))) != 0 ->
		load_pass(u, g, PAGE(r, i));
		v = word[PAGE(r, i)];
		if
		:: is_unnamed(v) ->
			atomic { l = 1; rest = effective(u, g, v) }
			mark_or_join(PAGE(r, i), v, rest);
			if
			:: atomic {
				ok ->
				marks = marks | (1 << (i));
				if
				:: (i) == 0 -> m0 = v
				:: else -> m1 = v
				fi
				}
			:: else
			fi
		:: else
		fi
	:: else
	fi;
	atomic { u = 0; g = 0; v = 0; rest = 0; ok = 0 }
}

/* One page of settle_pages(); out: the pages whose marks are taken back */
inline settle_page(r, i, heir)
{
	if
	:: (marks & (1 << (i))) != 0 && (out & (1 << (i))) != 0 ->
		cancel(PAGE(r, i), MARKED(i))
	:: (marks & (1 << (i))) != 0 && (out & (1 << (i))) == 0 ->
		load_pass(u, g, PAGE(r, i));
		d_step {
			v = MARKED(i);
			if
			:: word[PAGE(r, i)] == v ->
				word[PAGE(r, i)] = page_owned(effective(u, g, v), heir);
				check_state()
			:: else
			fi;
			v = 0
		}
	:: else
	fi;
	atomic { u = 0; g = 0 }
}

/* lab_naming_row() of a row seen as w: l is 0 if there was nothing to name any more */
inline naming_row(r, heir)
{
	atomic { out = FULL & ~(m | FREE(w)); l = 0 }
	mark_page(r, 0);
	mark_page(r, 1);
	if
	:: l != 0 ->
		seal(r, HOLDER(w));
		atomic { out = (ok -> FREE(n) : FULL); ok = 0; n = 0 }
		settle_page(r, 0, heir);
		settle_page(r, 1, heir)
	:: else
	fi;
	atomic { out = 0; marks = 0; m0 = 0; m1 = 0 }
}

/* ---- depot.c: releases ---- */

#define is_team_mate(slot) (is_shared(slot) && team_of(slot) == team_of(me))

/* release(): m is what it gives back of the holder's mask */
inline release_held(r, holder, heir, sure)
{
	w = row[r];
	do
	:: is_held_by(w, holder) && (sure || is_team_mate(holder)) ->
#ifdef BROKEN_NAME_AT_ONCE
		out = FULL & ~(m | FREE(w));
		if
		:: out != 0 -> name_at_once(r, heir)
		:: else
		fi;
		l = 0;
#else
		naming_row(r, heir);
#endif
		if
		:: l != 0 -> w = row[r]
		:: atomic {
			l == 0 ->
			ROW_CAS(r, w, row_release(w, m), ok, skip);
			if
			:: ok -> break
			:: else
			fi
			}
		fi
	:: else -> break
	od;
	if
	:: ok -> gained(r, COUNT(FREE(w) | m))
	:: else
	fi;
	atomic { w = 0; m = 0; l = 0; out = 0; ok = 0 }
}

#ifdef BROKEN_NAME_AT_ONCE
/* Names what the row alone names in one step, as if no free could come between. */
inline name_at_once(r, heir)
{
	lent[r] = lent[r] | out;
	do
	:: out != 0 ->
		load_pass(u, g, PAGE(r, LOWEST(out)));
		v = word[PAGE(r, LOWEST(out))];
		atomic {
			if
			:: WHAT(v) == ROW ->
				WORD_CAS(PAGE(r, LOWEST(out)), v,
					page_owned(effective(u, g, v), heir), ok, skip)
			:: else
			fi;
			out = out & (out - 1)
		}
	:: else -> break
	od;
	atomic { u = 0; g = 0; v = 0; ok = 0 }
}
#endif

/* What a handler is told of the call that it interrupted; others see nothing of it. */
#ifndef SET_FLIGHT
#define FLIGHT 0
#define SET_FLIGHT(bits) skip
#endif
#ifndef SET_FREEING
#define FREEING 0
#define SET_FREEING(bits) skip
#endif

/* lab_depot_release() */
inline release(r, heir)
{
	m = mine[r];
	w = row[r];
	if
	:: is_held_by(w, me) ->
		SET_FLIGHT(m);
#ifdef BROKEN_MINE_OF_STOLEN
		mine[r] = 0;
#else
		/* With a bit in it the row is not wholly free in public, so it is ours. */
		if
		:: m != 0 -> SET_MINE(r, 0, skip)
		:: else
		fi;
#endif
		release_held(r, me, heir, true);
		SET_FLIGHT(0)
	:: else
	fi;
	atomic { w = 0; m = 0 }
}

/* lab_depot_release_shared() */
inline release_shared(r, holder)
{
	m = 0;
	release_held(r, holder, holder, false)
}

/* ---- page.c ---- */

/* look(): why, vr, vw and vg; h: the handle's generation */
inline look_once(p, h)
{
	vr = row[ROW_OF(p)];
	do
	:: STATE(vr) == TAKING && 1 << PICK(vr) == BIT(p) ->
		help(ROW_OF(p));
		vr = row[ROW_OF(p)]
	:: else -> break
	od;
#ifndef BROKEN_MARK_TAKEN_BACK
	load_pass(u, g, p);
	vw = word[p];
#else
	do
	:: load_pass(u, g, p);
		vw = word[p];
		if
		:: WHAT(vw) != NAMING -> break
		:: else -> cancel(p, vw)
		fi
	od;
#endif
	atomic {
		vg = effective(u, g, vw);
		u = 0;
		g = 0;
		if
		:: STATE(vr) == HELD && (FREE(vr) & BIT(p)) == 0 -> m = mine[ROW_OF(p)]
		:: else
		fi;
		if
		:: ((FREE(vr) | m | FREEING) & BIT(p)) != 0 ||
				((FLIGHT & BIT(p)) != 0 && !is_named(vw) && is_held_by(vr, me)) ->
			why = DOUBLE_FREE
		:: else ->
			if
			:: WHAT(vw) == FREED || WHAT(vw) == CACHED ||
					(is_unnamed(vw) && STATE(vr) != HELD) ->
				why = DOUBLE_FREE
			:: else ->
				if
				:: (h) != ANY_GENERATION && (h) != vg -> why = STALE_HANDLE
				:: else ->
					why = (WHAT(vw) == OFFERED -> FOREIGN_FREE :
						(team_of((WHAT(vw) == OWNED -> OWNER(vw) :
						HOLDER(vr))) == team_of(me) ->
						NONE : FOREIGN_FREE))
				fi
			fi
		fi;
		m = 0
	}
}

/* lab_page_look() */
inline look(p, h)
{
#ifdef TEAMS_CHANGE
	do
	:: look_once(p, h);
		if
		:: why == FOREIGN_FREE -> n = row[ROW_OF(p)]
		:: else -> break
		fi;
		if
		:: atomic { n == vr -> v = word[p] }
		:: else -> v = vw + 1
		fi;
		if
		:: atomic { v == vw -> v = 0; n = 0; break }
		:: else -> atomic { v = 0; n = 0 }
		fi
	od
#else
	look_once(p, h)
#endif
}

/* give_freed() and note_given() */
inline give_freed(p)
{
	w = row[ROW_OF(p)];
#ifdef BROKEN_RAISE_FIRST
	if
	:: is_counted(w) -> gained(ROW_OF(p), 1)
	:: else
	fi;
#endif
	do
	:: atomic {
		true ->
		ROW_CAS(ROW_OF(p), w, row_give(w, BIT(p)), ok, skip);
		if
		:: ok -> break
		:: else
		fi
		}
	od;
#ifndef BROKEN_RAISE_FIRST
	if
	:: is_counted(w) -> gained(ROW_OF(p), 1)
	:: else
	fi;
#endif
	atomic { w = 0; ok = 0 }
}

#ifdef BROKEN_CHECK_THEN_ACT
#define GIVE_CAS(p, h) \
	d_step { \
		now_free(p, me, h); \
		row[ROW_OF(p)] = row_give(row[ROW_OF(p)], BIT(p)); \
		ok = 1; \
		check_state() \
	}
#else
#define GIVE_CAS(p, h) \
	ROW_CAS(ROW_OF(p), vr, row_give(vr, BIT(p)), ok, now_free(p, me, h))
#endif

/* lab_page_free(); h: the handle's generation, or ANY_GENERATION; why: the result */
inline page_free(p, h)
{
	do
	:: look(p, h);
		if
		:: why != NONE -> break
		:: atomic {
			why == NONE && is_named(vw) ->
			WORD_CAS(p, vw, page_freed(vw, me), ok, now_free(p, me, h));
			if
			:: ok -> l = 1; break
			:: else
			fi
			}
		:: atomic {
			why == NONE && WHAT(vw) == ROW ->
			GIVE_CAS(p, h);
			if
			:: ok -> break
			:: else
			fi
			}
		:: else ->
			/* free_by_word(): somebody is about to name it, so the word decides, once
			 * no free that looked before can succeed any more. */
			ROW_CAS(ROW_OF(p), vr, row_touch(vr), ok, skip);
			if
			:: ok -> lent[ROW_OF(p)] = lent[ROW_OF(p)] | BIT(p)
			:: else
			fi;
			if
			:: atomic {
				ok ->
				WORD_CAS(p, vw, PAGE_WORD(FREED, me, 0, vg), ok,
					now_free(p, me, h));
				if
				:: ok -> l = 1; break
				:: else
				fi
				}
			:: else
			fi
		fi
	od;
	if
	:: why == NONE && l != 0 -> give_freed(p)
	:: else
	fi;
	atomic { vr = 0; vw = 0; vg = 0; l = 0; ok = 0 }
}

/* ---- held.c and pass.c ---- */

/* lab_words_clean() of the pages b of row r: ok */
inline words_clean(r, b)
{
	rest = lent[r] & (b);
	do
	:: atomic { rest == 0 -> ok = 1; break }
	:: atomic { else -> v = word[PAGE(r, LOWEST(rest))] }
		n = row[r];
#ifdef BROKEN_CLEAN_UNCHECKED
		n = row_claim(FULL, me);
#endif
		if
		:: atomic { !is_held_by(n, me) || (FREE(n) & rest & -rest) == 0 -> ok = 0; break }
		:: atomic {
			else ->
			ok = 1;
			if
			:: WHAT(v) != ROW ->
				WORD_CAS(PAGE(r, LOWEST(rest)), v, page_row(GENERATION(v)), ok, skip)
			:: else
			fi;
			if
			:: !ok -> break
			:: else
			fi;
			rest = rest & (rest - 1)
			}
		fi
	od;
	atomic { rest = 0; v = 0; n = 0 }
}

#define hold(p, h) \
	assert(own[p] == 0 && (h) > handle[p]); \
	own[p] = team_of(me); \
	handle[p] = h

/* In a team a page that leaves the public mask is out. */
#define picked(p) \
	if \
	:: is_shared(me) -> hold(p, GENERATION(word[p])) \
	:: else \
	fi

/* take_out() of the pages b of row r: ok */
inline take_out(r, b)
{
	l = lent[r] & (b);
#if !defined(BROKEN_UNCLEANED_WORD) && !defined(BROKEN_CLEAN_AFTER_PICK)
	words_clean(r, b);
#else
	ok = 1;
#endif
	if
	:: ok ->
		w = row[r];
		do
		:: atomic {
			is_held_by(w, me) && ((b) & ~FREE(w)) == 0 ->
			ROW_CAS(r, w, row_pick(w, b), ok, picked(PAGE(r, LOWEST(b))));
			if
			:: ok -> break
			:: else
			fi
			}
		:: atomic { else -> ok = 0; break }
		od
	:: else
	fi;
#ifdef BROKEN_CLEAN_AFTER_PICK
	if
	:: ok && l != 0 -> clean_taken(r)
	:: else
	fi;
#endif
	if
	:: ok && l != 0 ->
		/* lab_lent_clear() */
		atomic { lent[r] = lent[r] & ~l; rest = l }
		do
		:: atomic { rest == 0 -> break }
		:: atomic {
			else ->
			v = word[PAGE(r, LOWEST(rest))];
#ifdef BROKEN_LENT_CLEAR_UNCHECKED
			v = 0;
#endif
			if
			:: WHAT(v) == ROW -> rest = rest & (rest - 1); v = 0
			:: else
			fi
			}
			if
			:: v != 0 ->
				atomic {
					lent[r] = lent[r] | (rest & -rest);
					rest = rest & (rest - 1);
					v = 0
				}
			:: else
			fi
		od
	:: else
	fi;
	atomic { w = 0; l = 0; rest = 0 }
}

#ifdef BROKEN_CLEAN_AFTER_PICK
inline clean_taken(r)
{
	rest = l;
	do
	:: rest != 0 ->
		v = word[PAGE(r, LOWEST(rest))];
		WORD_CAS(PAGE(r, LOWEST(rest)), v, page_row(GENERATION(v)), ok, skip);
		ok = 1;
		rest = rest & (rest - 1)
	:: else -> break
	od;
	v = 0
}
#endif

/* available() and harvest() of an owner alone */
inline available(r)
{
	w = row[r];
	if
	:: is_held_by(w, me) ->
		m = mine[r];
		if
		:: m == 0 && FREE(w) != 0 ->
			atomic { bits = FREE(w); w = 0 }
			SET_FLIGHT(bits);
			take_out(r, bits);
			if
			:: ok -> SET_MINE(r, m | bits, skip)
			:: else
			fi;
			SET_FLIGHT(0)
		:: else
		fi
	:: else
	fi;
	atomic { w = 0; m = 0; bits = 0; ok = 0 }
}

/* lab_held_pick(), lab_pass_hand_out() and lab_held_commit() of one page of row r, which
 * we hold alone, after a look whether others freed some: bits is what we got. */
inline alloc_alone(r)
{
	available(r);
#ifdef BROKEN_MINE_AFTER_ROW
	w = row[r];
	m = mine[r];
#else
	/* If the row is ours now, then the mask that we saw before was, too. */
	m = mine[r];
	w = row[r];
#endif
	if
	:: is_held_by(w, me) && m != 0 ->
		atomic { bits = 1 << LOWEST(m); hand_out(r, bits) }
		SET_MINE(r, mine[r] & ~bits,
			hold(PAGE(r, LOWEST(bits)), newer(PAGE(r, LOWEST(bits)))))
	:: else
	fi;
	atomic { w = 0; m = 0 }
}

/*
 * The same in a team: lab_held_pick(), by handle lab_pass_hand_out_shared() (else
 * nothing, by index), lab_held_commit().
 */
inline alloc_shared(r, by_handle)
{
	w = row[r];
	if
	:: is_held_by(w, me) && FREE(w) != 0 ->
		atomic { bits = 1 << LOWEST(FREE(w)); w = 0 }
		if
		:: by_handle ->
			lent[r] = lent[r] | bits;
			/* renew() */
			v = word[PAGE(r, LOWEST(bits))];
			n = row[r];
			g = newer(PAGE(r, LOWEST(bits)));
			if
			:: atomic {
				is_held_by(n, me) && (FREE(n) & bits) != 0 && !is_named(v) ->
				g = MAX(g, GENERATION(v)) + 1;
				WORD_CAS(PAGE(r, LOWEST(bits)), v, page_row(g), ok, skip)
				}
			:: else
			fi
		:: else -> ok = 1
		fi;
		atomic { v = 0; n = 0 }
		if
		:: ok -> take_out(r, bits)
		:: else
		fi;
		atomic {
			if
			:: !ok -> bits = 0
			:: else
			fi;
			g = 0;
			ok = 0
		}
	:: else
	fi;
	w = 0
}

/* lab_held_free_shared(): ok */
inline free_in_team(p)
{
	w = row[ROW_OF(p)];
	do
	:: STATE(w) == HELD && team_of(HOLDER(w)) == team_of(me) ->
		l = (FREE(w) | lent[ROW_OF(p)]) & BIT(p);
		if
		:: l != 0 -> break
		:: atomic {
			else ->
			ROW_CAS(ROW_OF(p), w, row_give(w, BIT(p)), ok,
				now_free(p, me, ANY_GENERATION));
			if
			:: ok -> break
			:: else
			fi
			}
		fi
	:: else -> break
	od;
	atomic { w = 0; l = 0 }
}

/* ---- magazine.c, of an owner alone ---- */

/* lab_magazine_free() of page p with handle h: ok */
inline magazine_free(p, h)
{
	SET_FREEING(BIT(p));
	v = word[p];
	if
	:: v == page_loose(h, me) ->
		/* Nobody else writes the word of a page that it says is ours. */
		d_step {
			now_free(p, me, h);
			word[p] = page_cached(h, me);
			ok = 1;
			check_state()
		}
	:: else
	fi;
	SET_FREEING(0);
	v = 0
}

/* lab_magazine_take() of page p, that was freed with handle h */
inline magazine_take(p, h)
{
	d_step {
		assert(word[p] == page_cached(h, me));
		word[p] = page_loose((h) + 1, me);
		hold(p, (h) + 1);
		check_state()
	}
}

/* One page of lab_magazine_spill(): lab_held_take_back() or put_elsewhere() */
inline magazine_spill(p, h)
{
	w = row[ROW_OF(p)];
	if
	:: is_held_by(w, me) ->
		/* lab_pass_keep() */
		let_word_speak(p);
		m = mine[ROW_OF(p)];
#ifdef BROKEN_MASK_BEFORE_WORD
		SET_MINE(ROW_OF(p), m | BIT(p), skip);
		word[p] = page_row(h);
#else
		/* Between the two it counts as owned by whom the row is: if we die, too. */
		SET_FLIGHT(BIT(p));
		word[p] = page_row(h);
		SET_MINE(ROW_OF(p), m | BIT(p), skip);
		SET_FLIGHT(0);
#endif
		lent[ROW_OF(p)] = lent[ROW_OF(p)] & ~BIT(p)
	:: else ->
		/* lab_page_give() */
		v = page_cached(h, me);
		WORD_CAS(p, v, page_freed(v, me), ok, skip);
		if
		:: ok -> give_freed(p)
		:: else -> assert(false)
		fi;
		v = 0
	fi;
	atomic { w = 0; m = 0; ok = 0 }
}

/* ---- handover.c, of an owner alone ---- */

/* lab_handover_give() of page p, that only its row names, with handle h: ok */
inline handover_give(p, h, peer)
{
	SET_FREEING(BIT(p));
	w = row[ROW_OF(p)];
	load_pass(u, g, p);
	m = mine[ROW_OF(p)];
	v = word[p];
	if
	:: WHAT(v) == ROW && is_held_by(w, me) && ((FREE(w) | m) & BIT(p)) == 0 &&
			effective(u, g, v) == (h) ->
		lent[ROW_OF(p)] = lent[ROW_OF(p)] | BIT(p);
		/* Nobody else writes the word of a page that its row says is ours. */
		d_step {
			word[p] = page_owned(h, peer);
			given_away(p, peer);
			ok = 1;
			check_state()
		}
	:: else
	fi;
	SET_FREEING(0);
	atomic { w = 0; u = 0; g = 0; m = 0; v = 0 }
}

/* lab_handover_free() of page p with handle h: ok */
inline handover_free(p, h)
{
	SET_FREEING(BIT(p));
	v = word[p];
	if
	:: WHAT(v) == OWNED && OWNER(v) == me && GENERATION(v) == (h) ->
		d_step {
			now_free(p, me, h);
			word[p] = page_freed(v, me);
			l = 1;
			check_state()
		}
	:: else
	fi;
	SET_FREEING(0);
	v = 0;
	if
	:: l != 0 -> give_freed(p); atomic { l = 0; ok = 1 }
	:: else
	fi
}

/* ---- claims ---- */

/* claim() without the counter, and lab_pass_begin_shared(): ok */
inline claim_row(r)
{
	w = row[r];
	if
	:: STATE(w) == DEPOT && FREE(w) != 0 ->
		ROW_CAS(r, w, row_claim(w, me), ok, skip)
	:: else
	fi;
#ifndef NO_PASS
	if
	:: ok && is_shared(me) ->
		u = used[r];
		w = row[r];
		d_step {
			if
			:: is_held_by(w, me) && used[r] == u -> used[r] = 0
			:: else
			fi
		}
	:: else
	fi;
	u = 0;
#endif
	w = 0
}
