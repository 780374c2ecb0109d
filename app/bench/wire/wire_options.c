/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "labyrinth_pool.h"
#include "options.h"
#include "wire_options.h"

#define HOLD_US_MAX 1000000u
#define RATE_MIN    0.1

enum option_id {
	OPTION_GOAL = 1,
	OPTION_SIZES,
	OPTION_MEASURE,
	OPTION_RATE,
	OPTION_POLICY,
	OPTION_MODE,
	OPTION_RXD,
	OPTION_BURST,
	OPTION_PAGES,
	OPTION_HOLD_US,
	OPTION_POOL,
	OPTION_JSON,
};

static const struct option long_options[] = {
	{ "goal", required_argument, NULL, OPTION_GOAL },
	{ "sizes", required_argument, NULL, OPTION_SIZES },
	{ "measure", required_argument, NULL, OPTION_MEASURE },
	{ "rate", required_argument, NULL, OPTION_RATE },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "mode", required_argument, NULL, OPTION_MODE },
	{ "rxd", required_argument, NULL, OPTION_RXD },
	{ "burst", required_argument, NULL, OPTION_BURST },
	{ "pages", required_argument, NULL, OPTION_PAGES },
	{ "hold-us", required_argument, NULL, OPTION_HOLD_US },
	{ "pool", required_argument, NULL, OPTION_POOL },
	{ "json", required_argument, NULL, OPTION_JSON },
	{ NULL, 0, NULL, 0 },
};

/* By value; ended by NULL. */
static const char *const policies[] = { "drop", "stall", "wait", NULL };
static const char *const modes[] = { "inline", "thread", NULL };
static const char *const measures[] = { "ndrpdr", "mrr", "loss", "burst", "latency",
	"timeline", NULL };

const char *
wire_policy_name(enum labyrinth_rx_policy policy)
{
	return policies[policy];
}

/* The place of the first @p length characters of @p text in @p names, or -1. */
static int
find_name(const char *const *names, const char *text, size_t length)
{
	for (int i = 0; names[i] != NULL; i++)
		if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0)
			return i;
	return -1;
}

static enum bench_exit
no_such_name(const char *option, const char *text, const char *const *names,
	struct labyrinth_error *error)
{
	char known[96] = "";

	for (; *names != NULL; names++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), " %s",
			*names);
	return labyrinth_fail(error, BENCH_USAGE,
		"--%s %.40s: there is none, choose from:%s", option, text, known);
}

static enum bench_exit
parse_name(const char *option, const char *const *names, int *value,
	struct labyrinth_error *error)
{
	*value = find_name(names, optarg, strlen(optarg));
	return *value >= 0 ? BENCH_OK : no_such_name(option, optarg, names, error);
}

static enum bench_exit
parse_measures(unsigned int *set, struct labyrinth_error *error)
{
	const char *text = optarg;

	*set = 0;
	do {
		size_t length = strcspn(text, ",");
		int i = find_name(measures, text, length);

		if (i < 0)
			return no_such_name("measure", optarg, measures, error);
		*set |= 1u << i;
		text += length;
	} while (*text++ == ',');
	if ((*set & WIRE_LATENCY) != 0 && (*set & WIRE_NDRPDR) == 0)
		return labyrinth_fail(error, BENCH_USAGE,
			"--measure latency is done at parts of PDR: add ndrpdr");
	return BENCH_OK;
}

/* Digits only: strtoul() would take signs, blanks and a wrapped negative number. */
static enum bench_exit
parse_u32(const char *option, uint32_t min, uint32_t max, uint32_t *value,
	struct labyrinth_error *error)
{
	unsigned long long wide;
	char *end;

	errno = 0;
	wide = strtoull(optarg, &end, 10);
	if (optarg[0] < '0' || optarg[0] > '9' || *end != '\0' || errno != 0 ||
		wide < min || wide > max)
		return labyrinth_fail(error, BENCH_USAGE,
			"--%s '%.40s': give a whole number from %" PRIu32 " to %" PRIu32,
			option, optarg, min, max);
	*value = (uint32_t)wide;
	return BENCH_OK;
}

static enum bench_exit
parse_rxd(uint32_t *value, struct labyrinth_error *error)
{
	enum bench_exit ret = parse_u32(
		"rxd", LABYRINTH_NIC_RING_MIN, LABYRINTH_NIC_RING_MAX, value, error);

	if (ret == BENCH_OK && (*value & (*value - 1)) != 0)
		return labyrinth_fail(error, BENCH_USAGE,
			"--rxd %" PRIu32 ": give a power of two from %u to %u", *value,
			LABYRINTH_NIC_RING_MIN, LABYRINTH_NIC_RING_MAX);
	return ret;
}

static enum bench_exit
parse_rate(double *value, struct labyrinth_error *error)
{
	char *end;

	errno = 0;
	*value = strtod(optarg, &end);
	if (end == optarg || *end != '\0' || errno != 0 ||
		!(*value >= RATE_MIN && *value <= LABYRINTH_RATE_MAX))
		return labyrinth_fail(error, BENCH_USAGE,
			"--rate '%.40s': give Gb/s from %g to %g", optarg, RATE_MIN,
			LABYRINTH_RATE_MAX);
	return BENCH_OK;
}

static enum bench_exit
parse_goal(const struct search_preset **preset, struct labyrinth_error *error)
{
	char known[96] = "";

	*preset = search_preset_find(optarg);
	if (*preset != NULL)
		return BENCH_OK;
	for (uint32_t i = 0; search_preset_at(i) != NULL; i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), " %s",
			search_preset_at(i)->name);
	return labyrinth_fail(error, BENCH_USAGE,
		"--goal %.40s: there is none, choose from:%s", optarg, known);
}

static enum bench_exit
parse_choice(int id, struct wire_options *o, struct labyrinth_error *error)
{
	enum bench_exit ret;
	int value = 0;

	if (id == OPTION_POLICY) {
		ret = parse_name("policy", policies, &value, error);
		o->policy = (enum labyrinth_rx_policy)value;
		return ret;
	}
	ret = parse_name("mode", modes, &value, error);
	o->mode = (enum labyrinth_nic_mode)value;
	return ret;
}

static enum bench_exit
parse_one(int id, struct wire_options *o, struct labyrinth_error *error)
{
	switch (id) {
	case OPTION_GOAL:
		return parse_goal(&o->preset, error);
	case OPTION_SIZES:
		return wire_sizes_parse(optarg, o->size, &o->sizes, error);
	case OPTION_MEASURE:
		return parse_measures(&o->measures, error);
	case OPTION_RATE:
		return parse_rate(&o->rate, error);
	case OPTION_POLICY:
	case OPTION_MODE:
		return parse_choice(id, o, error);
	case OPTION_RXD:
		return parse_rxd(&o->rxd, error);
	case OPTION_BURST:
		return parse_u32("burst", 1, WIRE_BURST_MAX, &o->burst, error);
	case OPTION_PAGES:
		return parse_u32("pages", 64, LABYRINTH_PAGES_MAX, &o->pages, error);
	case OPTION_HOLD_US:
		return parse_u32("hold-us", 0, HOLD_US_MAX, &o->hold_us, error);
	case OPTION_POOL:
		o->pool = optarg;
		return BENCH_OK;
	default:
		return bench_json_path_check(optarg, &o->json, error);
	}
}

static enum bench_exit
check(const struct wire_options *o, struct labyrinth_error *error)
{
	/* frames of several buffers take as many more; the card itself refuses those */
	if (o->pages < o->rxd + o->burst)
		return labyrinth_fail(error, BENCH_USAGE,
			"--pages %" PRIu32 ": fewer than the %" PRIu32
			" of the ring and a burst",
			o->pages, o->rxd + o->burst);
	for (uint32_t i = 0; i < o->sizes; i++)
		if (wire_line_rate(&o->size[i], o->rate) < 2 * WIRE_MIN_LOAD)
			return labyrinth_fail(error, BENCH_USAGE,
				"--rate %g: %.0f frames of size %s a second are too few "
				"for "
				"the search, which needs %.0f: raise it",
				o->rate, wire_line_rate(&o->size[i], o->rate),
				o->size[i].label, 2 * WIRE_MIN_LOAD);
	if (o->pool[0] == '\0' || strlen(o->pool) >= 32)
		return labyrinth_fail(error, BENCH_USAGE,
			"--pool: give " WIRE_POOL_LABYRINTH
			" or the name of mempool ops, such "
			"as ring_mp_mc");
	return BENCH_OK;
}

enum bench_exit
wire_options_parse(
	int argc, char **argv, struct wire_options *o, struct labyrinth_error *error)
{
	enum bench_exit ret;
	int id;

	*o = (struct wire_options){
		.preset = search_preset_find("quick"),
		.measures = WIRE_ALL,
		.rate = LABYRINTH_NIC_LINK_MBPS / 1000.0,
		.rxd = LABYRINTH_NIC_RING_DEFAULT,
		.burst = 32,
		.pages = 16384,
		.pool = WIRE_POOL_LABYRINTH,
	};
	ret = wire_sizes_parse(WIRE_SIZES_DEFAULT, o->size, &o->sizes, error);
	/* 0 makes glibc start anew; EAL runs its own getopt later. */
	optind = 0;
	opterr = 0;
	while (ret == BENCH_OK &&
		(id = getopt_long(argc, argv, "+:", long_options, NULL)) != -1) {
		if (id == ':')
			return labyrinth_fail(error, BENCH_USAGE,
				"%s: its value is missing, see -- --help",
				argv[optind - 1]);
		if (id == '?')
			return labyrinth_fail(error, BENCH_USAGE,
				"%.100s: no such option of %s, see -- --help",
				argv[optind - 1], argv[0]);
		ret = parse_one(id, o, error);
	}
	if (ret == BENCH_OK && optind < argc)
		return labyrinth_fail(error, BENCH_USAGE,
			"%.100s: not an option, see -- --help", argv[optind]);
	return ret == BENCH_OK ? check(o, error) : ret;
}

void
wire_options_help(FILE *out)
{
	fprintf(out,
		"  --goal NAME      what is looked for, and for how long (quick):\n");
	for (uint32_t i = 0; search_preset_at(i) != NULL; i++)
		fprintf(out, "                     %-8s %s\n", search_preset_at(i)->name,
			search_preset_at(i)->summary);
	fprintf(out,
		"  --sizes LIST     frame sizes with FCS, and imix\n"
		"                   (" WIRE_SIZES_DEFAULT ")\n"
		"  --measure LIST   of ndrpdr, mrr, loss, burst, latency, timeline "
		"(all)\n"
		"  --rate GBPS      of the simulated wire: most load (100)\n"
		"  --policy NAME    without a page: drop, stall or wait (drop)\n"
		"  --mode NAME      who plays the card: inline the polling core, thread "
		"the "
		"second\n"
		"                   lcore (inline)\n"
		"  --rxd N          descriptors of the ring (%u)\n"
		"  --burst N        most frames a poll, up to %u (32)\n"
		"  --pages N        buffers of 4 KiB (16384)\n"
		"  --hold-us N      the application keeps each frame so long (0)\n"
		"  --pool NAME      " WIRE_POOL_LABYRINTH
		", or mempool ops such as ring_mp_mc\n"
		"  --json FILE      write the figures to FILE, - for standard output\n",
		LABYRINTH_NIC_RING_DEFAULT, WIRE_BURST_MAX);
}
