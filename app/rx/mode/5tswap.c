/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Exchanges two fields of equal length each, so that every checksum stays right: they add
 * up the same words in another order.
 */

#include <netinet/in.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "frames.h"
#include "mode.h"

/* In one segment, or what follows is left as it is. */
static bool
has(const struct rte_mbuf *m, uint32_t offset, size_t size)
{
	return offset + size <= m->data_len;
}

/* The two ports stand first in TCP, UDP and SCTP. */
static void
swap_ports(struct rte_mbuf *m, uint32_t offset, uint8_t protocol)
{
	struct rte_udp_hdr *l4 = rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, offset);
	rte_be16_t port;

	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP &&
		    protocol != IPPROTO_SCTP) ||
		!has(m, offset, 2 * sizeof(port)))
		return;
	port = l4->src_port;
	l4->src_port = l4->dst_port;
	l4->dst_port = port;
}

static void
swap_ipv4(struct rte_mbuf *m, uint32_t offset)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, offset);
	rte_be32_t address;

	if (!has(m, offset, sizeof(*ip)))
		return;
	address = ip->src_addr;
	ip->src_addr = ip->dst_addr;
	ip->dst_addr = address;
	/* Later fragments have no ports. */
	if ((ip->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) == 0)
		swap_ports(m, offset + rte_ipv4_hdr_len(ip), ip->next_proto_id);
}

static void
swap_ipv6(struct rte_mbuf *m, uint32_t offset)
{
	struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv6_hdr *, offset);
	uint8_t address[sizeof(ip->src_addr)];

	if (!has(m, offset, sizeof(*ip)))
		return;
	memcpy(address, &ip->src_addr, sizeof(address));
	memcpy(&ip->src_addr, &ip->dst_addr, sizeof(address));
	memcpy(&ip->dst_addr, address, sizeof(address));
	swap_ports(m, offset + sizeof(*ip), ip->proto);
}

static void
swap(struct rte_mbuf *m, struct rte_ether_hdr *eth)
{
	uint32_t offset;
	rte_be16_t type = rx_ether_type(m, &offset);

	rx_swap_macs(eth);
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4))
		swap_ipv4(m, offset);
	else if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6))
		swap_ipv6(m, offset);
}

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	uint64_t bytes = 0;

	(void)now;
	for (uint16_t i = 0; i < n; i++) {
		bytes += mbufs[i]->pkt_len;
		swap(mbufs[i], rx_header(mbufs, i, n));
	}
	rx_send(queue, mbufs, n, bytes);
	return bytes;
}

const struct rx_mode rx_mode_5tswap = {
	.name = "5tswap",
	.sentence = "send it with the addresses of Ethernet and IP and the ports exchanged",
	.sends = true,
	.burst = burst,
};
