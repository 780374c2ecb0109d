/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"

enum option_id {
	OPTION_QUICK = 1,
	OPTION_GATE,
	OPTION_RUNS,
	OPTION_JSON,
	OPTION_CASES,
	OPTION_IMPL,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{ "quick", no_argument, NULL, OPTION_QUICK },
	{ "gate", no_argument, NULL, OPTION_GATE },
	{ "runs", required_argument, NULL, OPTION_RUNS },
	{ "json", required_argument, NULL, OPTION_JSON },
	{ "cases", required_argument, NULL, OPTION_CASES },
	{ "case", required_argument, NULL, OPTION_CASES },
	{ "impl", required_argument, NULL, OPTION_IMPL },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

/* Digits only: strtoul() would take signs, blanks and a wrapped negative number. */
static enum bench_exit
parse_runs(const char *text, uint32_t *runs, struct labyrinth_error *error)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
		value < BENCH_RUNS_MIN || value > BENCH_RUNS_MAX)
		return labyrinth_fail(error, BENCH_USAGE,
			"--runs %.40s: give a whole number from %u to %u", text,
			BENCH_RUNS_MIN, BENCH_RUNS_MAX);
	*runs = (uint32_t)value;
	return BENCH_OK;
}

/* The case whose name is the first @p length characters of @p text. */
static enum bench_exit
choose_case(const char *text, size_t length, const char *const *names, uint32_t *chosen,
	struct labyrinth_error *error)
{
	char known[200] = "";

	for (unsigned int i = 0; names[i] != NULL; i++) {
		if (strlen(names[i]) == length && strncmp(text, names[i], length) == 0) {
			*chosen |= 1u << i;
			return BENCH_OK;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), " %s",
			names[i]);
	}
	return labyrinth_fail(error, BENCH_USAGE,
		"--cases %.*s: no such case, choose from:%s",
		(int)(length < 40 ? length : 40), text, known);
}

static enum bench_exit
parse_cases(const char *text, const char *const *names, uint32_t *chosen,
	struct labyrinth_error *error)
{
	enum bench_exit ret = BENCH_OK;

	for (;;) {
		size_t length = strcspn(text, ",");

		ret = choose_case(text, length, names, chosen, error);
		if (ret != BENCH_OK || text[length] == '\0')
			return ret;
		text += length + 1;
	}
}

/* Looked at before the runs: to find out after them would lose the figures. */
enum bench_exit
bench_json_path_check(const char *path, const char **json, struct labyrinth_error *error)
{
	char copy[PATH_MAX];
	struct stat st;

	*json = path;
	if (strcmp(path, "-") == 0)
		return BENCH_OK;
	if (path[0] == '\0' || strlen(path) >= sizeof(copy))
		return labyrinth_fail(error, BENCH_USAGE,
			"--json: give a file name, or - for standard output");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return labyrinth_fail(error, BENCH_USAGE,
			"--json %.100s: is a directory, give a file in it", path);
	memcpy(copy, path, strlen(path) + 1);
	if (access(dirname(copy), W_OK | X_OK) != 0)
		return labyrinth_fail(error, BENCH_USAGE,
			"--json %.100s: cannot write to its directory (%s), create it "
			"first",
			path, strerror(errno));
	return BENCH_OK;
}

static enum bench_exit
parse_one(int id, const char *const *cases, struct bench_options *o,
	struct labyrinth_error *error)
{
	switch (id) {
	case OPTION_QUICK:
		o->quick = true;
		return BENCH_OK;
	case OPTION_GATE:
		o->gate = true;
		return BENCH_OK;
	case OPTION_RUNS:
		return parse_runs(optarg, &o->runs, error);
	case OPTION_JSON:
		return bench_json_path_check(optarg, &o->json, error);
	case OPTION_CASES:
		return parse_cases(optarg, cases, &o->cases, error);
	case OPTION_IMPL:
		o->impl = optarg;
		return BENCH_OK;
	default:
		o->help = true;
		return BENCH_OK;
	}
}

enum bench_exit
bench_options_parse(int argc, char **argv, const char *const *cases,
	struct bench_options *options, struct labyrinth_error *error)
{
	enum bench_exit ret;
	int id;

	memset(options, 0, sizeof(*options));
	/* 0 makes glibc start anew; EAL runs its own getopt later. */
	optind = 0;
	opterr = 0;
	while ((id = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (id == ':')
			return labyrinth_fail(error, BENCH_USAGE,
				"%s: its value is missing, see -- --help",
				argv[optind - 1]);
		if (id == '?')
			return labyrinth_fail(error, BENCH_USAGE,
				"%.100s: no such option of %s, see -- --help",
				argv[optind - 1], argv[0]);
		ret = parse_one(id, cases, options, error);
		if (ret != BENCH_OK)
			return ret;
	}
	if (optind < argc)
		return labyrinth_fail(error, BENCH_USAGE,
			"%.100s: not an option, see -- --help", argv[optind]);
	if (options->gate && (options->cases != 0 || options->impl != NULL))
		return labyrinth_fail(error, BENCH_USAGE,
			"--gate needs all ratios: leave out --cases and --impl");
	return BENCH_OK;
}

void
bench_options_help(FILE *out)
{
	fprintf(out,
		"  --quick       short runs: a minute on 2 CPUs, all told\n"
		"  --json FILE   write the figures to FILE, - for standard output\n"
		"  --gate        exit code 1 if a ratio is under the least acceptable\n"
		"  --runs N      runs that each median is made of, %u to %u\n"
		"  --cases LIST  these cases only, by names with commas between\n"
		"  --impl NAME   this implementation only, such as ring_mp_mc or "
		"labyrinth\n",
		BENCH_RUNS_MIN, BENCH_RUNS_MAX);
}
