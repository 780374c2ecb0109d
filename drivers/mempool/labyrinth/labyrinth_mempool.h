/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_MEMPOOL_H
#define LABYRINTH_MEMPOOL_H

/**
 * @file
 * What a program may say to the mempool plugin beyond rte_mempool's own calls, so that the
 * objects of secondary processes come back that are killed. Whoever says nothing gets back
 * what the dead had at hand, and what they were in the middle of, within a second: that is
 * nobody's. Objects that they had got could be on a ring or a port. So it is the program,
 * in practice its primary, that says
 *
 *   give      to which process an object goes, before it is put on the ring
 *   take      from which process one came, behind the ring
 *   reclaim   that no ring, port or chain has objects of the dead any more
 *
 * A secondary needs nothing but the plugin: it gets, puts and enqueues as ever.
 *
 * rte_mempool_free() is for when no secondary is attached, that is, had a get or put, and
 * lives. It cannot refuse: then it gives nothing back until the last of them has ended, and
 * a mempool of that name cannot be made as long.
 *
 * The functions are the plugin's: link with librte_mempool_labyrinth.so, or find them with
 * dlsym() in the file that -d named. They are for objects of mempools with its ops; process
 * 0 is the primary.
 */

#include <stdbool.h>

#include <rte_mempool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Seen outside the plugin. */
#define LABYRINTH_MEMPOOL_API __attribute__((visibility("default")))

/**
 * Number of this process: 0 in the primary. A secondary becomes known by it, as by its
 * first get or put.
 *
 * @return -EINVAL other ops; -EPROTO the primary has another version of the plugin; -ENOSPC
 *   15 secondaries are known that live, or of which something is left; -ENOTSUP EAL shares
 *   nothing (--in-memory)
 */
LABYRINTH_MEMPOOL_API int
labyrinth_mempool_process(struct rte_mempool *mp);

/** Does a process live, by the kernel's word? Any thread, after labyrinth_mempool_process(). */
LABYRINTH_MEMPOOL_API bool
labyrinth_mempool_process_lives(unsigned int process);

/**
 * Objects of this process are another's from now on. Data path.
 *
 * @param object  what is refused, as it is not this process's, stands first afterwards
 * @return how many are refused; all, when there is no such process
 */
LABYRINTH_MEMPOOL_API unsigned int
labyrinth_mempool_give(struct rte_mempool *mp, void **object, unsigned int n,
	unsigned int process);

/**
 * Objects of another process, that it handed on, are this one's from now on. Data path.
 *
 * @param object  what is refused, as it is not that process's any more, stands first
 *   afterwards: forget it
 * @return how many are refused
 */
LABYRINTH_MEMPOOL_API unsigned int
labyrinth_mempool_take(struct rte_mempool *mp, void **object, unsigned int n,
	unsigned int process);

/**
 * Bring back all objects of secondaries that are dead. In the primary; not for the data
 * path; not while objects are given to a dead process.
 *
 * @param init  called for each object that was out, to make it as it was at first:
 *   rte_pktmbuf_init for mbufs. May be NULL
 * @return objects that came back; -ENOTSUP not in the primary; -EINVAL other ops;
 *   -EAGAIN a thread of the primary stands still in the middle of a get: again, later
 */
LABYRINTH_MEMPOOL_API int
labyrinth_mempool_reclaim(struct rte_mempool *mp, rte_mempool_obj_cb_t *init, void *arg);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_MEMPOOL_H */
