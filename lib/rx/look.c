/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* What may be looked at, and turned, at any time. */

#include "nic_private.h"

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
