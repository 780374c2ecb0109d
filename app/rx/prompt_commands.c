/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmdline.h>
#include <cmdline_parse_num.h>
#include <cmdline_parse_string.h>
#include <rte_cycles.h>

#include "figures/live.h"
#include "policy.h"
#include "prompt_commands.h"
#include "prompt_show.h"
#include "run.h"

/** How long `wait` sleeps before it looks again, in ns. */
#define NAP_NS 10000000

/** Longest `wait`, in ms: an hour. */
#define WAIT_MAX_MS 3600000u

struct rx_prompt rx_prompt;

/* What a command was parsed into; not every command has each of them. */
struct words {
	cmdline_fixed_string_t first, second, third, fourth;
	uint32_t number;
};

/* The way to refuse: the reason is told by who reads the line. */
static void __rte_format_printf(2, 3)
refuse(enum rx_exit result, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(rx_prompt.error.text, sizeof(rx_prompt.error.text), format, ap);
	va_end(ap);
	rx_prompt.result = result;
}

static bool
refuse_while_running(const char *what)
{
	if (rx_prompt.app->running)
		refuse(RX_USAGE, "%s: not while lcores poll, stop first", what);
	return rx_prompt.app->running;
}

/* ---- start, stop, wait, quit, clear ---- */

enum rx_exit
rx_prompt_start(struct labyrinth_error *error)
{
	struct rx_app *app = rx_prompt.app;
	enum rx_exit ret;

	for (uint16_t i = 0; i < app->nb_ports; i++) {
		if (!app->ports[i].started)
			return labyrinth_fail(error, RX_USAGE,
				"start: port %u is stopped, port start %u first",
				app->ports[i].id, app->ports[i].id);
	}
	ret = rx_run_start(app, error);
	if (ret == RX_OK)
		rx_plan_print(&app->plan, app->out);
	return ret;
}

static void
start(void *parsed, struct cmdline *cl, void *data)
{
	(void)parsed, (void)cl, (void)data;
	if (!refuse_while_running("start"))
		rx_prompt.result = rx_prompt_start(&rx_prompt.error);
}

static void
start_tx_first(void *parsed, struct cmdline *cl, void *data)
{
	struct rx_options *options = &rx_prompt.app->options;
	bool before = options->tx_first;

	if (!rx_mode_find(options->mode)->sends) {
		refuse(RX_USAGE, "start tx_first: mode %s does not send, set fwd io",
			options->mode);
		return;
	}
	options->tx_first = true;
	start(parsed, cl, data);
	options->tx_first = before;
}

static void
stop(void *parsed, struct cmdline *cl, void *data)
{
	(void)parsed, (void)cl, (void)data;
	if (!rx_prompt.app->running)
		refuse(RX_USAGE, "stop: no lcore polls");
	else
		rx_run_stop(rx_prompt.app);
}

/* For scripts: until the time is over, or the run; that may have ended before this. */
static void
wait_for(void *parsed, struct cmdline *cl, void *data)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	struct words *words = parsed;
	struct rx_app *app = rx_prompt.app;
	uint64_t end = rte_rdtsc() + (uint64_t)words->number * rte_get_tsc_hz() / 1000;

	(void)cl, (void)data;
	if (words->number > WAIT_MAX_MS) {
		refuse(RX_USAGE, "wait: give milliseconds, at most %u", WAIT_MAX_MS);
		return;
	}
	while (rte_rdtsc() < end && !rx_app_quits(app) && app->running) {
		if (rx_run_ended(app))
			rx_run_stop(app);
		nanosleep(&nap, NULL);
	}
}

static void
quit(void *parsed, struct cmdline *cl, void *data)
{
	(void)parsed, (void)data;
	rx_prompt.quit = true;
	cmdline_quit(cl);
}

/* Counters are never set back: where they stand is remembered. */
static void
clear(void *parsed, struct cmdline *cl, void *data)
{
	struct rx_snapshot *now;

	(void)parsed, (void)cl, (void)data;
	rx_live_hold();
	now = rx_snapshot_take(&rx_prompt.app->scene);
	rx_live_release();
	if (now == NULL) {
		refuse(RX_ENVIRONMENT, "clear: out of memory");
		return;
	}
	rx_snapshot_free(rx_prompt.cleared);
	rx_prompt.cleared = now;
}

/* ---- set ---- */

static void
set_fwd(void *parsed, struct cmdline *cl, void *data)
{
	struct words *words = parsed;
	const struct rx_mode *mode = rx_mode_find(words->third);

	(void)cl, (void)data;
	if (mode == NULL)
		refuse(RX_USAGE, "set fwd %.40s: no such mode", words->third);
	else if (!refuse_while_running("set fwd"))
		rx_prompt.app->options.mode = mode->name;
}

static void
set_burst(void *parsed, struct cmdline *cl, void *data)
{
	struct words *words = parsed;

	(void)cl, (void)data;
	if (words->number < 1 || words->number > RX_BURST_MAX) {
		refuse(RX_USAGE, "set burst: give a number from 1 to %u", RX_BURST_MAX);
	} else if (!refuse_while_running("set burst")) {
		rx_prompt.app->options.burst = (uint16_t)words->number;
		rx_prompt.app->plan.control.burst = (uint16_t)words->number;
	}
}

static void
set_period(void *parsed, struct cmdline *cl, void *data)
{
	struct words *words = parsed;

	(void)cl, (void)data;
	if (words->number > WAIT_MAX_MS / 1000) {
		refuse(RX_USAGE, "set period: give seconds, at most %u", WAIT_MAX_MS / 1000);
	} else if (!refuse_while_running("set period")) {
		rx_prompt.app->options.stats_period_s = words->number;
		rx_watch_set_period(&rx_prompt.app->watch, words->number);
	}
}

/* ---- ports ---- */

/* Call @p fn for port @p text, or for each of "all". */
static void
for_ports(const char *text, const struct words *words,
	void (*fn)(const struct words *words, struct rx_port *port))
{
	struct rx_app *app = rx_prompt.app;
	bool all = strcmp(text, "all") == 0, any = false;
	char id[8];

	for (uint16_t i = 0; i < app->nb_ports && rx_prompt.result == RX_OK; i++) {
		snprintf(id, sizeof(id), "%u", app->ports[i].id);
		if (!all && strcmp(text, id) != 0)
			continue;
		fn(words, &app->ports[i]);
		any = true;
	}
	if (!any)
		refuse(RX_USAGE, "no port %.40s", text);
}

static void
set_policy_of(const struct words *words, struct rx_port *port)
{
	rx_prompt.result = rx_policy_set(port, words->fourth, &rx_prompt.error);
}

static void
set_policy(void *parsed, struct cmdline *cl, void *data)
{
	struct words *words = parsed;

	(void)cl, (void)data;
	for_ports(words->third, words, set_policy_of);
}

static void
show_one(const struct words *words, struct rx_port *port)
{
	rx_link_look(port);
	rx_show_port(&rx_prompt, words->third, port);
}

static void
show_port(void *parsed, struct cmdline *cl, void *data)
{
	struct words *words = parsed;

	(void)cl, (void)data;
	for_ports(words->fourth, words, show_one);
}

static void
switch_one(const struct words *words, struct rx_port *port)
{
	rx_live_hold();
	if (strcmp(words->second, "stop") == 0)
		rx_port_stop(port);
	else if (!port->started)
		rx_prompt.result = rx_port_start(port, &rx_prompt.error);
	rx_live_release();
}

static void
switch_port(void *parsed, struct cmdline *cl, void *data)
{
	struct words *words = parsed;

	(void)cl, (void)data;
	if (!refuse_while_running("port"))
		for_ports(words->third, words, switch_one);
}

/* ---- show, help ---- */

static void
show(void *parsed, struct cmdline *cl, void *data)
{
	struct words *words = parsed;

	(void)cl, (void)data;
	rx_show(&rx_prompt, words->second);
}

static void
help(void *parsed, struct cmdline *cl, void *data)
{
	(void)parsed, (void)cl, (void)data;
	for (cmdline_parse_ctx_t *inst = rx_prompt_commands; *inst != NULL; inst++)
		fprintf(rx_prompt.app->out, "  %s\n", (*inst)->help_str);
}

/* ---- the table ---- */

/** Names of modes with '#' between. */
static char mode_words[160];

#define WORD(id, field, text)                                                            \
	static cmdline_parse_token_string_t id =                                         \
		TOKEN_STRING_INITIALIZER(struct words, field, text)
#define COMMAND(id, fn, help_text, ...)                                                  \
	static cmdline_parse_inst_t id = { .f = fn, .help_str = help_text,               \
		.tokens = { __VA_ARGS__, NULL } }
#define T(token) ((void *)&(token))

WORD(word_help, first, "help");
WORD(word_quit, first, "quit");
WORD(word_start, first, "start");
WORD(word_tx_first, second, "tx_first");
WORD(word_stop, first, "stop");
WORD(word_wait, first, "wait");
WORD(word_clear, first, "clear");
WORD(word_all, second, "all");
WORD(word_set, first, "set");
WORD(word_fwd, second, "fwd");
WORD(word_mode, third, mode_words);
WORD(word_burst, second, "burst");
WORD(word_period, second, "period");
WORD(word_policy, second, "policy");
WORD(word_policy_id, third, NULL);
WORD(word_policy_name, fourth, "drop#stall#wait");
WORD(word_show, first, "show");
WORD(word_what, second, RX_SHOW_WORDS);
WORD(word_show_port, second, "port");
WORD(word_port_what, third, "stats#xstats#info");
WORD(word_show_id, fourth, NULL);
WORD(word_port, first, "port");
WORD(word_switch, second, "start#stop");
WORD(word_switch_id, third, NULL);

static cmdline_parse_token_num_t number =
	TOKEN_NUM_INITIALIZER(struct words, number, RTE_UINT32);

/* clang-format off */
COMMAND(do_help, help, "help: these lines", T(word_help));
COMMAND(do_start, start, "start: begin to forward", T(word_start));
COMMAND(do_tx_first, start_tx_first, "start tx_first: send a burst first",
	T(word_start), T(word_tx_first));
COMMAND(do_stop, stop, "stop: end forwarding, ports go on", T(word_stop));
COMMAND(do_fwd, set_fwd, "set fwd <mode>: what is done with a frame from the next start on",
	T(word_set), T(word_fwd), T(word_mode));
COMMAND(do_burst, set_burst, "set burst <n>: frames asked for at each poll",
	T(word_set), T(word_burst), T(number));
COMMAND(do_period, set_period, "set period <s>: seconds between rates, 0 none",
	T(word_set), T(word_period), T(number));
COMMAND(do_policy, set_policy,
	"set policy <port>|all drop|stall|wait: what a simulated card does without a page",
	T(word_set), T(word_policy), T(word_policy_id), T(word_policy_name));
COMMAND(do_show, show, "show pool|owners|errors|ledger|latency|runtime|queues|fwd",
	T(word_show), T(word_what));
COMMAND(do_show_port, show_port, "show port stats|xstats|info <port>|all",
	T(word_show), T(word_show_port), T(word_port_what), T(word_show_id));
COMMAND(do_switch, switch_port, "port start|stop <port>|all: not while forwarding",
	T(word_port), T(word_switch), T(word_switch_id));
COMMAND(do_clear, clear, "clear all: show counts from now on", T(word_clear), T(word_all));
COMMAND(do_wait, wait_for, "wait <ms>: for scripts; until the run ends, if it does before",
	T(word_wait), T(number));
COMMAND(do_quit, quit, "quit: stop, report, end", T(word_quit));
/* clang-format on */

cmdline_parse_ctx_t rx_prompt_commands[] = {
	&do_help,
	&do_start,
	&do_tx_first,
	&do_stop,
	&do_fwd,
	&do_burst,
	&do_period,
	&do_policy,
	&do_show,
	&do_show_port,
	&do_switch,
	&do_clear,
	&do_wait,
	&do_quit,
	NULL,
};

void
rx_prompt_commands_init(void)
{
	rx_mode_names(mode_words, sizeof(mode_words));
	for (char *at = mode_words; *at != '\0'; at++)
		*at = *at == ' ' ? '#' : *at;
}
