/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * A DPDK program that knows nothing of this project: it makes an mbuf pool with whatever
 * ops EAL's arguments prefer, uses it, and says what it sees. And it can do what programs
 * should not. In a secondary process it works on the primary's pool.
 *
 *   pool_user EAL_ARGS... -- [MBUFS] [right|twice|stray|leak|sizes|names]... [wait]
 *
 * Exit code 1 when there is no pool, or it does not do what a pool does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#define NAME "pool_user"
#define BURST 32u

static int
fail(const char *what)
{
	printf("FAIL: %s: %s\n", what, rte_strerror(rte_errno));
	return 1;
}

/* Each mbuf once, a full frame in it, and all back. */
static int
use(struct rte_mempool *mp)
{
	unsigned int n = rte_mempool_avail_count(mp), got = 0;
	struct rte_mbuf **m = calloc(n + 1, sizeof(*m));

	while ((m[got] = rte_pktmbuf_alloc(mp)) != NULL && got < n) {
		char *frame = rte_pktmbuf_append(m[got++], 1514);

		if (frame == NULL)
			return fail("no room for a frame");
		memset(frame, (int)got, 1514);
	}
	printf("got %u of %u\n", got, n);
	for (unsigned int i = 0; i < got; i++) {
		if (*rte_pktmbuf_mtod(m[i], unsigned char *) != (unsigned char)(i + 1))
			return fail("somebody else wrote to a frame");
		rte_pktmbuf_free(m[i]);
	}
	free(m);
	return rte_mempool_avail_count(mp) == n ? 0 : fail("mbufs were lost");
}

/* An mbuf is freed a second time; then nobody may get it twice. */
static int
free_twice(struct rte_mempool *mp)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp), *a, *b;

	rte_pktmbuf_free(m);
	rte_pktmbuf_free(m);
	printf("twice %p\n", (void *)m);
	a = rte_pktmbuf_alloc(mp);
	b = rte_pktmbuf_alloc(mp);
	if (a == b)
		return fail("two users have the same mbuf");
	rte_pktmbuf_free(a);
	rte_pktmbuf_free(b);
	return 0;
}

/* A mempool with the ops that mbuf pools get here. */
static struct rte_mempool *
create(const char *name, unsigned int n, unsigned int size)
{
	struct rte_mempool *mp = rte_mempool_create_empty(name, n, size, n / 4, 0,
		SOCKET_ID_ANY, 0);

	if (mp == NULL)
		return NULL;
	if (rte_mempool_set_ops_byname(mp, rte_mbuf_best_mempool_ops(), NULL) == 0 &&
			rte_mempool_populate_default(mp) == (int)n)
		return mp;
	rte_mempool_free(mp);
	return NULL;
}

/* Each element once, whole and one's own, and no more than there are. */
static int
use_elements(struct rte_mempool *mp, unsigned int n, unsigned int size)
{
	unsigned char *element[64];
	void *more;

	for (unsigned int i = 0; i < n; i++) {
		if (rte_mempool_get(mp, (void **)&element[i]) != 0)
			return fail("too few elements");
		memset(element[i], (int)i + 1, size);
	}
	if (rte_mempool_get(mp, &more) == 0)
		return fail("more elements than there are");
	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int at = 0; at < size; at++)
			if (element[i][at] != (unsigned char)(i + 1))
				return fail("elements overlap");
		rte_mempool_put(mp, element[i]);
	}
	return rte_mempool_full(mp) ? 0 : fail("elements were lost");
}

static int
use_sizes(void)
{
	static const unsigned int sizes[] = { 0, 1, 7, 8, 63, 64, 65, 4000, 4096, 65535, 65536,
		65537, 1 << 20 };
	int failed = 0;

	for (unsigned int i = 0; i < RTE_DIM(sizes) && failed == 0; i++) {
		struct rte_mempool *mp = create("sizes", 33, sizes[i]);

		if (mp == NULL)
			return fail("no mempool");
		failed = use_elements(mp, 33, sizes[i]);
		printf("elements of %u bytes: %s\n", sizes[i], failed == 0 ? "well" : "wrong");
		rte_mempool_free(mp);
	}
	if (create("large", 33, 1u << 31) != NULL || create("none", 0, 64) != NULL)
		return fail("a mempool that cannot be");
	return failed;
}

/* What DPDK refuses leaves nothing, and what it takes may be as long as can be. */
static int
use_names(void)
{
	char longest[RTE_MEMPOOL_NAMESIZE], longer[RTE_MEMPOOL_NAMESIZE + 1];
	struct rte_mempool *mp;
	int failed;

	memset(longest, 'n', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	memset(longer, 'n', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	if (create(longer, 33, 64) != NULL || rte_errno != ENAMETOOLONG)
		return fail("a name that is too long");
	for (int again = 0; again < 2; again++) {
		mp = create(longest, 33, 64);
		if (mp == NULL)
			return fail("the longest name");
		if (create(longest, 33, 64) != NULL || rte_errno != EEXIST)
			return fail("a name that is taken");
		failed = use_elements(mp, 33, 64);
		rte_mempool_free(mp);
		if (failed != 0)
			return failed;
	}
	printf("names are as they should be\n");
	return 0;
}

static int
act(struct rte_mempool *mp, const char *what)
{
	if (strcmp(what, "sizes") == 0)
		return use_sizes();
	if (strcmp(what, "names") == 0)
		return use_names();
	if (strcmp(what, "right") == 0)
		return use(mp);
	if (strcmp(what, "twice") == 0)
		return free_twice(mp);
	if (strcmp(what, "stray") == 0) {
		/* in the middle of an mbuf */
		struct rte_mbuf *m = rte_pktmbuf_alloc(mp);

		rte_mempool_put(mp, (char *)m + 8);
		rte_pktmbuf_free(m);
		return 0;
	}
	if (strcmp(what, "leak") == 0)
		return rte_pktmbuf_alloc(mp) != NULL ? 0 : fail("no mbuf");
	if (strcmp(what, "wait") != 0)
		return fail(what);
	printf("ready\n");
	fflush(stdout);
	return getchar() == EOF ? 0 : 0;
}

int
main(int argc, char **argv)
{
	int ret = rte_eal_init(argc, argv), failed = 0;
	unsigned int mbufs = 1000;
	struct rte_mempool *mp;

	if (ret < 0)
		return 1;
	argv += ret + 1;
	if (*argv != NULL && atoi(*argv) > 0)
		mbufs = (unsigned int)atoi(*argv++);
	mp = rte_eal_process_type() == RTE_PROC_SECONDARY ? rte_mempool_lookup(NAME) :
		rte_pktmbuf_pool_create(NAME, mbufs, BURST, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY);
	if (mp == NULL)
		return fail("no pool");
	printf("ops %s, place %d of %u\n", rte_mempool_get_ops(mp->ops_index)->name,
		mp->ops_index + 1, rte_mempool_ops_table.num_ops);
	for (; *argv != NULL && failed == 0; argv++)
		failed = act(mp, *argv);
	printf("free %u of %u\n", rte_mempool_avail_count(mp), mp->size);
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		rte_mempool_free(mp);
	rte_eal_cleanup();
	return failed;
}
