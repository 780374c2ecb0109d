/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "guest.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>

#include "hand.h"
#include "log.h"

/* ---- coming ---- */

/** Threads of this process that come for the first time. */
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;

bool
lab_guest_is_welcome(const struct lab_mempool *m)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		lab_hand_row = 0;
		return true;
	}
	if (m->magic == LAB_MEMPOOL_MAGIC && m->version == LAB_MEMPOOL_VERSION &&
			m->bytes == sizeof(*m)) {
		lab_hand_row = LAB_ROW_NOBODY;
		return true;
	}
	if (!atomic_flag_test_and_set(&told))
		LAB_LOG(ERR,
			"the primary's mempool was made by version %" PRIu32 " of the plugin (%"
			PRIu32 " bytes), this is %u (%zu bytes): no object is got or put; load "
			"the same file in all processes", m->version, m->bytes,
			LAB_MEMPOOL_VERSION, sizeof(*m));
	return false;
}

int
lab_guest_register(struct lab_mempool *m, unsigned int process)
{
	struct lab_guest *guest = &m->guest[process];
	char name[LABYRINTH_NAME_SIZE];
	int ret = 0;

	snprintf(name, sizeof(name), "process %u", process);
	if (guest->alone == NULL)
		ret = labyrinth_owner_register(m->pool, name, NULL,
			LABYRINTH_OWNER_ANY_THREAD, &guest->alone);
	if (ret == 0 && guest->member == NULL)
		ret = labyrinth_owner_register(m->pool, name, m->hand[LAB_OTHERS]->owner,
			LABYRINTH_OWNER_ANY_THREAD, &guest->member);
	return ret;
}

/* What this process gets is looked after from now on, should it die. */
static void
begin(struct lab_mempool *m, unsigned int process)
{
	if (lab_guest_has(m, process))
		return;
	atomic_store_explicit(&m->had_guests, true, memory_order_relaxed);
	atomic_fetch_or_explicit(&m->processes->process[process].uses, lab_guest_bit(m),
		memory_order_acq_rel);
	labyrinth_owner_bind(m->guest[process].alone);
	labyrinth_owner_bind(m->guest[process].member);
}

static struct lab_hand *
claim_hand(struct lab_mempool *m, unsigned int process, uint32_t who)
{
	for (uint32_t i = 0; i < LAB_GUESTS; i++) {
		struct lab_hand *hand = m->guest_hand[i];
		uint32_t unused = 0;

		/* acquire: the hand as its last user's reclaimer left it */
		if (!atomic_compare_exchange_strong_explicit(&hand->place, &unused, who,
				memory_order_acq_rel, memory_order_relaxed))
			continue;
		hand->who = who;
		hand->owner = m->guest[process].member;
		return hand;
	}
	return NULL;
}

/* That of all threads of the process that have none of their own. */
static struct lab_hand *
common_hand(struct lab_mempool *m, unsigned int process)
{
	struct lab_hand *hand = m->guest_hand[LAB_GUESTS + process - 1];

	hand->who = process * LAB_HANDS + LAB_OTHERS + 1;
	hand->owner = m->guest[process].member;
	return hand;
}

static struct lab_hand *
enter(struct lab_mempool *m, unsigned int process)
{
	unsigned int lcore = RTE_MIN(rte_lcore_id(), (unsigned int)LAB_OTHERS);
	uint32_t place = process * LAB_HANDS + lcore;
	struct lab_hand *hand = m->hand[place];

	if (m->guest[process].alone == NULL || m->guest[process].member == NULL)
		return NULL;
	begin(m, process);
	if (hand->kind == LAB_HAND_GUEST)
		return hand;
	hand = lcore != LAB_OTHERS ? claim_hand(m, process, place + 1) : NULL;
	if (hand == NULL)
		hand = common_hand(m, process);
	/* release: who finds the hand finds it made */
	atomic_store_explicit(&m->hand[place], hand, memory_order_release);
	return hand;
}

struct lab_hand *
lab_guest_enter(struct lab_mempool *m, struct labyrinth_error *error)
{
	struct lab_hand *hand = NULL;
	int process;

	if (m->processes == NULL || rte_eal_process_type() == RTE_PROC_PRIMARY)
		return NULL;
	pthread_mutex_lock(&door);
	process = lab_process_join(m->processes, error);
	if (process > 0) {
		hand = enter(m, (unsigned int)process);
		/* a forked child begins anew */
		if (hand != NULL)
			lab_hand_row = (uint32_t)process * LAB_HANDS;
	}
	pthread_mutex_unlock(&door);
	return hand;
}

/* ---- get ---- */

static struct labyrinth_owner *
alone_of(const struct lab_mempool *m, const struct lab_hand *hand)
{
	return m->guest[lab_who_process(hand->who)].alone;
}

/*
 * Numbers from the pool, whose tags say @p tag when they are the team's, and so anybody's to
 * put. Before that the pool knows that they are ours, and whoever reclaims us asks it first.
 */
static uint32_t
take(const struct lab_mempool *m, const struct lab_hand *hand, uint32_t *number, uint32_t n,
	uint32_t tag)
{
	struct labyrinth_owner *alone = alone_of(m, hand);
	labyrinth_page page[LAB_CHUNK];
	uint32_t got = labyrinth_alloc_burst(alone, LABYRINTH_GFP_ATOMIC, page, n);

	for (uint32_t i = 0; i < got; i++) {
		number[i] = labyrinth_page_index(page[i]);
		/* before the transfer, which is a release */
		atomic_store_explicit(&m->tag[number[i]], (uint16_t)tag, memory_order_relaxed);
	}
	labyrinth_transfer_bulk(alone, labyrinth_owner_slot(m->hand[LAB_OTHERS]->owner), page,
		got, NULL);
	return got;
}

/* relaxed: others read it for reports only */
static uint32_t
at_hand(const struct lab_hand *hand)
{
	return atomic_load_explicit(&hand->count, memory_order_relaxed);
}

static void
set_at_hand(struct lab_hand *hand, uint32_t n)
{
	atomic_store_explicit(&hand->count, n, memory_order_relaxed);
}

/* Each number is at hand before the next ones are taken; none is above the room. */
static bool
refill(const struct lab_mempool *m, struct lab_hand *hand, unsigned int n)
{
	uint32_t want = RTE_MIN(n + hand->room / 2, hand->room + LAB_CHUNK), have, part, got;

	while ((have = at_hand(hand)) < want) {
		part = RTE_MIN(want - have, LAB_CHUNK);
		got = take(m, hand, hand->index + have, part, LAB_TAG_FREE | hand->who);
		set_at_hand(hand, have + got);
		if (got != part)
			break;
	}
	return at_hand(hand) >= n;
}

static void
hand_out(const struct lab_mempool *m, struct lab_hand *hand, void **object, unsigned int n)
{
	uint32_t top = at_hand(hand);

	for (unsigned int i = 0; i < n; i++) {
		uint32_t number = hand->index[--top];

		object[i] = m->object[number];
		lab_tag_take(&m->tag[number], hand->who);
	}
	set_at_hand(hand, top);
}

/* Of a hand that several threads have, or more than a hand holds. */
static bool
get_through(const struct lab_mempool *m, struct lab_hand *hand, void **object, unsigned int n)
{
	uint32_t number[LAB_CHUNK], got, part;

	for (unsigned int done = 0; done < n; done += got) {
		part = RTE_MIN(n - done, LAB_CHUNK);
		got = take(m, hand, number, part, hand->who);
		for (uint32_t i = 0; i < got; i++)
			object[done + i] = m->object[number[i]];
		if (got == part)
			continue;
		lab_guest_put(m, hand, object, done + got);
		return false;
	}
	return true;
}

bool
lab_guest_get(
	const struct lab_mempool *m, struct lab_hand *hand, void **object, unsigned int n)
{
	bool got = true;

	if (hand->place == 0 || n > hand->room + LAB_CHUNK)
		got = get_through(m, hand, object, n);
	else if (at_hand(hand) < n && !refill(m, hand, n))
		return false;
	else
		hand_out(m, hand, object, n);
	if (got)
		/* relaxed: a statistic, of several threads */
		atomic_fetch_add_explicit(&hand->got, n, memory_order_relaxed);
	return got;
}

/* ---- put ---- */

/* Is the object now free, by us? The tag of a free one is left alone. */
static uint32_t
claim(const struct lab_mempool *m, struct lab_hand *hand, const void *object)
{
	uint32_t number = lab_hand_number(m, object), tag;

	if (number == 0) {
		lab_hand_refuse(hand, object, LAB_NO_OBJECT, 0);
		return 0;
	}
	do {
		/* relaxed: the change orders */
		tag = atomic_load_explicit(&m->tag[number], memory_order_relaxed);
		if (lab_tag_is_free(tag)) {
			lab_hand_refuse(hand, object, LAB_DOUBLE_FREE, lab_tag_who(tag));
			return 0;
		}
	} while (!lab_tag_change(&m->tag[number], tag, LAB_TAG_FREE | hand->who));
	return number;
}

/* All but the keep youngest go to the pool. */
static void
flush(struct lab_hand *hand, uint32_t keep)
{
	uint32_t n = at_hand(hand) - keep;

	labyrinth_free_index_bulk(hand->owner, hand->index, n, NULL);
	memmove(hand->index, hand->index + n, keep * sizeof(hand->index[0]));
	set_at_hand(hand, keep);
}

static void
put_at_hand(const struct lab_mempool *m, struct lab_hand *hand, const void *object)
{
	uint32_t number = claim(m, hand, object), top = at_hand(hand);

	if (number == 0)
		return;
	hand->index[top] = number;
	set_at_hand(hand, top + 1);
	if (top >= hand->room)
		flush(hand, hand->room / 2);
}

static void
put_through(const struct lab_mempool *m, struct lab_hand *hand, const void *object)
{
	uint32_t number = claim(m, hand, object);

	if (number != 0)
		labyrinth_free_index_bulk(hand->owner, &number, 1, NULL);
}

void
lab_guest_put(const struct lab_mempool *m, struct lab_hand *hand, void *const *object,
	unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (hand->place != 0)
			put_at_hand(m, hand, object[i]);
		else
			put_through(m, hand, object[i]);
	}
}
