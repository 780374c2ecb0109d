/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "labyrinth_mbuf.h"
#include "mempool_data.h"
#include "mempool_ops.h"
#include "object_layout.h"

/** Mbufs at a time, on the stack. */
#define CHUNK 64u

enum how { TRANSFER, OFFER, ACCEPT, WITHDRAW };

/* Mbufs of one pool, from one owner to a peer. */
struct move {
	const struct lab_mempool *m;
	const struct rte_mempool *mp;
	struct labyrinth_owner *owner;
	uint32_t peer;
	enum how how;
};

/* Can it be one's alone? What is in a chain, or has other references, cannot. */
static bool
is_single(const struct move *move, const struct rte_mbuf *m)
{
	return m->pool == move->mp && (move->how == ACCEPT || move->how == WITHDRAW ||
		(m->nb_segs == 1 && m->next == NULL && rte_mbuf_refcnt_read(m) == 1 &&
		rte_mbuf_ext_refcnt_read(m->shinfo) == 1));
}

static uint32_t
move_pages(const struct move *move, labyrinth_page *page, uint32_t n)
{
	switch (move->how) {
	case TRANSFER:
		return labyrinth_transfer_bulk(move->owner, move->peer, page, n, NULL);
	case OFFER:
		return labyrinth_offer_bulk(move->owner, move->peer, page, n, NULL);
	case ACCEPT:
		return labyrinth_accept_bulk(move->owner, page, n, NULL);
	default:
		return labyrinth_withdraw_bulk(move->owner, page, n, NULL);
	}
}

/* Those that are refused go to out too; returns how many. */
static uint32_t
move_chunk(const struct move *move, struct rte_mbuf *const *mbuf, uint32_t n,
	struct rte_mbuf **out)
{
	labyrinth_page page[CHUNK];
	uint32_t good = 0, refused, kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (is_single(move, mbuf[i]))
			page[good++] = labyrinth_page_handle(move->m->pool,
				lab_object_index(move->m->origin, mbuf[i]));
		else
			out[kept++] = mbuf[i];
	}
	refused = move_pages(move, page, good);
	for (uint32_t i = 0; i < refused; i++)
		out[kept++] = lab_object_of(move->m->origin, labyrinth_page_index(page[i]));
	return kept;
}

/* Change the place of an mbuf, which is at or behind from, with that at to. */
static void
bring_forward(struct rte_mbuf **mbuf, uint32_t to, uint32_t from, const struct rte_mbuf *m)
{
	struct rte_mbuf *other = mbuf[to];

	while (mbuf[from] != m)
		from++;
	mbuf[to] = mbuf[from];
	mbuf[from] = other;
}

/* Who would get them, NULL: nobody there. Of a process any owner will do: they are a team. */
static struct labyrinth_owner *
peer_of(const struct lab_mempool *m, unsigned int process)
{
	return process < LAB_PROCESSES ? lab_owner_of(m, process, LAB_ANY_THREAD) : NULL;
}

/* -1: nothing can be moved at all. */
static int
prepare(struct move *move, struct rte_mbuf *first, unsigned int process)
{
	struct labyrinth_owner *peer;

	move->mp = first->pool;
	if (!lab_mempool_ops_is(move->mp) || move->mp->pool_data == NULL)
		return -1;
	move->m = move->mp->pool_data;
	move->owner = lab_owner_here(move->m);
	peer = peer_of(move->m, process);
	if (move->owner == NULL || peer == NULL)
		return -1;
	move->peer = labyrinth_owner_slot(peer);
	return 0;
}

/* What is refused stands before the rest afterwards. */
static uint16_t
move_all(enum how how, struct rte_mbuf **mbuf, uint16_t n, unsigned int process)
{
	struct rte_mbuf *refused[CHUNK];
	struct move move = { .how = how };
	uint32_t kept = 0, part, out;

	if (n == 0 || prepare(&move, mbuf[0], process) != 0)
		return n;
	for (uint32_t i = 0; i < n; i += part) {
		part = RTE_MIN(n - i, CHUNK);
		out = move_chunk(&move, mbuf + i, part, refused);
		for (uint32_t k = 0; k < out; k++, kept++)
			bring_forward(mbuf, kept, RTE_MAX(i, kept), refused[k]);
	}
	return (uint16_t)kept;
}

uint16_t
labyrinth_mbuf_transfer(struct rte_mbuf **mbuf, uint16_t n, unsigned int process)
{
	return move_all(TRANSFER, mbuf, n, process);
}

uint16_t
labyrinth_mbuf_offer(struct rte_mbuf **mbuf, uint16_t n, unsigned int process)
{
	return move_all(OFFER, mbuf, n, process);
}

uint16_t
labyrinth_mbuf_withdraw(struct rte_mbuf **mbuf, uint16_t n)
{
	return move_all(WITHDRAW, mbuf, n, lab_process_here());
}

uint16_t
labyrinth_mbuf_accept(struct rte_mbuf **mbuf, uint16_t n)
{
	uint16_t refused = move_all(ACCEPT, mbuf, n, lab_process_here());

	lab_objects_adopt((void **)(mbuf + refused), n - refused);
	return refused;
}
