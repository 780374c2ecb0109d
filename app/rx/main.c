/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * labyrinth-rx: receive on all ports, free each frame, account for all of them.
 * Read it here first: options, ports, pool, plan, loop, result.
 */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_log.h>
#include <rte_pdump.h>

#include "exit_code.h"
#include "figures/live.h"
#include "figures/text.h"
#include "frame_pool.h"
#include "json.h"
#include "options.h"
#include "plan.h"
#include "port.h"
#include "report.h"
#include "result.h"
#include "vdev_args.h"
#include "verify.h"
#include "watch.h"

#define PROGRAM "labyrinth-rx"

/** How long the idle main lcore sleeps before it looks whether all is over, in ns. */
#define NAP_NS 10000000

/** A run. One for the process, as signal handlers have no argument. */
static struct app {
	struct rx_options options;
	FILE *out; /**< where text goes: not where JSON goes */
	struct rx_port ports[RTE_MAX_ETHPORTS];
	uint16_t nb_ports;
	struct rte_mempool *pool;
	struct rx_plan plan;
	struct rx_result result;
	struct rx_scene scene;       /**< what snapshots are taken of */
	struct rx_watch watch;
	struct rx_snapshot *last;    /**< of the end */
	uint64_t end_at;   /**< TSC, UINT64_MAX: open end */
	bool timed_out;    /**< the duration ended the run */
	bool captures;     /**< dpdk-dumpcap can */
	atomic_bool signalled;
} app;

static void
on_signal(int number)
{
	(void)number;
	/* relaxed: the loops look at nothing but the flags themselves */
	atomic_store_explicit(&app.signalled, true, memory_order_relaxed);
	atomic_store_explicit(&app.plan.control.stop, true, memory_order_relaxed);
}

static bool
stopped(void)
{
	/* relaxed: as above */
	return atomic_load_explicit(&app.plan.control.stop, memory_order_relaxed);
}

/* A second signal ends the process the usual way, should an orderly end hang. */
static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static enum rx_exit
probe_ports(struct labyrinth_error *error)
{
	enum rx_exit ret;
	uint16_t id;

	RTE_ETH_FOREACH_DEV (id) {
		ret = rx_port_probe(&app.ports[app.nb_ports], id, &app.options, error);
		if (ret != RX_OK)
			return ret;
		if (app.options.policy != NULL && !app.ports[app.nb_ports].driver->wire)
			return labyrinth_fail(error, RX_USAGE,
				"--policy %s: port %u (%s) has its own, only " RX_WIRE_DRIVER
				" can choose; leave the port or the option out",
				app.options.policy, id,
				app.ports[app.nb_ports].driver_name);
		app.nb_ports++;
	}
	if (app.nb_ports == 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"no ethdev port: add e.g. --vdev net_null0 before --, bind a "
			"NIC, or see above why EAL left a port out (net_tap needs "
			"CAP_NET_ADMIN)");
	return RX_OK;
}

static struct rx_demand
demand(void)
{
	struct rx_demand d = {
		.burst = app.options.burst,
		.uncoloured = app.options.uncoloured,
		.ages = app.options.page_ages,
	};

	d.queues = rx_plan_queues(app.ports, app.nb_ports);
	d.lcores = rx_plan_lcores(d.queues);
	for (uint16_t i = 0; i < app.nb_ports; i++) {
		uint32_t ring = (uint32_t)app.ports[i].nb_rxq * app.ports[i].nb_rxd;

		d.descriptors += ring;
		d.posted += app.ports[i].driver->posts_mbufs ? ring : 0;
	}
	return d;
}

/* An application that keeps pages: with two limits, whichever is reached first. */
static enum rx_exit
set_hold(struct labyrinth_error *error)
{
	const struct rx_options *o = &app.options;
	struct rx_hold_limits limits = { .ticks = UINT64_MAX, .packets = UINT32_MAX };

	if (o->hold_us == 0 && o->hold_packets == 0)
		return RX_OK;
	if (o->hold_us != 0)
		limits.ticks = (uint64_t)((double)o->hold_us / 1e6 *
					  (double)rte_get_tsc_hz());
	if (o->hold_packets != 0)
		limits.packets = o->hold_packets;
	return rx_plan_hold(&app.plan, &limits, app.pool->size, error);
}

static enum rx_exit
set_latency(struct labyrinth_error *error)
{
	enum rx_exit ret = rx_ports_are_wires(app.ports, app.nb_ports, "--latency", error);

	labyrinth_clock_init(&app.plan.control.clock, rte_get_tsc_hz());
	return ret == RX_OK ? rx_plan_latency(&app.plan, error) : ret;
}

/*
 * Let dpdk-dumpcap and dpdk-pdump capture. Where EAL is alone in its memory (--in-memory,
 * --no-shconf) no other process can, which is no reason not to run.
 */
static void
capture_begin(void)
{
	if (rte_pdump_init() == 0)
		app.captures = true;
	else if (rte_errno != ENOTSUP)
		fprintf(stderr, "WARNING: dpdk-dumpcap cannot capture: %s\n",
			rte_strerror(rte_errno));
}

/* What tells of the run while it goes on. */
static enum rx_exit
set_figures(struct labyrinth_error *error)
{
	enum rx_exit ret;

	app.scene = (struct rx_scene){ .plan = &app.plan, .ports = app.ports,
		.nb_ports = app.nb_ports, .pool = app.pool,
		.ages = app.options.page_ages };
	ret = rx_scene_make(&app.scene, error);
	if (ret == RX_OK)
		ret = rx_watch_open(&app.watch, &app.options, &app.scene, app.out, error);
	if (ret == RX_OK)
		rx_live_open(&app.scene);
	return ret;
}

static enum rx_exit
set_up(struct labyrinth_error *error)
{
	struct rx_demand d;
	enum rx_exit ret = probe_ports(error);

	if (ret != RX_OK)
		return ret;
	d = demand();
	ret = rx_frame_pool_create(
		app.options.pool, app.options.pages, &d, &app.pool, error);
	if (ret != RX_OK)
		return ret;
	rx_frame_pool_warn(app.pool, stderr);
	for (uint16_t i = 0; i < app.nb_ports && ret == RX_OK; i++)
		ret = rx_port_setup(&app.ports[i], app.pool, error);
	if (ret == RX_OK)
		ret = rx_plan_make(&app.plan, app.ports, app.nb_ports, app.pool, error);
	if (ret == RX_OK)
		ret = set_hold(error);
	if (ret == RX_OK && app.options.latency)
		ret = set_latency(error);
	if (ret == RX_OK && app.options.verify)
		ret = rx_verify_begin(&app.plan, app.ports, app.nb_ports, error);
	capture_begin();
	for (uint16_t i = 0; i < app.nb_ports && ret == RX_OK; i++)
		ret = rx_port_start(&app.ports[i], error);
	return ret == RX_OK ? set_figures(error) : ret;
}

static void
print_start(void)
{
	fprintf(app.out, "%s: %s, %u ports, %u mbufs from %s\n", PROGRAM,
		app.options.mode, app.nb_ports, app.pool->size, app.options.pool);
	for (uint16_t i = 0; i < app.nb_ports; i++)
		fprintf(app.out, "port %u is %s (%s), %u rx queues of %u descriptors\n",
			app.ports[i].id, app.ports[i].driver_name,
			app.ports[i].driver->kind, app.ports[i].nb_rxq,
			app.ports[i].nb_rxd);
	rx_plan_print(&app.plan, app.out);
	fflush(app.out);
}

/* What is due at TSC now: rates, the end. Returns when to look again. */
static uint64_t
tick(void *opaque, uint64_t now)
{
	uint64_t next = rx_watch_tick(&app.watch, now);

	(void)opaque;
	if (now >= app.end_at) {
		app.timed_out = true;
		/* relaxed: as above */
		atomic_store_explicit(&app.plan.control.stop, true, memory_order_relaxed);
	}
	return RTE_MIN(next, app.end_at);
}

static void
wait_for_end(void)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	while (!stopped()) {
		tick(NULL, rte_rdtsc());
		nanosleep(&nap, NULL);
	}
}

static uint64_t
schedule(uint64_t now)
{
	double hz = (double)rte_get_tsc_hz();
	const struct rx_options *o = &app.options;

	app.end_at =
		o->duration_s > 0 ? now + (uint64_t)(o->duration_s * hz) : UINT64_MAX;
	return RTE_MIN(rx_watch_start(&app.watch, now), app.end_at);
}

static void
receive(void)
{
	struct rx_plan *plan = &app.plan;
	uint64_t start = rte_rdtsc();

	app.result.before = rx_plan_totals(plan, -1);
	rx_live_hold();
	app.scene.start = start;
	rx_live_release();
	plan->lcores[0].tick = tick;
	if (plan->on_main) {
		plan->lcores[0].tick_at = schedule(start);
		rx_loop(&plan->lcores[0]);
	} else {
		schedule(start);
		for (uint32_t i = 0; i < plan->nb_lcores; i++)
			rte_eal_remote_launch(
				rx_loop, &plan->lcores[i], plan->lcores[i].id);
		wait_for_end();
	}
	rte_eal_mp_wait_lcore();
	rx_watch_stop(&app.watch);
	rx_live_hold();
	app.scene.elapsed = rte_rdtsc() - start;
	app.scene.start = 0;
	rx_live_release();
	app.result.duration_s = (double)app.scene.elapsed / (double)rte_get_tsc_hz();
}

/* Was what was asked for reached, and does all add up? The worst comes last. */
static enum rx_exit
judge(struct labyrinth_error *error)
{
	const struct labyrinth_ledger *ledger = &app.result.ledger;
	enum rx_exit ret = RX_OK;

	if (app.timed_out && ledger->delivered < app.options.packets)
		ret = labyrinth_fail(error, RX_GATE,
			"%" PRIu64 " of --packets %" PRIu64
			" frames came within --duration %g",
			ledger->delivered, app.options.packets, app.options.duration_s);
	if (app.options.json != NULL &&
		rx_json_write(&app.result, app.options.json, error) != RX_OK)
		ret = RX_ENVIRONMENT;
	if (rx_watch_finish(&app.watch, app.last, error) != RX_OK)
		ret = RX_ENVIRONMENT;
	if (!labyrinth_ledger_balanced(ledger))
		ret = labyrinth_fail(error, RX_INVARIANT,
			"the ledger is off by %+" PRId64 " frames: a PMD does not count "
			"all, or some twice; run with one port at a time to find it",
			labyrinth_ledger_imbalance(ledger));
	else if (!rx_verify_agrees(&app.result.verify, ledger))
		ret = labyrinth_fail(error, RX_INVARIANT,
			"the numbers in the frames and the ledger do not agree, see the "
			"report: run with one queue at a time to find where");
	return ret;
}

static enum rx_exit
conclude(struct labyrinth_error *error)
{
	rx_live_hold();
	for (uint16_t i = 0; i < app.nb_ports; i++)
		rx_port_stop(&app.ports[i]);
	app.last = rx_snapshot_take(&app.scene);
	rx_plan_release(&app.plan);
	for (uint16_t i = 0; i < app.nb_ports; i++)
		rx_port_close(&app.ports[i]);
	if (app.last != NULL)
		rx_snapshot_settle(app.last, &app.scene);
	rx_live_close(app.last);
	rx_live_release();
	app.result.last = app.last;
	rx_result_gather(&app.result, &app.plan, app.ports, app.nb_ports, app.pool);
	rx_report_print(&app.result, app.out);
	if (app.options.figures && app.last != NULL)
		rx_text_print(app.last, RX_PLACE_COUNT, app.out);
	fflush(app.out);
	return judge(error);
}

/* --linger: the last figures can still be asked for, until a signal comes. */
static void
linger(void)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	uint64_t end = rte_rdtsc() +
		(uint64_t)(app.options.linger_s * (double)rte_get_tsc_hz());

	/* relaxed: the flag alone */
	while (rte_rdtsc() < end &&
		!atomic_load_explicit(&app.signalled, memory_order_relaxed))
		nanosleep(&nap, NULL);
}

/* In the reverse order of set_up(), from wherever that came to. */
static enum rx_exit
tear_down(enum rx_exit ret, struct labyrinth_error *error)
{
	struct labyrinth_error leak;
	enum rx_exit destroyed = RX_OK;

	if (app.captures)
		rte_pdump_uninit();
	rx_live_end();
	rx_watch_finish(&app.watch, NULL, NULL);
	rx_snapshot_free(app.last);
	rx_scene_free(&app.scene);
	for (uint16_t i = 0; i < app.nb_ports; i++)
		rx_port_close(&app.ports[i]);
	rx_plan_free(&app.plan);
	if (app.pool != NULL)
		destroyed = rx_frame_pool_destroy(app.pool, &leak);
	if (destroyed == RX_OK || ret == RX_INVARIANT)
		return ret;
	*error = leak;
	return destroyed;
}

static enum rx_exit
run(struct labyrinth_error *error)
{
	enum rx_exit ret;

	app.plan.control.burst = app.options.burst;
	app.plan.control.packets_max = app.options.packets;
	catch_signals();
	ret = set_up(error);
	if (ret == RX_OK) {
		print_start();
		if (app.options.absorb)
			ret = rx_absorb_measure(&app.result.absorb, &app.plan, app.ports,
				app.nb_ports, error);
	}
	if (ret == RX_OK) {
		receive();
		ret = conclude(error);
		linger();
	}
	return tear_down(ret, error);
}

static enum rx_exit
eal_start(int argc, char **argv, struct labyrinth_error *error)
{
	/* Standard output is for what this program says. */
	rte_openlog_stream(stderr);
	if (rte_eal_init(argc, argv) >= 0)
		return RX_OK;
	if (rte_errno == EINVAL)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"EAL refuses an option or finds what it names missing, see "
			"above; options of %s go after --, see -- --help",
			PROGRAM);
	if (rte_errno == ENODEV)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"EAL has no driver for a device that is named, see above: "
			"net_labyrinth is built when its headers are there "
			"(scripts/driver-headers.sh), others are loaded by -d");
	return labyrinth_fail(error, RX_ENVIRONMENT,
		"EAL does not start (%s): reserve hugepages with scripts/setup.sh "
		"config, or do without them by --no-huge -m 512",
		rte_strerror(rte_errno));
}

/*
 * EAL leaves its runtime folder. One that is empty serves nobody; rmdir() refuses any
 * other.
 */
static void
eal_end(bool started)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", rte_eal_get_runtime_dir());
	if (started)
		rte_eal_cleanup();
	rmdir(folder);
}

/* The place of "--", or argc when there is none. */
static int
find_separator(int argc, char **argv)
{
	int i = 1;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	return i;
}

/*
 * What stands before "--": help is asked for anywhere, other options of ours belong
 * after it; EAL would answer to them with pages of its own.
 */
static enum rx_exit
look_at_eal_options(int argc, char **argv, struct labyrinth_error *error)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			app.options.help = true;
		else if (rx_options_known(argv[i]))
			return labyrinth_fail(error, RX_USAGE,
				"%.40s: belongs after --, see -- --help", argv[i]);
	}
	return RX_OK;
}

static int
complain(enum rx_exit ret, const struct labyrinth_error *error)
{
	if (ret != RX_OK)
		fprintf(stderr, "%s: %s\n", PROGRAM, error->text);
	return ret;
}

static bool
to_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

int
main(int argc, char **argv)
{
	struct labyrinth_error error = { "" };
	int separator = find_separator(argc, argv);
	enum rx_exit ret;
	bool started;

	ret = rx_options_parse(argc - separator, argv + separator, &app.options, &error);
	if (ret == RX_OK)
		ret = look_at_eal_options(separator, argv, &error);
	if (ret == RX_OK && !app.options.help)
		ret = rx_vdev_args_policy(separator, argv, app.options.policy, &error);
	if (ret != RX_OK)
		return complain(ret, &error);
	if (app.options.help) {
		rx_options_help(stdout, PROGRAM);
		return RX_OK;
	}
	if (app.options.list_figures) {
		rx_text_registry(stdout);
		return RX_OK;
	}
	app.out = stdout;
	if (to_stdout(app.options.json) || to_stdout(app.options.json_lines) ||
		to_stdout(app.options.csv))
		app.out = stderr;
	ret = eal_start(separator, argv, &error);
	started = ret == RX_OK;
	if (started)
		ret = run(&error);
	eal_end(started);
	return complain(ret, &error);
}
