/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_WIRE_H
#define LAB_WIRE_H

/**
 * @file
 * When which frame arrives. The wire repeats a round of frames for ever; frame n is
 * entry n mod period of round n / period. A round holds whole turns of the flows and
 * whole mixes of the sizes.
 *
 * Two times, both in ps. Sending time stands while the wire pauses (on_us, off_us), so
 * that a round always takes the same; the wire's time goes on. Without pauses they are
 * the same. No two frames arrive at once, so that a time names a frame.
 *
 * Built once and read only; any thread.
 */

#include <stdint.h>

#include "labyrinth_nic.h"

/** Most frames of a round. */
#define LAB_PERIOD_MAX (1u << 20)
/** Least, so that a round seldom ends; and with jitter, for it to look random. */
#define LAB_PERIOD_MIN    256u
#define LAB_PERIOD_JITTER 4096u

#define LAB_PS_PER_US UINT64_C(1000000)
#define LAB_PS_PER_NS 1000u

/** SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators",
 * OOPSLA 2014. Any state will do to begin with, 0 too. */
static inline uint64_t
lab_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/** 0 … @p n - 1. */
static inline uint64_t
lab_random_below(uint64_t *state, uint64_t n)
{
	return (uint64_t)((labyrinth_u128)lab_random(state) * n >> 64);
}

struct lab_wire {
	uint64_t *at;       /**< arrival of the last bit after the round's start */
	uint8_t *kind;      /**< which of the mix's sizes */
	uint32_t period;    /**< entries of both, and frames of a round */
	uint32_t flows;
	uint32_t turns;     /**< frames of a flow in a round */
	uint64_t round_ps;  /**< sending time of a round */
	uint64_t on_ps, off_ps;
};

/** Frames of a round, 0: there would be more than LAB_PERIOD_MAX. */
uint32_t
lab_wire_period(const struct labyrinth_nic_config *config);

/** @return 0; -ENOMEM. The configuration has been checked. */
int
lab_wire_build(struct lab_wire *wire, const struct labyrinth_nic_config *config);

void
lab_wire_free(struct lab_wire *wire);

/** Arrival of frame @p n in sending time. */
static inline uint64_t
lab_wire_arrival(const struct lab_wire *wire, uint64_t n)
{
	return n / wire->period * wire->round_ps + wire->at[n % wire->period];
}

/** Number of the first frame that arrives after @p sending. */
uint64_t
lab_wire_frames(const struct lab_wire *wire, uint64_t sending);

/** Sending time when the wire's time is @p t. */
static inline uint64_t
lab_wire_sending(const struct lab_wire *wire, uint64_t t)
{
	uint64_t cycle = wire->on_ps + wire->off_ps, within;

	if (wire->off_ps == 0)
		return t;
	within = t % cycle;
	return t / cycle * wire->on_ps + (within < wire->on_ps ? within : wire->on_ps);
}

/** Pauses before what is sent right after @p sending. */
static inline uint64_t
lab_wire_pauses(const struct lab_wire *wire, uint64_t sending)
{
	return wire->off_ps == 0 ? 0 : sending / wire->on_ps * wire->off_ps;
}

/** End of the spell of sending that goes on right after @p sending. */
static inline uint64_t
lab_wire_spell_end(const struct lab_wire *wire, uint64_t sending)
{
	return wire->off_ps == 0 ? UINT64_MAX :
		(sending / wire->on_ps + 1) * wire->on_ps;
}

/** A frame of a round that goes to one queue. */
struct lab_slot {
	uint64_t at;      /**< as in lab_wire */
	uint32_t nth;     /**< of its flow in the round; this and the next go together */
	uint32_t at_ns;   /**< arrival in ns, cut off, modulo 2^32 */
	uint32_t header;  /**< kind * flows + flow */
};

/** The frames of a round that go to one queue, in their order. */
struct lab_list {
	struct lab_slot *slot;
	uint32_t n;
};

/** Deal out those of flow i whose @p queue_of[i] is @p q. @return 0; -ENOMEM */
int
lab_list_build(struct lab_list *list, const struct lab_wire *wire,
	const uint16_t *queue_of, uint16_t q);

void
lab_list_free(struct lab_list *list);

/** A place between two frames of a list. */
struct lab_cursor {
	uint64_t round;
	uint64_t start;  /**< sending time at which the round began */
	uint32_t index;  /**< of the next frame, list->n: none left in this round */
};

/** Frames of the list before the place, since time began. */
static inline uint64_t
lab_cursor_passed(const struct lab_cursor *cursor, const struct lab_list *list)
{
	return cursor->round * list->n + cursor->index;
}

/**
 * Go on to the next round if all of this one has arrived by @p limit.
 *
 * @return whether it did
 */
static inline bool
lab_cursor_next_round(struct lab_cursor *cursor, const struct lab_wire *wire,
	const struct lab_list *list, uint64_t limit)
{
	if (cursor->index != list->n || limit - cursor->start < wire->round_ps)
		return false;
	cursor->round++;
	cursor->start += wire->round_ps;
	cursor->index = 0;
	return true;
}

/**
 * Pass all frames that arrive by @p limit (sending time, not before the place), however
 * many there are, in a few steps. @return how many
 */
uint64_t
lab_cursor_skip(struct lab_cursor *cursor, const struct lab_wire *wire,
	const struct lab_list *list, uint64_t limit);

#endif /* LAB_WIRE_H */
