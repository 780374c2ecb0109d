/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: the ops under mempools of all sizes, in one chunk and many, used by lcores
 * and other threads, rightly and wrongly. EAL runs on ordinary memory.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "mempool.h"

/* Not a multiple of a row of the pool, or of what is worked on at a time. */
#define OBJECTS 1000u
#define MOST 20000u

static void *object[MOST + 1];

/* ---- mempools ---- */

static struct rte_mempool *
make_empty(unsigned int n, unsigned int size, unsigned int cache)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty("test", n, size, cache, 0, SOCKET_ID_ANY, 0);

	assert_non_null(mp);
	assert_int_equal(rte_mempool_set_ops_byname(mp, LAB_MEMPOOL_OPS_NAME, NULL), 0);
	return mp;
}

static struct rte_mempool *
make(unsigned int n, unsigned int size, unsigned int cache)
{
	struct rte_mempool *mp = make_empty(n, size, cache);

	assert_int_equal(rte_mempool_populate_default(mp), n);
	return mp;
}

static const struct lab_mempool *
books(const struct rte_mempool *mp)
{
	return mp->pool_data;
}

static void
check_books(const struct rte_mempool *mp)
{
	struct labyrinth_error error = { "" };

	if (labyrinth_pool_validate(books(mp)->pool, &error) != 0)
		fail_msg("%s", error.text);
}

/* Nothing was lost, nothing came twice. */
static void
end(struct rte_mempool *mp)
{
	assert_int_equal(rte_mempool_avail_count(mp), mp->size);
	check_books(mp);
	rte_mempool_free(mp);
}

static int
by_address(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return x < y ? -1 : x > y;
}

static void
check_apart(unsigned int n, size_t size)
{
	static void *sorted[MOST];

	memcpy(sorted, object, n * sizeof(*object));
	qsort(sorted, n, sizeof(*sorted), by_address);
	for (unsigned int i = 1; i < n; i++)
		assert_true((char *)sorted[i] - (char *)sorted[i - 1] >= (ptrdiff_t)size);
}

/* All objects, each once, and not one more. */
static void
get_all(struct rte_mempool *mp)
{
	for (unsigned int i = 0; i < mp->size; i++)
		assert_int_equal(rte_mempool_get(mp, &object[i]), 0);
	assert_int_equal(rte_mempool_get(mp, &object[mp->size]), -ENOBUFS);
	assert_int_equal(rte_mempool_avail_count(mp), 0);
	assert_true(rte_mempool_full(mp) == 0);
	check_apart(mp->size, RTE_MAX(mp->elt_size, 1u));
	for (unsigned int i = 0; i < mp->size; i++)
		assert_ptr_equal(rte_mempool_from_obj(object[i]), mp);
}

static void
put_all(struct rte_mempool *mp)
{
	for (unsigned int i = 0; i < mp->size; i++)
		rte_mempool_put(mp, object[i]);
	assert_int_equal(rte_mempool_avail_count(mp), mp->size);
}

/* ---- sizes and counts ---- */

static void
every_size_and_count(void **state)
{
	static const unsigned int sizes[] = { 0, 1, 8, 63, 64, 65, 1000, 1984, 1985, 2304,
		4032, 4033, 9728, 65536, 65537 };
	static const unsigned int counts[] = { 1, 2, 31, 32, 33, 64, 65, OBJECTS };

	(void)state;
	for (size_t s = 0; s < RTE_DIM(sizes); s++) {
		for (size_t n = 0; n < RTE_DIM(counts); n++) {
			unsigned int cache = counts[n] >= 48 && s % 2 != 0 ? 32 : 0;
			struct rte_mempool *mp = make(counts[n], sizes[s], cache);

			for (int round = 0; round < 2; round++) {
				get_all(mp);
				put_all(mp);
			}
			end(mp);
		}
	}
}

static void
a_size_that_no_memory_holds(void **state)
{
	struct rte_mempool *mp = make_empty(OBJECTS, 1u << 30, 0);

	(void)state;
	assert_true(rte_mempool_populate_default(mp) < 0);
	assert_int_equal(rte_mempool_avail_count(mp), 0);
	rte_mempool_free(mp);
}

/* What an application asks for cannot be too much to say so: 2^31 objects. */
static void
a_count_that_no_memory_holds(void **state)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty("test", 1u << 31, 64, 0, 0, SOCKET_ID_ANY, 0);

	(void)state;
	assert_non_null(mp);
	assert_int_equal(rte_mempool_set_ops_byname(mp, LAB_MEMPOOL_OPS_NAME, NULL), 0);
	assert_true(rte_mempool_populate_default(mp) < 0);
	rte_mempool_free(mp);
}

static void
objects_have_a_page_each(void **state)
{
	struct rte_mempool *mp = make(OBJECTS, 128 + 2176, 0);
	unsigned int colours[27] = { 0 };

	(void)state;
	get_all(mp);
	for (unsigned int i = 0; i < OBJECTS; i++) {
		uintptr_t in_page = (uintptr_t)object[i] % LAB_LAYOUT_PAGE;

		assert_true(in_page + mp->elt_size <= LAB_LAYOUT_PAGE);
		assert_true(in_page >= mp->header_size);
		colours[(in_page - mp->header_size) / LAB_LAYOUT_STEP]++;
	}
	for (unsigned int i = 0; i < RTE_DIM(colours); i++)
		assert_true(colours[i] >= OBJECTS / 27 && colours[i] <= OBJECTS / 27 + 1);
	put_all(mp);
	end(mp);
}

static void
objects_have_their_io_address(void **state)
{
	struct rte_mempool *mp = make(OBJECTS, 2000, 0);

	(void)state;
	get_all(mp);
	for (unsigned int i = 0; i < OBJECTS; i++)
		assert_int_equal(rte_mempool_virt2iova(object[i]),
			rte_mem_virt2iova(object[i]));
	put_all(mp);
	end(mp);
}

static void
a_free_object_is_not_written(void **state)
{
	struct rte_mempool *mp = make(OBJECTS, 200, 32);

	(void)state;
	for (int round = 0; round < 3; round++) {
		get_all(mp);
		for (unsigned int i = 0; i < OBJECTS; i++) {
			const unsigned char *byte = object[i];

			for (unsigned int b = 0; b < 200 && round > 0; b++)
				assert_int_equal(byte[b], (uintptr_t)object[i] / 8 % 251);
			memset(object[i], (uintptr_t)object[i] / 8 % 251, 200);
		}
		put_all(mp);
	}
	end(mp);
}

/* ---- chunks ---- */

static void
count_chunk(struct rte_mempool_memhdr *chunk, void *arg)
{
	(void)chunk;
	++*(unsigned int *)arg;
}

/* In pieces of odd sizes at odd addresses, with and without an IO address. */
static void
populate_in_pieces(unsigned int size, rte_iova_t iova, int pieces)
{
	struct rte_mempool *mp = make_empty(OBJECTS, size, 0);
	size_t total = mp->header_size + mp->elt_size + mp->trailer_size;
	unsigned int chunks = 0, have = 0;
	char *memory[8];
	int used;

	/* a chunk may hold more than its part */
	for (used = 0; have < OBJECTS; used++) {
		int i = used;
		size_t len = total * (OBJECTS / (unsigned int)pieces + 1) + 64;
		int ret;

		assert_true(i < pieces);
		memory[i] = malloc(len + 7 * i);
		ret = rte_mempool_populate_iova(
			mp, memory[i] + 7 * i, iova, len, count_chunk, &chunks);
		assert_true(ret > 0);
		have += ret;
		/* what is there can be used before the rest comes */
		assert_int_equal(rte_mempool_avail_count(mp), have);
		assert_int_equal(rte_mempool_get_bulk(mp, object, have), 0);
		assert_int_equal(rte_mempool_get(mp, &object[have]), -ENOBUFS);
		check_apart(have, size);
		rte_mempool_put_bulk(mp, object, have);
		check_books(mp);
	}
	get_all(mp);
	put_all(mp);
	end(mp);
	assert_int_equal(chunks, used);
	while (used > 0)
		free(memory[--used]);
}

static void
chunks_of_all_kinds(void **state)
{
	static const unsigned int sizes[] = { 8, 700, 2304, 5000 };

	(void)state;
	for (size_t s = 0; s < RTE_DIM(sizes); s++)
		for (int pieces = 1; pieces < 8; pieces++) {
			populate_in_pieces(sizes[s], RTE_BAD_IOVA, pieces);
			populate_in_pieces(sizes[s], 0x100000000, pieces);
		}
}

static void
a_chunk_too_small_for_an_object(void **state)
{
	struct rte_mempool *mp = make_empty(10, 2000, 0);
	char *memory = malloc(1000);

	(void)state;
	assert_int_equal(
		rte_mempool_populate_iova(mp, memory, RTE_BAD_IOVA, 1000, NULL, NULL), 0);
	assert_int_equal(rte_mempool_get(mp, object), -ENOBUFS);
	rte_mempool_free(mp);
	free(memory);
}

static void
anonymous_memory(void **state)
{
	struct rte_mempool *mp = make_empty(OBJECTS, 2304, 0);

	(void)state;
	assert_int_equal(rte_mempool_populate_anon(mp), OBJECTS);
	get_all(mp);
	put_all(mp);
	end(mp);
}

/* Nobody populated it: there is nothing behind it. */
static void
a_mempool_without_objects(void **state)
{
	struct rte_mempool *mp = make_empty(OBJECTS, 64, 32);

	(void)state;
	assert_null(mp->pool_data);
	assert_int_equal(rte_mempool_avail_count(mp), 0);
	assert_int_equal(rte_mempool_ops_dequeue_bulk(mp, object, 1), -ENOBUFS);
	assert_int_equal(rte_mempool_ops_enqueue_bulk(mp, object, 1), -EINVAL);
	rte_mempool_free(mp);
}

/* ---- get and put ---- */

static void
get_is_all_or_none(void **state)
{
	struct rte_mempool *mp = make(OBJECTS, 64, 32);

	(void)state;
	for (unsigned int n = 1; n < OBJECTS; n += 37) {
		assert_int_equal(rte_mempool_get_bulk(mp, object, OBJECTS - n), 0);
		assert_int_equal(
			rte_mempool_get_bulk(mp, object + OBJECTS - n, n + 1), -ENOBUFS);
		assert_int_equal(rte_mempool_avail_count(mp), n);
		assert_int_equal(rte_mempool_get_bulk(mp, object + OBJECTS - n, n), 0);
		check_apart(OBJECTS, 64);
		rte_mempool_put_bulk(mp, object, OBJECTS);
	}
	end(mp);
}

static uint64_t
refused(const struct rte_mempool *mp, enum lab_refusal_kind kind)
{
	return lab_mempool_refused(books(mp), kind);
}

static void
a_double_free_is_caught_and_harmless(unsigned int cache)
{
	struct rte_mempool *mp = make(OBJECTS, 64, cache);
	struct lab_refusal last;

	assert_int_equal(rte_mempool_get_bulk(mp, object, 100), 0);
	rte_mempool_put(mp, object[7]);
	rte_mempool_put(mp, object[7]);
	assert_int_equal(refused(mp, LAB_DOUBLE_FREE), 1);
	assert_true(lab_mempool_last_refusal(books(mp), LAB_DOUBLE_FREE, &last));
	assert_ptr_equal((void *)last.object, object[7]);
	assert_int_equal(last.by, rte_lcore_id() + 1);
	assert_int_equal(last.before, rte_lcore_id() + 1);
	/* in a burst, itself twice and with one that is free */
	object[3] = object[2];
	rte_mempool_put_bulk(mp, object, 100);
	assert_int_equal(refused(mp, LAB_DOUBLE_FREE), 3);
	assert_int_equal(rte_mempool_avail_count(mp), OBJECTS - 1);
	/* all but the one that was forgotten, each once */
	assert_int_equal(rte_mempool_get_bulk(mp, object, OBJECTS - 1), 0);
	assert_int_equal(rte_mempool_get(mp, &object[OBJECTS]), -ENOBUFS);
	check_apart(OBJECTS - 1, 64);
	rte_mempool_put_bulk(mp, object, OBJECTS - 1);
	check_books(mp);
	rte_mempool_free(mp);
}

static void
double_frees(void **state)
{
	(void)state;
	a_double_free_is_caught_and_harmless(0);
	a_double_free_is_caught_and_harmless(32);
	a_double_free_is_caught_and_harmless(512);
}

static void
what_is_no_object_is_refused(void **state)
{
	struct rte_mempool *mp = make(OBJECTS, 2304, 32), *other;
	char *one;

	(void)state;
	other = rte_mempool_create_empty("other", 10, 2304, 0, 0, SOCKET_ID_ANY, 0);
	assert_int_equal(
		rte_mempool_set_ops_byname(other, LAB_MEMPOOL_OPS_NAME, NULL), 0);
	assert_int_equal(rte_mempool_populate_default(other), 10);
	assert_int_equal(rte_mempool_get(mp, (void **)&one), 0);
	rte_mempool_put(mp, NULL);
	rte_mempool_put(mp, one + 8);
	rte_mempool_put(mp, one - 64);
	rte_mempool_put(mp, (void *)UINTPTR_MAX);
	rte_mempool_put(mp, &one);
	rte_mempool_put(other, one);
	assert_int_equal(refused(mp, LAB_NO_OBJECT), 5);
	assert_int_equal(refused(other, LAB_NO_OBJECT), 1);
	assert_int_equal(rte_mempool_avail_count(mp), OBJECTS - 1);
	rte_mempool_put(mp, one);
	end(mp);
	end(other);
}

/* ---- lcore 1 ---- */

/* EAL is not built with the sanitizer, which does not see how it orders: so once more. */
struct task {
	void (*run)(struct rte_mempool *mp);
	struct rte_mempool *mp;
	_Atomic bool begin, end;
};

static struct task task;

static int
run_task(void *arg)
{
	(void)arg;
	while (!atomic_load_explicit(&task.begin, memory_order_acquire))
		;
	task.run(task.mp);
	atomic_store_explicit(&task.end, true, memory_order_release);
	return 0;
}

static void
launch(void (*run)(struct rte_mempool *mp), struct rte_mempool *mp)
{
	task.run = run;
	task.mp = mp;
	task.end = false;
	atomic_store_explicit(&task.begin, true, memory_order_release);
	assert_int_equal(rte_eal_remote_launch(run_task, NULL, 1), 0);
}

static void
wait_for_task(void)
{
	assert_int_equal(rte_eal_wait_lcore(1), 0);
	assert_true(atomic_load_explicit(&task.end, memory_order_acquire));
}

/* What another lcore has at hand is its own, the rest is everybody's. */
static void
put_objects(struct rte_mempool *mp)
{
	rte_mempool_put_bulk(mp, object, OBJECTS);
}

static void
any_lcore_may_put(void **state)
{
	(void)state;
	for (unsigned int cache = 0; cache <= 64; cache += 64) {
		struct rte_mempool *mp = make(OBJECTS, 64, cache);
		unsigned int n = 0;

		assert_int_equal(rte_mempool_get_bulk(mp, object, OBJECTS), 0);
		launch(put_objects, mp);
		wait_for_task();
		assert_int_equal(rte_mempool_avail_count(mp), OBJECTS);
		while (rte_mempool_get(mp, &object[n]) == 0)
			n++;
		assert_true(n >= OBJECTS - cache * 3 / 2);
		assert_true(cache != 0 || n == OBJECTS);
		rte_mempool_put_bulk(mp, object, n);
		end(mp);
	}
}

/* ---- many threads ---- */

static _Atomic uint64_t twice;  /* puts that were refused, and were meant to be */
static _Atomic bool stopped;

/* Get, stamp, look, put; now and then put again at once, before anybody could get it. */
static void
work(struct rte_mempool *mp)
{
	unsigned int seed = (unsigned int)pthread_self();

	while (!stopped) {
		uint64_t *mine[40];
		unsigned int n = 1 + rand_r(&seed) % RTE_DIM(mine);

		if (rte_mempool_get_bulk(mp, (void **)mine, n) != 0)
			continue;
		for (unsigned int i = 0; i < n; i++)
			*mine[i] = (uintptr_t)mine ^ i;
		for (unsigned int i = 0; i < n; i++)
			assert_true(*mine[i] == ((uintptr_t)mine ^ i));
		if (seed % 16 == 0) {
			mine[n - 1] = n > 1 ? mine[0] : mine[n - 1];
			if (n > 1)
				twice++;
		}
		rte_mempool_put_bulk(mp, (void **)mine, n);
	}
}

static void *
other_thread(void *arg)
{
	work(arg);
	return NULL;
}

/* A burst that names its first object again loses its last one: nobody puts that. */
static void
every_thread_at_once(void **state)
{
	struct rte_mempool *mp = make(OBJECTS, 64, 32);
	pthread_t thread[2];

	(void)state;
	twice = 0;
	stopped = false;
	launch(work, mp);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, other_thread, mp), 0);
	for (int i = 0; i < 300 && twice < OBJECTS / 2; i++)
		usleep(1000);
	stopped = true;
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	wait_for_task();
	assert_true(twice > 0);
	assert_int_equal(refused(mp, LAB_DOUBLE_FREE), twice);
	assert_int_equal(rte_mempool_avail_count(mp), OBJECTS - twice);
	check_books(mp);
	rte_mempool_free(mp);
}

/* ---- the same object from two threads at once ---- */

static pthread_barrier_t barrier;

static void
put_same(struct rte_mempool *mp)
{
	for (unsigned int i = 0; i < OBJECTS; i++) {
		pthread_barrier_wait(&barrier);
		rte_mempool_put(mp, object[i]);
	}
}

static void *
put_same_elsewhere(void *arg)
{
	put_same(arg);
	return NULL;
}

static void
of_two_puts_at_once_one_is_refused(void **state)
{
	struct rte_mempool *mp = make(OBJECTS, 64, 64);
	pthread_t thread;

	(void)state;
	assert_int_equal(rte_mempool_get_bulk(mp, object, OBJECTS), 0);
	pthread_barrier_init(&barrier, NULL, 2);
	launch(put_same, mp);
	assert_int_equal(pthread_create(&thread, NULL, put_same_elsewhere, mp), 0);
	pthread_join(thread, NULL);
	wait_for_task();
	assert_int_equal(refused(mp, LAB_DOUBLE_FREE), OBJECTS);
	end(mp);
}

/* ---- others ---- */

static void
one_place_in_the_table(void **state)
{
	unsigned int places = 0, at = 0;

	(void)state;
	for (unsigned int i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		if (strncmp(rte_mempool_ops_table.ops[i].name, "labyrinth", 9) != 0)
			continue;
		places++;
		at = i;
	}
	assert_int_equal(places, 1);
	/* the last one: all others have the place that they have without us */
	assert_int_equal(at, rte_mempool_ops_table.num_ops - 1);
}

/* DPDK's rules for names, with nothing left behind of what was refused. */
static void
names_too_long_or_taken(void **state)
{
	char name[RTE_MEMPOOL_NAMESIZE + 1];
	struct rte_mempool *mp;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_null(rte_pktmbuf_pool_create_by_ops(name, 100, 0, 0, 2176, SOCKET_ID_ANY,
		LAB_MEMPOOL_OPS_NAME));
	assert_int_equal(rte_errno, ENAMETOOLONG);
	name[sizeof(name) - 2] = '\0';
	mp = rte_pktmbuf_pool_create_by_ops(name, 100, 0, 0, 2176, SOCKET_ID_ANY,
		LAB_MEMPOOL_OPS_NAME);
	assert_non_null(mp);
	assert_null(rte_pktmbuf_pool_create_by_ops(name, 100, 0, 0, 2176, SOCKET_ID_ANY,
		LAB_MEMPOOL_OPS_NAME));
	assert_int_equal(rte_errno, EEXIST);
	get_all(mp);
	put_all(mp);
	end(mp);
}

static void
mbufs_work(void **state)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create_by_ops("test", OBJECTS, 64, 16,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, LAB_MEMPOOL_OPS_NAME);
	struct rte_mbuf *m, *clone;

	(void)state;
	assert_non_null(mp);
	m = rte_pktmbuf_alloc(mp);
	assert_int_equal(rte_pktmbuf_data_room_size(mp), RTE_MBUF_DEFAULT_BUF_SIZE);
	assert_int_equal(rte_pktmbuf_priv_size(mp), 16);
	assert_non_null(rte_pktmbuf_append(m, 1500));
	clone = rte_pktmbuf_clone(m, mp);
	rte_pktmbuf_free(m);
	assert_int_equal(rte_mempool_avail_count(mp), OBJECTS - 2);
	rte_pktmbuf_free(clone);
	end(mp);
}

static void
the_cache_of_dpdk_when_asked_for(void **state)
{
	struct rte_mempool *mp;

	(void)state;
	setenv("LABYRINTH_MEMPOOL_CACHE", "dpdk", 1);
	mp = make(OBJECTS, 64, 64);
	unsetenv("LABYRINTH_MEMPOOL_CACHE");
	assert_int_equal(mp->cache_size, 64);
	get_all(mp);
	put_all(mp);
	end(mp);
	mp = make(OBJECTS, 64, 64);
	assert_int_equal(mp->cache_size, 0);
	end(mp);
}

/* Two lcores share a CPU, so that one CPU is enough. */
static int
eal_begin(void **state)
{
	static char prefix[32];
	char *argv[] = { "test_mempool_ops", "--no-pci", "--no-telemetry", "--no-huge",
		"-m", "384", "--no-shconf", "--lcores", "0@0,1@0", "--file-prefix",
		prefix };

	(void)state;
	snprintf(prefix, sizeof(prefix), "labyrinth-ops-%d", (int)getpid());
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
		cmocka_unit_test(one_place_in_the_table),
		cmocka_unit_test(every_size_and_count),
		cmocka_unit_test(a_size_that_no_memory_holds),
		cmocka_unit_test(a_count_that_no_memory_holds),
		cmocka_unit_test(objects_have_a_page_each),
		cmocka_unit_test(objects_have_their_io_address),
		cmocka_unit_test(a_free_object_is_not_written),
		cmocka_unit_test(chunks_of_all_kinds),
		cmocka_unit_test(a_chunk_too_small_for_an_object),
		cmocka_unit_test(anonymous_memory),
		cmocka_unit_test(a_mempool_without_objects),
		cmocka_unit_test(get_is_all_or_none),
		cmocka_unit_test(double_frees),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test(any_lcore_may_put),
		cmocka_unit_test(every_thread_at_once),
		cmocka_unit_test(of_two_puts_at_once_one_is_refused),
		cmocka_unit_test(names_too_long_or_taken),
		cmocka_unit_test(mbufs_work),
		cmocka_unit_test(the_cache_of_dpdk_when_asked_for),
	};

	return cmocka_run_group_tests(tests, eal_begin, eal_end);
}
