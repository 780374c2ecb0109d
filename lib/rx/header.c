/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "labyrinth_wire.h"

#define ETHER_TYPE_IPV4 0x0800
#define PROTOCOL_UDP    17
#define PORT_DISCARD    9
#define PORT_FIRST      49152  /* RFC 6335: the ports that are for anybody */
#define PORTS           16384

/* All but what depends on flow and size. */
static const uint8_t template[LAB_LINE] = {
	[6] = 0x02, 0x4c, 0x61, 0x62, 0x00, 0x01,            /* source: local, "Lab" */
	[LABYRINTH_AT_ETHER_TYPE] = ETHER_TYPE_IPV4 >> 8, ETHER_TYPE_IPV4 & 0xff,
	[LABYRINTH_AT_IP] = 0x45,                            /* version 4, 5 words */
	[LABYRINTH_AT_IP + 8] = 64, PROTOCOL_UDP,            /* hops */
	[LABYRINTH_AT_IP_SOURCE] = 198, 18, 0, 0,            /* RFC 2544, appendix C */
	[LABYRINTH_AT_IP_DESTINATION] = 198, 19, 0, 1,
	[LABYRINTH_AT_UDP + 3] = PORT_DISCARD,
	[LABYRINTH_AT_MAGIC] = 'L', 'B',
	/* Numbers and complements: 0 beside 0xffffffff adds nothing, as any will. */
	[LABYRINTH_AT_SEQUENCE + 4] = 0xff, 0xff, 0xff, 0xff,
	[LABYRINTH_AT_STAMP + 4] = 0xff, 0xff, 0xff, 0xff,
	[LABYRINTH_AT_FILL] = LABYRINTH_FRAME_FILL, LABYRINTH_FRAME_FILL,
	LABYRINTH_FRAME_FILL, LABYRINTH_FRAME_FILL,
};

uint32_t
lab_checksum_add(uint32_t sum, const uint8_t *data, uint32_t length)
{
	uint32_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += lab_get16(data + i);
	if (i < length)
		sum += (uint32_t)data[i] << 8;
	return sum;
}

/* As RFC 768 has it, over a pseudo header of addresses, protocol and length. */
static uint16_t
udp_checksum(const uint8_t *line, uint32_t length)
{
	uint32_t in_line = LABYRINTH_AT_FILL - LABYRINTH_AT_UDP, fill = length - in_line;
	uint32_t sum = PROTOCOL_UDP + length;
	uint16_t checksum;

	sum = lab_checksum_add(sum, line + LABYRINTH_AT_IP_SOURCE, 8);
	sum = lab_checksum_add(sum, line + LABYRINTH_AT_UDP, in_line);
	sum += fill / 2 * (LABYRINTH_FRAME_FILL << 8 | LABYRINTH_FRAME_FILL) +
		fill % 2 * (LABYRINTH_FRAME_FILL << 8);
	checksum = lab_checksum_fold(sum);
	return checksum != 0 ? checksum : 0xffff;
}

static void
fill_line(uint8_t *line, const struct labyrinth_nic_config *config, uint32_t flow,
	uint32_t size)
{
	uint32_t ip_length = size - LABYRINTH_MTU_OVERHEAD;
	uint32_t udp_length = ip_length - (LABYRINTH_AT_UDP - LABYRINTH_AT_IP);

	memcpy(line, template, LAB_LINE);
	memcpy(line, config->mac, sizeof(config->mac));
	lab_put16(line + LABYRINTH_AT_IP_LENGTH, ip_length);
	lab_put16(line + LABYRINTH_AT_IP_SOURCE + 2, flow);
	lab_put16(line + LABYRINTH_AT_UDP, PORT_FIRST + flow % PORTS);
	lab_put16(line + LABYRINTH_AT_UDP_LENGTH, udp_length);
	lab_put16(line + LABYRINTH_AT_IP_CHECKSUM,
		lab_checksum_fold(lab_checksum_add(0, line + LABYRINTH_AT_IP, 20)));
	if (!config->headers_only || size == LABYRINTH_FRAME_MIN)
		lab_put16(line + LABYRINTH_AT_UDP_CHECKSUM,
			udp_checksum(line, udp_length));
}

static uint32_t
hash_of(const uint8_t *line, const struct labyrinth_rss *rss)
{
	uint8_t input[12];

	memcpy(input, line + LABYRINTH_AT_IP_SOURCE, 8);
	memcpy(input + 8, line + LABYRINTH_AT_UDP, 4);
	switch (rss->fields) {
	case LABYRINTH_RSS_IPV4:
		return labyrinth_toeplitz(rss->key, input, 8);
	case LABYRINTH_RSS_IPV4_UDP:
		return labyrinth_toeplitz(rss->key, input, 12);
	default:
		return 0;
	}
}

static void
fill(struct lab_headers *headers, const struct labyrinth_nic_config *config,
	const struct labyrinth_rss *rss, uint32_t kind, uint32_t flow)
{
	uint32_t i = kind * config->flows + flow, size = config->mix[kind].size, hash;
	bool hashed = rss->fields != LABYRINTH_RSS_NONE;

	fill_line(headers->line[i], config, flow, size);
	hash = hash_of(headers->line[i], rss);
	headers->status[i] = (struct lab_status){
		.length = (uint16_t)(size - LABYRINTH_WIRE_FCS),
		.flags = hashed ? LABYRINTH_SEG_RSS : 0,
		.hash = hash,
	};
	headers->queue_of[flow] =
		hashed ? rss->reta[hash % LABYRINTH_RSS_RETA_SIZE] : 0;
}

int
lab_headers_build(struct lab_headers *headers, const struct labyrinth_nic_config *config,
	const struct labyrinth_rss *rss)
{
	size_t n = (size_t)config->flows * config->sizes;

	*headers = (struct lab_headers){
		.line = aligned_alloc(LAB_LINE, n * LAB_LINE),
		.status = calloc(n, sizeof(*headers->status)),
		.queue_of = calloc(config->flows, sizeof(*headers->queue_of)),
	};
	if (headers->line == NULL || headers->status == NULL ||
		headers->queue_of == NULL) {
		lab_headers_free(headers);
		return -ENOMEM;
	}
	for (uint32_t kind = 0; kind < config->sizes; kind++)
		for (uint32_t flow = 0; flow < config->flows; flow++)
			fill(headers, config, rss, kind, flow);
	return 0;
}

void
lab_headers_free(struct lab_headers *headers)
{
	free(headers->line);
	free(headers->status);
	free(headers->queue_of);
	*headers = (struct lab_headers){ 0 };
}
