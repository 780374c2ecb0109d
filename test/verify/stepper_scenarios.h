/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef STEPPER_SCENARIOS_H
#define STEPPER_SCENARIOS_H

/**
 * @file
 * The calls that are looked at instruction by instruction: every call of the pool that
 * an owner makes, each from states of the pool that send it through each of its paths.
 */

#include "stepper_stage.h"

/** What the call does to the victim's hand. */
enum effect {
	EFFECT_TAKES,        /**< call.page[0 … ret) are the victim's now */
	EFFECT_TAKES_INDEX,  /**< index[0 … ret) are */
	EFFECT_GIVES,        /**< all of call is gone, nothing was refused */
	EFFECT_GIVES_INDEX,  /**< the same, by index */
	EFFECT_PASSES,       /**< all of call belongs to B now */
	EFFECT_OFFERS,       /**< all of call is offered to B */
	EFFECT_GETS,         /**< all of call is the victim's now: accepted, withdrawn */
	EFFECT_GETS_SOME,    /**< likewise but for what was refused, which is no one's */
	EFFECT_BURIES,       /**< what was not refused is with one who is dead */
	EFFECT_LEAVES,       /**< the victim is no owner any more; what it had is B's */
	EFFECT_REGISTERS,    /**< another owner came and went */
	EFFECT_NONE,
};

/** What the call leaves behind when nobody disturbs it: proof that it went the path. */
struct proof {
	uint32_t ret;        /**< what it returns */
	int32_t rows;        /**< change of the number of rows that the victim holds */
	int32_t depot;       /**< change of the depot's counter */
};

struct scenario {
	const char *name;
	struct setting setting;
	void (*warm)(struct stage *stage);   /**< brings the pool into the state wanted */
	uint32_t (*call)(struct stage *stage);
	enum effect effect;
	struct proof proof;
	uint32_t at_least;   /**< instructions that the call has, or it was not stepped */
};

/** Bring a stage that was just made into the state wanted. */
void
scenario_begin(const struct scenario *scenario, struct stage *stage);

extern const struct scenario scenarios[];
extern const uint32_t scenarios_n;

/** The call returned: put its pages into the hands where they belong. */
int
scenario_settle(const struct scenario *scenario, struct stage *stage,
	struct labyrinth_error *error);

/** What struct proof compares. */
struct proof
scenario_proof(const struct stage *stage);

#endif /* STEPPER_SCENARIOS_H */
