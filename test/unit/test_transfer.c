/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: ownership moves by transfer, offer and accept, and by nothing else. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "pool_fixture.h"

#define PAGES 256u

struct parties {
	struct labyrinth_pool *pool;
	struct labyrinth_owner *a, *b, *c;
};

static struct parties
meet(uint32_t cache)
{
	struct parties p;

	p.pool = make_pool(PAGES, cache, LABYRINTH_NO_RESERVE);
	p.a = make_owner(p.pool, "a", NULL);
	p.b = make_owner(p.pool, "b", NULL);
	p.c = make_owner(p.pool, "c", NULL);
	return p;
}

static labyrinth_page
one_page(struct labyrinth_owner *owner)
{
	labyrinth_page got = 0;

	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, &got, 1), 1);
	return got;
}

typedef uint32_t (*settle_fn)(struct labyrinth_owner *, labyrinth_page *, uint32_t,
	enum labyrinth_refusal *);
typedef uint32_t (*give_fn)(struct labyrinth_owner *, uint32_t, labyrinth_page *, uint32_t,
	enum labyrinth_refusal *);

static enum labyrinth_refusal
settle(settle_fn fn, struct labyrinth_owner *owner, labyrinth_page page)
{
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;

	fn(owner, &page, 1, &why);
	return why;
}

static enum labyrinth_refusal
give(give_fn fn, struct labyrinth_owner *owner, struct labyrinth_owner *peer, labyrinth_page page)
{
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;

	fn(owner, labyrinth_owner_slot(peer), &page, 1, &why);
	return why;
}

static void
direct(uint32_t cache)
{
	struct parties p = meet(cache);
	labyrinth_page page = one_page(p.a);

	assert_int_equal(give(labyrinth_transfer_bulk, p.b, p.b, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(give(labyrinth_transfer_bulk, p.a, p.b, page), 0);
	check_valid(p.pool);
	assert_int_equal(labyrinth_free(p.a, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(give(labyrinth_transfer_bulk, p.b, p.c, page), 0);
	assert_int_equal(labyrinth_free(p.b, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(labyrinth_free(p.c, page), 0);
	assert_int_equal(labyrinth_free(p.c, page), LABYRINTH_DOUBLE_FREE);
	assert_int_equal(give(labyrinth_transfer_bulk, p.c, p.a, page), LABYRINTH_DOUBLE_FREE);
	assert_int_equal(stats_of(p.pool).transferred, 2);
	end_pool(p.pool);
}

static void
direct_transfer(void **state)
{
	(void)state;
	direct(0);
	direct(LABYRINTH_CACHE_NONE);
}

static void
offer_and_accept(void **state)
{
	struct parties p = meet(0);
	labyrinth_page page = one_page(p.a);

	(void)state;
	assert_int_equal(settle(labyrinth_accept_bulk, p.b, page), LABYRINTH_NOT_OFFERED);
	assert_int_equal(give(labyrinth_offer_bulk, p.a, p.b, page), 0);
	assert_int_equal(stats_of(p.pool).offered, 1);
	assert_int_equal(labyrinth_free(p.a, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(labyrinth_free(p.b, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(give(labyrinth_offer_bulk, p.a, p.c, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(settle(labyrinth_accept_bulk, p.c, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(settle(labyrinth_withdraw_bulk, p.b, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(settle(labyrinth_accept_bulk, p.b, page), 0);
	assert_int_equal(settle(labyrinth_accept_bulk, p.b, page), LABYRINTH_NOT_OFFERED);
	assert_int_equal(settle(labyrinth_withdraw_bulk, p.a, page), LABYRINTH_NOT_OFFERED);
	assert_int_equal(stats_of(p.pool).offered, 0);
	assert_int_equal(labyrinth_free(p.a, page), LABYRINTH_FOREIGN_FREE);
	assert_int_equal(labyrinth_free(p.b, page), 0);
	end_pool(p.pool);
}

static void
withdraw(void **state)
{
	struct parties p = meet(0);
	labyrinth_page page = one_page(p.a);

	(void)state;
	assert_int_equal(give(labyrinth_offer_bulk, p.a, p.b, page), 0);
	assert_int_equal(settle(labyrinth_withdraw_bulk, p.a, page), 0);
	assert_int_equal(settle(labyrinth_accept_bulk, p.b, page), LABYRINTH_NOT_OFFERED);
	assert_int_equal(labyrinth_free(p.a, page), 0);
	end_pool(p.pool);
}

static void
stale_and_bad(void **state)
{
	struct parties p = meet(0);
	labyrinth_page page = one_page(p.a);
	labyrinth_page stale = page - (UINT64_C(1) << 32);
	enum labyrinth_refusal why;

	(void)state;
	assert_int_equal(give(labyrinth_offer_bulk, p.a, p.b, stale), LABYRINTH_STALE_HANDLE);
	assert_int_equal(give(labyrinth_offer_bulk, p.a, p.b, 0), LABYRINTH_BAD_HANDLE);
	assert_int_equal(labyrinth_offer_bulk(p.a, 0, &page, 1, &why), 1);
	assert_int_equal(why, LABYRINTH_BAD_PEER);
	assert_int_equal(labyrinth_transfer_bulk(p.a, 4000, &page, 1, &why), 1);
	assert_int_equal(why, LABYRINTH_BAD_PEER);
	assert_int_equal(give(labyrinth_offer_bulk, p.a, p.b, page), 0);
	assert_int_equal(settle(labyrinth_accept_bulk, p.b, stale), LABYRINTH_STALE_HANDLE);
	assert_int_equal(settle(labyrinth_accept_bulk, p.b, page), 0);
	assert_int_equal(labyrinth_free(p.b, page), 0);
	end_pool(p.pool);
}

static void
a_chain_of_bulks(void **state)
{
	struct parties p = meet(0);
	labyrinth_page page[100];

	(void)state;
	for (int round = 0; round < 100; round++) {
		assert_int_equal(labyrinth_alloc_bulk(p.a, LABYRINTH_GFP_ATOMIC, page, 100), 100);
		assert_int_equal(labyrinth_transfer_bulk(p.a, labyrinth_owner_slot(p.b), page,
			100, NULL), 0);
		assert_int_equal(labyrinth_offer_bulk(p.b, labyrinth_owner_slot(p.c), page, 100,
			NULL), 0);
		assert_int_equal(labyrinth_accept_bulk(p.c, page, 100, NULL), 0);
		check_valid(p.pool);
		assert_int_equal(labyrinth_free_bulk(p.c, page, 100, NULL), 0);
		check_valid(p.pool);
	}
	end_pool(p.pool);
}

/* Owners that come and go in one slot, and what was given to them. */
struct guests {
	struct labyrinth_pool *pool;
	_Atomic uint32_t slot, left;
	_Atomic labyrinth_page given;
	atomic_bool end;
};

static void
leave(struct guests *guests, struct labyrinth_owner *owner)
{
	while (labyrinth_owner_unregister(owner, NULL) == -EBUSY) {
		labyrinth_page page = atomic_exchange(&guests->given, 0);

		if (page != 0)
			assert_int_equal(labyrinth_free(owner, page), LABYRINTH_REFUSED_NONE);
		else
			sched_yield();
	}
	atomic_fetch_add(&guests->left, 1);
}

/* Two slots by turns, so that nobody finds what the guest before left in its slot. */
static void *
come_and_go(void *arg)
{
	struct guests *guests = arg;
	struct labyrinth_owner *owner = make_owner(guests->pool, "guest", NULL), *next;

	while (!atomic_load(&guests->end)) {
		atomic_store(&guests->slot, labyrinth_owner_slot(owner));
		next = make_owner(guests->pool, "guest", NULL);
		leave(guests, owner);
		owner = next;
	}
	leave(guests, owner);
	return NULL;
}

/* A page that was given to an owner is its own before it leaves, or is given back. */
static bool
give_to_a_guest(struct guests *guests, struct labyrinth_owner *host)
{
	labyrinth_page page = one_page(host);
	uint32_t left;

	if (labyrinth_transfer_bulk(host, atomic_load(&guests->slot), &page, 1, NULL) != 0) {
		assert_int_equal(labyrinth_free(host, page), LABYRINTH_REFUSED_NONE);
		return false;
	}
	left = atomic_load(&guests->left);
	atomic_store(&guests->given, page);
	for (;;) {
		/* before the look: who had the page freed it before it left */
		uint32_t now = atomic_load(&guests->left);

		if (atomic_load(&guests->given) == 0)
			return true;
		/* whose it is cannot go, so it is nobody's */
		assert_true(now - left <= 1);
		sched_yield();
	}
}

static void
no_page_goes_with_a_guest(void **state)
{
	struct guests guests = { .pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE) };
	struct labyrinth_owner *host = make_owner(guests.pool, "host", NULL);
	const time_t begin = time(NULL);
	uint32_t given = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, come_and_go, &guests), 0);
	while (time(NULL) - begin < 2)
		given += give_to_a_guest(&guests, host);
	assert_true(given > 0);
	atomic_store(&guests.end, true);
	pthread_join(thread, NULL);
	end_pool(guests.pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct_transfer),
		cmocka_unit_test(offer_and_accept),
		cmocka_unit_test(withdraw),
		cmocka_unit_test(stale_and_bad),
		cmocka_unit_test(a_chain_of_bulks),
		cmocka_unit_test(no_page_goes_with_a_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
