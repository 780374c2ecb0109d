/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_IO_MEMORY_H
#define LAB_IO_MEMORY_H

/**
 * @file
 * The pages as devices see them: IO addresses, EAL's list of memory, the IOMMU.
 *
 * A range of extents, some of which may have no memory yet. What has memory is mapped
 * for each device that was mapped for: an extent that comes is mapped before any of its
 * pages can be posted to a device, and one that goes, which has only free pages, is
 * unmapped before its memory is taken away.
 *
 * All devices bound to VFIO share one container, which maps once for all of them: the
 * range is mapped for the first and unmapped with the last. A device whose PMD maps by
 * itself (mlx5) is mapped for alone.
 *
 * Not for the data path. Any thread, several at once: a refiller brings and takes
 * extents beside set-up calls.
 */

#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_config.h>
#include <rte_dev.h>

#include "labyrinth_base.h"

/** Devices that a range can be mapped for: as many as there can be ports. */
#define LAB_IO_DEVICES_MAX RTE_MAX_ETHPORTS

/** A range of memory. */
struct lab_io_config {
	void *base;           /**< first byte, aligned to an extent */
	size_t size;          /**< bytes of the range, with memory or without */
	size_t fixed;         /**< bytes from base that have memory, which stays */
	const char *backing;  /**< name of the backing; only "hugetlb…" is for DMA */
};

struct lab_io;

/**
 * Take a range into EAL's list of memory, where PMDs look addresses up, if it is for
 * DMA. That this did not succeed is told by lab_io_map(), to who needs it.
 *
 * @return 0; -ENOMEM
 */
int
lab_io_create(const struct lab_io_config *config, struct lab_io **io);

/** Undo lab_io_create(). No device may be mapped for. */
void
lab_io_destroy(struct lab_io *io);

/**
 * IO address of a byte of the range: the virtual address in VA mode, the physical one
 * in PA mode if there is memory and the process may know it.
 *
 * @return RTE_BAD_IOVA when it is not known: no good for DMA, well for virtual NICs
 */
rte_iova_t
lab_io_address(struct lab_io *io, const void *data);

/**
 * Memory came to @p size bytes from @p address, whole extents: map it.
 *
 * @return 0; -errno of the mapping; -EBUSY what was there before could not be unmapped.
 *   On error nothing of it is mapped, and no page of it may be used
 */
int
lab_io_online(struct lab_io *io, void *address, size_t size);

/** The memory of @p size bytes from @p address is about to go: unmap it. */
void
lab_io_offline(struct lab_io *io, void *address, size_t size);

/**
 * Map for @p device all that has memory now or later.
 *
 * @return 0 done or not needed; -ENOTSUP memory that cannot be a target of DMA; -EPERM
 *   the physical addresses are not to be known; -EEXIST mapped for it already; -ENOSPC
 *   too many devices; -errno of the mapping. On error nothing stays mapped
 */
int
lab_io_map(struct lab_io *io, struct rte_device *device, struct labyrinth_error *error);

/** Undo lab_io_map(). @return 0 done or not needed; -errno of the unmapping */
int
lab_io_unmap(struct lab_io *io, struct rte_device *device, struct labyrinth_error *error);

/** Name of a device that is mapped for, NULL if there is none. */
const char *
lab_io_mapped_for(struct lab_io *io);

#endif /* LAB_IO_MEMORY_H */
