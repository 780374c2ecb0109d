/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Where the numbers of a dead process are, and how each is told from those of the living:
 *
 *   the pool's, owned by the process alone   on the way to its hands: the pool frees them
 *   tag "taken by" it                        got or given: came back if all are to
 *   tag "free by" it, free in the pool       well where they are
 *   tag "free by" it, and out                at its hand, or before it was put there
 *
 * Only the last is hard: what is at a living hand has that hand's tag, but for the moment
 * between the pool and the tag in a get of the primary's. So those that seem to be of the
 * last kind are remembered, every get that was under way is seen to have ended, and they are
 * looked at again: a tag that is still the dead one's is its own, for nobody writes it anew.
 * (Gets of other secondaries have numbers of their own until the tag is written.)
 */
#include "dead.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "guest.h"

/** Looks at a get that goes on, before it is given up for this time. */
#define LOOKS 10000u

struct sweep {
	struct rte_mempool *mp;
	struct lab_mempool *m;
	struct lab_hand *self;
	unsigned int process;
	bool all;
	const struct lab_dead_init *init;
	uint8_t *seems;      /* by number: of the last kind, it seems */
	uint32_t back, out;
};

/* ---- one number ---- */

static bool
is_of(const struct sweep *sweep, uint32_t tag)
{
	uint32_t who = lab_tag_who(tag);

	return who != 0 && lab_who_process(who) == sweep->process;
}

/* Ours by its tag: make it as at first, and free. */
static void
give_back(struct sweep *sweep, uint32_t number, bool was_used)
{
	struct lab_mempool *m = sweep->m;

	if (was_used && sweep->init != NULL && sweep->init->init != NULL)
		sweep->init->init(sweep->mp, sweep->init->arg, m->object[number], number - 1);
	if (labyrinth_free_index_bulk(sweep->self->owner, &number, 1, NULL) == 0)
		sweep->back++;
}

static bool
is_alone(const struct lab_mempool *m, uint32_t slot)
{
	for (unsigned int i = 1; i < LAB_PROCESSES; i++)
		if (m->guest[i].alone != NULL && labyrinth_owner_slot(m->guest[i].alone) == slot)
			return true;
	return false;
}

static void
look_at_taken(struct sweep *sweep, uint32_t number, uint32_t tag)
{
	if (!sweep->all)
		sweep->out++;
	else if (lab_tag_change(&sweep->m->tag[number], tag, LAB_TAG_FREE | sweep->self->who))
		give_back(sweep, number, true);
}

static void
look_at(struct sweep *sweep, uint32_t number)
{
	struct lab_mempool *m = sweep->m;
	/* acquire: the tag before where the number is */
	uint32_t tag = atomic_load_explicit(&m->tag[number], memory_order_acquire), owner;
	enum labyrinth_page_state state = labyrinth_page_look(m->pool, number, &owner);

	/* It will be free in the pool, whose tags are all free. Nobody else changes it. */
	if (owner != 0 && owner == labyrinth_owner_slot(m->guest[sweep->process].alone)) {
		lab_tag_keep(&m->tag[number], sweep->self->who);
		return;
	}
	if (!is_of(sweep, tag) || state != LABYRINTH_PAGE_OWNED || is_alone(m, owner))
		return;
	if (lab_tag_is_free(tag))
		sweep->seems[number] = 1;
	else
		look_at_taken(sweep, number, tag);
}

static void
look_again(struct sweep *sweep, uint32_t number)
{
	uint32_t tag = atomic_load_explicit(&sweep->m->tag[number], memory_order_acquire);

	if (sweep->seems[number] != 0 && is_of(sweep, tag) && lab_tag_is_free(tag) &&
			lab_tag_change(&sweep->m->tag[number], tag,
				LAB_TAG_FREE | sweep->self->who))
		give_back(sweep, number, false);
}

/* ---- gets under way ---- */

/* Was nobody in a get of the hand, at some moment since the call began? */
static bool
is_quiet(const struct lab_hand *hand)
{
	for (uint32_t i = 0; i < LOOKS; i++) {
		/* acquire: the tags of gets that ended; seq_cst: see enter() of hand.c */
		uint64_t left = atomic_load_explicit(&hand->left, memory_order_acquire);

		if (atomic_load_explicit(&hand->entered, memory_order_seq_cst) == left)
			return true;
		sched_yield();
	}
	return false;
}

static bool
all_are_quiet(const struct lab_mempool *m)
{
	atomic_thread_fence(memory_order_seq_cst);
	for (uint32_t i = 0; i < LAB_HANDS; i++)
		if (!is_quiet(m->hand[i]))
			return false;
	return true;
}

/* ---- one process ---- */

/* The pool's part: what was the process's alone, and its other owner. */
static int
reclaim_owner(struct sweep *sweep, struct labyrinth_owner **owner)
{
	int ret;

	/* else it was not used since it was registered */
	if (*owner == NULL || labyrinth_owner_declare_dead(*owner) != 0)
		return 0;
	ret = labyrinth_reclaim(sweep->self->owner, labyrinth_owner_slot(*owner));
	if (ret == -EAGAIN)
		return ret;
	*owner = NULL;
	sweep->back += (uint32_t)RTE_MAX(ret, 0);
	return 0;
}

static int
reclaim_owners(struct sweep *sweep)
{
	struct lab_guest *guest = &sweep->m->guest[sweep->process];
	int ret = reclaim_owner(sweep, &guest->alone);

	if (ret == 0)
		ret = reclaim_owner(sweep, &guest->member);
	return ret == 0 ? lab_guest_register(sweep->m, sweep->process) : ret;
}

/* What was at hand has come back by its tags. */
static void
clear_hands(struct lab_mempool *m, unsigned int process)
{
	struct lab_hand *nobody = m->hand[LAB_ROW_NOBODY];

	for (uint32_t i = 0; i < LAB_HANDS; i++)
		atomic_store_explicit(&m->hand[process * LAB_HANDS + i], nobody,
			memory_order_relaxed);
	for (uint32_t i = 0; i < LAB_GUESTS; i++) {
		struct lab_hand *hand = m->guest_hand[i];
		uint32_t place = atomic_load_explicit(&hand->place, memory_order_acquire);

		if (place == 0 || lab_who_process(place) != process)
			continue;
		atomic_store_explicit(&hand->count, 0, memory_order_relaxed);
		hand->dry = false;
		/* release: who has it next finds it empty */
		atomic_store_explicit(&hand->place, 0, memory_order_release);
	}
}

static int
sweep_process(struct sweep *sweep)
{
	struct lab_mempool *m = sweep->m;
	uint32_t n = atomic_load_explicit(&m->objects, memory_order_acquire);
	int ret;

	for (uint32_t number = 1; number <= n; number++)
		look_at(sweep, number);
	if (!all_are_quiet(m))
		return -EAGAIN;
	for (uint32_t number = 1; number <= n; number++)
		look_again(sweep, number);
	ret = reclaim_owners(sweep);
	if (ret != 0)
		return ret;
	clear_hands(m, sweep->process);
	m->guest[sweep->process].swept = sweep->out != 0;
	/* release: who gets the number finds all of this done */
	if (sweep->out == 0)
		atomic_fetch_and_explicit(&m->processes->process[sweep->process].uses,
			~lab_guest_bit(m), memory_order_acq_rel);
	return 0;
}

/* One at a time, by the lock of lab_process_seize(). */
static int
sweep_if_dead(struct sweep *sweep)
{
	struct lab_mempool *m = sweep->m;
	int ret = 0;

	if (!lab_guest_has(m, sweep->process) ||
			(!sweep->all && m->guest[sweep->process].swept) ||
			!lab_process_seize(sweep->process))
		return 0;
	if (lab_guest_has(m, sweep->process)) {
		sweep->seems = calloc((size_t)m->size + 1, 1);
		ret = sweep->seems != NULL ? sweep_process(sweep) : -ENOMEM;
		free(sweep->seems);
	}
	lab_process_release(sweep->process);
	return ret;
}

static int
sweep_all(struct sweep *sweep)
{
	int ret = 0;

	for (unsigned int i = 1; i < LAB_PROCESSES && ret == 0; i++) {
		sweep->process = i;
		ret = sweep_if_dead(sweep);
	}
	return ret;
}

static struct sweep
sweep_of(struct rte_mempool *mp, bool all, const struct lab_dead_init *init)
{
	struct lab_mempool *m = mp->pool_data;

	return (struct sweep){ .mp = mp, .m = m, .self = m->hand[LAB_OTHERS], .all = all,
		.init = init };
}

struct lab_dead_count
lab_dead_sweep(struct rte_mempool *mp)
{
	struct sweep sweep = sweep_of(mp, false, NULL);

	if (sweep.m->processes != NULL)
		sweep_all(&sweep);
	return (struct lab_dead_count){ sweep.back, sweep.out };
}

int
lab_dead_reclaim(struct rte_mempool *mp, const struct lab_dead_init *init)
{
	struct sweep sweep = sweep_of(mp, true, init);
	int ret = sweep.m->processes != NULL ? sweep_all(&sweep) : 0;

	return ret == 0 ? (int)sweep.back : ret;
}
