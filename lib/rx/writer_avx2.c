/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* Built for machines with AVX2: half a line at a store. */

#include "writer_lines.h"

void
lab_write_lines_avx2(const struct labyrinth_rxq *q, struct lab_batch *batch)
{
	lab_write_lines_hot(q, batch);
}
