/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * labyrinth-bench: figures about Labyrinth beside what DPDK has.
 * Read the "pool" subcommand here first: pool.c, impl.h (what is compared), store.h
 * (how), one case_*.c each, ratios.c (what is claimed). Likewise "rx-loop": rx_loop.c,
 * rx_bench.h, rx_case_*.c, rx_ratios.c. "growth": growth/growth.h. And "rx":
 * wire/command.c.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "command.h"

#define PROGRAM "labyrinth-bench"

static const struct bench_command *const commands[] = {
	&bench_pool_command,
	&bench_growth_command,
	&bench_rx_loop_command,
	&bench_rx_command,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_command(const struct bench_command *command)
{
	printf("  %-12s  %s\n", command->name, command->summary);
	if (command->cases[0] == NULL)
		return;
	printf("  %-12s  cases:", "");
	for (const char *const *name = command->cases; *name != NULL; name++)
		printf(" %s", *name);
	printf("\n");
}

static void
print_help(void)
{
	printf("Usage: %s EAL-OPTIONS -- SUBCOMMAND OPTIONS\n\nSubcommands:\n", PROGRAM);
	for (size_t i = 0; i < COMMANDS; i++)
		print_command(commands[i]);
	printf("\nOptions:\n");
	bench_options_help(stdout);
	for (size_t i = 0; i < COMMANDS; i++) {
		if (commands[i]->help == NULL)
			continue;
		printf("\nOptions of %s, instead of those:\n", commands[i]->name);
		commands[i]->help(stdout);
	}
	printf("\nExit codes: 0 ok, 1 a ratio missed with --gate, or interrupted, 2 usage,\n"
	       "3 environment, 4 an object was lost, doubled or refused.\n"
	       "Examples: %s -l 0,1 -- pool --quick --json pool.json\n"
	       "          %s -l 0 -- rx --goal quick --json rx.json\n",
		PROGRAM, PROGRAM);
}

static enum bench_exit
find_command(const char *name, const struct bench_command **command,
	struct labyrinth_error *error)
{
	char known[128] = "";

	for (size_t i = 0; i < COMMANDS; i++) {
		if (name != NULL && strcmp(name, commands[i]->name) == 0) {
			*command = commands[i];
			return BENCH_OK;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), " %s",
			commands[i]->name);
	}
	if (name == NULL)
		return labyrinth_fail(error, BENCH_USAGE,
			"a subcommand is missing: EAL options, then --, then one of:%s",
			known);
	return labyrinth_fail(error, BENCH_USAGE,
		"%.40s: no such subcommand, give one of:%s", name, known);
}

static enum bench_exit
eal_start(int argc, char **argv, struct labyrinth_error *error)
{
	/* Standard output is for what this program says. */
	rte_openlog_stream(stderr);
	if (rte_eal_init(argc, argv) >= 0)
		return BENCH_OK;
	if (rte_errno == EINVAL)
		return labyrinth_fail(error, BENCH_USAGE,
			"EAL refuses its options: those of %s go after --, see -- --help",
			PROGRAM);
	return labyrinth_fail(error, BENCH_ENVIRONMENT,
		"EAL does not start (%s): reserve hugepages, e.g. 256 in "
		"/proc/sys/vm/nr_hugepages, or do without them by --no-huge -m 512",
		rte_strerror(rte_errno));
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

static bool
asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static enum bench_exit
parse(const struct bench_command *command, int argc, char **argv,
	struct bench_options *options, struct labyrinth_error *error)
{
	if (command->parse != NULL)
		return command->parse(argc, argv, options, error);
	return bench_options_parse(argc, argv, command->cases, options, error);
}

static int
complain(enum bench_exit ret, const struct labyrinth_error *error)
{
	if (ret != BENCH_OK)
		fprintf(stderr, "%s: %s\n", PROGRAM, error->text);
	return ret;
}

int
main(int argc, char **argv)
{
	struct labyrinth_error error = { "" };
	int separator = find_separator(argc, argv), at = separator + 1;
	const struct bench_command *command = NULL;
	struct bench_options options;
	enum bench_exit ret;
	FILE *out = stdout;

	if (asks_for_help(argc, argv)) {
		print_help();
		return BENCH_OK;
	}
	ret = find_command(at < argc ? argv[at] : NULL, &command, &error);
	if (ret == BENCH_OK)
		ret = parse(command, argc - at, argv + at, &options, &error);
	if (ret != BENCH_OK)
		return complain(ret, &error);
	if (options.json != NULL && strcmp(options.json, "-") == 0)
		out = stderr;
	ret = eal_start(separator, argv, &error);
	if (ret != BENCH_OK)
		return complain(ret, &error);
	ret = command->run(&options, out, &error);
	rte_eal_cleanup();
	return complain(ret, &error);
}
