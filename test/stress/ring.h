/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RING_H
#define RING_H

/**
 * @file
 * How the threads of a stress test pass pages on: a ring for one sender and one
 * receiver, in order; and a board where anybody leaves and picks up, in no order.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define RING_SIZE 512u
#define BOARD_SIZE 128u

/** One sender, one receiver. */
struct ring {
	_Atomic uint32_t head;   /**< written by the sender */
	_Atomic uint32_t tail;   /**< written by the receiver */
	uint64_t item[RING_SIZE];
};

/** Room for how many more; exact for the sender. */
static inline uint32_t
ring_room(const struct ring *ring)
{
	/* acquire: the receiver is done with the items that made room */
	return RING_SIZE - (atomic_load_explicit(&ring->head, memory_order_relaxed) -
		atomic_load_explicit(&ring->tail, memory_order_acquire));
}

static inline bool
ring_send(struct ring *ring, uint64_t item)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	if (ring_room(ring) == 0)
		return false;
	ring->item[head % RING_SIZE] = item;
	/* release: the item, and what the sender wrote to the page */
	atomic_store_explicit(&ring->head, head + 1, memory_order_release);
	return true;
}

/** Up to @p n items. @return how many */
static inline uint32_t
ring_receive(struct ring *ring, uint64_t *item, uint32_t n)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	/* acquire: pairs with ring_send() */
	uint32_t there = atomic_load_explicit(&ring->head, memory_order_acquire) - tail;

	n = n < there ? n : there;
	for (uint32_t i = 0; i < n; i++)
		item[i] = ring->item[(tail + i) % RING_SIZE];
	atomic_store_explicit(&ring->tail, tail + n, memory_order_release);
	return n;
}

/** Any number of senders and receivers; 0 is no item. */
struct board {
	_Atomic uint64_t item[BOARD_SIZE];
};

/**
 * Leave an item at or after @p at.
 *
 * @param order  memory_order_release, or relaxed where the test wants the pool alone
 *   to order what sender and receiver do with the page
 */
static inline bool
board_leave(struct board *board, uint32_t at, uint64_t item, memory_order order)
{
	for (uint32_t i = 0; i < BOARD_SIZE; i++) {
		uint64_t none = 0;

		if (atomic_compare_exchange_strong_explicit(
				&board->item[(at + i) % BOARD_SIZE], &none, item, order,
				memory_order_relaxed))
			return true;
	}
	return false;
}

/** Pick up what is at @p at, 0 if nothing is. @param order  acquire, or relaxed */
static inline uint64_t
board_pick(struct board *board, uint32_t at, memory_order order)
{
	return atomic_exchange_explicit(&board->item[at % BOARD_SIZE], 0, order);
}

#endif /* RING_H */
