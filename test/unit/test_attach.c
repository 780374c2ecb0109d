/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: a pool in memory of others, on which two processes work; who may not, is
 * told why. A process that is killed leaves nothing behind.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool_fixture.h"
#include "pool_private.h"

#define PAGES 300u
#define KILLS 200

/* The side arrays and behind them the pages, in memory that another process can have. */
struct memory {
	struct labyrinth_pool_config config;
	size_t size;
	int fd;
};

static struct memory
make_memory(void)
{
	struct memory memory = { .config = { .name = "lent", .pages = PAGES, .numa_node = -1,
		.backing = LABYRINTH_BACKING_LENT, .owners = 8,
		/* for the size alone */
		.memory = &memory, .memory_size = PAGES * LABYRINTH_PAGE_SIZE } };
	size_t side;
	char *base;

	memory.config.memory = (void *)(uintptr_t)LABYRINTH_PAGE_SIZE;
	side = labyrinth_pool_side_size(&memory.config);
	assert_true(side > 0);
	side = (side + LABYRINTH_PAGE_SIZE - 1) & ~(size_t)(LABYRINTH_PAGE_SIZE - 1);
	memory.size = side + PAGES * LABYRINTH_PAGE_SIZE;
	memory.fd = memfd_create("pool", MFD_CLOEXEC);
	assert_int_equal(ftruncate(memory.fd, (off_t)memory.size), 0);
	base = mmap(NULL, memory.size, PROT_READ | PROT_WRITE, MAP_SHARED, memory.fd, 0);
	assert_ptr_not_equal(base, MAP_FAILED);
	memory.config.side = base;
	memory.config.side_size = side;
	memory.config.memory = base + side;
	return memory;
}

static struct labyrinth_pool *
create(struct memory *memory)
{
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pool = NULL;

	*memory = make_memory();
	if (labyrinth_pool_create(&memory->config, &pool, &error) != 0)
		fail_msg("%s", error.text);
	return pool;
}

static void
end(struct labyrinth_pool *pool, struct memory *memory)
{
	struct labyrinth_error error = { "" };

	check_valid(pool);
	if (labyrinth_pool_destroy(pool, &error) != 0)
		fail_msg("%s", error.text);
	munmap(memory->config.side, memory->size);
	close(memory->fd);
}

static void
lent_memory_is_checked(void **state)
{
	struct memory memory = make_memory();
	struct labyrinth_pool_config config = memory.config;
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pool;

	(void)state;
	config.memory = NULL;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -EINVAL);
	config.memory = (char *)memory.config.memory + 64;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -EINVAL);
	config = memory.config;
	config.memory_size -= 1;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -EINVAL);
	assert_non_null(strstr(error.text, "no place for the pages"));
	config = memory.config;
	config.backing = LABYRINTH_BACKING_PLAIN;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -EINVAL);
	config = memory.config;
	config.pages_max = 2 * PAGES;
	assert_int_equal(labyrinth_pool_create(&config, &pool, &error), -EINVAL);
	assert_int_equal(labyrinth_pool_create(&memory.config, &pool, &error), 0);
	assert_ptr_equal(labyrinth_pool_base(pool), memory.config.memory);
	assert_string_equal(stats_of(pool).backing, "lent");
	end(pool, &memory);
}

static void
strangers_are_refused(void **state)
{
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pool, *other = NULL;
	struct memory memory;
	size_t size;
	char *elsewhere;

	(void)state;
	pool = create(&memory);
	size = memory.config.side_size;
	assert_int_equal(labyrinth_pool_attach(NULL, size, &other, &error), -EINVAL);
	assert_int_equal(labyrinth_pool_attach(pool, 100, &other, &error), -EINVAL);
	assert_int_equal(labyrinth_pool_attach((char *)pool + 1, size, &other, &error), -EINVAL);
	assert_int_equal(labyrinth_pool_attach(pool, sizeof(*pool), &other, &error), -EINVAL);
	assert_non_null(strstr(error.text, "map all"));
	assert_int_equal(labyrinth_pool_attach(memory.config.memory, size, &other, &error),
		-ENOENT);
	elsewhere = mmap(NULL, memory.size, PROT_READ, MAP_SHARED, memory.fd, 0);
	assert_int_equal(labyrinth_pool_attach(elsewhere, size, &other, &error), -EINVAL);
	assert_non_null(strstr(error.text, "is mapped at"));
	munmap(elsewhere, memory.size);
	pool->seal.version++;
	assert_int_equal(labyrinth_pool_attach(pool, size, &other, &error), -EPROTO);
	assert_non_null(strstr(error.text, "the same build"));
	pool->seal.version--;
	pool->seal.layout ^= 1;
	assert_int_equal(labyrinth_pool_attach(pool, size, &other, &error), -EPROTO);
	pool->seal.layout ^= 1;
	assert_null(other);
	assert_int_equal(labyrinth_pool_attach(pool, size, &other, &error), 0);
	assert_ptr_equal(other, pool);
	assert_int_equal(labyrinth_pool_destroy(pool, &error), 0);
	assert_int_equal(labyrinth_pool_attach(pool, size, &other, &error), -ENOENT);
	munmap(pool, memory.size);
	close(memory.fd);
}

/* ---- a second process ---- */

/* Takes, hands half over, is killed. Not one call into the test's framework. */
static void
live(struct labyrinth_pool_config config, uint32_t peer)
{
	labyrinth_page page[64];
	struct labyrinth_pool *pool;
	struct labyrinth_owner *owner;

	if (labyrinth_pool_attach(config.side, config.side_size, &pool, NULL) != 0 ||
			labyrinth_owner_register(pool, "second", NULL, LABYRINTH_OWNER_BOUND,
				&owner) != 0)
		_exit(1);
	/* until somebody ends it */
	for (uint32_t round = 0;; round++) {
		uint32_t n = labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page, 40), kept;

		for (uint32_t i = 0; i < n; i++)
			*(uint32_t *)labyrinth_page_address(pool, page[i]) = round;
		kept = labyrinth_offer_bulk(owner, peer, page, n / 4, NULL);
		kept += labyrinth_withdraw_bulk(owner, page, n / 4, NULL);
		kept += labyrinth_free_bulk(owner, page, n - n % 2, NULL);
		if (kept != 0)
			_exit(2);
		if (n % 2 != 0)
			labyrinth_free(owner, page[n - 1]);
	}
}

static void
a_process_is_killed_at_any_moment(void **state)
{
	struct labyrinth_owner *owner;
	struct labyrinth_pool *pool;
	struct memory memory;
	int gained = 0;

	(void)state;
	srand(1);
	pool = create(&memory);
	owner = make_owner(pool, "first", NULL);
	for (int i = 0; i < KILLS; i++) {
		pid_t child = fork();
		int status;

		if (child == 0)
			live(memory.config, labyrinth_owner_slot(owner));
		/* the moment is the scheduler's; mostly it has begun */
		usleep((useconds_t)(rand() % 1500));
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		gained += labyrinth_reclaim_all(owner);
	}
	print_message("%d pages came back\n", gained);
	assert_int_equal(stats_of(pool).owned + stats_of(pool).offered, 0);
	labyrinth_owner_flush(owner);
	assert_int_equal(stats_of(pool).free, PAGES);
	end(pool, &memory);
}

/* Has pages, unmaps all, and ends: the kernel finds no robust futex to mark. */
static void
leave_without_a_trace(struct memory *memory, struct labyrinth_owner *owner)
{
	labyrinth_page page[7];

	if (labyrinth_owner_bind(owner) != 0 ||
			labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, 7) != 7)
		_exit(1);
	munmap(memory->config.side, memory->size);
	_exit(0);
}

static void
a_death_that_others_know_of(void **state)
{
	struct labyrinth_owner *owner, *second;
	struct labyrinth_pool *pool;
	struct memory memory;

	(void)state;
	pool = create(&memory);
	owner = make_owner(pool, "first", NULL);
	for (int i = 0; i < 20; i++) {
		pid_t child;
		int status;

		second = make_owner(pool, "second", NULL);
		assert_int_equal(labyrinth_owner_declare_dead(second), -EINVAL);
		child = fork();
		if (child == 0)
			leave_without_a_trace(&memory, second);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		assert_int_equal(labyrinth_reclaim(owner, labyrinth_owner_slot(second)), -EBUSY);
		assert_int_equal(labyrinth_owner_declare_dead(second), 0);
		assert_int_equal(labyrinth_owner_declare_dead(second), 0);
		assert_int_equal(labyrinth_reclaim(owner, labyrinth_owner_slot(second)), 7);
	}
	labyrinth_owner_flush(owner);
	assert_int_equal(stats_of(pool).free, PAGES);
	end(pool, &memory);
}

static void
a_look_and_a_handle(void **state)
{
	struct labyrinth_owner *one, *two;
	struct labyrinth_pool *pool = make_pool(PAGES, 0, 10);
	labyrinth_page page[2];
	uint32_t owner = 9, index;

	(void)state;
	one = make_owner(pool, "one", NULL);
	two = make_owner(pool, "two", NULL);
	assert_int_equal(labyrinth_page_look(pool, 0, &owner), LABYRINTH_PAGE_OFFLINE);
	assert_int_equal(labyrinth_page_look(pool, PAGES + 1, &owner), LABYRINTH_PAGE_OFFLINE);
	assert_int_equal(owner, 0);
	assert_int_equal(labyrinth_page_look(pool, 1, &owner), LABYRINTH_PAGE_FREE);
	assert_true(labyrinth_page_handle(pool, 0) == 0);
	assert_true(labyrinth_page_handle(pool, PAGES + 1) == 0);
	assert_int_equal(labyrinth_alloc_bulk(one, LABYRINTH_GFP_ATOMIC, page, 2), 2);
	index = labyrinth_page_index(page[0]);
	assert_int_equal(labyrinth_page_look(pool, index, &owner), LABYRINTH_PAGE_OWNED);
	assert_int_equal(owner, labyrinth_owner_slot(one));
	assert_true(labyrinth_page_handle(pool, index) == page[0]);
	assert_int_equal(labyrinth_offer_bulk(one, labyrinth_owner_slot(two), page, 1, NULL), 0);
	assert_int_equal(labyrinth_page_look(pool, index, &owner), LABYRINTH_PAGE_OFFERED);
	assert_int_equal(owner, labyrinth_owner_slot(one));
	assert_true(labyrinth_page_handle(pool, index) == page[0]);
	assert_int_equal(labyrinth_accept_bulk(two, page, 1, NULL), 0);
	assert_int_equal(labyrinth_page_look(pool, index, &owner), LABYRINTH_PAGE_OWNED);
	assert_int_equal(owner, labyrinth_owner_slot(two));
	assert_int_equal(labyrinth_free(two, page[0]), LABYRINTH_REFUSED_NONE);
	assert_int_equal(labyrinth_free(one, page[1]), LABYRINTH_REFUSED_NONE);
	assert_int_not_equal(labyrinth_page_look(pool, index, &owner), LABYRINTH_PAGE_OWNED);
	assert_int_equal(owner, 0);
	end_pool(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lent_memory_is_checked),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(a_process_is_killed_at_any_moment),
		cmocka_unit_test(a_death_that_others_know_of),
		cmocka_unit_test(a_look_and_a_handle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
