/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * /labyrinth/mempools       names of the mempools with these ops
 * /labyrinth/mempool,NAME   all that is known of one; without NAME, of the only one
 * /labyrinth/mempools_kept  those that were freed under secondary processes, see keep.h
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_telemetry.h>

#include "keep.h"
#include "labyrinth_dpdk_compat.h"
#include "mempool.h"
#include "watch.h"

/* What a walk through the mempools looks for, and whether it was found. */
struct search {
	const char *name; /* NULL: any */
	struct rte_tel_data *data;
	unsigned int found;
};

static void
add_name(struct rte_mempool *mp, void *arg)
{
	struct search *search = arg;

	if (lab_ops_are_of(mp))
		rte_tel_data_add_array_string(search->data, mp->name);
}

static int
list_mempools(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct search search = { .data = data };

	RTE_SET_USED(command);
	RTE_SET_USED(parameters);
	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	rte_mempool_walk(add_name, &search);
	return 0;
}

static void
add_layout(const struct lab_mempool *m, struct rte_tel_data *data)
{
	const struct lab_layout *layout = &m->layout;

	rte_tel_data_add_dict_string(
		data, "layout", layout->per_page != 0 ? "paged" : "dense");
	labyrinth_tel_add_uint(data, "objects_per_page", layout->per_page);
	labyrinth_tel_add_uint(data, "colours", layout->colours);
	labyrinth_tel_add_uint(data, "stride", layout->per_page == 1 ? LAB_LAYOUT_PAGE :
		layout->stride);
	labyrinth_tel_add_uint(data, "regions", m->regions->count);
}

static void
add_counts(const struct lab_mempool *m, struct rte_tel_data *data)
{
	uint32_t at_hand = lab_mempool_at_hand(m);
	uint32_t free = lab_mempool_in_pool(m) + at_hand;
	uint64_t got = 0, failed = 0;

	for (unsigned int i = 0; i < lab_every_hand(m); i++) {
		/* relaxed: statistics */
		got += atomic_load_explicit(&lab_hand_at(m, i)->got, memory_order_relaxed);
		failed += atomic_load_explicit(
			&lab_hand_at(m, i)->failed, memory_order_relaxed);
	}
	labyrinth_tel_add_uint(data, "free", free);
	labyrinth_tel_add_uint(data, "out", m->objects - RTE_MIN(free, m->objects));
	labyrinth_tel_add_uint(data, "at_hand", at_hand);
	labyrinth_tel_add_uint(data, "hand_limit", m->hand[0]->limit);
	labyrinth_tel_add_uint(data, "got", got);
	labyrinth_tel_add_uint(data, "get_failed", failed);
}

/* Objects that are out, by who got them. */
static void
add_holders(const struct lab_mempool *m, struct rte_tel_data *data)
{
	struct rte_tel_data *dict = rte_tel_data_alloc();
	uint64_t out[LAB_ROW_NOBODY + 1] = { 0 };
	char name[LAB_WHO_SIZE];

	if (dict == NULL)
		return;
	for (uint32_t i = 1; i <= m->objects; i++) {
		uint16_t tag = atomic_load_explicit(&m->tag[i], memory_order_relaxed);

		if ((tag & LAB_TAG_FREE) == 0)
			out[RTE_MIN(tag, (uint16_t)LAB_ROW_NOBODY)]++;
	}
	rte_tel_data_start_dict(dict);
	for (uint32_t who = 1; who <= LAB_ROW_NOBODY; who++) {
		lab_who_name(name, who);
		for (char *space = name; (space = strchr(space, ' ')) != NULL; )
			*space = '_';
		if (out[who] != 0)
			labyrinth_tel_add_uint(dict, name, out[who]);
	}
	rte_tel_data_add_dict_container(data, "out_of", dict, 0);
}

static void
add_refused(const struct lab_mempool *m, struct rte_tel_data *data)
{
	struct rte_tel_data *dict = rte_tel_data_alloc();

	if (dict == NULL)
		return;
	rte_tel_data_start_dict(dict);
	for (uint32_t kind = 0; kind < LAB_REFUSAL_KINDS; kind++)
		labyrinth_tel_add_uint(dict, lab_refusal_name(kind),
			lab_mempool_refused(m, kind));
	rte_tel_data_add_dict_container(data, "refused", dict, 0);
}

/* The youngest of all kinds; when is 0 if there was none. */
static struct lab_refusal
last_refusal(const struct lab_mempool *m)
{
	struct lab_refusal last = { 0 }, one;

	for (uint32_t kind = 0; kind < LAB_REFUSAL_KINDS; kind++)
		if (lab_mempool_last_refusal(m, kind, &one) && one.when >= last.when)
			last = one;
	return last;
}

static void
add_last_refusal(const struct lab_mempool *m, struct rte_tel_data *data)
{
	struct lab_refusal last = last_refusal(m);
	struct rte_tel_data *dict;
	char text[LAB_WHO_SIZE];

	if (last.when == 0)
		return;
	dict = rte_tel_data_alloc();
	if (dict == NULL)
		return;
	rte_tel_data_start_dict(dict);
	rte_tel_data_add_dict_string(dict, "kind", lab_refusal_name(last.kind));
	snprintf(text, sizeof(text), "%#" PRIxPTR, last.object);
	rte_tel_data_add_dict_string(dict, "object", text);
	lab_who_name(text, last.by);
	rte_tel_data_add_dict_string(dict, "put_by", text);
	lab_who_name(text, last.before);
	rte_tel_data_add_dict_string(dict, "put_before_by", text);
	labyrinth_tel_add_uint(dict, "ago_ms",
		(rte_rdtsc() - last.when) * 1000 / rte_get_tsc_hz());
	rte_tel_data_add_dict_container(data, "last_refused", dict, 0);
}

static void
add_mempool(struct rte_mempool *mp, void *arg)
{
	struct search *search = arg;
	const struct lab_mempool *m = mp->pool_data;

	if (!lab_ops_are_of(mp) ||
		(search->name != NULL && strcmp(search->name, mp->name) != 0))
		return;
	if (search->found++ != 0)
		return;
	rte_tel_data_start_dict(search->data);
	rte_tel_data_add_dict_string(search->data, "name", mp->name);
	labyrinth_tel_add_uint(search->data, "objects", m->objects);
	labyrinth_tel_add_uint(search->data, "object_size", mp->elt_size);
	add_layout(m, search->data);
	add_counts(m, search->data);
	add_holders(m, search->data);
	add_refused(m, search->data);
	add_last_refusal(m, search->data);
}

static int
show_mempool(const char *command, const char *parameters, struct rte_tel_data *data)
{
	struct search search = { .data = data };

	RTE_SET_USED(command);
	if (parameters != NULL && parameters[0] != '\0')
		search.name = parameters;
	rte_mempool_walk(add_mempool, &search);
	if (search.found == 0)
		return -ENOENT;
	return search.found == 1 ? 0 : -EINVAL;
}

RTE_INIT(labyrinth_plugin_telemetry)
{
	rte_telemetry_register_cmd("/labyrinth/mempools", list_mempools,
		"Names of the mempools with ops labyrinth. Takes no parameters");
	rte_telemetry_register_cmd("/labyrinth/mempool", show_mempool,
		"Objects, holders and refusals of a mempool. Parameters: its name, "
		"if there are several");
	rte_telemetry_register_cmd("/labyrinth/mempools_kept", lab_keep_show,
		"Mempools freed while secondary processes were attached, whose memory is kept "
		"until they have ended. Takes no parameters");
}
