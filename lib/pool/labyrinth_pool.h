/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_POOL_H
#define LABYRINTH_POOL_H

/**
 * @file
 * The page pool: 4 KiB pages on hugepages, lock-free, each with exactly one owner.
 *
 * DATA OWNERSHIP
 *
 *   A page is free, cached by an owner, owned, offered to an owner, or offline.
 *   An owned page belongs to exactly one owner until that owner frees or
 *   transfers it; a free by anybody else is refused, classified and counted, and
 *   changes nothing. Free pages are not written by the pool, unless it is asked to
 *   zero or poison them (DPDK users keep state in them, and it would pull their lines
 *   into the cache): everything the pool knows stands in side arrays.
 *
 * THREADS
 *
 *   An owner is one thread of execution together with the signal handlers that
 *   interrupt it. A call that takes an owner may be made by one thread at a time
 *   (or by a handler in it); calls with different owners need no care at all.
 *   A team is a set of owners that hold pages in common: what one member took,
 *   any member may free (the lcores of one rte_mempool are such a team).
 *   The team's LABYRINTH_OWNER_ANY_THREAD member may be used by any number of
 *   threads at once; it caches nothing.
 *
 * PROGRESS
 *
 *   alloc and free never wait for another thread: a thread stopped or killed at
 *   any instruction of any call here does not keep another one from completing.
 *   They make no syscall, take no lock, allocate nothing, keep errno, and may be
 *   called from a signal handler for the very owner that it interrupted.
 *
 * MEMORY ORDER
 *
 *   A free is a release, an alloc an acquire: what the last owner wrote to a page
 *   happens before anything the next one does with it.
 */

#include <stddef.h>
#include <stdint.h>

#include "labyrinth_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes in a page. */
#define LABYRINTH_PAGE_SIZE 4096u
/** Bytes in an extent: the unit in which memory comes and goes. */
#define LABYRINTH_EXTENT_SIZE (2u << 20)
/** Pages in an extent. */
#define LABYRINTH_EXTENT_PAGES (LABYRINTH_EXTENT_SIZE / LABYRINTH_PAGE_SIZE)
/** Most pages a pool can have: 2^30, i.e. 4 TiB. */
#define LABYRINTH_PAGES_MAX (1u << 30)
/** Most owners a pool can have (slots 1 … 4095; 0 is nobody). */
#define LABYRINTH_OWNERS_MAX 4095u
/** Most NUMA nodes a pool can have. */
#define LABYRINTH_NODES_MAX 8u
/** Longest name of a pool or an owner, with its NUL. */
#define LABYRINTH_NAME_SIZE 32
/** Pages an owner caches when the configuration says 0. */
#define LABYRINTH_CACHE_DEFAULT 512u
/** Cache nothing: every page comes from the depot and the floors are exact. */
#define LABYRINTH_CACHE_NONE UINT32_MAX
/** Keep no reserve: every class may take the last page. */
#define LABYRINTH_NO_RESERVE UINT32_MAX

/**
 * A page as it is handed out: index in the low, generation in the high 32 bits.
 * The index is 1 … pages; 0 as a whole means "no page". The generation changes
 * each time the page is handed out by handle, which makes a stale handle known.
 */
typedef uint64_t labyrinth_page;

/** Index (1 … pages) of a page, 0 of none. */
static inline uint32_t
labyrinth_page_index(labyrinth_page page)
{
	return (uint32_t)page;
}

/** Generation of a page. */
static inline uint32_t
labyrinth_page_generation(labyrinth_page page)
{
	return (uint32_t)(page >> 32);
}

/** How memory may be found ("get free page" flags), one class and modifiers. */
enum labyrinth_gfp {
	/** Fail at once at the min watermark. */
	LABYRINTH_GFP_NOWAIT = 0,
	/** Fail at once, but only at 3/8 of min: the emergency class of an rx path. */
	LABYRINTH_GFP_ATOMIC = 1,
	/** Stop at min too; labyrinth_alloc_wait() waits for frees up to a deadline. */
	LABYRINTH_GFP_KERNEL = 2,
	/** The pool's own work (reclaim, refill): may take the last page. */
	LABYRINTH_GFP_RESCUE = 3,
	/** The class within the flags. */
	LABYRINTH_GFP_CLASS = 3,
	/** Modifier: the page reads as zeroes. */
	LABYRINTH_GFP_ZERO = 4,
};

/** Number of classes. */
#define LABYRINTH_GFP_CLASSES 4

/** Why a page was refused by free or transfer. */
enum labyrinth_refusal {
	LABYRINTH_REFUSED_NONE,    /**< not refused */
	LABYRINTH_DOUBLE_FREE,     /**< the page is free */
	LABYRINTH_FOREIGN_FREE,    /**< the page belongs to another owner */
	LABYRINTH_STALE_HANDLE,    /**< it is not free, but was handed out anew since */
	LABYRINTH_BAD_HANDLE,      /**< no such page, or an index of 0 */
	LABYRINTH_NOT_OFFERED,     /**< accept or withdraw of a page that is not offered */
	LABYRINTH_BAD_PEER,        /**< no such owner to give the page to */
	LABYRINTH_REFUSAL_KINDS
};

/**
 * Where the pages live, and what that keeps out. All but shared pools are
 * MADV_DONTFORK: a forked child has no mapping of them and faults. None has a name in
 * any file system, or an open descriptor.
 */
enum labyrinth_backing {
	/** hugetlb 2 MiB, else plain: for who prefers slow to not at all. */
	LABYRINTH_BACKING_AUTO,
	/** Anonymous hugetlb pages of 2 MiB. A privileged process reads them by ptrace
	 * or /proc/PID/mem. DMA: yes. */
	LABYRINTH_BACKING_HUGE_2M,
	/** Anonymous hugetlb pages of 1 GiB: fewest TLB misses. Else as 2 MiB. */
	LABYRINTH_BACKING_HUGE_1G,
	/** memfd_secret(2): gone from the kernel's own map, so not even root reads it by
	 * ptrace or /proc/PID/mem, nor does the kernel (no syscall may be given a pointer
	 * into it). DMA: no, for virtual NICs only. Pages of 4 KiB. */
	LABYRINTH_BACKING_SECRET,
	/** Ordinary 4 KiB pages: more TLB misses, not for DMA; for tests. */
	LABYRINTH_BACKING_PLAIN,
	/** No memory at all: the pool keeps indices of objects that lie elsewhere, such as
	 * those of an rte_mempool. labyrinth_page_address() gives NULL, and nothing is
	 * kept out by the pool: who has the objects mapped is not its business. */
	LABYRINTH_BACKING_NONE,
	/** The caller's memory (labyrinth_pool_config.memory), such as EAL's: whoever has it
	 * mapped, forked children and secondary processes too, reads and writes all pages.
	 * Between those processes ownership is the only fence. DMA: as the memory. */
	LABYRINTH_BACKING_LENT,
};

/** Watermarks in pages, as in Linux: 0 < min <= low <= high. */
struct labyrinth_watermarks {
	uint32_t min;   /**< NOWAIT and KERNEL stop here; below is the reserve */
	uint32_t low;   /**< the refiller is woken */
	uint32_t high;  /**< the refiller stops */
};

/** A watermark, by name. */
enum labyrinth_mark {
	LABYRINTH_MARK_MIN,
	LABYRINTH_MARK_LOW,
	LABYRINTH_MARK_HIGH,
	LABYRINTH_MARKS
};

/** What a pool is made from. Zeroes mean the defaults. */
struct labyrinth_pool_config {
	const char *name;        /**< for messages; NULL: "labyrinth" */
	uint32_t pages;          /**< pages, 1 … LABYRINTH_PAGES_MAX */
	/** Pages the pool may grow to, 0: pages. If more than pages, both are rounded up
	 * to whole extents; not with 1 GiB, secret, shared or no memory. */
	uint32_t pages_max;
	/**
	 * Pages an owner may cache, rounded up to rows of 32; 0: LABYRINTH_CACHE_DEFAULT,
	 * or LABYRINTH_CACHE_NONE. Like those in Linux' per-cpu lists they do not count as
	 * free. The bound is on what the owner itself freed. What others freed into its
	 * rows stays there until it allocates next, or until an allocation of anybody
	 * fails for want of it: rows of which no page is out are then taken back, and in
	 * a team all others too.
	 */
	uint32_t cache;
	uint32_t owners;         /**< most owners, 0: 256 */
	enum labyrinth_backing backing;
	int numa_node;           /**< node that the pages are bound to, -1: any */
	/** Or several nodes: how many of numa_nodes count, 0: numa_node alone. Each gets an
	 * equal part of the pages (rounded up to 2,048) as a depot of its own, with its
	 * share of the watermarks; owners take from the nearest that has pages. */
	uint32_t nodes;
	int numa_nodes[LABYRINTH_NODES_MAX];
	/** min 0: the default rule; LABYRINTH_NO_RESERVE: no floors. low, high 0: from min. */
	struct labyrinth_watermarks watermarks;
	uint32_t flags;          /**< of enum labyrinth_pool_flags */
	/**
	 * Memory for the side arrays, NULL: the pool maps its own. It is zeroed, aligned to
	 * LABYRINTH_CACHE_LINE, and has labyrinth_pool_side_size() bytes. Processes that have
	 * it at the same address can be owners (EAL memory in a DPDK primary and its
	 * secondaries). It is the caller's again after labyrinth_pool_destroy().
	 */
	void *side;
	size_t side_size;        /**< bytes at side */
	/** The pages' memory, with LABYRINTH_BACKING_LENT: aligned to a page. It is the
	 * caller's again after labyrinth_pool_destroy(). */
	void *memory;
	size_t memory_size;      /**< bytes at memory, pages × LABYRINTH_PAGE_SIZE at least */
};

/** Flags of a pool. */
enum labyrinth_pool_flags {
	/**
	 * Processes that the creator forks share the pool: owners may be processes.
	 * Between them ownership is the only fence: each has all pages mapped.
	 * Without it, a forked child faults on the pages and on the side arrays.
	 */
	LABYRINTH_POOL_SHARED = 1,
	/** Zero each page when it is freed: nothing a frame held outlives it. */
	LABYRINTH_POOL_ZERO_ON_FREE = 2,
	/** Fill each page with LABYRINTH_POISON when it is freed and check that when it is
	 * handed out: finds who writes to pages that are not its own. Not both. */
	LABYRINTH_POOL_POISON = 4,
	/**
	 * Put the pages at addresses below LABYRINTH_LOW_END, if there is room: the IO
	 * addresses of a card may be the virtual ones, and there are IOMMUs of 39 bits,
	 * which the addresses that the kernel chooses exceed.
	 */
	LABYRINTH_POOL_LOW = 8,
};

/** Where the addresses of 39 bits end. */
#define LABYRINTH_LOW_END (UINT64_C(1) << 39)

/** The byte of free pages in a pool with LABYRINTH_POOL_POISON. */
#define LABYRINTH_POISON 0x6b

struct labyrinth_pool;
struct labyrinth_owner;

/**
 * Create a pool. Maps and prefaults all pages before it returns, so that no later
 * call faults. Not for the data path; any thread.
 *
 * @param config  what to make
 * @param pool    receives the pool
 * @param error   receives the reason in one line with its fix, may be NULL
 * @return 0; -EINVAL a value out of range; -ENOMEM memory or hugepages missing;
 *   -ENOTSUP a backing the kernel does not have
 */
int
labyrinth_pool_create(const struct labyrinth_pool_config *config,
	struct labyrinth_pool **pool, struct labyrinth_error *error);

/**
 * Bytes that the side arrays of such a pool need, see labyrinth_pool_config.side.
 *
 * @return 0 when @p config has a value out of range, which labyrinth_pool_create() names
 */
size_t
labyrinth_pool_side_size(const struct labyrinth_pool_config *config);

/**
 * What is in the memory of a pool that several processes work on; another number whenever
 * that changes.
 */
#define LABYRINTH_POOL_VERSION 1u

/**
 * Find the pool whose side arrays another process has made in memory that both have mapped
 * at the same address (labyrinth_pool_config.side), and whose pages are there too
 * (LABYRINTH_BACKING_LENT or _NONE). The caller can then be an owner, which should be bound
 * (labyrinth_owner_bind()) so that its death is known. Who may be killed at any moment had
 * better find its owner registered, by one who lives on: a death between registration and
 * binding leaves a slot that nobody gets again. There is no detach: who has no owners any
 * more may forget it. Only who made the pool destroys it.
 *
 * @param side       where the side arrays begin
 * @param side_size  bytes that the caller has mapped there
 * @param pool       receives the pool
 * @return 0; -EINVAL no or too little memory, or it is mapped elsewhere than where the pool
 *   was made; -ENOENT there is no pool; -EPROTO one of another version or build
 */
int
labyrinth_pool_attach(void *side, size_t side_size, struct labyrinth_pool **pool,
	struct labyrinth_error *error);

/**
 * Give the memory of @p pool back. Refused while an owner holds pages: then
 * nothing is changed and @p error says who holds how many. Owners need not be
 * unregistered, but those bound to threads that live, other than the caller, must.
 *
 * @return 0; -EBUSY pages are out, or an owner is bound to a thread that lives
 */
int
labyrinth_pool_destroy(struct labyrinth_pool *pool, struct labyrinth_error *error);

/** What the refiller does and when. Zeroes mean the defaults. */
struct labyrinth_refiller_config {
	uint32_t poll_us;        /**< how often it looks, 0: 1,000 */
	uint32_t quiet_ms;       /**< time above high before it shrinks, 0: 5,000 */
	/** Called with memory that comes, before pages of it are handed out (map it for
	 * DMA); an error (-errno) keeps it out. And with memory that goes, afterwards. */
	int (*online)(void *arg, void *address, size_t size);
	void (*offline)(void *arg, void *address, size_t size);
	void *arg;
};

/**
 * Start the pool's refiller: a thread that brings extents online when the depot falls
 * below low, until it has high or the pool has pages_max, and takes wholly free ones
 * offline when it was quiet above high, one a poll, down to the pages of creation.
 * All syscalls happen there; the data path has none.
 *
 * @return 0; -EBUSY it runs; -ENOTSUP the pool cannot grow; -errno of pthread_create
 */
int
labyrinth_refiller_start(struct labyrinth_pool *pool,
	const struct labyrinth_refiller_config *config);

/** Stop it and wait for it. Nothing happens if it does not run. */
void
labyrinth_refiller_stop(struct labyrinth_pool *pool);

/**
 * Bring @p extents online or take wholly free ones offline, as the refiller does.
 * Not beside the refiller. Shrinking leaves the depot at high.
 *
 * @return extents that came or went (fewer, when there are no more), or -errno
 */
int
labyrinth_pool_grow(struct labyrinth_pool *pool, uint32_t extents,
	struct labyrinth_error *error);
int
labyrinth_pool_shrink(struct labyrinth_pool *pool, uint32_t extents);

/** Flags of an owner. */
enum labyrinth_owner_flags {
	/** Any number of threads may use it at once; it caches nothing. */
	LABYRINTH_OWNER_ANY_THREAD = 1,
	/** Tied to the calling thread from the first, as by labyrinth_owner_bind(): there is no
	 * moment in which its death would go unseen. */
	LABYRINTH_OWNER_BOUND = 2,
};

/**
 * Register an owner. Not for the data path; any thread, several at once.
 *
 * @param pool   the pool
 * @param name   for messages and reports, cut to LABYRINTH_NAME_SIZE - 1
 * @param team   a member of the team to join, or NULL to own pages alone. The first time
 *   that it is joined it must hold no rows, cached pages included (flush it), and its
 *   thread be in no call: from then on all its calls allow for team mates
 * @param flags  of enum labyrinth_owner_flags
 * @param owner  receives the owner
 * @return 0; -EINVAL; -ENOSPC all slots are taken; -EBUSY @p team is joined for the
 *   first time and holds rows. Nothing is changed then
 */
int
labyrinth_owner_register(struct labyrinth_pool *pool, const char *name,
	struct labyrinth_owner *team, uint32_t flags, struct labyrinth_owner **owner);

/**
 * Take an owner off the register; what it caches goes back to the depot. Called
 * by the owner's thread, or when that has ended. The last member of a team (or an
 * owner alone) must have freed its pages before; another leaves them to the team.
 *
 * @return 0; -EBUSY it still owns pages, nothing is changed
 */
int
labyrinth_owner_unregister(struct labyrinth_owner *owner, struct labyrinth_error *error);

/**
 * Give all that @p owner caches back to the depot: before a long pause, say.
 * Called by the owner's thread; from a handler that interrupted a call of the same
 * owner it does nothing.
 */
void
labyrinth_owner_flush(struct labyrinth_owner *owner);

/**
 * Tie @p owner to the life of the calling thread: should the thread end without
 * labyrinth_owner_unregister(), or its process be killed, the kernel says so (robust
 * futex), and labyrinth_reclaim() brings the pages back. Called by the owner's thread
 * (in a process that shares the pool, after the fork). Never a time-out.
 *
 * @return 0; -EBUSY tied already
 */
int
labyrinth_owner_bind(struct labyrinth_owner *owner);

/**
 * The caller has the kernel's word that the whole process of @p owner, which was bound there,
 * is dead: a lock that was let go, a pidfd. A process that unmaps the pool's memory and ends
 * can leave no other sign in it. One caller at a time for an owner.
 *
 * @return 0, also when it is known; -EINVAL @p owner is not bound
 */
int
labyrinth_owner_declare_dead(struct labyrinth_owner *owner);

/**
 * Bring back what a dead owner left: its cached pages, its pages, its offers, and what
 * a call it died in had half done. In a team, what it held is the team's from now on.
 * Any owner can do this for any other, at any time, several at once, also while late
 * frees arrive; one that dies at it is itself dead, and the next goes on.
 * Not for the data path: it walks the side arrays.
 *
 * @param owner  who does the work, used as in a free
 * @param slot   the owner that may be dead
 * @return how many pages that it owned came back; -EBUSY it is alive, or not tied to a thread;
 *   -ENOENT no such owner (any more); -EAGAIN @p owner itself is in the middle of a call
 */
int
labyrinth_reclaim(struct labyrinth_owner *owner, uint32_t slot);

/**
 * labyrinth_reclaim() for all dead owners.
 *
 * @return pages that came back
 */
int
labyrinth_reclaim_all(struct labyrinth_owner *owner);

/**
 * Tell on which NUMA node @p owner works. At registration that is the node of the
 * registering thread. Called by the owner's thread. A node that the pool has no pages
 * on counts as the pool's first.
 */
void
labyrinth_owner_set_node(struct labyrinth_owner *owner, int numa_node);

/** Slot (1 … LABYRINTH_OWNERS_MAX) of an owner. */
uint32_t
labyrinth_owner_slot(const struct labyrinth_owner *owner);

/**
 * Allocate one page: labyrinth (this library), void (no status: the result is the
 * page), alloc_page (one page of 4 KiB, aligned to 4 KiB, inside a hugepage), gfp
 * (how memory may be found), atomic (LABYRINTH_GFP_ATOMIC: never sleeps, no
 * syscall, no lock, fails at once, may dip into the reserve, callable from a signal
 * handler), exclusive (one owner until release: nobody else may free, transfer, map
 * or read it).
 *
 * @param owner  who will own the page
 * @param page   receives the page, 0 when none was to be had
 */
void
labyrinth_void_alloc_page_gfp_atomic_exclusive(struct labyrinth_owner *owner,
	labyrinth_page *page);

/** Allocate one page. @return the page, 0 when none was to be had */
labyrinth_page
labyrinth_alloc(struct labyrinth_owner *owner, unsigned int gfp);

/**
 * Allocate @p n pages or none.
 *
 * @return @p n, or 0 with nothing changed but the count of the failure
 */
uint32_t
labyrinth_alloc_bulk(struct labyrinth_owner *owner, unsigned int gfp,
	labyrinth_page *page, uint32_t n);

/** Allocate up to @p n pages: what an rx refill wants. @return how many, 0 … n */
uint32_t
labyrinth_alloc_burst(struct labyrinth_owner *owner, unsigned int gfp,
	labyrinth_page *page, uint32_t n);

/**
 * Allocate @p n pages or none as LABYRINTH_GFP_KERNEL, waiting for frees. While
 * somebody waits, freed pages go to the depot and not into caches. Waits in slices of
 * LABYRINTH_WAIT_SLICE_US, so that a free need make no syscall to end it.
 * Not for the data path, not for signal handlers.
 *
 * @param gfp         modifiers only
 * @param timeout_us  most to wait, in µs
 * @return @p n, or 0 at the deadline
 */
uint32_t
labyrinth_alloc_wait(struct labyrinth_owner *owner, unsigned int gfp, labyrinth_page *page,
	uint32_t n, uint64_t timeout_us);

/** Longest that labyrinth_alloc_wait() sleeps before it looks again, in µs. */
#define LABYRINTH_WAIT_SLICE_US 100u

/**
 * Free @p n pages. Never fails and never needs memory: good pages are freed, bad
 * ones refused. A refused entry stays in @p page, moved to the front, so that the
 * caller can say which; the order of refused entries is kept.
 *
 * @param why  receives the reason of each refused page, may be NULL
 * @return the number refused: 0 when all went well
 */
uint32_t
labyrinth_free_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why);

/** Free one page. @return LABYRINTH_REFUSED_NONE, or why it was refused */
enum labyrinth_refusal
labyrinth_free(struct labyrinth_owner *owner, labyrinth_page page);

/**
 * @name By index, by address
 * For users whose objects are found by index or address and carry no generation, as an
 * rte_mempool's: the same, but a page freed and handed out again cannot be told
 * from itself, so STALE_HANDLE is never reported. Double and foreign frees are.
 * Not to be mixed with handles for one and the same page.
 */
/**@{*/
/** As labyrinth_alloc_bulk(). */
uint32_t
labyrinth_alloc_index_bulk(struct labyrinth_owner *owner, unsigned int gfp,
	uint32_t *index, uint32_t n);

/** As labyrinth_alloc_burst(). */
uint32_t
labyrinth_alloc_index_burst(struct labyrinth_owner *owner, unsigned int gfp,
	uint32_t *index, uint32_t n);

/** As labyrinth_free_bulk(); refused indices are moved to the front of @p index. */
uint32_t
labyrinth_free_index_bulk(struct labyrinth_owner *owner, uint32_t *index, uint32_t n,
	enum labyrinth_refusal *why);

/** The same by the addresses of the pages; of a pool without memory, 0. */
uint32_t
labyrinth_alloc_address_bulk(struct labyrinth_owner *owner, unsigned int gfp,
	void **address, uint32_t n);
uint32_t
labyrinth_alloc_address_burst(struct labyrinth_owner *owner, unsigned int gfp,
	void **address, uint32_t n);

/** An address at which no page begins is refused as a BAD_HANDLE. */
uint32_t
labyrinth_free_address_bulk(struct labyrinth_owner *owner, void **address, uint32_t n,
	enum labyrinth_refusal *why);
/**@}*/

/**
 * @name Transfer
 * Ownership moves only by these. An offered page belongs to the offerer until the
 * peer accepts; meanwhile only withdrawing or accepting is allowed. What is refused is
 * classified as by free, changes nothing, and stays at the front of @p page.
 *
 * @param peer  slot of the owner that gets the pages
 * @param why   receives the reason of each refused page, may be NULL
 * @return the number refused
 */
/**@{*/
/** Hand pages over at once: from this call on they are the peer's. */
uint32_t
labyrinth_transfer_bulk(struct labyrinth_owner *owner, uint32_t peer, labyrinth_page *page,
	uint32_t n, enum labyrinth_refusal *why);

/** Offer pages to @p peer. */
uint32_t
labyrinth_offer_bulk(struct labyrinth_owner *owner, uint32_t peer, labyrinth_page *page,
	uint32_t n, enum labyrinth_refusal *why);

/** Accept pages that were offered to @p owner: from this call on they are its. */
uint32_t
labyrinth_accept_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why);

/** Take back pages that @p owner offered and the peer has not accepted. */
uint32_t
labyrinth_withdraw_bulk(struct labyrinth_owner *owner, labyrinth_page *page, uint32_t n,
	enum labyrinth_refusal *why);
/**@}*/

/** Address of a page, NULL of none or without memory. Any thread, also from a signal handler. */
void *
labyrinth_page_address(const struct labyrinth_pool *pool, labyrinth_page page);

/** What a page is, to those who look. */
enum labyrinth_page_state {
	LABYRINTH_PAGE_FREE,     /**< in the depot */
	LABYRINTH_PAGE_CACHED,   /**< free, in an owner's rows */
	LABYRINTH_PAGE_OWNED,
	LABYRINTH_PAGE_OFFERED,
	LABYRINTH_PAGE_OFFLINE,
	LABYRINTH_PAGE_MOVING,   /**< between two steps of a call */
};

/**
 * State of a page and slot of its owner. Exact of a page of which the caller knows that
 * nobody else changes it; else a glance in passing. Any thread.
 *
 * @param index  1 … pages; of no page OFFLINE is said
 * @param owner  receives the slot of the owner, who may have offered it; 0: nobody
 */
enum labyrinth_page_state
labyrinth_page_look(const struct labyrinth_pool *pool, uint32_t index, uint32_t *owner);

/**
 * The handle of a page known by its index, for calls that take handles. It is that of the
 * caller's page as long as the caller owns it, or it is offered to the caller.
 *
 * @return 0 of no page
 */
labyrinth_page
labyrinth_page_handle(const struct labyrinth_pool *pool, uint32_t index);

/** Address of the page with index 1; the others follow at LABYRINTH_PAGE_SIZE. NULL
 * without memory. */
void *
labyrinth_pool_base(const struct labyrinth_pool *pool);

/**
 * What a pool is doing. Counted by one writer each and summed when asked: exact
 * at rest, a little behind while others work.
 * At rest pages == free + cached + owned + offered + offline.
 */
struct labyrinth_pool_stats {
	char name[LABYRINTH_NAME_SIZE];
	const char *backing;     /**< "hugetlb-2M", "hugetlb-1G", "memfd-secret", "plain-4K", "none" */
	uint32_t page_size;      /**< bytes */
	uint32_t pages;          /**< all pages, those offline too */
	uint32_t free;           /**< in the depot */
	uint32_t cached;         /**< free, but in owners' rows */
	uint32_t owned;          /**< handed out */
	uint32_t offered;        /**< in transfer */
	uint32_t offline;        /**< without memory */
	uint32_t low_water;      /**< least ever in the depot */
	struct labyrinth_watermarks watermarks;
	uint64_t alloc;          /**< pages handed out */
	uint64_t released;       /**< pages freed */
	uint64_t transferred;    /**< pages that changed owner without being free */
	uint64_t reclaimed;      /**< pages that came back from dead owners */
	uint64_t poison_broken;  /**< pages written to while they were free */
	uint64_t grows;          /**< extents that came online */
	uint64_t shrinks;        /**< extents that went offline */
	uint64_t waive;          /**< rows and single pages taken on another node */
	/** For how long the depot had fewer free pages than each watermark, in ticks of
	 * labyrinth_clock_ticks() rounded to 64, and how often it fell below it. With several
	 * nodes, of the depot that was below for longest. */
	uint64_t below_ticks[LABYRINTH_MARKS];
	uint64_t falls[LABYRINTH_MARKS];
	uint64_t alloc_fail[LABYRINTH_GFP_CLASSES];   /**< failed attempts */
	uint64_t refused[LABYRINTH_REFUSAL_KINDS];    /**< refused pages */
};

/** Read the statistics. Any thread; walks the side arrays, not for the data path. */
void
labyrinth_pool_stats(const struct labyrinth_pool *pool, struct labyrinth_pool_stats *stats);

/** What an owner has and did. */
struct labyrinth_owner_stats {
	char name[LABYRINTH_NAME_SIZE];
	uint32_t slot;
	uint32_t owned;          /**< pages handed out to it or transferred, and not freed */
	uint32_t offered;        /**< pages that it offers to others */
	uint32_t cached;         /**< free pages in rows that it holds */
	uint64_t alloc, released;
	uint64_t alloc_fail;     /**< failed attempts, of all classes */
	uint64_t refused;        /**< pages, for all reasons */
};

/**
 * Read what each registered owner has and did: who holds the pages. Any thread; walks the
 * side arrays, not for the data path.
 *
 * @param stats  receives the first @p n, by slot
 * @return how many owners are registered
 */
uint32_t
labyrinth_pool_owners(const struct labyrinth_pool *pool,
	struct labyrinth_owner_stats *stats, uint32_t n);

/**
 * Check every invariant of the side arrays. Only at rest (no call under way).
 *
 * @return 0; -EUCLEAN one is broken, @p error says which
 */
int
labyrinth_pool_validate(const struct labyrinth_pool *pool, struct labyrinth_error *error);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_POOL_H */
