/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Runs in the guest: one scenario on the one card that EAL was given (-a). Says on stdout
 * what the host has to wait for, a word a line, and at last one line of JSON. What was
 * lost, and whether that is right, the host judges, which knows what it sent.
 *
 *   guest_card EAL… -- SCENARIO FRAMES
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "card.h"

#define PAGES	 2048u
#define RXD	 256u
#define EXTENT	 LABYRINTH_EXTENT_PAGES
#define RESTARTS 100u
/** Frames between two restarts. */
#define FRAMES_BETWEEN 20u
/** Without a frame for so long, none comes any more: an emulated machine may be slow. */
#define QUIET_S 20.0
/** Longest that memory is waited for. */
#define GROW_S 100.0
/** Without a frame for so long, the card has no descriptor to receive into. */
#define DRY_S 5.0

static void
say(const char *word)
{
	printf("%s\n", word);
	fflush(stdout);
}

/* All frames, each looked at. */
static void
content(struct card *c)
{
	card_receive_until_quiet(c, false, QUIET_S);
}

/* The application keeps all pages, until no frame can be received; then it frees them. */
static void
exhaust(struct card *c)
{
	while (c->nb_held == 0)
		card_receive(c, true);
	card_receive_until_quiet(c, true, DRY_S);
	say("DRY");
	card_free_held(c);
	card_receive_until_quiet(c, false, QUIET_S);
}

static void
restart(struct card *c)
{
	const double hz = (double)rte_get_tsc_hz();

	while (c->restarts < RESTARTS) {
		uint64_t until = c->numbered.received + FRAMES_BETWEEN;

		while (c->numbered.received < until &&
			(double)(rte_rdtsc() - c->at) < QUIET_S * hz)
			card_receive(c, false);
		if (c->numbered.received < until || card_stop(c) != 0 || card_start(c) != 0)
			return;
		c->restarts++;
	}
	say("RESTARTED");
	while (card_receive(c, false) == 0 &&
		(double)(rte_rdtsc() - c->at) < QUIET_S * hz)
		;
	c->restarted_at = c->numbered.next;
	card_receive_until_quiet(c, false, QUIET_S);
}

static bool
is_up(const struct card *c)
{
	struct rte_eth_link link = { 0 };

	return rte_eth_link_get_nowait(c->port, &link) == 0 && link.link_status;
}

static void
note_link(struct card *c, bool *up)
{
	if (is_up(c) == *up)
		return;
	*up = !*up;
	c->links_up += *up;
	c->links_down += !*up;
	say(*up ? "UP" : "DOWN");
}

/* The plug is pulled and put in again by the host. */
static void
link_changes(struct card *c)
{
	uint64_t hz = rte_get_tsc_hz(), look_at = 0;
	bool up = false;

	c->at = rte_rdtsc();
	while (rte_rdtsc() - c->at < 2 * (uint64_t)QUIET_S * hz &&
		(c->numbered.next < c->numbered.count || c->links_up < 2)) {
		card_receive(c, false);
		if (rte_rdtsc() < look_at)
			continue;
		note_link(c, &up);
		look_at = rte_rdtsc() + hz / 20;
	}
}

static struct labyrinth_pool_stats
stats(const struct card *c)
{
	struct labyrinth_pool_stats s;

	labyrinth_pool_stats(c->pages, &s);
	return s;
}

/* Wait until the pool has had the same memory for longer than it takes to shrink. */
static void
settle(struct card *c)
{
	uint32_t offline = stats(c).offline;

	for (int same = 0; same < 20; same++) {
		usleep(100000);
		if (stats(c).offline == offline)
			continue;
		offline = stats(c).offline;
		same = 0;
	}
	card_note_step(c);
}

/* Receive until @p offline pages have no memory, or at least so many. */
static void
receive_until_offline(struct card *c, bool hold, uint32_t offline)
{
	uint64_t end = rte_rdtsc() + (uint64_t)(GROW_S * (double)rte_get_tsc_hz());

	while (rte_rdtsc() < end &&
		(hold ? stats(c).offline > offline : stats(c).offline < offline))
		card_receive(c, hold);
}

/*
 * Frames are kept until all extents are there, then freed while more come, until extents
 * went while the card was at work; and again. At last, with the port stopped, all may go
 * but what a PMD does not give back before it is closed.
 */
static void
grow(struct card *c)
{
	for (int round = 0; round < 2; round++) {
		receive_until_offline(c, true, 0);
		card_note_step(c);
		card_free_held(c);
		say("GROWN");
		receive_until_offline(c, false, 2 * EXTENT);
		say("SHRUNK");
	}
	card_receive_until_quiet(c, false, QUIET_S);
	settle(c);
	if (card_stop(c) == 0)
		settle(c);
}

static const struct {
	const char *name;
	void (*run)(struct card *c);
	uint32_t pages, pages_max;
	bool unmapped;
} scenarios[] = {
	{ "content", content, PAGES, 0, false },
	{ "exhaust", exhaust, PAGES, 0, false },
	{ "restart", restart, PAGES, 0, false },
	{ "link", link_changes, PAGES, 0, false },
	{ "grow", grow, 2 * EXTENT, 6 * EXTENT, false },
	{ "unmapped", content, PAGES, 0, true },
};

static int
run(const char *name, uint32_t frames)
{
	struct card card;

	for (size_t i = 0; i < RTE_DIM(scenarios); i++) {
		const struct card_options options = {
			.frames = frames,
			.pages = scenarios[i].pages,
			.pages_max = scenarios[i].pages_max,
			.rxd = RXD,
			.unmapped = scenarios[i].unmapped,
		};
		int ret;

		if (strcmp(scenarios[i].name, name) != 0)
			continue;
		if (card_open(&card, &options) != 0)
			return 3;
		say("READY");
		scenarios[i].run(&card);
		card_free_held(&card);
		ret = card_end(&card);
		card_print(&card, name);
		return ret == 0 ? 0 : 4;
	}
	fprintf(stderr, "no scenario %s\n", name);
	return 2;
}

/* A pool of memory that is no target of DMA, and the card: what is said to that. */
static int
refused(enum labyrinth_backing backing)
{
	const struct labyrinth_mbuf_config config = {
		.name = "refused",
		.pages = EXTENT,
		.socket_id = SOCKET_ID_ANY,
		.backing = backing,
	};
	uint16_t port = (uint16_t)rte_eth_find_next(0);
	struct labyrinth_error error = { "" };
	struct rte_eth_dev_info info;
	struct rte_mempool *pool;
	int ret;

	if (rte_eth_dev_info_get(port, &info) != 0 ||
		labyrinth_mbuf_pool_create(&config, &pool, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		return 3;
	}
	ret = labyrinth_mbuf_pool_dma_map(pool, info.device, &error);
	printf("%s\n", error.text);
	if (labyrinth_mbuf_pool_destroy(pool, &error) != 0)
		return 4;
	return ret == -ENOTSUP ? 0 : 1;
}

int
main(int argc, char **argv)
{
	int eal = rte_eal_init(argc, argv), ret;

	if (eal < 0 || argc != eal + 3) {
		fprintf(stderr, "usage: guest_card EAL... -- SCENARIO FRAMES\n");
		return 2;
	}
	if (strcmp(argv[eal + 1], "secret") == 0)
		ret = refused(LABYRINTH_BACKING_SECRET);
	else if (strcmp(argv[eal + 1], "plain") == 0)
		ret = refused(LABYRINTH_BACKING_PLAIN);
	else
		ret = run(argv[eal + 1], (uint32_t)strtoul(argv[eal + 2], NULL, 10));
	rte_eal_cleanup();
	return ret;
}
