/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ethdev.h>

#include "labyrinth_reasons.h"
#include "net_labyrinth.h"

/**
 * The basic counter under which frames lost for a reason appear, so that
 * ipackets + imissed + ierrors + rx_nombuf is what the wire sent, less what stands in
 * the rings.
 */
enum basic {
	MISSED,  /**< the card had no place for it */
	ERROR,   /**< it did not come whole, or not at all */
	NOMBUF,  /**< the driver had no mbuf; lost frames, not failed attempts */
};

static const enum basic basic_of[LABYRINTH_REASON_COUNT] = {
	[LABYRINTH_REASON_IMISSED] = MISSED,
	[LABYRINTH_REASON_RX_ERRORS] = ERROR,
	[LABYRINTH_REASON_RX_NOMBUF] = NOMBUF,
	[LABYRINTH_REASON_DROP_NO_PAGE] = NOMBUF,
	[LABYRINTH_REASON_BAD_FCS] = ERROR,
	[LABYRINTH_REASON_TRUNCATED] = ERROR,
	[LABYRINTH_REASON_OVERSIZE] = ERROR,
	[LABYRINTH_REASON_LINK_DOWN] = ERROR,
	[LABYRINTH_REASON_STALLED] = MISSED,
	[LABYRINTH_REASON_STOPPED] = MISSED,
};

/** A counter of a queue, by its name in xstats after "rx_" or "rx_q0_", "tx_q0_". */
struct counter {
	const char *name;
	size_t at;  /**< a uint64_t in the statistics */
};

#define RX(field) offsetof(struct labyrinth_rxq_stats, field)
#define TX(field) offsetof(struct labyrinth_txq_stats, field)

#define REASON_COUNTER(id, name, sentence)                                               \
	{ name, RX(ledger.drops[LABYRINTH_REASON_##id]) },
#define FAULT_COUNTER(id, name, sentence)                                                \
	{ "fault_" name, RX(fault[LABYRINTH_FAULT_##id]) },

/* clang-format off */
static const struct counter rx_counters[] = {
	{ "packets", RX(ledger.delivered) },
	{ "bytes", RX(bytes) },
	{ "wire_packets", RX(ledger.offered) },
	{ "in_flight", RX(ledger.in_flight) },
	LABYRINTH_CARD_REASONS(REASON_COUNTER)
	{ "alloc_fail", RX(alloc_fail) },
	{ "polls", RX(polls) },
	{ "empty_polls", RX(empty_polls) },
	LABYRINTH_FAULTS(FAULT_COUNTER)
};

static const struct counter tx_counters[] = {
	{ "packets", TX(frames) },
	{ "bytes", TX(bytes) },
	{ "ring_full", TX(full) },
};
/* clang-format on */

static uint64_t
value(const void *stats, const struct counter *counter)
{
	uint64_t n;

	memcpy(&n, RTE_PTR_ADD(stats, counter->at), sizeof(n));
	return n;
}

/* Take @p base off the @p n counters of @p stats, or add @p more to them. */
static void
subtract(void *stats, const void *base, size_t n)
{
	uint64_t *to = stats;
	const uint64_t *from = base;

	for (size_t i = 0; i < n; i++)
		to[i] -= from[i];
}

static void
add(void *stats, const void *more, size_t n)
{
	uint64_t *to = stats;
	const uint64_t *from = more;

	for (size_t i = 0; i < n; i++)
		to[i] += from[i];
}

/** Counters of 64 bits in statistics that consist of nothing else. */
#define COUNTERS(stats) (sizeof(stats) / sizeof(uint64_t))

_Static_assert(sizeof(struct labyrinth_rxq_stats) % sizeof(uint64_t) == 0 &&
		       sizeof(struct labyrinth_txq_stats) % sizeof(uint64_t) == 0,
	"counters of 64 bits and nothing else");

/*
 * Since the last reset. What stood in the ring then had been offered before and is
 * delivered after: it counts as offered after.
 */
static void
rxq_stats(const struct lab_port *port, uint16_t q, struct labyrinth_rxq_stats *s)
{
	struct labyrinth_rxq_stats base = port->rx_base[q];

	labyrinth_rxq_stats(labyrinth_nic_rxq(port->nic, q), s);
	base.ledger.offered -= base.ledger.in_flight;
	base.ledger.in_flight = 0;
	subtract(s, &base, COUNTERS(*s));
}

static void
txq_stats(const struct lab_port *port, uint16_t q, struct labyrinth_txq_stats *s)
{
	labyrinth_txq_stats(labyrinth_nic_txq(port->nic, q), s);
	subtract(s, &port->tx_base[q], COUNTERS(*s));
}

static uint64_t
dropped_as(const struct labyrinth_ledger *ledger, enum basic as)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < LABYRINTH_REASON_COUNT; i++)
		sum += basic_of[i] == as ? ledger->drops[i] : 0;
	return sum;
}

static void
add_rx(struct rte_eth_stats *stats, const struct labyrinth_rxq_stats *s)
{
	stats->ipackets += s->ledger.delivered;
	stats->ibytes += s->bytes;
	stats->imissed += dropped_as(&s->ledger, MISSED);
	stats->ierrors += dropped_as(&s->ledger, ERROR);
	stats->rx_nombuf += dropped_as(&s->ledger, NOMBUF);
}

static void
add_tx(struct rte_eth_stats *stats, const struct labyrinth_txq_stats *s)
{
	stats->opackets += s->frames;
	stats->obytes += s->bytes;
}

/* Queues beyond the first 16 are in xstats only. */
static void
set_rxq(LABYRINTH_QUEUE_STATS_TYPE *queues, uint16_t q,
	const struct labyrinth_rxq_stats *s)
{
	if (queues == NULL || q >= LABYRINTH_STAT_QUEUES)
		return;
	queues->q_ipackets[q] = s->ledger.delivered;
	queues->q_ibytes[q] = s->bytes;
	queues->q_errors[q] = labyrinth_ledger_dropped(&s->ledger);
}

static void
set_txq(LABYRINTH_QUEUE_STATS_TYPE *queues, uint16_t q,
	const struct labyrinth_txq_stats *s)
{
	if (queues == NULL || q >= LABYRINTH_STAT_QUEUES)
		return;
	queues->q_opackets[q] = s->frames;
	queues->q_obytes[q] = s->bytes;
}

int
lab_stats_get(LABYRINTH_STATS_PARAMS(dev, stats, queues))
{
	struct lab_port *port = lab_port_of(dev);
	struct labyrinth_rxq_stats rx;
	struct labyrinth_txq_stats tx;

	pthread_mutex_lock(&port->lock);
	add_rx(stats, &port->rx_past);
	add_tx(stats, &port->tx_past);
	for (uint16_t q = 0; q < port->nb_rxq; q++) {
		rxq_stats(port, q, &rx);
		add_rx(stats, &rx);
		set_rxq(LABYRINTH_QUEUE_STATS(stats, queues), q, &rx);
	}
	for (uint16_t q = 0; q < port->nb_txq; q++) {
		txq_stats(port, q, &tx);
		add_tx(stats, &tx);
		set_txq(LABYRINTH_QUEUE_STATS(stats, queues), q, &tx);
	}
	pthread_mutex_unlock(&port->lock);
	return 0;
}

int
lab_stats_reset(struct rte_eth_dev *dev)
{
	struct lab_port *port = lab_port_of(dev);

	pthread_mutex_lock(&port->lock);
	memset(&port->rx_past, 0, sizeof(port->rx_past));
	memset(&port->tx_past, 0, sizeof(port->tx_past));
	for (uint16_t q = 0; q < port->nb_rxq; q++)
		labyrinth_rxq_stats(labyrinth_nic_rxq(port->nic, q), &port->rx_base[q]);
	for (uint16_t q = 0; q < port->nb_txq; q++)
		labyrinth_txq_stats(labyrinth_nic_txq(port->nic, q), &port->tx_base[q]);
	pthread_mutex_unlock(&port->lock);
	return 0;
}

void
lab_stats_keep(struct lab_port *port)
{
	struct labyrinth_rxq_stats rx;
	struct labyrinth_txq_stats tx;

	for (uint16_t q = 0; q < port->nb_rxq; q++) {
		rxq_stats(port, q, &rx);
		add(&port->rx_past, &rx, COUNTERS(rx));
	}
	for (uint16_t q = 0; q < port->nb_txq; q++) {
		txq_stats(port, q, &tx);
		add(&port->tx_past, &tx, COUNTERS(tx));
	}
	memset(port->rx_base, 0, sizeof(port->rx_base));
	memset(port->tx_base, 0, sizeof(port->tx_base));
}

/** What xstats consist of: a block for all rx queues and one for each queue. */
static unsigned int
xstats_count(const struct lab_port *port)
{
	return (1u + port->nb_rxq) * RTE_DIM(rx_counters) +
	       port->nb_txq * RTE_DIM(tx_counters);
}

/* The block of names that begin with @p prefix. @return where the next block begins */
static struct rte_eth_xstat_name *
name_block(struct rte_eth_xstat_name *names, const char *prefix,
	const struct counter *counters, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snprintf(names[i].name, sizeof(names[i].name), "%s_%s", prefix,
			counters[i].name);
	return names + n;
}

static void
fill_names(const struct lab_port *port, struct rte_eth_xstat_name *names)
{
	char prefix[16];

	names = name_block(names, "rx", rx_counters, RTE_DIM(rx_counters));
	for (uint16_t q = 0; q < port->nb_rxq; q++) {
		snprintf(prefix, sizeof(prefix), "rx_q%u", q);
		names = name_block(names, prefix, rx_counters, RTE_DIM(rx_counters));
	}
	for (uint16_t q = 0; q < port->nb_txq; q++) {
		snprintf(prefix, sizeof(prefix), "tx_q%u", q);
		names = name_block(names, prefix, tx_counters, RTE_DIM(tx_counters));
	}
}

/* How many there are, and whether there is room for them, is the same question. */
int
lab_xstats_names(
	struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int size)
{
	struct lab_port *port = lab_port_of(dev);
	unsigned int count;

	pthread_mutex_lock(&port->lock);
	count = xstats_count(port);
	if (names != NULL && size >= count)
		fill_names(port, names);
	pthread_mutex_unlock(&port->lock);
	return (int)count;
}

static struct rte_eth_xstat *
value_block(struct rte_eth_xstat *out, const void *stats, const struct counter *counters,
	size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i].value = value(stats, &counters[i]);
	return out + n;
}

/* Add to each counter of the block @p all that of the block @p one. */
static void
add_block(struct rte_eth_xstat *all, const struct rte_eth_xstat *one, size_t n)
{
	for (size_t i = 0; i < n; i++)
		all[i].value += one[i].value;
}

static void
fill_values(const struct lab_port *port, struct rte_eth_xstat *stats)
{
	struct rte_eth_xstat *out = stats;
	struct labyrinth_rxq_stats rx;
	struct labyrinth_txq_stats tx;

	out = value_block(out, &port->rx_past, rx_counters, RTE_DIM(rx_counters));
	for (uint16_t q = 0; q < port->nb_rxq; q++) {
		rxq_stats(port, q, &rx);
		out = value_block(out, &rx, rx_counters, RTE_DIM(rx_counters));
		add_block(stats, out - RTE_DIM(rx_counters), RTE_DIM(rx_counters));
	}
	for (uint16_t q = 0; q < port->nb_txq; q++) {
		txq_stats(port, q, &tx);
		out = value_block(out, &tx, tx_counters, RTE_DIM(tx_counters));
	}
	for (unsigned int i = 0; i < xstats_count(port); i++)
		stats[i].id = i;
}

int
lab_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *stats, unsigned int n)
{
	struct lab_port *port = lab_port_of(dev);
	unsigned int count;

	pthread_mutex_lock(&port->lock);
	count = xstats_count(port);
	if (stats != NULL && n >= count)
		fill_values(port, stats);
	pthread_mutex_unlock(&port->lock);
	return (int)count;
}
