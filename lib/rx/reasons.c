/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stddef.h>

#include "labyrinth_reasons.h"

static const struct {
	const char *name;
	const char *sentence;
} reasons[] = {
#define REASON_TEXT(id, name, sentence) { name, sentence },
	LABYRINTH_REASONS(REASON_TEXT)
#undef REASON_TEXT
};

const char *
labyrinth_reason_name(enum labyrinth_reason reason)
{
	if ((unsigned int)reason >= LABYRINTH_REASON_COUNT)
		return NULL;
	return reasons[reason].name;
}

const char *
labyrinth_reason_sentence(enum labyrinth_reason reason)
{
	if ((unsigned int)reason >= LABYRINTH_REASON_COUNT)
		return NULL;
	return reasons[reason].sentence;
}
