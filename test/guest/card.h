/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef TEST_CARD_H
#define TEST_CARD_H

/**
 * @file
 * One PCI card that receives numbered frames into pages, and what is looked at in each
 * frame: content, place and colour of its data, IO address, the EXTERNAL flag, a clone.
 * One lcore.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "labyrinth_mbuf.h"
#include "numbered.h"

#define CARD_BURST 32

/** What a scenario wants. */
struct card_options {
	uint32_t frames;     /**< numbers that will be sent */
	uint32_t pages;
	uint32_t pages_max;  /**< 0: does not grow */
	uint16_t rxd;
	bool unmapped;       /**< leave the IOMMU without the pages, to see that it matters */
};

/** Memory locked by the process, in KiB; VFIO counts there what it has pinned. */
struct card_locked {
	uint64_t before, mapped, after;
};

/** What is locked, and what memory the pool has, both in KiB: one moment, pool at rest. */
struct card_step {
	uint64_t locked;
	uint32_t online;
};

#define CARD_STEPS_MAX 8

struct card {
	struct card_options options;
	uint16_t port;
	bool started;
	struct rte_eth_dev_info info;
	struct rte_mempool *pool, *clones;
	struct labyrinth_pool *pages;
	struct numbered numbered;
	struct rte_mbuf **held;
	uint32_t nb_held, held_max;
	uint64_t misplaced;      /**< data not where page and colour say */
	uint64_t wrong_iova;
	uint64_t external_lost, external_kept;
	uint64_t cloned, clone_failed;
	uint64_t at;             /**< TSC of the last frame */
	uint32_t restarted_at;   /**< one after the first number that came after the last */
	uint32_t restarts, out_when_stopped, links_down, links_up;
	struct card_locked locked;
	struct card_step step[CARD_STEPS_MAX];
	uint32_t nb_steps;
	struct rte_eth_stats stats;           /**< at the end, summed over restarts */
	struct labyrinth_pool_stats at_end;   /**< with the port closed */
};

/** Pool, mapping, port. Says on stderr what failed. @return 0, or -1 */
int
card_open(struct card *c, const struct card_options *options);

/** Poll once; @p hold keeps the frames. @return how many came */
uint16_t
card_receive(struct card *c, bool hold);

/** Poll until there was nothing for @p seconds, or the last number came or was lost. */
void
card_receive_until_quiet(struct card *c, bool hold, double seconds);

/** Free all frames that are kept. */
void
card_free_held(struct card *c);

/** @return 0, or -1 */
int
card_stop(struct card *c);
int
card_start(struct card *c);

/** Note what is locked and what memory there is, when neither changes. */
void
card_note_step(struct card *c);

/**
 * Stop, unmap, close, check that all pages came back, and destroy the pool.
 *
 * @return 0, or -1 something is amiss, said on stderr
 */
int
card_end(struct card *c);

/** One line of JSON about all of it. */
void
card_print(const struct card *c, const char *scenario);

#endif /* TEST_CARD_H */
