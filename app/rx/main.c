/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * labyrinth-rx: receive on all ports, do with each frame what the mode says, account for
 * all of them.
 * Read it here first, then app.c (ports, pool, plan, result) and run.c (the run).
 */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "absorb.h"
#include "advice.h"
#include "app.h"
#include "exit_code.h"
#include "figures/text.h"
#include "options.h"
#include "prompt.h"
#include "run.h"
#include "vdev_args.h"

#define PROGRAM "labyrinth-rx"

/** How long the main lcore sleeps before it looks whether a signal came, in ns. */
#define NAP_NS 10000000

/** One for the process, as signal handlers have no argument. */
static struct rx_app app;

static void
on_signal(int number)
{
	(void)number;
	/* seq_cst: see rx_run_start(), which clears one and then looks at the other */
	atomic_store_explicit(&app.quit, true, memory_order_seq_cst);
	atomic_store_explicit(&app.plan.control.stop, true, memory_order_seq_cst);
}

/* A second signal ends the process the usual way, should an orderly end hang. */
static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* The peer of a virtio-user port ends, and with it would this program. */
	signal(SIGPIPE, SIG_IGN);
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
}

/* Measured by rules of its own, on the lcores of the plan, before the run. */
static enum rx_exit
measure_absorb(struct labyrinth_error *error)
{
	enum rx_exit ret =
		rx_plan_begin(&app.plan, &rx_mode_rxonly, &app.options, error);

	if (ret == RX_OK)
		ret = rx_absorb_measure(&app.result.absorb, &app.plan, app.ports,
			app.nb_ports, error);
	return ret;
}

/* The worse of what the commands came to and what the run did; the reason is that one's. */
static enum rx_exit
receive_by_command(struct labyrinth_error *error)
{
	struct labyrinth_error last = { "" };
	enum rx_exit ret = rx_prompt_run(&app, error), end;

	rx_run_stop(&app);
	end = rx_app_conclude(&app, &last);
	if (end <= ret)
		return ret;
	*error = last;
	return end;
}

static enum rx_exit
receive(struct labyrinth_error *error)
{
	enum rx_exit ret;

	if (app.options.interactive || app.options.cmdline_file != NULL)
		return receive_by_command(error);
	ret = rx_run_start(&app, error);
	if (ret != RX_OK)
		return ret;
	rx_advice_print(&app.plan, stderr);
	rx_plan_print(&app.plan, app.out);
	fflush(app.out);
	rx_run_wait(&app);
	rx_run_stop(&app);
	return rx_app_conclude(&app, error);
}

/* --linger: the last figures can still be asked for, until a signal comes. */
static void
linger(void)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	uint64_t end = rte_rdtsc() +
		       (uint64_t)(app.options.linger_s * (double)rte_get_tsc_hz());

	while (rte_rdtsc() < end && !rx_app_quits(&app))
		nanosleep(&nap, NULL);
}

static enum rx_exit
run(struct labyrinth_error *error)
{
	enum rx_exit ret;

	catch_signals();
	ret = rx_app_set_up(&app, error);
	if (ret == RX_OK) {
		print_start();
		if (app.options.absorb)
			ret = measure_absorb(error);
	}
	if (ret == RX_OK) {
		ret = receive(error);
		linger();
	}
	return rx_app_tear_down(&app, ret, error);
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
		else if (strcmp(argv[i], "--help-man") == 0)
			app.options.help_man = true;
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
	if (ret == RX_OK && !app.options.help && !app.options.help_man)
		ret = rx_vdev_args_policy(separator, argv, app.options.policy, &error);
	if (ret != RX_OK)
		return complain(ret, &error);
	if (app.options.help) {
		rx_options_help(stdout, PROGRAM);
		return RX_OK;
	}
	if (app.options.help_man) {
		rx_options_man(stdout, PROGRAM);
		return RX_OK;
	}
	if (app.options.list_figures) {
		rx_text_registry(stdout);
		return RX_OK;
	}
	rx_options_warn(argc - separator, argv + separator, stderr);
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
