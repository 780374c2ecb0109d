/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "labyrinth_wire.h"
#include "wire.h"

static uint64_t
greatest_divisor(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static uint32_t
sum_of_shares(const struct labyrinth_nic_config *config)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < config->sizes; i++)
		sum += config->mix[i].share;
	return sum;
}

uint32_t
lab_wire_period(const struct labyrinth_nic_config *config)
{
	/* one size is one size, whatever its share */
	uint64_t mix = config->sizes == 1 ? 1 : sum_of_shares(config);
	uint64_t least = config->jitter_ns != 0 ? LAB_PERIOD_JITTER : LAB_PERIOD_MIN;
	uint64_t period = config->flows / greatest_divisor(config->flows, mix) * mix;

	if (period < least)
		period *= (least + period - 1) / period;
	return period <= LAB_PERIOD_MAX ? (uint32_t)period : 0;
}

/* The mix over and over, in an order by the seed (Fisher and Yates). */
static void
shuffle_sizes(struct lab_wire *wire, const struct labyrinth_nic_config *config,
	uint64_t *random)
{
	uint32_t n = 0;

	while (n < wire->period)
		for (uint32_t k = 0; k < config->sizes; k++)
			for (uint32_t i = 0; i < config->mix[k].share && n < wire->period;
				i++)
				wire->kind[n++] = (uint8_t)k;
	for (uint32_t i = wire->period - 1; i > 0; i--) {
		uint32_t j = (uint32_t)lab_random_below(random, (uint64_t)i + 1);
		uint8_t kind = wire->kind[i];

		wire->kind[i] = wire->kind[j];
		wire->kind[j] = kind;
	}
}

/* Arrivals of the last bits. From the sum of all bits, so that no rounding adds up. */
static void
set_arrivals(struct lab_wire *wire, const struct labyrinth_nic_config *config)
{
	double ps_per_bit = 1000.0 / config->rate;
	uint64_t bits = 0;

	for (uint32_t i = 0; i < wire->period; i++) {
		uint32_t size = config->mix[wire->kind[i]].size;

		bits += 8 * (uint64_t)(size + LABYRINTH_WIRE_OVERHEAD);
		wire->at[i] = (uint64_t)llround((double)bits * ps_per_bit);
	}
	wire->round_ps = wire->at[wire->period - 1];
}

/* Later by chance, but in order, one at a time, and within the round. */
static void
add_jitter(struct lab_wire *wire, uint32_t jitter_ns, uint64_t *random)
{
	uint64_t most = (uint64_t)jitter_ns * LAB_PS_PER_NS, last = 0;

	if (jitter_ns == 0)
		return;
	for (uint32_t i = 0; i < wire->period; i++) {
		uint64_t at = wire->at[i] + lab_random_below(random, most + 1);
		uint64_t latest = wire->round_ps - (wire->period - 1 - i);

		if (at <= last)
			at = last + 1;
		last = wire->at[i] = at < latest ? at : latest;
	}
}

int
lab_wire_build(struct lab_wire *wire, const struct labyrinth_nic_config *config)
{
	uint64_t random = config->seed;

	*wire = (struct lab_wire){
		.period = lab_wire_period(config),
		.flows = config->flows,
		.on_ps = config->on_us * LAB_PS_PER_US,
		.off_ps = config->off_us * LAB_PS_PER_US,
	};
	wire->turns = wire->period / wire->flows;
	wire->at = calloc(wire->period, sizeof(*wire->at));
	wire->kind = calloc(wire->period, sizeof(*wire->kind));
	if (wire->at == NULL || wire->kind == NULL) {
		lab_wire_free(wire);
		return -ENOMEM;
	}
	shuffle_sizes(wire, config, &random);
	set_arrivals(wire, config);
	add_jitter(wire, config->jitter_ns, &random);
	return 0;
}

void
lab_wire_free(struct lab_wire *wire)
{
	free(wire->at);
	free(wire->kind);
	*wire = (struct lab_wire){ 0 };
}

uint64_t
lab_wire_frames(const struct lab_wire *wire, uint64_t sending)
{
	uint64_t round = sending / wire->round_ps, within = sending % wire->round_ps;
	uint32_t low = 0, high = wire->period;

	/* the last frame of a round may arrive with its end, so at the next one's start
	 */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (wire->at[middle] <= within)
			low = middle + 1;
		else
			high = middle;
	}
	return round * wire->period + low;
}

int
lab_list_build(struct lab_list *list, const struct lab_wire *wire,
	const uint16_t *queue_of, uint16_t q)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < wire->period; i++)
		n += queue_of[i % wire->flows] == q;
	*list = (struct lab_list){ .slot = calloc(n + 1, sizeof(*list->slot)) };
	if (list->slot == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < wire->period; i++) {
		uint32_t flow = i % wire->flows;

		if (queue_of[flow] != q)
			continue;
		list->slot[list->n++] = (struct lab_slot){
			.at = wire->at[i],
			.at_ns = (uint32_t)(wire->at[i] / LAB_PS_PER_NS),
			.nth = i / wire->flows,
			.header = wire->kind[i] * wire->flows + flow,
		};
	}
	return 0;
}

void
lab_list_free(struct lab_list *list)
{
	free(list->slot);
	*list = (struct lab_list){ 0 };
}

/* Frames looked at one by one before the search: a driver that is a little too slow misses
 * a few with each poll, and for those halving is dear. */
#define FEW 16u

/* The first frame from the place on that arrives after within. */
static uint32_t
first_after(const struct lab_list *list, uint32_t from, uint64_t within)
{
	uint32_t low = from, high = list->n, few = high - low < FEW ? high : low + FEW;

	while (low < few && list->slot[low].at <= within)
		low++;
	if (low < few)
		return low;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (list->slot[middle].at <= within)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t
lab_cursor_skip(struct lab_cursor *cursor, const struct lab_wire *wire,
	const struct lab_list *list, uint64_t limit)
{
	uint64_t before = lab_cursor_passed(cursor, list);

	if (limit - cursor->start >= wire->round_ps) {
		uint64_t rounds = (limit - cursor->start) / wire->round_ps;

		cursor->round += rounds;
		cursor->start += rounds * wire->round_ps;
		cursor->index = 0;
	}
	cursor->index = first_after(list, cursor->index, limit - cursor->start);
	return lab_cursor_passed(cursor, list) - before;
}
