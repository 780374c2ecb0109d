/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_config.h>

#include "labyrinth_frame.h"
#include "labyrinth_mbuf.h"
#include "labyrinth_pool.h"
#include "options.h"

/** Longest run and longest period: a year, far from any overflow of ticks. */
#define SECONDS_MAX 31536000.0

/** Longest that a frame is kept: an hour, as long as any pool lasts. */
#define HOLD_US_MAX 3600000000u

static const struct rx_options defaults = {
	.rxq = 1,
	.rxd = 512,
	.burst = 32,
	.mode = "rxonly",
	.pool = LABYRINTH_MBUF_OPS_NAME,
};

/** Lists of names end with NULL. */
static const char *const modes[] = { "rxonly", NULL };
static const char *const policies[] = { "drop", "stall", "wait", NULL };

enum option_id {
	OPTION_DURATION = 1,
	OPTION_PACKETS,
	OPTION_PAGES,
	OPTION_RXQ,
	OPTION_RXD,
	OPTION_BURST,
	OPTION_HOLD_US,
	OPTION_HOLD_PACKETS,
	OPTION_STATS_PERIOD,
	OPTION_FORWARD_MODE,
	OPTION_POLICY,
	OPTION_POOL,
	OPTION_MAX_PKT_LEN,
	OPTION_UNCOLOURED,
	OPTION_ABSORB,
	OPTION_LATENCY,
	OPTION_VERIFY,
	OPTION_JSON,
	OPTION_JSON_LINES,
	OPTION_CSV,
	OPTION_TOP,
	OPTION_FIGURES,
	OPTION_LIST_FIGURES,
	OPTION_LINGER,
	OPTION_PAGE_AGES,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{ "duration", required_argument, NULL, OPTION_DURATION },
	{ "packets", required_argument, NULL, OPTION_PACKETS },
	{ "pages", required_argument, NULL, OPTION_PAGES },
	{ "rxq", required_argument, NULL, OPTION_RXQ },
	{ "rxd", required_argument, NULL, OPTION_RXD },
	{ "burst", required_argument, NULL, OPTION_BURST },
	{ "hold-us", required_argument, NULL, OPTION_HOLD_US },
	{ "hold-packets", required_argument, NULL, OPTION_HOLD_PACKETS },
	{ "stats-period", required_argument, NULL, OPTION_STATS_PERIOD },
	{ "forward-mode", required_argument, NULL, OPTION_FORWARD_MODE },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "max-pkt-len", required_argument, NULL, OPTION_MAX_PKT_LEN },
	{ "uncoloured", no_argument, NULL, OPTION_UNCOLOURED },
	{ "absorb", no_argument, NULL, OPTION_ABSORB },
	{ "latency", no_argument, NULL, OPTION_LATENCY },
	{ "verify", no_argument, NULL, OPTION_VERIFY },
	{ "pool", required_argument, NULL, OPTION_POOL },
	{ "json", required_argument, NULL, OPTION_JSON },
	{ "json-lines", required_argument, NULL, OPTION_JSON_LINES },
	{ "csv", required_argument, NULL, OPTION_CSV },
	{ "top", no_argument, NULL, OPTION_TOP },
	{ "figures", no_argument, NULL, OPTION_FIGURES },
	{ "list-figures", no_argument, NULL, OPTION_LIST_FIGURES },
	{ "linger", required_argument, NULL, OPTION_LINGER },
	{ "page-ages", no_argument, NULL, OPTION_PAGE_AGES },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

struct range {
	uint64_t min, max;
};

/* Digits only: strtoull() would take signs, blanks and a wrapped negative number. */
static enum rx_exit
parse_count(const char *name, const char *text, struct range range, uint64_t *value,
	struct labyrinth_error *error)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
		*value < range.min || *value > range.max)
		return labyrinth_fail(error, RX_USAGE,
			"--%s '%.40s': give a whole number from %" PRIu64 " to %" PRIu64,
			name, text, range.min, range.max);
	return RX_OK;
}

static enum rx_exit
parse_u32(const char *name, const char *text, uint32_t max, uint32_t *value,
	struct labyrinth_error *error)
{
	uint64_t wide;
	struct range range = { 1, max };
	enum rx_exit ret = parse_count(name, text, range, &wide, error);

	if (ret == RX_OK)
		*value = (uint32_t)wide;
	return ret;
}

static enum rx_exit
parse_u16(const char *name, const char *text, uint16_t max, uint16_t *value,
	struct labyrinth_error *error)
{
	uint64_t wide;
	struct range range = { 1, max };
	enum rx_exit ret = parse_count(name, text, range, &wide, error);

	if (ret == RX_OK)
		*value = (uint16_t)wide;
	return ret;
}

static enum rx_exit
parse_length(const char *text, uint32_t *length, struct labyrinth_error *error)
{
	const struct range range = { LABYRINTH_FRAME_MIN, LABYRINTH_FRAME_MAX };
	uint64_t wide;
	enum rx_exit ret = parse_count("max-pkt-len", text, range, &wide, error);

	if (ret == RX_OK)
		*length = (uint32_t)wide;
	return ret;
}

static enum rx_exit
parse_seconds(
	const char *name, const char *text, double *value, struct labyrinth_error *error)
{
	char *end;

	*value = strtod(text, &end);
	/* The first character keeps out blanks, signs, "inf" and "nan". */
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || !isfinite(*value) ||
		*value > SECONDS_MAX)
		return labyrinth_fail(error, RX_USAGE,
			"--%s '%.40s': give seconds from 0 to %.0f, such as 10 or 0.5",
			name, text, SECONDS_MAX);
	return RX_OK;
}

static enum rx_exit
parse_choice(const char *name, const char *text, const char *const *choices,
	const char **choice, struct labyrinth_error *error)
{
	char known[64] = "";

	for (; *choices != NULL; choices++) {
		if (strcmp(text, *choices) == 0) {
			*choice = *choices;
			return RX_OK;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), " %s",
			*choices);
	}
	return labyrinth_fail(error, RX_USAGE, "--%s %.40s: no such, choose from:%s",
		name, text, known);
}

/* Looked at before the run: to find out after it would lose the figures. */
static enum rx_exit
parse_file(const char *option, const char *path, const char **json,
	struct labyrinth_error *error)
{
	char copy[PATH_MAX];
	struct stat st;

	*json = path;
	if (strcmp(path, "-") == 0)
		return RX_OK;
	if (path[0] == '\0' || strlen(path) >= sizeof(copy))
		return labyrinth_fail(error, RX_USAGE,
			"--%s: give a file name, or - for standard output", option);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return labyrinth_fail(error, RX_USAGE,
			"--%s %.100s: is a directory, give a file in it", option, path);
	memcpy(copy, path, strlen(path) + 1);
	if (access(dirname(copy), W_OK | X_OK) != 0)
		return labyrinth_fail(error, RX_USAGE,
			"--%s %.100s: cannot write to its directory (%s), create it first",
			option, path, strerror(errno));
	return RX_OK;
}

static enum rx_exit
parse_pool(const char *text, const char **pool, struct labyrinth_error *error)
{
	if (text[0] == '\0')
		return labyrinth_fail(error, RX_USAGE,
			"--pool: give the name of mempool ops, such as %s or ring_mp_mc",
			LABYRINTH_MBUF_OPS_NAME);
	*pool = text;
	return RX_OK;
}

static enum rx_exit
parse_one(int id, const char *text, struct rx_options *o, struct labyrinth_error *error)
{
	switch (id) {
	case OPTION_DURATION:
		return parse_seconds("duration", text, &o->duration_s, error);
	case OPTION_PACKETS:
		return parse_count("packets", text, (struct range){ 0, INT64_MAX },
			&o->packets, error);
	case OPTION_PAGES:
		return parse_u32("pages", text, LABYRINTH_PAGES_MAX, &o->pages, error);
	case OPTION_RXQ:
		return parse_u16("rxq", text, RTE_MAX_QUEUES_PER_PORT, &o->rxq, error);
	case OPTION_RXD:
		return parse_u16("rxd", text, UINT16_MAX, &o->rxd, error);
	case OPTION_BURST:
		return parse_u16("burst", text, RX_BURST_MAX, &o->burst, error);
	case OPTION_HOLD_US:
		return parse_count("hold-us", text, (struct range){ 1, HOLD_US_MAX },
			&o->hold_us, error);
	case OPTION_HOLD_PACKETS:
		return parse_u32("hold-packets", text, LABYRINTH_PAGES_MAX,
			&o->hold_packets, error);
	case OPTION_STATS_PERIOD:
		return parse_seconds("stats-period", text, &o->stats_period_s, error);
	case OPTION_FORWARD_MODE:
		return parse_choice("forward-mode", text, modes, &o->mode, error);
	case OPTION_POLICY:
		return parse_choice("policy", text, policies, &o->policy, error);
	case OPTION_MAX_PKT_LEN:
		return parse_length(text, &o->max_pkt_len, error);
	case OPTION_UNCOLOURED:
		o->uncoloured = true;
		return RX_OK;
	case OPTION_ABSORB:
		o->absorb = true;
		return RX_OK;
	case OPTION_LATENCY:
		o->latency = true;
		return RX_OK;
	case OPTION_VERIFY:
		o->verify = true;
		return RX_OK;
	case OPTION_POOL:
		return parse_pool(text, &o->pool, error);
	case OPTION_JSON:
		return parse_file("json", text, &o->json, error);
	case OPTION_JSON_LINES:
		return parse_file("json-lines", text, &o->json_lines, error);
	case OPTION_CSV:
		return parse_file("csv", text, &o->csv, error);
	case OPTION_LINGER:
		return parse_seconds("linger", text, &o->linger_s, error);
	case OPTION_TOP:
		o->top = true;
		return RX_OK;
	case OPTION_FIGURES:
		o->figures = true;
		return RX_OK;
	case OPTION_LIST_FIGURES:
		o->list_figures = true;
		return RX_OK;
	case OPTION_PAGE_AGES:
		o->page_ages = true;
		return RX_OK;
	default:
		o->help = true;
		return RX_OK;
	}
}

static int
to_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

static enum rx_exit
check_together(const struct rx_options *o, struct labyrinth_error *error)
{
	if (o->pages != 0 && o->burst > o->pages)
		return labyrinth_fail(error, RX_USAGE,
			"--burst %u does not fit in --pages %" PRIu32
			": a smaller burst or more pages",
			o->burst, o->pages);
	if (o->page_ages && strcmp(o->pool, LABYRINTH_MBUF_OPS_NAME) != 0)
		return labyrinth_fail(error, RX_USAGE,
			"--page-ages: --pool %.40s has no pages, only %s has", o->pool,
			LABYRINTH_MBUF_OPS_NAME);
	if (to_stdout(o->json) + to_stdout(o->json_lines) + to_stdout(o->csv) > 1)
		return labyrinth_fail(error, RX_USAGE,
			"only one of --json, --json-lines and --csv can have standard "
			"output: give the others files");
	if (o->uncoloured && strcmp(o->pool, LABYRINTH_MBUF_OPS_NAME) != 0)
		return labyrinth_fail(error, RX_USAGE,
			"--uncoloured: --pool %.40s has no colours, only %s has", o->pool,
			LABYRINTH_MBUF_OPS_NAME);
	return RX_OK;
}

enum rx_exit
rx_options_parse(
	int argc, char **argv, struct rx_options *options, struct labyrinth_error *error)
{
	enum rx_exit ret;
	int id;

	*options = defaults;
	/* 0 makes glibc start anew; EAL runs its own getopt later and keeps this state.
	 */
	optind = 0;
	opterr = 0;
	while ((id = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (id == ':')
			return labyrinth_fail(error, RX_USAGE,
				"%s: its value is missing, see -- --help",
				argv[optind - 1]);
		if (id == '?')
			return labyrinth_fail(error, RX_USAGE,
				"%s: no such option after --, see -- --help",
				argv[optind - 1]);
		ret = parse_one(id, optarg, options, error);
		if (ret != RX_OK)
			return ret;
	}
	if (optind < argc)
		return labyrinth_fail(error, RX_USAGE, "%s: not an option, see -- --help",
			argv[optind]);
	return check_together(options, error);
}

bool
rx_options_known(const char *argument)
{
	size_t length = strcspn(argument, "=");

	if (strncmp(argument, "--", 2) != 0)
		return false;
	for (const struct option *o = long_options; o->name != NULL; o++) {
		if (strlen(o->name) == length - 2 &&
			strncmp(o->name, argument + 2, length - 2) == 0)
			return true;
	}
	return false;
}

void
rx_options_help(FILE *out, const char *program)
{
	fprintf(out,
		"Usage: %s EAL-OPTIONS -- OPTIONS\n"
		"Receives on all ports, frees each frame, accounts for all of them.\n"
		"EAL-OPTIONS are those of all DPDK programs: -l, --vdev, -a ...\n\n"
		"  --duration S         seconds to run, 0 until SIGINT, SIGTERM (0)\n"
		"  --packets N          stop at N delivered frames, 0 no limit (0)\n"
		"  --pages N            pages, one frame each (see below)\n"
		"  --rxq N              rx queues of each port (%u)\n"
		"  --rxd N              descriptors of each rx queue (%u)\n"
		"  --burst N            frames asked for at each poll, 1 to %u (%u)\n"
		"  --hold-us N          keep each frame N us before it is freed (0)\n"
		"  --hold-packets N     keep the last N frames of each queue (0)\n"
		"  --stats-period S     seconds between rates, 0 none (0)\n"
		"  --forward-mode MODE  rxonly: receive and free (%s)\n"
		"  --policy POLICY      drop, stall or wait: what a simulated card\n"
		"                       (--vdev net_labyrinth0) does without a page\n"
		"  --max-pkt-len N      longest frame, FCS included (as the port has it)\n"
		"  --absorb             before the run, measure for how long the pool\n"
		"                       takes frames in when none is freed\n"
		"  --latency            from the arrival of a frame to its release\n"
		"  --verify             check each frame of a simulated wire by its\n"
		"                       number; these three need net_labyrinth\n"
		"  --pool OPS           %s, or any mempool ops of DPDK (%s)\n"
		"  --uncoloured         the data of all pages of %s starts at the\n"
		"                       same place: slow, to compare with\n"
		"  --json FILE          write the result as JSON; - for standard\n"
		"                       output, text then goes to standard error\n"
		"  --json-lines FILE    all figures each --stats-period (1 s), an\n"
		"                       object a line; - as above\n"
		"  --csv FILE           the same, a number a line; - as above\n"
		"  --top                a screen of rates, losses, pool and lcores,\n"
		"                       anew each --stats-period (1 s)\n"
		"  --figures            print all figures at the end\n"
		"  --list-figures       print what figures there are, and end\n"
		"  --linger S           after the run, answer telemetry with its last\n"
		"                       figures for S seconds or until a signal (0)\n"
		"  --page-ages          note when each page is handed out, to know for\n"
		"                       how long its holder has had it\n"
		"  --help               this text\n\n"
		"Pages by default: for each rx queue twice its descriptors and a burst,\n"
		"for each lcore twice what it may cache (%u), rounded up to 2 MiB.\n\n"
		"Exit status: 0 ok; 1 --packets not reached within --duration; 2 wrong\n"
		"usage; 3 hugepages, rights or devices missing; 4 the ledger is out of\n"
		"balance or a page leaked.\n\n"
		"Example: %s -l 0-1 --no-pci --vdev net_null0 -- --duration 10\n",
		program, defaults.rxq, defaults.rxd, RX_BURST_MAX, defaults.burst,
		defaults.mode, LABYRINTH_MBUF_OPS_NAME, defaults.pool,
		LABYRINTH_MBUF_OPS_NAME,
		LABYRINTH_CACHE_DEFAULT, program);
}
