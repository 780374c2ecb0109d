/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* rte_dev_dma_map() is still marked experimental in 22.11; it has not changed since. */
#define ALLOW_EXPERIMENTAL_API

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "io_memory.h"
#include "labyrinth_pool.h"
#include "pci_binding.h"

/** An extent: what is mapped and unmapped as one, and contiguous for devices. */
struct extent {
	rte_iova_t iova;  /**< RTE_BAD_IOVA: not known */
	bool online;      /**< it has memory */
	bool stuck;       /**< it could not be unmapped: its old memory is still mapped */
};

struct target {
	struct rte_device *device;
	bool container;  /**< mapped for by the container that all VFIO devices share */
};

struct lab_io {
	struct lab_io_config config;
	int listed;            /**< 0, or why it is not in EAL's list of memory */
	pthread_mutex_t lock;  /**< for all below */
	uint32_t nb_targets;
	struct target target[LAB_IO_DEVICES_MAX];
	uint32_t nb_fixed;     /**< extents that stay */
	uint32_t nb_extents;
	struct extent extent[];
};

static bool
is_huge(const struct lab_io *io)
{
	static const char prefix[] = "hugetlb";

	return strncmp(io->config.backing, prefix, sizeof(prefix) - 1) == 0;
}

static void *
address_of(const struct lab_io *io, uint32_t extent)
{
	return RTE_PTR_ADD(io->config.base, (size_t)extent * LABYRINTH_EXTENT_SIZE);
}

static uint32_t
extent_at(const struct lab_io *io, const void *address)
{
	return (uint32_t)(RTE_PTR_DIFF(address, io->config.base) / LABYRINTH_EXTENT_SIZE);
}

/* ---- the range ---- */

static rte_iova_t
ask_iova(const void *address)
{
	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		return (uintptr_t)address;
	return rte_mem_virt2phy(address);
}

/*
 * Extents without memory are in the list too, so that it need not change later. PMDs
 * take the IO addresses of mbufs from the mbufs.
 */
static int
enter_in_list(const struct lab_io *io)
{
	rte_iova_t *iova;
	int ret;

	if (!is_huge(io))
		return -ENOTSUP;
	iova = calloc(io->nb_extents, sizeof(*iova));
	if (iova == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < io->nb_extents; i++)
		iova[i] = io->extent[i].iova;
	ret = rte_extmem_register(io->config.base,
		(size_t)io->nb_extents * LABYRINTH_EXTENT_SIZE, iova, io->nb_extents,
		LABYRINTH_EXTENT_SIZE);
	free(iova);
	return ret == 0 ? 0 : -rte_errno;
}

int
lab_io_create(const struct lab_io_config *config, struct lab_io **io)
{
	uint32_t n = (uint32_t)((config->size + LABYRINTH_EXTENT_SIZE - 1) /
				LABYRINTH_EXTENT_SIZE);
	struct lab_io *made = calloc(1, sizeof(*made) + n * sizeof(made->extent[0]));

	if (made == NULL)
		return -ENOMEM;
	made->config = *config;
	made->nb_extents = n;
	made->nb_fixed = (uint32_t)((config->fixed + LABYRINTH_EXTENT_SIZE - 1) /
				    LABYRINTH_EXTENT_SIZE);
	pthread_mutex_init(&made->lock, NULL);
	for (uint32_t i = 0; i < n; i++) {
		made->extent[i].online = i < made->nb_fixed;
		made->extent[i].iova = RTE_BAD_IOVA;
		/* Ordinary pages are not contiguous: asked for one by one. */
		if (made->extent[i].online && is_huge(made))
			made->extent[i].iova = ask_iova(address_of(made, i));
	}
	made->listed = enter_in_list(made);
	*io = made;
	return 0;
}

void
lab_io_destroy(struct lab_io *io)
{
	if (io->listed == 0)
		rte_extmem_unregister(
			io->config.base, (size_t)io->nb_extents * LABYRINTH_EXTENT_SIZE);
	pthread_mutex_destroy(&io->lock);
	free(io);
}

rte_iova_t
lab_io_address(struct lab_io *io, const void *data)
{
	uint32_t i = extent_at(io, data);
	rte_iova_t iova;

	if (rte_eal_iova_mode() == RTE_IOVA_VA)
		return (uintptr_t)data;
	if (!is_huge(io))
		return rte_mem_virt2phy(data);
	pthread_mutex_lock(&io->lock);
	iova = io->extent[i].iova;
	pthread_mutex_unlock(&io->lock);
	if (iova == RTE_BAD_IOVA)
		return RTE_BAD_IOVA;
	return iova + (rte_iova_t)RTE_PTR_DIFF(data, address_of(io, i));
}

/* ---- mapping, under the lock ---- */

/* Not all of EAL's failures come with a number; its log has the rest. */
static int
error_of_eal(void)
{
	return rte_errno == 0 ? -EIO : -rte_errno;
}

/* A bus that says ENOTSUP has devices that need no mapping. */
static int
map_extents(const struct lab_io *io, struct rte_device *device, uint32_t i, uint32_t n)
{
	rte_errno = 0;
	if (rte_dev_dma_map(device, address_of(io, i), io->extent[i].iova,
		    (size_t)n * LABYRINTH_EXTENT_SIZE) == 0)
		return 0;
	return rte_errno == ENOTSUP ? 0 : error_of_eal();
}

static int
unmap_extents(const struct lab_io *io, struct rte_device *device, uint32_t i, uint32_t n)
{
	rte_errno = 0;
	if (rte_dev_dma_unmap(device, address_of(io, i), io->extent[i].iova,
		    (size_t)n * LABYRINTH_EXTENT_SIZE) == 0)
		return 0;
	return rte_errno == ENOTSUP ? 0 : error_of_eal();
}

/*
 * Extents from @p i that are mapped as one. VFIO unmaps only what was mapped as one, so
 * those that may go are mapped singly. The others go together as far as their IO
 * addresses do, as EAL has place for 256 mappings of users.
 */
static uint32_t
run_from(const struct lab_io *io, uint32_t i)
{
	uint32_t n = 1;

	while (i + n < io->nb_fixed &&
		io->extent[i + n].iova == io->extent[i].iova +
						  (rte_iova_t)n * LABYRINTH_EXTENT_SIZE)
		n++;
	return n;
}

/* Unmap the runs before extent @p end; the first error is told, the rest still done. */
static int
unmap_until(const struct lab_io *io, struct rte_device *device, uint32_t end)
{
	int ret = 0, one;

	for (uint32_t i = 0, n; i < end; i += n) {
		n = run_from(io, i);
		one = io->extent[i].online ? unmap_extents(io, device, i, n) : 0;
		ret = ret == 0 ? one : ret;
	}
	return ret;
}

static int
map_all(const struct lab_io *io, struct rte_device *device)
{
	int ret = 0;

	for (uint32_t i = 0, n; i < io->nb_extents; i += n) {
		n = run_from(io, i);
		if (io->extent[i].online)
			ret = map_extents(io, device, i, n);
		if (ret == 0)
			continue;
		unmap_until(io, device, i);
		return ret;
	}
	return 0;
}

/* Whether target @p t is served by the mapping for another one before it. */
static bool
is_served(const struct lab_io *io, uint32_t t)
{
	for (uint32_t i = 0; i < t && io->target[t].container; i++) {
		if (io->target[i].container)
			return true;
	}
	return false;
}

/* ---- extents that come and go ---- */

static void
unmap_one(struct lab_io *io, uint32_t extent, uint32_t nb_targets)
{
	struct extent *e = &io->extent[extent];

	for (uint32_t t = 0; t < nb_targets; t++) {
		if (!is_served(io, t) &&
			unmap_extents(io, io->target[t].device, extent, 1) != 0)
			e->stuck = true;
	}
	e->online = false;
}

static int
map_one(struct lab_io *io, uint32_t extent)
{
	struct extent *e = &io->extent[extent];
	int ret = 0;

	/* Mapped anew, the IOMMU would go on with the memory that was there before. */
	if (e->stuck)
		return -EBUSY;
	e->iova = is_huge(io) ? ask_iova(address_of(io, extent)) : RTE_BAD_IOVA;
	e->online = true;
	if (io->nb_targets > 0 && e->iova == RTE_BAD_IOVA && is_huge(io))
		ret = -EPERM;
	for (uint32_t t = 0; t < io->nb_targets && ret == 0; t++) {
		if (!is_served(io, t))
			ret = map_extents(io, io->target[t].device, extent, 1);
		if (ret != 0)
			unmap_one(io, extent, t);
	}
	e->online = ret == 0;
	return ret;
}

int
lab_io_online(struct lab_io *io, void *address, size_t size)
{
	uint32_t first = extent_at(io, address), done = 0;
	uint32_t n = (uint32_t)(size / LABYRINTH_EXTENT_SIZE);
	int ret = 0;

	pthread_mutex_lock(&io->lock);
	while (done < n && ret == 0) {
		ret = map_one(io, first + done);
		done += ret == 0;
	}
	while (ret != 0 && done > 0)
		unmap_one(io, first + --done, io->nb_targets);
	pthread_mutex_unlock(&io->lock);
	return ret;
}

void
lab_io_offline(struct lab_io *io, void *address, size_t size)
{
	uint32_t first = extent_at(io, address);
	uint32_t n = (uint32_t)(size / LABYRINTH_EXTENT_SIZE);

	pthread_mutex_lock(&io->lock);
	for (uint32_t i = 0; i < n; i++)
		unmap_one(io, first + i, io->nb_targets);
	pthread_mutex_unlock(&io->lock);
}

/* ---- devices that come and go ---- */

static uint32_t
find(const struct lab_io *io, const struct rte_device *device)
{
	uint32_t t = 0;

	while (t < io->nb_targets && io->target[t].device != device)
		t++;
	return t;
}

/* Devices made by software read and write as the process does. */
static bool
is_virtual(const struct rte_device *device)
{
	return strcmp(rte_bus_name(rte_dev_bus(device)), "vdev") == 0;
}

static int
refuse_backing(const struct lab_io *io, const char *name, struct labyrinth_error *error)
{
	if (strcmp(io->config.backing, "memfd-secret") == 0)
		return labyrinth_fail(error, -ENOTSUP,
			"%s cannot write into memfd-secret pages: the kernel has no map of "
			"them to pin them by; use hugepages for cards, and secret memory "
			"for virtual ports",
			name);
	return labyrinth_fail(error, -ENOTSUP,
		"%s cannot write into %s pages: nothing keeps them at one physical "
		"address; reserve hugepages (scripts/setup.sh config)",
		name, io->config.backing);
}

static int
check_target(const struct lab_io *io, const char *name, struct labyrinth_error *error)
{
	if (io->nb_targets == LAB_IO_DEVICES_MAX)
		return labyrinth_fail(error, -ENOSPC,
			"%s is one device more than the %d that pages can be mapped for: "
			"close another port first",
			name, LAB_IO_DEVICES_MAX);
	if (!is_huge(io))
		return refuse_backing(io, name, error);
	if (io->listed != 0)
		return labyrinth_fail(error, io->listed,
			"%s: EAL has no place for the pages in its list of memory (%s): "
			"make fewer pools, or larger ones",
			name, strerror(-io->listed));
	for (uint32_t i = 0; i < io->nb_extents; i++) {
		if (io->extent[i].online && io->extent[i].iova == RTE_BAD_IOVA)
			return labyrinth_fail(error, -EPERM,
				"%s: physical addresses are not to be known: run as root, "
				"or with an IOMMU and --iova-mode=va",
				name);
	}
	return 0;
}

static int
map_target(struct lab_io *io, struct rte_device *device, struct labyrinth_error *error)
{
	const char *name = rte_dev_name(device);
	bool virtual = is_virtual(device);
	uint32_t t = io->nb_targets;
	int ret = check_target(io, name, virtual ? NULL : error);

	if (ret != 0)
		return virtual ? 0 : ret;
	io->target[t].device = device;
	io->target[t].container = lab_pci_bound_to_vfio(name);
	if (!is_served(io, t))
		ret = map_all(io, device);
	if (ret != 0)
		return labyrinth_fail(error, ret,
			"%s: no DMA mapping of the pages at %p (%s, see EAL's log): check "
			"ulimit -l, dma_entry_limit of vfio_iommu_type1, and the IOMMU's "
			"address width; EAL has place for 256 mappings, with "
			"--iova-mode=pa more are needed the more scattered hugepages are",
			name, io->config.base, strerror(-ret));
	io->nb_targets++;
	return 0;
}

int
lab_io_map(struct lab_io *io, struct rte_device *device, struct labyrinth_error *error)
{
	int ret;

	pthread_mutex_lock(&io->lock);
	if (find(io, device) < io->nb_targets)
		ret = labyrinth_fail(error, -EEXIST,
			"%s: the pages are mapped for it already, once is enough",
			rte_dev_name(device));
	else
		ret = map_target(io, device, error);
	pthread_mutex_unlock(&io->lock);
	return ret;
}

/* In the order in which they came: who serves others stands before them. */
static void
remove_target(struct lab_io *io, uint32_t t)
{
	io->nb_targets--;
	memmove(&io->target[t], &io->target[t + 1],
		(io->nb_targets - t) * sizeof(io->target[0]));
}

static bool
serves_others(const struct lab_io *io, uint32_t t)
{
	for (uint32_t i = 0; i < io->nb_targets && io->target[t].container; i++) {
		if (i != t && io->target[i].container)
			return true;
	}
	return false;
}

int
lab_io_unmap(struct lab_io *io, struct rte_device *device, struct labyrinth_error *error)
{
	uint32_t t;
	int ret = 0;

	pthread_mutex_lock(&io->lock);
	t = find(io, device);
	if (t < io->nb_targets && !serves_others(io, t))
		ret = unmap_until(io, device, io->nb_extents);
	if (ret != 0)
		labyrinth_fail(error, ret,
			"%s: a DMA mapping stays (%s, see EAL's log): unmap after the port "
			"is stopped and before it is closed",
			rte_dev_name(device), strerror(-ret));
	if (t < io->nb_targets)
		remove_target(io, t);
	pthread_mutex_unlock(&io->lock);
	return ret;
}

const char *
lab_io_mapped_for(struct lab_io *io)
{
	const char *name = NULL;

	pthread_mutex_lock(&io->lock);
	if (io->nb_targets > 0)
		name = rte_dev_name(io->target[0].device);
	pthread_mutex_unlock(&io->lock);
	return name;
}
