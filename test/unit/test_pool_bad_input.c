/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: whatever a caller gets wrong is refused with a reason, and nothing
 * changes. */
#include <errno.h>
#include <pthread.h>

#include "pool_fixture.h"

#define PAGES 100u

static labyrinth_page page[2 * PAGES];
static uint32_t index_of[2 * PAGES];

/* ---- create ---- */

static struct labyrinth_pool_config
good_config(void)
{
	return (struct labyrinth_pool_config){ .pages = PAGES,
		.numa_node = -1,
		.owners = 3,
		.backing = LABYRINTH_BACKING_PLAIN };
}

static void
refuses(struct labyrinth_pool_config config, const char *what)
{
	struct labyrinth_pool *pool = (void *)1;
	struct labyrinth_error error = { "" };

	if (labyrinth_pool_create(&config, &pool, &error) != -EINVAL)
		fail_msg("%s: not refused", what);
	if (error.text[0] == '\0')
		fail_msg("%s: refused without a word", what);
	/* the reason is for who asks for it */
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), -EINVAL);
	assert_ptr_equal(pool, (void *)1);
}

#define REFUSES(member, value)                                                 \
	do {                                                                   \
		struct labyrinth_pool_config bad = good_config();              \
		bad.member = value;                                            \
		refuses(bad, #member " " #value);                              \
	} while (0)

static void
configurations(void **state)
{
	struct labyrinth_pool_config config = good_config();
	struct labyrinth_pool *pool;

	(void)state;
	REFUSES(pages, 0);
	REFUSES(pages, LABYRINTH_PAGES_MAX + 1);
	REFUSES(pages, UINT32_MAX);
	REFUSES(pages_max, PAGES - 1);
	REFUSES(pages_max, UINT32_MAX);
	REFUSES(owners, LABYRINTH_OWNERS_MAX + 1);
	REFUSES(owners, UINT32_MAX);
	REFUSES(cache, LABYRINTH_PAGES_MAX + 1);
	REFUSES(cache, UINT32_MAX - 1);
	REFUSES(backing, (enum labyrinth_backing)1000);
	REFUSES(backing, (enum labyrinth_backing)-1);
	REFUSES(numa_node, 1000);
	REFUSES(watermarks.min, PAGES + 1);
	REFUSES(watermarks.low, PAGES + 1);
	REFUSES(watermarks.high, PAGES + 1);
	REFUSES(watermarks.low, 1);
	REFUSES(watermarks.high, 1);
	REFUSES(flags, 0x80000000);
	REFUSES(flags, LABYRINTH_POOL_ZERO_ON_FREE | LABYRINTH_POOL_POISON);
	assert_int_equal(labyrinth_pool_create(NULL, &pool, NULL), -EINVAL);
	assert_int_equal(labyrinth_pool_create(&config, NULL, NULL), -EINVAL);
}

static void
the_smallest_pool(void **state)
{
	struct labyrinth_pool_config config = good_config();
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner;

	(void)state;
	config.pages = config.owners = config.cache = 1;
	config.watermarks.min = LABYRINTH_NO_RESERVE;
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), 0);
	owner = make_owner(pool, NULL, NULL);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 1), 1);
	assert_int_equal(labyrinth_page_index(page[0]), 1);
	assert_int_equal(
		labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, page + 1, 1), 0);
	assert_int_equal(labyrinth_free(owner, page[0]), 0);
	end_pool(pool);
}

/* ---- owners ---- */

static void
owners(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, 0),
			      *other = make_pool(PAGES, 0, 0);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL), *none = NULL;

	(void)state;
	assert_int_equal(labyrinth_owner_register(NULL, "o", NULL, 0, &none), -EINVAL);
	assert_int_equal(labyrinth_owner_register(pool, "o", NULL, 0, NULL), -EINVAL);
	for (uint32_t bit = 4; bit != 0; bit <<= 1)
		assert_int_equal(
			labyrinth_owner_register(pool, "o", NULL, bit, &none), -EINVAL);
	assert_int_equal(labyrinth_owner_register(other, "o", owner, 0, &none), -EINVAL);
	assert_null(none);
	end_pool(other);
	end_pool(pool);
}

static void
more_owners_than_slots(void **state)
{
	struct labyrinth_pool_config config = good_config();
	struct labyrinth_owner *owner[LABYRINTH_OWNERS_MAX], *more = NULL;
	struct labyrinth_pool *pool;

	(void)state;
	config.owners = LABYRINTH_OWNERS_MAX;
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), 0);
	for (uint32_t i = 0; i < LABYRINTH_OWNERS_MAX; i++) {
		owner[i] = make_owner(
			pool, "a name that is much longer than what is kept of it", NULL);
		assert_int_equal(labyrinth_owner_slot(owner[i]), i + 1);
	}
	assert_int_equal(labyrinth_owner_register(pool, "o", NULL, 0, &more), -ENOSPC);
	assert_int_equal(
		labyrinth_owner_register(pool, "o", owner[0], 0, &more), -ENOSPC);
	assert_null(more);
	/* the last slot works like the first */
	assert_int_equal(labyrinth_alloc_bulk(owner[LABYRINTH_OWNERS_MAX - 1],
		LABYRINTH_GFP_ATOMIC, page, 9), 9);
	assert_int_equal(labyrinth_free_bulk(owner[0], page, 9, NULL), 9);
	assert_int_equal(labyrinth_transfer_bulk(
				 owner[LABYRINTH_OWNERS_MAX - 1], 1, page, 9, NULL),
		0);
	assert_int_equal(labyrinth_free_bulk(owner[0], page, 9, NULL), 0);
	end_pool(pool);
}

typedef uint32_t (*give_fn)(struct labyrinth_owner *, uint32_t, labyrinth_page *,
	uint32_t, enum labyrinth_refusal *);

static void
owners_that_do_not_exist(void **state)
{
	static const uint32_t slots[] = { 0, 2, 3, 4, 255, 4095, 4096, 4097, 65537,
		UINT32_MAX };
	static const give_fn give[] = { labyrinth_transfer_bulk, labyrinth_offer_bulk };
	struct labyrinth_pool_config config = good_config();
	struct labyrinth_owner *owner;
	struct labyrinth_pool *pool;
	labyrinth_page kept;

	(void)state;
	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), 0);
	owner = make_owner(pool, "only", NULL);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_ATOMIC, page, 1), 1);
	kept = page[0];
	for (uint32_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		for (uint32_t j = 0; j < 2; j++) {
			enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;

			assert_int_equal(give[j](owner, slots[i], page, 1, &why), 1);
			assert_int_equal(why, LABYRINTH_BAD_PEER);
			assert_int_equal(give[j](owner, slots[i], page, 1, NULL), 1);
			assert_true(page[0] == kept);
		}
		assert_int_equal(labyrinth_reclaim(owner, slots[i]), -ENOENT);
	}
	assert_int_equal(labyrinth_free(owner, kept), 0);
	end_pool(pool);
}

/* ---- pages ---- */

/* Each call that takes pages, of a page that does not exist. */
static void
refuse_handle(struct labyrinth_owner *owner, labyrinth_page bad)
{
	uint32_t slot = labyrinth_owner_slot(owner);
	enum labyrinth_refusal why[5] = { LABYRINTH_REFUSED_NONE };
	labyrinth_page copy = bad;

	why[0] = labyrinth_free(owner, bad);
	assert_int_equal(labyrinth_transfer_bulk(owner, slot, &copy, 1, &why[1]), 1);
	assert_int_equal(labyrinth_offer_bulk(owner, slot, &copy, 1, &why[2]), 1);
	assert_int_equal(labyrinth_accept_bulk(owner, &copy, 1, &why[3]), 1);
	assert_int_equal(labyrinth_withdraw_bulk(owner, &copy, 1, &why[4]), 1);
	assert_true(copy == bad);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(why[i], LABYRINTH_BAD_HANDLE);
}

static void
pages_that_do_not_exist(uint32_t cache)
{
	static const uint32_t indices[] = { 0, PAGES + 1, 128, 129, 1u << 30, 1u << 31,
		UINT32_MAX };
	struct labyrinth_pool *pool = make_pool(PAGES, cache, 0);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);

	for (uint32_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;
		uint32_t index = indices[i];

		refuse_handle(owner, index);
		refuse_handle(owner, UINT64_C(1) << 32 | index);
		refuse_handle(owner, (uint64_t)UINT32_MAX << 32 | index);
		assert_int_equal(labyrinth_free_index_bulk(owner, &index, 1, &why), 1);
		assert_int_equal(why, LABYRINTH_BAD_HANDLE);
		assert_int_equal(index, indices[i]);
		assert_null(labyrinth_page_address(pool, index));
	}
	end_pool(pool);
}

static void
indices_and_handles(void **state)
{
	(void)state;
	pages_that_do_not_exist(0);
	pages_that_do_not_exist(LABYRINTH_CACHE_NONE);
}

/*
 * A handle does not name its pool, the owner does. One that means nothing in the pool of
 * the owner is refused for whatever is wrong with it there.
 */
static void
handles_of_another_pool(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_pool *other = make_pool(2 * PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	struct labyrinth_owner *stranger = make_owner(other, "s", NULL);
	enum labyrinth_refusal why[2 * PAGES];
	labyrinth_page mine[PAGES];

	(void)state;
	assert_int_equal(
		labyrinth_alloc_bulk(stranger, LABYRINTH_GFP_NOWAIT, page, 2 * PAGES),
		2 * PAGES);
	/* pages that this pool has are free here, others do not exist */
	assert_int_equal(labyrinth_free_bulk(owner, page, 2 * PAGES, why), 2 * PAGES);
	for (uint32_t i = 0; i < 2 * PAGES; i++)
		if (labyrinth_page_index(page[i]) > PAGES)
			assert_int_equal(why[i], LABYRINTH_BAD_HANDLE);
		else
			assert_true(why[i] == LABYRINTH_DOUBLE_FREE ||
				why[i] == LABYRINTH_STALE_HANDLE);
	/* nor does one fit that is out here: pools begin with other generations */
	assert_int_equal(labyrinth_alloc_index_bulk(owner, LABYRINTH_GFP_NOWAIT, index_of,
		PAGES), PAGES);
	assert_int_equal(labyrinth_free_index_bulk(owner, index_of, PAGES, NULL), 0);
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, mine, PAGES), PAGES);
	assert_int_equal(labyrinth_free_bulk(owner, page, 2 * PAGES, why), 2 * PAGES);
	for (uint32_t i = 0; i < 2 * PAGES; i++)
		assert_int_equal(why[i], labyrinth_page_index(page[i]) > PAGES ?
			LABYRINTH_BAD_HANDLE : LABYRINTH_STALE_HANDLE);
	assert_int_equal(stats_of(pool).released, PAGES);
	assert_int_equal(labyrinth_free_bulk(owner, mine, PAGES, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(stranger, page, 2 * PAGES, NULL), 0);
	end_pool(other);
	end_pool(pool);
}

/* ---- n ---- */

static void
nothing_is_fine(uint32_t cache)
{
	struct labyrinth_pool *pool = make_pool(PAGES, cache, 0);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	uint32_t slot = labyrinth_owner_slot(owner);
	struct labyrinth_pool_stats stats;

	for (unsigned int gfp = 0; gfp < 8; gfp++) {
		assert_int_equal(labyrinth_alloc_bulk(owner, gfp, NULL, 0), 0);
		assert_int_equal(labyrinth_alloc_burst(owner, gfp, NULL, 0), 0);
		assert_int_equal(labyrinth_alloc_index_bulk(owner, gfp, NULL, 0), 0);
		assert_int_equal(labyrinth_alloc_index_burst(owner, gfp, NULL, 0), 0);
		assert_int_equal(labyrinth_alloc_wait(owner, gfp, NULL, 0, 0), 0);
	}
	assert_int_equal(labyrinth_free_bulk(owner, NULL, 0, NULL), 0);
	assert_int_equal(labyrinth_free_index_bulk(owner, NULL, 0, NULL), 0);
	assert_int_equal(labyrinth_transfer_bulk(owner, slot, NULL, 0, NULL), 0);
	assert_int_equal(labyrinth_offer_bulk(owner, slot, NULL, 0, NULL), 0);
	assert_int_equal(labyrinth_accept_bulk(owner, NULL, 0, NULL), 0);
	assert_int_equal(labyrinth_withdraw_bulk(owner, NULL, 0, NULL), 0);
	/* also to an owner that does not exist */
	assert_int_equal(labyrinth_offer_bulk(owner, UINT32_MAX, NULL, 0, NULL), 0);
	stats = stats_of(pool);
	for (uint32_t i = 0; i < LABYRINTH_GFP_CLASSES; i++)
		assert_int_equal(stats.alloc_fail[i], 0);
	for (uint32_t i = 0; i < LABYRINTH_REFUSAL_KINDS; i++)
		assert_int_equal(stats.refused[i], 0);
	assert_int_equal(stats.free, PAGES);
	end_pool(pool);
}

static void
no_pages_at_all(void **state)
{
	(void)state;
	nothing_is_fine(0);
	nothing_is_fine(LABYRINTH_CACHE_NONE);
}

/* A bulk that cannot be had takes nothing; that it tried is not seen afterwards. */
static void
more_than_there_are(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 32, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	struct labyrinth_pool_stats stats;

	(void)state;
	assert_int_equal(
		labyrinth_alloc_bulk(owner, LABYRINTH_GFP_RESCUE, page, PAGES + 1), 0);
	assert_int_equal(labyrinth_alloc_index_bulk(owner, LABYRINTH_GFP_RESCUE, index_of,
		PAGES + 1), 0);
	assert_int_equal(labyrinth_alloc_wait(owner, 0, page, PAGES + 1, 1000), 0);
	stats = stats_of(pool);
	assert_int_equal(stats.alloc_fail[LABYRINTH_GFP_RESCUE], 2);
	assert_int_equal(stats.alloc_fail[LABYRINTH_GFP_KERNEL], 1);
	assert_int_equal(stats.alloc, 0);
	assert_int_equal(stats.owned, 0);
	assert_in_range(stats.cached, 0, 32);
	assert_int_equal(
		labyrinth_alloc_burst(owner, LABYRINTH_GFP_RESCUE, page, PAGES + 1),
		PAGES);
	assert_int_equal(labyrinth_free_bulk(owner, page, PAGES, NULL), 0);
	end_pool(pool);
}

/* One bad entry in each place of a bulk: the good ones are freed, the bad one is named.
 */
static void
one_bad_in_a_bulk(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);

	(void)state;
	for (uint32_t bad = 0; bad < 40; bad++) {
		enum labyrinth_refusal why[40];

		assert_int_equal(
			labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 40), 40);
		assert_int_equal(labyrinth_free(owner, page[bad]), 0);
		page[40] = page[bad];
		assert_int_equal(labyrinth_free_bulk(owner, page, 40, why), 1);
		assert_true(page[0] == page[40]);
		assert_int_equal(why[0], LABYRINTH_DOUBLE_FREE);
		assert_int_equal(stats_of(pool).owned, 0);
	}
	end_pool(pool);
}

/* ---- destroy ---- */

static void
destroy_with_pages_out(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *few = make_owner(pool, "few", NULL);
	struct labyrinth_owner *most = make_owner(pool, "most", NULL);
	struct labyrinth_error error = { "" };

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(few, LABYRINTH_GFP_NOWAIT, page, 3), 3);
	assert_int_equal(
		labyrinth_alloc_bulk(most, LABYRINTH_GFP_NOWAIT, page + 3, 40), 40);
	assert_int_equal(
		labyrinth_offer_bulk(most, labyrinth_owner_slot(few), page + 3, 40, NULL),
		0);
	assert_int_equal(labyrinth_pool_destroy(pool, &error), -EBUSY);
	assert_non_null(strstr(error.text, "43 pages"));
	assert_non_null(strstr(error.text, "40 of them"));
	assert_non_null(strstr(error.text, "most"));
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), -EBUSY);
	/* nothing is changed */
	assert_int_equal(stats_of(pool).owned, 3);
	assert_int_equal(stats_of(pool).offered, 40);
	assert_int_equal(labyrinth_withdraw_bulk(most, page + 3, 40, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(most, page + 3, 40, NULL), 0);
	assert_int_equal(labyrinth_free_bulk(few, page, 3, NULL), 0);
	end_pool(pool);
	assert_int_equal(labyrinth_pool_destroy(NULL, NULL), 0);
}

/* ---- owners that leave ---- */

static void *
bind_and_end(void *owner)
{
	assert_int_equal(labyrinth_owner_bind(owner), 0);
	return NULL;
}

/* An unregister that is refused has not untied the owner from its thread. */
static void
a_refused_unregister_changes_nothing(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *survivor = make_owner(pool, "survivor", NULL);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	pthread_t thread;

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 3), 3);
	assert_int_equal(pthread_create(&thread, NULL, bind_and_end, owner), 0);
	pthread_join(thread, NULL);
	/* and however often it is asked, the dead thread does not look alive */
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(labyrinth_owner_unregister(owner, NULL), -EBUSY);
	assert_int_equal(labyrinth_owner_bind(owner), -EBUSY);
	assert_int_equal(labyrinth_reclaim(survivor, labyrinth_owner_slot(owner)), 3);
	check_valid(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

/* An offer is to an owner, not to whoever has its slot later. */
static void
an_offer_is_not_for_a_successor(void **state)
{
	struct labyrinth_pool *pool = make_pool(PAGES, 0, LABYRINTH_NO_RESERVE);
	struct labyrinth_owner *owner = make_owner(pool, "o", NULL);
	struct labyrinth_owner *peer = make_owner(pool, "peer", NULL), *successor;
	uint32_t slot = labyrinth_owner_slot(peer);

	(void)state;
	assert_int_equal(labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 1), 1);
	assert_int_equal(labyrinth_offer_bulk(owner, slot, page, 1, NULL), 0);
	assert_int_equal(labyrinth_owner_unregister(peer, NULL), 0);
	successor = make_owner(pool, "successor", NULL);
	assert_int_equal(labyrinth_owner_slot(successor), slot);
	assert_int_equal(labyrinth_accept_bulk(successor, page, 1, NULL), 1);
	assert_int_equal(labyrinth_withdraw_bulk(owner, page, 1, NULL), 0);
	assert_int_equal(labyrinth_free(owner, page[0]), 0);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configurations),
		cmocka_unit_test(the_smallest_pool),
		cmocka_unit_test(owners),
		cmocka_unit_test(more_owners_than_slots),
		cmocka_unit_test(owners_that_do_not_exist),
		cmocka_unit_test(indices_and_handles),
		cmocka_unit_test(handles_of_another_pool),
		cmocka_unit_test(no_pages_at_all),
		cmocka_unit_test(more_than_there_are),
		cmocka_unit_test(one_bad_in_a_bulk),
		cmocka_unit_test(destroy_with_pages_out),
		cmocka_unit_test(a_refused_unregister_changes_nothing),
		cmocka_unit_test(an_offer_is_not_for_a_successor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
