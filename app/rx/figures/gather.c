/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "figures/gather.h"
#include "frame_pool.h"
#include "labyrinth_mbuf.h"
#include "labyrinth_pool.h"
#include "result.h"
#include "rx_sleep.h"

/* ---- cells ---- */

static void
set(struct rx_row *row, enum rx_figure_id id, uint32_t label, uint64_t n)
{
	*rx_cell(row, id, label) = (struct rx_value){ .known = RX_KNOWN, .n = n };
}

static void
set_unknown(struct rx_row *row, enum rx_figure_id id, uint32_t label)
{
	rx_cell(row, id, label)->known = RX_UNKNOWN;
}

/* An empty histogram for the cell, which keeps it. NULL when out of memory. */
static struct labyrinth_histogram *
add_histogram(struct rx_row *row, enum rx_figure_id id)
{
	struct labyrinth_histogram *h = calloc(1, sizeof(*h));

	if (h != NULL)
		*rx_cell(row, id, 0) = (struct rx_value){ .known = RX_KNOWN, .h = h };
	return h;
}

static bool
copy_histogram(struct rx_row *row, enum rx_figure_id id,
	const struct labyrinth_histogram *from)
{
	struct labyrinth_histogram *h;

	if (from == NULL)
		return true;
	h = add_histogram(row, id);
	if (h != NULL)
		labyrinth_histogram_merge(h, from);
	return h != NULL;
}

/* Ticks of the TSC to ns, so that the ends of buckets stay within their 1/32. */
static uint64_t
to_ns(uint64_t ticks)
{
	return (uint64_t)((long double)ticks * 1e9L / (long double)rte_get_tsc_hz());
}

/* The same for each bucket, by its end. */
static bool
add_ticks(struct rx_row *row, enum rx_figure_id id, const struct labyrinth_histogram *ticks)
{
	struct labyrinth_histogram *h = add_histogram(row, id);

	if (h == NULL)
		return false;
	for (uint32_t i = 0; i < LABYRINTH_HISTOGRAM_BUCKETS; i++) {
		uint64_t n = labyrinth_histogram_read(&ticks->count[i]);

		if (n != 0)
			labyrinth_histogram_add_n(
				h, to_ns(labyrinth_histogram_bucket_end(i)), n);
	}
	h->sum = to_ns(labyrinth_histogram_read(&ticks->sum));
	h->worst = to_ns(labyrinth_histogram_read(&ticks->worst));
	return true;
}

static uint64_t
load(const _Atomic uint64_t *counter)
{
	/* relaxed: each figure stands alone, see rx_loop.h */
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void
set_cycles_per_packet(
	struct rx_row *row, enum rx_figure_id id, uint64_t cycles, uint64_t packets)
{
	*rx_cell(row, id, 0) = (struct rx_value){
		.known = packets == 0 ? RX_NONE : RX_KNOWN,
		.x = packets == 0 ? 0 : (double)cycles / (double)packets,
	};
}

/* ---- ports ---- */

static void
gather_ledger(struct rx_row *row, enum rx_figure_id offered,
	const struct labyrinth_ledger *ledger)
{
	/* The five figures of a ledger follow each other, in the run's row and a port's. */
	set(row, offered, 0, ledger->offered);
	set(row, offered + 1, 0, ledger->delivered);
	set(row, offered + 2, 0, ledger->in_flight);
	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		set(row, offered + 3, i, ledger->drops[i]);
	*rx_cell(row, offered + 4, 0) = (struct rx_value){ .known = RX_KNOWN,
		.i = labyrinth_ledger_imbalance(ledger) };
}

_Static_assert(RX_RUN_UNACCOUNTED == RX_RUN_OFFERED + 4 &&
		       RX_PORT_UNACCOUNTED == RX_PORT_OFFERED + 4,
	"a ledger is five figures");

/* What the PMD does not count is not 0. */
static void
mark_unknown(struct rx_row *row, enum rx_figure_id drops, const struct rx_driver *driver)
{
	if (driver->imissed_unknown)
		set_unknown(row, drops, LABYRINTH_REASON_IMISSED);
	if (driver->nombuf_unknown)
		set_unknown(row, drops, LABYRINTH_REASON_RX_NOMBUF);
}

static void
gather_link(struct rx_row *row, const struct rx_link *link)
{
	/* relaxed: each stands alone, see link.h */
	set(row, RX_PORT_LINK_UP, 0,
		atomic_load_explicit(&link->up, memory_order_relaxed));
	set(row, RX_PORT_LINK_CHANGES, 0, load(&link->changes));
	set(row, RX_PORT_GONE, 0,
		atomic_load_explicit(&link->gone, memory_order_relaxed));
}

static void
gather_port(struct rx_row *row, const struct rx_scene *scene, struct rx_port *port,
	struct labyrinth_ledger *all)
{
	struct rx_totals t = rx_plan_totals(scene->plan, port->id);
	struct labyrinth_ledger ledger = { 0 };
	const struct rte_eth_stats *s = &port->stats;

	rx_port_read(port);
	row->port = port->id;
	snprintf(row->name, sizeof(row->name), "%u", port->id);
	set(row, RX_PORT_RX_PACKETS, 0, s->ipackets);
	set(row, RX_PORT_RX_BYTES, 0, t.bytes);
	set(row, RX_PORT_IMISSED, 0, s->imissed);
	set(row, RX_PORT_RX_ERRORS, 0, s->ierrors);
	set(row, RX_PORT_RX_NOMBUF, 0, s->rx_nombuf);
	if (port->driver->imissed_unknown)
		set_unknown(row, RX_PORT_IMISSED, 0);
	if (port->driver->nombuf_unknown)
		set_unknown(row, RX_PORT_RX_NOMBUF, 0);
	rx_result_ledger(&ledger, port, &t);
	gather_ledger(row, RX_PORT_OFFERED, &ledger);
	t = rx_plan_sent(scene->plan, port->id);
	set(row, RX_PORT_TX_PACKETS, 0, s->opackets);
	set(row, RX_PORT_TX_BYTES, 0, t.sent_bytes);
	set(row, RX_PORT_TX_DROPPED, 0, t.tx_full + t.unsent);
	mark_unknown(row, RX_PORT_DROPS, port->driver);
	gather_link(row, &port->link);
	labyrinth_ledger_merge(all, &ledger);
}

/* Modes that do not send have no such figure. */
static void
gather_modes(struct rx_row *row, const struct rx_plan *plan)
{
	for (uint32_t i = 0; i < RX_MODES; i++) {
		struct rx_mode_sent sent;

		if (!rx_modes[i]->sends)
			continue;
		sent = rx_plan_mode_sent(plan, rx_modes[i]);
		set(row, RX_RUN_TX_PACKETS, i, sent.packets);
		set(row, RX_RUN_TX_BYTES, i, sent.bytes);
	}
}

/* A reason that no port counts is unknown; one that some count is at least so many. */
static void
gather_run(struct rx_row *row, const struct rx_scene *scene,
	const struct labyrinth_ledger *ledger, uint64_t now)
{
	uint64_t elapsed = scene->elapsed + (scene->start == 0 ? 0 : now - scene->start);

	set(row, RX_RUN_DURATION, 0, to_ns(elapsed));
	gather_ledger(row, RX_RUN_OFFERED, ledger);
	gather_modes(row, scene->plan);
	for (uint16_t i = 0; i < scene->nb_ports; i++) {
		if (scene->ports[i].driver->imissed_unknown &&
			ledger->drops[LABYRINTH_REASON_IMISSED] == 0)
			set_unknown(row, RX_RUN_DROPS, LABYRINTH_REASON_IMISSED);
		if (scene->ports[i].driver->nombuf_unknown &&
			ledger->drops[LABYRINTH_REASON_RX_NOMBUF] == 0)
			set_unknown(row, RX_RUN_DROPS, LABYRINTH_REASON_RX_NOMBUF);
	}
}

/* ---- queues ---- */

enum rx_exit
rx_scene_make(struct rx_scene *scene, struct labyrinth_error *error)
{
	char name[RTE_ETH_XSTATS_NAME_SIZE];

	for (uint16_t i = 0; i < scene->nb_ports; i++) {
		const struct rx_port *port = &scene->ports[i];
		uint64_t *id;

		if (!port->driver->wire)
			continue;
		id = calloc((size_t)port->nb_rxq * LABYRINTH_REASON_COUNT, sizeof(*id));
		scene->wire_ids[i] = id;
		if (id == NULL)
			return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
		for (uint16_t q = 0; q < port->nb_rxq; q++) {
			for (unsigned int r = 0; r < LABYRINTH_REASON_COUNT; r++, id++) {
				snprintf(name, sizeof(name), "rx_q%u_%s", q,
					labyrinth_reason_name(r));
				if (rte_eth_xstats_get_id_by_name(port->id, name, id) != 0)
					*id = UINT64_MAX;
			}
		}
	}
	return RX_OK;
}

void
rx_scene_free(struct rx_scene *scene)
{
	for (uint16_t i = 0; i < scene->nb_ports; i++) {
		free(scene->wire_ids[i]);
		scene->wire_ids[i] = NULL;
	}
}

/* Frames lost by queue: a simulated wire says so; others only say it of the port. */
static void
gather_drops(struct rx_row *row, const struct rx_scene *scene, const struct rx_queue *q)
{
	uint64_t id[LABYRINTH_REASON_COUNT], drops[LABYRINTH_REASON_COUNT];
	unsigned int reason[LABYRINTH_REASON_COUNT], n = 0;
	const uint64_t *ids = NULL;

	for (uint16_t i = 0; i < scene->nb_ports; i++) {
		if (scene->ports[i].id == q->port && scene->wire_ids[i] != NULL)
			ids = scene->wire_ids[i] + q->queue * LABYRINTH_REASON_COUNT;
	}
	for (unsigned int r = 0; r < LABYRINTH_REASON_COUNT; r++) {
		set_unknown(row, RX_QUEUE_DROPS, r);
		if (ids == NULL || ids[r] == UINT64_MAX)
			continue;
		reason[n] = r;
		id[n++] = ids[r];
	}
	set(row, RX_QUEUE_DROPS, LABYRINTH_REASON_TX_FULL, load(&q->sent.tx_full));
	set(row, RX_QUEUE_DROPS, LABYRINTH_REASON_RING_FULL, load(&q->sent.ring_full));
	if (n == 0 || rte_eth_xstats_get_by_id(q->port, id, drops, n) != (int)n)
		return;
	for (unsigned int i = 0; i < n; i++)
		set(row, RX_QUEUE_DROPS, reason[i], drops[i]);
}

static bool
gather_hold(struct rx_row *row, const struct rx_queue *q, uint64_t now)
{
	struct labyrinth_histogram *ages;
	bool done;

	if (q->hold == NULL)
		return true;
	ages = calloc(1, sizeof(*ages));
	if (ages == NULL)
		return false;
	rx_hold_ages(q->hold, now, ages);
	set(row, RX_QUEUE_HELD, 0, ages->total);
	done = add_ticks(row, RX_QUEUE_HELD_AGE, ages) &&
	       add_ticks(row, RX_QUEUE_HOLD_TIME, &q->hold->times);
	free(ages);
	return done;
}

static void
add_bursts(struct labyrinth_histogram *h, const struct rx_queue *q)
{
	for (uint32_t size = 0; size <= RX_BURST_MAX; size++) {
		uint64_t n = load(&q->burst_size[size]);

		if (n != 0)
			labyrinth_histogram_add_n(h, size, n);
	}
}

static void
gather_sent(struct rx_row *row, const struct rx_sent *s)
{
	set(row, RX_QUEUE_TX_PACKETS, 0, load(&s->packets));
	set(row, RX_QUEUE_TX_BYTES, 0, load(&s->bytes));
	set(row, RX_QUEUE_MADE, 0, load(&s->made));
	set(row, RX_QUEUE_UNSENT, 0, load(&s->unsent));
	set(row, RX_QUEUE_STARVED, 0, load(&s->starved));
}

static bool
gather_queue(struct rx_row *row, const struct rx_scene *scene, const struct rx_queue *q,
	uint64_t now)
{
	const struct rx_counters *c = &q->counters;
	uint64_t packets = load(&c->packets), cycles = load(&c->cycles);
	struct labyrinth_histogram *bursts = add_histogram(row, RX_QUEUE_BURST_SIZE);

	row->port = q->port;
	row->queue = q->queue;
	row->lcore = (int)q->lcore;
	snprintf(row->name, sizeof(row->name), "%u.%u", q->port, q->queue);
	set(row, RX_QUEUE_PACKETS, 0, packets);
	set(row, RX_QUEUE_BYTES, 0, load(&c->bytes));
	set(row, RX_QUEUE_BURSTS, 0, load(&c->bursts));
	set(row, RX_QUEUE_FREE_POLLS, 0, load(&c->free_polls));
	set(row, RX_QUEUE_IDLE_POLLS, 0, load(&c->idle_polls));
	set(row, RX_QUEUE_BUSY_CYCLES, 0, cycles);
	set(row, RX_QUEUE_IDLE_CYCLES, 0, load(&c->idle_cycles));
	set_cycles_per_packet(row, RX_QUEUE_CYCLES_PER_PACKET, cycles, packets);
	gather_drops(row, scene, q);
	gather_sent(row, &q->sent);
	if (bursts == NULL)
		return false;
	add_bursts(bursts, q);
	return copy_histogram(row, RX_QUEUE_LATENCY, q->latency) &&
	       gather_hold(row, q, now);
}

/* ---- lcores ---- */

static bool
gather_sleeps(struct rx_row *row, const struct rx_sleep *sleep)
{
	const struct rx_sleep_counts *c;

	if (sleep == NULL)
		return true;
	c = rx_sleep_counts(sleep);
	for (unsigned int wake = 0; wake < RX_WAKE_COUNT; wake++)
		set(row, RX_LCORE_WAKEUPS, wake, load(&c->woken[wake]));
	set(row, RX_LCORE_ASLEEP, 0, load(&c->ns));
	return add_ticks(row, RX_LCORE_WAKE_COST, &c->cost) &&
	       copy_histogram(row, RX_LCORE_WAKE_LATE, &c->late);
}

static bool
gather_lcore(struct rx_row *row, const struct rx_lcore *lcore)
{
	struct labyrinth_histogram *bursts = add_histogram(row, RX_LCORE_BURST_SIZE);
	uint64_t packets = 0, busy = 0, idle = 0, cycles = 0, idle_cycles = 0;

	if (bursts == NULL)
		return false;
	for (uint16_t i = 0; i < lcore->nb_queues; i++) {
		const struct rx_counters *c = &lcore->queues[i]->counters;

		packets += load(&c->packets);
		busy += load(&c->bursts) + load(&c->free_polls);
		idle += load(&c->idle_polls);
		cycles += load(&c->cycles);
		idle_cycles += load(&c->idle_cycles);
		add_bursts(bursts, lcore->queues[i]);
	}
	row->lcore = (int)lcore->id;
	snprintf(row->name, sizeof(row->name), "%u", lcore->id);
	set(row, RX_LCORE_QUEUES, 0, lcore->nb_queues);
	set(row, RX_LCORE_PACKETS, 0, packets);
	set(row, RX_LCORE_BUSY_POLLS, 0, busy);
	set(row, RX_LCORE_IDLE_POLLS, 0, idle);
	set(row, RX_LCORE_BUSY_CYCLES, 0, cycles);
	set(row, RX_LCORE_IDLE_CYCLES, 0, idle_cycles);
	set_cycles_per_packet(row, RX_LCORE_CYCLES_PER_PACKET, cycles, packets);
	return gather_sleeps(row, lcore->sleep);
}

/* ---- the far ends of a pipeline's rings ---- */

uint32_t
rx_gather_count_rings(const struct rx_scene *scene)
{
	uint32_t n = 0;

	while (n < scene->plan->nb_stages && scene->plan->stages[n].ring != NULL)
		n++;
	return n;
}

static void
gather_ring(struct rx_row *row, const struct rx_queue *stage)
{
	row->lcore = (int)stage->lcore;
	snprintf(row->name, sizeof(row->name), "%u", stage->queue);
	set(row, RX_RING_PACKETS, 0, load(&stage->counters.packets));
	set(row, RX_RING_BYTES, 0, load(&stage->counters.bytes));
	set(row, RX_RING_FULL, 0, load(&stage->overflow));
	set(row, RX_RING_WAITING, 0, rte_ring_count(stage->ring));
	set(row, RX_RING_TX_PACKETS, 0, load(&stage->sent.packets));
	set(row, RX_RING_TX_BYTES, 0, load(&stage->sent.bytes));
	set(row, RX_RING_TX_FULL, 0, load(&stage->sent.tx_full));
	set(row, RX_RING_BUSY_CYCLES, 0, load(&stage->counters.cycles));
}

/* ---- the pool ---- */

static void
gather_pages(struct rx_row *row, const struct labyrinth_pool_stats *s)
{
	const uint32_t marks[LABYRINTH_MARKS] = { s->watermarks.min, s->watermarks.low,
		s->watermarks.high };

	set(row, RX_POOL_FREE, 0, s->free);
	set(row, RX_POOL_CACHED, 0, s->cached);
	set(row, RX_POOL_OWNED, 0, s->owned);
	set(row, RX_POOL_OFFERED, 0, s->offered);
	set(row, RX_POOL_OFFLINE, 0, s->offline);
	set(row, RX_POOL_LOW_WATER, 0, s->low_water);
	set(row, RX_POOL_ALLOC, 0, s->alloc);
	set(row, RX_POOL_RELEASED, 0, s->released);
	set(row, RX_POOL_TRANSFERRED, 0, s->transferred);
	set(row, RX_POOL_RECLAIMED, 0, s->reclaimed);
	for (unsigned int i = 0; i < LABYRINTH_MARKS; i++) {
		set(row, RX_POOL_WATERMARK, i, marks[i]);
		set(row, RX_POOL_BELOW, i, to_ns(s->below_ticks[i]));
		set(row, RX_POOL_FALLS, i, s->falls[i]);
	}
	for (unsigned int i = 0; i < LABYRINTH_GFP_CLASSES; i++)
		set(row, RX_POOL_ALLOC_FAIL, i, s->alloc_fail[i]);
	for (unsigned int i = 1; i < LABYRINTH_REFUSAL_KINDS; i++)
		set(row, RX_POOL_REFUSED, i - 1, s->refused[i]);
}

static void
gather_pool(struct rx_row *row, const struct rx_scene *scene)
{
	const struct labyrinth_pool *pages = labyrinth_mbuf_pool_pages(scene->pool);
	struct labyrinth_pool_stats stats;
	struct rx_pool_summary summary;

	memcpy(row->name, scene->pool->name, sizeof(row->name));
	set(row, RX_POOL_PAGES, 0, scene->pool->size);
	if (pages == NULL) {
		rx_frame_pool_summary(scene->pool, 0, &summary);
		set(row, RX_POOL_PAGE_SIZE, 0, summary.page_size);
		set(row, RX_POOL_AVAILABLE, 0, summary.free);
		return;
	}
	labyrinth_pool_stats(pages, &stats);
	set(row, RX_POOL_PAGE_SIZE, 0, stats.page_size);
	set(row, RX_POOL_AVAILABLE, 0, (uint64_t)stats.free + stats.cached);
	gather_pages(row, &stats);
}

uint32_t
rx_gather_count_owners(const struct rx_scene *scene)
{
	const struct labyrinth_pool *pages = labyrinth_mbuf_pool_pages(scene->pool);

	return pages == NULL ? 0 : labyrinth_pool_owners(pages, NULL, 0);
}

static void
gather_owner(struct rx_row *row, const struct labyrinth_owner_stats *s)
{
	memcpy(row->name, s->name, RTE_MIN(sizeof(row->name), sizeof(s->name)));
	row->name[sizeof(row->name) - 1] = '\0';
	set(row, RX_OWNER_OWNED, 0, s->owned);
	set(row, RX_OWNER_OFFERED, 0, s->offered);
	set(row, RX_OWNER_CACHED, 0, s->cached);
	set(row, RX_OWNER_ALLOC, 0, s->alloc);
	set(row, RX_OWNER_RELEASED, 0, s->released);
	set(row, RX_OWNER_ALLOC_FAIL, 0, s->alloc_fail);
	set(row, RX_OWNER_REFUSED, 0, s->refused);
}

/* Ages of the pages that each owner has; the histograms are there already, and empty. */
static void
gather_ages(struct rx_row *row, const struct labyrinth_owner_stats *stats, uint32_t n,
	const struct rx_scene *scene)
{
	const struct labyrinth_pool *pages = labyrinth_mbuf_pool_pages(scene->pool);
	uint64_t now = rte_rdtsc();

	for (uint32_t index = 1; index <= scene->pool->size; index++) {
		uint32_t slot, i = 0;
		uint64_t age;

		labyrinth_page_look(pages, index, &slot);
		age = slot == 0 ? UINT64_MAX :
			labyrinth_mbuf_pool_age(scene->pool, index, now);
		while (i < n && stats[i].slot != slot)
			i++;
		if (i < n && age != UINT64_MAX)
			labyrinth_histogram_add((struct labyrinth_histogram *)(uintptr_t)
				rx_cell(&row[i], RX_OWNER_AGE, 0)->h, to_ns(age));
	}
}

/* Empty histograms for the ages, once; a snapshot that is settled has them. */
static bool
add_ages(struct rx_row *row, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct labyrinth_histogram *h = rx_cell(&row[i], RX_OWNER_AGE, 0)->h;

		if (h != NULL)
			memset((void *)(uintptr_t)h, 0, sizeof(*h));
		else if (add_histogram(&row[i], RX_OWNER_AGE) == NULL)
			return false;
	}
	return true;
}

static bool
gather_owners(struct rx_snapshot *snapshot, const struct rx_scene *scene)
{
	const struct labyrinth_pool *pages = labyrinth_mbuf_pool_pages(scene->pool);
	struct rx_row *row = (struct rx_row *)(uintptr_t)rx_snapshot_row(
		snapshot, RX_PLACE_OWNER, 0);
	struct labyrinth_owner_stats *stats;
	uint32_t n;

	if (row == NULL)
		return true;
	n = snapshot->nb_rows - (uint32_t)(row - snapshot->row);
	stats = calloc(n, sizeof(*stats));
	if (stats == NULL)
		return false;
	n = RTE_MIN(n, labyrinth_pool_owners(pages, stats, n));
	for (uint32_t i = 0; i < n; i++)
		gather_owner(&row[i], &stats[i]);
	if (scene->ages && add_ages(row, n))
		gather_ages(row, stats, n, scene);
	free(stats);
	return true;
}

/* ---- all ---- */

static bool
gather_polled(struct rx_row **row, const struct rx_scene *scene, uint64_t now)
{
	const struct rx_plan *plan = scene->plan;
	bool done = true;

	for (uint32_t i = 0; i < plan->nb_queues && done; i++)
		done = gather_queue((*row)++, scene, &plan->queues[i], now);
	for (uint32_t i = 0; i < plan->nb_lcores && done; i++)
		done = gather_lcore((*row)++, &plan->lcores[i]);
	for (uint32_t i = 0; i < rx_gather_count_rings(scene) && done; i++)
		gather_ring((*row)++, &plan->stages[i]);
	return done;
}

bool
rx_gather(struct rx_snapshot *snapshot, const struct rx_scene *scene)
{
	struct labyrinth_ledger all = { 0 };
	struct rx_row *run = snapshot->row, *row = run + 1;
	uint64_t now = rte_rdtsc();

	snapshot->tsc = now;
	for (uint16_t i = 0; i < scene->nb_ports; i++)
		gather_port(row++, scene, &scene->ports[i], &all);
	gather_run(run, scene, &all, now);
	snapshot->seconds = (double)rx_number(run, RX_RUN_DURATION, 0) / 1e9;
	if (!gather_polled(&row, scene, now))
		return false;
	gather_pool(row, scene);
	return gather_owners(snapshot, scene);
}

void
rx_snapshot_settle(struct rx_snapshot *snapshot, const struct rx_scene *scene)
{
	struct rx_row *row = (struct rx_row *)(uintptr_t)rx_snapshot_row(
		snapshot, RX_PLACE_POOL, 0);
	struct rx_pool_summary summary;

	gather_pool(row, scene);
	rx_frame_pool_summary(scene->pool,
		rx_ports_stranded(scene->ports, scene->nb_ports), &summary);
	set(row, RX_POOL_STRANDED, 0, summary.stranded);
	set(row, RX_POOL_LEAKED, 0, summary.leaked);
	gather_owners(snapshot, scene);
}
