/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * One who has pages, and one who wants to read them, for test_security.sh:
 *
 *   security hold BACKING [shared]   a pool with a secret in a page; says where it is and
 *                                    waits for the end of the input
 *   security read PID ADDRESS        tries to read it, by all means that there are
 *   security fork BACKING [shared]   what a forked child can see of the pool
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "labyrinth_pool.h"

static const char secret[] = "this page is mine";

struct held {
	struct labyrinth_pool *pool;
	char *page;
};

static enum labyrinth_backing
backing_of(const char *name)
{
	static const char *const names[] = {
		[LABYRINTH_BACKING_HUGE_2M] = "hugetlb-2M",
		[LABYRINTH_BACKING_HUGE_1G] = "hugetlb-1G",
		[LABYRINTH_BACKING_SECRET] = "memfd-secret",
		[LABYRINTH_BACKING_PLAIN] = "plain-4K",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] != NULL && strcmp(names[i], name) == 0)
			return (enum labyrinth_backing)i;
	exit(2);
}

static struct held
hold(const char *backing, int shared)
{
	struct labyrinth_pool_config config = { .name = "secrets", .pages = 100,
		.backing = backing_of(backing), .numa_node = -1,
		.flags = shared ? LABYRINTH_POOL_SHARED : 0 };
	struct labyrinth_error error = { "" };
	struct labyrinth_owner *owner;
	struct held held;
	int ret = labyrinth_pool_create(&config, &held.pool, &error);

	if (ret != 0) {
		printf("%s\n", error.text);
		exit(ret == -ENOTSUP || ret == -ENOMEM ? 77 : 1);
	}
	if (labyrinth_owner_register(held.pool, "holder", NULL, 0, &owner) != 0)
		exit(1);
	held.page = labyrinth_page_address(held.pool,
		labyrinth_alloc(owner, LABYRINTH_GFP_NOWAIT));
	strcpy(held.page, secret);
	return held;
}

static int
say_holding(const char *backing, int shared)
{
	struct held held = hold(backing, shared);

	/* after a change of user the kernel forbids what this is about by another rule */
	prctl(PR_SET_DUMPABLE, 1);
	printf("ready %d %p\n", (int)getpid(), (void *)held.page);
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}

/* ---- who wants to read ---- */

static void
say(const char *how, ssize_t got, const char *buffer)
{
	if (got == (ssize_t)sizeof(secret) && memcmp(buffer, secret, sizeof(secret)) == 0)
		printf("%s: read\n", how);
	else
		printf("%s: not read, %s\n", how, strerror(errno));
}

static void
read_by_proc(int pid, uintptr_t address)
{
	char path[64], buffer[sizeof(secret)] = "";
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY);
	if (fd >= 0)
		got = pread(fd, buffer, sizeof(buffer), (off_t)address);
	say("/proc/PID/mem", got, buffer);
}

static void
read_by_vm(int pid, uintptr_t address)
{
	char buffer[sizeof(secret)] = "";
	struct iovec here = { buffer, sizeof(buffer) };
	struct iovec there = { (void *)address, sizeof(buffer) };

	say("process_vm_readv", process_vm_readv(pid, &here, 1, &there, 1, 0), buffer);
}

static void
read_by_ptrace(int pid, uintptr_t address)
{
	union {
		long word[3];
		char text[sizeof(secret)];
	} buffer = { { 0 } };
	ssize_t got = -1;

	_Static_assert(sizeof(buffer) >= sizeof(secret), "all of the secret");
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0) {
		waitpid(pid, NULL, 0);
		errno = 0;
		for (int i = 0; i < 3 && errno == 0; i++)
			buffer.word[i] = ptrace(PTRACE_PEEKDATA, pid,
				(void *)(address + (uintptr_t)i * sizeof(long)), NULL);
		got = errno == 0 ? (ssize_t)sizeof(secret) : -1;
		int code = errno;

		ptrace(PTRACE_DETACH, pid, NULL, NULL);
		errno = code;
	}
	say("ptrace", got, buffer.text);
}

/* ---- the child ---- */

static void
child_touches(const char *what, const volatile char *address)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		(void)*address;
		_exit(0);
	}
	waitpid(child, &status, 0);
	printf("%s: %s\n", what, WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ?
		"faults" : WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "read" : "?");
}

static int
say_child(const char *backing, int shared)
{
	struct held held = hold(backing, shared);

	fflush(stdout);
	child_touches("page", held.page);
	child_touches("side arrays", (const char *)held.pool);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(argv[1], "hold") == 0)
		return say_holding(argv[2], argc > 3);
	if (strcmp(argv[1], "fork") == 0)
		return say_child(argv[2], argc > 3);
	if (argc < 4)
		return 2;
	read_by_proc(atoi(argv[2]), strtoull(argv[3], NULL, 16));
	read_by_vm(atoi(argv[2]), strtoull(argv[3], NULL, 16));
	read_by_ptrace(atoi(argv[2]), strtoull(argv[3], NULL, 16));
	return 0;
}
