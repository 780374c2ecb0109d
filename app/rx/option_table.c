/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include <rte_common.h>

#include "labyrinth_frame.h"
#include "labyrinth_mbuf.h"
#include "labyrinth_pool.h"
#include "option_read.h"
#include "option_table.h"

/** Longest run and longest period: a year, far from any overflow of ticks. */
#define SECONDS_MAX 31536000

/** Longest that a frame is kept: an hour, as long as any pool lasts. */
#define HOLD_US_MAX 3600000000u

/** Headers of a frame that is made here: Ethernet, IPv4, UDP. */
#define MADE_MIN 42

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

const struct rx_options rx_option_defaults = {
	.rxq = 1,
	.rxd = 512,
	.burst = 32,
	.mode = "rxonly",
	.pipeline_mode = "rxonly",
	.pipeline_workers = 1,
	.pipeline_ring = 1024,
	.tx_length = 64,
	/* RFC 2544: networks for benchmarks */
	.tx_ip_src = IP(198, 18, 0, 1),
	.tx_ip_dst = IP(198, 18, 0, 2),
	/* discard */
	.tx_udp_src = 9,
	.tx_udp_dst = 9,
	.flowgen_flows = 1024,
	.pool = LABYRINTH_MBUF_OPS_NAME,
	.mbcache = 250,
};

#define AT(field) .at = offsetof(struct rx_options, field), \
	.width = sizeof(((struct rx_options *)0)->field)

/* clang-format off */
#define FLAG(NAME, FIELD, SENTENCE)                                                      \
	{ .name = NAME, .sentence = SENTENCE, .kind = RX_OPTION_FLAG, AT(FIELD) }
#define LETTER(LETTER_, NAME, FIELD, SENTENCE)                                           \
	{ .name = NAME, .letter = LETTER_, .sentence = SENTENCE, .kind = RX_OPTION_FLAG, \
		AT(FIELD) }
#define COUNT(NAME, FIELD, MIN, MAX, SENTENCE)                                           \
	{ .name = NAME, .value = "N", .sentence = SENTENCE, .kind = RX_OPTION_COUNT,     \
		.min = MIN, .max = MAX, AT(FIELD) }
#define MASK(NAME, FIELD, MAX, SENTENCE)                                                 \
	{ .name = NAME, .value = "MASK", .sentence = SENTENCE, .kind = RX_OPTION_MASK,   \
		.min = 1, .max = MAX, AT(FIELD) }
#define SECONDS(NAME, FIELD, SENTENCE)                                                   \
	{ .name = NAME, .value = "S", .sentence = SENTENCE, .kind = RX_OPTION_SECONDS,   \
		.max = SECONDS_MAX, AT(FIELD) }
#define TEXT(NAME, VALUE, FIELD, SENTENCE)                                               \
	{ .name = NAME, .value = VALUE, .sentence = SENTENCE, .kind = RX_OPTION_TEXT,    \
		AT(FIELD) }
#define OWN(NAME, VALUE, READ, SENTENCE)                                                 \
	{ .name = NAME, .value = VALUE, .sentence = SENTENCE, .kind = RX_OPTION_OWN,     \
		.read = READ }
/* With a default that --help shows. */
#define NAMED(NAME, VALUE, FIELD, READ, SENTENCE)                                        \
	{ .name = NAME, .value = VALUE, .sentence = SENTENCE, .kind = RX_OPTION_OWN,     \
		.read = READ, AT(FIELD) }

static const struct rx_option run[] = {
	SECONDS("duration", duration_s, "seconds to run, 0 until SIGINT or SIGTERM"),
	COUNT("packets", packets, 0, INT64_MAX,
		"stop at N received frames (txonly, flowgen: N sent), 0 no limit"),
	NAMED("forward-mode", "MODE", mode, rx_read_mode,
		"what is done with a frame, see MODES; testpmd's default is io"),
	FLAG("tx-first", tx_first, "send a burst by each tx queue before the first poll"),
	{ 0 },
};

static const struct rx_option ports[] = {
	COUNT("rxq", rxq, 1, RTE_MAX_QUEUES_PER_PORT, "rx queues of each port"),
	COUNT("txq", txq, 1, RTE_MAX_QUEUES_PER_PORT,
		"tx queues of each port (as many as rx queues)"),
	COUNT("rxd", rxd, 1, UINT16_MAX, "descriptors of each rx queue"),
	COUNT("txd", txd, 1, UINT16_MAX, "descriptors of each tx queue (as many as rx)"),
	COUNT("burst", burst, 1, RX_BURST_MAX, "frames asked for at each poll"),
	FLAG("rx-intr", rx_intr,
		"an lcore that finds nothing for a while sleeps until a frame comes; ports "
		"without rx interrupts are refused"),
	COUNT("max-pkt-len", max_pkt_len, LABYRINTH_FRAME_MIN, LABYRINTH_FRAME_MAX,
		"longest frame, FCS included (as the port has it)"),
	FLAG("enable-scatter", scatter, "a frame may take several buffers"),
	FLAG("disable-rss", no_rss, "do not spread frames over the rx queues"),
	MASK("portmask", portmask, UINT32_MAX, "use the ports whose bits are set (all)"),
	OWN("portlist", "LIST", rx_read_portlist, "use these ports, such as 0,2-3 (all)"),
	OWN("port-topology", "WAY", rx_read_topology,
		"paired: frames leave by the other port of two; chained: by the next one; "
		"loop: by their own (paired)"),
	OWN("eth-peer", "PORT,MAC", rx_read_peer,
		"who is at the other end of a port (02:00:00:00:00:PORT)"),
	OWN("policy", "POLICY", rx_read_policy,
		"drop, stall or wait: what a simulated card (--vdev net_labyrinth0) does "
		"without a page"),
	{ 0 },
};

static const struct rx_option lcores[] = {
	COUNT("nb-cores", nb_cores, 1, RTE_MAX_LCORE, "lcores that poll, at most (all)"),
	OWN("rxq-map", "MAP", rx_read_map,
		"\"(port,queue,lcore),...\": which lcore polls what (in turn)"),
	{ 0 },
};

static const struct rx_option modes[] = {
	COUNT("hold-us", hold_us, 1, HOLD_US_MAX,
		"hold: keep each frame N us before it is freed"),
	COUNT("hold-packets", hold_packets, 1, LABYRINTH_PAGES_MAX,
		"hold: keep the last N frames of each queue"),
	NAMED("pipeline-mode", "MODE", pipeline_mode, rx_read_pipeline_mode,
		"pipeline: what is done behind the rings"),
	COUNT("pipeline-workers", pipeline_workers, 1, RTE_MAX_LCORE,
		"pipeline: lcores behind the rings"),
	COUNT("pipeline-ring", pipeline_ring, 1, LABYRINTH_PAGES_MAX,
		"pipeline: frames that fit in a ring"),
	COUNT("txpkts", tx_length, MADE_MIN, LABYRINTH_FRAME_MAX - RTE_ETHER_CRC_LEN,
		"txonly, flowgen: bytes of a frame, without FCS"),
	OWN("tx-ip", "SRC,DST", rx_read_ip,
		"txonly, flowgen: addresses (198.18.0.1,198.18.0.2)"),
	OWN("tx-udp", "SRC[,DST]", rx_read_udp, "txonly, flowgen: ports (9,9)"),
	FLAG("txonly-multi-flow", tx_multi_flow, "txonly: 256 flows, by their source port"),
	COUNT("flowgen-flows", flowgen_flows, 1, UINT16_MAX, "flowgen: flows"),
	COUNT("flowgen-clones", flowgen_clones, 0, UINT16_MAX,
		"flowgen: frames of a flow that follow its first one"),
	COUNT("noisy-tx-sw-buffer-size", noisy_buffer, 0, LABYRINTH_PAGES_MAX,
		"noisy: keep the last N frames of each queue before sending"),
	COUNT("noisy-tx-sw-buffer-flushtime", noisy_flush_ms, 0, HOLD_US_MAX / 1000,
		"noisy: keep them no longer than N ms, 0 no limit"),
	COUNT("noisy-lkup-memory", noisy_memory_mb, 0, UINT16_MAX,
		"noisy: MiB of memory of each queue to read and write"),
	COUNT("noisy-lkup-num-reads", noisy_reads, 0, UINT16_MAX,
		"noisy: words read for each frame"),
	COUNT("noisy-lkup-num-writes", noisy_writes, 0, UINT16_MAX,
		"noisy: words written for each frame"),
	COUNT("noisy-lkup-num-reads-writes", noisy_reads_writes, 0, UINT16_MAX,
		"noisy: words read and written for each frame"),
	{ 0 },
};

static const struct rx_option pool[] = {
	COUNT("pages", pages, 1, LABYRINTH_PAGES_MAX, "pages, one frame each (see PAGES)"),
	COUNT("total-num-mbufs", pages, 1, LABYRINTH_PAGES_MAX, "the same"),
	NAMED("pool", "OPS", pool, rx_read_pool,
		"mempool ops: labyrinth, or any of DPDK, such as ring_mp_mc"),
	FLAG("uncoloured", uncoloured,
		"the data of all pages of labyrinth starts at the same place: slow, to "
		"compare with"),
	FLAG("page-ages", page_ages,
		"note when each page is handed out, to know for how long its holder has "
		"had it"),
	COUNT("mbcache", mbcache, 0, RTE_MEMPOOL_CACHE_MAX_SIZE,
		"mbufs that an lcore caches with other ops; labyrinth caches rows"),
	COUNT("dpdk-cache", dpdk_cache, 0, RTE_MEMPOOL_CACHE_MAX_SIZE,
		"of labyrinth: mbufs that DPDK's own cache of an lcore keeps in front of "
		"the pool; faster, and a double free in there is not seen"),
	{ 0 },
};

static const struct rx_option checks[] = {
	FLAG("verify", verify, "check each frame of a simulated wire by its number"),
	FLAG("latency", latency,
		"from the arrival of a frame of a simulated wire until it is freed or sent"),
	FLAG("absorb", absorb,
		"before the run, measure for how long the pool takes frames of a simulated "
		"wire in when none is freed"),
	{ 0 },
};

static const struct rx_option output[] = {
	SECONDS("stats-period", stats_period_s, "seconds between rates, 0 none"),
	TEXT("display-xstats", "NAMES", xstats,
		"with --stats-period, and at the end: these xstats, with commas between"),
	OWN("json", "FILE", rx_read_json,
		"write the result as JSON; - for standard output, text then goes to "
		"standard error"),
	OWN("json-lines", "FILE", rx_read_json_lines,
		"all figures each --stats-period (1 s), an object a line; - as above"),
	OWN("csv", "FILE", rx_read_csv, "the same, a number a line; - as above"),
	FLAG("top", top,
		"a screen of rates, losses, pool and lcores, anew each --stats-period (1 s)"),
	FLAG("figures", figures, "print all figures at the end"),
	FLAG("list-figures", list_figures, "print what figures there are, and end"),
	SECONDS("linger", linger_s,
		"after the run, answer telemetry with its last figures for S seconds or "
		"until a signal"),
	LETTER('h', "help", help, "this text"),
	FLAG("help-man", help_man, "the manual page, for man -l -"),
	{ 0 },
};

static const struct rx_option prompt[] = {
	LETTER('i', "interactive", interactive,
		"a prompt, or commands from standard input; help tells which"),
	LETTER('a', "auto-start", auto_start, "begin to forward before the first command"),
	TEXT("cmdline-file", "FILE", cmdline_file,
		"commands before the prompt; without --interactive, instead of it"),
	{ 0 },
};

const struct rx_option_group rx_option_groups[] = {
	{ "Run", run },
	{ "Ports and queues", ports },
	{ "Lcores", lcores },
	{ "Modes", modes },
	{ "Pool", pool },
	{ "Checks of a simulated wire (--vdev net_labyrinth0)", checks },
	{ "Output", output },
	{ "Prompt", prompt },
	{ NULL, NULL },
};
/* clang-format on */

const struct rx_option *
rx_option_find(const char *name, size_t length)
{
	for (const struct rx_option_group *g = rx_option_groups; g->title != NULL; g++) {
		for (const struct rx_option *o = g->options; o->name != NULL; o++) {
			if (strlen(o->name) == length &&
				strncmp(o->name, name, length) == 0)
				return o;
		}
	}
	return NULL;
}

const struct rx_option *
rx_option_of_letter(int letter)
{
	for (const struct rx_option_group *g = rx_option_groups; g->title != NULL; g++) {
		for (const struct rx_option *o = g->options; o->name != NULL; o++) {
			if (o->letter != 0 && o->letter == letter)
				return o;
		}
	}
	return NULL;
}
