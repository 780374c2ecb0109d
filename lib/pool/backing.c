/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "backing.h"

#include <errno.h>
#include <fcntl.h>
#include <numa.h>
#include <numaif.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif
#ifndef MAP_HUGE_1GB
#define MAP_HUGE_1GB (30 << 26)
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define HUGE_1G (UINT64_C(1) << 30)

/* Where room is looked for at low addresses: beyond the 4 GiB in which other devices and
 * interrupts have theirs, in steps that come past what EAL reserves soon. */
#define LOW_BEGIN (UINT64_C(4) << 30)
#define LOW_STEP  (UINT64_C(1) << 30)

/* What is different from kind to kind. */
struct kind {
	const char *name;
	size_t unit;
	int map_flags;
	const char *pool;   /* directory of the kernel's hugepage pool, or NULL */
	const char *fix;    /* what to run when it has too few */
};

static const struct kind kinds[] = {
	[LABYRINTH_BACKING_AUTO] = { "auto", LABYRINTH_EXTENT_SIZE, 0, NULL, NULL },
	[LABYRINTH_BACKING_HUGE_2M] = { "hugetlb-2M", LABYRINTH_EXTENT_SIZE,
		MAP_HUGETLB | MAP_HUGE_2MB, "hugepages-2048kB",
		"run scripts/setup.sh config" },
	[LABYRINTH_BACKING_HUGE_1G] = { "hugetlb-1G", HUGE_1G,
		MAP_HUGETLB | MAP_HUGE_1GB, "hugepages-1048576kB",
		"run scripts/setup.sh config --pages-1g N, or boot with hugepagesz=1G" },
	[LABYRINTH_BACKING_SECRET] = { "memfd-secret", LABYRINTH_EXTENT_SIZE, 0, NULL, NULL },
	[LABYRINTH_BACKING_PLAIN] = { "plain-4K", LABYRINTH_EXTENT_SIZE, 0, NULL, NULL },
	[LABYRINTH_BACKING_NONE] = { "none", LABYRINTH_EXTENT_SIZE, 0, NULL, NULL },
	[LABYRINTH_BACKING_LENT] = { "lent", LABYRINTH_PAGE_SIZE, 0, NULL, NULL },
};

const char *
lab_backing_name(enum labyrinth_backing kind)
{
	return kinds[kind].name;
}

size_t
lab_backing_unit(enum labyrinth_backing kind)
{
	return kinds[kind].unit;
}

/* ---- messages ---- */

/* Free hugepages on a node, or on all for -1; 0 when there is no such file. */
static unsigned long
free_hugepages(const struct kind *kind, int node)
{
	char path[128];
	unsigned long count = 0;
	FILE *file;

	if (node < 0)
		snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/%s/free_hugepages",
			kind->pool);
	else
		snprintf(path, sizeof(path),
			"/sys/devices/system/node/node%d/hugepages/%s/free_hugepages", node,
			kind->pool);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &count) != 1)
		count = 0;
	fclose(file);
	return count;
}

static int
no_memory(const struct lab_backing *backing, size_t size, struct labyrinth_error *error)
{
	const struct kind *kind = &kinds[backing->kind];
	int code = errno == EINVAL ? ENOMEM : errno;
	char where[24] = "";

	if (kind->pool == NULL)
		return labyrinth_fail(error, -code, "need %zu MiB of %s memory: %s",
			size >> 20, kind->name, strerror(errno));
	if (backing->node >= 0)
		snprintf(where, sizeof(where), " on node %d", backing->node);
	return labyrinth_fail(error, -code, "need %zu free %s hugepages%s, found %lu: %s",
		size / kind->unit, kind->unit == HUGE_1G ? "1 GiB" : "2 MiB", where,
		free_hugepages(kind, backing->node), kind->fix);
}

/* What the kernel says can be had without swapping, in bytes; SIZE_MAX: unknown. */
static size_t
available_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	size_t kib, available = SIZE_MAX;
	char line[128];

	if (file == NULL)
		return available;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "MemAvailable: %zu kB", &kib) == 1)
			available = kib << 10;
	fclose(file);
	return available;
}

int
lab_backing_check_room(size_t size, struct labyrinth_error *error)
{
	size_t available = available_memory();

	if (size < available)
		return 0;
	return labyrinth_fail(error, -ENOMEM,
		"need %zu MiB of memory, %zu MiB are available: ask for fewer pages",
		size >> 20, available >> 20);
}

/* ---- parts of a range ---- */

static int
check_node(int node, struct labyrinth_error *error)
{
	if (node < 0 || (node == 0 && numa_available() < 0))
		return 0;
	if (numa_available() < 0 || node > numa_max_node())
		return labyrinth_fail(error, -EINVAL,
			"NUMA node %d does not exist: allowed are 0 to %d, or -1 for any", node,
			numa_available() < 0 ? 0 : numa_max_node());
	return 0;
}

static int
bind_to_node(void *base, size_t size, int node)
{
	struct bitmask *nodes;
	long ret;

	if (node < 0 || numa_available() < 0)
		return 0;
	nodes = numa_allocate_nodemask();
	numa_bitmask_setbit(nodes, (unsigned int)node);
	ret = mbind(base, size, MPOL_BIND, nodes->maskp, nodes->size + 1, 0);
	numa_free_nodemask(nodes);
	return (int)ret;
}

/*
 * Memory that the kernel takes out of its own map. No descriptor stays open, so that
 * nobody can map it a second time.
 */
static void *
map_secret(void *at, size_t size)
{
	int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
	void *map = MAP_FAILED;

	if (fd < 0)
		return MAP_FAILED;
	if (ftruncate(fd, (off_t)size) == 0)
		map = mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	close(fd);
	return map;
}

/* The kernel may not look into secret memory, so it cannot populate it for us. */
static int
populate(char *base, size_t size, enum labyrinth_backing kind)
{
	if (kind != LABYRINTH_BACKING_SECRET)
		/* Linux 5.14; says -ENOMEM where a touch of a hugetlb page that is not
		 * there would be a SIGBUS */
		return madvise(base, size, MADV_POPULATE_WRITE);
	for (size_t at = 0; at < size; at += LABYRINTH_PAGE_SIZE)
		((volatile char *)base)[at] = 0;
	return 0;
}

static int
fill(const struct lab_backing *backing, char *at, size_t size)
{
	void *map = backing->kind == LABYRINTH_BACKING_SECRET ? map_secret(at, size) :
		mmap(at, size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_ANONYMOUS |
			(backing->shared ? MAP_SHARED : MAP_PRIVATE) |
			kinds[backing->kind].map_flags, -1, 0);

	if (map == MAP_FAILED || bind_to_node(at, size, backing->node) != 0 ||
			populate(at, size, backing->kind) != 0)
		return -1;
	/* exclusive: a forked child must not have the pages */
	return backing->shared ? 0 : madvise(at, size, MADV_DONTFORK);
}

static void *
map_nothing(void *at, size_t size, int fixed)
{
	return mmap(at, size, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed, -1, 0);
}

int
lab_backing_online(const struct lab_backing *backing, size_t offset, size_t size,
	struct labyrinth_error *error)
{
	char *at = (char *)backing->base + offset;
	int ret = check_node(backing->node, error);

	if (ret == 0 && kinds[backing->kind].pool == NULL)
		ret = lab_backing_check_room(size, error);
	if (ret != 0)
		return ret;
	if (fill(backing, at, size) == 0)
		return 0;
	if (backing->kind == LABYRINTH_BACKING_SECRET && errno == ENOSYS)
		ret = labyrinth_fail(error, -ENOTSUP,
			"the kernel has no memfd_secret: boot with secretmem.enable=1");
	else
		ret = no_memory(backing, size, error);
	lab_backing_offline(backing, offset, size);
	return ret;
}

void
lab_backing_offline(const struct lab_backing *backing, size_t offset, size_t size)
{
	char *at = (char *)backing->base + offset;

	/* The range must stay ours. A failure leaves the memory mapped, which is sound. */
	if (map_nothing(at, size, MAP_FIXED) == MAP_FAILED)
		return;
	if (!backing->shared)
		madvise(at, size, MADV_DONTFORK);
}

/* ---- the range ---- */

/* The kernel takes an address as a hint: what it gives elsewhere is given back. */
static void *
reserve_low(size_t size)
{
	for (uint64_t at = LOW_BEGIN; at + size <= LABYRINTH_LOW_END; at += LOW_STEP) {
		void *map = map_nothing((void *)(uintptr_t)at, size, 0);

		if ((uintptr_t)map == at)
			return map;
		if (map != MAP_FAILED)
			munmap(map, size);
	}
	return NULL;
}

/* Over-reserve by a unit and cut, so that the first page is aligned. */
static void *
reserve_range(size_t size, size_t unit, bool low)
{
	uintptr_t start, aligned, end;
	void *map = low ? reserve_low(size) : NULL;

	if (map != NULL)
		return map;
	map = map_nothing(NULL, size + unit, 0);

	if (map == MAP_FAILED)
		return NULL;
	start = (uintptr_t)map;
	aligned = (start + unit - 1) & ~(uintptr_t)(unit - 1);
	end = aligned + size;
	if (aligned != start)
		munmap(map, aligned - start);
	if (start + size + unit != end)
		munmap((void *)end, start + size + unit - end);
	return (void *)aligned;
}

static size_t
round_up(size_t size, size_t unit)
{
	return (size + unit - 1) & ~(unit - 1);
}

static int
map_one(struct lab_backing *backing, const struct lab_backing_request *request,
	struct labyrinth_error *error)
{
	size_t unit = kinds[request->kind].unit, size = round_up(request->size, unit);
	size_t range = round_up(request->reserve, unit);
	struct lab_backing made = { .kind = request->kind, .node = request->node,
		.size = range > size ? range : size, .shared = request->shared };
	int ret;

	made.base = reserve_range(made.size, unit, request->low);
	if (made.base == NULL)
		return no_memory(&made, made.size, error);
	ret = lab_backing_online(&made, 0, size, error);
	if (ret != 0) {
		lab_backing_unmap(&made);
		return ret;
	}
	*backing = made;
	return 0;
}

int
lab_backing_map(struct lab_backing *backing, const struct lab_backing_request *request,
	struct labyrinth_error *error)
{
	struct lab_backing_request one = *request;
	int ret;

	if (one.kind == LABYRINTH_BACKING_NONE || one.kind == LABYRINTH_BACKING_LENT) {
		*backing = (struct lab_backing){ .kind = one.kind, .node = one.node,
			.base = one.lent, .size = one.size };
		return 0;
	}
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
	if (backing->base != NULL && backing->kind != LABYRINTH_BACKING_LENT)
		munmap(backing->base, backing->size);
	backing->base = NULL;
}
