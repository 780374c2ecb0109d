/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_POOL_PRIVATE_H
#define LAB_POOL_PRIVATE_H

/**
 * @file
 * The side arrays of a pool, and who may write what in them.
 *
 *   pool ── row[]    a row is 32 pages: row word, holder's mask, lent mask, pass word
 *        ── word[]   a page word a page
 *        ── hint[]   a bit a row: worth a look, the depot has free pages there
 *        ── freed[]  a bit a row: worth a look by its holder, others freed into it
 *        ── ripe[]   a bit a row: worth a look, all of it may be free though held
 *        ── owner[]  by slot, 0 unused
 *
 * Inside the library a page is its number (0 …), not its index (1 …).
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "labyrinth_pool.h"
#include "attach.h"
#include "backing.h"
#include "page_word.h"
#include "pass_word.h"
#include "row_word.h"
#include "watermark.h"

/** Loose pages that an owner remembers: two bursts of the usual size. */
#define LAB_LOOSE 64u
/** Most pages in an owner's magazine. */
#define LAB_MAGAZINE 512u
/** Slots that an owner can keep from being used anew. */
#define LAB_KEEPS 3u
/** "No row". */
#define LAB_NO_ROW UINT32_MAX

/**
 * A row. Two neighbours (64 pages) share a cache line: it moves between an rx core
 * and a worker that frees in order once per 64 pages.
 */
struct lab_row {
	_Atomic uint64_t word;   /**< row_word.h: anybody, by CAS */
	/** Free pages of a holder without a team: by the holder's thread alone, and
	 * only inside a call; else 0. Handlers and others free into the word. */
	_Atomic uint32_t mine;
	/** Pages that may be named by their word: a hint that never misses one. */
	_Atomic uint32_t lent;
	_Atomic uint64_t pass;   /**< pass_word.h: by the holder */
	/** Pages handed out one by one in this epoch: generation in the page word. */
	_Atomic uint32_t singles;
} __attribute__((aligned(32)));
static_assert(sizeof(struct lab_row) == 32, "two rows a cache line");

/** Counters of an owner. One writer, but see lab_owner.side. */
struct lab_counters {
	_Atomic uint64_t alloc, released, transferred, reclaimed, waive;
	_Atomic uint64_t alloc_fail[LABYRINTH_GFP_CLASSES];
	_Atomic uint64_t refused[LABYRINTH_REFUSAL_KINDS];
};

/** What is known of the thread that an owner is bound to. */
enum lab_bound {
	LAB_BOUND_NOT,
	LAB_BOUND_ALIVE,  /**< as far as is known: look at the life mutex */
	LAB_BOUND_DEAD,   /**< the kernel said so; being reclaimed */
};

struct labyrinth_owner {
	struct labyrinth_pool *pool;
	uint32_t slot;
	uint32_t flags;
	/** In a team: rows are worked on by CAS only. Set while it holds none, at the first
	 * join, of which there may be several at once; read as it is, seq_cst is free. */
	_Atomic bool shared;
	_Atomic uint32_t team;     /**< slot of the first member; 0: slot unused */
	/** Locked by the bound thread for life; the kernel marks it when that dies. */
	pthread_mutex_t life;
	_Atomic uint32_t bound;    /**< enum lab_bound; of an unused slot: as it was left */
	/** Slots that this owner works on, and that must not be used anew meanwhile: the
	 * dead one, that of its team's number, and one that an orphan is named after. */
	_Atomic uint32_t keeps[LAB_KEEPS];
	_Atomic bool leaving;      /**< being unregistered, or has been: nobody's mate or peer */
	_Atomic uint32_t tenure;   /**< how often the slot was registered */
	_Atomic uint32_t waiting;  /**< calls of labyrinth_alloc_wait() under way */
	/** Changes of the depot begun and done, see lab_depot_recount(). */
	_Atomic uint32_t changing, changed;
	/** A call is under way: how a signal handler sees that it interrupted one. */
	_Atomic bool busy;
	/* the owner's thread alone, and only inside a call */
	uint64_t *held;            /**< a bit a row; may also have rows stolen since */
	uint64_t *stock;           /**< a bit a held row whose mine mask may not be empty */
	uint32_t *recent;          /**< ring of rows that got whole, hints */
	uint32_t recent_rows;      /**< size of the ring, 0: hold no rows at all */
	uint32_t recent_top, recent_count;
	/** Pages freed one by one, youngest last: hints, their rows have the truth. */
	uint32_t loose[LAB_LOOSE];
	uint32_t loose_count;
	/** What words of loose pages are but for the generation, out and in the magazine. */
	uint64_t word_loose, word_cached;
	/** Pages that come and go one by one, youngest last: see magazine.h. */
	labyrinth_page *magazine;
	uint32_t magazine_size, magazine_count;
	/** The burst that is being freed into the magazine, for handlers; n 0: none. */
	struct {
		labyrinth_page *page;
		uint32_t *index;
		void **address;
		volatile uint32_t n;
	} freeing;
	/** Pages that the call under way moves from mask to mask, see lab_moving_begin(). */
	volatile uint32_t moving_row, moving;
	uint32_t current;          /**< row that allocs take from, or LAB_NO_ROW */
	uint32_t oldest;           /**< held row longest not looked at */
	uint32_t patience;         /**< looks left at oldest before it is passed over */
	/** Bits in the mine masks of the held rows, and the magazine. Of a member of a team:
	 * pages that it freed into its rows and did not take since; too high when rows were
	 * stolen. */
	uint32_t cached;
	uint32_t cache_max;
	uint32_t home;             /**< number of the nearest depot */
	uint32_t depot_rotor;      /**< row where the next look into the depot begins */
	/** main: by the owner's thread, plain adds. side: by handlers that interrupt a
	 * call and by any-thread owners, atomic adds, so that no count is lost. */
	struct lab_counters main, side;
	char name[LABYRINTH_NAME_SIZE];
} __attribute__((aligned(LABYRINTH_CACHE_LINE)));

/**
 * How long a depot was below a watermark, and how often it fell below it. Each change of
 * the counter that crosses the mark is noted by who made it, as a sum that any order of
 * notes comes to; see watermark.h for the word.
 */
struct lab_below {
	_Atomic uint64_t word;
	_Atomic uint64_t falls;
};

/**
 * The depot of a NUMA node: a range of rows, how many free pages it has, its floors.
 */
struct lab_depot {
	/** Low half: free pages. Lowered by CAS before rows are claimed, raised after rows
	 * are released, so it never promises a page that is not there. High half: how
	 * often it was corrected after a death. */
	_Atomic uint64_t free;
	_Atomic uint32_t low_water;
	_Atomic uint32_t take_rotor;   /**< row where single takes look first */
	/* read only after creation */
	uint32_t first, rows;          /**< whole words of the hint maps */
	struct lab_floors floors;
	struct labyrinth_watermarks watermarks;
	int node;                      /**< NUMA node, -1: any */
	uint8_t order[LABYRINTH_NODES_MAX]; /**< depots to look in, this one first */
	const char *name;              /**< of the pool, for probes */
	struct lab_below below[LABYRINTH_MARKS];
} __attribute__((aligned(LABYRINTH_CACHE_LINE)));

struct labyrinth_pool {
	struct lab_seal seal;
	/* read only after creation */
	struct lab_row *row;
	_Atomic uint64_t *word;
	_Atomic uint64_t *hint, *freed, *ripe;
	struct labyrinth_owner *owner;
	char *base;
	char *owner_bits;          /**< maps and rings of the owners, by slot */
	/** The most the pool can have; the pages of creation, which it never goes below. */
	uint32_t pages, pages_min;
	uint32_t rows, hints, owners;
	uint32_t cache_max, recent_rows, magazine_size;
	uint32_t flags;
	struct labyrinth_watermarks watermarks;
	uint32_t nodes, rows_a_node;
	int node[LABYRINTH_NODES_MAX]; /**< NUMA nodes of the depots */
	struct lab_backing backing;
	char name[LABYRINTH_NAME_SIZE];
	size_t side_size;          /**< bytes of the mapping that begins with this struct; 0: it
	                                is the caller's */
	struct lab_depot depot[LABYRINTH_NODES_MAX];
	/** Somebody waits for pages: freed ones must not hide in caches. See wait.h. */
	_Atomic bool waiting;
	_Atomic uint64_t grows, shrinks, poison_broken;
	_Atomic uint32_t joins;    /**< how often an owner joined a team, see lab_owner_has_mates() */
	struct lab_refiller *refiller;
	/** A death may have left the counter too low: lab_depot_recount() is due. */
	_Atomic uint32_t recount_due;
};

/** Number of the row of a page. */
static inline uint32_t
lab_row_of(uint32_t page)
{
	return page >> LAB_ROW_SHIFT;
}

/** The bit of a page in the masks of its row. */
static inline uint32_t
lab_bit_of(uint32_t page)
{
	return 1u << (page & (LAB_ROW_PAGES - 1));
}

/** The bits of @p n (1 … 32) pages of one row from @p page on. */
static inline uint32_t
lab_bits_from(uint32_t page, uint32_t n)
{
	return (uint32_t)((UINT64_C(1) << n) - 1) << (page & (LAB_ROW_PAGES - 1));
}

/** Bits of the row that are pages at all: the last row may be short. */
static inline uint32_t
lab_row_mask(const struct labyrinth_pool *pool, uint32_t row)
{
	uint32_t left = pool->pages - (row << LAB_ROW_SHIFT);

	return left >= LAB_ROW_PAGES ? LAB_ROW_FULL : (1u << left) - 1;
}

/**
 * What the last update of the row published is seen (acquire); seq_cst, which costs
 * a load nothing on x86, for looks after a hint bit was cleared, see lab_row_cas().
 */
static inline struct lab_row_word
lab_row_load(const struct lab_row *row)
{
	return lab_row_word(atomic_load_explicit(&row->word, memory_order_seq_cst));
}

/**
 * The row's word and its holder's mask, for who may hold it. The mask first: if the row is
 * ours by the word, the mask was. It may have been stolen when all of it was free, and be
 * another's by now. acquire: for that order.
 */
static inline struct lab_row_word
lab_row_look(const struct lab_row *row, uint32_t *mine)
{
	*mine = atomic_load_explicit(&row->mine, memory_order_acquire);
	return lab_row_load(row);
}

/**
 * Apply a transition that was computed from *expected. The one CAS of rows.
 * Releases what the caller wrote before (masks, page words, page data) to the next
 * who loads the word, and acquires theirs; on failure *expected is fresh.
 * seq_cst, because after a row was changed its bit in a hint map is looked at, while
 * others clear the bit and then look at the row: one of the two must see the other.
 */
static inline bool
lab_row_cas(struct lab_row *row, struct lab_row_word *expected, struct lab_row_word desired)
{
	uint64_t raw = lab_row_raw(*expected);
	bool done = atomic_compare_exchange_strong_explicit(&row->word, &raw,
		lab_row_raw(desired), memory_order_seq_cst, memory_order_acquire);

	if (!done)
		*expected = lab_row_word(raw);
	return done;
}

/**
 * acquire: pairs with the release of whoever wrote the word; seq_cst, which costs a load
 * nothing on x86, for looks at all words by an owner that leaves, see lab_word_cas().
 */
static inline struct lab_page_word
lab_word_load(const struct labyrinth_pool *pool, uint32_t page)
{
	return lab_page_word(
		atomic_load_explicit(&pool->word[page], memory_order_seq_cst));
}

/**
 * The one CAS of page words; releases and acquires as lab_row_cas(). seq_cst, because who
 * names a peer in a word then looks whether that leaves, while an owner that leaves says
 * so and then looks at the words: one of the two must see the other.
 */
static inline bool
lab_word_cas(struct labyrinth_pool *pool, uint32_t page, struct lab_page_word *expected,
	struct lab_page_word desired)
{
	uint64_t raw = lab_page_raw(*expected);
	bool done = atomic_compare_exchange_strong_explicit(&pool->word[page], &raw,
		lab_page_raw(desired), memory_order_seq_cst, memory_order_acquire);

	if (!done)
		*expected = lab_page_word(raw);
	return done;
}

#if defined(__SANITIZE_THREAD__)
#define LAB_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LAB_THREAD_SANITIZER 1
#endif
#endif

/**
 * lab_word_cas() of a word that only this thread and its signal handlers write: on
 * x86-64 one unlocked instruction, which no handler can split.
 */
static inline bool
lab_word_cas_local(struct labyrinth_pool *pool, uint32_t page, struct lab_page_word *expected,
	struct lab_page_word desired)
{
#if defined(__x86_64__) && !defined(LAB_THREAD_SANITIZER)
	uint64_t raw = lab_page_raw(*expected);
	bool done;

	__asm__ volatile("cmpxchgq %3, %1"
		: "=@ccz"(done), "+m"(*(volatile uint64_t *)&pool->word[page]), "+a"(raw)
		: "r"(lab_page_raw(desired))
		: "memory");
	*expected = lab_page_word(raw);
	return done;
#else
	return lab_word_cas(pool, page, expected, desired);
#endif
}

/** acquire: the page words that the holder wrote before the pass word are seen. */
static inline struct lab_pass_word
lab_pass_load(const struct lab_row *row)
{
	return lab_pass_word(atomic_load_explicit(&row->pass, memory_order_acquire));
}

/**
 * Generation of a page whose word was loaded *after* the pass word of its row: then a
 * page that a new epoch put out of used has its generation in the word.
 */
static inline uint32_t
lab_page_generation(const struct lab_row *row, struct lab_pass_word pass,
	struct lab_page_word word, uint32_t bit)
{
	/* relaxed: singles are the holder's own; others are refused whatever they see */
	uint32_t singles = atomic_load_explicit(&row->singles, memory_order_relaxed);

	if (!lab_page_unnamed(word))
		return (uint32_t)word.generation;
	return lab_pass_generation(pass, singles, bit, (uint32_t)word.generation);
}

/** Team of an owner slot, 0 of an unused one. relaxed: it changes only at rest. */
static inline uint32_t
lab_team_of(const struct labyrinth_pool *pool, uint32_t slot)
{
	return atomic_load_explicit(&pool->owner[slot].team, memory_order_relaxed);
}

/**
 * Does a page that is named after @p slot belong to @p team? After one of its members, or
 * after the team itself, by its number: what those left who died or went.
 */
static inline bool
lab_is_of_team(const struct labyrinth_pool *pool, uint32_t slot, uint32_t team)
{
	return lab_team_of(pool, slot) == team || slot == team;
}

/** The depot that a row belongs to. */
static inline struct lab_depot *
lab_depot_of(struct labyrinth_pool *pool, uint32_t row)
{
	return &pool->depot[pool->nodes == 1 ? 0 : row / pool->rows_a_node];
}

/**
 * Must pages freed into a row go to the depot at once, because its reserve was dipped
 * into or somebody waits? relaxed: a change is seen by the next free.
 */
static inline bool
lab_pressure(struct labyrinth_pool *pool, uint32_t row)
{
	const struct lab_depot *depot = lab_depot_of(pool, row);

	return (uint32_t)atomic_load_explicit(&depot->free, memory_order_relaxed) <
			depot->watermarks.min ||
		atomic_load_explicit(&pool->waiting, memory_order_relaxed);
}

/**
 * The owner's call is about to move free pages @p bits of a row that it holds between the
 * masks. For a moment they are in neither, like pages that are out; a signal handler of
 * the same owner, to whom those would belong, learns here that they are not.
 */
static inline void
lab_moving_begin(struct labyrinth_owner *owner, uint32_t row, uint32_t bits)
{
	owner->moving_row = row;
	owner->moving = bits;
	/* for the handler: said before any mask changes */
	atomic_signal_fence(memory_order_seq_cst);
}

static inline void
lab_moving_end(struct labyrinth_owner *owner)
{
	atomic_signal_fence(memory_order_seq_cst);
	owner->moving = 0;
}

/** Is the page being moved by the owner's call that a handler interrupted? */
static inline bool
lab_is_moving(const struct labyrinth_owner *owner, uint32_t page)
{
	return (owner->moving & lab_bit_of(page)) != 0 &&
		owner->moving_row == lab_row_of(page);
}

/** Add to a counter with one writer. relaxed: readers want no order, only no tear. */
static inline void
lab_count(_Atomic uint64_t *counter, uint64_t add)
{
	atomic_store_explicit(counter,
		atomic_load_explicit(counter, memory_order_relaxed) + add,
		memory_order_relaxed);
}

/** Add to a counter with several writers. relaxed: as lab_count(). */
static inline void
lab_count_shared(_Atomic uint64_t *counter, uint64_t add)
{
	atomic_fetch_add_explicit(counter, add, memory_order_relaxed);
}

#endif /* LAB_POOL_PRIVATE_H */
