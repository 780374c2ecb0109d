/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_WRITER_H
#define LAB_WRITER_H

/**
 * @file
 * What a card does by DMA: a frame into posted buffers, then its status into the
 * descriptor ring.
 *
 * Called by the thread that is the device of the queue.
 */

#include "nic_private.h"

/** Frames of a round, and descriptors of a lap of the ring for them. */
struct lab_batch {
	const struct lab_slot *slot;
	uint32_t slots;    /**< to the end of the round */
	uint32_t room;     /**< descriptors free; if lines, to the end of the lap */
	uint64_t pos;      /**< first descriptor */
	uint64_t within;   /**< the round's time up to which frames have arrived */
	uint32_t stamp;    /**< of the round's start, in ns */
	uint32_t first;    /**< number of the round's first frame in its flow */
	/* what came of it */
	uint32_t passed;   /**< slots */
	uint32_t missed;   /**< of them, frames that found too few descriptors */
	uint32_t used;     /**< descriptors */
};

/**
 * @name Ways to write
 * The frames that have arrived and find descriptors; they stop when there are none left
 * at all. All write the same. Of any size; if q->lines is set, that is if each frame is
 * one line in one buffer, the fast way; the same for machines that have AVX2.
 */
/**@{*/
void
lab_write_frames(const struct labyrinth_rxq *q, struct lab_batch *batch);
void
lab_write_lines(const struct labyrinth_rxq *q, struct lab_batch *batch);
void
lab_write_lines_avx2(const struct labyrinth_rxq *q, struct lab_batch *batch);
/**@}*/

/** The best of them for @p q on this machine. */
lab_write_fn
lab_writer_of(const struct labyrinth_rxq *q);

/** A frame that is not as its header says. */
struct lab_odd_frame {
	const uint8_t *line;
	struct lab_status status;
};

/**
 * Write the first slot's frame as @p odd has it, whether it has arrived or not.
 *
 * @return descriptors used, 0: there are too few
 */
uint32_t
lab_write_odd(const struct labyrinth_rxq *q, const struct lab_batch *batch,
	const struct lab_odd_frame *odd);

#endif /* LAB_WRITER_H */
