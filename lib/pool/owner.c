/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"
#include "census.h"
#include "held.h"
#include "node.h"
#include "owner.h"
#include "wait.h"

/* A slot whose registration is under way, or was when its thread died. */
#define TEAM_CLAIMING UINT32_MAX

#define FLAGS (LABYRINTH_OWNER_ANY_THREAD | LABYRINTH_OWNER_BOUND)

/* ---- the kernel's word ---- */

/*
 * The word of the robust futex that an owner's thread holds for life: the number of the
 * thread, and when that has died FUTEX_OWNER_DIED, by the kernel. It is only looked at. A
 * look that took the lock would, as long as it has it, let the dead pass for alive.
 */
static uint32_t
life_word(const struct labyrinth_owner *owner)
{
	/* acquire: what the thread did before it died, or before it let go */
	return (uint32_t)__atomic_load_n(&owner->life.__data.__lock, __ATOMIC_ACQUIRE);
}

static bool
has_died(const struct labyrinth_owner *owner)
{
	return (life_word(owner) & FUTEX_OWNER_DIED) != 0;
}

bool
lab_owner_is_dead(struct labyrinth_owner *owner)
{
	/* acquire: pairs with labyrinth_owner_bind() */
	uint32_t bound = atomic_load_explicit(&owner->bound, memory_order_acquire);

	if (bound == LAB_BOUND_DEAD)
		return true;
	/* of one that is not bound it says that who registered it did not get to the end */
	if (!has_died(owner))
		return false;
	/* seq_cst: what the dead one did is seen by who sees it dead, see is_mate() too */
	atomic_compare_exchange_strong_explicit(&owner->bound, &bound, LAB_BOUND_DEAD,
		memory_order_seq_cst, memory_order_relaxed);
	return true;
}

/* The living thread that the owner, or who had its slot before, is bound to; 0: none. */
static uint32_t
bound_thread(const struct labyrinth_owner *owner)
{
	/* acquire: pairs with labyrinth_owner_bind() */
	if (atomic_load_explicit(&owner->bound, memory_order_acquire) != LAB_BOUND_ALIVE ||
			has_died(owner))
		return 0;
	return life_word(owner) & FUTEX_TID_MASK;
}

bool
lab_owner_is_bound_elsewhere(const struct labyrinth_owner *owner)
{
	uint32_t thread = bound_thread(owner);

	return thread != 0 && thread != (uint32_t)syscall(SYS_gettid);
}

/* ---- slots ---- */

uint32_t
lab_owner_team(const struct labyrinth_pool *pool, uint32_t slot)
{
	/* seq_cst: see is_kept() */
	uint32_t team = atomic_load_explicit(&pool->owner[slot].team, memory_order_seq_cst);

	return team != TEAM_CLAIMING ? team : 0;
}

typedef bool (*member_fn)(struct labyrinth_owner *owner);

static bool
is_any(struct labyrinth_owner *owner)
{
	(void)owner;
	return true;
}

static bool
is_mate(struct labyrinth_owner *owner)
{
	return !atomic_load_explicit(&owner->leaving, memory_order_seq_cst) &&
		!lab_owner_is_dead(owner);
}

/*
 * Has the team such a member, other than slot? Of one that joins and one that leaves after
 * that, both could be missed: so again if somebody joined meanwhile. seq_cst: who joins is
 * a member first and counted then.
 */
static bool
any_member(const struct labyrinth_pool *pool, uint32_t team, uint32_t slot, member_fn is,
	uint32_t *joins)
{
	do {
		*joins = atomic_load_explicit(&pool->joins, memory_order_seq_cst);
		for (uint32_t other = 1; other <= pool->owners; other++)
			if (other != slot && lab_owner_team(pool, other) == team &&
					is(&pool->owner[other]))
				return true;
	} while (*joins != atomic_load_explicit(&pool->joins, memory_order_seq_cst));
	return false;
}

bool
lab_owner_has_mates(const struct labyrinth_pool *pool, uint32_t team, uint32_t slot,
	uint32_t *joins)
{
	return any_member(pool, team, slot, is_mate, joins);
}

/* A team keeps the number of its first member, even when that has left. */
static bool
names_team(const struct labyrinth_pool *pool, uint32_t slot)
{
	uint32_t joins;

	return any_member(pool, slot, slot, is_any, &joins);
}

bool
lab_owner_may_own(const struct labyrinth_pool *pool, uint32_t slot)
{
	/* also one whose registration is under way */
	return atomic_load_explicit(&pool->owner[slot].team, memory_order_seq_cst) != 0 ||
		names_team(pool, slot);
}

void
lab_owner_free_slot(struct labyrinth_owner *owner, uint32_t team)
{
	/* release: the slot is clean for whoever claims it */
	atomic_compare_exchange_strong_explicit(&owner->team, &team, 0, memory_order_seq_cst,
		memory_order_relaxed);
}

/* Does somebody still work on what the slot's last owner left? Then it is not used anew. */
static bool
is_kept(const struct labyrinth_pool *pool, uint32_t slot)
{
	for (uint32_t other = 1; other <= pool->owners; other++)
		for (uint32_t i = 0; i < LAB_KEEPS; i++)
			/* seq_cst against who keeps: claim the slot, look here; keep it
			 * there, look whether it is in use anew */
			if (atomic_load_explicit(&pool->owner[other].keeps[i],
					memory_order_seq_cst) == slot)
				return true;
	return false;
}

uint32_t
lab_owner_answering(const struct labyrinth_pool *pool, uint32_t slot)
{
	for (uint32_t other = 1; slot != 0 && lab_team_of(pool, slot) == 0 &&
			other <= pool->owners; other++)
		if (lab_team_of(pool, other) == slot)
			return other;
	return slot;
}

/*
 * The lock that says of a thread that it lives: 0, or -EBUSY somebody who lives has it. Died:
 * who had it before died with it, of which the lock says nothing any more.
 */
static int
lock_life(struct labyrinth_owner *owner, bool *died)
{
	int ret = pthread_mutex_trylock(&owner->life);

	*died = ret == EOWNERDEAD;
	return *died ? -pthread_mutex_consistent(&owner->life) : -ret;
}

/*
 * Nobody else claims the slot as long as we have its lock; should we die, who comes next
 * gets that, and the slot. Who has left may be about to let go of it, see unregister.
 */
static bool
claim(struct labyrinth_pool *pool, struct labyrinth_owner *owner)
{
	uint32_t slot = owner->slot, team = lab_team_of(pool, slot);
	bool died;

	if ((team != 0 && team != TEAM_CLAIMING) || lock_life(owner, &died) != 0)
		return false;
	team = lab_team_of(pool, slot);
	if (team == 0 || team == TEAM_CLAIMING) {
		/* what the slot's last owner left is seen; seq_cst: see is_kept() */
		atomic_store_explicit(&owner->team, TEAM_CLAIMING, memory_order_seq_cst);
		if (!names_team(pool, slot) && !is_kept(pool, slot))
			return true;
		lab_owner_free_slot(owner, TEAM_CLAIMING);
	} else if (died) {
		/* Somebody took the slot between the look and the lock, and died: it was the
		 * lock that said so. seq_cst: as in lab_owner_is_dead() */
		atomic_store_explicit(&owner->bound, LAB_BOUND_DEAD, memory_order_seq_cst);
	}
	pthread_mutex_unlock(&owner->life);
	return false;
}

static struct labyrinth_owner *
claim_slot(struct labyrinth_pool *pool)
{
	for (uint32_t slot = 1; slot <= pool->owners; slot++)
		if (claim(pool, &pool->owner[slot]))
			return &pool->owner[slot];
	return NULL;
}

static void
set_home(struct labyrinth_owner *owner, uint32_t home)
{
	const struct lab_depot *depot = &owner->pool->depot[home];
	uint32_t words = (depot->rows + 63) / 64;

	owner->home = home;
	/* Owners start apart from each other, so that they seldom meet. */
	owner->depot_rotor = depot->first + (uint32_t)((uint64_t)owner->slot * 37 % words) * 64;
}

void
labyrinth_owner_set_node(struct labyrinth_owner *owner, int numa_node)
{
	uint32_t home = 0;

	for (uint32_t n = 0; n < owner->pool->nodes; n++)
		if (owner->pool->node[n] == numa_node)
			home = n;
	set_home(owner, home);
}

static void
init_rows(struct labyrinth_owner *owner)
{
	struct labyrinth_pool *pool = owner->pool;
	bool any_thread = (owner->flags & LABYRINTH_OWNER_ANY_THREAD) != 0;

	owner->current = LAB_NO_ROW;
	owner->cache_max = pool->cache_max;
	owner->recent_rows = any_thread ? 0 : pool->recent_rows;
	owner->recent_count = owner->recent_top = 0;
	owner->cached = 0;
	owner->loose_count = 0;
	owner->magazine_count = 0;
	owner->freeing.n = 0;
	owner->moving = 0;
	owner->oldest = 0;
	memset(owner->held, 0, pool->hints * sizeof(*owner->held));
	memset(owner->stock, 0, pool->hints * sizeof(*owner->stock));
	set_home(owner, lab_node_here(pool->node, pool->nodes));
}

/* The first to be joined must not hold rows: those are private. */
static int
join_team(struct labyrinth_owner *team)
{
	if (team->shared)
		return 0;
	for (uint32_t word = 0; word < team->pool->hints; word++)
		if (team->held[word] != 0 || team->magazine_count != 0)
			return -EBUSY;
	team->shared = true;
	return 0;
}

/* The slot's state from its last owner's to that of one who begins. */
static void
begin_owner(struct labyrinth_owner *owner, const char *name, bool shared, uint32_t flags)
{
	owner->flags = flags;
	owner->shared = shared || (flags & LABYRINTH_OWNER_ANY_THREAD) != 0;
	atomic_store_explicit(&owner->busy, false, memory_order_relaxed);
	/* who died here may have left a change undone; their sum only rises */
	atomic_store_explicit(&owner->changing, atomic_load_explicit(&owner->changed,
		memory_order_relaxed), memory_order_relaxed);
	/* Before bound and leaving, in which the last owner may be dead or gone: who sees that
	 * this one is neither sees that it is another. */
	atomic_fetch_add_explicit(&owner->tenure, 1, memory_order_seq_cst);
	atomic_store_explicit(&owner->bound, (flags & LABYRINTH_OWNER_BOUND) != 0 ?
		LAB_BOUND_ALIVE : LAB_BOUND_NOT, memory_order_seq_cst);
	atomic_store_explicit(&owner->leaving, false, memory_order_seq_cst);
	memset(owner->name, 0, sizeof(owner->name));
	strncpy(owner->name, name != NULL ? name : "owner", sizeof(owner->name) - 1);
	init_rows(owner);
}

int
labyrinth_owner_register(struct labyrinth_pool *pool, const char *name,
	struct labyrinth_owner *team, uint32_t flags, struct labyrinth_owner **result)
{
	struct labyrinth_owner *owner;
	int ret;

	if (pool == NULL || result == NULL || (flags & ~(uint32_t)FLAGS) != 0 ||
			(team != NULL && team->pool != pool))
		return -EINVAL;
	owner = claim_slot(pool);
	if (owner == NULL)
		return -ENOSPC;
	ret = team != NULL ? join_team(team) : 0;
	if (ret != 0) {
		lab_owner_free_slot(owner, TEAM_CLAIMING);
		pthread_mutex_unlock(&owner->life);
		return ret;
	}
	begin_owner(owner, name, team != NULL, flags);
	/* who sees the slot used sees the owner complete; seq_cst: see any_member() */
	atomic_store_explicit(&owner->team, team != NULL ?
		atomic_load_explicit(&team->team, memory_order_relaxed) : owner->slot,
		memory_order_seq_cst);
	if (team != NULL)
		atomic_fetch_add_explicit(&pool->joins, 1, memory_order_seq_cst);
	/* Should we die before, the owner is seen dead, though it is not bound. */
	if ((flags & LABYRINTH_OWNER_BOUND) == 0)
		pthread_mutex_unlock(&owner->life);
	*result = owner;
	return 0;
}

void
lab_owner_init_life(struct labyrinth_owner *owner)
{
	pthread_mutexattr_t attr;

	/* none of these fails on Linux */
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&owner->life, &attr);
	pthread_mutexattr_destroy(&attr);
}

int
labyrinth_owner_bind(struct labyrinth_owner *owner)
{
	bool died;
	int ret;

	/* Who looks for a slot has the lock for a moment, see claim(); who is bound, for life. */
	do {
		if (atomic_load_explicit(&owner->bound, memory_order_relaxed) != LAB_BOUND_NOT)
			return -EBUSY;
		ret = lock_life(owner, &died);
	} while (ret == -EBUSY && sched_yield() == 0);
	if (ret != 0)
		return ret;
	/* release: who sees the owner bound sees its mutex locked */
	atomic_store_explicit(&owner->bound, LAB_BOUND_ALIVE, memory_order_release);
	return 0;
}

int
labyrinth_owner_declare_dead(struct labyrinth_owner *owner)
{
	uint32_t bound = LAB_BOUND_ALIVE;

	/* seq_cst: as lab_owner_is_dead() */
	if (!atomic_compare_exchange_strong_explicit(&owner->bound, &bound, LAB_BOUND_DEAD,
			memory_order_seq_cst, memory_order_relaxed))
		return bound == LAB_BOUND_DEAD ? 0 : -EINVAL;
	/* its number would stand in the lock for ever, and keep the slot's next one out */
	if (!has_died(owner))
		lab_owner_init_life(owner);
	return 0;
}

void
lab_owner_unbind(struct labyrinth_owner *owner)
{
	if (bound_thread(owner) == (uint32_t)syscall(SYS_gettid))
		pthread_mutex_unlock(&owner->life);
}

bool
lab_owner_is_leaving(const struct labyrinth_owner *owner)
{
	/* seq_cst: of two that leave at once, at least one sees the other leave */
	return atomic_load_explicit(&owner->leaving, memory_order_seq_cst) ||
		atomic_load_explicit(&owner->bound, memory_order_seq_cst) == LAB_BOUND_DEAD;
}

/* What names the owner that leaves names its team from now on; marks are no names. */
static void
bequeath(struct labyrinth_owner *owner, uint32_t team)
{
	struct labyrinth_pool *pool = owner->pool;

	for (uint32_t page = 0; page < pool->pages; page++) {
		struct lab_page_word word = lab_word_load(pool, page);

		while (lab_page_named(word) && word.owner == owner->slot) {
			struct lab_page_word named = word;

			named.owner = team;
			if (lab_word_cas(pool, page, &word, named))
				break;
		}
	}
}

/* Leave all pages to the team, if somebody is there when it is done. */
static bool
leave_to_team(struct labyrinth_owner *owner)
{
	struct labyrinth_pool *pool = owner->pool;
	uint32_t team = lab_team_of(pool, owner->slot), joins;

	if (!lab_owner_has_mates(pool, team, owner->slot, &joins))
		return false;
	if (owner->recent_rows != 0)
		lab_held_flush(owner, team);
	bequeath(owner, team);
	return lab_owner_has_mates(pool, team, owner->slot, &joins);
}

/* Pages that only this owner answers for, the last of its team or alone. */
static uint32_t
pages_left(const struct labyrinth_owner *owner)
{
	uint32_t team = lab_team_of(owner->pool, owner->slot);

	return lab_census_owned(owner->pool, owner->slot) +
		(team != owner->slot ? lab_census_owned(owner->pool, team) : 0);
}

void
lab_owner_unpeer(struct labyrinth_owner *owner)
{
	struct labyrinth_pool *pool = owner->pool;

	for (uint32_t page = 0; page < pool->pages; page++) {
		struct lab_page_word word = lab_word_load(pool, page);

		while (word.state == LAB_PAGE_OFFERED && word.peer == owner->slot) {
			struct lab_page_word named = word;

			named.peer = 0;
			if (lab_word_cas(pool, page, &word, named))
				break;
		}
	}
}

int
labyrinth_owner_unregister(struct labyrinth_owner *owner, struct labyrinth_error *error)
{
	uint32_t out;

	if (lab_owner_is_bound_elsewhere(owner))
		return labyrinth_fail(error, -EBUSY,
			"owner %s (slot %u) is bound to another thread, which lives: "
			"call this from there", owner->name, owner->slot);
	/* acquire: what the owner's thread, which has ended or is this one, did in its last
	 * call, see lab_leave() */
	(void)atomic_load_explicit(&owner->busy, memory_order_acquire);
	atomic_store_explicit(&owner->leaving, true, memory_order_seq_cst);
	if (!leave_to_team(owner)) {
		out = pages_left(owner);
		if (out != 0) {
			atomic_store_explicit(&owner->leaving, false, memory_order_seq_cst);
			return labyrinth_fail(error, -EBUSY,
				"owner %s (slot %u) still owns %u pages: free or transfer them",
				owner->name, owner->slot, out);
		}
		if (owner->recent_rows != 0)
			lab_held_flush(owner, owner->slot);
	}
	lab_owner_unpeer(owner);
	lab_wait_forget(owner);
	/* Should we die before, a reclaimer finds us; nobody has the slot anew before we let
	 * go of the lock, or died. Only then, as afterwards it may be another's. */
	lab_owner_free_slot(owner, lab_team_of(owner->pool, owner->slot));
	lab_owner_unbind(owner);
	return 0;
}

void
labyrinth_owner_flush(struct labyrinth_owner *owner)
{
	if (!lab_enter(owner))
		return;
	lab_held_flush(owner, owner->slot);
	lab_leave(owner);
}

uint32_t
labyrinth_owner_slot(const struct labyrinth_owner *owner)
{
	return owner->slot;
}
