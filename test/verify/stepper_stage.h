/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef STEPPER_STAGE_H
#define STEPPER_STAGE_H

/**
 * @file
 * The stage of an experiment with one call: a pool that processes share, the owner whose
 * call is looked at (the victim), two who go on working (the survivors), perhaps one who
 * is dead already, and who thinks to hold which pages. It can be saved and set back.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "labyrinth_pool.h"

/** What must hold for the test itself to make sense, not what it tests. */
#define need(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s: %m\n", __FILE__, __LINE__, \
				#condition); \
			exit(1); \
		} \
	} while (0)

/** Pages in the pool: five rows and a short one. */
#define STAGE_PAGES 168u

enum stage_actor {
	STAGE_A, /**< a survivor without a team */
	STAGE_B, /**< a survivor, perhaps in the victim's or the dead one's team */
	STAGE_SURVIVORS,
	STAGE_VICTIM = STAGE_SURVIVORS,
	STAGE_ACTORS
};

/** Which teams there are. */
enum stage_team {
	STAGE_ALONE,
	STAGE_VICTIM_AND_B,
	STAGE_DEAD_AND_B,
};

/** Pages that an actor holds: as its own records have it, not as the pool's. */
struct hand {
	uint32_t n;
	labyrinth_page page[STAGE_PAGES];
};

/** What a stage is made from. */
struct setting {
	uint32_t cache;          /**< as in the pool's configuration */
	uint32_t min;            /**< likewise; 0: no reserve */
	uint32_t flags;          /**< likewise, besides those that it always has */
	enum stage_team team;
	bool third;              /**< one more owner, which stage_bury() kills */
};

/** What a signal handler of the victim does and has, see stepper_handler.h. */
struct handler {
	unsigned int deed;
	uint32_t acted;                  /**< times that it was called */
	struct hand hand;                /**< pages that it has taken */
	bool taken[STAGE_PAGES];         /**< pages that it must not get: in hands */
	struct hand given;               /**< pages that the call frees or hands on */
	bool by_index;                   /**< it frees them by index */
	bool won[STAGE_PAGES];           /**< those of them that the handler freed first */
	struct hand stale;               /**< handles of pages that were free */
	int failed;
	struct labyrinth_error error;
};

/** Lies in memory that the processes share. */
struct stage {
	struct labyrinth_pool *pool;
	struct labyrinth_owner *actor[STAGE_ACTORS];
	struct labyrinth_owner *third;
	struct hand hand[STAGE_ACTORS];  /**< the victim's: without those in call */
	struct hand third_hand;
	bool inherited;                  /**< what the third left is in hands by now */
	/* the victim's call: its argument, and what it returned */
	struct hand call;
	struct hand asked;               /**< the argument as it was before the call */
	uint32_t index[STAGE_PAGES];     /**< the argument of a call by index */
	uint32_t ret;
	struct handler handler;
	uint32_t seed;                   /**< of stage_random() */
};

/** A stage as it was. */
struct stage_copy {
	struct stage stage;
	void *side;
};

/** Build a stage, or end the program. */
struct stage *
stage_create(const struct setting *setting);

void
stage_destroy(struct stage *stage);

void
stage_save(const struct stage *stage, struct stage_copy *copy);

void
stage_restore(struct stage *stage, const struct stage_copy *copy);

/** Is the stage another than the copy was made of? */
bool
stage_differs(const struct stage *stage, const struct stage_copy *copy);

void
stage_copy_free(struct stage_copy *copy);

/** Let a process that is bound to the third owner be killed. */
void
stage_bury(struct stage *stage);

/**
 * The locks by which the kernel knows a life hold the number of their thread: where that
 * is @p from, a copy of which process @p to is, let it be @p to.
 */
void
stage_entrust(struct stage *stage, pid_t from, pid_t to);

/** A number below @p limit. */
uint32_t
stage_random(struct stage *stage, uint32_t limit);

/** Allocate @p n pages more into the hand of an actor, which must succeed. */
void
stage_take(struct stage *stage, enum stage_actor who, uint32_t n);

/** Free @p n pages of the hand, every @p stride th from @p at on, which must succeed. */
void
stage_free(struct stage *stage, enum stage_actor who, uint32_t at, uint32_t stride,
	uint32_t n);

/** Move @p n pages from one hand to the end of another; ownership is not looked at. */
void
hand_move(struct hand *from, uint32_t at, uint32_t n, struct hand *to);

/** The handle that an owned page has now. */
labyrinth_page
stage_handle(const struct stage *stage, uint32_t index);

#endif /* STEPPER_STAGE_H */
