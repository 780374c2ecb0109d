/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdlib.h>

#include "labyrinth_seq_check.h"

int
labyrinth_seq_check_create(
	struct labyrinth_seq_check *check, uint32_t flows, struct labyrinth_error *error)
{
	*check = (struct labyrinth_seq_check){ .flows = flows };
	if (flows == 0 || flows > LABYRINTH_FLOWS_MAX)
		return labyrinth_fail(error, -EINVAL, "%u flows: give 1 to %u", flows,
			LABYRINTH_FLOWS_MAX);
	check->flow = calloc(flows, sizeof(*check->flow));
	if (check->flow == NULL)
		return labyrinth_fail(error, -ENOMEM,
			"no memory for the sequence numbers of %u flows: take fewer",
			flows);
	return 0;
}

void
labyrinth_seq_check_destroy(struct labyrinth_seq_check *check)
{
	free(check->flow);
	*check = (struct labyrinth_seq_check){ 0 };
}

/* Later than expected: all between are missing, for the present. */
static void
passed_over(struct labyrinth_seq_check *check, struct labyrinth_seq_flow *flow,
	uint32_t ahead)
{
	check->result.missing += ahead;
	check->result.in_order++;
	flow->next += (uint64_t)ahead + 1;
	flow->window =
		ahead >= LABYRINTH_SEQ_WINDOW - 1 ? 1 : flow->window << (ahead + 1) | 1;
}

/* Earlier than expected: the window tells whether it was there. */
static void
came_late(struct labyrinth_seq_check *check, struct labyrinth_seq_flow *flow,
	uint32_t behind)
{
	uint64_t bit;

	/* Before the first of all: this flow sent no such frame. */
	if (behind > flow->next) {
		check->result.invented++;
		return;
	}
	if (behind > LABYRINTH_SEQ_WINDOW) {
		check->result.ancient++;
		return;
	}
	bit = UINT64_C(1) << (behind - 1);
	if ((flow->window & bit) != 0) {
		check->result.twice++;
		return;
	}
	flow->window |= bit;
	check->result.out_of_order++;
	check->result.missing--;
}

void
labyrinth_seq_check_odd(
	struct labyrinth_seq_check *check, uint32_t flow, uint32_t sequence)
{
	struct labyrinth_seq_flow *f = &check->flow[flow];
	uint32_t ahead = sequence - (uint32_t)f->next;

	/* Of the two ways round the circle of 2^32 the shorter one is meant. */
	if (ahead <= INT32_MAX)
		passed_over(check, f, ahead);
	else
		came_late(check, f, -ahead);
}

static void
merge_results(struct labyrinth_seq_result *into, const struct labyrinth_seq_result *from)
{
	into->received += from->received;
	into->in_order += from->in_order;
	into->missing += from->missing;
	into->twice += from->twice;
	into->out_of_order += from->out_of_order;
	into->ancient += from->ancient;
	into->invented += from->invented;
	into->split += from->split;
}

void
labyrinth_seq_check_merge(
	struct labyrinth_seq_check *into, const struct labyrinth_seq_check *from)
{
	uint32_t flows = into->flows < from->flows ? into->flows : from->flows;

	merge_results(&into->result, &from->result);
	for (uint32_t i = 0; i < flows; i++) {
		if (from->flow[i].next == 0)
			continue;
		if (into->flow[i].next != 0)
			into->result.split++;
		if (from->flow[i].next > into->flow[i].next)
			into->flow[i] = from->flow[i];
	}
}

void
labyrinth_seq_check_end(struct labyrinth_seq_check *check, uint64_t frames)
{
	for (uint32_t i = 0; i < check->flows; i++) {
		uint64_t sent = frames / check->flows + (i < frames % check->flows);
		uint64_t next = check->flow[i].next;

		if (next <= sent)
			check->result.missing += sent - next;
		else
			check->result.invented += next - sent;
	}
}
