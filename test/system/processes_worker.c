/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * What a secondary does until it is killed: takes mbufs from the ring, holds some, frees
 * some, gets some of its own, chains some, and hands some back. Its exit code says what is
 * wrong: it is never to end by itself.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "processes.h"

#define HELD 128u

struct worker {
	const struct kind *kind;
	struct rte_mempool *mp;
	struct rte_ring *to, *from;
	uint32_t who, held;
	struct rte_mbuf *mbuf[HELD];
};

static uint64_t seed;

void
must(bool good, const char *what, ...)
{
	va_list ap;

	if (good)
		return;
	va_start(ap, what);
	printf("FAIL: ");
	vprintf(what, ap);
	printf("\n");
	va_end(ap);
	fflush(stdout);
	_exit(4);
}

/* Marsaglia's xorshift; the seed is the process's own. */
uint32_t
below(uint32_t n)
{
	if (seed == 0)
		seed = (uint64_t)getpid() * 0x9e3779b97f4a7c15;
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) % n);
}

static uint64_t
mark_of(const struct rte_mbuf *m, uint32_t who)
{
	return (uintptr_t)m ^ (uint64_t)who << 48;
}

void
mark(struct rte_mbuf *m, uint32_t who)
{
	uint64_t *data = rte_pktmbuf_mtod(m, uint64_t *);

	data[0] = data[100] = mark_of(m, who);
}

bool
is_marked(const struct rte_mbuf *m, uint32_t who)
{
	const uint64_t *data = rte_pktmbuf_mtod(m, const uint64_t *);

	return data[0] == mark_of(m, who) && data[100] == mark_of(m, who);
}

static void
hold(struct worker *worker, struct rte_mbuf *m)
{
	if (worker->held == HELD) {
		rte_pktmbuf_free(m);
		return;
	}
	mark(m, worker->who);
	/* some are not as DPDK expects free ones, should we die now */
	if (below(8) == 0)
		rte_mbuf_refcnt_set(m, 2);
	worker->mbuf[worker->held++] = m;
}

static struct rte_mbuf *
let_go(struct worker *worker)
{
	struct rte_mbuf *m = worker->mbuf[--worker->held];

	must(is_marked(m, worker->who), "somebody wrote to mbuf %p of a worker", (void *)m);
	rte_mbuf_refcnt_set(m, 1);
	return m;
}

/* Two to a chain, and free that. */
static void
chain(struct worker *worker)
{
	struct rte_mbuf *first, *second;

	if (worker->held < 2)
		return;
	first = let_go(worker);
	second = let_go(worker);
	first->next = second;
	first->nb_segs = 2;
	rte_pktmbuf_free(first);
}

static void
hand_back(struct worker *worker)
{
	struct rte_mbuf *m[BURST];
	uint16_t n = 0, refused;
	unsigned int sent;

	if (rte_ring_free_count(worker->from) < BURST)
		return;
	while (n < BURST / 4 && worker->held > 0)
		m[n++] = let_go(worker);
	refused = worker->kind->offer(m, n);
	must(refused == 0, "%u of %u not to be offered", refused, n);
	sent = rte_ring_sp_enqueue_burst(worker->from, (void **)m, n, NULL);
	must(sent == n, "no room on the ring");
}

static void
take_in(struct worker *worker, struct control *control)
{
	struct rte_mbuf *m[BURST];
	unsigned int n = rte_ring_sc_dequeue_burst(worker->to, (void **)m, BURST, NULL);

	atomic_fetch_add(&control->handled, n);
	for (unsigned int i = 0; i < n; i++)
		hold(worker, m[i]);
}

static void
get_more(struct worker *worker)
{
	struct rte_mbuf *m[BURST / 2];

	if (rte_pktmbuf_alloc_bulk(worker->mp, m, BURST / 2) != 0)
		return;
	for (unsigned int i = 0; i < BURST / 2; i++)
		hold(worker, m[i]);
}

static void
free_some(struct worker *worker)
{
	for (uint32_t n = below(BURST); n > 0 && worker->held > 0; n--)
		rte_pktmbuf_free(let_go(worker));
}

void
work(const struct kind *kind, struct control *control)
{
	struct worker worker = { .kind = kind, .mp = control->mp, .to = control->to,
		.from = control->from };
	int process = kind->attach(worker.mp);

	must(process > 0, "attach: %d", process);
	worker.who = (uint32_t)process;
	atomic_store(&control->process, (uint32_t)process);
	for (;;)
		switch (below(8)) {
		case 0: case 1: case 2:
			take_in(&worker, control);
			break;
		case 3:
			get_more(&worker);
			break;
		case 4:
			hand_back(&worker);
			break;
		case 5:
			chain(&worker);
			break;
		default:
			free_some(&worker);
		}
}
