/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "backing.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif

const char *
lab_backing_name(enum labyrinth_backing kind)
{
	switch (kind) {
	case LABYRINTH_BACKING_HUGE_2M:
		return "hugetlb-2M";
	case LABYRINTH_BACKING_PLAIN:
		return "plain-4K";
	default:
		return "auto";
	}
}

/* Free 2 MiB hugepages on a node, or on all for -1; 0 when there is no such file. */
static unsigned long
free_hugepages(int node)
{
	char path[128];
	unsigned long count = 0;
	FILE *file;

	if (node < 0)
		snprintf(path, sizeof(path),
			"/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
	else
		snprintf(path, sizeof(path),
			"/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/"
			"free_hugepages", node);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &count) != 1)
		count = 0;
	fclose(file);
	return count;
}

static int
bind_to_node(void *base, size_t size, int node, struct labyrinth_error *error)
{
	struct bitmask *nodes;
	long ret;

	if (node < 0)
		return 0;
	if (numa_available() < 0)
		return node == 0 ? 0 : labyrinth_fail(error, -EINVAL,
			"NUMA node %d asked for, but the kernel has no NUMA", node);
	if (node > numa_max_node())
		return labyrinth_fail(error, -EINVAL,
			"NUMA node %d does not exist: allowed are 0 to %d, or -1 for any",
			node, numa_max_node());
	nodes = numa_allocate_nodemask();
	numa_bitmask_setbit(nodes, (unsigned int)node);
	ret = mbind(base, size, MPOL_BIND, nodes->maskp, nodes->size + 1, 0);
	numa_free_nodemask(nodes);
	if (ret != 0)
		return labyrinth_fail(error, -errno, "mbind to NUMA node %d: %s", node,
			strerror(errno));
	return 0;
}

/* For messages: " on node 0", or nothing for any. */
static const char *
on_node(int node)
{
	static _Thread_local char text[24];

	if (node < 0)
		return "";
	snprintf(text, sizeof(text), " on node %d", node);
	return text;
}

static int
share_flag(const struct lab_backing_request *request)
{
	return request->shared ? MAP_SHARED : MAP_PRIVATE;
}

/* Over-allocate by an extent and cut, so that plain pages are aligned like huge ones. */
static void *
map_plain(const struct lab_backing_request *request)
{
	size_t room = request->size + LABYRINTH_EXTENT_SIZE;
	uintptr_t start, aligned, end;
	void *map = mmap(NULL, room, PROT_READ | PROT_WRITE,
		share_flag(request) | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return MAP_FAILED;
	start = (uintptr_t)map;
	aligned = (start + LABYRINTH_EXTENT_SIZE - 1) &
		~(uintptr_t)(LABYRINTH_EXTENT_SIZE - 1);
	end = aligned + request->size;
	if (aligned != start)
		munmap(map, aligned - start);
	if (start + room != end)
		munmap((void *)end, start + room - end);
	return (void *)aligned;
}

static void *
map_huge(const struct lab_backing_request *request)
{
	return mmap(NULL, request->size, PROT_READ | PROT_WRITE,
		share_flag(request) | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
}

static int
map_failed(const struct lab_backing_request *request, struct labyrinth_error *error)
{
	int code = errno == ENOMEM || errno == EINVAL ? ENOMEM : errno;

	if (request->kind == LABYRINTH_BACKING_HUGE_2M)
		return labyrinth_fail(error, -code,
			"need %zu free 2 MiB hugepages%s, found %lu: run scripts/setup.sh config",
			request->size / LABYRINTH_EXTENT_SIZE, on_node(request->node),
			free_hugepages(request->node));
	return labyrinth_fail(error, -code, "need %zu MiB of memory for the pages: %s",
		request->size >> 20, strerror(errno));
}

/* A forked child must not have pages whose owner is exclusive. */
static int
keep_from_children(void *base, const struct lab_backing_request *request,
	struct labyrinth_error *error)
{
	if (request->shared || madvise(base, request->size, MADV_DONTFORK) == 0)
		return 0;
	return labyrinth_fail(error, -errno, "MADV_DONTFORK: %s", strerror(errno));
}

static int
map_one(struct lab_backing *backing, const struct lab_backing_request *request,
	struct labyrinth_error *error)
{
	bool huge = request->kind == LABYRINTH_BACKING_HUGE_2M;
	void *base = huge ? map_huge(request) : map_plain(request);
	int ret;

	if (base == MAP_FAILED)
		return map_failed(request, error);
	ret = bind_to_node(base, request->size, request->node, error);
	/* MADV_POPULATE_WRITE (Linux 5.14) says -ENOMEM where a plain touch of a hugetlb
	 * page that is not there would be a SIGBUS. */
	if (ret == 0 && madvise(base, request->size, MADV_POPULATE_WRITE) != 0)
		ret = map_failed(request, error);
	if (ret == 0)
		ret = keep_from_children(base, request, error);
	if (ret != 0) {
		munmap(base, request->size);
		return ret;
	}
	*backing = (struct lab_backing){
		.kind = request->kind,
		.base = base,
		.size = request->size,
	};
	return 0;
}

int
lab_backing_map(struct lab_backing *backing, const struct lab_backing_request *request,
	struct labyrinth_error *error)
{
	struct lab_backing_request one = *request;
	int ret;

	one.size = (one.size + LABYRINTH_EXTENT_SIZE - 1) &
		~(size_t)(LABYRINTH_EXTENT_SIZE - 1);
	if (one.kind != LABYRINTH_BACKING_AUTO)
		return map_one(backing, &one, error);
	one.kind = LABYRINTH_BACKING_HUGE_2M;
	ret = map_one(backing, &one, error);
	if (ret == -ENOMEM) {
		one.kind = LABYRINTH_BACKING_PLAIN;
		ret = map_one(backing, &one, error);
	}
	return ret;
}

void
lab_backing_unmap(struct lab_backing *backing)
{
	if (backing->base != NULL)
		munmap(backing->base, backing->size);
	backing->base = NULL;
}
