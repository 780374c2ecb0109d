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

static void
spread(struct labyrinth_rss *rss, uint32_t queues)
{
	for (uint32_t i = 0; i < LABYRINTH_RSS_RETA_SIZE; i++)
		rss->reta[i] = queues != 0 ? (uint16_t)(i % queues) : 0;
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

static void
free_queues(struct labyrinth_nic *nic)
{
	for (uint32_t i = 0; i < nic->rxqs; i++)
		labyrinth_nic_clear_rx_ring(nic, i);
	for (uint32_t i = 0; i < nic->txqs; i++)
		labyrinth_nic_clear_tx_ring(nic, i);
	free(nic->rxq);
	free(nic->txq);
	nic->rxq = NULL;
	nic->txq = NULL;
	nic->rxqs = nic->txqs = 0;
}

void
labyrinth_nic_destroy(struct labyrinth_nic *nic)
{
	if (nic == NULL)
		return;
	labyrinth_nic_stop(nic);
	free_queues(nic);
	lab_headers_free(&nic->headers);
	lab_wire_free(&nic->wire);
	free(nic);
}

const struct labyrinth_nic_config *
labyrinth_nic_config(const struct labyrinth_nic *nic)
{
	return &nic->config;
}

/* ---- set-up ---- */

static int
check_stopped(const struct labyrinth_nic *nic, struct labyrinth_error *error)
{
	if (!nic->started)
		return 0;
	return labyrinth_fail(
		error, -EBUSY, "%s: is started, stop it first", nic->config.name);
}

static int
check_queue(const struct labyrinth_nic *nic, const char *kind, uint32_t q,
	uint32_t queues, uint32_t size, struct labyrinth_error *error)
{
	int ret = check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if (q >= queues)
		return labyrinth_fail(error, -EINVAL,
			"%s: there is no %s queue %" PRIu32 ", the card has %" PRIu32,
			nic->config.name, kind, q, queues);
	if (size < LABYRINTH_NIC_RING_MIN || size > LABYRINTH_NIC_RING_MAX ||
		(size & (size - 1)) != 0)
		return labyrinth_fail(error, -EINVAL,
			"%s: a ring of %" PRIu32 " descriptors is not possible: give a "
			"power of two from %u to %u",
			nic->config.name, size, LABYRINTH_NIC_RING_MIN,
			LABYRINTH_NIC_RING_MAX);
	return 0;
}

int
labyrinth_nic_set_queues(struct labyrinth_nic *nic, uint32_t rx, uint32_t tx,
	struct labyrinth_error *error)
{
	int ret = check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if (rx > LABYRINTH_NIC_QUEUES_MAX || tx > LABYRINTH_NIC_QUEUES_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%s: %" PRIu32 " rx and %" PRIu32
			" tx queues are not possible: give "
			"0 to %u each",
			nic->config.name, rx, tx, LABYRINTH_NIC_QUEUES_MAX);
	free_queues(nic);
	nic->rxq = aligned_alloc(LABYRINTH_CACHE_LINE, (rx + 1) * sizeof(*nic->rxq));
	nic->txq = calloc(tx + 1, sizeof(*nic->txq));
	if (nic->rxq == NULL || nic->txq == NULL) {
		free_queues(nic);
		return labyrinth_fail(error, -ENOMEM,
			"%s: no memory for %" PRIu32 " queues", nic->config.name,
			rx + tx);
	}
	memset(nic->rxq, 0, (rx + 1) * sizeof(*nic->rxq));
	for (uint32_t i = 0; i < rx; i++) {
		nic->rxq[i].nic = nic;
		nic->rxq[i].number = (uint16_t)i;
	}
	for (uint32_t i = 0; i < tx; i++)
		nic->txq[i].nic = nic;
	nic->rxqs = rx;
	nic->txqs = tx;
	spread(&nic->rss, rx);
	return 0;
}

static int
check_source(const struct labyrinth_nic *nic, uint32_t size,
	const struct labyrinth_source *source, struct labyrinth_error *error)
{
	if (source->take == NULL || source->give == NULL)
		return labyrinth_fail(error, -EINVAL,
			"%s: a source of buffers takes and gives", nic->config.name);
	if (source->room < LABYRINTH_ROOM_MIN)
		return labyrinth_fail(error, -EINVAL,
			"%s: buffers with room for %" PRIu32 " bytes are too small: %u "
			"or more after the headroom",
			nic->config.name, source->room, LABYRINTH_ROOM_MIN);
	if (source->buffers != 0 && size > source->buffers)
		return labyrinth_fail(error, -EINVAL,
			"%s: a ring of %" PRIu32
			" descriptors needs more than the %" PRIu32
			" buffers of its pool: make that larger or the ring smaller",
			nic->config.name, size, source->buffers);
	return 0;
}

int
labyrinth_nic_set_rx_ring(struct labyrinth_nic *nic, uint32_t q, uint32_t size,
	const struct labyrinth_source *source, struct labyrinth_error *error)
{
	struct labyrinth_rxq *rxq;
	int ret = check_queue(nic, "rx", q, nic->rxqs, size, error);

	if (ret == 0)
		ret = check_source(nic, size, source, error);
	if (ret != 0)
		return ret;
	labyrinth_nic_clear_rx_ring(nic, q);
	rxq = &nic->rxq[q];
	rxq->posted = aligned_alloc(LABYRINTH_CACHE_LINE, size * sizeof(*rxq->posted));
	rxq->done = aligned_alloc(LABYRINTH_CACHE_LINE, size * sizeof(*rxq->done));
	if (rxq->posted == NULL || rxq->done == NULL) {
		labyrinth_nic_clear_rx_ring(nic, q);
		return labyrinth_fail(error, -ENOMEM,
			"%s: no memory for a ring of %" PRIu32, nic->config.name, size);
	}
	memset((void *)rxq->done, 0, size * sizeof(*rxq->done));
	rxq->size = size;
	rxq->source = *source;
	return 0;
}

void
labyrinth_nic_clear_rx_ring(struct labyrinth_nic *nic, uint32_t q)
{
	struct labyrinth_rxq *rxq = &nic->rxq[q];

	free(rxq->posted);
	free(rxq->done);
	lab_list_free(&rxq->list);
	rxq->posted = NULL;
	rxq->done = NULL;
	rxq->size = 0;
}

int
labyrinth_nic_set_tx_ring(struct labyrinth_nic *nic, uint32_t q, uint32_t size,
	struct labyrinth_error *error)
{
	int ret = check_queue(nic, "tx", q, nic->txqs, size, error);

	if (ret != 0)
		return ret;
	labyrinth_nic_clear_tx_ring(nic, q);
	nic->txq[q].out_at = calloc(size, sizeof(uint64_t));
	if (nic->txq[q].out_at == NULL)
		return labyrinth_fail(error, -ENOMEM,
			"%s: no memory for a ring of %" PRIu32, nic->config.name, size);
	nic->txq[q].size = size;
	return 0;
}

void
labyrinth_nic_clear_tx_ring(struct labyrinth_nic *nic, uint32_t q)
{
	free(nic->txq[q].out_at);
	nic->txq[q].out_at = NULL;
	nic->txq[q].size = 0;
}

int
labyrinth_nic_set_rss(struct labyrinth_nic *nic, const struct labyrinth_rss *rss,
	struct labyrinth_error *error)
{
	int ret = check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if (rss->fields > LABYRINTH_RSS_IPV4_UDP)
		return labyrinth_fail(error, -EINVAL,
			"%s: RSS over fields %d is not possible: none, IPv4, or IPv4 and "
			"UDP",
			nic->config.name, rss->fields);
	for (uint32_t i = 0; i < LABYRINTH_RSS_RETA_SIZE; i++)
		if (rss->reta[i] >= nic->rxqs)
			return labyrinth_fail(error, -EINVAL,
				"%s: entry %" PRIu32
				" of the redirection table names queue "
				"%u, the card has %" PRIu32,
				nic->config.name, i, rss->reta[i], nic->rxqs);
	nic->rss = *rss;
	return 0;
}

void
labyrinth_nic_rss(const struct labyrinth_nic *nic, struct labyrinth_rss *rss)
{
	*rss = nic->rss;
}

int
labyrinth_nic_set_mtu(
	struct labyrinth_nic *nic, uint32_t mtu, struct labyrinth_error *error)
{
	int ret = check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if (mtu < LABYRINTH_MTU_MIN || mtu > LABYRINTH_MTU_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%s: MTU %" PRIu32 " is out of range: give %u to %u",
			nic->config.name, mtu, LABYRINTH_MTU_MIN, LABYRINTH_MTU_MAX);
	nic->config.mtu = mtu;
	return 0;
}

int
labyrinth_nic_set_scatter(
	struct labyrinth_nic *nic, bool scatter, struct labyrinth_error *error)
{
	int ret = check_stopped(nic, error);

	if (ret == 0)
		nic->config.scatter = scatter;
	return ret;
}

int
labyrinth_nic_set_mac(
	struct labyrinth_nic *nic, const uint8_t mac[6], struct labyrinth_error *error)
{
	int ret = check_stopped(nic, error);

	if (ret != 0)
		return ret;
	if ((mac[0] & 1) != 0)
		return labyrinth_fail(error, -EINVAL,
			"%s: the address is one of a group: give an even first byte",
			nic->config.name);
	memcpy(nic->config.mac, mac, sizeof(nic->config.mac));
	return 0;
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
	q->policy = config->policy;
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
	int ret = check_stopped(nic, error);

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

/* ---- to be looked at at any time ---- */

bool
labyrinth_nic_is_started(const struct labyrinth_nic *nic)
{
	return nic->started;
}

struct labyrinth_rxq *
labyrinth_nic_rxq(struct labyrinth_nic *nic, uint32_t q)
{
	return q < nic->rxqs ? &nic->rxq[q] : NULL;
}

struct labyrinth_txq *
labyrinth_nic_txq(struct labyrinth_nic *nic, uint32_t q)
{
	return q < nic->txqs ? &nic->txq[q] : NULL;
}

static void
set_hold(struct labyrinth_nic *nic, uint32_t flag, bool on)
{
	/* relaxed: a request of its own, seen by the device when it next looks */
	if (on)
		atomic_fetch_or_explicit(&nic->hold, flag, memory_order_relaxed);
	else
		atomic_fetch_and_explicit(&nic->hold, ~flag, memory_order_relaxed);
}

void
labyrinth_nic_set_link(struct labyrinth_nic *nic, bool up)
{
	set_hold(nic, LAB_HOLD_LINK, !up);
}

void
labyrinth_nic_set_stalled(struct labyrinth_nic *nic, bool stalled)
{
	set_hold(nic, LAB_HOLD_STALLED, stalled);
}

bool
labyrinth_nic_link_is_up(const struct labyrinth_nic *nic)
{
	uint64_t until;

	return nic->started && lab_condition(nic, lab_clock_now(&nic->clock), &until) !=
				       LABYRINTH_REASON_LINK_DOWN;
}

uint32_t
labyrinth_nic_link_mbps(const struct labyrinth_nic *nic)
{
	uint32_t rate = (uint32_t)(nic->config.rate * 1000.0 + 0.5);

	return rate > LABYRINTH_NIC_LINK_MBPS ? rate : LABYRINTH_NIC_LINK_MBPS;
}

uint64_t
labyrinth_nic_now_ns(const struct labyrinth_nic *nic)
{
	return lab_clock_ns(&nic->clock, lab_clock_raw(&nic->clock));
}

void
labyrinth_nic_clock_advance(struct labyrinth_nic *nic, uint64_t ps)
{
	/* relaxed: the time alone matters */
	if (nic->clock.is_virtual)
		atomic_fetch_add_explicit(
			&nic->clock.virtual_ps, ps, memory_order_relaxed);
}

uint64_t
labyrinth_nic_period(const struct labyrinth_nic *nic)
{
	return nic->wire.period;
}

uint64_t
labyrinth_nic_arrival_ps(const struct labyrinth_nic *nic, uint64_t n)
{
	return lab_wire_arrival(&nic->wire, n);
}

void
labyrinth_rxq_stats(const struct labyrinth_rxq *q, struct labyrinth_rxq_stats *stats)
{
	const struct lab_driver *driver = &q->driver;
	const struct lab_device *device = &q->device;
	struct labyrinth_ledger *ledger = &stats->ledger;

	*stats = (struct labyrinth_rxq_stats){
		.ledger.offered = lab_counter_read(&device->sent),
		.ledger.in_flight = lab_in_ring(q),
		.ledger.delivered = lab_counter_read(&driver->delivered),
		.bytes = lab_counter_read(&driver->bytes),
		.alloc_fail = lab_counter_read(&driver->alloc_fail),
		.polls = lab_counter_read(&driver->polls),
		.empty_polls = lab_counter_read(&driver->empty_polls),
	};
	for (uint32_t i = 0; i < LABYRINTH_REASON_COUNT; i++)
		ledger->drops[i] = lab_counter_read(&device->lost[i]);
	ledger->drops[LABYRINTH_REASON_DROP_NO_PAGE] = lab_counter_read(&driver->no_page);
	ledger->drops[LABYRINTH_REASON_STOPPED] = lab_counter_read(&driver->stopped);
	for (uint32_t i = 0; i < LABYRINTH_FAULT_COUNT; i++)
		stats->fault[i] = lab_counter_read(&device->fault_seen[i]);
}

void
labyrinth_nic_rx_stats(const struct labyrinth_nic *nic, struct labyrinth_rxq_stats *stats)
{
	*stats = (struct labyrinth_rxq_stats){ 0 };
	for (uint32_t i = 0; i < nic->rxqs; i++) {
		struct labyrinth_rxq_stats each;

		labyrinth_rxq_stats(&nic->rxq[i], &each);
		labyrinth_ledger_merge(&stats->ledger, &each.ledger);
		stats->bytes += each.bytes;
		stats->alloc_fail += each.alloc_fail;
		stats->polls += each.polls;
		stats->empty_polls += each.empty_polls;
		for (uint32_t k = 0; k < LABYRINTH_FAULT_COUNT; k++)
			stats->fault[k] += each.fault[k];
	}
}
