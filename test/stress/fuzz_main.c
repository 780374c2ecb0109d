/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: the fuzz target without libFuzzer. With files as arguments: run each, to
 * reproduce what libFuzzer found. Without: random sequences for every kind of cache until
 * LABYRINTH_FUZZ_CALLS calls were made with each.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz_pool.h"
#include "stress.h"

#define CALLS 200000u
#define LENGTH 8192u
#define CACHES 4u

static int
run_file(const char *name)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(name, "rb");
	size_t size;

	if (file == NULL) {
		perror(name);
		return 1;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	return LLVMFuzzerTestOneInput(data, size);
}

/* Written before it is run, so that the sequence that fails is there afterwards. */
static void
run_random(struct stress_random *random, uint32_t cache, const char *keep)
{
	uint8_t data[LENGTH];
	uint32_t size = LENGTH / 16 + stress_random_below(random, LENGTH - LENGTH / 16);

	for (uint32_t i = 0; i < size; i++)
		data[i] = (uint8_t)stress_random_next(random);
	data[2] = (uint8_t)cache;
	if (keep != NULL) {
		FILE *file = fopen(keep, "wb");

		if (file == NULL || fwrite(data, 1, size, file) != size)
			perror(keep);
		if (file != NULL)
			fclose(file);
	}
	LLVMFuzzerTestOneInput(data, size);
}

int
main(int argc, char **argv)
{
	const char *wanted = getenv("LABYRINTH_FUZZ_CALLS"),
		   *keep = getenv("LABYRINTH_FUZZ_KEEP");
	uint64_t each = wanted != NULL ? strtoull(wanted, NULL, 0) : CALLS;
	int ret = 0;

	for (int i = 1; i < argc; i++)
		ret |= run_file(argv[i]);
	if (argc > 1)
		return ret;
	for (uint32_t cache = 0; cache < CACHES; cache++) {
		struct stress_random random = stress_random_stream(cache);
		uint64_t end = fuzz_calls() + each;

		while (fuzz_calls() < end)
			run_random(&random, cache, keep);
	}
	printf("%llu calls\n", (unsigned long long)fuzz_calls());
	return 0;
}
