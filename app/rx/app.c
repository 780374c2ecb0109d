/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_pdump.h>

#include "advice.h"
#include "app.h"
#include "figures/live.h"
#include "figures/text.h"
#include "frame_pool.h"
#include "json.h"
#include "labyrinth_mbuf.h"
#include "labyrinth_pool.h"
#include "report.h"
#include "vdev_args.h"
#include "verify.h"
#include "xstats.h"

static enum rx_exit
probe_port(struct rx_app *app, uint16_t id, struct labyrinth_error *error)
{
	struct rx_port *port = &app->ports[app->nb_ports];
	enum rx_exit ret = rx_port_probe(port, id, &app->options, error);

	if (ret != RX_OK)
		return ret;
	if (app->options.policy != NULL && !port->driver->wire)
		return labyrinth_fail(error, RX_USAGE,
			"--policy %s: port %u (%s) has its own, only " RX_WIRE_DRIVER
			" can choose; leave the port or the option out",
			app->options.policy, id, port->driver_name);
	app->nb_ports++;
	return RX_OK;
}

static enum rx_exit
probe_ports(struct rx_app *app, struct labyrinth_error *error)
{
	uint64_t mask = app->options.portmask == 0 ? UINT64_MAX : app->options.portmask;
	uint64_t seen = 0;
	enum rx_exit ret;
	uint16_t id;

	RTE_ETH_FOREACH_DEV (id) {
		seen |= UINT64_C(1) << id;
		ret = mask >> id & 1 ? probe_port(app, id, error) : RX_OK;
		if (ret != RX_OK)
			return ret;
	}
	if (app->options.portmask & ~seen)
		return labyrinth_fail(error, RX_USAGE,
			"--portmask 0x%" PRIx64 ": the ports there are have mask 0x%" PRIx64,
			app->options.portmask, seen);
	if (app->nb_ports == 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"no ethdev port: add e.g. --vdev net_null0 before --, bind a "
			"NIC, or see above why EAL left a port out (net_tap needs "
			"CAP_NET_ADMIN)");
	return RX_OK;
}

/* Frames of modes that send, or might be chosen at the prompt. */
static uint32_t
kept_by_modes(const struct rx_app *app, uint32_t queues)
{
	const struct rx_options *o = &app->options;
	const struct rx_mode *mode = rx_mode_find(o->mode);
	bool pipeline = mode == &rx_mode_pipeline;
	uint64_t kept = 0;

	if (pipeline)
		kept += (uint64_t)RTE_MAX(queues, (uint32_t)o->pipeline_workers) *
			o->pipeline_ring;
	if (pipeline)
		mode = rx_mode_find(o->pipeline_mode);
	if (mode == &rx_mode_noisy)
		kept += (uint64_t)queues * o->noisy_buffer;
	for (uint16_t i = 0; i < app->nb_ports; i++) {
		if (mode->sends || o->interactive || o->cmdline_file != NULL)
			kept += (uint32_t)app->ports[i].nb_txq * app->ports[i].nb_txd;
	}
	return (uint32_t)RTE_MIN(kept, (uint64_t)LABYRINTH_PAGES_MAX);
}

static struct rx_demand
demand(const struct rx_app *app)
{
	const struct rx_options *o = &app->options;
	struct rx_demand d = {
		.burst = o->burst,
		.cache = o->mbcache,
		.dpdk_cache = o->dpdk_cache,
		.uncoloured = o->uncoloured,
		.ages = o->page_ages,
	};

	d.queues = rx_plan_queues(app->ports, app->nb_ports);
	d.lcores = rx_plan_lcores(o);
	if (strcmp(o->mode, "pipeline") != 0)
		d.lcores = RTE_MIN(d.lcores, d.queues);
	d.kept = kept_by_modes(app, d.queues);
	for (uint16_t i = 0; i < app->nb_ports; i++) {
		uint32_t ring = (uint32_t)app->ports[i].nb_rxq * app->ports[i].nb_rxd;

		d.descriptors += ring;
		d.posted += app->ports[i].driver->posts_mbufs ? ring : 0;
		d.shared = d.shared || app->ports[i].driver->shares_memory;
	}
	return d;
}

static enum rx_exit
set_latency(struct rx_app *app, struct labyrinth_error *error)
{
	enum rx_exit ret =
		rx_ports_are_wires(app->ports, app->nb_ports, "--latency", error);

	labyrinth_clock_init(&app->plan.control.clock, rte_get_tsc_hz());
	return ret == RX_OK ? rx_plan_latency(&app->plan, error) : ret;
}

static enum rx_exit
set_up_plan(struct rx_app *app, struct labyrinth_error *error)
{
	enum rx_exit ret =
		rx_plan_make(&app->plan, app->ports, app->nb_ports, app->pool, error);

	app->plan.control.burst = app->options.burst;
	app->plan.control.packets_max = app->options.packets;
	if (ret == RX_OK && app->options.latency)
		ret = set_latency(app, error);
	if (ret == RX_OK && app->options.verify)
		ret = rx_verify_begin(&app->plan, app->ports, app->nb_ports, error);
	return ret;
}

/*
 * Let dpdk-dumpcap and dpdk-pdump capture. Where EAL is alone in its memory (--in-memory,
 * --no-shconf) no other process can, which is no reason not to run.
 */
static void
capture_begin(struct rx_app *app)
{
	if (rte_pdump_init() == 0)
		app->captures = true;
	else if (rte_errno != ENOTSUP)
		fprintf(stderr, "WARNING: dpdk-dumpcap cannot capture: %s\n",
			rte_strerror(rte_errno));
}

/* What tells of the run while it goes on. */
static enum rx_exit
set_figures(struct rx_app *app, struct labyrinth_error *error)
{
	enum rx_exit ret;

	app->scene = (struct rx_scene){ .plan = &app->plan, .ports = app->ports,
		.nb_ports = app->nb_ports, .pool = app->pool,
		.ages = app->options.page_ages };
	ret = rx_scene_make(&app->scene, error);
	if (ret == RX_OK)
		ret = rx_watch_open(
			&app->watch, &app->options, &app->scene, app->out, error);
	if (ret == RX_OK)
		rx_live_open(&app->scene);
	return ret;
}

enum rx_exit
rx_app_set_up(struct rx_app *app, struct labyrinth_error *error)
{
	struct rx_demand d;
	enum rx_exit ret = probe_ports(app, error);

	if (ret != RX_OK)
		return ret;
	d = demand(app);
	ret = rx_frame_pool_create(
		app->options.pool, app->options.pages, &d, &app->pool, error);
	if (ret != RX_OK)
		return ret;
	rx_frame_pool_warn(app->pool, stderr);
	for (uint16_t i = 0; i < app->nb_ports && ret == RX_OK; i++)
		ret = rx_port_setup(&app->ports[i], app->pool, error);
	if (ret == RX_OK)
		ret = set_up_plan(app, error);
	capture_begin(app);
	for (uint16_t i = 0; i < app->nb_ports && ret == RX_OK; i++)
		ret = rx_port_start(&app->ports[i], error);
	if (ret == RX_OK && app->options.rx_intr)
		ret = rx_plan_sleeps(&app->plan, error);
	return ret == RX_OK ? set_figures(app, error) : ret;
}

/* Frames that count for --packets: received, or sent where they are made. */
static uint64_t
progress(const struct rx_app *app)
{
	struct rx_totals t = rx_plan_totals(&app->plan, -1);

	return rx_mode_find(app->options.mode)->makes ? t.sent : t.packets;
}

/* Was what was asked for reached, and does all add up? The worst comes last. */
static enum rx_exit
judge(struct rx_app *app, struct labyrinth_error *error)
{
	const struct labyrinth_ledger *ledger = &app->result.ledger;
	enum rx_exit ret = RX_OK;

	if (app->timed_out && progress(app) < app->options.packets)
		ret = labyrinth_fail(error, RX_GATE,
			"%" PRIu64 " of --packets %" PRIu64
			" frames came within --duration %g",
			progress(app), app->options.packets, app->options.duration_s);
	if (app->options.json != NULL &&
		rx_json_write(&app->result, app->options.json, error) != RX_OK)
		ret = RX_ENVIRONMENT;
	if (rx_watch_finish(&app->watch, app->last, error) != RX_OK)
		ret = RX_ENVIRONMENT;
	if (ret != RX_ENVIRONMENT && ferror(app->out))
		ret = labyrinth_fail(error, RX_ENVIRONMENT,
			"the output cannot be written: nobody reads it, or there is no room");
	for (uint16_t i = 0; i < app->nb_ports && ret != RX_ENVIRONMENT; i++) {
		if (app->ports[i].link.told_gone)
			ret = labyrinth_fail(error, RX_ENVIRONMENT,
				"port %u (%s) was removed while the program ran: what it "
				"received until then is in the report",
				app->ports[i].id, app->ports[i].driver_name);
	}
	if (!labyrinth_ledger_balanced(ledger))
		ret = labyrinth_fail(error, RX_INVARIANT,
			"the ledger is off by %+" PRId64 " frames: a PMD does not count "
			"all, or some twice; run with one port at a time to find it",
			labyrinth_ledger_imbalance(ledger));
	else if (!rx_verify_agrees(&app->result.verify, ledger))
		ret = labyrinth_fail(error, RX_INVARIANT,
			"the numbers in the frames and the ledger do not agree, see the "
			"report: run with one queue at a time to find where");
	return ret;
}

/* What is left in the queues of those that would leave it there, is received yet. */
static void
drain(struct rx_app *app)
{
	struct rte_mbuf *mbufs[RX_BURST_MAX];
	uint32_t q = 0;
	uint16_t n;

	for (uint16_t i = 0; i < app->nb_ports; q += app->ports[i++].nb_rxq) {
		if (!app->ports[i].driver->strands_frames || !app->ports[i].started)
			continue;
		for (uint16_t k = 0; k < app->ports[i].nb_rxq; k++) {
			while ((n = rx_queue_receive(&app->plan.queues[q + k], mbufs,
					app->options.burst)) != 0)
				rte_pktmbuf_free_bulk(mbufs, n);
		}
	}
}

enum rx_exit
rx_app_conclude(struct rx_app *app, struct labyrinth_error *error)
{
	rx_xstats_print(app->options.xstats, app->ports, app->nb_ports, app->out);
	rx_links_tell(app->ports, app->nb_ports, stderr);
	rx_live_hold();
	drain(app);
	for (uint16_t i = 0; i < app->nb_ports; i++)
		rx_port_stop(&app->ports[i]);
	app->last = rx_snapshot_take(&app->scene);
	rx_plan_end(&app->plan);
	for (uint16_t i = 0; i < app->nb_ports; i++)
		rx_port_close(&app->ports[i]);
	labyrinth_mbuf_pool_flush(app->pool);
	if (app->last != NULL)
		rx_snapshot_settle(app->last, &app->scene);
	rx_live_close(app->last);
	rx_live_release();
	app->result.last = app->last;
	app->result.mode = app->options.mode;
	rx_result_gather(&app->result, &app->plan, app->ports, app->nb_ports, app->pool);
	rx_report_print(&app->result, app->out);
	if (app->options.figures && app->last != NULL)
		rx_text_print(app->last, RX_PLACE_COUNT, app->out);
	fflush(app->out);
	return judge(app, error);
}

/* In the reverse order of setting up, from wherever that came to. */
enum rx_exit
rx_app_tear_down(struct rx_app *app, enum rx_exit ret, struct labyrinth_error *error)
{
	struct labyrinth_error leak;
	enum rx_exit destroyed = RX_OK;

	if (app->captures)
		rte_pdump_uninit();
	rx_live_end();
	rx_watch_finish(&app->watch, NULL, NULL);
	rx_snapshot_free(app->last);
	rx_scene_free(&app->scene);
	for (uint16_t i = 0; i < app->nb_ports; i++)
		rx_port_close(&app->ports[i]);
	rx_plan_free(&app->plan);
	if (app->pool != NULL)
		destroyed = rx_frame_pool_destroy(app->pool,
			rx_ports_stranded(app->ports, app->nb_ports), &leak);
	if (destroyed == RX_OK || ret == RX_INVARIANT)
		return ret;
	*error = leak;
	return destroyed;
}
