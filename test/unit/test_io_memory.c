/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/*
 * Description: what is mapped for devices, when and in which pieces; what is refused. The
 * functions of DPDK that do it are replaced by some that keep an IOMMU's books, so that
 * both IOVA modes and all failures are met without a card. The real ones are met in the
 * guest (suite "guest").
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "io_memory.h"
#include "labyrinth_pool.h"
#include "pci_binding.h"

#define EXTENT	 ((size_t)LABYRINTH_EXTENT_SIZE)
#define EXTENTS	 16u
#define FIXED	 4u
#define BASE	 ((char *)0x100000000)
#define PHYSICAL 0x40000000u

/* ---- what stands for DPDK ---- */

int rte_dev_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len);
int rte_dev_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len);

/** What the tests' devices are: never looked into but here. */
struct fake {
	const char *name;
	const char *bus;
	bool vfio;
};

static struct fake card_a = { "0000:00:10.0", "pci", true };
static struct fake card_b = { "0000:00:11.0", "pci", true };
static struct fake own_mapper = { "0000:00:12.0", "pci", false };
static struct fake virtual_port = { "net_null0", "vdev", false };

/** An IOMMU: of each extent, the piece that it was mapped in, 0 none. One a context. */
struct iommu {
	uint32_t piece[EXTENTS];
	rte_iova_t iova[EXTENTS];
	uint32_t pieces;
};

static struct iommu container, alone;
static enum rte_iova_mode mode;
static uint64_t scattered;  /* extents whose physical address follows no other, a mask */
static uint32_t maps_left;  /* mappings that succeed before one fails */
static int unmap_error, map_error, register_error;
static bool registered, blind;

static struct fake *
fake(const struct rte_device *device)
{
	return (struct fake *)(uintptr_t)device;
}

static struct rte_device *
device(struct fake *f)
{
	return (struct rte_device *)f;
}

const char *
rte_dev_name(const struct rte_device *dev)
{
	return fake(dev)->name;
}

const struct rte_bus *
rte_dev_bus(const struct rte_device *dev)
{
	return (const struct rte_bus *)dev;
}

const char *
rte_bus_name(const struct rte_bus *bus)
{
	return ((const struct fake *)bus)->bus;
}

enum rte_iova_mode
rte_eal_iova_mode(void)
{
	return mode;
}

bool
lab_pci_bound_to_vfio(const char *address)
{
	return strcmp(address, card_a.name) == 0 || strcmp(address, card_b.name) == 0;
}

static uint32_t
number(const void *address)
{
	return (uint32_t)(((const char *)address - BASE) / EXTENT);
}

/* Each scattered extent lies one further away than it would. */
phys_addr_t
rte_mem_virt2phy(const void *address)
{
	uint32_t i = number(address);
	uint64_t gaps = (uint64_t)__builtin_popcountll(scattered & ((2ull << i) - 1));

	return blind ? RTE_BAD_IOVA : PHYSICAL + (i + gaps) * EXTENT;
}

int
rte_extmem_register(void *base, size_t len, rte_iova_t iova[], unsigned int n, size_t size)
{
	assert_ptr_equal(base, BASE);
	assert_int_equal(len, EXTENTS * EXTENT);
	assert_int_equal(n, EXTENTS);
	assert_int_equal(size, EXTENT);
	assert_non_null(iova);
	registered = register_error == 0;
	rte_errno = register_error;
	return registered ? 0 : -1;
}

int
rte_extmem_unregister(void *base, size_t len)
{
	assert_ptr_equal(base, BASE);
	assert_int_equal(len, EXTENTS * EXTENT);
	assert_true(registered);
	registered = false;
	return 0;
}

static struct iommu *
iommu_of(struct rte_device *dev)
{
	return fake(dev)->vfio ? &container : &alone;
}

/* As EAL: only memory in its list; what is mapped is not mapped twice here. */
int
rte_dev_dma_map(struct rte_device *dev, void *address, uint64_t iova, size_t len)
{
	struct iommu *u = iommu_of(dev);

	assert_true(registered);
	if (maps_left-- == 0 || map_error == ENOTSUP) {
		rte_errno = map_error;
		return -1;
	}
	u->pieces++;
	for (size_t i = 0; i < len / EXTENT; i++) {
		assert_int_equal(u->piece[number(address) + i], 0);
		u->piece[number(address) + i] = u->pieces;
		u->iova[number(address) + i] = iova + i * EXTENT;
	}
	return 0;
}

/* As VFIO: nothing but whole pieces, at their addresses. */
int
rte_dev_dma_unmap(struct rte_device *dev, void *address, uint64_t iova, size_t len)
{
	struct iommu *u = iommu_of(dev);
	uint32_t first = number(address), last = first + (uint32_t)(len / EXTENT) - 1;

	if (unmap_error != 0) {
		rte_errno = unmap_error;
		return -1;
	}
	assert_int_equal(u->iova[first], iova);
	assert_true(first == 0 || u->piece[first - 1] != u->piece[first]);
	assert_true(last == EXTENTS - 1 || u->piece[last + 1] != u->piece[last]);
	for (uint32_t i = first; i <= last; i++) {
		assert_int_not_equal(u->piece[i], 0);
		u->piece[i] = 0;
	}
	return 0;
}

/* ---- helpers ---- */

static struct labyrinth_error error;

static struct lab_io *
begin_with(const char *backing, enum rte_iova_mode iova_mode)
{
	const struct lab_io_config config = {
		.base = BASE,
		.size = EXTENTS * EXTENT,
		.fixed = FIXED * EXTENT,
		.backing = backing,
	};
	struct lab_io *io = NULL;

	mode = iova_mode;
	assert_int_equal(lab_io_create(&config, &io), 0);
	return io;
}

static int
reset(void **state)
{
	(void)state;
	memset(&container, 0, sizeof(container));
	memset(&alone, 0, sizeof(alone));
	scattered = 0;
	maps_left = UINT32_MAX;
	unmap_error = map_error = register_error = 0;
	blind = false;
	error.text[0] = '\0';
	return 0;
}

/* Extents mapped, which are to be those of the mask, each at its IO address. */
static void
expect_mapped(const struct iommu *u, uint32_t mask)
{
	for (uint32_t i = 0; i < EXTENTS; i++) {
		char *address = BASE + i * EXTENT;
		rte_iova_t iova = mode == RTE_IOVA_VA ? (uintptr_t)address
						      : rte_mem_virt2phy(address);

		assert_int_equal(u->piece[i] != 0, mask >> i & 1);
		if (u->piece[i] != 0)
			assert_int_equal(u->iova[i], iova);
	}
}

static void
end(struct lab_io *io)
{
	assert_null(lab_io_mapped_for(io));
	expect_mapped(&container, 0);
	expect_mapped(&alone, 0);
	lab_io_destroy(io);
	assert_false(registered);
}

/* ---- tests ---- */

static void
what_has_memory_is_mapped(void **state)
{
	(void)state;
	for (int m = 0; m < 2; m++) {
		struct lab_io *io =
			begin_with("hugetlb-2M", m == 0 ? RTE_IOVA_VA : RTE_IOVA_PA);

		assert_int_equal(lab_io_map(io, device(&card_a), &error), 0);
		assert_string_equal(lab_io_mapped_for(io), card_a.name);
		expect_mapped(&container, 0xf);
		assert_int_equal(lab_io_map(io, device(&card_a), &error), -EEXIST);
		assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
		assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
		end(io);
	}
	/* one piece each: EAL has place for few */
	assert_int_equal(container.pieces, 2);
}

static void
physical_addresses_that_do_not_follow_are_apart(void **state)
{
	struct lab_io *io;

	(void)state;
	scattered = 1u << 2;
	io = begin_with("hugetlb-2M", RTE_IOVA_PA);
	assert_int_equal(lab_io_address(io, BASE + EXTENT + 5), PHYSICAL + EXTENT + 5);
	assert_int_equal(
		lab_io_address(io, BASE + 2 * EXTENT + 5), PHYSICAL + 3 * EXTENT + 5);
	assert_true(lab_io_address(io, BASE + FIXED * EXTENT) == RTE_BAD_IOVA);
	assert_int_equal(lab_io_map(io, device(&card_a), &error), 0);
	assert_int_equal(container.pieces, 2);
	expect_mapped(&container, 0xf);
	assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
	end(io);
}

static void
what_comes_and_goes_is_mapped_and_unmapped(void **state)
{
	(void)state;
	for (int m = 0; m < 2; m++) {
		struct lab_io *io =
			begin_with("hugetlb-2M", m == 0 ? RTE_IOVA_VA : RTE_IOVA_PA);

		assert_int_equal(lab_io_online(io, BASE + 4 * EXTENT, EXTENT), 0);
		assert_int_equal(lab_io_map(io, device(&card_a), &error), 0);
		expect_mapped(&container, 0x1f);
		assert_int_equal(lab_io_online(io, BASE + 5 * EXTENT, 2 * EXTENT), 0);
		expect_mapped(&container, 0x7f);
		/* One that came before the device, one of two that came together. */
		lab_io_offline(io, BASE + 4 * EXTENT, EXTENT);
		lab_io_offline(io, BASE + 6 * EXTENT, EXTENT);
		expect_mapped(&container, 0x2f);
		assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
		end(io);
	}
}

static void
memory_that_comes_back_elsewhere_has_its_new_address(void **state)
{
	struct lab_io *io = begin_with("hugetlb-2M", RTE_IOVA_PA);
	char *address = BASE + 4 * EXTENT;

	(void)state;
	assert_int_equal(lab_io_map(io, device(&card_a), &error), 0);
	assert_int_equal(lab_io_online(io, address, EXTENT), 0);
	assert_int_equal(lab_io_address(io, address + 7), PHYSICAL + 4 * EXTENT + 7);
	lab_io_offline(io, address, EXTENT);
	scattered = 1u << 4;
	assert_int_equal(lab_io_online(io, address, EXTENT), 0);
	assert_int_equal(lab_io_address(io, address + 7), PHYSICAL + 5 * EXTENT + 7);
	expect_mapped(&container, 0x1f);
	assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
	end(io);
}

/* The first to come leaves first: what it mapped must stay for the other. */
static void
devices_of_vfio_share_a_mapping(void **state)
{
	struct lab_io *io = begin_with("hugetlb-2M", RTE_IOVA_VA);

	(void)state;
	assert_int_equal(lab_io_map(io, device(&card_a), &error), 0);
	assert_int_equal(lab_io_map(io, device(&own_mapper), &error), 0);
	assert_int_equal(lab_io_map(io, device(&card_b), &error), 0);
	assert_int_equal(lab_io_online(io, BASE + 9 * EXTENT, EXTENT), 0);
	expect_mapped(&container, 0x20f);
	expect_mapped(&alone, 0x20f);
	assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
	expect_mapped(&container, 0x20f);
	lab_io_offline(io, BASE + 9 * EXTENT, EXTENT);
	expect_mapped(&container, 0xf);
	expect_mapped(&alone, 0xf);
	assert_int_equal(lab_io_unmap(io, device(&own_mapper), &error), 0);
	expect_mapped(&alone, 0);
	expect_mapped(&container, 0xf);
	assert_int_equal(lab_io_unmap(io, device(&card_b), &error), 0);
	end(io);
}

static void
a_mapping_that_fails_leaves_nothing(void **state)
{
	struct lab_io *io;

	(void)state;
	scattered = 0xe;
	io = begin_with("hugetlb-2M", RTE_IOVA_PA);
	map_error = ENOMEM;
	for (uint32_t good = 0; good < FIXED; good++) {
		maps_left = good;
		assert_int_equal(lab_io_map(io, device(&card_a), &error), -ENOMEM);
		assert_non_null(strstr(error.text, "ulimit -l"));
		expect_mapped(&container, 0);
	}
	/* Mapped for the one, then not for the other: no page of it may be used. */
	maps_left = UINT32_MAX;
	assert_int_equal(lab_io_map(io, device(&card_a), &error), 0);
	assert_int_equal(lab_io_map(io, device(&own_mapper), &error), 0);
	for (uint32_t good = 0; good < 4; good++) {
		maps_left = good;
		assert_int_equal(
			lab_io_online(io, BASE + 4 * EXTENT, 2 * EXTENT), -ENOMEM);
		expect_mapped(&container, 0xf);
		expect_mapped(&alone, 0xf);
	}
	maps_left = UINT32_MAX;
	assert_int_equal(lab_io_online(io, BASE + 4 * EXTENT, 2 * EXTENT), 0);
	expect_mapped(&container, 0x3f);
	assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
	assert_int_equal(lab_io_unmap(io, device(&own_mapper), &error), 0);
	end(io);
}

/* Else the device would write into memory that is the kernel's again. */
static void
an_extent_that_stays_mapped_does_not_come_back(void **state)
{
	struct lab_io *io = begin_with("hugetlb-2M", RTE_IOVA_VA);
	char *address = BASE + 7 * EXTENT;

	(void)state;
	assert_int_equal(lab_io_map(io, device(&card_a), &error), 0);
	assert_int_equal(lab_io_online(io, address, EXTENT), 0);
	unmap_error = EIO;
	lab_io_offline(io, address, EXTENT);
	unmap_error = 0;
	assert_int_equal(lab_io_online(io, address, EXTENT), -EBUSY);
	assert_int_equal(lab_io_online(io, address + EXTENT, EXTENT), 0);
	assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
	expect_mapped(&container, 1u << 7);
	container.piece[7] = 0;
	end(io);
}

static void
memory_that_is_not_for_dma_is_refused(void **state)
{
	static const struct {
		const char *backing, *reason;
	} cases[] = {
		{ "memfd-secret", "pin" },
		{ "plain-4K", "reserve hugepages" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lab_io *io = begin_with(cases[i].backing, RTE_IOVA_VA);

		assert_int_equal(lab_io_map(io, device(&card_a), &error), -ENOTSUP);
		assert_non_null(strstr(error.text, cases[i].reason));
		assert_non_null(strstr(error.text, card_a.name));
		assert_int_equal(lab_io_map(io, device(&virtual_port), &error), 0);
		assert_int_equal(lab_io_unmap(io, device(&virtual_port), &error), 0);
		end(io);
	}
}

static void
unknown_physical_addresses_are_refused(void **state)
{
	struct lab_io *io;

	(void)state;
	blind = true;
	io = begin_with("hugetlb-2M", RTE_IOVA_PA);
	assert_true(lab_io_address(io, BASE) == RTE_BAD_IOVA);
	assert_int_equal(lab_io_map(io, device(&card_a), &error), -EPERM);
	assert_non_null(strstr(error.text, "--iova-mode=va"));
	assert_int_equal(lab_io_map(io, device(&virtual_port), &error), 0);
	lab_io_destroy(io);
	/* Known at first, but not of what comes. */
	blind = false;
	io = begin_with("hugetlb-2M", RTE_IOVA_PA);
	assert_int_equal(lab_io_map(io, device(&card_a), &error), 0);
	blind = true;
	assert_int_equal(lab_io_online(io, BASE + 8 * EXTENT, EXTENT), -EPERM);
	blind = false;
	expect_mapped(&container, 0xf);
	assert_int_equal(lab_io_unmap(io, device(&card_a), &error), 0);
	end(io);
}

static void
a_full_list_of_eal_is_told_to_cards_only(void **state)
{
	struct lab_io *io;

	(void)state;
	register_error = ENOSPC;
	io = begin_with("hugetlb-2M", RTE_IOVA_VA);
	assert_int_equal(lab_io_map(io, device(&card_a), &error), -ENOSPC);
	assert_non_null(strstr(error.text, "list of memory"));
	assert_int_equal(lab_io_map(io, device(&virtual_port), &error), 0);
	end(io);
}

/* uio without an IOMMU: the bus has nothing to map. */
static void
a_bus_that_maps_nothing_is_content(void **state)
{
	struct lab_io *io = begin_with("hugetlb-2M", RTE_IOVA_PA);

	(void)state;
	map_error = unmap_error = ENOTSUP;
	assert_int_equal(lab_io_map(io, device(&own_mapper), &error), 0);
	assert_int_equal(lab_io_online(io, BASE + 8 * EXTENT, EXTENT), 0);
	lab_io_offline(io, BASE + 8 * EXTENT, EXTENT);
	assert_int_equal(lab_io_unmap(io, device(&own_mapper), &error), 0);
	end(io);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_has_memory_is_mapped, reset),
		cmocka_unit_test_setup(
			physical_addresses_that_do_not_follow_are_apart, reset),
		cmocka_unit_test_setup(what_comes_and_goes_is_mapped_and_unmapped, reset),
		cmocka_unit_test_setup(
			memory_that_comes_back_elsewhere_has_its_new_address, reset),
		cmocka_unit_test_setup(devices_of_vfio_share_a_mapping, reset),
		cmocka_unit_test_setup(a_mapping_that_fails_leaves_nothing, reset),
		cmocka_unit_test_setup(
			an_extent_that_stays_mapped_does_not_come_back, reset),
		cmocka_unit_test_setup(memory_that_is_not_for_dma_is_refused, reset),
		cmocka_unit_test_setup(unknown_physical_addresses_are_refused, reset),
		cmocka_unit_test_setup(a_full_list_of_eal_is_told_to_cards_only, reset),
		cmocka_unit_test_setup(a_bus_that_maps_nothing_is_content, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
