/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "layout.h"

static size_t
round_up(size_t size, size_t unit)
{
	return (size + unit - 1) & ~(unit - 1);
}

/* Odd, so that no power of two of pages brings the same colour again soon. */
static uint32_t
colours_in(size_t room)
{
	return (uint32_t)(room / LAB_LAYOUT_STEP) | 1u;
}

struct lab_layout
lab_layout_dense(struct lab_object_size size)
{
	return (struct lab_layout){
		.header = size.header,
		.colours = 1,
		.stride = (size_t)size.header + size.body + size.trailer,
		.used = (size_t)size.header + size.body + size.trailer_used,
	};
}

struct lab_layout
lab_layout_best(struct lab_object_size size)
{
	struct lab_layout layout = lab_layout_dense(size);
	size_t stride = round_up(layout.used, size.align);

	if (layout.used > LAB_LAYOUT_PAGE)
		return layout;
	/* the last object of a page needs no room behind it */
	layout.per_page = (uint32_t)((LAB_LAYOUT_PAGE - layout.used) / stride) + 1;
	layout.stride = stride;
	layout.colours = colours_in(LAB_LAYOUT_PAGE -
		(layout.per_page - 1) * stride - layout.used);
	return layout;
}

uintptr_t
lab_layout_start(const struct lab_layout *layout, uintptr_t address)
{
	return layout->per_page != 0 ? round_up(address, LAB_LAYOUT_PAGE) : address;
}

uint64_t
lab_layout_capacity(const struct lab_layout *layout, uintptr_t address, size_t len)
{
	size_t lost = lab_layout_start(layout, address) - address;

	if (len < lost)
		return 0;
	len -= lost;
	if (layout->per_page != 0)
		return (uint64_t)(len / LAB_LAYOUT_PAGE) * layout->per_page;
	/* the last object needs no room behind it */
	return len < layout->used ? 0 : (len - layout->used) / layout->stride + 1;
}

size_t
lab_layout_size(const struct lab_layout *layout, uint32_t objects)
{
	if (layout->per_page != 0)
		return ((size_t)objects + layout->per_page - 1) / layout->per_page *
			LAB_LAYOUT_PAGE;
	return (size_t)objects * layout->stride;
}

struct lab_layout
lab_layout_for_chunk(struct lab_object_size size, uintptr_t address, size_t len,
	uint32_t wanted)
{
	struct lab_layout best = lab_layout_best(size), dense = lab_layout_dense(size);
	uint64_t paged = lab_layout_capacity(&best, address, len);

	return paged >= wanted || paged >= lab_layout_capacity(&dense, address, len) ?
		best : dense;
}

size_t
lab_layout_offset(const struct lab_layout *layout, uint32_t first, uint32_t i)
{
	uint32_t page;

	if (layout->per_page == 0)
		return (size_t)i * layout->stride + layout->header;
	page = i / layout->per_page;
	return page * LAB_LAYOUT_PAGE +
		(size_t)((first + page) % layout->colours) * LAB_LAYOUT_STEP +
		(i % layout->per_page) * layout->stride + layout->header;
}
