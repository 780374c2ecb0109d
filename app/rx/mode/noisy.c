/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * A neighbour that disturbs: it keeps frames in a queue of its own before it sends them, and
 * reads and writes lines of a large memory at random for each, as a program with tables does.
 */

#include <stdlib.h>

#include <rte_cycles.h>

#include "frames.h"
#include "hold.h"
#include "mode.h"

struct noisy {
	uint64_t *memory;        /**< NULL: none is touched */
	uint64_t words;
	uint32_t reads, writes, both;
	uint64_t random;
	uint64_t seen;           /**< sum of what was read, so that it is read */
};

/* Without a buffer frames are sent at once. */
static enum rx_exit
begin_buffer(struct rx_queue *queue, const struct rx_mode_config *config,
	struct labyrinth_error *error)
{
	const struct rx_options *o = config->options;
	struct rx_hold_limits limits = { UINT64_MAX, o->noisy_buffer };

	if (o->noisy_buffer == 0)
		return RX_OK;
	if (o->noisy_flush_ms != 0)
		limits.ticks = (uint64_t)((double)o->noisy_flush_ms / 1e3 *
					  (double)rte_get_tsc_hz());
	return rx_hold_create(&limits, config->pool->size, &queue->hold, error);
}

static void
end(struct rx_queue *queue)
{
	struct noisy *noisy = queue->state;

	queue->state = NULL;
	free(noisy->memory);
	free(noisy);
}

static enum rx_exit
begin(struct rx_queue *queue, const struct rx_mode_config *config,
	struct labyrinth_error *error)
{
	const struct rx_options *o = config->options;
	struct noisy *noisy = calloc(1, sizeof(*noisy));

	if (noisy == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	noisy->words = ((uint64_t)o->noisy_memory_mb << 20) / sizeof(uint64_t);
	noisy->memory = calloc(noisy->words, sizeof(uint64_t));
	noisy->reads = o->noisy_reads;
	noisy->writes = o->noisy_writes;
	noisy->both = o->noisy_reads_writes;
	noisy->random = 0x9e3779b97f4a7c15u + queue->queue;
	queue->state = noisy;
	if (begin_buffer(queue, config, error) != RX_OK ||
		(noisy->words != 0 && noisy->memory == NULL)) {
		end(queue);
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"out of memory for --noisy-lkup-memory %u and a buffer of %u frames "
			"for each queue: lower them",
			o->noisy_memory_mb, o->noisy_buffer);
	}
	return RX_OK;
}

/* xorshift64 */
static inline uint64_t *
anywhere(struct noisy *noisy)
{
	noisy->random ^= noisy->random << 13;
	noisy->random ^= noisy->random >> 7;
	noisy->random ^= noisy->random << 17;
	return &noisy->memory[noisy->random % noisy->words];
}

static void
disturb(struct noisy *noisy)
{
	for (uint32_t i = 0; i < noisy->writes; i++)
		*anywhere(noisy) = noisy->random;
	for (uint32_t i = 0; i < noisy->reads; i++)
		noisy->seen += *anywhere(noisy);
	for (uint32_t i = 0; i < noisy->both; i++)
		noisy->seen += (*anywhere(noisy))++;
}

static uint32_t
idle(struct rx_queue *queue, uint64_t now)
{
	struct rte_mbuf **due;
	uint32_t sent = 0;
	uint16_t n;

	if (queue->hold == NULL)
		return 0;
	while ((n = rx_hold_take_due(queue->hold, now, &due)) != 0) {
		rx_send(queue, due, n, rx_bytes(due, n));
		sent += n;
	}
	return sent;
}

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	struct noisy *noisy = queue->state;
	uint64_t bytes = rx_bytes(mbufs, n);

	if (noisy->memory != NULL) {
		for (uint16_t i = 0; i < n; i++)
			disturb(noisy);
	}
	if (queue->hold == NULL) {
		rx_send(queue, mbufs, n, bytes);
		return bytes;
	}
	rx_hold_push(queue->hold, mbufs, n, now);
	idle(queue, now);
	return bytes;
}

const struct rx_mode rx_mode_noisy = {
	.name = "noisy",
	.sentence = "keep it in a queue, read and write memory (--noisy-...), send it",
	.sends = true,
	.begin = begin,
	.burst = burst,
	.idle = idle,
	.end = end,
};
