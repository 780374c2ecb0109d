/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdlib.h>

#include "plain_stack.h"

int
bench_stack_create(struct bench_stack *stack, uint32_t n, size_t size)
{
	char *objects = calloc(n, size);

	stack->objects = objects;
	stack->slot = calloc(n, sizeof(stack->slot[0]));
	if (stack->objects == NULL || stack->slot == NULL) {
		free(stack->objects);
		free(stack->slot);
		return -ENOMEM;
	}
	pthread_mutex_init(&stack->mutex, NULL);
	for (stack->top = 0; stack->top < n; stack->top++)
		stack->slot[stack->top] = objects + stack->top * size;
	return 0;
}

void
bench_stack_destroy(struct bench_stack *stack)
{
	pthread_mutex_destroy(&stack->mutex);
	free(stack->objects);
	free(stack->slot);
}
