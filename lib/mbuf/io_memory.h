/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_IO_MEMORY_H
#define LAB_IO_MEMORY_H

/**
 * @file
 * The pages as devices see them: IO addresses, EAL's list of memory, the IOMMU.
 * Set-up calls, one thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_dev.h>

#include "labyrinth_pool.h"

/** The memory of a pool, in whole pages of the kernel's. */
struct lab_io_memory {
	void *base;
	size_t size;       /* bytes */
	size_t page_size;  /* bytes in one piece for a device */
};

/** Where the memory of @p pool is. */
struct lab_io_memory
lab_io_memory_of(const struct labyrinth_pool *pool);

/**
 * IO address of the piece of memory that @p piece starts: the virtual address in VA
 * mode, the physical one in PA mode if the process may know it.
 *
 * @return RTE_BAD_IOVA when it is not known: no good for DMA, well for virtual NICs
 */
rte_iova_t
lab_io_memory_iova(const void *piece);

/**
 * Enter the pages in EAL's list of memory, where PMDs look them up. Only hugepages
 * are worth it: others may move.
 *
 * @return 0 done or not needed; -errno, which virtual NICs need not care about
 */
int
lab_io_memory_register(const struct labyrinth_pool *pool);

/** Undo lab_io_memory_register(), also when it failed or did nothing. */
void
lab_io_memory_unregister(const struct labyrinth_pool *pool);

/** Map for @p device's IOMMU. @return 0 done or not needed; -errno */
int
lab_io_memory_dma_map(const struct labyrinth_pool *pool, struct rte_device *device);

/** Unmap. @return 0 done or not needed; -errno */
int
lab_io_memory_dma_unmap(const struct labyrinth_pool *pool, struct rte_device *device);

#endif /* LAB_IO_MEMORY_H */
