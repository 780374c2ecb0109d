/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "card.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_memory.h>

/** Every so many frames a clone is made, and the page table is asked. */
#define CLONE_EVERY 8
#define IOVA_EVERY  64
/** Whether a page really stays out for its clone is looked up for so many. */
#define CLONES_LOOKED_UP 20

static uint64_t
locked_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	uint64_t kib = 0;
	char line[128];

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmLck: %" SCNu64, &kib) == 1)
			break;
	fclose(file);
	return kib;
}

/* ---- set up ---- */

static int
complain(const char *what, int ret)
{
	fprintf(stderr, "%s: %s\n", what, rte_strerror(ret < 0 ? -ret : ret));
	return -1;
}

static int
make_pools(struct card *c)
{
	const struct labyrinth_mbuf_config config = {
		.name = "card",
		.pages = c->options.pages,
		.pages_max = c->options.pages_max,
		.socket_id = SOCKET_ID_ANY,
		.backing = LABYRINTH_BACKING_HUGE_2M,
		/* Caches are no part of the depot, by which a pool shrinks. */
		.cache = c->options.pages_max != 0 ? LABYRINTH_CACHE_NONE : 0,
		.poll_us = 500,
		.quiet_ms = 200,
	};
	struct labyrinth_error error = { "" };

	if (labyrinth_mbuf_pool_create(&config, &c->pool, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		return -1;
	}
	c->pages = labyrinth_mbuf_pool_pages(c->pool);
	c->held = calloc(c->pool->size, sizeof(*c->held));
	c->clones = rte_pktmbuf_pool_create_by_ops(
		"clones", 255, 0, 0, 0, SOCKET_ID_ANY, "ring_mp_mc");
	if (c->held == NULL || c->clones == NULL)
		return complain("no memory for clones", rte_errno);
	return 0;
}

static int
map(struct card *c)
{
	struct labyrinth_error error = { "" };

	c->locked.before = locked_kib();
	if (!c->options.unmapped &&
		labyrinth_mbuf_pool_dma_map(c->pool, c->info.device, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		return -1;
	}
	c->locked.mapped = locked_kib();
	return 0;
}

void
card_note_step(struct card *c)
{
	struct labyrinth_pool_stats s;

	labyrinth_pool_stats(c->pages, &s);
	if (c->nb_steps == CARD_STEPS_MAX)
		return;
	c->step[c->nb_steps++] = (struct card_step){
		.locked = locked_kib(),
		.online = (s.pages - s.offline) * (LABYRINTH_PAGE_SIZE >> 10),
	};
}

static int
set_up_port(struct card *c)
{
	uint16_t rxd = c->options.rxd, txd = 256;
	struct rte_eth_conf conf = { 0 };
	int ret = rte_eth_dev_configure(c->port, 1, 1, &conf);

	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(c->port, &rxd, &txd);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(c->port, 0, txd, SOCKET_ID_ANY, NULL);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(
			c->port, 0, rxd, SOCKET_ID_ANY, NULL, c->pool);
	return ret == 0 ? 0 : complain("the port is not set up", ret);
}

int
card_start(struct card *c)
{
	int ret = rte_eth_dev_start(c->port);

	if (ret != 0)
		return complain("the port does not start", ret);
	c->started = true;
	rte_eth_promiscuous_enable(c->port);
	c->at = rte_rdtsc();
	return 0;
}

int
card_open(struct card *c, const struct card_options *options)
{
	int ret;

	memset(c, 0, sizeof(*c));
	c->options = *options;
	if (rte_eth_dev_count_avail() != 1) {
		fprintf(stderr, "one card is wanted: name it with -a\n");
		return -1;
	}
	c->port = (uint16_t)rte_eth_find_next(0);
	ret = rte_eth_dev_info_get(c->port, &c->info);
	if (ret != 0)
		return complain("the card cannot be queried", ret);
	if (numbered_begin(&c->numbered, options->frames) != 0)
		return complain("no memory", ENOMEM);
	if (make_pools(c) != 0 || map(c) != 0 || set_up_port(c) != 0)
		return -1;
	return card_start(c);
}

/* ---- frames ---- */

/* Page and colour of a buffer follow from its address, whatever the PMD did. */
static void
check_place(struct card *c, const struct rte_mbuf *m)
{
	char *base = labyrinth_pool_base(c->pages);
	uint32_t index =
		(uint32_t)(RTE_PTR_DIFF(m->buf_addr, base) / LABYRINTH_PAGE_SIZE) + 1;
	char *data = base + (size_t)(index - 1) * LABYRINTH_PAGE_SIZE +
		     (size_t)labyrinth_mbuf_colour(index) * LABYRINTH_MBUF_COLOUR_STEP;
	rte_iova_t iova = (uintptr_t)data;

	if (m->buf_addr != data || m->data_off != RTE_PKTMBUF_HEADROOM ||
		m->buf_len != LABYRINTH_MBUF_BUF_LEN || m->pool != c->pool)
		c->misplaced++;
	if (c->numbered.received % IOVA_EVERY != 0)
		return;
	if (rte_eal_iova_mode() == RTE_IOVA_PA)
		iova = rte_mem_virt2phy(data);
	c->wrong_iova += iova != rte_mbuf_iova_get(m);
}

static void
check_content(struct card *c, const struct rte_mbuf *m)
{
	uint8_t copy[2048];
	const uint8_t *data = m->nb_segs == 1 && m->pkt_len <= sizeof(copy)
				      ? rte_pktmbuf_read(m, 0, m->pkt_len, copy)
				      : NULL;

	numbered_check(&c->numbered, data, data == NULL ? 0 : m->pkt_len);
}

static uint32_t
pages_out(const struct card *c)
{
	struct labyrinth_pool_stats s;

	labyrinth_pool_stats(c->pages, &s);
	return s.owned;
}

/*
 * The frame is read through a clone, after its mbuf is gone: the page must be there until
 * the clone is. Takes the mbuf.
 */
static void
check_through_clone(struct card *c, struct rte_mbuf *m)
{
	bool look_up = c->cloned < CLONES_LOOKED_UP;
	uint32_t out = look_up ? pages_out(c) : 0;
	struct rte_mbuf *clone;

	labyrinth_mbuf_restore(&m, 1);
	clone = rte_pktmbuf_clone(m, c->clones);
	rte_pktmbuf_free(m);
	if (clone == NULL) {
		c->clone_failed++;
		return;
	}
	c->cloned++;
	if (look_up && pages_out(c) != out)
		c->clone_failed++;
	check_content(c, clone);
	rte_pktmbuf_free(clone);
	if (look_up && pages_out(c) != out - 1)
		c->clone_failed++;
}

/* Takes the mbuf. */
static void
look(struct card *c, struct rte_mbuf *m, bool hold)
{
	bool external = m->ol_flags & RTE_MBUF_F_EXTERNAL;

	c->external_kept += external;
	c->external_lost += !external;
	check_place(c, m);
	if (!hold && c->numbered.received % CLONE_EVERY == 0) {
		check_through_clone(c, m);
		return;
	}
	check_content(c, m);
	if (!hold) {
		rte_pktmbuf_free(m);
		return;
	}
	c->held[c->nb_held++] = m;
	c->held_max = RTE_MAX(c->held_max, c->nb_held);
}

uint16_t
card_receive(struct card *c, bool hold)
{
	struct rte_mbuf *mbuf[CARD_BURST];
	uint16_t n = rte_eth_rx_burst(c->port, 0, mbuf, CARD_BURST);

	for (uint16_t i = 0; i < n; i++)
		look(c, mbuf[i], hold);
	if (n != 0)
		c->at = rte_rdtsc();
	return n;
}

/* Has the card counted each number, those that it lost too? The last may be one. */
static bool
all_counted(const struct card *c)
{
	struct rte_eth_stats s = { 0 };

	return rte_eth_stats_get(c->port, &s) == 0 &&
	       c->numbered.received + c->stats.imissed + s.imissed >= c->numbered.count;
}

void
card_receive_until_quiet(struct card *c, bool hold, double seconds)
{
	uint64_t hz = rte_get_tsc_hz(), quiet = (uint64_t)(seconds * (double)hz);
	uint64_t look_at = 0, now = rte_rdtsc();

	for (c->at = now; now - c->at < quiet; now = rte_rdtsc()) {
		card_receive(c, hold);
		if (c->numbered.next == c->numbered.count)
			return;
		if (now < look_at)
			continue;
		if (all_counted(c))
			return;
		look_at = now + hz / 2;
	}
}

void
card_free_held(struct card *c)
{
	rte_pktmbuf_free_bulk(c->held, c->nb_held);
	c->nb_held = 0;
}

/* ---- the end ---- */

/* Some PMDs begin to count anew when they start. */
static void
add_stats(struct card *c)
{
	struct rte_eth_stats s;

	if (rte_eth_stats_get(c->port, &s) != 0)
		return;
	c->stats.ipackets += s.ipackets;
	c->stats.imissed += s.imissed;
	c->stats.ierrors += s.ierrors;
	c->stats.rx_nombuf += s.rx_nombuf;
	rte_eth_stats_reset(c->port);
}

int
card_stop(struct card *c)
{
	int ret;

	add_stats(c);
	ret = rte_eth_dev_stop(c->port);
	if (ret != 0)
		return complain("the port does not stop", ret);
	c->started = false;
	c->out_when_stopped = RTE_MAX(c->out_when_stopped, pages_out(c));
	return 0;
}

static int
unmap(struct card *c)
{
	struct labyrinth_error error = { "" };
	int ret = 0;

	if (!c->options.unmapped)
		ret = labyrinth_mbuf_pool_dma_unmap(c->pool, c->info.device, &error);
	c->locked.after = locked_kib();
	if (ret != 0)
		fprintf(stderr, "%s\n", error.text);
	return ret;
}

int
card_end(struct card *c)
{
	struct labyrinth_error error = { "" };
	int ret = c->started ? card_stop(c) : 0;

	if (ret == 0)
		ret = unmap(c);
	rte_eth_dev_close(c->port);
	numbered_end(&c->numbered);
	labyrinth_pool_stats(c->pages, &c->at_end);
	/* A refiller at work is not at rest. */
	if (ret == 0 && c->options.pages_max == 0)
		ret = labyrinth_pool_validate(c->pages, &error);
	if (ret == 0)
		ret = labyrinth_mbuf_pool_destroy(c->pool, &error);
	if (ret != 0)
		fprintf(stderr, "%s\n", error.text);
	free(c->held);
	free(c->numbered.seen);
	return ret == 0 ? 0 : -1;
}

/* What the process has locked more than before the pages were mapped. */
static int64_t
locked(const struct card *c, uint64_t kib)
{
	return (int64_t)(kib - c->locked.before);
}

void
card_print(const struct card *c, const char *scenario)
{
	const struct numbered *n = &c->numbered;
	const struct labyrinth_pool_stats *s = &c->at_end;
	uint64_t refused = 0;

	for (int i = 0; i < LABYRINTH_REFUSAL_KINDS; i++)
		refused += s->refused[i];
	printf("{\"scenario\": \"%s\", \"driver\": \"%s\", \"iova\": \"%s\", ", scenario,
		c->info.driver_name, rte_eal_iova_mode() == RTE_IOVA_PA ? "pa" : "va");
#define PRINT(name, value) printf("\"" name "\": %" PRIu64 ", ", (uint64_t)(value))
	PRINT("received", n->received);
	PRINT("missing", n->missing);
	PRINT("first_missing", n->first_missing);
	PRINT("last_missing", n->last_missing);
	PRINT("wrong", n->wrong);
	PRINT("twice", n->twice);
	PRINT("late", n->late);
	PRINT("misplaced", c->misplaced);
	PRINT("wrong_iova", c->wrong_iova);
	PRINT("external_kept", c->external_kept);
	PRINT("external_lost", c->external_lost);
	PRINT("cloned", c->cloned);
	PRINT("clone_failed", c->clone_failed);
	PRINT("ipackets", c->stats.ipackets);
	PRINT("imissed", c->stats.imissed);
	PRINT("ierrors", c->stats.ierrors);
	PRINT("rx_nombuf", c->stats.rx_nombuf);
	PRINT("alloc_fail", s->alloc_fail[LABYRINTH_GFP_ATOMIC]);
	PRINT("held_max", c->held_max);
	PRINT("restarts", c->restarts);
	PRINT("restarted_at", c->restarted_at);
	PRINT("out_when_stopped", c->out_when_stopped);
	PRINT("links_down", c->links_down);
	PRINT("links_up", c->links_up);
	PRINT("pages", s->pages);
	PRINT("free", s->free + s->cached);
	PRINT("offline", s->offline);
	PRINT("grows", s->grows);
	PRINT("shrinks", s->shrinks);
	PRINT("refused", refused);
#undef PRINT
	printf("\"locked_mapped_kib\": %" PRId64 ", \"locked_after_kib\": %" PRId64,
		locked(c, c->locked.mapped), locked(c, c->locked.after));
	for (uint32_t i = 0; i < c->nb_steps; i++)
		printf("%s{\"locked_kib\": %" PRId64 ", \"online_kib\": %u}",
			i == 0 ? ", \"steps\": [" : ", ",
			locked(c, c->step[i].locked), c->step[i].online);
	printf("%s}\n", c->nb_steps == 0 ? "" : "]");
}
