/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/* A host that can be pinged at any address: for a look whether a link works at all. */

#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include <rte_arp.h>
#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_icmp.h>
#include <rte_ip.h>

#include "frames.h"
#include "mode.h"

/** IPv4 addresses of groups, 224.0.0.0 and above. */
#define GROUPS 0xe0000000u

static bool
has(const struct rte_mbuf *m, uint32_t offset, size_t size)
{
	return offset + size <= m->data_len;
}

static void
address_back(struct rx_queue *queue, struct rte_ether_hdr *eth)
{
	eth->dst_addr = eth->src_addr;
	eth->src_addr = queue->tx.own;
}

static bool
answer_arp(struct rx_queue *queue, struct rte_mbuf *m, uint32_t offset)
{
	struct rte_arp_hdr *arp = rte_pktmbuf_mtod_offset(m, struct rte_arp_hdr *, offset);
	rte_be32_t target;

	if (!has(m, offset, sizeof(*arp)) ||
		arp->arp_hardware != rte_cpu_to_be_16(RTE_ARP_HRD_ETHER) ||
		arp->arp_protocol != rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) ||
		arp->arp_hlen != RTE_ETHER_ADDR_LEN || arp->arp_plen != sizeof(target) ||
		arp->arp_opcode != rte_cpu_to_be_16(RTE_ARP_OP_REQUEST))
		return false;
	address_back(queue, rte_pktmbuf_mtod(m, struct rte_ether_hdr *));
	arp->arp_opcode = rte_cpu_to_be_16(RTE_ARP_OP_REPLY);
	target = arp->arp_data.arp_tip;
	arp->arp_data.arp_tha = arp->arp_data.arp_sha;
	arp->arp_data.arp_tip = arp->arp_data.arp_sip;
	arp->arp_data.arp_sha = queue->tx.own;
	arp->arp_data.arp_sip = target;
	return true;
}

/* RFC 1624: the checksum follows the word that changes. */
static void
turn_to_reply(struct rte_icmp_hdr *icmp)
{
	uint32_t sum = (uint16_t)~icmp->icmp_cksum;

	sum += (uint16_t)~rte_cpu_to_be_16(ICMP_ECHO << 8);
	sum += rte_cpu_to_be_16(ICMP_ECHOREPLY << 8);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	icmp->icmp_cksum = (uint16_t)~sum;
	icmp->icmp_type = ICMP_ECHOREPLY;
}

static bool
answer_icmp(struct rx_queue *queue, struct rte_mbuf *m, uint32_t offset)
{
	struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, offset);
	struct rte_icmp_hdr *icmp;
	rte_be32_t address;

	if (!has(m, offset, sizeof(*ip)) || ip->next_proto_id != IPPROTO_ICMP ||
		(ip->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK)) != 0 ||
		rte_be_to_cpu_32(ip->dst_addr) >= GROUPS)
		return false;
	offset += rte_ipv4_hdr_len(ip);
	icmp = rte_pktmbuf_mtod_offset(m, struct rte_icmp_hdr *, offset);
	if (!has(m, offset, sizeof(*icmp)) ||
		icmp->icmp_type != ICMP_ECHO || icmp->icmp_code != 0)
		return false;
	address_back(queue, rte_pktmbuf_mtod(m, struct rte_ether_hdr *));
	address = ip->src_addr;
	ip->src_addr = ip->dst_addr;
	ip->dst_addr = address;
	turn_to_reply(icmp);
	return true;
}

static bool
answer(struct rx_queue *queue, struct rte_mbuf *m)
{
	uint32_t offset;
	rte_be16_t type = rx_ether_type(m, &offset);

	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_ARP))
		return answer_arp(queue, m, offset);
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4))
		return answer_icmp(queue, m, offset);
	return false;
}

static uint64_t
burst(struct rx_queue *queue, struct rte_mbuf **mbufs, uint16_t n, uint64_t now)
{
	struct rte_mbuf *others[RX_BURST_MAX];
	uint16_t answers = 0, rest = 0;
	uint64_t bytes = rx_bytes(mbufs, n);

	(void)now;
	for (uint16_t i = 0; i < n; i++) {
		if (answer(queue, mbufs[i]))
			mbufs[answers++] = mbufs[i];
		else
			others[rest++] = mbufs[i];
	}
	if (answers != 0)
		rx_send(queue, mbufs, answers, rx_bytes(mbufs, answers));
	if (rest != 0)
		rx_release(queue, others, rest);
	return bytes;
}

const struct rx_mode rx_mode_icmpecho = {
	.name = "icmpecho",
	.sentence = "answer ARP and ping on its port, whatever the address; free the rest",
	.sends = true,
	.answers = true,
	.burst = burst,
};
