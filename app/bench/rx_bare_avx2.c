/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* Built for machines with AVX2, as lib/rx/writer_avx2.c is. */

#include "rx_bare_hot.h"

void
rx_bare_round_avx2(struct rx_bare *bare, bool descriptors)
{
	rx_bare_round_hot(bare, descriptors);
}
