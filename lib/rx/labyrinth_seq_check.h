/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_SEQ_CHECK_H
#define LABYRINTH_SEQ_CHECK_H

/**
 * @file
 * The receiver's side of the account: what the sequence numbers say.
 *
 * An application gives it the frames it received; in the end it says whether one came
 * twice, out of order in its flow, or was never sent, and how many are missing, which
 * must be what the ledger says was lost. It knows nothing of the card's counters.
 *
 * One thread a checker; frames of one flow belong to one checker (RSS sees to that).
 * Data path: no call allocates, locks or fails.
 */

#include <stdint.h>

#include "labyrinth_base.h"
#include "labyrinth_frame.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far back a frame may be late and still be told from one that came twice. */
#define LABYRINTH_SEQ_WINDOW 64u

/** What was found. All in frames. */
struct labyrinth_seq_result {
	uint64_t received;      /**< all that were fed in */
	uint64_t in_order;      /**< the next of its flow, or one after a gap */
	uint64_t missing;       /**< numbers passed over, less those that came late */
	uint64_t twice;         /**< had come before */
	uint64_t out_of_order;  /**< came after a later one of its flow */
	uint64_t ancient;       /**< more than the window late: twice or out of order */
	uint64_t invented;      /**< no such flow, or no frame of the wire */
	uint64_t split;         /**< flows that more than one queue received */
};

struct labyrinth_seq_flow;

struct labyrinth_seq_check {
	struct labyrinth_seq_flow *flow;
	uint32_t flows;
	struct labyrinth_seq_result result;
};

/** State of a flow; here for the inline part only. */
struct labyrinth_seq_flow {
	uint64_t next;    /**< number expected, not modulo 2^32 */
	uint64_t window;  /**< bit i: number next - 1 - i came */
};

/** @return 0; -EINVAL flows not 1 … LABYRINTH_FLOWS_MAX; -ENOMEM */
int
labyrinth_seq_check_create(struct labyrinth_seq_check *check, uint32_t flows,
	struct labyrinth_error *error);

void
labyrinth_seq_check_destroy(struct labyrinth_seq_check *check);

/** A number that was not the expected one. */
void
labyrinth_seq_check_odd(struct labyrinth_seq_check *check, uint32_t flow,
	uint32_t sequence);

/** Feed one frame, by what it says of itself. */
static inline void
labyrinth_seq_check_frame(struct labyrinth_seq_check *check,
	const struct labyrinth_frame *frame)
{
	struct labyrinth_seq_flow *flow;

	check->result.received++;
	if (labyrinth_unlikely(frame->flow >= check->flows)) {
		check->result.invented++;
		return;
	}
	flow = &check->flow[frame->flow];
	if (labyrinth_unlikely((uint32_t)flow->next != frame->sequence)) {
		labyrinth_seq_check_odd(check, frame->flow, frame->sequence);
		return;
	}
	flow->next++;
	flow->window = flow->window << 1 | 1;
	check->result.in_order++;
}

/** Feed one frame, its first LABYRINTH_AT_FILL bytes at @p data. */
static inline void
labyrinth_seq_check_data(struct labyrinth_seq_check *check, const void *data)
{
	struct labyrinth_frame frame;

	if (labyrinth_unlikely(!labyrinth_frame_read(data, &frame)))
		frame.flow = UINT32_MAX;
	labyrinth_seq_check_frame(check, &frame);
}

/**
 * Join what @p from saw to @p into: the checkers of several queues, at the end. A flow
 * that both saw is split: RSS sent it to two queues.
 */
void
labyrinth_seq_check_merge(struct labyrinth_seq_check *into,
	const struct labyrinth_seq_check *from);

/**
 * Close the account at the end of a run in which the wire sent @p frames frames, by
 * turns over all flows: what did not come after the last one received is missing too;
 * what came and was not sent is invented. Feed nothing afterwards.
 */
void
labyrinth_seq_check_end(struct labyrinth_seq_check *check, uint64_t frames);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_SEQ_CHECK_H */
