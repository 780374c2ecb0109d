/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * The primary frees the pool while a secondary is attached and has mbufs, which
 * rte_mempool_free() cannot refuse. Then it writes over all memory that EAL gives. The
 * secondary finds its mbufs as they were, and works on with them; when it has ended, or was
 * killed, all memory comes back, and the name.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "processes.h"

#define MBUFS 2000u
#define ROUNDS 1000
#define POOL "pool"
/* A hang, and no measure. */
#define PATIENCE_S 60

/* ---- the secondary ---- */

static void
mark_all(struct rte_mbuf **m, uint32_t who)
{
	for (unsigned int i = 0; i < BURST; i++)
		mark(m[i], who);
}

static void
check_all(struct rte_mbuf *const *m, uint32_t who)
{
	for (unsigned int i = 0; i < BURST; i++) {
		must(is_marked(m[i], who), "mbuf %u was written over", i);
		must(rte_mbuf_refcnt_read(m[i]) == 1 && m[i]->nb_segs == 1,
			"the header of mbuf %u was written over", i);
	}
}

void
run_keeper(const struct kind *kind, struct control *control)
{
	struct rte_mempool *mp = control->mp;
	struct rte_mbuf *m[BURST];
	int process = kind->attach(mp);
	uint32_t who = (uint32_t)process;

	must(process > 0, "attach: %d", process);
	must(rte_pktmbuf_alloc_bulk(mp, m, BURST) == 0, "no mbufs");
	mark_all(m, who);
	atomic_store(&control->process, who);
	while (atomic_load(&control->wanted) == 0)
		rte_delay_us_sleep(50);
	for (int i = 0; i < ROUNDS; i++) {
		check_all(m, who);
		rte_pktmbuf_free_bulk(m, BURST);
		must(rte_pktmbuf_alloc_bulk(mp, m, BURST) == 0, "what was put is gone");
		mark_all(m, who);
	}
	atomic_store(&control->born, 1);
	while (!atomic_load(&control->stop))
		rte_delay_us_sleep(50);
	check_all(m, who);
	rte_pktmbuf_free_bulk(m, BURST);
	must(kind->detach(mp) == 0, "detach");
}

/* ---- the primary ---- */

static void
await(_Atomic uint32_t *value)
{
	uint64_t end = rte_rdtsc() + PATIENCE_S * rte_get_tsc_hz();

	while (atomic_load(value) == 0) {
		rte_delay_us_sleep(50);
		must(rte_rdtsc() < end, "nothing happens");
	}
}

static void
write_over_free_memory(void)
{
	void **taken = NULL, **next;

	for (size_t size = 1 << 20; size >= 1 << 10; size /= 4)
		while ((next = rte_malloc(NULL, size, 0)) != NULL) {
			memset(next, 0xa5, size);
			*next = taken;
			taken = next;
		}
	must(taken != NULL, "EAL had no memory to write over");
	for (; taken != NULL; taken = next) {
		next = *taken;
		rte_free(taken);
	}
}

static size_t
allocated(void)
{
	struct rte_malloc_socket_stats stats;

	must(rte_malloc_get_socket_stats(0, &stats) == 0, "no statistics of the heap");
	return stats.heap_allocsz_bytes;
}

static void
end_secondary(struct control *control, pid_t pid, bool killed)
{
	int status;

	if (killed)
		kill(pid, SIGKILL);
	else
		atomic_store(&control->stop, true);
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	must(killed ? WIFSIGNALED(status) : status == 0, "the secondary ended: %#x", status);
}

static void
free_under(const struct kind *kind, struct control *control, char **secondary, bool killed)
{
	struct rte_mempool *mp = control->mp;
	pid_t pid;

	atomic_store(&control->wanted, 0);
	atomic_store(&control->born, 0);
	atomic_store(&control->process, 0);
	atomic_store(&control->stop, false);
	pid = start_secondary(kind, secondary, "keeper");
	await(&control->process);
	kind->free_under(mp);
	must(rte_mempool_lookup(POOL) == NULL, "it can still be looked up");
	write_over_free_memory();
	atomic_store(&control->wanted, 1);
	await(&control->born);
	printf("ready\n");
	fflush(stdout);
	must(getchar() != EOF, "nobody says to go on");
	end_secondary(control, pid, killed);
	kind->end_freed(mp);
	must(rte_memzone_lookup("MP_" POOL) == NULL, "the mempool is still there");
}

void
run_freed(const struct kind *kind, char **secondary)
{
	struct control *control;
	struct rte_mempool *mp = make(kind, &control);
	size_t before;

	free_under(kind, control, secondary, true);
	/* with what EAL of the killed one had, which nobody gives back */
	before = allocated();
	control->mp = mp = kind->create(POOL, MBUFS);
	must(mp != NULL, "no pool of the name again");
	free_under(kind, control, secondary, false);
	must(allocated() == before, "%zu bytes are left of it", allocated() - before);
	mp = kind->create(POOL, MBUFS);
	must(mp != NULL && rte_mempool_full(mp), "not as a new one");
	kind->destroy(mp);
	printf("freed under one that was killed, and one that ended: all came back\n");
}
