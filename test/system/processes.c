/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * A primary that receives from a port and hands half of it to a secondary, which is killed
 * at a random moment, again and again:
 *
 *   processes EAL_ARGS... -- primary KIND FORKED REAL SECONDARY_EAL_ARGS...
 *
 * FORKED of the secondaries are children of one that has EAL set up and has not attached
 * (the nursery), which takes a millisecond; REAL of them are processes of their own. After
 * each death the count of free mbufs must be exact, to the mbuf, and all the time the ledger
 * of the primary: received = freed + handed over. Other roles, of secondaries:
 *
 *   nursery KIND | worker KIND     as above
 *   look KIND                      what the pool says, once
 *   strange KIND                   does what must be refused
 *   hostile KIND | vandal KIND     does to the host's mbuf, or its pool, what can be done
 *   orphan KIND                    uses the pool until the primary is dead, and ends
 *   keeper KIND                    has mbufs of a pool that is freed
 *
 * and of primaries:
 *
 *   host KIND                      a pool, and wait for the end of the input
 *   freed KIND SECONDARY_EAL_ARGS  frees the pool while a keeper is attached
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_memzone.h>

#include "processes.h"

#define MBUFS 2000u
#define RING 512u
#define KEPT 64u
#define CONTROL "processes"
/* A hang, and no measure: a secondary takes EAL some tenths of a second. */
#define PATIENCE_S 60

struct primary {
	const struct kind *kind;
	struct control *control;
	struct rte_mempool *mp;
	char **secondary;   /* EAL arguments of those */
	pid_t nursery;
	/* the ledger, in mbufs */
	uint64_t received, freed, handed, accepted, brought_back;
	uint32_t kept;
	struct rte_mbuf *mbuf[KEPT];
};

/* ---- the primary's work ---- */

static void
finish(struct primary *p, struct rte_mbuf *m)
{
	if (p->kept == KEPT) {
		uint32_t i = below(KEPT);

		must(is_marked(p->mbuf[i], 0), "somebody wrote to a kept mbuf");
		rte_pktmbuf_free(p->mbuf[i]);
		p->mbuf[i] = p->mbuf[--p->kept];
	}
	mark(m, 0);
	p->mbuf[p->kept++] = m;
	p->freed++;
}

static void
hand_over(struct primary *p, struct rte_mbuf **m, uint16_t n, unsigned int process)
{
	uint16_t room = (uint16_t)RTE_MIN((unsigned int)n, rte_ring_free_count(p->control->to));
	uint16_t refused = process != 0 ? p->kind->give(m, room, process) : room;

	must(refused == 0 || process == 0, "%u of %u not to be given", refused, room);
	must(rte_ring_sp_enqueue_bulk(p->control->to, (void **)(m + refused), room - refused,
		NULL) == (unsigned int)(room - refused), "no room on the ring");
	p->handed += room - refused;
	for (uint16_t i = 0; i < n; i++)
		if (i < refused || i >= room)
			finish(p, m[i]);
}

static void
accept_back(struct primary *p, unsigned int process)
{
	struct rte_mbuf *m[BURST];
	unsigned int n = rte_ring_sc_dequeue_burst(p->control->from, (void **)m, BURST, NULL);
	uint16_t refused = p->kind->accept(m, (uint16_t)n, process);

	p->accepted += n - refused;
	for (unsigned int i = refused; i < n; i++)
		rte_pktmbuf_free(m[i]);
}

static uint16_t
receive(struct primary *p, unsigned int process)
{
	struct rte_mbuf *m[BURST];
	uint16_t n = rte_eth_rx_burst(0, 0, m, BURST);

	p->received += n;
	hand_over(p, m, n / 2, process);
	for (uint16_t i = n / 2; i < n; i++)
		finish(p, m[i]);
	return n;
}

/* Until it is so, with all that goes on meanwhile. */
static void
until(struct primary *p, bool (*so)(struct primary *p), unsigned int process)
{
	uint64_t end = rte_rdtsc() + PATIENCE_S * rte_get_tsc_hz();

	while (!so(p)) {
		receive(p, process);
		if (process != 0)
			accept_back(p, process);
		must(rte_rdtsc() < end, "nothing happens");
	}
}

/* ---- deaths ---- */

static bool
is_born(struct primary *p)
{
	return atomic_load(&p->control->born) == atomic_load(&p->control->wanted);
}

static bool
is_gone(struct primary *p)
{
	return atomic_load(&p->control->gone) == atomic_load(&p->control->wanted);
}

pid_t
start_secondary(const struct kind *kind, char **eal, const char *role)
{
	static char program[4096];
	char *argv[64] = { program };
	int n = 1;
	pid_t pid;

	must(readlink("/proc/self/exe", program, sizeof(program) - 1) > 0, "who am I");
	for (char **arg = eal; *arg != NULL && n < 60; arg++)
		argv[n++] = *arg;
	argv[n++] = (char *)(uintptr_t)"--";
	argv[n++] = (char *)(uintptr_t)role;
	argv[n++] = (char *)(uintptr_t)kind->name;
	pid = fork();
	must(pid >= 0, "fork");
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execv(program, argv);
	_exit(127);
}

/* All that is left of it, and then the count. */
static void
clear_up(struct primary *p, unsigned int process)
{
	unsigned int had = rte_ring_count(p->control->to), out;

	rte_ring_reset(p->control->to);
	while (process != 0 && rte_ring_count(p->control->from) != 0)
		accept_back(p, process);
	rte_ring_reset(p->control->from);
	p->brought_back += (uint64_t)p->kind->reclaim(p->mp);
	out = p->mp->size - rte_mempool_avail_count(p->mp);
	must(out == p->kept, "%u mbufs are out, the primary has %u; %u were on the ring", out,
		p->kept, had);
	must(p->received == p->freed + p->handed, "ledger");
	must(receive(p, 0) == BURST, "the primary does not receive any more");
}

/* Some time of what goes on; 0 is a moment too. */
static void
go_on(struct primary *p, uint32_t us)
{
	uint64_t end = rte_rdtsc() + rte_get_tsc_hz() / 1000000 * us;

	do {
		unsigned int process = atomic_load(&p->control->process);

		receive(p, process);
		if (process != 0)
			accept_back(p, process);
	} while (rte_rdtsc() < end);
}

static void
kill_a_child(struct primary *p)
{
	int status;

	atomic_store(&p->control->process, 0);
	atomic_fetch_add(&p->control->wanted, 1);
	until(p, is_born, 0);
	/* while it attaches, or later */
	go_on(p, below(2500));
	kill((pid_t)atomic_load(&p->control->child), SIGKILL);
	until(p, is_gone, 0);
	status = atomic_load(&p->control->status);
	must(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a worker ended: %#x", status);
	clear_up(p, atomic_load(&p->control->process));
}

static bool
is_at_work(struct primary *p)
{
	return atomic_load(&p->control->process) != 0;
}

static void
kill_a_secondary(struct primary *p)
{
	int status;
	pid_t pid;

	atomic_store(&p->control->process, 0);
	pid = start_secondary(p->kind, p->secondary, "worker");
	until(p, is_at_work, 0);
	go_on(p, below(5000));
	kill(pid, SIGKILL);
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	must(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a worker ended: %#x", status);
	clear_up(p, atomic_load(&p->control->process));
}

/* One that is stopped, wherever, keeps nobody from anything, and is not taken for dead. */
static void
stop_a_child(struct primary *p)
{
	atomic_store(&p->control->process, 0);
	atomic_fetch_add(&p->control->wanted, 1);
	until(p, is_born, 0);
	until(p, is_at_work, 0);
	go_on(p, 1000);
	kill((pid_t)atomic_load(&p->control->child), SIGSTOP);
	must(p->kind->lives(atomic_load(&p->control->process)), "stopped is not dead");
	must(p->kind->reclaim(p->mp) == 0, "reclaimed from the living");
	for (int i = 0; i < 1000; i++)
		must(receive(p, 0) == BURST, "does not receive while a secondary stands still");
	kill((pid_t)atomic_load(&p->control->child), SIGKILL);
	until(p, is_gone, 0);
	clear_up(p, atomic_load(&p->control->process));
	printf("stopped one: not dead, and not in the way\n");
}

static void
end_nursery(struct primary *p)
{
	int status;

	atomic_store(&p->control->stop, true);
	must(waitpid(p->nursery, &status, 0) == p->nursery && status == 0, "nursery: %#x",
		status);
}

/* ---- set-up ---- */

static void
open_port(struct rte_mempool *mp)
{
	struct rte_eth_conf conf;

	memset(&conf, 0, sizeof(conf));
	must(rte_eth_dev_configure(0, 1, 1, &conf) == 0, "configure");
	must(rte_eth_rx_queue_setup(0, 0, 512, SOCKET_ID_ANY, NULL, mp) == 0, "rx queue");
	must(rte_eth_tx_queue_setup(0, 0, 512, SOCKET_ID_ANY, NULL) == 0, "tx queue");
	must(rte_eth_dev_start(0) == 0, "start");
}

struct rte_mempool *
make(const struct kind *kind, struct control **control)
{
	const struct rte_memzone *mz =
		rte_memzone_reserve(CONTROL, sizeof(struct control), SOCKET_ID_ANY, 0);
	struct rte_mempool *mp = kind->create("pool", MBUFS);

	must(mz != NULL && mp != NULL, "no pool");
	*control = mz->addr;
	memset(*control, 0, sizeof(**control));
	(*control)->mp = mp;
	(*control)->to = rte_ring_create("to", RING, SOCKET_ID_ANY,
		RING_F_SP_ENQ | RING_F_SC_DEQ);
	(*control)->from = rte_ring_create("from", RING, SOCKET_ID_ANY,
		RING_F_SP_ENQ | RING_F_SC_DEQ);
	must((*control)->to != NULL && (*control)->from != NULL, "no rings");
	return mp;
}

static void
close_all(struct primary *p)
{
	struct rte_eth_stats stats;

	while (p->kept > 0)
		rte_pktmbuf_free(p->mbuf[--p->kept]);
	must(rte_eth_stats_get(0, &stats) == 0 && stats.ipackets == p->received,
		"the port received %" PRIu64 ", the ledger has %" PRIu64, stats.ipackets,
		p->received);
	rte_eth_dev_stop(0);
	rte_eth_dev_close(0);
	must(p->kind->validate(p->mp) == 0, "the pool is not sound");
	must(rte_mempool_full(p->mp), "not all mbufs are back");
	p->kind->destroy(p->mp);
}

static void
run_primary(const struct kind *kind, int forked, int real, char **secondary)
{
	struct primary p = { .kind = kind, .secondary = secondary };

	p.mp = make(kind, &p.control);
	open_port(p.mp);
	atomic_store(&p.control->wanted, 1);
	p.nursery = start_secondary(kind, secondary, "nursery");
	until(&p, is_born, 0);
	for (int i = 0; i < RTE_MAX(forked, real); i++) {
		if (i < forked)
			kill_a_child(&p);
		if (i < real)
			kill_a_secondary(&p);
	}
	stop_a_child(&p);
	end_nursery(&p);
	close_all(&p);
	printf("killed %d, %d of them processes of their own; received %" PRIu64 ", freed %"
		PRIu64 ", handed over %" PRIu64 " of which %" PRIu64 " were seen; accepted %"
		PRIu64 ", brought back %" PRIu64 "\n", forked + real, real, p.received,
		p.freed, p.handed, atomic_load(&p.control->handled), p.accepted,
		p.brought_back);
}

/* ---- secondaries ---- */

static struct control *
find(void)
{
	const struct rte_memzone *mz = rte_memzone_lookup(CONTROL);

	must(mz != NULL, "no primary of this program");
	return mz->addr;
}

/* EAL is set up once; each child then attaches, works and is killed. */
static void
run_nursery(const struct kind *kind, struct control *control)
{
	atomic_store(&control->gone, 1);
	atomic_store(&control->born, 1);
	while (!atomic_load(&control->stop)) {
		pid_t child;
		int status;

		if (atomic_load(&control->wanted) == atomic_load(&control->born)) {
			rte_delay_us_sleep(50);
			continue;
		}
		fflush(stdout);
		child = fork();
		must(child >= 0, "fork");
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(kind, control);
		}
		atomic_store(&control->child, (int32_t)child);
		atomic_fetch_add(&control->born, 1);
		must(waitpid(child, &status, 0) == child, "waitpid");
		atomic_store(&control->status, (int32_t)status);
		atomic_fetch_add(&control->gone, 1);
	}
}

static void
run_look(const struct kind *kind, struct rte_mempool *mp)
{
	int process = kind->attach(mp);

	must(process > 0, "attach: %d", process);
	printf("process %d sees %u of %u free\n", process, rte_mempool_avail_count(mp),
		mp->size);
	must(kind->lives(0) && kind->lives((unsigned int)process) &&
		!kind->lives((unsigned int)process + 1), "who lives");
	must(kind->detach(mp) == 0, "detach");
}

/* It is not told; it looks. */
static void
run_orphan(const struct kind *kind, struct rte_mempool *mp)
{
	int process = kind->attach(mp);
	struct rte_mbuf *m[BURST];

	must(process > 0, "attach: %d", process);
	printf("ready\n");
	fflush(stdout);
	while (kind->lives(0)) {
		must(rte_pktmbuf_alloc_bulk(mp, m, BURST) == 0, "no mbufs");
		rte_pktmbuf_free_bulk(m, BURST);
	}
	/* the memory is there as long as somebody has it */
	must(rte_pktmbuf_alloc_bulk(mp, m, BURST) == 0, "no mbufs without the primary");
	rte_pktmbuf_free_bulk(m, BURST);
	must(kind->detach(mp) == 0, "detach");
	printf("the primary is dead\n");
}

static void
run_host(const struct kind *kind)
{
	struct control *control;
	struct rte_mempool *mp = make(kind, &control);

	control->kept = rte_pktmbuf_alloc(mp);
	must(control->kept != NULL, "no mbuf");
	mark(control->kept, 0);
	strcpy(rte_pktmbuf_mtod_offset(control->kept, char *, 16), SECRET);
	printf("kept %p at %p\n", (void *)control->kept,
		rte_pktmbuf_mtod_offset(control->kept, void *, 16));
	printf("ready\n");
	fflush(stdout);
	while (getchar() != EOF)
		;
	kind->reclaim(mp);
	must(is_marked(control->kept, 0), "the kept mbuf was written to");
	rte_pktmbuf_free(control->kept);
	must(kind->validate(mp) == 0, "the pool is not sound");
	must(rte_mempool_full(mp), "%u of %u mbufs are back", rte_mempool_avail_count(mp),
		mp->size);
	kind->destroy(mp);
}

static void
run(char **argv, int argc)
{
	const struct kind *kind = &kind_under_test;
	const char *role = argv[0];

	must(argc > 1 && strcmp(argv[1], kind->name) == 0, "ROLE %s ...", kind->name);
	if (strcmp(role, "primary") == 0 && argc > 3)
		run_primary(kind, atoi(argv[2]), atoi(argv[3]), argv + 4);
	else if (strcmp(role, "freed") == 0)
		run_freed(kind, argv + 2);
	else if (strcmp(role, "keeper") == 0)
		run_keeper(kind, find());
	else if (strcmp(role, "host") == 0)
		run_host(kind);
	else if (strcmp(role, "nursery") == 0)
		run_nursery(kind, find());
	else if (strcmp(role, "worker") == 0)
		work(kind, find());
	else if (strcmp(role, "look") == 0)
		run_look(kind, find()->mp);
	else if (strcmp(role, "strange") == 0)
		kind->strange(find()->mp);
	else if (strcmp(role, "hostile") == 0)
		kind->hostile(find()->mp, find()->kept);
	else if (strcmp(role, "vandal") == 0)
		kind->vandal(find()->mp, find()->kept);
	else if (strcmp(role, "orphan") == 0)
		run_orphan(kind, find()->mp);
	else
		must(false, "no role %s", role);
}

int
main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv);

	if (used < 0)
		return 3;
	used++;
	run(argv + used, argc - used);
	rte_eal_cleanup();
	return 0;
}
