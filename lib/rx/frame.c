/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * Written apart from header.c, which makes the frames: one who checks must not take the
 * other's word for it. Sums run over what is in the frame.
 */

#include <stddef.h>

#include "header.h"
#include "labyrinth_frame.h"

static const char *
check_ip(const uint8_t *ip, uint32_t length)
{
	if (ip[0] != 0x45)
		return "no IPv4 header of 20 bytes";
	if (lab_get16(ip + 2) != length)
		return "the IPv4 length is not the frame's";
	if (lab_checksum_fold(lab_checksum_add(0, ip, 20)) != 0)
		return "the IPv4 checksum is wrong";
	if (ip[9] != 17)
		return "not UDP";
	return NULL;
}

static const char *
check_udp(const uint8_t *ip, const uint8_t *udp, uint32_t length)
{
	uint32_t sum;

	if (lab_get16(udp + 4) != length)
		return "the UDP length is not the frame's";
	if (lab_get16(udp + 6) == 0)
		return NULL;
	sum = lab_checksum_add(17 + length, ip + 12, 8);
	/* in parts, as the sum has 32 bits: 16384 bytes are far from filling them */
	if (lab_checksum_fold(lab_checksum_add(sum, udp, length)) != 0)
		return "the UDP checksum is wrong";
	return NULL;
}

const char *
labyrinth_frame_check(const uint8_t *data, uint32_t length)
{
	const uint8_t *ip = data + 14, *udp = data + 34;
	struct labyrinth_frame frame;
	const char *wrong;

	if (length < LABYRINTH_AT_FILL)
		return "shorter than 60 bytes";
	if (lab_get16(data + 12) != 0x0800)
		return "the Ethernet type is not IPv4";
	wrong = check_ip(ip, length - 14);
	if (wrong == NULL)
		wrong = check_udp(ip, udp, length - 34);
	if (wrong != NULL)
		return wrong;
	if (!labyrinth_frame_read(data, &frame))
		return "no frame of this wire, or torn";
	if (lab_get16(udp + 6) == 0)
		return NULL;
	for (uint32_t i = LABYRINTH_AT_FILL; i < length; i++)
		if (data[i] != LABYRINTH_FRAME_FILL)
			return "the fill is not what was sent";
	return NULL;
}
