/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>

#include "frames.h"
#include "generator.h"

#define TTL 64

static void
set_headers(struct rx_headers *h, const struct rx_queue *queue,
	const struct rx_options *o)
{
	uint16_t l3 = (uint16_t)(o->tx_length - sizeof(h->eth));

	h->eth.src_addr = queue->tx.own;
	h->eth.dst_addr = queue->tx.peer;
	h->eth.ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	h->ip.version_ihl = RTE_IPV4_VHL_DEF;
	h->ip.total_length = rte_cpu_to_be_16(l3);
	h->ip.time_to_live = TTL;
	h->ip.next_proto_id = IPPROTO_UDP;
	h->ip.src_addr = rte_cpu_to_be_32(o->tx_ip_src);
	h->ip.dst_addr = rte_cpu_to_be_32(o->tx_ip_dst);
	h->ip.hdr_checksum = rte_ipv4_cksum(&h->ip);
	h->udp.src_port = rte_cpu_to_be_16(o->tx_udp_src);
	h->udp.dst_port = rte_cpu_to_be_16(o->tx_udp_dst);
	/* No checksum, which UDP over IPv4 allows: the payload is not looked at. */
	h->udp.dgram_len = rte_cpu_to_be_16((uint16_t)(l3 - sizeof(h->ip)));
}

enum rx_exit
rx_generator_create(const struct rx_queue *queue, const struct rx_mode_config *config,
	uint32_t flows, uint32_t repeat, struct rx_generator **generator,
	struct labyrinth_error *error)
{
	const struct rx_options *o = config->options;
	uint32_t room = (uint32_t)rte_pktmbuf_data_room_size(config->pool) -
			RTE_PKTMBUF_HEADROOM;
	struct rx_generator *g;

	if (o->tx_length > room)
		return labyrinth_fail(error, RX_USAGE,
			"--txpkts %u: a frame that is made here has one buffer, of %u bytes",
			o->tx_length, room);
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	g->pool = config->pool;
	g->length = o->tx_length;
	g->burst = o->burst;
	g->flows = flows;
	g->repeat = repeat;
	set_headers(&g->headers, queue, o);
	*generator = g;
	return RX_OK;
}

/* The next flow: its UDP source port, of which no checksum speaks. */
static inline void
next_flow(struct rx_generator *g)
{
	uint16_t first = rte_be_to_cpu_16(g->headers.udp.src_port);

	if (++g->repeated < g->repeat)
		return;
	g->repeated = 0;
	if (++g->flow < g->flows) {
		first++;
	} else {
		first = (uint16_t)(first - (g->flows - 1));
		g->flow = 0;
	}
	g->headers.udp.src_port = rte_cpu_to_be_16(first);
}

static inline void
fill(struct rx_generator *g, struct rte_mbuf *m)
{
	uint8_t *data = rte_pktmbuf_mtod(m, uint8_t *);

	memcpy(data, &g->headers, sizeof(g->headers));
	/* No byte that an earlier owner of the page left goes out. */
	memset(data + sizeof(g->headers), 0, g->length - sizeof(g->headers));
	m->data_len = g->length;
	m->pkt_len = g->length;
	next_flow(g);
}

uint32_t
rx_generator_send(struct rx_generator *g, struct rx_queue *queue)
{
	struct rte_mbuf *mbufs[RX_BURST_MAX];

	if (rte_pktmbuf_alloc_bulk(g->pool, mbufs, g->burst) != 0) {
		rx_count(&queue->sent.starved, 1);
		return 0;
	}
	for (uint16_t i = 0; i < g->burst; i++)
		fill(g, mbufs[i]);
	return rx_send_made(queue, mbufs, g->burst, (uint64_t)g->burst * g->length);
}
