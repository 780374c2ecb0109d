/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "seats.h"

#include <errno.h>
#include <stdio.h>

#include <rte_eal.h>

#include "share.h"

/* Seat of the threads without an lcore, and of the lcores for which none is left. */
#define ANY 0u

static struct labyrinth_owner *
seat_of(const struct lab_mempool *m, unsigned int process, unsigned int i)
{
	/* acquire: the owner is seen as it was registered */
	return atomic_load_explicit(&m->seat[process][i], memory_order_acquire);
}

static void
set_seat(struct lab_mempool *m, unsigned int process, unsigned int i,
	struct labyrinth_owner *owner)
{
	atomic_store_explicit(&m->seat[process][i], owner, memory_order_release);
}

static void
fill(struct lab_mempool *m, unsigned int process, unsigned int i)
{
	struct labyrinth_owner *team = i != ANY ? seat_of(m, process, ANY) : NULL, *owner;
	char name[LABYRINTH_NAME_SIZE];

	if (seat_of(m, process, i) != NULL || (i != ANY && team == NULL))
		return;
	snprintf(name, sizeof(name), "secondary %u, %u", process, i);
	if (labyrinth_owner_register(m->pool, name, team,
			i == ANY ? LABYRINTH_OWNER_ANY_THREAD : 0, &owner) == 0)
		set_seat(m, process, i, owner);
}

void
lab_seats_fill(struct lab_mempool *m, unsigned int process)
{
	for (unsigned int i = 0; i < LAB_SEATS; i++)
		fill(m, process, i);
}

static void
set_row(struct lab_mempool *m, unsigned int process, unsigned int lcore,
	struct labyrinth_owner *owner)
{
	/* release: who finds the owner finds it bound */
	atomic_store_explicit(&m->owner[process][lcore], owner, memory_order_release);
}

void
lab_seats_take(struct lab_mempool *m, unsigned int process)
{
	struct labyrinth_owner *any = seat_of(m, process, ANY), *owner;
	unsigned int next = ANY + 1;

	/* all, so that none of the team is taken for alive when this process is dead */
	for (unsigned int i = 0; i < LAB_SEATS; i++)
		if (seat_of(m, process, i) != NULL)
			labyrinth_owner_bind(seat_of(m, process, i));
	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		owner = NULL;
		if (rte_eal_lcore_role(lcore) != ROLE_OFF && next < LAB_SEATS)
			owner = seat_of(m, process, next++);
		set_row(m, process, lcore, owner != NULL ? owner : any);
	}
	set_row(m, process, LAB_ANY_THREAD, any);
}

static bool
has_slot(const struct lab_mempool *m, unsigned int process, uint32_t slot)
{
	for (unsigned int i = 0; i < LAB_SEATS; i++) {
		const struct labyrinth_owner *owner = seat_of(m, process, i);

		if (owner != NULL && labyrinth_owner_slot(owner) == slot)
			return true;
	}
	return false;
}

static uint32_t
pages_of(const struct lab_mempool *m)
{
	return (uint32_t)(m->pages->len / LABYRINTH_PAGE_SIZE);
}

uint32_t
lab_seats_owned(const struct lab_mempool *m, unsigned int process)
{
	uint32_t n = 0, owner;

	for (uint32_t index = 1; index <= pages_of(m); index++) {
		labyrinth_page_look(m->pool, index, &owner);
		n += owner != 0 && has_slot(m, process, owner);
	}
	return n;
}

static void
clear_rows(struct lab_mempool *m, unsigned int process)
{
	for (unsigned int lcore = 0; lcore <= RTE_MAX_LCORE; lcore++)
		set_row(m, process, lcore, NULL);
}

void
lab_seats_empty(struct lab_mempool *m, unsigned int process)
{
	clear_rows(m, process);
	/* whom the others' pages may be left to, last */
	for (unsigned int i = LAB_SEATS; i-- > 0; ) {
		struct labyrinth_owner *owner = seat_of(m, process, i);

		if (owner != NULL && labyrinth_owner_unregister(owner, NULL) == 0)
			set_seat(m, process, i, NULL);
	}
}

/* ---- the dead ---- */

/*
 * What the dead process offered may be accepted at this moment by a peer, who then goes on
 * to use the mbuf: so it is withdrawn in the name of the dead first, which decides whose it
 * is. The owner for any thread may be used by us.
 */
static void
withdraw(struct lab_mempool *m, unsigned int process, uint32_t index)
{
	labyrinth_page page = labyrinth_page_handle(m->pool, index);
	struct labyrinth_owner *any = seat_of(m, process, ANY);

	if (any != NULL)
		labyrinth_withdraw_bulk(any, &page, 1, NULL);
}

/* A dead process may have left an mbuf in a chain, or with several references. */
static void
renew(struct rte_mempool *mp, struct lab_mempool *m, unsigned int process)
{
	uint32_t owner;

	for (uint32_t index = 1; index <= pages_of(m); index++) {
		enum labyrinth_page_state state = labyrinth_page_look(m->pool, index, &owner);

		if (owner == 0 || !has_slot(m, process, owner))
			continue;
		if (state == LABYRINTH_PAGE_OFFERED) {
			withdraw(m, process, index);
			state = labyrinth_page_look(m->pool, index, &owner);
		}
		/* nobody but the dead could have changed it */
		if (state == LABYRINTH_PAGE_OWNED && has_slot(m, process, owner))
			lab_mbuf_renew(mp, index);
	}
}

static int
reclaim(struct labyrinth_owner *self, struct labyrinth_owner *dead)
{
	/* killed before it was bound: it has had nothing */
	if (labyrinth_owner_declare_dead(dead) != 0)
		return labyrinth_owner_unregister(dead, NULL);
	return labyrinth_reclaim(self, labyrinth_owner_slot(dead));
}

int
lab_seats_reclaim(struct rte_mempool *mp, struct lab_mempool *m, unsigned int process)
{
	struct labyrinth_owner *self = lab_owner_here(m);
	int gained = 0;

	clear_rows(m, process);
	renew(mp, m, process);
	for (unsigned int i = LAB_SEATS; i-- > 0; ) {
		struct labyrinth_owner *owner = seat_of(m, process, i);
		int ret = owner != NULL ? reclaim(self, owner) : 0;

		if (ret == -EAGAIN)
			return ret;
		set_seat(m, process, i, NULL);
		gained += RTE_MAX(ret, 0);
	}
	return gained;
}
