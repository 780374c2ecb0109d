/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * What the models share: the words of lib/pool/row_word.h and page_word.h, and those
 * functions of depot.c, page.c and pass.c that more than one model runs.
 *
 * One Promela transition is one atomic access of the C code; what is computed between
 * two accesses is local and belongs to the first. Memory is sequentially consistent
 * here: the weaker orders of the C code are argued for where they stand, not modelled.
 *
 * Abstracted: rows have 2 or 3 pages, not 32; the pass word (pass_word.h) is one
 * generation a page that the row's holder writes, newer[], which counts while the page
 * word is ROW. Versions and generations have 4 bits and are asserted not to wrap.
 *
 * A model defines ROWS, PER_ROW and team_of(slot) before it includes this file, and
 * these hooks, run in the same transition as the change they belong to:
 *   row_changed(r, new)    row r gets the word new
 *   check_state()          after every change: what must hold in every state
 *   now_owned(p, slot)     page p is slot's from now on
 *   now_free(p, slot, g)   slot freed page p, by a handle of generation g
 * and gained(r, n), the steps of lab_depot_gained().
 */

#define PAGES (ROWS * PER_ROW)
#define FULL ((1 << PER_ROW) - 1)

/* ---- row_word.h ---- */

#define DEPOT 0
#define HELD 1
#define TAKING 2

/* free:3 holder:3 state:2 pick:2 version:4 pinned:1 */
#define FREE(w) ((w) & 7)
#define HOLDER(w) (((w) >> 3) & 7)
#define STATE(w) (((w) >> 6) & 3)
#define PICK(w) (((w) >> 8) & 3)
#define VERSION(w) (((w) >> 10) & 15)
#define PINNED(w) (((w) >> 14) & 1)
#define ROW_WORD(free, holder, state, pick, version, pinned) \
	((free) | ((holder) << 3) | ((state) << 6) | ((pick) << 8) | ((version) << 10) | \
		((pinned) << 14))
#define NEXT(w) (VERSION(w) + 1)

#ifdef BROKEN_NO_PIN
#define PIN 0
#else
#define PIN 1
#endif

#define row_give(w, bits) ((w) | (bits))
#define row_release(w, mine) ROW_WORD(FREE(w) | (mine), 0, DEPOT, 0, VERSION(w), 0)
#define row_take(w, pick, slot) \
	ROW_WORD(FREE(w) & ~(1 << (pick)), slot, TAKING, pick, NEXT(w), 0)
#define row_taken(w) ROW_WORD(FREE(w), 0, DEPOT, 0, VERSION(w), 0)
#define row_pick(w, bits) ROW_WORD(FREE(w) & ~(bits), HOLDER(w), HELD, 0, NEXT(w), 0)
#define row_bump(w) ROW_WORD(FREE(w), HOLDER(w), HELD, 0, NEXT(w), PINNED(w))
#define row_pin(w, slot) ROW_WORD(FREE(w), slot, HELD, 0, NEXT(w), PIN)
#ifdef BROKEN_CLAIM_KEEPS_VERSION
#define row_claim(w, slot) ROW_WORD(FREE(w), slot, HELD, 0, VERSION(w), PIN)
#else
#define row_claim(w, slot) row_pin(w, slot)
#endif

#define is_counted(w) (STATE(w) == DEPOT || STATE(w) == TAKING)
#define is_held_by(w, slot) (STATE(w) == HELD && HOLDER(w) == (slot))
#define has_stock(w) (is_counted(w) && FREE(w) != 0)

/* ---- page_word.h ---- */

#define ROW 0
#define OWNED 1
#define OFFERED 2
#define FREED 3

/* state:2 owner:3 peer:3 generation:4 */
#define WHAT(v) ((v) & 3)
#define OWNER(v) (((v) >> 2) & 7)
#define PEER(v) (((v) >> 5) & 7)
#define GENERATION(v) (((v) >> 8) & 15)
#define PAGE_WORD(what, owner, peer, generation) \
	((what) | ((owner) << 2) | ((peer) << 5) | ((generation) << 8))

#define page_row(g) PAGE_WORD(ROW, 0, 0, g)
#define page_owned(g, slot) PAGE_WORD(OWNED, slot, 0, g)
#define page_offered(g, slot, to) PAGE_WORD(OFFERED, slot, to, g)
#define page_freed(g, slot) PAGE_WORD(FREED, slot, 0, g)

#define is_named(v) (WHAT(v) == OWNED || WHAT(v) == OFFERED)

/* ---- the side arrays, pool_private.h ---- */

short row[ROWS];
byte mine[ROWS];
byte lent[ROWS];
short word[PAGES];

#ifdef NO_PASS
/* Pages are handed out singly, or their generation is of no account. */
#define load_newer(g, p) g = 0
#define raise_newer(p, g) skip
#else
byte newer[PAGES];
#define load_newer(g, p) g = newer[p]
#define raise_newer(p, g) newer[p] = MAX(newer[p], g)
#endif

#define ROW_OF(p) ((p) / PER_ROW)
#define BIT(p) (1 << ((p) % PER_ROW))
#define PAGE(r, i) ((r) * PER_ROW + (i))
#define LOWEST(bits) (((bits) & 1) -> 0 : (((bits) & 2) -> 1 : 2))
#define COUNT(bits) (((bits) & 1) + (((bits) >> 1) & 1) + (((bits) >> 2) & 1))
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
			assert(GENERATION(desired) >= GENERATION(expected)); \
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
	byte g;        /* what newer[] was before */ \
	short vr, vw;  /* struct lab_view */ \
	byte vg; \
	byte m;        /* the mine mask as last seen */ \
	byte bits, rest, l, out; \
	byte ok, why

/* enum labyrinth_refusal */
#define NONE 0
#define DOUBLE_FREE 1
#define FOREIGN_FREE 2
#define STALE_HANDLE 3
#define NOT_OFFERED 4
#define ANY_GENERATION 15

#ifndef FLIGHT
#define FLIGHT 0
#define SET_FLIGHT(bits) skip
#endif

/* ---- depot.c ---- */

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
		:: atomic {
			else ->
			n = row[r];
			if
			:: !IS_STILL_TAKING(n, t) -> break
			:: else
			fi
			}
			load_newer(g, PAGE(r, PICK(t)));
			atomic {
				WORD_CAS(PAGE(r, PICK(t)), v,
					page_owned(MAX(g, GENERATION(v)) + 1, HOLDER(t)), ok,
					now_owned(PAGE(r, PICK(t)), HOLDER(t)));
				if
				:: ok -> break
				:: else
				fi
			}
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
	atomic { t = 0; n = 0; v = 0; g = 0; ok = 0 }
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

/*
 * lab_pass_clean(): the pages b of row r are free, and only the caller takes them. The
 * generation of a clean word is a new one, so that no CAS which expects the word of
 * before succeeds.
 */
#ifdef BROKEN_CLEAN_KEEPS_GENERATION
#define cleaned(v) page_row(GENERATION(v))
#else
#define cleaned(v) page_row(GENERATION(v) + 1)
#endif

inline words_clean(r, b)
{
	atomic { l = lent[r] & (b); rest = l }
	if
	:: l != 0 ->
		do
		:: atomic {
			rest != 0 ->
			v = word[PAGE(r, LOWEST(rest))];
			if
			:: WHAT(v) == ROW -> rest = rest & (rest - 1)
			:: else
			fi
			}
			if
			:: WHAT(v) != ROW ->
				WORD_CAS(PAGE(r, LOWEST(rest)), v, cleaned(v), ok, skip);
				d_step {
					raise_newer(PAGE(r, LOWEST(rest)), GENERATION(cleaned(v)));
					rest = rest & (rest - 1)
				}
			:: else
			fi
		:: else -> break
		od;
		lent[r] = lent[r] & ~l
	:: else
	fi;
	atomic { l = 0; rest = 0; v = 0; ok = 0 }
}

/* name_page() of each page in o */
inline name_words(r, o, heir)
{
	rest = o;
	do
	:: rest != 0 ->
		load_newer(g, PAGE(r, LOWEST(rest)));
		v = word[PAGE(r, LOWEST(rest))];
		atomic {
			if
			:: WHAT(v) == ROW ->
				WORD_CAS(PAGE(r, LOWEST(rest)), v,
					page_owned(MAX(g, GENERATION(v)), heir), ok, skip)
			:: else
			fi;
			rest = rest & (rest - 1)
		}
	:: else -> break
	od;
	atomic { rest = 0; v = 0; g = 0; ok = 0 }
}

/* lab_depot_release() */
inline release(r, heir)
{
	m = mine[r];
	atomic { w = row[r]; out = FULL & ~(m | FREE(w)) }
	if
	:: is_held_by(w, me) ->
#ifdef BROKEN_NAME_UNPINNED
		if
		:: out != 0 ->
			lent[r] = lent[r] | out;
			name_words(r, out, heir)
		:: else
		fi;
		SET_MINE(r, 0, skip);
#else
		/* lent first, then a new version: from then on who frees a page of out
		 * must go by its word, and a free that looked before fails. */
		do
		:: is_held_by(w, me) && (FULL & ~(m | FREE(w))) != 0 ->
			atomic { out = FULL & ~(m | FREE(w)); lent[r] = lent[r] | out }
			atomic {
				ROW_CAS(r, w, row_pin(w, me), ok, skip);
				if
				:: ok -> w = row_pin(w, me); break
				:: else -> out = 0
				fi
			}
		:: else -> break
		od;
		name_words(r, out, heir);
		/* With a bit in it the row is not wholly free in public, so it is ours. */
		SET_FLIGHT(m);
		if
		:: m != 0 -> SET_MINE(r, 0, skip)
		:: else
		fi;
#endif
		do
		:: is_held_by(w, me) ->
#ifdef BROKEN_NAME_UNPINNED
			words_clean(r, FREE(w) & out);
#endif
			atomic {
				ROW_CAS(r, w, row_release(w, m), ok, skip);
				if
				:: ok -> break
				:: else
				fi
			}
		:: else -> break
		od;
		SET_FLIGHT(0);
		if
		:: ok -> gained(r, COUNT(FREE(w) | m))
		:: else
		fi
	:: else
	fi;
	atomic { w = 0; m = 0; out = 0; ok = 0 }
}

/* steal_row() */
inline steal(r)
{
	w = row[r];
	do
	:: atomic {
		STATE(w) == HELD && FREE(w) == FULL && !PINNED(w) ->
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

/* ---- page.c ---- */

/* lab_page_look(): why, vr, vw and vg; h: the handle's generation */
inline look(p, h)
{
	vr = row[ROW_OF(p)];
	do
	:: STATE(vr) == TAKING && 1 << PICK(vr) == BIT(p) ->
		help(ROW_OF(p));
		vr = row[ROW_OF(p)]
	:: else -> break
	od;
	load_newer(vg, p);
	atomic {
		vw = word[p];
		if
		:: WHAT(vw) != ROW -> vg = GENERATION(vw)
		:: else -> vg = MAX(vg, GENERATION(vw))
		fi
	}
	atomic {
		if
		:: STATE(vr) == HELD && (FREE(vr) & BIT(p)) == 0 -> m = mine[ROW_OF(p)]
		:: else
		fi;
		if
		:: (FREE(vr) & BIT(p)) != 0 || ((m | FLIGHT) & BIT(p)) != 0 ->
			why = DOUBLE_FREE
		:: else ->
			if
			:: WHAT(vw) == FREED || (WHAT(vw) == ROW && STATE(vr) != HELD) ->
				why = DOUBLE_FREE
			:: else ->
				if
				:: (h) != ANY_GENERATION && (h) != vg -> why = STALE_HANDLE
				:: else ->
					why = (WHAT(vw) == OFFERED ||
						team_of(WHAT(vw) == OWNED -> OWNER(vw) : HOLDER(vr)) !=
						team_of(me) -> FOREIGN_FREE : NONE)
				fi
			fi
		fi;
		m = 0
	}
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

/* The word names who frees, not who owned: in a team it may be another, who lives. */
#ifdef BROKEN_FREED_KEEPS_NAME
#define freed_by(v, slot) page_freed(GENERATION(v), OWNER(v))
#else
#define freed_by(v, slot) page_freed(GENERATION(v), slot)
#endif

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
	ROW_CAS(ROW_OF(p), vr, given(vr, p), ok, now_free(p, me, h))
#endif

#ifndef given
#define given(w, p) row_give(w, BIT(p))
#endif

/* lab_page_free(); h: the handle's generation, or ANY_GENERATION; why: the result */
inline page_free(p, h)
{
	do
	:: look(p, h);
		if
		:: why != NONE -> break
		:: why == NONE && is_named(vw) ->
			atomic {
				WORD_CAS(p, vw, freed_by(vw, me), ok, now_free(p, me, h));
				if
				:: ok -> l = 1; break
				:: else
				fi
			}
		:: else ->
			l = lent[ROW_OF(p)] & BIT(p);
#ifdef BROKEN_ROW_FREE_OF_LENT
			l = 0;
#endif
			if
			:: atomic {
				l == 0 ->
				/* one step, since the row alone says whose it is */
				GIVE_CAS(p, h);
				if
				:: ok -> break
				:: else
				fi
				}
			:: else ->
				/* Somebody may be about to name it: the word decides. */
				ROW_CAS(ROW_OF(p), vr, row_bump(vr), ok, skip);
				if
				:: atomic {
					ok ->
					WORD_CAS(p, vw, page_freed(vg, me), ok,
						now_free(p, me, h));
					if
					:: ok -> l = 1; break
					:: else
					fi
					}
				:: else
				fi
			fi
		fi
	od;
	if
	:: why == NONE && l != 0 -> give_freed(p)
	:: else
	fi;
	atomic { vr = 0; vw = 0; vg = 0; l = 0; ok = 0 }
}

/* ---- held.c ---- */

#ifndef NO_PASS

/* harvest(): w is the row's word, which m, our mask, was loaded after; m is the result */
inline harvest(r)
{
	bits = FREE(w);
	/* Looked at once: no words to clean now, none ever, or the row was stolen. */
	l = lent[r] & bits;
	/* Wholly free in public, it could be stolen while we clean the words. */
	if
	:: l != 0 && m == 0 && !PINNED(w) ->
		do
		:: atomic {
			is_held_by(w, me) ->
			ROW_CAS(r, w, row_pin(w, me), ok, skip);
			if
			:: ok -> w = row_pin(w, me); break
			:: else
			fi
			}
		:: else -> bits = 0; break
		od
	:: else
	fi;
#if !defined(BROKEN_UNCLEANED_WORD) && !defined(BROKEN_CLEAN_AFTER_PICK)
	if
	:: l != 0 -> words_clean(r, bits)
	:: else
	fi;
#endif
	SET_FLIGHT(bits);
	do
	:: atomic {
		is_held_by(w, me) && bits != 0 ->
		ROW_CAS(r, w, row_pick(w, bits), ok, skip);
		if
		:: ok -> break
		:: else
		fi
		}
	:: else -> bits = 0; break
	od;
	ok = 0;
	if
	:: bits != 0 ->
#ifdef BROKEN_CLEAN_AFTER_PICK
		words_clean(r, bits);
#endif
		SET_MINE(r, m | bits, skip);
		m = m | bits
	:: else
	fi;
	SET_FLIGHT(0);
	atomic { bits = 0; l = 0 }
}

#define hold(p) \
	assert(own[p] == 0); \
	own[p] = team_of(me); \
	handle[p] = newer[p]

/* Take the lowest free page of row r, which we hold, alone: bits is what we got. */
inline alloc_alone(r)
{
#ifdef BROKEN_MINE_AFTER_ROW
	w = row[r];
	m = mine[r];
#else
	/* If the row is ours now, then the mask that we saw before was, too. */
	m = mine[r];
	w = row[r];
#endif
	if
	:: is_held_by(w, me) ->
		if
		:: m == 0 && FREE(w) != 0 -> harvest(r)
		:: else
		fi;
		if
		:: m != 0 ->
			newer[PAGE(r, LOWEST(m))] = newer[PAGE(r, LOWEST(m))] + 1;
			bits = 1 << LOWEST(m);
			SET_MINE(r, mine[r] & ~bits, hold(PAGE(r, LOWEST(bits))))
		:: else
		fi
	:: else
	fi;
	atomic { w = 0; m = 0 }
}

/* The same in a team: available(), lab_pass_clean(), hand out, commit. */
inline alloc_shared(r)
{
	w = row[r];
#ifndef BROKEN_NO_PIN
	do
	:: atomic {
		is_held_by(w, me) && FREE(w) != 0 && !PINNED(w) ->
		ROW_CAS(r, w, row_pin(w, me), ok, skip);
		if
		:: ok -> w = row_pin(w, me); break
		:: else
		fi
		}
	:: else -> break
	od;
#endif
	if
	:: is_held_by(w, me) && FREE(w) != 0 ->
		bits = 1 << LOWEST(FREE(w));
		words_clean(r, bits);
		newer[PAGE(r, LOWEST(bits))] = newer[PAGE(r, LOWEST(bits))] + 1;
		w = row[r];
		do
		:: atomic {
			is_held_by(w, me) ->
			ROW_CAS(r, w, row_pick(w, bits), ok, hold(PAGE(r, LOWEST(bits))));
			if
			:: ok -> break
			:: else
			fi
			}
		:: else -> bits = 0; break
		od
	:: else
	fi;
	atomic { w = 0; ok = 0 }
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
			ROW_CAS(ROW_OF(p), w, row_give(w, BIT(p)), ok, now_free(p, me, ANY_GENERATION));
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

#endif /* NO_PASS */
