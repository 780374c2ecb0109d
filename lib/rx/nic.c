/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "labyrinth_wire.h"
#include "writer.h"

static struct lab_window
window_of(const struct labyrinth_window *window)
{
	return (struct lab_window){
		.every = window->every_us * LAB_PS_PER_US,
		.from = (window->every_us - window->for_us) * LAB_PS_PER_US,
	};
}

static bool
any_fault(const struct labyrinth_nic_config *config)
{
	for (int i = 0; i < LABYRINTH_FAULT_COUNT; i++)
		if (config->fault_every[i] != 0)
			return true;
	return false;
}

int
labyrinth_nic_create(const struct labyrinth_nic_config *config,
	struct labyrinth_nic **nic, struct labyrinth_error *error)
{
	struct labyrinth_nic *n;
	int ret = labyrinth_nic_config_check(config, error);

	if (ret != 0)
		return ret;
	n = aligned_alloc(LABYRINTH_CACHE_LINE, sizeof(*n));
	if (n != NULL) {
		*n = (struct labyrinth_nic){ .config = *config };
		ret = lab_wire_build(&n->wire, config);
	}
	if (n == NULL || ret != 0) {
		free(n);
		return labyrinth_fail(error, -ENOMEM,
			"%s: no memory for the card: give fewer flows or sizes",
			config->name != NULL ? config->name : "card");
	}
	if (n->config.name == NULL)
		n->config.name = "labyrinth";
	n->rss.fields = LABYRINTH_RSS_IPV4_UDP;
	memcpy(n->rss.key, labyrinth_rss_default_key, sizeof(n->rss.key));
	n->link_down = window_of(&config->link_down);
	n->stalled = window_of(&config->stalled);
	n->faulty = any_fault(config);
	n->end_ps = config->frames != 0 ? lab_wire_arrival(&n->wire, config->frames - 1)
					: UINT64_MAX;
	lab_clock_init(&n->clock, config->tsc_hz, config->virtual_clock);
	*nic = n;
	return 0;
}

void
labyrinth_nic_destroy(struct labyrinth_nic *nic)
{
	if (nic == NULL)
		return;
	labyrinth_nic_stop(nic);
	lab_free_queues(nic);
	lab_headers_free(&nic->headers);
	lab_wire_free(&nic->wire);
	free(nic);
}

const struct labyrinth_nic_config *
labyrinth_nic_config(const struct labyrinth_nic *nic)
{
	return &nic->config;
}

/* ---- start and stop ---- */

static uint32_t
largest_frame(const struct labyrinth_nic_config *config)
{
	uint32_t largest = 0;

	for (uint32_t i = 0; i < config->sizes; i++)
		if (config->mix[i].size > largest)
			largest = config->mix[i].size;
	return largest;
}

static int
check_frames(const struct labyrinth_nic *nic, struct labyrinth_error *error)
{
	uint32_t frame = largest_frame(&nic->config);
	uint32_t most = nic->config.mtu + LABYRINTH_MTU_OVERHEAD;

	if (frame <= most)
		return 0;
	return labyrinth_fail(error, -EINVAL,
		"%s: frames of %" PRIu32 " bytes are longer than MTU %" PRIu32
		" allows: give "
		"sizes of %u to %" PRIu32 ", or an MTU of %" PRIu32 " or more",
		nic->config.name, frame, nic->config.mtu, LABYRINTH_FRAME_MIN, most,
		frame - LABYRINTH_MTU_OVERHEAD);
}

/* How many buffers frames take, and whether they may. */
static int
check_ring(struct labyrinth_rxq *q, struct labyrinth_error *error)
{
	const struct labyrinth_nic_config *config = &q->nic->config;
	uint32_t length = largest_frame(config) - LABYRINTH_WIRE_FCS, most;

	if (q->size == 0)
		return labyrinth_fail(error, -EINVAL, "%s: rx queue %u has no ring",
			config->name, q->number);
	q->room = q->source.room & ~(LAB_LINE - 1);
	most = config->scatter ? LABYRINTH_FRAME_BUFFERS_MAX : 1;
	/* of a ring that is all one frame nothing could be tested */
	if (most > q->size / 2)
		most = q->size / 2;
	if (length > (uint64_t)most * q->room)
		return labyrinth_fail(error, -EINVAL,
			"%s: a frame of %" PRIu32 " bytes does not fit in %" PRIu32
			" buffer%s "
			"of %" PRIu32 ": use larger buffers%s or smaller frames",
			config->name, length, most, most == 1 ? "" : "s", q->room,
			config->scatter ? "" : ", scatter");
	q->single = length <= q->room;
	q->lines = q->single && (config->headers_only || length <= LAB_LINE);
	q->write = lab_writer_of(q);
	/* relaxed: at rest */
	atomic_store_explicit(&q->policy, config->policy, memory_order_relaxed);
	q->inline_device = config->mode == LABYRINTH_NIC_INLINE;
	return 0;
}

static int
build_frames(struct labyrinth_nic *nic, struct labyrinth_error *error)
{
	int ret;

	lab_headers_free(&nic->headers);
	ret = lab_headers_build(&nic->headers, &nic->config, &nic->rss);
	for (uint32_t i = 0; ret == 0 && i < nic->rxqs; i++) {
		lab_list_free(&nic->rxq[i].list);
		ret = lab_list_build(&nic->rxq[i].list, &nic->wire, nic->headers.queue_of,
			(uint16_t)i);
	}
	if (ret != 0)
		return labyrinth_fail(error, ret,
			"%s: no memory for the headers of %" PRIu32 " flows: give fewer",
			nic->config.name, nic->config.flows);
	return 0;
}

static int
fill_rings(struct labyrinth_nic *nic, struct labyrinth_error *error)
{
	uint32_t got, i;

	for (i = 0; i < nic->rxqs; i++)
		if (lab_rxq_fill(&nic->rxq[i], &got) != 0)
			break;
	if (i == nic->rxqs)
		return 0;
	labyrinth_fail(error, -ENOMEM,
		"%s: rx queue %" PRIu32 " got %" PRIu32 " buffers of the %" PRIu32
		" its ring "
		"needs: use a larger pool, smaller rings or fewer queues",
		nic->config.name, i, got, nic->rxq[i].size);
	while (i-- > 0)
		lab_rxq_drain(&nic->rxq[i]);
	return -ENOMEM;
}

static int
check_start(struct labyrinth_nic *nic, struct labyrinth_error *error)
{
	int ret = lab_check_stopped(nic, error);

	if (ret == 0)
		ret = check_frames(nic, error);
	for (uint32_t i = 0; ret == 0 && i < nic->rxqs; i++)
		ret = check_ring(&nic->rxq[i], error);
	for (uint32_t i = 0; ret == 0 && i < nic->txqs; i++)
		if (nic->txq[i].size == 0)
			ret = labyrinth_fail(error, -EINVAL,
				"%s: tx queue %" PRIu32 " has no ring", nic->config.name,
				i);
	return ret;
}

int
labyrinth_nic_start(struct labyrinth_nic *nic, struct labyrinth_error *error)
{
	int ret = check_start(nic, error);

	if (ret == 0)
		ret = build_frames(nic, error);
	if (ret == 0)
		ret = fill_rings(nic, error);
	if (ret != 0)
		return ret;
	for (uint32_t i = 0; i < nic->rxqs; i++)
		lab_device_seek(&nic->rxq[i], lab_clock_now(&nic->clock));
	for (uint32_t i = 0; i < nic->txqs; i++)
		lab_txq_start(&nic->txq[i]);
	lab_clock_start(&nic->clock);
	nic->origin_ns = lab_clock_origin_ns(&nic->clock);
	nic->started = true;
	if (nic->config.mode == LABYRINTH_NIC_THREAD)
		ret = lab_device_thread_start(nic, error);
	if (ret != 0)
		labyrinth_nic_stop(nic);
	return ret;
}

void
labyrinth_nic_stop(struct labyrinth_nic *nic)
{
	if (!nic->started)
		return;
	lab_device_thread_stop(nic);
	lab_clock_stop(&nic->clock);
	/* All queues up to the same moment, so that their frames add up to the wire's. */
	labyrinth_nic_device_poll(nic);
	for (uint32_t i = 0; i < nic->rxqs; i++)
		lab_rxq_drain(&nic->rxq[i]);
	nic->started = false;
}
