/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * A pipeline: the main lcore gets bulks and sends them through an rte_ring (single
 * producer, single consumer, 1,024 slots) to a worker lcore, which puts them. With
 * rte_mempool each lcore has its own cache, with the page pool each is a member of
 * one team. A slot of the ring has 8 bytes, as a pointer or a handle has, but for
 * the 4 byte indices of "labyrinth-index". Owners alone ("labyrinth") may not free
 * each other's pages: there the producer transfers each bulk to the consumer first.
 * The "bare" rows are the ring alone: the most that anything here can come to.
 */

#include <stdatomic.h>
#include <stdbool.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>
#include <rte_ring.h>

#include "bench.h"
#include "store.h"

#define RING_SLOTS 1024u
/* Bulks between two looks at the clock. */
#define STRIDE 16u

/* One end of the pipeline, on a cache line of its own. */
struct end {
	const struct bench_impl *impl;
	struct bench_seat seat;
	struct rte_ring *ring;
	/* producer */
	uint32_t peer; /* owner that each bulk is transferred to, 0: to none */
	uint64_t until, objects;
	int ret;
} __rte_cache_aligned;

static struct end producer, consumer;
static _Atomic bool producer_done __rte_cache_aligned;
/* The consumer has its seat, or failed: end->ret tells. */
static _Atomic bool consumer_ready;
/* By size of slot: 4 and 8 bytes. */
static struct rte_ring *rings[2];

static __rte_always_inline void
produce_loop(struct end *end, enum bench_kind kind)
{
	uint64_t slots[BENCH_BULK] = { 0 };
	uint64_t objects = 0;

	do {
		for (unsigned int i = 0; i < STRIDE; i++) {
			/* lf_stack may say empty for a moment while others work. */
			if (unlikely(!bench_get(&end->seat, kind, slots)))
				continue;
			if (kind == BENCH_HANDLE && end->peer != 0)
				labyrinth_transfer_bulk(end->seat.owner, end->peer, slots,
					BENCH_BULK, NULL);
			while (rte_ring_sp_enqueue_bulk_elem(end->ring, slots,
				       bench_slot_size(kind), BENCH_BULK, NULL) == 0)
				rte_pause();
			objects += BENCH_BULK;
		}
	} while (rte_rdtsc() < end->until);
	end->objects = objects;
}

BENCH_INSTANCES(produce_loop, struct end)

static __rte_always_inline void
consume_loop(struct end *end, enum bench_kind kind)
{
	uint64_t slots[BENCH_BULK] = { 0 };
	bool done;

	for (;;) {
		/* acquire, and before the look: what was sent before it is still seen */
		done = atomic_load_explicit(&producer_done, memory_order_acquire);
		if (rte_ring_sc_dequeue_bulk_elem(end->ring, slots, bench_slot_size(kind),
			    BENCH_BULK, NULL) != 0)
			bench_put(&end->seat, kind, slots);
		else if (done)
			return;
		else
			rte_pause();
	}
}

BENCH_INSTANCES(consume_loop, struct end)

static int
consume(void *opaque)
{
	struct end *end = opaque;

	end->ret = bench_seat_take(end->impl, &end->seat);
	/* release: the producer sees the seat */
	atomic_store_explicit(&consumer_ready, true, memory_order_release);
	if (end->ret != 0)
		return end->ret;
	consume_loop_of(end->seat.kind, end);
	end->ret = bench_seat_leave(&end->seat);
	return end->ret;
}

/* Rate of a slice, as the producer sees it: the ring is short against a slice. */
static double
produce_slice(struct end *end)
{
	uint64_t start = rte_rdtsc();

	end->until = bench_deadline(BENCH_SLICE_S);
	produce_loop_of(end->seat.kind, end);
	return bench_mobj(end->objects, rte_rdtsc() - start);
}

static double
produce(struct end *end, double seconds)
{
	unsigned int n = bench_slices(seconds), i;
	double rate[BENCH_SLICES_MAX];
	/* A slice ends late if the consumer has lost its CPU. */
	uint64_t latest = bench_deadline(2 * seconds);

	/* Until caches are full. */
	for (i = 0; i < n / 8 + 1; i++)
		produce_slice(end);
	for (i = 0; i < n && (i == 0 || rte_rdtsc() < latest); i++)
		rate[i] = produce_slice(end);
	return bench_median(rate, i);
}

/* Both ends have their seats. */
static enum bench_exit
start(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	struct rte_ring *ring = rings[bench_slot_size(impl->kind) / sizeof(uint64_t)];
	int ret;

	producer = (struct end){ .impl = impl, .ring = ring };
	consumer = (struct end){ .impl = impl, .ring = ring };
	/* relaxed: the launch orders them */
	atomic_store_explicit(&producer_done, false, memory_order_relaxed);
	atomic_store_explicit(&consumer_ready, false, memory_order_relaxed);
	ret = bench_seat_take(impl, &producer.seat);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	rte_eal_remote_launch(consume, &consumer, bench->lcore[1]);
	/* acquire: pairs with the consumer's release */
	while (!atomic_load_explicit(&consumer_ready, memory_order_acquire))
		rte_pause();
	if (bench_impl_is_ours(impl) && !impl->team && consumer.ret == 0)
		producer.peer = labyrinth_owner_slot(consumer.seat.owner);
	return consumer.ret == 0 ? BENCH_OK
				 : bench_seat_failed(impl, consumer.ret, error);
}

static enum bench_exit
run(struct bench *bench, const struct bench_impl *impl, struct labyrinth_error *error)
{
	enum bench_exit started;
	double rate;
	int ret;

	/* A transfer is by handle. */
	if ((impl->kind == BENCH_INDEX && !impl->team) ||
		impl->sharing == BENCH_ONE_THREAD)
		return BENCH_OK;
	started = start(bench, impl, error);
	if (started != BENCH_OK)
		return started;
	rate = produce(&producer, bench->plan.cross_core);
	/* release: pairs with the consumer's look */
	atomic_store_explicit(&producer_done, true, memory_order_release);
	ret = rte_eal_wait_lcore(bench->lcore[1]);
	if (ret == 0)
		ret = bench_seat_leave(&producer.seat);
	if (ret != 0)
		return bench_seat_failed(impl, ret, error);
	bench_results_add(&bench->results, "cross_core", impl->name, "Mobj/s", rate);
	return BENCH_OK;
}

enum bench_exit
bench_case_cross_core(struct bench *bench, struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_ENVIRONMENT;

	for (unsigned int i = 0; i < RTE_DIM(rings); i++)
		rings[i] = rte_ring_create_elem(i == 0 ? "bench4" : "bench8",
			i == 0 ? sizeof(uint32_t) : sizeof(uint64_t), RING_SLOTS,
			SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (rings[0] == NULL || rings[1] == NULL)
		labyrinth_fail(error, ret, "no memory for rings: give EAL more, -m 512");
	else
		ret = bench_by_turns(bench, run, error);
	for (unsigned int i = 0; i < RTE_DIM(rings); i++)
		rte_ring_free(rings[i]);
	return ret;
}
