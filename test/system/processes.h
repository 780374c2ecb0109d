/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef PROCESSES_H
#define PROCESSES_H

/**
 * @file
 * What the programs of test_processes.sh have in common: a primary that receives, and
 * secondaries that it hands mbufs to and that are killed.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#define BURST 32u
/** Stands in the host's mbuf, behind the mark; see test_security.sh. */
#define SECRET "Ariadne's thread is red"

/** In memory of EAL: what the primary and the nursery say to each other. */
struct control {
	/* so that a secondary need look up nothing but this, which takes locks of EAL's */
	struct rte_mempool *mp;
	struct rte_ring *to, *from;
	struct rte_mbuf *kept;      /**< the host's, for who is hostile */
	_Atomic uint32_t wanted;    /**< children that the nursery was asked for */
	_Atomic int32_t child;      /**< process of the last one */
	_Atomic uint32_t born, gone;
	_Atomic int32_t status;     /**< how the last one ended, of waitpid() */
	_Atomic uint32_t process;   /**< number of the worker that works, 0: none yet */
	_Atomic uint64_t handled;   /**< mbufs that workers had */
	_Atomic bool stop;
};

/** What the pool under test is: of the library, or any mempool on the plugin. */
struct kind {
	const char *name;
	/** The primary's. NULL, and said why. */
	struct rte_mempool *(*create)(const char *name, unsigned int n);
	void (*destroy)(struct rte_mempool *mp);
	/** A secondary's. @return number of the process, or -errno, said why */
	int (*attach)(struct rte_mempool *mp);
	int (*detach)(struct rte_mempool *mp);
	bool (*lives)(unsigned int process);
	/** To a process, before the ring. @return refused, which stand first */
	uint16_t (*give)(struct rte_mbuf **m, uint16_t n, unsigned int process);
	/** To the primary, before the ring, and behind it. As give. */
	uint16_t (*offer)(struct rte_mbuf **m, uint16_t n);
	uint16_t (*accept)(struct rte_mbuf **m, uint16_t n, unsigned int process);
	/** Free the pool though a secondary is attached; and see to it, or wait for it, that
	 * all comes back when that has ended. */
	void (*free_under)(struct rte_mempool *mp);
	void (*end_freed)(struct rte_mempool *mp);
	/** What dead processes had. @return mbufs that came back */
	int (*reclaim)(struct rte_mempool *mp);
	/** In a secondary beside a host, which has kept an mbuf: what it can and cannot do. */
	void (*hostile)(struct rte_mempool *mp, struct rte_mbuf *kept);
	/** And it destroys what is said of the pool. */
	void (*vandal)(struct rte_mempool *mp, struct rte_mbuf *kept);
	/** In a secondary beside a host: all that must be refused is. */
	void (*strange)(struct rte_mempool *mp);
	/** @return 0: all is sound */
	int (*validate)(const struct rte_mempool *mp);
};

/** The program is built for one. */
extern const struct kind kind_under_test;

/** Say what is wrong, and fail. */
__attribute__((format(printf, 2, 3))) void
must(bool good, const char *what, ...);

/** A pool, and what the processes say to each other. */
struct rte_mempool *
make(const struct kind *kind, struct control **control);

/** Another process of this program, with these EAL arguments. */
pid_t
start_secondary(const struct kind *kind, char **eal, const char *role);

/** The roles of processes_freed.c. */
void
run_freed(const struct kind *kind, char **secondary);
void
run_keeper(const struct kind *kind, struct control *control);

/** Work until the end of time, as a secondary. */
__attribute__((noreturn)) void
work(const struct kind *kind, struct control *control);

/** A random number below n. */
uint32_t
below(uint32_t n);

/** Write who has an mbuf into it, and look whether it is still so. */
void
mark(struct rte_mbuf *m, uint32_t who);
bool
is_marked(const struct rte_mbuf *m, uint32_t who);

#endif /* PROCESSES_H */
