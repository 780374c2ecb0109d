/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>

#include <rte_malloc.h>

#include "mempool.h"

/* Where in the chunk, and which numbers. */
struct placement {
	struct lab_layout layout;
	char *start;
	rte_iova_t iova;   /* of start */
	uint32_t first, n;
};

ssize_t
lab_mempool_mem_size(const struct rte_mempool *mp, uint32_t objects, uint32_t page_shift,
	size_t *min_chunk, size_t *align)
{
	struct lab_mempool *m = mp->pool_data;
	struct lab_layout layout;

	if (m == NULL)
		return -EINVAL;
	layout = lab_layout_best(m->object_size);
	m->asked = true;
	if (layout.per_page == 0)
		return rte_mempool_op_calc_mem_size_helper(mp, objects, page_shift, 0,
			min_chunk, align);
	*min_chunk = LAB_LAYOUT_PAGE;
	*align = LAB_LAYOUT_PAGE;
	return (ssize_t)lab_layout_size(&layout, objects);
}

/* How as many of the objects as there is room for lie in the chunk. */
static struct placement
place(const struct lab_mempool *m, uint32_t max, char *address, size_t len)
{
	uint32_t have = atomic_load_explicit(&m->objects, memory_order_relaxed);
	struct placement p = { .first = have + 1 };
	uint64_t capacity;

	max = RTE_MIN(max, m->size - have);
	/* Memory of the size that DPDK was told has room for pages. */
	p.layout = m->asked ? lab_layout_best(m->object_size) :
		lab_layout_for_chunk(m->object_size, (uintptr_t)address, len, max);
	capacity = lab_layout_capacity(&p.layout, (uintptr_t)address, len);
	p.n = (uint32_t)RTE_MIN((uint64_t)max, capacity);
	p.start = (char *)lab_layout_start(&p.layout, (uintptr_t)address);
	return p;
}

/* Readers see the old list or the new one, both of which they may use until the end. */
static int
add_region(struct lab_mempool *m, const struct placement *p)
{
	struct lab_regions *old = atomic_load_explicit(&m->regions, memory_order_relaxed);
	struct lab_regions *list =
		rte_malloc("labyrinth", lab_regions_size(old->count + 1), 0);
	struct lab_region region =
		lab_region_of(&p->layout, (uintptr_t)p->start, p->first, p->n);

	if (list == NULL)
		return -ENOMEM;
	lab_regions_add(list, old, &region);
	/* release: who sees the list sees what is in it */
	atomic_store_explicit(&m->regions, list, memory_order_release);
	return 0;
}

/* The last objects came. */
static void
complete(struct lab_mempool *m)
{
	const struct lab_regions *list =
		atomic_load_explicit(&m->regions, memory_order_relaxed);

	if (list->count != 1 || m->layout.per_page != 1)
		return;
	m->origin = list->at[0].origin;
	/* release: who sees the span sees the origin */
	atomic_store_explicit(&m->span, list->at[0].end - list->at[0].origin,
		memory_order_release);
}

/*
 * The pool was made with all its numbers free. If they do not get their objects all at
 * once, those without one must be kept from being handed out.
 */
static void
withhold(struct lab_mempool *m)
{
	struct labyrinth_owner *owner = m->hand[LAB_OTHERS]->owner;
	uint32_t number[LAB_CHUNK];

	if (m->withheld)
		return;
	while (labyrinth_alloc_index_burst(
		       owner, LABYRINTH_GFP_ATOMIC, number, LAB_CHUNK) != 0)
		;
	m->withheld = true;
}

static void
supply(struct lab_mempool *m, uint32_t first, uint32_t n)
{
	uint32_t number[LAB_CHUNK], part;

	for (; n > 0; first += part, n -= part) {
		part = RTE_MIN(n, LAB_CHUNK);
		for (uint32_t i = 0; i < part; i++)
			number[i] = first + i;
		labyrinth_free_index_bulk(m->hand[LAB_OTHERS]->owner, number, part, NULL);
	}
}

int
lab_mempool_populate(struct rte_mempool *mp, unsigned int max, void *address,
	rte_iova_t iova, size_t len, rte_mempool_populate_obj_cb_t *obj_cb, void *arg)
{
	struct lab_mempool *m = mp->pool_data;
	struct placement p = place(m, max, address, len);
	int ret;

	/* 0, not -errno: rte_mempool_populate_iova() takes that for objects. */
	if (p.n == 0)
		return 0;
	ret = add_region(m, &p);
	if (ret != 0)
		return 0;
	if (p.n != m->size)
		withhold(m);
	if (iova != RTE_BAD_IOVA)
		iova += (rte_iova_t)(p.start - (char *)address);
	for (uint32_t i = 0; i < p.n; i++) {
		size_t offset = lab_layout_offset(&p.layout, (p.first - 1) /
			RTE_MAX(p.layout.per_page, 1u), i);

		m->object[p.first + i] = p.start + offset;
		obj_cb(mp, arg, p.start + offset,
			iova == RTE_BAD_IOVA ? RTE_BAD_IOVA : iova + offset);
	}
	m->layout = p.layout;
	/* release: the addresses before the number of them */
	atomic_store_explicit(&m->objects, p.first - 1 + p.n, memory_order_release);
	if (m->objects == m->size)
		complete(m);
	if (m->withheld)
		supply(m, p.first, p.n);
	return (int)p.n;
}
