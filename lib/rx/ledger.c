/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "labyrinth_ledger.h"

void
labyrinth_ledger_drop(
	struct labyrinth_ledger *ledger, enum labyrinth_reason reason, uint64_t frames)
{
	if ((unsigned int)reason < LABYRINTH_REASON_COUNT)
		ledger->drops[reason] += frames;
}

uint64_t
labyrinth_ledger_dropped(const struct labyrinth_ledger *ledger)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		sum += ledger->drops[i];
	return sum;
}

uint64_t
labyrinth_ledger_accounted(const struct labyrinth_ledger *ledger)
{
	return ledger->delivered + ledger->in_flight + labyrinth_ledger_dropped(ledger);
}

int64_t
labyrinth_ledger_imbalance(const struct labyrinth_ledger *ledger)
{
	/* Unsigned first: counters may wrap, their difference does not. */
	return (int64_t)(ledger->offered - labyrinth_ledger_accounted(ledger));
}

bool
labyrinth_ledger_balanced(const struct labyrinth_ledger *ledger)
{
	return labyrinth_ledger_imbalance(ledger) == 0;
}

void
labyrinth_ledger_merge(struct labyrinth_ledger *into, const struct labyrinth_ledger *from)
{
	into->offered += from->offered;
	into->delivered += from->delivered;
	into->in_flight += from->in_flight;
	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		into->drops[i] += from->drops[i];
}
