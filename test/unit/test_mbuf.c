/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: pages as mbufs. Layout and colours, all or none, any thread, double and
 * foreign puts, references, refused destruction. EAL runs on ordinary memory.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_memory.h>
#include <rte_mempool.h>

#include "labyrinth_clock.h"
#include "labyrinth_mbuf.h"

/* Not a multiple of a row, an extent, or of what is converted at a time. */
#define PAGES 1000u

/* Four extents. */
#define GROWING (4 * LABYRINTH_EXTENT_PAGES)

static struct rte_mempool *mp;
static struct rte_mbuf *mbuf[GROWING];

static struct labyrinth_mbuf_config
usual(void)
{
	return (struct labyrinth_mbuf_config){
		.name = "test",
		.pages = PAGES,
		.socket_id = SOCKET_ID_ANY,
		.backing = LABYRINTH_BACKING_PLAIN,
	};
}

static void
begin_with(const struct labyrinth_mbuf_config *config)
{
	struct labyrinth_error error = { "" };

	if (labyrinth_mbuf_pool_create(config, &mp, &error) != 0)
		fail_msg("%s", error.text);
}

static void
begin(void)
{
	struct labyrinth_mbuf_config config = usual();

	begin_with(&config);
}

/* Nothing was lost: every mbuf is free, and the pool agrees with itself. */
static void
end(void)
{
	struct labyrinth_error error = { "" };

	assert_int_equal(rte_mempool_avail_count(mp), mp->size);
	if (labyrinth_pool_validate(labyrinth_mbuf_pool_pages(mp), &error) != 0)
		fail_msg("%s", error.text);
	if (labyrinth_mbuf_pool_destroy(mp, &error) != 0)
		fail_msg("%s", error.text);
	mp = NULL;
}

static struct labyrinth_pool_stats
stats(void)
{
	struct labyrinth_pool_stats s;

	labyrinth_pool_stats(labyrinth_mbuf_pool_pages(mp), &s);
	return s;
}

static int
get(unsigned int n)
{
	return rte_mempool_get_bulk(mp, (void **)mbuf, n);
}

static void
put(unsigned int n)
{
	rte_mempool_put_bulk(mp, (void **)mbuf, n);
}

static void
check_mbuf(struct rte_mempool *pool, void *opaque, void *object, unsigned int k)
{
	const struct rte_mbuf *m = object;
	char *page = labyrinth_page_address(labyrinth_mbuf_pool_pages(pool), k + 1);
	uint32_t colour = *(bool *)opaque ? labyrinth_mbuf_colour(k + 1) : 0;

	assert_int_equal((uintptr_t)m % RTE_CACHE_LINE_SIZE, 0);
	assert_ptr_equal(m->buf_addr, page + 64 * colour);
	assert_int_equal(m->buf_len, rte_pktmbuf_data_room_size(pool));
	assert_true((char *)m->buf_addr + m->buf_len <= page + LABYRINTH_PAGE_SIZE);
	assert_int_equal(m->data_off, RTE_PKTMBUF_HEADROOM);
	assert_ptr_equal(m->pool, pool);
	assert_int_equal(m->ol_flags, RTE_MBUF_F_EXTERNAL);
	assert_int_equal(rte_mbuf_refcnt_read(m), 1);
	assert_int_equal(rte_mbuf_ext_refcnt_read(m->shinfo), 1);
	assert_int_equal(m->nb_segs, 1);
	assert_null(m->next);
	assert_ptr_equal(rte_mempool_from_obj(object), pool);
}

static void
each_mbuf_has_its_page(void **state)
{
	bool coloured = true;

	(void)state;
	begin();
	assert_int_equal(rte_mempool_obj_iter(mp, check_mbuf, &coloured), PAGES);
	assert_int_equal(mp->populated_size, PAGES);
	assert_int_equal(rte_pktmbuf_data_room_size(mp), 2176);
	assert_true(rte_pktmbuf_priv_flags(mp) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF);
	assert_int_equal(mp->cache_size, 0);
	end();
}

static void
an_uncoloured_pool_gives_whole_pages(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	bool coloured = false;

	(void)state;
	config.uncoloured = true;
	begin_with(&config);
	rte_mempool_obj_iter(mp, check_mbuf, &coloured);
	assert_int_equal(rte_pktmbuf_data_room_size(mp), LABYRINTH_PAGE_SIZE);
	end();
}

/* What stands in DPDK's cache is the lcore's for the pool, and free for the mempool. */
static void
a_dpdk_cache_stands_in_front(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	struct labyrinth_pool_stats stats;
	struct rte_mbuf *m;

	(void)state;
	config.dpdk_cache = 32;
	begin_with(&config);
	m = rte_pktmbuf_alloc(mp);
	assert_non_null(m);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_mempool_avail_count(mp), PAGES);
	labyrinth_pool_stats(labyrinth_mbuf_pool_pages(mp), &stats);
	assert_true(stats.owned > 0);
	labyrinth_mbuf_pool_flush(mp);
	labyrinth_pool_stats(labyrinth_mbuf_pool_pages(mp), &stats);
	assert_int_equal(stats.owned, 0);
	m = rte_pktmbuf_alloc(mp);
	rte_pktmbuf_free(m);
	end();
}

static void
a_dpdk_cache_has_bounds(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	struct labyrinth_error error;
	struct rte_mempool *none = NULL;

	(void)state;
	config.dpdk_cache = RTE_MEMPOOL_CACHE_MAX_SIZE + 1;
	assert_int_equal(labyrinth_mbuf_pool_create(&config, &none, &error), -EINVAL);
	assert_non_null(strstr(error.text, "allowed are 0 to 512"));
	config.pages = 30;
	config.dpdk_cache = 21;
	assert_int_equal(labyrinth_mbuf_pool_create(&config, &none, &error), -EINVAL);
	assert_non_null(strstr(error.text, "allowed are 0 to 20"));
	config.dpdk_cache = 20;
	config.secondaries = 1;
	assert_int_equal(labyrinth_mbuf_pool_create(&config, &none, &error), -EINVAL);
}

static void
check_distance(struct rte_mempool *pool, void *opaque, void *object, unsigned int k)
{
	char **previous = opaque;

	(void)pool;
	if (k > 0)
		assert_int_equal((char *)object - *previous, 192);
	*previous = object;
}

static void
mbufs_stand_dense(void **state)
{
	char *previous = NULL;

	(void)state;
	begin();
	rte_mempool_obj_iter(mp, check_distance, &previous);
	end();
}

/* A burst from neighbouring pages is to fill the L1 sets evenly. */
static void
colours_spread(void **state)
{
	for (uint32_t first = 1; first <= 2 * LABYRINTH_MBUF_COLOURS; first++) {
		unsigned int uses[LABYRINTH_MBUF_COLOURS] = { 0 };

		for (uint32_t i = first; i < first + 64; i++) {
			assert_true(labyrinth_mbuf_colour(i) < LABYRINTH_MBUF_COLOURS);
			uses[labyrinth_mbuf_colour(i)]++;
		}
		for (uint32_t c = 0; c < LABYRINTH_MBUF_COLOURS; c++)
			assert_in_range(uses[c], 2, 3);
	}
	(void)state;
}

/* Wait, for at most 10 s, until so many pages have no memory, and the refiller has said so. */
static bool
offline_becomes(uint32_t pages)
{
	for (int i = 0; i < 10000; i++) {
		struct labyrinth_pool_stats now = stats();

		if (now.offline == pages && now.shrinks == now.grows)
			return true;
		usleep(1000);
	}
	return false;
}

/* All that there can be, while a refiller brings it. */
static uint32_t
get_growing(uint32_t most)
{
	uint32_t n = 0;

	for (int i = 0; i < 10000 && n < most; i++) {
		if (rte_mempool_get(mp, (void **)&mbuf[n]) == 0)
			n++;
		else
			usleep(1000);
	}
	return n;
}

static void
a_growing_pool_has_more_when_asked(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	struct labyrinth_error error = { "" };
	bool coloured = true;

	(void)state;
	config.pages = GROWING / 4;
	config.pages_max = GROWING;
	config.cache = LABYRINTH_CACHE_NONE;
	config.poll_us = 200;
	config.quiet_ms = 20;
	begin_with(&config);
	assert_int_equal(mp->size, GROWING);
	assert_int_equal(rte_mempool_obj_iter(mp, check_mbuf, &coloured), GROWING);
	assert_int_equal(stats().offline, GROWING * 3 / 4);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(get_growing(GROWING), GROWING);
		for (uint32_t i = 0; i < GROWING; i++)
			memset(mbuf[i]->buf_addr, (int)i, mbuf[i]->buf_len);
		assert_int_equal(labyrinth_mbuf_pool_destroy(mp, &error), -EBUSY);
		put(GROWING);
		assert_true(offline_becomes(GROWING * 3 / 4));
		/* What was out when it went is as good as new. */
		assert_int_equal(
			rte_mempool_obj_iter(mp, check_mbuf, &coloured), GROWING);
	}
	/* A slow machine may be taken for quiet in between. */
	assert_true(stats().grows >= 9);
	if (labyrinth_mbuf_pool_destroy(mp, &error) != 0)
		fail_msg("%s", error.text);
	mp = NULL;
}

static void
a_pool_cannot_grow_to_less(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	struct labyrinth_error error = { "" };

	(void)state;
	config.pages_max = config.pages - 1;
	assert_int_equal(labyrinth_mbuf_pool_create(&config, &mp, &error), -EINVAL);
	assert_non_null(strstr(error.text, "grow"));
}

static void
objects_have_their_io_address(void **state)
{
	(void)state;
	begin();
	assert_int_equal(get(1), 0);
	assert_int_equal(rte_mempool_virt2iova(mbuf[0]), rte_mem_virt2iova(mbuf[0]));
	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		assert_int_equal(rte_mbuf_data_iova(mbuf[0]),
			(uintptr_t)rte_pktmbuf_mtod(mbuf[0], void *));
	put(1);
	end();
}

static void
each_mbuf_can_be_taken_once(void **state)
{
	static unsigned char seen[PAGES + 1];
	struct rte_mbuf *one_more;

	(void)state;
	begin();
	memset(seen, 0, sizeof(seen));
	for (uint32_t i = 0; i < PAGES; i++) {
		assert_int_equal(rte_mempool_get(mp, (void **)&mbuf[i]), 0);
		assert_int_equal(rte_mempool_avail_count(mp), PAGES - i - 1);
	}
	assert_true(rte_mempool_get(mp, (void **)&one_more) < 0);
	for (uint32_t i = 0; i < PAGES; i++) {
		size_t page = (size_t)((char *)mbuf[i]->buf_addr -
				       (char *)labyrinth_pool_base(
					       labyrinth_mbuf_pool_pages(mp))) /
			      LABYRINTH_PAGE_SIZE;

		assert_true(page < PAGES);
		assert_int_equal(seen[page]++, 0);
	}
	put(PAGES);
	end();
}

static void
get_is_all_or_none(void **state)
{
	static const unsigned int sizes[] = { 1, 31, 64, 65, 127, 128, 500, PAGES };

	(void)state;
	begin();
	for (size_t i = 0; i < RTE_DIM(sizes); i++) {
		struct rte_mbuf *held[PAGES];
		unsigned int rest = PAGES - sizes[i] + 1;

		/* One too few are left for what is asked. */
		assert_int_equal(rte_mempool_get_bulk(mp, (void **)held, rest), 0);
		assert_true(get(sizes[i]) < 0);
		assert_int_equal(rte_mempool_avail_count(mp), sizes[i] - 1);
		if (sizes[i] > 1) {
			assert_int_equal(get(sizes[i] - 1), 0);
			put(sizes[i] - 1);
		}
		rte_mempool_put_bulk(mp, (void **)held, rest);
		assert_int_equal(rte_mempool_avail_count(mp), PAGES);
	}
	assert_true(get(PAGES + 1) < 0);
	end();
}

static void
a_free_mbuf_is_not_written(void **state)
{
	static unsigned char header[sizeof(struct rte_mbuf)],
		data[LABYRINTH_MBUF_BUF_LEN];

	(void)state;
	begin();
	assert_int_equal(get(1), 0);
	mbuf[0]->dynfield1[0] = 0x5a5a5a5a;
	memset(mbuf[0]->buf_addr, 0xa5, mbuf[0]->buf_len);
	memcpy(header, mbuf[0], sizeof(header));
	memcpy(data, mbuf[0]->buf_addr, sizeof(data));
	put(1);
	assert_memory_equal(mbuf[0], header, sizeof(header));
	assert_memory_equal(mbuf[0]->buf_addr, data, sizeof(data));
	end();
}

static void
destruction_is_refused_while_mbufs_are_out(void **state)
{
	struct labyrinth_error error = { "" };

	(void)state;
	begin();
	assert_int_equal(get(7), 0);
	assert_int_equal(labyrinth_mbuf_pool_destroy(mp, &error), -EBUSY);
	assert_non_null(strstr(error.text, "7 of 1000"));
	assert_int_equal(rte_mempool_avail_count(mp), PAGES - 7);
	put(7);
	end();
}

static void
a_pool_can_be_made_again(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		begin();
		assert_int_equal(get(PAGES), 0);
		put(PAGES);
		end();
	}
}

static void *
get_and_put(void *unused)
{
	struct rte_mbuf *own[100];

	for (int i = 0; i < 1000; i++) {
		if (rte_mempool_get_bulk(mp, (void **)own, RTE_DIM(own)) == 0)
			rte_mempool_put_bulk(mp, (void **)own, RTE_DIM(own));
	}
	return unused;
}

static void
threads_outside_eal_may_use_it(void **state)
{
	pthread_t thread[3];

	(void)state;
	begin();
	for (size_t i = 0; i < RTE_DIM(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, get_and_put, NULL), 0);
	get_and_put(NULL);
	for (size_t i = 0; i < RTE_DIM(thread); i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	assert_int_equal(stats().refused[LABYRINTH_DOUBLE_FREE], 0);
	assert_int_equal(stats().refused[LABYRINTH_FOREIGN_FREE], 0);
	end();
}

static int
put_here(void *n)
{
	put(*(unsigned int *)n);
	return 0;
}

/* What rx gets on one lcore, a worker may put on another. */
static void
any_lcore_may_put(void **state)
{
	unsigned int worker = rte_get_next_lcore(-1u, 1, 0), n = 100;

	(void)state;
	begin();
	assert_true(worker < RTE_MAX_LCORE);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(get(n), 0);
		assert_int_equal(rte_eal_remote_launch(put_here, &n, worker), 0);
		assert_int_equal(rte_eal_wait_lcore(worker), 0);
		assert_int_equal(rte_mempool_avail_count(mp), PAGES);
	}
	end();
}

static void
a_double_put_is_counted_and_harmless(void **state)
{
	(void)state;
	begin();
	assert_int_equal(get(3), 0);
	put(3);
	put(3);
	assert_int_equal(stats().refused[LABYRINTH_DOUBLE_FREE], 3);
	assert_int_equal(rte_mempool_avail_count(mp), PAGES);
	/* Nobody gets an mbuf twice for it. */
	assert_int_equal(get(PAGES), 0);
	assert_true(rte_mempool_get(mp, (void **)&mbuf[PAGES]) < 0);
	put(PAGES);
	end();
}

static void
what_is_no_mbuf_is_refused(void **state)
{
	static struct rte_mbuf stranger;
	void *object = &stranger;
	struct labyrinth_pool_stats s;

	(void)state;
	begin();
	rte_mempool_ops_enqueue_bulk(mp, &object, 1);
	s = stats();
	assert_int_equal(
		s.refused[LABYRINTH_BAD_HANDLE] + s.refused[LABYRINTH_DOUBLE_FREE], 1);
	end();
}

static void
a_chain_goes_back_whole(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 3; i++)
		mbuf[i] = rte_pktmbuf_alloc(mp);
	assert_int_equal(rte_pktmbuf_chain(mbuf[0], mbuf[1]), 0);
	assert_int_equal(rte_pktmbuf_chain(mbuf[0], mbuf[2]), 0);
	assert_int_equal(rte_mempool_avail_count(mp), PAGES - 3);
	rte_pktmbuf_free(mbuf[0]);
	end();
}

/* From each hand-out on, and only where it was asked for. */
static void
ages_are_those_of_the_last_hand_out(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	struct rte_mbuf *m;
	uint64_t start, taken;
	uint32_t index, owner;

	(void)state;
	begin();
	m = rte_pktmbuf_alloc(mp);
	for (index = 1; index <= PAGES; index++)
		assert_int_equal(labyrinth_mbuf_pool_age(mp, index, 0), UINT64_MAX);
	rte_pktmbuf_free(m);
	end();
	config.ages = true;
	begin_with(&config);
	for (uint32_t round = 0; round < 2; round++) {
		start = labyrinth_clock_ticks();
		m = rte_pktmbuf_alloc(mp);
		taken = labyrinth_clock_ticks();
		index = 0;
		do
			labyrinth_page_look(labyrinth_mbuf_pool_pages(mp), ++index, &owner);
		while (owner == 0);
		assert_true(labyrinth_mbuf_pool_age(mp, index, taken) <= taken - start);
		assert_int_equal(labyrinth_mbuf_pool_age(mp, index, taken + 1000),
			labyrinth_mbuf_pool_age(mp, index, taken) + 1000);
		rte_pktmbuf_free(m);
	}
	assert_int_equal(labyrinth_mbuf_pool_age(mp, 0, taken), UINT64_MAX);
	assert_int_equal(labyrinth_mbuf_pool_age(mp, PAGES, taken), UINT64_MAX);
	assert_int_equal(labyrinth_mbuf_pool_age(mp, PAGES + 1, taken), UINT64_MAX);
	end();
}

static struct rte_mempool *
make_clones(void)
{
	struct rte_mempool *clones =
		rte_pktmbuf_pool_create("clones", 31, 0, 0, 0, SOCKET_ID_ANY);

	assert_non_null(clones);
	return clones;
}

/* As rx on virtio, i40e and ixgbe leaves it, then restored: the page waits for both. */
static void
a_clone_keeps_the_page(void **state)
{
	struct rte_mempool *clones;
	struct rte_mbuf *clone;

	(void)state;
	begin();
	clones = make_clones();
	mbuf[0] = rte_pktmbuf_alloc(mp);
	mbuf[0]->ol_flags = 0;
	labyrinth_mbuf_restore(mbuf, 1);
	assert_true(RTE_MBUF_HAS_EXTBUF(mbuf[0]));
	clone = rte_pktmbuf_clone(mbuf[0], clones);
	assert_non_null(clone);
	assert_ptr_equal(clone->buf_addr, mbuf[0]->buf_addr);
	rte_pktmbuf_free(mbuf[0]);
	assert_int_equal(rte_mempool_avail_count(mp), PAGES - 1);
	rte_pktmbuf_free(clone);
	assert_int_equal(rte_mempool_avail_count(mp), PAGES);
	assert_int_equal(rte_mempool_avail_count(clones), 31);
	rte_mempool_free(clones);
	end();
}

static void
restore_leaves_other_mbufs_alone(void **state)
{
	struct rte_mempool *clones;

	(void)state;
	begin();
	clones = make_clones();
	mbuf[0] = rte_pktmbuf_alloc(clones);
	labyrinth_mbuf_restore(mbuf, 1);
	assert_int_equal(mbuf[0]->ol_flags, 0);
	rte_pktmbuf_free(mbuf[0]);
	rte_mempool_free(clones);
	end();
}

/* Plain receive and free work without the flag. */
static void
a_lost_flag_does_not_lose_the_page(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 10; i++) {
		mbuf[0] = rte_pktmbuf_alloc(mp);
		mbuf[0]->ol_flags = 0;
		rte_pktmbuf_free(mbuf[0]);
		assert_int_equal(rte_mempool_avail_count(mp), PAGES);
	}
	end();
}

/* Where PMDs look for memory that another process can be given, by its file. */
static bool
is_of_eal(const void *address)
{
	const struct rte_memseg_list *list = rte_mem_virt2memseg_list(address);

	return list != NULL && list->external == 0;
}

static void
check_of_eal(struct rte_mempool *pool, void *opaque, void *object, unsigned int k)
{
	const struct rte_mbuf *m = object;
	bool coloured = true;

	check_mbuf(pool, &coloured, object, k);
	assert_int_equal(is_of_eal(m->buf_addr), *(bool *)opaque);
	if (is_of_eal(m->buf_addr))
		assert_int_equal(rte_mbuf_iova_get(m), rte_mem_virt2iova(m->buf_addr));
}

/* Made twice, so that the memory was given back. */
static void
lent_pages_are_memory_of_eal(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	bool of_eal = false;

	(void)state;
	begin();
	rte_mempool_obj_iter(mp, check_of_eal, &of_eal);
	end();
	config.backing = LABYRINTH_BACKING_LENT;
	of_eal = true;
	for (unsigned int i = 0; i < 2; i++) {
		begin_with(&config);
		assert_int_equal(rte_mempool_obj_iter(mp, check_of_eal, &of_eal), PAGES);
		end();
	}
}

static void
a_reserve_is_kept_when_asked_for(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	unsigned int n = 0;

	(void)state;
	config.watermarks.min = 80;
	begin_with(&config);
	while (rte_mempool_get(mp, (void **)&mbuf[n]) == 0)
		n++;
	/* ATOMIC may go down to 3/8 of min. */
	assert_int_equal(PAGES - n, 30);
	put(n);
	end();
}

static void
wrong_configurations_are_refused(void **state)
{
	const struct {
		struct labyrinth_mbuf_config config;
		int ret;
	} cases[] = {
		{ { .pages = 10 }, -EINVAL },
		{ { .name = "", .pages = 10 }, -EINVAL },
		{ { .name = "a name far too long for a mempool", .pages = 10 }, -EINVAL },
		{ { .name = "none" }, -EINVAL },
		{ { .name = "many", .pages = LABYRINTH_PAGES_MAX + 1 }, -EINVAL },
		{ { .name = "backing", .pages = 10, .backing = 77 }, -EINVAL },
		{ { .name = "lent", .pages = 10, .pages_max = 20,
			  .backing = LABYRINTH_BACKING_LENT }, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(cases); i++) {
		struct labyrinth_error error = { "" };
		struct rte_mempool *none = NULL;

		assert_int_equal(
			labyrinth_mbuf_pool_create(&cases[i].config, &none, &error),
			cases[i].ret);
		assert_null(none);
		assert_int_not_equal(error.text[0], 0);
		assert_null(strchr(error.text, '\n'));
	}
}

static void
a_name_is_taken_once(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	struct labyrinth_error error = { "" };
	struct rte_mempool *twin = NULL;

	(void)state;
	begin();
	assert_int_equal(labyrinth_mbuf_pool_create(&config, &twin, &error), -EEXIST);
	assert_non_null(strstr(error.text, "test"));
	end();
}

/* EAL has 256 MiB here; what was built up for the attempt must be gone after it. */
static void
too_many_mbufs_for_eal_are_refused(void **state)
{
	struct labyrinth_mbuf_config config = usual();
	struct labyrinth_error error = { "" };
	struct rte_mempool *none = NULL;

	(void)state;
	config.pages = 2000000;
	if (sysconf(_SC_AVPHYS_PAGES) < 2 * (long)config.pages)
		skip();
	assert_int_equal(labyrinth_mbuf_pool_create(&config, &none, &error), -ENOMEM);
	assert_non_null(strstr(error.text, "fewer pages"));
	begin();
	end();
}

static void
other_pools_are_left_alone(void **state)
{
	struct labyrinth_error error = { "" };
	struct rte_mempool *other = make_clones();

	(void)state;
	assert_null(labyrinth_mbuf_pool_pages(other));
	assert_int_equal(labyrinth_mbuf_pool_destroy(other, &error), -EINVAL);
	rte_mempool_free(other);
}

/* By name alone there are no pages. */
static void
ops_without_pages_are_refused(void **state)
{
	(void)state;
	assert_null(rte_pktmbuf_pool_create_by_ops("by name", 100, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, LABYRINTH_MBUF_OPS_NAME));
}

/* Two lcores share a CPU, so that one CPU is enough. */
static int
eal_begin(void **state)
{
	static char prefix[32];
	char *argv[] = { "test_mbuf", "--no-pci", "--no-telemetry", "--no-huge", "-m",
		"256", "--no-shconf", "--lcores", "0@0,1@0", "--file-prefix", prefix };

	(void)state;
	snprintf(prefix, sizeof(prefix), "labyrinth-mbuf-%d", (int)getpid());
	return rte_eal_init(RTE_DIM(argv), argv) < 0 ? -1 : 0;
}

static int
eal_end(void **state)
{
	char folder[64];

	(void)state;
	snprintf(folder, sizeof(folder), "%s", rte_eal_get_runtime_dir());
	rte_eal_cleanup();
	rmdir(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mbuf_has_its_page),
		cmocka_unit_test(an_uncoloured_pool_gives_whole_pages),
		cmocka_unit_test(a_dpdk_cache_stands_in_front),
		cmocka_unit_test(a_dpdk_cache_has_bounds),
		cmocka_unit_test(mbufs_stand_dense),
		cmocka_unit_test(a_growing_pool_has_more_when_asked),
		cmocka_unit_test(a_pool_cannot_grow_to_less),
		cmocka_unit_test(colours_spread),
		cmocka_unit_test(objects_have_their_io_address),
		cmocka_unit_test(each_mbuf_can_be_taken_once),
		cmocka_unit_test(get_is_all_or_none),
		cmocka_unit_test(a_free_mbuf_is_not_written),
		cmocka_unit_test(destruction_is_refused_while_mbufs_are_out),
		cmocka_unit_test(a_pool_can_be_made_again),
		cmocka_unit_test(threads_outside_eal_may_use_it),
		cmocka_unit_test(any_lcore_may_put),
		cmocka_unit_test(a_double_put_is_counted_and_harmless),
		cmocka_unit_test(what_is_no_mbuf_is_refused),
		cmocka_unit_test(a_chain_goes_back_whole),
		cmocka_unit_test(a_clone_keeps_the_page),
		cmocka_unit_test(restore_leaves_other_mbufs_alone),
		cmocka_unit_test(a_lost_flag_does_not_lose_the_page),
		cmocka_unit_test(ages_are_those_of_the_last_hand_out),
		cmocka_unit_test(lent_pages_are_memory_of_eal),
		cmocka_unit_test(a_reserve_is_kept_when_asked_for),
		cmocka_unit_test(wrong_configurations_are_refused),
		cmocka_unit_test(a_name_is_taken_once),
		cmocka_unit_test(too_many_mbufs_for_eal_are_refused),
		cmocka_unit_test(other_pools_are_left_alone),
		cmocka_unit_test(ops_without_pages_are_refused),
	};

	return cmocka_run_group_tests(tests, eal_begin, eal_end);
}
