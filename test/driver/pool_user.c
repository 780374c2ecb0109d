/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * A DPDK program that knows nothing of this project: it makes an mbuf pool with whatever
 * ops EAL's arguments prefer, uses it, and says what it sees. And it can do what programs
 * should not. In a secondary process it works on the primary's pool.
 *
 *   pool_user EAL_ARGS... -- [MBUFS] [right|twice|stray|leak]... [wait]
 *
 * Exit code 1 when there is no pool, or it does not do what a pool does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
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

static int
act(struct rte_mempool *mp, const char *what)
{
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
