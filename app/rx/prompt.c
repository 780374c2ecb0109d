/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_rdline.h>
#include <cmdline_socket.h>
#include <rte_lcore.h>

#include "prompt.h"
#include "prompt_commands.h"
#include "run.h"

/** How long input is waited for before it is looked whether the run has ended, in ms. */
#define LOOK_MS 20

/** Longest line of a script, as long as one that can be typed. */
#define LINE_MAX_BYTES 512

/** Where lines of a script come from. */
struct script {
	int fd;
	const char *name;
	unsigned int number;   /**< of the line */
	size_t used;
	char line[LINE_MAX_BYTES];
};

static bool
over(void)
{
	return rx_prompt.quit || rx_app_quits(rx_prompt.app);
}

/* Do what is due and wait a little. @return whether @p fd has something to be read */
static bool
wait_for_input(int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };

	if (rx_prompt.app->running && rx_run_ended(rx_prompt.app))
		rx_run_stop(rx_prompt.app);
	fflush(rx_prompt.app->out);
	return poll(&input, 1, LOOK_MS) > 0;
}

/* Run the line, which ends with a newline. A wrong one is told with its place. */
static enum rx_exit
run_line(struct cmdline *cl, const struct script *script, struct labyrinth_error *error)
{
	int ret;

	rx_prompt.result = RX_OK;
	rx_prompt.error.text[0] = '\0';
	ret = cmdline_parse(cl, script->line);
	if (ret == CMDLINE_PARSE_AMBIGUOUS || ret == CMDLINE_PARSE_NOMATCH ||
		ret == CMDLINE_PARSE_BAD_ARGS)
		return labyrinth_fail(error, RX_USAGE,
			"%.60s, line %u: %.*s: %s, see help", script->name, script->number,
			(int)RTE_MIN(strcspn(script->line, "\n"), (size_t)60), script->line,
			ret == CMDLINE_PARSE_NOMATCH ? "no such command"
						     : "its arguments are wrong");
	if (rx_prompt.result != RX_OK)
		return labyrinth_fail(error, rx_prompt.result, "%.60s, line %u: %.150s",
			script->name, script->number, rx_prompt.error.text);
	return RX_OK;
}

/* One more character of a script. A line is run when it is whole. */
static enum rx_exit
add_character(struct cmdline *cl, struct script *script, char c,
	struct labyrinth_error *error)
{
	enum rx_exit ret = RX_OK;

	/* The parser stops at a NUL and would take the rest for another line. */
	if (script->used + 2 > sizeof(script->line) || c == '\0')
		return labyrinth_fail(error, RX_USAGE,
			"%.60s, line %u: longer than %zu bytes, or no text", script->name,
			script->number, sizeof(script->line) - 2);
	script->line[script->used++] = c;
	if (c == '\n') {
		script->line[script->used] = '\0';
		script->used = 0;
		ret = run_line(cl, script, error);
		script->number++;
	}
	return ret;
}

static enum rx_exit
run_script(struct cmdline *cl, struct script *script, struct labyrinth_error *error)
{
	enum rx_exit ret = RX_OK;
	char c = '\n';
	ssize_t n = 1;

	script->number = 1;
	while (!over() && ret == RX_OK && n > 0) {
		if (!wait_for_input(script->fd))
			continue;
		n = read(script->fd, &c, 1);
		if (n > 0)
			ret = add_character(cl, script, c, error);
	}
	/* The last line may lack its end. */
	if (ret == RX_OK && script->used != 0 && !over())
		ret = add_character(cl, script, '\n', error);
	return ret;
}

static enum rx_exit
run_file(const char *path, struct labyrinth_error *error)
{
	struct script script = { .fd = open(path, O_RDONLY | O_CLOEXEC), .name = path };
	struct cmdline *cl;
	enum rx_exit ret;

	if (script.fd < 0)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"--cmdline-file %.100s: cannot be read (%s)", path, strerror(errno));
	cl = cmdline_new(rx_prompt_commands, "", -1, -1);
	if (cl == NULL)
		ret = labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	else
		ret = run_script(cl, &script, error);
	if (cl != NULL)
		cmdline_free(cl);
	close(script.fd);
	return ret;
}

static enum rx_exit
run_input(struct labyrinth_error *error)
{
	struct script script = { .fd = STDIN_FILENO, .name = "standard input" };
	struct cmdline *cl = cmdline_new(rx_prompt_commands, "", -1, -1);
	enum rx_exit ret;

	if (cl == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	ret = run_script(cl, &script, error);
	cmdline_free(cl);
	return ret;
}

/* Keys go to the line editor, which has the history and runs whole lines. */
static enum rx_exit
run_terminal(struct labyrinth_error *error)
{
	struct cmdline *cl =
		cmdline_stdin_new(rx_prompt_commands, "labyrinth-rx> ");
	char c;

	if (cl == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"--interactive: the terminal cannot be used");
	rx_prompt.result = RX_OK;
	while (!over()) {
		if (!wait_for_input(STDIN_FILENO))
			continue;
		if (read(STDIN_FILENO, &c, 1) <= 0 || cmdline_in(cl, &c, 1) < 0)
			break;
		if (rx_prompt.result != RX_OK)
			fprintf(rx_prompt.app->out, "%s\n", rx_prompt.error.text);
		rx_prompt.result = RX_OK;
	}
	cmdline_stdin_exit(cl);
	return RX_OK;
}

enum rx_exit
rx_prompt_run(struct rx_app *app, struct labyrinth_error *error)
{
	const struct rx_options *o = &app->options;
	enum rx_exit ret = RX_OK;

	if (rte_lcore_count() < 2)
		return labyrinth_fail(error, RX_USAGE,
			"a prompt needs the main lcore, and another one to poll: -l 0-1");
	rx_prompt = (struct rx_prompt){ .app = app };
	rx_prompt_commands_init();
	if (o->auto_start)
		ret = rx_prompt_start(error);
	if (ret == RX_OK && o->cmdline_file != NULL)
		ret = run_file(o->cmdline_file, error);
	if (ret == RX_OK && o->interactive && !over())
		ret = isatty(STDIN_FILENO) ? run_terminal(error) : run_input(error);
	rx_snapshot_free(rx_prompt.cleared);
	rx_prompt.cleared = NULL;
	return ret;
}
