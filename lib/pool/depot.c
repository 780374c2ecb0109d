/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "depot.h"
#include "labyrinth_clock.h"
#include "labyrinth_probe.h"
#include "naming.h"

/* ---- the counter ---- */

static void
note_low_water(struct lab_depot *depot, uint32_t free)
{
	uint32_t low = atomic_load_explicit(&depot->low_water, memory_order_relaxed);

	/* relaxed: a statistic, nothing is ordered by it */
	while (free < low && !atomic_compare_exchange_weak_explicit(&depot->low_water, &low,
			free, memory_order_relaxed, memory_order_relaxed))
		;
}

/* ---- time below the watermarks ---- */

static LABYRINTH_COLD void
note_crossings(struct lab_depot *depot, uint32_t before, uint32_t after)
{
	for (uint32_t i = 0; i < LABYRINTH_MARKS; i++) {
		uint32_t mark = lab_mark(&depot->watermarks, i);
		bool below = after < mark;
		uint64_t now = labyrinth_clock_ticks();

		if ((before < mark) == below)
			continue;
		/* relaxed: sums, which come out the same in any order */
		atomic_fetch_add_explicit(&depot->below[i].word,
			below ? lab_below_fall(now) : lab_below_rise(now),
			memory_order_relaxed);
		if (below)
			lab_count_shared(&depot->below[i].falls, 1);
		LABYRINTH_PROBE4(watermark, depot->name, i, below, after);
	}
}

static inline void
note_change(struct lab_depot *depot, uint32_t before, uint32_t after)
{
	if (labyrinth_unlikely((before < after ? before : after) < depot->watermarks.high))
		note_crossings(depot, before, after);
}

/* One who died between changing the counter and noting it left a fall or a rise out. */
static void
mend_crossings(struct lab_depot *depot, uint32_t free)
{
	for (uint32_t i = 0; i < LABYRINTH_MARKS; i++) {
		uint64_t word = atomic_load_explicit(&depot->below[i].word,
			memory_order_relaxed);
		int missing = (free < lab_mark(&depot->watermarks, i)) - lab_below_open(word);
		uint64_t now = labyrinth_clock_ticks();

		/* Not if somebody noted meanwhile. */
		if (missing == 1 || missing == -1)
			atomic_compare_exchange_strong_explicit(&depot->below[i].word, &word,
				word + (missing > 0 ? lab_below_fall(now) :
					lab_below_rise(now)),
				memory_order_relaxed, memory_order_relaxed);
	}
}

/* Floor check and take are this one CAS. All or none of want. */
bool
lab_depot_reserve(struct lab_depot *depot, uint32_t floor, uint32_t want)
{
	uint64_t raw = atomic_load_explicit(&depot->free, memory_order_relaxed);
	uint32_t free;

	do {
		free = (uint32_t)raw;
		if (free < floor || free - floor < want)
			return false;
		/* acquire: the bits that were set before the counter was raised are seen */
	} while (!atomic_compare_exchange_weak_explicit(&depot->free, &raw, raw - want,
			memory_order_acquire, memory_order_relaxed));
	note_low_water(depot, free - want);
	note_change(depot, free, free - want);
	return true;
}

static bool
reserve(struct lab_depot *depot, unsigned int class, uint32_t want)
{
	return lab_depot_reserve(depot, depot->floors.floor[class], want);
}

void
lab_depot_unreserve(struct lab_depot *depot, uint32_t pages)
{
	/* release: the bits that were set before are seen by who reserves them */
	uint32_t before = (uint32_t)atomic_fetch_add_explicit(&depot->free, pages,
		memory_order_release);

	note_change(depot, before, before + pages);
}

void
lab_depot_begin(struct labyrinth_owner *owner)
{
	/* RMW, since handlers and any-thread owners nest; seq_cst against recount() */
	atomic_fetch_add_explicit(&owner->changing, 1, memory_order_seq_cst);
}

void
lab_depot_end(struct labyrinth_owner *owner)
{
	atomic_fetch_add_explicit(&owner->changed, 1, memory_order_seq_cst);
}

/* ---- hints ---- */

/*
 * Set the bit of a row that was just changed by lab_row_cas(). Most often it is set
 * already, and then the line stays shared.
 */
static void
bit_set(_Atomic uint64_t *bits, uint32_t row)
{
	_Atomic uint64_t *word = &bits[row / 64];
	uint64_t bit = UINT64_C(1) << (row % 64);

	/* seq_cst against bit_clear(): CAS row, look at bit; clear bit, look at row */
	if ((atomic_load_explicit(word, memory_order_seq_cst) & bit) == 0)
		atomic_fetch_or_explicit(word, bit, memory_order_seq_cst);
}

/* Clear the bit of a row; a look at the row (lab_row_load()) must follow. */
static void
bit_clear(_Atomic uint64_t *bits, uint32_t row)
{
	atomic_fetch_and_explicit(&bits[row / 64], ~(UINT64_C(1) << (row % 64)),
		memory_order_seq_cst);
}

static bool
row_has_stock(struct lab_row_word word)
{
	return lab_row_counted(word) && word.free != 0;
}

static void
hint_clear(struct labyrinth_pool *pool, uint32_t row)
{
	bit_clear(pool->hint, row);
	if (row_has_stock(lab_row_load(&pool->row[row])))
		bit_set(pool->hint, row);
}

/* A walk through the words of a hint map that cover the rows of a depot, going round. */
struct walk {
	const struct lab_depot *depot;
	uint32_t at, left;   /* row to look at next; words still to be looked at */
};

static struct walk
walk_from(const struct lab_depot *depot, uint32_t row)
{
	bool inside = row >= depot->first && row - depot->first < depot->rows;

	/* once more than there are words, for the first part of the first */
	return (struct walk){
		.depot = depot,
		.at = inside ? row : depot->first,
		.left = (depot->rows + 63) / 64 + 1,
	};
}

/* The first set bit at or after walk->at. */
static uint32_t
next_bit(const _Atomic uint64_t *map, struct walk *walk)
{
	uint32_t end = walk->depot->first + walk->depot->rows;

	for (; walk->left > 0; walk->left--) {
		uint32_t word = walk->at / 64;
		/* acquire: pairs with bit_set() */
		uint64_t bits = atomic_load_explicit(&map[word], memory_order_acquire) &
			UINT64_MAX << (walk->at % 64);

		if (bits != 0)
			return word * 64 + (uint32_t)__builtin_ctzll(bits);
		walk->at = (word + 1) * 64 < end ? (word + 1) * 64 : walk->depot->first;
	}
	return LAB_NO_ROW;
}

/* The next row with stock; hints that are out of date are cleared on the way. */
static uint32_t
next_stocked(struct labyrinth_pool *pool, struct walk *walk)
{
	uint32_t row;

	while ((row = next_bit(pool->hint, walk)) != LAB_NO_ROW) {
		walk->at = row;
		if (row_has_stock(lab_row_load(&pool->row[row])))
			break;
		hint_clear(pool, row);
	}
	return row;
}

/*
 * Hints can miss a row only when a thread died or is stopped between setting bits
 * and the hint. Then the rows themselves tell; the hint is mended.
 */
static uint32_t
scan_rows(struct labyrinth_pool *pool, const struct lab_depot *depot)
{
	for (uint32_t row = depot->first; row < depot->first + depot->rows; row++) {
		if (!row_has_stock(lab_row_load(&pool->row[row])))
			continue;
		bit_set(pool->hint, row);
		return row;
	}
	return LAB_NO_ROW;
}

/* ---- claiming and releasing rows ---- */

static uint32_t
claim(struct labyrinth_owner *owner, struct lab_depot *depot, unsigned int class)
{
	struct labyrinth_pool *pool = owner->pool;
	struct walk walk = walk_from(depot, owner->depot_rotor);
	uint32_t number;

	while ((number = next_stocked(pool, &walk)) != LAB_NO_ROW) {
		struct lab_row *row = &pool->row[number];
		struct lab_row_word word = lab_row_load(row);
		uint32_t count = (uint32_t)__builtin_popcount((uint32_t)word.free);

		if (word.state == LAB_ROW_TAKING)
			lab_depot_help(pool, number);
		if (word.state != LAB_ROW_DEPOT || count == 0)
			continue;
		if (!reserve(depot, class, count))
			return LAB_NO_ROW;
		if (lab_row_cas(row, &word, lab_row_claim(word, owner->slot))) {
			hint_clear(pool, number);
			owner->depot_rotor = number;
			return number;
		}
		lab_depot_unreserve(depot, count);
	}
	return LAB_NO_ROW;
}

/* The n-th nearest depot of an owner. */
static struct lab_depot *
nth_depot(const struct labyrinth_owner *owner, uint32_t n)
{
	struct labyrinth_pool *pool = owner->pool;

	return &pool->depot[pool->depot[owner->home].order[n]];
}

static void
note_waive(struct labyrinth_owner *owner, uint32_t n)
{
	if (labyrinth_unlikely(n != 0))
		lab_count_shared(&owner->side.waive, 1);
}

uint32_t
lab_depot_claim(struct labyrinth_owner *owner, unsigned int class)
{
	uint32_t number = LAB_NO_ROW;

	lab_depot_begin(owner);
	for (uint32_t n = 0; n < owner->pool->nodes && number == LAB_NO_ROW; n++) {
		number = claim(owner, nth_depot(owner, n), class);
		if (number != LAB_NO_ROW)
			note_waive(owner, n);
	}
	lab_depot_end(owner);
	return number;
}

void
lab_depot_gained(struct labyrinth_pool *pool, uint32_t row, uint32_t pages)
{
	bit_set(pool->hint, row);
	lab_depot_unreserve(lab_depot_of(pool, row), pages);
}

static bool
is_team_mate(const struct labyrinth_owner *owner, uint32_t slot)
{
	const struct labyrinth_pool *pool = owner->pool;

	return pool->owner[slot].shared &&
		lab_team_of(pool, slot) == lab_team_of(pool, owner->slot);
}

/* Give a row back whose private free pages are mine, once all that is out is named. */
static void
release(struct labyrinth_owner *owner, uint32_t number, uint32_t holder, uint32_t mine,
	uint32_t heir, bool sure)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[number];
	struct lab_row_word word = lab_row_load(row);

	lab_depot_begin(owner);
	/* Again only when somebody freed, took or named a page of the row meanwhile. Unless
	 * we are sure whose the slot is, the row of another member may be given back by its
	 * reclaimer, and the slot be used anew, by one who holds the row in private. */
	while (lab_row_held_by(word, holder) && (sure || is_team_mate(owner, holder))) {
		if (!lab_naming_row(owner, number, word, mine, heir)) {
			word = lab_row_load(row);
			continue;
		}
		if (!lab_row_cas(row, &word, lab_row_release(word, mine)))
			continue;
		lab_depot_gained(pool, number,
			(uint32_t)__builtin_popcount((uint32_t)word.free | mine));
		break;
	}
	lab_depot_end(owner);
}

void
lab_depot_release(struct labyrinth_owner *owner, uint32_t number, uint32_t heir)
{
	struct lab_row *row = &owner->pool->row[number];
	uint32_t mine;

	if (!lab_row_held_by(lab_row_look(row, &mine), owner->slot))
		return;
	/* Before the release: afterwards the mask is the next holder's. Should we die
	 * here, the pages count as owned by us and come back with our death. Not if it is
	 * empty: then the row may have been stolen, and is another's, by now. relaxed: the
	 * CAS that releases publishes it. */
	lab_moving_begin(owner, number, mine);
	if (mine != 0)
		atomic_store_explicit(&row->mine, 0, memory_order_relaxed);
	release(owner, number, owner->slot, mine, heir, true);
	lab_moving_end(owner);
}

void
lab_depot_release_shared(struct labyrinth_owner *owner, uint32_t number, uint32_t holder)
{
	release(owner, number, holder, 0, holder, false);
}

void
lab_depot_release_dead(struct labyrinth_owner *owner, uint32_t number, uint32_t dead,
	uint32_t heir)
{
	release(owner, number, dead, 0, heir, true);
}

/* ---- rows that come and go ---- */

bool
lab_depot_offline(struct labyrinth_pool *pool, uint32_t number)
{
	struct lab_row *row = &pool->row[number];
	struct lab_row_word word = lab_row_load(row);

	while (word.state == LAB_ROW_DEPOT && (uint32_t)word.free == lab_row_mask(pool, number))
		if (lab_row_cas(row, &word, lab_row_offline(word))) {
			hint_clear(pool, number);
			return true;
		}
	return false;
}

void
lab_depot_online(struct labyrinth_pool *pool, uint32_t number)
{
	struct lab_row *row = &pool->row[number];
	struct lab_row_word word = lab_row_load(row);

	/* Nobody else changes an offline row; the loop is for the form's sake. */
	while (!lab_row_cas(row, &word, lab_row_online(word, lab_row_mask(pool, number))))
		;
	bit_set(pool->hint, number);
}

/* ---- rows that are free though held ---- */

void
lab_depot_freed(struct labyrinth_pool *pool, uint32_t row)
{
	bit_set(pool->freed, row);
}

void
lab_depot_looked(struct labyrinth_pool *pool, uint32_t row)
{
	bit_clear(pool->freed, row);
}

void
lab_depot_ripe(struct labyrinth_pool *pool, uint32_t row)
{
	bit_set(pool->ripe, row);
}

static uint32_t
steal_row(struct labyrinth_pool *pool, uint32_t number)
{
	struct lab_row *row = &pool->row[number];
	struct lab_row_word word = lab_row_load(row);
	uint32_t all = lab_row_mask(pool, number);

	/* All pages in the public mask: the holder's own mask is empty, no page is out,
	 * and whatever the holder does next begins with a CAS, which will fail. */
	while (word.state == LAB_ROW_HELD && (uint32_t)word.free == all)
		if (lab_row_cas(row, &word, lab_row_release(word, 0))) {
			uint32_t gained = (uint32_t)__builtin_popcount(all);

			lab_depot_gained(pool, number, gained);
			return gained;
		}
	return 0;
}

static uint32_t
steal_ripe(struct labyrinth_owner *owner, const struct lab_depot *depot)
{
	struct labyrinth_pool *pool = owner->pool;
	struct walk walk = walk_from(depot, 0);
	uint32_t gained = 0, number;

	while ((number = next_bit(pool->ripe, &walk)) != LAB_NO_ROW) {
		/* Before the look, so that a row which ripens later is noted again. */
		bit_clear(pool->ripe, number);
		gained += steal_row(pool, number);
	}
	return gained;
}

/*
 * The free pages in rows of which others are out. Between strangers they stay with the
 * holder, who alone can give the row back; in a team all of them are in the public mask.
 * Stops at a row's worth: what the others cache is theirs as long as it can be.
 */
static uint32_t
raid_team(struct labyrinth_owner *owner, const struct lab_depot *depot)
{
	uint32_t gained = 0, end = depot->first + depot->rows;

	for (uint32_t number = depot->first; number < end && gained < LAB_ROW_PAGES; number++) {
		struct lab_row_word word = lab_row_load(&owner->pool->row[number]);

		if (word.state != LAB_ROW_HELD || word.free == 0 ||
				!is_team_mate(owner, (uint32_t)word.holder))
			continue;
		lab_depot_release_shared(owner, number, (uint32_t)word.holder);
		gained += (uint32_t)__builtin_popcount((uint32_t)word.free);
	}
	return gained;
}

uint32_t
lab_depot_steal(struct labyrinth_owner *owner)
{
	uint32_t gained = 0, nodes = owner->pool->nodes;

	lab_depot_begin(owner);
	for (uint32_t n = 0; n < nodes; n++)
		gained += steal_ripe(owner, nth_depot(owner, n));
	for (uint32_t n = 0; n < nodes && gained == 0 && owner->shared; n++)
		gained += raid_team(owner, nth_depot(owner, n));
	lab_depot_end(owner);
	return gained;
}

/* ---- single pages ---- */

/*
 * Make the word of the page name its taker. A helper that comes late does no harm:
 * its CAS expects a word that was seen while the take was still under way.
 */
static void
name_taken(struct labyrinth_pool *pool, struct lab_row *row, uint32_t page,
	struct lab_row_word taking)
{
	struct lab_page_word word = lab_word_load(pool, page);

	while (word.state != LAB_PAGE_OWNED) {
		struct lab_row_word now = lab_row_load(row);

		/* Newer than the page's last generation, be it by word or by pass, which
		 * nobody changes while the row is the depot's. */
		struct lab_pass_word next = lab_pass_next(lab_pass_load(row),
			(uint32_t)word.generation);

		if (now.state != LAB_ROW_TAKING || now.version != taking.version)
			return;
		if (lab_word_cas(pool, page, &word,
				lab_page_owned((uint32_t)next.epoch, taking.holder)))
			return;
	}
}

void
lab_depot_help(struct labyrinth_pool *pool, uint32_t number)
{
	struct lab_row *row = &pool->row[number];
	struct lab_row_word taking = lab_row_load(row);
	struct lab_row_word now = taking;

	if (taking.state != LAB_ROW_TAKING)
		return;
	/* release: as in lab_naming_mark() */
	atomic_fetch_or_explicit(&row->lent, 1u << taking.pick, memory_order_release);
	name_taken(pool, row, (number << LAB_ROW_SHIFT) + (uint32_t)taking.pick, taking);
	while (now.state == LAB_ROW_TAKING && now.version == taking.version)
		if (lab_row_cas(row, &now, lab_row_taken(now)))
			return;
}

/* Take the lowest free page of a row, if it has any. */
static bool
take_from(struct labyrinth_owner *owner, uint32_t number, uint32_t *page)
{
	struct labyrinth_pool *pool = owner->pool;
	struct lab_row *row = &pool->row[number];
	struct lab_row_word word = lab_row_load(row);

	while (row_has_stock(word)) {
		uint32_t pick = (uint32_t)__builtin_ctz((uint32_t)word.free);

		if (word.state == LAB_ROW_TAKING) {
			lab_depot_help(pool, number);
			word = lab_row_load(row);
			continue;
		}
		if (!lab_row_cas(row, &word, lab_row_take(word, pick, owner->slot)))
			continue;
		lab_depot_help(pool, number);
		*page = (number << LAB_ROW_SHIFT) + pick;
		return true;
	}
	return false;
}

/* The counter has promised a page: find it. */
static bool
take_reserved(struct labyrinth_owner *owner, struct lab_depot *depot, uint32_t *page)
{
	struct labyrinth_pool *pool = owner->pool;
	/* relaxed: only where to look first */
	struct walk walk = walk_from(depot,
		atomic_load_explicit(&depot->take_rotor, memory_order_relaxed));
	uint32_t number;

	while ((number = next_stocked(pool, &walk)) != LAB_NO_ROW)
		if (take_from(owner, number, page)) {
			atomic_store_explicit(&depot->take_rotor, number,
				memory_order_relaxed);
			return true;
		}
	while ((number = scan_rows(pool, depot)) != LAB_NO_ROW)
		if (take_from(owner, number, page))
			return true;
	return false;
}

bool
lab_depot_take(struct labyrinth_owner *owner, unsigned int class, uint32_t *page)
{
	bool taken = false;

	lab_depot_begin(owner);
	for (uint32_t n = 0; n < owner->pool->nodes && !taken; n++) {
		struct lab_depot *depot = nth_depot(owner, n);

		if (!reserve(depot, class, 1))
			continue;
		taken = take_reserved(owner, depot, page);
		if (taken)
			note_waive(owner, n);
		else
			lab_depot_unreserve(depot, 1);
	}
	lab_depot_end(owner);
	return taken;
}

/* ---- after a death ---- */

void
lab_depot_mend_hints(struct labyrinth_pool *pool, uint32_t number)
{
	struct lab_row_word word = lab_row_load(&pool->row[number]);

	if (row_has_stock(word))
		bit_set(pool->hint, number);
	if (word.state != LAB_ROW_HELD || word.free == 0)
		return;
	bit_set(pool->freed, number);
	if ((uint32_t)word.free == lab_row_mask(pool, number))
		bit_set(pool->ripe, number);
}

/*
 * Sum of changes begun and done; *quiet: no live owner is in the middle of one. Begun ones
 * too, since who begins after one look may be known to be dead at the next.
 */
static uint64_t
changes(const struct labyrinth_pool *pool, bool *quiet)
{
	uint64_t sum = 0;

	/* slot 0: the refiller's */
	for (uint32_t slot = 0; slot <= pool->owners; slot++) {
		const struct labyrinth_owner *owner = &pool->owner[slot];
		uint32_t done = atomic_load_explicit(&owner->changed, memory_order_seq_cst);
		bool lives = (slot == 0 || lab_team_of(pool, slot) != 0) &&
			atomic_load_explicit(&owner->bound, memory_order_seq_cst) !=
			LAB_BOUND_DEAD;
		uint32_t begun = atomic_load_explicit(&owner->changing, memory_order_seq_cst);

		if (lives && done != begun)
			*quiet = false;
		sum += (uint64_t)done + begun;
	}
	return sum;
}

/* Add what was missing, once: not if it was corrected since the epoch of counter. */
static bool
correct(struct lab_depot *depot, uint64_t counter, uint32_t missing)
{
	const uint64_t epoch = UINT64_C(1) << 32;
	uint64_t now = atomic_load_explicit(&depot->free, memory_order_relaxed);

	do {
		if (now / epoch != counter / epoch)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&depot->free, &now,
			now + epoch + missing, memory_order_acq_rel, memory_order_relaxed));
	note_change(depot, (uint32_t)now, (uint32_t)now + missing);
	return true;
}

static uint32_t
count_stock(const struct labyrinth_pool *pool, const struct lab_depot *depot)
{
	uint32_t stock = 0;

	for (uint32_t row = depot->first; row < depot->first + depot->rows; row++) {
		struct lab_row_word word = lab_row_load(&pool->row[row]);

		if (lab_row_counted(word))
			stock += (uint32_t)__builtin_popcount((uint32_t)word.free);
	}
	return stock;
}

/*
 * What a finished change does to the rows it does to the counter, so the difference of
 * the two is the same at any quiet moment: it may be added whenever it was found.
 * Returns whether it is known now; *found is what was missing.
 */
static bool
recount_one(struct labyrinth_pool *pool, struct lab_depot *depot, uint32_t *found)
{
	bool quiet = true;
	uint64_t before = changes(pool, &quiet);
	uint64_t counter = atomic_load_explicit(&depot->free, memory_order_seq_cst);
	uint32_t stock = quiet ? count_stock(pool, depot) : 0;

	if (!quiet || changes(pool, &quiet) != before || !quiet)
		return false;
	mend_crossings(depot, (uint32_t)counter);
	*found = stock - (uint32_t)counter;
	return *found == 0 || correct(depot, counter, *found);
}

bool
lab_depot_recount(struct labyrinth_pool *pool)
{
	/* relaxed, as all of recount_due: a note to try again, nothing is ordered by it */
	uint32_t due = 1 + atomic_fetch_add_explicit(&pool->recount_due, 1,
		memory_order_relaxed);
	bool all = true, any = false;

	for (uint32_t n = 0; n < pool->nodes; n++) {
		uint32_t found = 0;

		if (!recount_one(pool, &pool->depot[n], &found))
			all = false;
		else if (found != 0)
			any = true;
	}
	/* not if another death was noted meanwhile */
	if (all)
		atomic_compare_exchange_strong_explicit(&pool->recount_due, &due, 0,
			memory_order_relaxed, memory_order_relaxed);
	return any;
}
