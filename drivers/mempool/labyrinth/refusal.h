/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_REFUSAL_H
#define LAB_REFUSAL_H

/**
 * @file
 * Puts that were refused: how many of each kind, and the last one with all that is known
 * of it. To note one takes no lock and no memory; to read is for reports.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** Why an object was not taken back. Nothing is changed by it. */
enum lab_refusal_kind {
	LAB_DOUBLE_FREE,  /**< it is free */
	LAB_NO_OBJECT,    /**< the address is not that of an object of this mempool */
	LAB_REFUSAL_KINDS
};

struct lab_refusal {
	uintptr_t object;  /**< address that was put */
	uint32_t kind;     /**< of enum lab_refusal_kind */
	uint32_t by;       /**< who put it, as in a tag */
	uint32_t before;   /**< who had put it already, 0: nobody is known */
	uint64_t when;     /**< by the TSC */
};

/** Of one hand and kind. */
struct lab_refusals {
	_Atomic uint64_t count;
	_Atomic uint32_t version; /**< odd: the last one is being written */
	_Atomic uint64_t last[4]; /**< when, object, kind | by << 32, before */
};

/** Note one. Any number of threads at once; of two at a time one may not become last. */
void
lab_refusals_note(struct lab_refusals *refusals, const struct lab_refusal *refusal);

/** Read the last one. @return false: there is none, or it was being written */
bool
lab_refusals_last(const struct lab_refusals *refusals, struct lab_refusal *refusal);

/** Short name of a kind, as in telemetry. */
const char *
lab_refusal_name(uint32_t kind);

#endif /* LAB_REFUSAL_H */
