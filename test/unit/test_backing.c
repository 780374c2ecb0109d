/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: memory is real, aligned, placed, kept from children, and given back. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <numaif.h>

#include "backing.h"

/* Sanitizers may have all low addresses for themselves. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define LOW_TAKEN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define LOW_TAKEN 1
#endif
#endif
#ifndef LOW_TAKEN
#define LOW_TAKEN 0
#endif

#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZED 1
#endif
#endif
#ifndef THREAD_SANITIZED
#define THREAD_SANITIZED 0
#endif

static unsigned long
free_hugepages(void)
{
	unsigned long count = 0;
	FILE *file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &count) != 1)
		count = 0;
	fclose(file);
	return count;
}

static int
map(struct lab_backing *backing, enum labyrinth_backing kind, size_t size, int node,
	struct labyrinth_error *error)
{
	return lab_backing_map(backing, &(struct lab_backing_request){ .kind = kind,
		.size = size, .node = node }, error);
}

static void
check_mapping(const struct lab_backing *backing, size_t size)
{
	assert_int_equal(backing->size, size);
	assert_int_equal((uintptr_t)backing->base % LABYRINTH_EXTENT_SIZE, 0);
	for (size_t at = 0; at < size; at += LABYRINTH_PAGE_SIZE)
		assert_int_equal(((char *)backing->base)[at], 0);
	memset(backing->base, 0xa5, size);
}

static void
plain(void **state)
{
	struct lab_backing backing;

	(void)state;
	assert_int_equal(map(&backing, LABYRINTH_BACKING_PLAIN, 5 << 20, -1, NULL),
		0);
	check_mapping(&backing, 6 << 20);
	lab_backing_unmap(&backing);
}

static void
huge(void **state)
{
	unsigned long before = free_hugepages();
	struct lab_backing backing;

	(void)state;
	if (before < 2)
		skip();
	assert_int_equal(map(&backing, LABYRINTH_BACKING_HUGE_2M, 3 << 20, 0, NULL),
		0);
	assert_int_equal(free_hugepages(), before - 2);
	check_mapping(&backing, 4 << 20);
	lab_backing_unmap(&backing);
	assert_int_equal(free_hugepages(), before);
}

/* Each below the end, and beside the others. */
static void
low_addresses(void **state)
{
	struct lab_backing backing[8];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		const struct lab_backing_request request = { .kind = LABYRINTH_BACKING_PLAIN,
			.size = 4 << 20, .reserve = 1 << 30, .node = -1, .low = true };

		assert_int_equal(lab_backing_map(&backing[i], &request, NULL), 0);
		if (!LOW_TAKEN)
			assert_true((uintptr_t)backing[i].base + backing[i].size <=
				LABYRINTH_LOW_END);
		memset(backing[i].base, (int)i, 4 << 20);
	}
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(((unsigned char *)backing[i].base)[(4 << 20) - 1], i);
		lab_backing_unmap(&backing[i]);
	}
}

/* More than there is below: elsewhere is better than not at all. */
static void
no_room_at_low_addresses(void **state)
{
	const struct lab_backing_request request = { .kind = LABYRINTH_BACKING_PLAIN,
		.size = 2 << 20, .reserve = LABYRINTH_LOW_END, .node = -1, .low = true };
	struct lab_backing backing;

	(void)state;
	assert_int_equal(lab_backing_map(&backing, &request, NULL), 0);
	assert_true((uintptr_t)backing.base + backing.size > LABYRINTH_LOW_END);
	lab_backing_unmap(&backing);
}

static void
pages_are_on_the_node(void **state)
{
	struct lab_backing backing;
	void *pages[4];
	int nodes[4];

	(void)state;
	assert_int_equal(map(&backing, LABYRINTH_BACKING_PLAIN, 2 << 20, 0, NULL),
		0);
	for (int i = 0; i < 4; i++)
		pages[i] = (char *)backing.base + (size_t)i * LABYRINTH_PAGE_SIZE;
	if (move_pages(0, 4, pages, NULL, nodes, 0) == 0)
		for (int i = 0; i < 4; i++)
			assert_int_equal(nodes[i], 0);
	lab_backing_unmap(&backing);
}

static void
too_many_hugepages_tells_the_fix(void **state)
{
	unsigned long before = free_hugepages();
	struct labyrinth_error error = { "" };
	struct lab_backing backing;

	(void)state;
	assert_int_equal(map(&backing, LABYRINTH_BACKING_HUGE_2M, (before + 1) * LABYRINTH_EXTENT_SIZE, -1, &error), -ENOMEM);
	assert_non_null(strstr(error.text, "scripts/setup.sh"));
	assert_int_equal(free_hugepages(), before);
}

/* Who else is on the machine may give some back meanwhile: those are taken too. */
static void
auto_falls_back_to_plain(void **state)
{
	struct lab_backing taken[16], backing = { .kind = LABYRINTH_BACKING_HUGE_2M };
	unsigned long free;
	size_t n = 0;

	(void)state;
	for (int tries = 0; backing.kind == LABYRINTH_BACKING_HUGE_2M; tries++) {
		assert_true(tries < 16);
		free = free_hugepages();
		n += free != 0 && map(&taken[n], LABYRINTH_BACKING_HUGE_2M,
			free * LABYRINTH_EXTENT_SIZE, -1, NULL) == 0;
		assert_int_equal(map(&backing, LABYRINTH_BACKING_AUTO, 2 << 20, -1, NULL), 0);
		lab_backing_unmap(&backing);
	}
	assert_int_equal(backing.kind, LABYRINTH_BACKING_PLAIN);
	while (n > 0)
		lab_backing_unmap(&taken[--n]);
}

static void
unknown_node_is_refused(void **state)
{
	struct labyrinth_error error = { "" };
	struct lab_backing backing;

	(void)state;
	assert_int_equal(map(&backing, LABYRINTH_BACKING_PLAIN, 2 << 20, 1000, &error), -EINVAL);
	assert_non_null(strstr(error.text, "1000"));
}

static void
forked_child_faults(void **state)
{
	struct lab_backing backing;
	int status, ends[2];
	pid_t pid;

	(void)state;
	/* its runtime stands between the child and the kernel, in both looks below */
	if (THREAD_SANITIZED)
		skip();
	assert_int_equal(map(&backing, LABYRINTH_BACKING_PLAIN, 2 << 20, -1, NULL),
		0);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* the kernel's word; then the access itself */
		if (write(ends[1], backing.base, 1) != -1 || errno != EFAULT)
			_exit(99);
		/* the signal's default action, whatever cmocka installed */
		signal(SIGSEGV, SIG_DFL);
		_exit(*(volatile char *)backing.base);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ends[0]);
	close(ends[1]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	lab_backing_unmap(&backing);
}

/* Bytes that the kernel reads for a privileged process at an address of this one. */
static ssize_t
read_by_proc(const void *address, char *to, size_t size)
{
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	assert_true(fd >= 0);
	got = pread(fd, to, size, (off_t)(uintptr_t)address);
	close(fd);
	return got;
}

static void
secret_is_not_read_even_by_root(void **state)
{
	struct lab_backing plain_backing, backing;
	struct labyrinth_error error = { "" };
	char bytes[16];
	int ret = map(&backing, LABYRINTH_BACKING_SECRET, 2 << 20, -1, &error);

	(void)state;
	if (ret == -ENOTSUP) {
		print_message("skipped: %s\n", error.text);
		skip();
	}
	if (ret != 0)
		fail_msg("%s", error.text);
	check_mapping(&backing, 2 << 20);
	assert_int_equal(read_by_proc(backing.base, bytes, sizeof(bytes)), -1);
	/* the same look at other memory succeeds: it is the backing that forbids it */
	assert_int_equal(map(&plain_backing, LABYRINTH_BACKING_PLAIN, 2 << 20, -1, NULL), 0);
	assert_int_equal(read_by_proc(plain_backing.base, bytes, sizeof(bytes)), sizeof(bytes));
	lab_backing_unmap(&plain_backing);
	lab_backing_unmap(&backing);
}

static void
gigabyte_pages(void **state)
{
	struct labyrinth_error error = { "" };
	struct lab_backing backing;
	int ret = map(&backing, LABYRINTH_BACKING_HUGE_1G, 2 << 20, -1, &error);

	(void)state;
	if (ret == -ENOMEM) {
		/* none reserved: then the message must tell the fix */
		assert_non_null(strstr(error.text, "1 GiB hugepages"));
		assert_non_null(strstr(error.text, "--pages-1g"));
		return;
	}
	assert_int_equal(ret, 0);
	assert_int_equal(backing.size, 1 << 30);
	assert_int_equal((uintptr_t)backing.base % (1 << 30), 0);
	memset(backing.base, 1, 4 << 20);
	lab_backing_unmap(&backing);
}

static void
parts_come_and_go(void **state)
{
	struct lab_backing backing;
	int ends[2];
	char *base;

	(void)state;
	assert_int_equal(lab_backing_map(&backing, &(struct lab_backing_request){
		.kind = LABYRINTH_BACKING_PLAIN, .size = 2 << 20, .reserve = 6 << 20,
		.node = -1 }, NULL), 0);
	base = backing.base;
	assert_int_equal(lab_backing_online(&backing, 4 << 20, 2 << 20, NULL), 0);
	memset(base + (4 << 20), 1, 2 << 20);
	lab_backing_offline(&backing, 4 << 20, 2 << 20);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], base + (4 << 20), 1), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(write(ends[1], base, 1), 1);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(lab_backing_online(&backing, 4 << 20, 2 << 20, NULL), 0);
	assert_int_equal(base[4 << 20], 0);
	lab_backing_unmap(&backing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(huge),
		cmocka_unit_test(low_addresses),
		cmocka_unit_test(no_room_at_low_addresses),
		cmocka_unit_test(pages_are_on_the_node),
		cmocka_unit_test(too_many_hugepages_tells_the_fix),
		cmocka_unit_test(auto_falls_back_to_plain),
		cmocka_unit_test(unknown_node_is_refused),
		cmocka_unit_test(forked_child_faults),
		cmocka_unit_test(secret_is_not_read_even_by_root),
		cmocka_unit_test(gigabyte_pages),
		cmocka_unit_test(parts_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
