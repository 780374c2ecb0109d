/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "hand.h"

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "guest.h"
#include "keep.h"

uint32_t lab_hand_row = LAB_ROW_UNKNOWN;

size_t
lab_hand_size(uint32_t limit)
{
	return RTE_CACHE_LINE_ROUNDUP(sizeof(struct lab_hand) +
		(limit + LAB_CHUNK) * sizeof(uint32_t));
}

/* Room for a chunk that is above the limit until the call ends. */
LABYRINTH_HOT uint32_t
room_of(const struct lab_hand *hand)
{
	return hand->limit + LAB_CHUNK;
}

/* One writer, so plain adds do. relaxed: readers want no order, only no tear. */
LABYRINTH_HOT void
count(_Atomic uint64_t *counter, uint64_t add)
{
	atomic_store_explicit(counter,
		atomic_load_explicit(counter, memory_order_relaxed) + add,
		memory_order_relaxed);
}

/* relaxed: as above, with several writers */
static void
count_shared(_Atomic uint64_t *counter, uint64_t add)
{
	atomic_fetch_add_explicit(counter, add, memory_order_relaxed);
}

/* relaxed: others read it for reports only */
LABYRINTH_HOT uint32_t
at_hand(const struct lab_hand *hand)
{
	return atomic_load_explicit(&hand->count, memory_order_relaxed);
}

LABYRINTH_HOT void
set_at_hand(struct lab_hand *hand, uint32_t n)
{
	atomic_store_explicit(&hand->count, n, memory_order_relaxed);
}

/* ---- one object ---- */

LABYRINTH_COLD void
lab_hand_refuse(struct lab_hand *hand, const void *object, uint32_t kind, uint32_t before)
{
	struct lab_refusal refusal = {
		.object = (uintptr_t)object,
		.kind = kind,
		.by = hand->who,
		.before = before,
		.when = rte_rdtsc(),
	};

	lab_refusals_note(&hand->refusals[kind], &refusal);
}

/*
 * The usual case: the number of the object at an address in the only region, which has
 * one object to a page. 0: it is not that case.
 */
LABYRINTH_HOT uint32_t
usual_number_of(const struct lab_mempool *m, const void *object)
{
	/* acquire: the origin is seen */
	uintptr_t span = atomic_load_explicit(&m->span, memory_order_acquire);
	uintptr_t offset = (uintptr_t)object - m->origin;

	return labyrinth_likely(offset < span) ?
		(uint32_t)(offset / LAB_LAYOUT_PAGE) + 1 : 0;
}

/* Number of the object at an address; of another address, any. */
LABYRINTH_HOT uint32_t
number_of(const struct lab_mempool *m, const void *object)
{
	uint32_t number = usual_number_of(m, object);

	if (labyrinth_likely(number != 0))
		return number;
	/* acquire: the regions are seen as they were made; the objects of each were given
	 * to the caller after that */
	return lab_regions_number(atomic_load_explicit(&m->regions, memory_order_acquire),
		(uintptr_t)object);
}

LABYRINTH_HOT bool
is_object(const struct lab_mempool *m, uint32_t number, const void *object)
{
	return labyrinth_likely(number - 1 < m->size && m->object[number] == object);
}

uint32_t
lab_hand_number(const struct lab_mempool *m, const void *object)
{
	uint32_t number = number_of(m, object);

	return is_object(m, number, object) ? number : 0;
}

/* Is the object now free for the caller to pass on? Else it was refused. */
static bool
claim(const struct lab_mempool *m, struct lab_hand *hand, uint32_t number,
	const void *object)
{
	uint32_t old;

	if (!is_object(m, number, object)) {
		lab_hand_refuse(hand, object, LAB_NO_OBJECT, 0);
		return false;
	}
	old = lab_tag_give(&m->tag[number], hand->who);
	if (labyrinth_unlikely(lab_tag_is_free(old))) {
		lab_tag_restore(&m->tag[number], hand->who, old);
		lab_hand_refuse(hand, object, LAB_DOUBLE_FREE, lab_tag_who(old));
		return false;
	}
	return true;
}

/* From here until leave() numbers may be out of the pool whose tags do not say so. */
static void
enter(struct lab_hand *hand)
{
	/* seq_cst: either the reclaimer sees this, or we do not see what it gave back */
	atomic_fetch_add_explicit(&hand->entered, 1, memory_order_seq_cst);
}

static void
leave(struct lab_hand *hand)
{
	/* release: who sees this sees the tags */
	atomic_fetch_add_explicit(&hand->left, 1, memory_order_release);
}

/* ---- lcores ---- */

/* All but the keep youngest go to the pool. */
static void
flush(struct lab_hand *hand, uint32_t keep)
{
	uint32_t n = at_hand(hand) - keep;

	labyrinth_free_index_bulk(hand->owner, hand->index, n, NULL);
	memmove(hand->index, hand->index + n, keep * sizeof(hand->index[0]));
	set_at_hand(hand, keep);
	count(&hand->returned, n);
}

static void
put_at_hand(const struct lab_mempool *m, struct lab_hand *hand, void *const *object,
	unsigned int n)
{
	uint32_t top = at_hand(hand);

	for (unsigned int i = 0; i < n; i++) {
		uint32_t number = number_of(m, object[i]);

		if (labyrinth_unlikely(!claim(m, hand, number, object[i])))
			continue;
		hand->index[top++] = number;
		if (labyrinth_unlikely(top == room_of(hand))) {
			set_at_hand(hand, top);
			flush(hand, hand->limit / 2);
			top = at_hand(hand);
		}
	}
	set_at_hand(hand, top);
	if (labyrinth_unlikely(top > hand->limit))
		flush(hand, hand->limit / 2);
}

/* Hand out n of those at hand, the youngest first. */
LABYRINTH_HOT void
hand_out(const struct lab_mempool *m, struct lab_hand *hand, void **restrict object,
	unsigned int n)
{
	const uint32_t *restrict last = hand->index + at_hand(hand);
	void *const *restrict address = m->object;
	_Atomic uint16_t *tag = m->tag;
	uint32_t who = hand->who;

	for (unsigned int i = 0; i < n; i++) {
		uint32_t number = *--last;

		object[i] = address[number];
		lab_tag_take(&tag[number], who);
	}
	set_at_hand(hand, at_hand(hand) - n);
	count(&hand->got, n);
}

static LABYRINTH_COLD bool
fail(struct lab_hand *hand)
{
	if (at_hand(hand) > hand->limit)
		flush(hand, hand->limit);
	hand->dry = true;
	return false;
}

/* Have n at hand; half of what may stay is got along, for the next time. */
static bool
refill(const struct lab_mempool *m, struct lab_hand *hand, unsigned int n)
{
	uint32_t have = at_hand(hand), more;
	uint32_t want = RTE_MIN(n - have + hand->limit / 2, room_of(hand) - have);

	/* After a failure all rows would be looked through for each try; the counters
	 * tell for less that there is nothing. */
	if (hand->dry && !lab_mempool_had_guests(m) && lab_mempool_in_pool(m) == 0)
		return false;
	enter(hand);
	more = labyrinth_alloc_index_burst(hand->owner, LABYRINTH_GFP_ATOMIC,
		hand->index + have, want);
	for (uint32_t i = have; i < have + more; i++)
		lab_tag_keep(&m->tag[hand->index[i]], hand->who);
	leave(hand);
	count(&hand->taken, more);
	set_at_hand(hand, have + more);
	if (labyrinth_unlikely(have + more < n))
		return fail(hand);
	hand->dry = false;
	return true;
}

/* ---- past the hand: threads without an lcore, and more than a hand holds ---- */

static void
claim_chunk(const struct lab_mempool *m, struct lab_hand *hand, void *const *object,
	unsigned int n)
{
	uint32_t number[LAB_CHUNK], put = 0;

	for (unsigned int i = 0; i < n; i++) {
		number[put] = number_of(m, object[i]);
		put += claim(m, hand, number[put], object[i]);
	}
	labyrinth_free_index_bulk(hand->owner, number, put, NULL);
	count_shared(&hand->returned, put);
}

static void
put_through(const struct lab_mempool *m, struct lab_hand *hand, void *const *object,
	unsigned int n)
{
	unsigned int part;

	for (; n > 0; object += part, n -= part) {
		part = RTE_MIN(n, LAB_CHUNK);
		claim_chunk(m, hand, object, part);
	}
}

static bool
get_chunk(
	const struct lab_mempool *m, struct lab_hand *hand, void **object, unsigned int n)
{
	uint32_t number[LAB_CHUNK], got;

	enter(hand);
	got = labyrinth_alloc_index_bulk(hand->owner, LABYRINTH_GFP_ATOMIC, number, n);
	for (unsigned int i = 0; i < got; i++) {
		object[i] = m->object[number[i]];
		lab_tag_take(&m->tag[number[i]], hand->who);
	}
	leave(hand);
	count_shared(&hand->taken, got);
	return got == n;
}

static bool
get_through(const struct lab_mempool *m, struct lab_hand *hand, void **object,
	unsigned int n)
{
	unsigned int done = 0, part;

	for (; done < n; done += part) {
		part = RTE_MIN(n - done, LAB_CHUNK);
		if (get_chunk(m, hand, object + done, part))
			continue;
		put_through(m, hand, object, done);
		return false;
	}
	count_shared(&hand->got, n);
	return true;
}

/* ---- the ops ---- */

static bool
get_more(
	const struct lab_mempool *m, struct lab_hand *hand, void **object, unsigned int n)
{
	if (hand == m->hand[LAB_OTHERS])
		return get_through(m, hand, object, n);
	if (n > room_of(hand)) {
		flush(hand, 0);
		return get_through(m, hand, object, n);
	}
	if (!refill(m, hand, n))
		return false;
	hand_out(m, hand, object, n);
	return true;
}

/* relaxed: statistics, and a hint for the end of the mempool */
static LABYRINTH_COLD void
note_failure(struct lab_hand *hand)
{
	uint64_t got = atomic_load_explicit(&hand->got, memory_order_relaxed);

	count_shared(&hand->failed, 1);
	if (atomic_load_explicit(&hand->got_before, memory_order_relaxed) != got) {
		atomic_store_explicit(&hand->got_before, got, memory_order_relaxed);
		atomic_store_explicit(&hand->in_vain, 0, memory_order_relaxed);
	}
	atomic_fetch_add_explicit(&hand->in_vain, 1, memory_order_relaxed);
}

/* The hand of the calling thread, who may come for the first time. NULL: m is not ours. */
static struct lab_hand *
attend(struct lab_mempool *m)
{
	struct lab_hand *hand;

	if (labyrinth_unlikely(lab_hand_row == LAB_ROW_UNKNOWN) && !lab_guest_is_welcome(m))
		return NULL;
	hand = lab_hand_here(m);
	if (labyrinth_likely(hand->kind != LAB_HAND_NOBODY))
		return hand;
	hand = lab_guest_enter(m, NULL);
	/* too many processes: then as the primary's, but what is held at a death is lost */
	return hand != NULL ? hand : m->hand[LAB_OTHERS];
}

static __rte_noinline int
get_slowly(const struct rte_mempool *mp, void **object, unsigned int n)
{
	struct lab_mempool *m = mp->pool_data;
	struct lab_hand *hand;
	bool got;

	if (m == NULL)
		return -ENOBUFS;
	hand = attend(m);
	if (hand == NULL)
		return -EPROTO;
	/* Before the first objects all numbers are free in the pool. acquire: see
	 * populate */
	if (atomic_load_explicit(&m->objects, memory_order_acquire) == 0)
		return -ENOBUFS;
	/* relaxed: a hint */
	if (labyrinth_unlikely(!atomic_load_explicit(&m->guarded, memory_order_relaxed)))
		lab_keep_guard(mp);
	got = hand->kind == LAB_HAND_GUEST ? lab_guest_get(m, hand, object, n) :
		get_more(m, hand, object, n);
	if (labyrinth_likely(got))
		return 0;
	note_failure(hand);
	return -ENOBUFS;
}

int
lab_hand_get(struct rte_mempool *mp, void **object, unsigned int n)
{
	const struct lab_mempool *m = mp->pool_data;
	struct lab_hand *hand;

	if (labyrinth_unlikely(m == NULL || lab_hand_row == LAB_ROW_UNKNOWN))
		return get_slowly(mp, object, n);
	hand = lab_hand_here(m);
	if (labyrinth_unlikely(n > at_hand(hand)))
		return get_slowly(mp, object, n);
	hand_out(m, hand, object, n);
	return 0;
}

static __rte_noinline int
put_slowly(const struct rte_mempool *mp, void *const *object, unsigned int n)
{
	struct lab_mempool *m = mp->pool_data;
	struct lab_hand *hand;

	if (m == NULL)
		return -EINVAL;
	hand = attend(m);
	if (hand == NULL)
		return -EPROTO;
	if (hand->kind == LAB_HAND_GUEST)
		lab_guest_put(m, hand, object, n);
	else if (labyrinth_likely(hand != m->hand[LAB_OTHERS]))
		put_at_hand(m, hand, object, n);
	else
		put_through(m, hand, object, n);
	return 0;
}

static LABYRINTH_COLD int
put_twice(const struct lab_mempool *m, struct lab_hand *hand, const void *object,
	uint32_t old)
{
	lab_tag_restore(&m->tag[number_of(m, object)], hand->who, old);
	lab_hand_refuse(hand, object, LAB_DOUBLE_FREE, lab_tag_who(old));
	return 0;
}

/*
 * Applications put most objects one by one. The exchange of the last put is a barrier,
 * after which all loads come anew: so as few as can be wait for another here, and what is
 * not usual goes on elsewhere, by jumps, so that no register need be saved.
 */
int
lab_hand_put(struct rte_mempool *mp, void *const *objects, unsigned int n)
{
	const struct lab_mempool *m = mp->pool_data;
	const void *object = *objects;
	struct lab_hand *hand;
	uint32_t number, top, old;

	if (labyrinth_unlikely(n != 1 || m == NULL || lab_hand_row == LAB_ROW_UNKNOWN))
		return put_slowly(mp, objects, n);
	hand = lab_hand_here(m);
	number = usual_number_of(m, object);
	top = at_hand(hand);
	/* threads without an lcore have a limit of 0 */
	if (labyrinth_unlikely(top >= hand->limit || !is_object(m, number, object)))
		return put_slowly(mp, objects, n);
	old = lab_tag_give(&m->tag[number], hand->who);
	if (labyrinth_unlikely(lab_tag_is_free(old)))
		return put_twice(m, hand, object, old);
	hand->index[top] = number;
	set_at_hand(hand, top + 1);
	return 0;
}
