/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef FUZZ_POOL_H
#define FUZZ_POOL_H

/**
 * @file
 * A random sequence of calls on a pool, each compared with the sequential model. The
 * bytes say what to call: five make the pool, the rest the calls. libFuzzer's entry;
 * fuzz_main.c is a driver for where there is no libFuzzer.
 */

#include <stddef.h>
#include <stdint.h>

/** Bytes that make the pool: see fuzz_pool.c. */
#define FUZZ_HEADER 5u

/** Aborts with a report if the pool and the model disagree. @return 0 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Calls made since the program began. */
uint64_t
fuzz_calls(void);

#endif /* FUZZ_POOL_H */
