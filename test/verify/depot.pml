/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 *
 * The depot: counter, floors, claims, single takes, hints.
 *
 * Stands for, in lib/pool:
 *   depot.c  lab_depot_reserve(), lab_depot_unreserve(), bit_set(), bit_clear(),
 *            hint_clear(), next_bit(), next_stocked(), scan_rows(), claim(),
 *            lab_depot_release(), lab_depot_gained(), take_from(), take_reserved(),
 *            lab_depot_take(), lab_depot_help(), name_taken()
 *   held.c   available() and harvest() of a row just claimed
 *   page.c   lab_page_free() of pages that their word names
 *
 * 3 owners without a team, 2 rows of 2 pages, of which the third owner has one. Owners 1
 * and 2 take pages once, by a claim or singly, give back what they do not need, and free
 * their page. The class of each has its own floor. The SCENARIO is
 *   CLAIMS  1 and 2 claim a row; 3 frees its page.
 *   TAKES   1 claims a row, 2 takes singly; 3 frees its page.
 *   AGAIN   1 takes singly twice, 2 once; 3 frees its page.
 *   APART   1 claims a row, 2 and 3 take singly; they begin to look at different rows.
 *
 * Abstracted: where a look into the depot begins (the rotors) is any row; freed and
 * ripe bits (they are set and cleared as hint bits are) and the low-water mark are
 * left out.
 *
 * Proven:
 *  - counter + promised + owed == stock in every state, where stock is the free pages
 *    in the masks of counted rows, promised those that the counter was lowered by and
 *    whose bits are not taken yet, owed those whose bits are set and that the counter
 *    was not raised by yet. So the counter never promises a page that is not there.
 *  - The counter never goes below the floor of the class that lowers it, hence the
 *    free pages never do: stock >= counter >= floor.
 *  - No page is handed out while it is out; none is free while it is out.
 *  - At rest all pages are free, counter == stock, and each row with stock has a hint.
 *  - No owner ever waits: there is no infinite run (-DNP), even if others stop for ever
 *    at any step, which is any run that goes on without them.
 */

#define NO_PASS
#define ROWS 2
#define OWNERS 3
#define team_of(slot) (slot)
#define is_shared(slot) false

#define CLAIMS 1
#define TAKES 2
#define AGAIN 3
#define APART 4

#if SCENARIO == CLAIMS
#define claims(me) ((me) != 3)
#elif SCENARIO == AGAIN
#define claims(me) false
#else
#define claims(me) ((me) == 1)
#endif
#define takes(me) (!claims(me) && (SCENARIO == APART || (me) != 3))
#define frees(me) ((me) == 3 && SCENARIO != APART)

#ifdef BROKEN_FLOOR_IN_TWO_STEPS
#define IS_STILL(c) true
#else
#define IS_STILL(c) (counter == (c))
#endif

/* where a look into the depot begins: all at one row, or apart from each other */
#if SCENARIO == APART
#define START (me % ROWS)
#else
#define START 0
#endif

#define NO_ROW 3

byte counter;
byte promised, owed;    /* see above; not in the C code */
byte hint;
byte own[4];
byte handle[4];
byte done;

/* floors of the owners' classes, in pages: RESCUE, ATOMIC, NOWAIT */
#define floor_of(slot) ((slot) - 1)

#define STOCK_OF(r) (is_counted(row[r]) -> COUNT(FREE(row[r])) : 0)
#define STOCK (STOCK_OF(0) + STOCK_OF(1))

#define row_changed(r, new) \
	if \
	:: STOCK_OF(r) > (is_counted(new) -> COUNT(FREE(new)) : 0) -> \
		take_promised(STOCK_OF(r) - (is_counted(new) -> COUNT(FREE(new)) : 0)) \
	:: else -> \
		owed = owed + (is_counted(new) -> COUNT(FREE(new)) : 0) - STOCK_OF(r) \
	fi

#ifdef BROKEN_COUNT_AFTER_CLAIM
#define take_promised(k) skip
#else
#define take_promised(k) \
	assert(promised >= (k)); \
	promised = promised - (k)
#endif

#if defined(BROKEN_COUNT_AFTER_CLAIM) || defined(BROKEN_RAISE_FIRST)
#define COUNTS (counter <= STOCK)
#else
#define COUNTS (counter + promised + owed == STOCK)
#endif

#define check_state() \
	assert(COUNTS); \
	assert(IS_APART(0) && IS_APART(1) && IS_APART(2) && IS_APART(3))

/* A page that is out is in no mask. */
#define IS_APART(p) (own[p] == 0 || \
	((FREE(row[ROW_OF(p)]) | mine[ROW_OF(p)]) & BIT(p)) == 0)

#define now_owned(p, slot) \
	assert(own[p] == 0); \
	own[p] = slot

#define now_free(p, slot, h) \
	assert(own[p] == slot); \
	own[p] = 0

#include "pool.pml"

/* lab_depot_reserve(): yes if the counter was lowered */
inline reserve(want)
{
	c = counter;
	do
	:: atomic {
		c >= floor_of(me) + (want) ->
		d_step {
			if
			:: IS_STILL(c) ->
				counter = counter - (want);
				promised = promised + (want);
				assert(counter >= floor_of(me));
				check_state();
				yes = 1
			:: else -> c = counter
			fi
		}
		if
		:: yes -> break
		:: else
		fi
		}
	:: else -> break
	od;
	c = 0
}

/* lab_depot_unreserve() of what was reserved for nothing */
inline unreserve(k)
{
	d_step {
		counter = counter + (k);
		promised = promised - (k);
		check_state()
	}
}

/* bit_set() */
inline hint_set(r)
{
	if
	:: atomic { (hint & (1 << (r))) == 0 -> yes = 1 }
	:: (hint & (1 << (r))) != 0
	fi;
	if
	:: atomic { yes -> hint = hint | (1 << (r)); yes = 0 }
	:: else
	fi
}

/* lab_depot_gained() */
inline gained(r, k)
{
#ifndef BROKEN_NO_HINT
	hint_set(r);
#endif
	d_step {
		counter = counter + (k);
		owed = owed - (k);
		check_state()
	}
}

inline hint_clear(r)
{
#ifdef BROKEN_HINT_LOOKS_FIRST
	n = row[r];
	hint = hint & ~(1 << (r));
#else
	hint = hint & ~(1 << (r));
	n = row[r];
#endif
	if
	:: has_stock(n) -> hint_set(r)
	:: else
	fi;
	n = 0
}

/* next_bit() and next_stocked(): number, from at on; left: looks at the one hint word */
inline next_stocked()
{
	number = NO_ROW;
	do
	:: atomic { left == 0 -> break }
	:: atomic {
		else ->
		l = (hint >> at) << at;
		if
		:: l != 0 ->
			at = LOWEST(l);
			number = at
		:: else ->
			at = 0;
			left--
		fi;
		l = 0
		}
		if
		:: number == NO_ROW
		:: atomic {
			else ->
			w = row[number];
			if
			:: has_stock(w) -> break
			:: else
			fi
			}
			hint_clear(number);
			number = NO_ROW
		fi
	od;
	w = 0
}

/* claim(): number */
inline claim()
{
	atomic { at = START; left = 2 }
	do
	:: next_stocked();
		if
		:: number == NO_ROW -> break
		:: else -> w = row[number]
		fi;
		if
		:: STATE(w) == TAKING -> help(number)
		:: STATE(w) == DEPOT && FREE(w) != 0 ->
#ifdef BROKEN_COUNT_AFTER_CLAIM
			ROW_CAS(number, w, row_claim(w, me), ok, skip);
			if
			:: ok ->
				d_step {
					counter = counter - COUNT(FREE(w));
					check_state()
				}
				break
			:: else
			fi
#else
			reserve(COUNT(FREE(w)));
			if
			:: atomic { !yes -> number = NO_ROW; break }
			:: atomic {
				else ->
				yes = 0;
				bits = COUNT(FREE(w));
				ROW_CAS(number, w, row_claim(w, me), ok, skip);
				if
				:: ok -> break
				:: else
				fi
				}
				unreserve(bits)
			fi
#endif
		:: else
		fi
	od;
	atomic { w = 0; at = 0; left = 0; yes = 0; bits = 0; ok = 0 }
	if
	:: number != NO_ROW -> hint_clear(number)
	:: else
	fi
}

/* lab_depot_take(): bits, in row number */
inline take()
{
	reserve(1);
	if
	:: atomic { yes -> yes = 0; at = START; left = 2 }
		do
		:: next_stocked();
			if
			:: number == NO_ROW -> break
			:: else -> take_from(number)
			fi;
			if
			:: bits != 0 -> break
			:: else
			fi
		od;
		/* scan_rows() */
		do
		:: bits != 0 || at == ROWS -> break
		:: atomic {
			else ->
			w = row[at];
			if
			:: has_stock(w) -> number = at
			:: else -> at++
			fi
			}
			if
			:: has_stock(w) ->
				hint_set(number);
				w = 0;
				take_from(number);
				at = 0
			:: else
			fi
		od;
		atomic { w = 0; at = 0; left = 0 }
		if
		:: bits == 0 ->
			assert(false); /* a promised page is always found */
			unreserve(1)
		:: else
		fi
	:: else
	fi
}

/* Free the page that this owner has: of all that may happen to it a valid free. */
inline free_mine()
{
	page_free(p, ANY_GENERATION);
	assert(why == NONE)
}

inline round()
{
	if
	:: claims(me) -> claim();
		if
		:: number != NO_ROW ->
			available(number);
			p = PAGE(number, LOWEST(mine[number]));
			SET_MINE(number, mine[number] & ~BIT(p), now_owned(p, me));
			release(number, me);
			free_mine()
		:: else
		fi
	:: takes(me) -> take();
		if
		:: bits != 0 ->
			atomic { p = PAGE(number, LOWEST(bits)); bits = 0; assert(own[p] == me) }
			free_mine()
		:: else
		fi
	:: else
	fi;
	atomic { number = 0; p = 0; bits = 0 }
}

proctype owner(byte me)
{
	LOCALS;
	byte c, at, left, number, p;
	bit yes;

	if
	:: frees(me) ->
		p = PAGES - 1;
		free_mine();
		p = 0
	:: else
	fi;
	round();
	if
	:: SCENARIO == AGAIN && me == 1 -> round()
	:: else
	fi;
	done++
}

init {
	atomic {
		row[0] = ROW_WORD(FULL, 0, DEPOT, 0, 0);
#if SCENARIO == APART
		row[1] = ROW_WORD(FULL, 0, DEPOT, 0, 0);
#else
		row[1] = ROW_WORD(FULL & ~BIT(PAGES - 1), 0, DEPOT, 0, 0);
		lent[1] = BIT(PAGES - 1);
		word[PAGES - 1] = page_owned(1, OWNERS);
		own[PAGES - 1] = OWNERS;
#endif
		hint = 3;
		counter = STOCK;
		run owner(1);
		run owner(2);
		run owner(3)
	}
	(done == OWNERS);
	assert(STOCK == PAGES && counter == PAGES);
	assert(hint == 3)
}
