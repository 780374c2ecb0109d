/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_KEEP_H
#define LAB_KEEP_H

/**
 * @file
 * Mempools that are freed while secondary processes are attached, that is, had a get or put
 * and live. rte_mempool_free() cannot refuse, and would give what they read and write to
 * whoever asks for memory next. So all that they see stays until the last of them has ended:
 * the objects, what stands behind the mempool, and the mempool itself, whose name is taken
 * as long. They get what they have at hand, and what they put; no more.
 *
 * In the primary. Of the end of a mempool its ops hear when the memory of the objects is
 * gone. But beside each piece of it stands the function that gives it back, and that one is
 * exchanged at the first get that goes the long way. rte_mempool_free() itself begins with
 * gets, so there always was one.
 */

#include <rte_mempool.h>
#include <rte_telemetry.h>

/** Be asked before the memory of the objects is given back. Data path, once a mempool. */
void
lab_keep_guard(const struct rte_mempool *mp);

/** The mempool is freed. @return does what stands behind it have to stay? */
bool
lab_keep_begin(struct rte_mempool *mp);

/** Give back what nobody has any more. @return how many mempools that was */
unsigned int
lab_keep_end(void);

/** How many there are, their bytes, their names: a telemetry command. */
int
lab_keep_show(const char *command, const char *parameters, struct rte_tel_data *data);

#endif /* LAB_KEEP_H */
