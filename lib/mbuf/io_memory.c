/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* rte_dev_dma_map() is still marked experimental in 22.11; it has not changed since. */
#define ALLOW_EXPERIMENTAL_API

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "io_memory.h"

static bool
is_huge(const struct labyrinth_pool_stats *stats)
{
	static const char prefix[] = "hugetlb";

	return strncmp(stats->backing, prefix, sizeof(prefix) - 1) == 0;
}

/* Pages that processes share: EAL knows them, and maps them for devices. */
static bool
is_of_eal(const struct labyrinth_pool *pool)
{
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(pool, &stats);
	return strcmp(stats.backing, "lent") == 0;
}

struct lab_io_memory
lab_io_memory_of(const struct labyrinth_pool *pool)
{
	struct lab_io_memory memory;
	struct labyrinth_pool_stats stats;

	labyrinth_pool_stats(pool, &stats);
	memory.base = labyrinth_pool_base(pool);
	memory.page_size =
		is_huge(&stats) ? LABYRINTH_EXTENT_SIZE : (size_t)sysconf(_SC_PAGESIZE);
	memory.size = RTE_ALIGN_CEIL(
		(size_t)stats.pages * LABYRINTH_PAGE_SIZE, memory.page_size);
	return memory;
}

rte_iova_t
lab_io_memory_iova(const void *piece)
{
	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		return (uintptr_t)piece;
	return rte_mem_virt2phy(piece);
}

int
lab_io_memory_register(const struct labyrinth_pool *pool)
{
	struct lab_io_memory memory = lab_io_memory_of(pool);
	unsigned int n = memory.size / LABYRINTH_EXTENT_SIZE;
	rte_iova_t *iova;
	int ret;

	if (memory.page_size != LABYRINTH_EXTENT_SIZE)
		return 0;
	iova = calloc(n, sizeof(*iova));
	if (iova == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < n; i++)
		iova[i] = lab_io_memory_iova(
			RTE_PTR_ADD(memory.base, i * memory.page_size));
	ret = rte_extmem_register(memory.base, memory.size, iova, n, memory.page_size);
	free(iova);
	return ret == 0 ? 0 : -rte_errno;
}

void
lab_io_memory_unregister(const struct labyrinth_pool *pool)
{
	struct lab_io_memory memory = lab_io_memory_of(pool);

	if (is_of_eal(pool))
		return;
	rte_extmem_unregister(memory.base, memory.size);
}

/*
 * With physical addresses there is no IOMMU in use, and a bus that says ENOTSUP has
 * devices that need no mapping. EINVAL is EAL's word for memory that it does not know,
 * which ordinary pages are.
 */
int
lab_io_memory_dma_map(const struct labyrinth_pool *pool, struct rte_device *device)
{
	struct lab_io_memory memory = lab_io_memory_of(pool);

	if (rte_eal_iova_mode() != RTE_IOVA_VA || is_of_eal(pool))
		return 0;
	if (rte_dev_dma_map(device, memory.base, (uintptr_t)memory.base, memory.size) ==
		0)
		return 0;
	return rte_errno == ENOTSUP ? 0 : -rte_errno;
}

int
lab_io_memory_dma_unmap(const struct labyrinth_pool *pool, struct rte_device *device)
{
	struct lab_io_memory memory = lab_io_memory_of(pool);

	if (rte_eal_iova_mode() != RTE_IOVA_VA || is_of_eal(pool))
		return 0;
	if (rte_dev_dma_unmap(device, memory.base, (uintptr_t)memory.base, memory.size) ==
		0)
		return 0;
	return rte_errno == ENOTSUP ? 0 : -rte_errno;
}
