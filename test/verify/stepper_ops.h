/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef STEPPER_OPS_H
#define STEPPER_OPS_H

/**
 * @file
 * What the others do while one stands still: a mix of all calls, up to taking the last
 * page of the pool, on the rows and pages that the victim works with.
 */

#include "stepper_stage.h"

/**
 * Do @p n calls as the first @p actors of the stage in turn. Which ones follows from
 * stage->seed alone.
 *
 * @return 0; -EUCLEAN one went wrong, @p error says how
 */
int
ops_run(struct stage *stage, uint32_t actors, uint32_t n, struct labyrinth_error *error);

#endif /* STEPPER_OPS_H */
