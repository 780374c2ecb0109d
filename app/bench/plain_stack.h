/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef BENCH_PLAIN_STACK_H
#define BENCH_PLAIN_STACK_H

/**
 * @file
 * The plainest pools there are, to measure the others by: a stack of pointers for one
 * thread, as the buffer pools of small user-space drivers such as ixy's are, and the same
 * behind a mutex, which any thread may use. Neither checks what it is given.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

struct bench_stack {
	pthread_mutex_t mutex;
	uint32_t top;      /**< pointers in slot */
	void **slot;
	void *objects;
};

/** Fill it with the addresses of @p n objects of @p size bytes. @return 0; -ENOMEM */
int
bench_stack_create(struct bench_stack *stack, uint32_t n, size_t size);

void
bench_stack_destroy(struct bench_stack *stack);

/** Get @p n or none. One thread. */
static __rte_always_inline bool
bench_stack_get(struct bench_stack *stack, void **object, uint32_t n)
{
	if (unlikely(stack->top < n))
		return false;
	stack->top -= n;
	for (uint32_t i = 0; i < n; i++)
		object[i] = stack->slot[stack->top + n - 1 - i];
	return true;
}

/** Put @p n of those it has given out. One thread. */
static __rte_always_inline void
bench_stack_put(struct bench_stack *stack, void *const *object, uint32_t n)
{
	memcpy(&stack->slot[stack->top], object, n * sizeof(object[0]));
	stack->top += n;
}

/** Get @p n or none. Any thread. */
static __rte_always_inline bool
bench_mutex_stack_get(struct bench_stack *stack, void **object, uint32_t n)
{
	bool got;

	pthread_mutex_lock(&stack->mutex);
	got = bench_stack_get(stack, object, n);
	pthread_mutex_unlock(&stack->mutex);
	return got;
}

/** Put @p n of those it has given out. Any thread. */
static __rte_always_inline void
bench_mutex_stack_put(struct bench_stack *stack, void *const *object, uint32_t n)
{
	pthread_mutex_lock(&stack->mutex);
	bench_stack_put(stack, object, n);
	pthread_mutex_unlock(&stack->mutex);
}

#endif /* BENCH_PLAIN_STACK_H */
