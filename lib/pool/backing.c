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

/*
 * Prefault through MADV_POPULATE_WRITE (Linux 5.14), which says -ENOMEM where a
 * plain touch of a hugetlb page that is not there would be a SIGBUS.
 */
static int
populate(void *base, size_t size, enum labyrinth_backing kind, int node,
	struct labyrinth_error *error)
{
	if (madvise(base, size, MADV_POPULATE_WRITE) == 0)
		return 0;
	if (kind == LABYRINTH_BACKING_HUGE_2M)
		return labyrinth_fail(error, -ENOMEM,
			"need %zu free 2 MiB hugepages on node %d, found %lu: "
			"run scripts/setup.sh config", size / LABYRINTH_EXTENT_SIZE, node,
			free_hugepages(node));
	return labyrinth_fail(error, -ENOMEM,
		"need %zu MiB of memory for the pages: %s", size >> 20, strerror(errno));
}

/* Over-allocate by an extent and cut, so that plain pages are aligned like huge ones. */
static void *
map_aligned(size_t size)
{
	size_t room = size + LABYRINTH_EXTENT_SIZE;
	uintptr_t start, aligned;
	void *map = mmap(NULL, room, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return MAP_FAILED;
	start = (uintptr_t)map;
	aligned = (start + LABYRINTH_EXTENT_SIZE - 1) &
		~(uintptr_t)(LABYRINTH_EXTENT_SIZE - 1);
	if (aligned != start)
		munmap(map, aligned - start);
	if (start + room != aligned + size)
		munmap((void *)(aligned + size), start + room - (aligned + size));
	return (void *)aligned;
}

static void *
map_kind(enum labyrinth_backing kind, size_t size)
{
	if (kind == LABYRINTH_BACKING_PLAIN)
		return map_aligned(size);
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);
}

static int
map_failed(enum labyrinth_backing kind, size_t size, int node, struct labyrinth_error *error)
{
	int code = errno == ENOMEM || errno == EINVAL ? -ENOMEM : -errno;

	if (kind == LABYRINTH_BACKING_HUGE_2M)
		return labyrinth_fail(error, code,
			"need %zu free 2 MiB hugepages on node %d, found %lu: "
			"run scripts/setup.sh config", size / LABYRINTH_EXTENT_SIZE, node,
			free_hugepages(node));
	return labyrinth_fail(error, code, "cannot map %zu MiB for the pages: %s", size >> 20,
		strerror(errno));
}

static int
map_one(struct lab_backing *backing, enum labyrinth_backing kind, size_t size, int node,
	struct labyrinth_error *error)
{
	void *base = map_kind(kind, size);
	int ret;

	if (base == MAP_FAILED)
		return map_failed(kind, size, node, error);
	ret = bind_to_node(base, size, node, error);
	if (ret == 0)
		ret = populate(base, size, kind, node, error);
	/* exclusive: a forked child must not have the pages */
	if (ret == 0 && madvise(base, size, MADV_DONTFORK) != 0)
		ret = labyrinth_fail(error, -errno, "MADV_DONTFORK: %s", strerror(errno));
	if (ret != 0) {
		munmap(base, size);
		return ret;
	}
	*backing = (struct lab_backing){ .kind = kind, .base = base, .size = size };
	return 0;
}

int
lab_backing_map(struct lab_backing *backing, enum labyrinth_backing kind, size_t size,
	int node, struct labyrinth_error *error)
{
	int ret;

	size = (size + LABYRINTH_EXTENT_SIZE - 1) & ~(size_t)(LABYRINTH_EXTENT_SIZE - 1);
	if (kind != LABYRINTH_BACKING_AUTO)
		return map_one(backing, kind, size, node, error);
	ret = map_one(backing, LABYRINTH_BACKING_HUGE_2M, size, node, error);
	if (ret == -ENOMEM)
		ret = map_one(backing, LABYRINTH_BACKING_PLAIN, size, node, error);
	return ret;
}

void
lab_backing_unmap(struct lab_backing *backing)
{
	if (backing->base != NULL)
		munmap(backing->base, backing->size);
	backing->base = NULL;
}
