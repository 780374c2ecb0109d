/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "labyrinth_mempool.h"

#include <errno.h>

#include <rte_eal.h>

#include "dead.h"
#include "guest.h"
#include "hand.h"
#include "watch.h"

/* Who has what was given to a process, or taken by one: all its threads together. */
static uint32_t
who_of(unsigned int process)
{
	return process * LAB_HANDS + LAB_OTHERS + 1;
}

/* LAB_PROCESSES before it is known. */
static unsigned int
here(void)
{
	return lab_hand_row < LAB_ROW_NOBODY ? lab_hand_row / LAB_HANDS : LAB_PROCESSES;
}

int
labyrinth_mempool_process(struct rte_mempool *mp)
{
	struct labyrinth_error error;

	if (!lab_ops_are_of(mp))
		return -EINVAL;
	if (lab_hand_row == LAB_ROW_UNKNOWN && !lab_guest_is_welcome(mp->pool_data))
		return -EPROTO;
	if (lab_hand_row == 0)
		return 0;
	if (((struct lab_mempool *)mp->pool_data)->processes == NULL)
		return -ENOTSUP;
	return lab_guest_enter(mp->pool_data, &error) != NULL ? (int)here() : -ENOSPC;
}

bool
labyrinth_mempool_process_lives(unsigned int process)
{
	return lab_process_lives(process);
}

/* Is it from's, and then to's? */
static bool
change(const struct lab_mempool *m, const void *object, unsigned int from, unsigned int to)
{
	uint32_t number = lab_hand_number(m, object), tag;

	if (number == 0)
		return false;
	do {
		/* relaxed: the change orders */
		tag = atomic_load_explicit(&m->tag[number], memory_order_relaxed);
		if (lab_tag_is_free(tag) || tag == 0 || lab_who_process(tag) != from)
			return false;
	} while (!lab_tag_change(&m->tag[number], tag, who_of(to)));
	return true;
}

static unsigned int
change_all(struct rte_mempool *mp, void **object, unsigned int n, unsigned int from,
	unsigned int to)
{
	const struct lab_mempool *m = mp->pool_data;
	unsigned int refused = 0;

	if (!lab_ops_are_of(mp) || from >= LAB_PROCESSES || to >= LAB_PROCESSES ||
			(to != 0 && (m->processes == NULL || !lab_guest_has(m, to))))
		return n;
	for (unsigned int i = 0; i < n; i++) {
		void *one = object[i];

		if (change(m, one, from, to))
			continue;
		object[i] = object[refused];
		object[refused++] = one;
	}
	return refused;
}

unsigned int
labyrinth_mempool_give(struct rte_mempool *mp, void **object, unsigned int n,
	unsigned int process)
{
	return change_all(mp, object, n, here(), process);
}

unsigned int
labyrinth_mempool_take(struct rte_mempool *mp, void **object, unsigned int n,
	unsigned int process)
{
	return change_all(mp, object, n, process, here());
}

int
labyrinth_mempool_reclaim(struct rte_mempool *mp, rte_mempool_obj_cb_t *init, void *arg)
{
	if (!lab_ops_are_of(mp))
		return -EINVAL;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	return lab_dead_reclaim(mp, &(struct lab_dead_init){ init, arg });
}
