/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * A chain of owners: the first gets 32, each hands them to the next, and the last frees
 * them. One thread plays all owners by turns, so that the figure is the work alone, in
 * cycles of the TSC for an object from get to free; across cores the lines have to travel
 * too, which is the case cross_core. Rows:
 *
 *   labyrinth             labyrinth_transfer_bulk(): the peer's at once
 *   labyrinth-offer       labyrinth_offer_bulk() and labyrinth_accept_bulk()
 *   ring_mp_mc/512        an rte_mempool has no owners: a hop is nothing at all, and
 *                         nothing is checked
 */

#include <string.h>

#include "bench.h"
#include "store.h"

#define HOPS_MAX 8u
/* Chains between two looks at the clock. */
#define STRIDE 32u

static const unsigned int hops[] = { 0, 1, 2, 4, 8 };

struct chain {
	struct bench_seat seat; /* the first, or the only one of an rte_mempool */
	struct bench_seat next[HOPS_MAX];
	unsigned int hops;
	bool offer;
};

static inline struct labyrinth_owner *
member(const struct chain *chain, unsigned int i)
{
	return i == 0 ? chain->seat.owner : chain->next[i - 1].owner;
}

static inline void
hop(const struct chain *chain, unsigned int i, labyrinth_page *page)
{
	struct labyrinth_owner *to = member(chain, i + 1);
	uint32_t peer = labyrinth_owner_slot(to);

	if (!chain->offer) {
		labyrinth_transfer_bulk(member(chain, i), peer, page, BENCH_BULK, NULL);
		return;
	}
	labyrinth_offer_bulk(member(chain, i), peer, page, BENCH_BULK, NULL);
	labyrinth_accept_bulk(to, page, BENCH_BULK, NULL);
}

static uint64_t
owners_loop(void *arg, uint64_t until)
{
	struct chain *chain = arg;
	struct labyrinth_owner *last = member(chain, chain->hops);
	labyrinth_page page[BENCH_BULK];
	uint64_t objects = 0;

	do {
		for (unsigned int i = 0; i < STRIDE; i++) {
			bench_get_sure(&chain->seat, BENCH_HANDLE, page);
			for (unsigned int h = 0; h < chain->hops; h++)
				hop(chain, h, page);
			labyrinth_free_bulk(last, page, BENCH_BULK, NULL);
		}
		objects += STRIDE * BENCH_BULK;
	} while (rte_rdtsc() < until);
	return objects;
}

static uint64_t
mempool_loop(void *arg, uint64_t until)
{
	struct chain *chain = arg;
	uint64_t slots[BENCH_BULK], objects = 0;

	do {
		for (unsigned int i = 0; i < STRIDE; i++) {
			bench_get_sure(&chain->seat, BENCH_MEMPOOL, slots);
			bench_put(&chain->seat, BENCH_MEMPOOL, slots);
		}
		objects += STRIDE * BENCH_BULK;
	} while (rte_rdtsc() < until);
	return objects;
}

static void
run_hops(struct bench *bench, const char *impl, struct chain *chain)
{
	bool ours = chain->seat.kind == BENCH_HANDLE;

	for (size_t i = 0; i < RTE_DIM(hops); i++) {
		char name[32];

		chain->hops = hops[i];
		snprintf(name, sizeof(name), "chain/%u", hops[i]);
		bench_results_add(&bench->results, name, impl, "cycles",
			bench_cycles_each(ours ? owners_loop : mempool_loop, chain,
				bench->plan.cell));
	}
}

static int
leave(struct chain *chain, unsigned int members)
{
	int ret = 0, left;

	for (unsigned int i = 0; i < members; i++) {
		left = bench_seat_leave(&chain->next[i]);
		ret = ret != 0 ? ret : left;
	}
	left = bench_seat_leave(&chain->seat);
	return ret != 0 ? ret : left;
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	bool ours = impl->kind == BENCH_HANDLE && !impl->team;
	struct chain chain = { .offer = false };
	unsigned int members = 0;
	int ret;

	if (!ours && strcmp(impl->name, "ring_mp_mc/512") != 0)
		return BENCH_OK;
	ret = bench_seat_take(impl, &chain.seat);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	while (ours && ret == 0 && members < HOPS_MAX) {
		ret = bench_seat_take(impl, &chain.next[members]);
		members += ret == 0 ? 1 : 0;
	}
	if (ret == 0)
		run_hops(bench, impl->name, &chain);
	chain.offer = true;
	if (ret == 0 && ours)
		run_hops(bench, "labyrinth-offer", &chain);
	if (ret == 0)
		ret = leave(&chain, members);
	return ret == 0 ? BENCH_OK : bench_seat_failed(impl, ret, error);
}

enum bench_exit
bench_case_chain(struct bench *bench, struct labyrinth_error *error)
{
	return bench_by_turns(bench, run, error);
}
