/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "labyrinth_mbuf.h"
#include "mode.h"
#include "option_table.h"

/** Ours and testpmd's together, and the end. */
#define OPTIONS_MAX 160

/* What getopt_long() returns for the n-th entry: no letter, no code of its own. */
#define FIRST_ID 256

/* getopt's table and letters, made from ours. */
struct getopt_table {
	struct option options[OPTIONS_MAX];
	char letters[16];
	int n;
};

static void
add_entry(struct getopt_table *table, const char *name, bool value)
{
	table->options[table->n] = (struct option){
		.name = name,
		.has_arg = value ? required_argument : no_argument,
		.val = FIRST_ID + table->n,
	};
	if (table->n < OPTIONS_MAX - 1)
		table->n++;
}

static void
make_table(struct getopt_table *table)
{
	size_t letters = 2;

	*table = (struct getopt_table){ .letters = "+:" };
	for (const struct rx_option_group *g = rx_option_groups; g->title != NULL; g++) {
		for (const struct rx_option *o = g->options; o->name != NULL; o++) {
			add_entry(table, o->name, o->value != NULL);
			if (o->letter != 0 && letters < sizeof(table->letters) - 1)
				table->letters[letters++] = o->letter;
		}
	}
	for (const struct rx_foreign_option *o = rx_foreign_options; o->name != NULL; o++)
		add_entry(table, o->name, o->value);
	table->options[table->n] = (struct option){ 0 };
}

static void
store(const struct rx_option *option, struct rx_options *options, uint64_t value)
{
	void *to = RTE_PTR_ADD(options, option->at);

	switch (option->width) {
	case sizeof(uint8_t):
		*(bool *)to = value != 0;
		break;
	case sizeof(uint16_t):
		*(uint16_t *)to = (uint16_t)value;
		break;
	case sizeof(uint32_t):
		*(uint32_t *)to = (uint32_t)value;
		break;
	default:
		*(uint64_t *)to = value;
		break;
	}
}

/* Digits only: strtoull() would take signs, blanks and a wrapped negative number. */
static enum rx_exit
read_count(const struct rx_option *option, const char *text, struct rx_options *options,
	struct labyrinth_error *error)
{
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
		value < option->min || value > option->max)
		return labyrinth_fail(error, RX_USAGE,
			"--%s '%.40s': give a whole number from %" PRIu64 " to %" PRIu64,
			option->name, text, option->min, option->max);
	store(option, options, value);
	return RX_OK;
}

static enum rx_exit
read_mask(const struct rx_option *option, const char *text, struct rx_options *options,
	struct labyrinth_error *error)
{
	size_t digits = strspn(text, "0123456789abcdefABCDEFxX");
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 16);
	if (digits != strlen(text) || digits == 0 || *end != '\0' || errno != 0 ||
		value < option->min || value > option->max)
		return labyrinth_fail(error, RX_USAGE,
			"--%s '%.40s': give a hexadecimal number from %" PRIx64
			" to %" PRIx64,
			option->name, text, option->min, option->max);
	store(option, options, value);
	return RX_OK;
}

static enum rx_exit
read_seconds(const struct rx_option *option, const char *text, struct rx_options *options,
	struct labyrinth_error *error)
{
	double value;
	char *end;

	value = strtod(text, &end);
	/* The first character keeps out blanks, signs, "inf" and "nan". */
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || !isfinite(value) ||
		value > (double)option->max)
		return labyrinth_fail(error, RX_USAGE,
			"--%s '%.40s': give seconds from 0 to %" PRIu64
			", such as 10 or 0.5",
			option->name, text, option->max);
	*(double *)RTE_PTR_ADD(options, option->at) = value;
	return RX_OK;
}

static enum rx_exit
read_option(const struct rx_option *option, const char *text, struct rx_options *options,
	struct labyrinth_error *error)
{
	switch (option->kind) {
	case RX_OPTION_FLAG:
		store(option, options, 1);
		return RX_OK;
	case RX_OPTION_COUNT:
		return read_count(option, text, options, error);
	case RX_OPTION_MASK:
		return read_mask(option, text, options, error);
	case RX_OPTION_SECONDS:
		return read_seconds(option, text, options, error);
	case RX_OPTION_TEXT:
		if (text[0] == '\0')
			return labyrinth_fail(error, RX_USAGE,
				"--%s: its value is empty, see -- --help", option->name);
		*(const char **)RTE_PTR_ADD(options, option->at) = text;
		return RX_OK;
	default:
		return option->read(text, options, error);
	}
}

static enum rx_exit
read_named(const char *name, const char *text, struct rx_options *options,
	struct labyrinth_error *error)
{
	const struct rx_option *option = rx_option_find(name, strlen(name));
	const struct rx_foreign_option *foreign;

	if (option != NULL)
		return read_option(option, text, options, error);
	foreign = rx_foreign_option_find(name, strlen(name));
	if (foreign->harmless != NULL)
		return RX_OK;
	return labyrinth_fail(error, RX_USAGE,
		"--%s: testpmd has this option, this program has not; leave it out", name);
}

/* --hold-us and --hold-packets choose their mode. */
static enum rx_exit
settle_mode(struct rx_options *o, struct labyrinth_error *error)
{
	if ((o->hold_us == 0 && o->hold_packets == 0) || strcmp(o->mode, "hold") == 0)
		return RX_OK;
	if (strcmp(o->mode, "rxonly") != 0 &&
		(strcmp(o->mode, "pipeline") != 0 || strcmp(o->pipeline_mode, "hold") != 0))
		return labyrinth_fail(error, RX_USAGE,
			"--hold-us and --hold-packets are for --forward-mode hold, not %s",
			o->mode);
	if (strcmp(o->mode, "rxonly") == 0)
		o->mode = rx_mode_hold.name;
	return RX_OK;
}

static int
to_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

/* Only our pool has pages. */
static enum rx_exit
check_pool(const struct rx_options *o, struct labyrinth_error *error)
{
	if (strcmp(o->pool, LABYRINTH_MBUF_OPS_NAME) == 0)
		return RX_OK;
	if (o->page_ages)
		return labyrinth_fail(error, RX_USAGE,
			"--page-ages: --pool %.40s has no pages, only %s has", o->pool,
			LABYRINTH_MBUF_OPS_NAME);
	if (o->dpdk_cache != 0)
		return labyrinth_fail(error, RX_USAGE,
			"--dpdk-cache: is of --pool %s, --pool %.40s has --mbcache",
			LABYRINTH_MBUF_OPS_NAME, o->pool);
	if (o->uncoloured)
		return labyrinth_fail(error, RX_USAGE,
			"--uncoloured: --pool %.40s has no colours, only %s has", o->pool,
			LABYRINTH_MBUF_OPS_NAME);
	return RX_OK;
}

static enum rx_exit
check_together(struct rx_options *o, struct labyrinth_error *error)
{
	if (o->pages != 0 && o->burst > o->pages)
		return labyrinth_fail(error, RX_USAGE,
			"--burst %u does not fit in --pages %" PRIu32
			": a smaller burst or more pages",
			o->burst, o->pages);
	if (to_stdout(o->json) + to_stdout(o->json_lines) + to_stdout(o->csv) > 1)
		return labyrinth_fail(error, RX_USAGE,
			"only one of --json, --json-lines and --csv can have standard "
			"output: give the others files");
	if (check_pool(o, error) != RX_OK || settle_mode(o, error) != RX_OK)
		return RX_USAGE;
	if (o->absorb && strcmp(o->mode, "rxonly") != 0 && strcmp(o->mode, "hold") != 0)
		return labyrinth_fail(error, RX_USAGE,
			"--absorb: measures what is received and freed, choose "
			"--forward-mode rxonly");
	if (o->tx_first && !rx_mode_find(o->mode)->sends)
		return labyrinth_fail(error, RX_USAGE,
			"--tx-first: mode %s does not send, choose --forward-mode io",
			o->mode);
	return RX_OK;
}

static void
set_defaults(struct rx_options *options)
{
	*options = rx_option_defaults;
	for (uint16_t i = 0; i < RTE_MAX_ETHPORTS; i++)
		options->eth_peer[i] =
			(struct rte_ether_addr){ .addr_bytes = { 2, 0, 0, 0, 0, i } };
}

enum rx_exit
rx_options_parse(
	int argc, char **argv, struct rx_options *options, struct labyrinth_error *error)
{
	struct getopt_table table;
	enum rx_exit ret;
	int id;

	set_defaults(options);
	make_table(&table);
	/* 0 makes glibc start anew; EAL runs its own getopt later and keeps this state.
	 */
	optind = 0;
	opterr = 0;
	while ((id = getopt_long(argc, argv, table.letters, table.options, NULL)) != -1) {
		if (id == ':')
			return labyrinth_fail(error, RX_USAGE,
				"%.80s: its value is missing, see -- --help",
				argv[optind - 1]);
		if (id == '?')
			return labyrinth_fail(error, RX_USAGE,
				"%.80s: no such option after --, see -- --help",
				argv[optind - 1]);
		if (id < FIRST_ID)
			ret = read_option(
				rx_option_of_letter(id), optarg, options, error);
		else
			ret = read_named(table.options[id - FIRST_ID].name, optarg,
				options, error);
		if (ret != RX_OK)
			return ret;
	}
	if (optind < argc)
		return labyrinth_fail(error, RX_USAGE,
			"%.80s: not an option, see -- --help", argv[optind]);
	return check_together(options, error);
}

bool
rx_options_known(const char *argument)
{
	if (strncmp(argument, "--", 2) != 0)
		return false;
	return rx_option_find(argument + 2, strcspn(argument + 2, "=")) != NULL;
}

void
rx_options_warn(int argc, char **argv, FILE *out)
{
	for (int i = 1; i < argc; i++) {
		const struct rx_foreign_option *foreign = NULL;

		if (strncmp(argv[i], "--", 2) == 0)
			foreign = rx_foreign_option_find(
				argv[i] + 2, strcspn(argv[i] + 2, "="));
		if (foreign != NULL)
			fprintf(out, "--%s has no effect: %s\n", foreign->name,
				foreign->harmless);
	}
}
