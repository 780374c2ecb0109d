/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: the data path makes no syscall, also while the refiller grows the pool. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pool_fixture.h"

#define EXTENT LABYRINTH_EXTENT_PAGES
#define SECONDS_MOST 30

struct rx {
	struct labyrinth_owner *owner, *peer;
	uint32_t most;      /* pages to be held in the end */
	_Atomic int step;   /* 0 begun, 1 seccomp on, 2 done */
	bool misbehave;     /* make a syscall, as a check of the check */
	labyrinth_page page[4 * EXTENT];
	uint64_t drops;
};

/* From here on any syscall but read, write, exit and sigreturn ends the thread. */
static bool
forbid_syscalls(void)
{
	/* SECCOMP_MODE_STRICT would do, but takes the time stamp counter away too. */
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
	};
	struct sock_fprog program = { .len = 4, .filter = filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Every kind of call: in order, singly, to a peer, refused, and out of pages. */
static void
exercise(struct rx *rx)
{
	labyrinth_page *page = rx->page, again;
	uint32_t n = labyrinth_alloc_burst(rx->owner, LABYRINTH_GFP_ATOMIC, page, 256);

	labyrinth_transfer_bulk(rx->owner, labyrinth_owner_slot(rx->peer), page, n, NULL);
	labyrinth_free_bulk(rx->peer, page, n, NULL);
	n = labyrinth_alloc_bulk(rx->owner, LABYRINTH_GFP_NOWAIT, page, 64);
	for (uint32_t i = 0; i < n; i++)
		labyrinth_free(rx->owner, page[i * 37 % 64]);
	if (n != 0) {
		again = page[0];
		labyrinth_free_bulk(rx->owner, &again, 1, NULL);
	}
	labyrinth_owner_flush(rx->owner);
}

static void *
rx_thread(void *arg)
{
	struct rx *rx = arg;
	uint32_t got = 0;

	if (!forbid_syscalls())
		return NULL;
	atomic_store(&rx->step, 1);
	for (int i = 0; i < 2000; i++)
		exercise(rx);
	/* outgrow the pool: drops are counted until the refiller has caught up */
	while (got < rx->most) {
		uint32_t n = labyrinth_alloc_burst(rx->owner, LABYRINTH_GFP_ATOMIC,
			rx->page + got, 32);

		got += n;
		rx->drops += n == 0;
	}
	labyrinth_free_bulk(rx->owner, rx->page, got, NULL);
	if (rx->misbehave)
		syscall(SYS_getpid);
	atomic_store(&rx->step, 2);
	syscall(SYS_exit, 0);
	return NULL;
}

static void
run(struct rx *rx)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, rx_thread, rx), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	if (atomic_load(&rx->step) == 0)
		skip();
}

static struct labyrinth_pool *
growing_pool(struct rx *rx)
{
	const struct labyrinth_refiller_config refiller = { .poll_us = 200, .quiet_ms = 60000 };
	struct labyrinth_pool_config config = { .pages = EXTENT, .pages_max = 4 * EXTENT,
		.numa_node = -1, .backing = LABYRINTH_BACKING_PLAIN,
		.watermarks = { .min = 64, .low = 128, .high = 256 } };
	struct labyrinth_pool *pool = NULL;

	assert_int_equal(labyrinth_pool_create(&config, &pool, NULL), 0);
	rx->owner = make_owner(pool, "rx", NULL);
	rx->peer = make_owner(pool, "peer", NULL);
	rx->most = 3 * EXTENT;
	assert_int_equal(labyrinth_refiller_start(pool, &refiller), 0);
	return pool;
}

static void
the_rx_thread_makes_none(void **state)
{
	static struct rx rx;
	struct labyrinth_pool *pool = growing_pool(&rx);

	(void)state;
	alarm(SECONDS_MOST);
	run(&rx);
	alarm(0);
	assert_int_equal(atomic_load(&rx.step), 2);
	assert_true(stats_of(pool).grows >= 2);
	assert_true(stats_of(pool).alloc_fail[LABYRINTH_GFP_ATOMIC] >= rx.drops);
	labyrinth_refiller_stop(pool);
	assert_int_equal(stats_of(pool).owned, 0);
	check_valid(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

static void
the_check_can_fail(void **state)
{
	static struct rx rx = { .misbehave = true };
	struct labyrinth_pool *pool = growing_pool(&rx);

	(void)state;
	alarm(SECONDS_MOST);
	run(&rx);
	alarm(0);
	assert_int_equal(atomic_load(&rx.step), 1);
	labyrinth_refiller_stop(pool);
	assert_int_equal(labyrinth_pool_destroy(pool, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rx_thread_makes_none),
		cmocka_unit_test(the_check_can_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
