/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * The subcommand "rx": what one core receives from the simulated wire, by the book: NDR
 * and PDR with their bounds (RFC 9971), MRR, loss against load, back-to-back, latency.
 * Read search/search.h (which load next), trial.h (what a trial is), measure.h (a size).
 */

#include <sched.h>
#include <signal.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_lcore.h>

#include "command.h"
#include "wire_json.h"
#include "wire_options.h"
#include "wire_report.h"

static struct wire_options options;

/* As large as it is: not for the stack. */
static struct wire_run run;

static void
on_signal(int number)
{
	(void)number;
	wire_stop();
}

/* A second signal ends the process the usual way, should an orderly end hang. */
static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static enum bench_exit
parse(int argc, char **argv, struct bench_options *common, struct labyrinth_error *error)
{
	enum bench_exit ret = wire_options_parse(argc, argv, &options, error);

	memset(common, 0, sizeof(*common));
	common->json = options.json;
	return ret;
}

/* The card's own thread gets the CPU of the second lcore. */
static enum bench_exit
find_device_cpu(int *cpu, struct labyrinth_error *error)
{
	unsigned int lcore = rte_get_next_lcore(-1, 1, 0);
	rte_cpuset_t set;

	*cpu = -1;
	if (options.mode != LABYRINTH_NIC_THREAD)
		return BENCH_OK;
	if (lcore == RTE_MAX_LCORE)
		return labyrinth_fail(error, BENCH_ENVIRONMENT,
			"--mode thread needs a second lcore for the card: -l 0,1");
	set = rte_lcore_cpuset(lcore);
	for (*cpu = 0; *cpu < CPU_SETSIZE - 1 && !CPU_ISSET(*cpu, &set);)
		(*cpu)++;
	return BENCH_OK;
}

static enum bench_exit
set_up(struct wire_bench *bench, struct labyrinth_error *error)
{
	enum bench_exit ret = find_device_cpu(&bench->device_cpu, error);

	bench->options = &options;
	if (ret == BENCH_OK)
		ret = wire_buffers_open(
			&bench->buffers, options.pool, options.pages, error);
	if (ret == BENCH_OK)
		ret = wire_hold_open(&bench->hold,
			(uint64_t)(options.hold_us * 1e-6 * (double)rte_get_tsc_hz()),
			bench->buffers.n, error);
	return ret;
}

/* After each size: a run that is killed leaves what was measured. */
static enum bench_exit
save(struct labyrinth_error *error)
{
	clock_gettime(CLOCK_REALTIME, &run.end);
	if (options.json == NULL || strcmp(options.json, "-") == 0)
		return BENCH_OK;
	return wire_json_write(&run, options.json, error);
}

static double
guess(void)
{
	double seconds = 0;

	for (uint32_t i = 0; i < options.sizes; i++)
		seconds += wire_measure_guess(
			&options, wire_line_rate(&options.size[i], options.rate));
	return seconds / options.sizes;
}

static enum bench_exit
measure_all(struct wire_bench *bench, struct labyrinth_error *error)
{
	struct wire_progress progress;
	enum bench_exit ret = BENCH_OK;

	run.message = "not finished";
	wire_progress_begin(&progress, options.sizes, guess());
	while (ret == BENCH_OK && run.results < options.sizes && !wire_stopped()) {
		const struct wire_size *size = &options.size[run.results];

		wire_progress_size(&progress, run.results, size->label);
		ret = wire_measure(
			bench, size, &progress, &run.result[run.results++], error);
		if (ret == BENCH_OK)
			ret = save(error);
	}
	wire_progress_end(&progress);
	run.passed = ret == BENCH_OK && !wire_stopped();
	if (wire_stopped())
		run.message = "interrupted";
	else if (ret != BENCH_OK)
		run.message = error->text;
	return ret;
}

static enum bench_exit
report(FILE *out, struct labyrinth_error *error)
{
	clock_gettime(CLOCK_REALTIME, &run.end);
	wire_report_print(&run, out);
	if (options.json == NULL)
		return BENCH_OK;
	return wire_json_write(&run, options.json, error);
}

static enum bench_exit
rx(const struct bench_options *common, FILE *out, struct labyrinth_error *error)
{
	struct wire_bench bench = { 0 };
	struct labyrinth_error later;
	enum bench_exit ret, written = BENCH_OK;

	(void)common;
	catch_signals();
	bench_machine_look(&run.machine);
	clock_gettime(CLOCK_REALTIME, &run.start);
	run.options = &options;
	run.buffers = &bench.buffers;
	ret = set_up(&bench, error);
	if (ret == BENCH_OK) {
		wire_report_begin(&run, out);
		ret = measure_all(&bench, error);
		written = report(out, ret == BENCH_OK ? error : &later);
	}
	wire_hold_close(&bench.hold);
	wire_buffers_close(&bench.buffers);
	for (uint32_t i = 0; i < run.results; i++)
		wire_result_free(&run.result[i]);
	if (ret == BENCH_OK)
		ret = written;
	if (ret == BENCH_OK && !run.passed)
		return labyrinth_fail(error, BENCH_GATE,
			"interrupted: what was measured until then is kept");
	return ret;
}

static const char *const no_cases[] = { NULL };

const struct bench_command bench_rx_command = {
	.name = "rx",
	.summary =
		"NDR, PDR, MRR, loss, bursts and latency by frame size, simulated wire",
	.cases = no_cases,
	.parse = parse,
	.help = wire_options_help,
	.run = rx,
};
