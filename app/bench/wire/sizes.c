/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labyrinth_wire.h"
#include "sizes.h"

#define IMIX "imix"

static void
set_imix(struct wire_size *size)
{
	struct labyrinth_nic_config config;
	double bytes = 0, frames = 0;

	labyrinth_nic_config_imix(&config);
	for (uint32_t i = 0; i < config.sizes; i++) {
		bytes += (double)config.mix[i].size * config.mix[i].share;
		frames += config.mix[i].share;
		if (config.mix[i].size > size->largest)
			size->largest = config.mix[i].size;
	}
	size->mean = bytes / frames;
}

/* One name of the list. Digits only: strtoul() would take signs and blanks. */
static enum bench_exit
parse_one(const char *text, struct wire_size *size, struct labyrinth_error *error)
{
	unsigned long bytes;
	char *end;

	memset(size, 0, sizeof(*size));
	if (strcmp(text, IMIX) == 0) {
		snprintf(size->label, sizeof(size->label), IMIX);
		set_imix(size);
		return BENCH_OK;
	}
	errno = 0;
	bytes = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
		bytes < LABYRINTH_FRAME_MIN || bytes > LABYRINTH_FRAME_MAX)
		return labyrinth_fail(error, BENCH_USAGE,
			"--sizes: '%.20s' is no frame size, give %u to %u (with FCS) "
			"or " IMIX ", separated by commas",
			text, LABYRINTH_FRAME_MIN, LABYRINTH_FRAME_MAX);
	snprintf(size->label, sizeof(size->label), "%lu", bytes);
	size->bytes = size->largest = (uint32_t)bytes;
	size->mean = (double)bytes;
	return BENCH_OK;
}

static bool
is_known(const struct wire_size *size, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(size[i].label, size[n].label) == 0)
			return true;
	return false;
}

enum bench_exit
wire_sizes_parse(const char *text, struct wire_size *size, uint32_t *sizes,
	struct labyrinth_error *error)
{
	enum bench_exit ret;

	*sizes = 0;
	do {
		size_t length = strcspn(text, ",");
		char one[24];

		if (*sizes == WIRE_SIZES_MAX)
			return labyrinth_fail(error, BENCH_USAGE,
				"--sizes: more than %u sizes", WIRE_SIZES_MAX);
		snprintf(one, sizeof(one), "%.*s", length < 23 ? (int)length : 23, text);
		ret = parse_one(one, &size[*sizes], error);
		if (ret != BENCH_OK)
			return ret;
		if (is_known(size, *sizes))
			return labyrinth_fail(error, BENCH_USAGE,
				"--sizes: %s stands there twice", one);
		(*sizes)++;
		text += length;
	} while (*text++ == ',');
	return BENCH_OK;
}

void
wire_size_apply(const struct wire_size *size, struct labyrinth_nic_config *config)
{
	uint32_t mtu = size->largest - LABYRINTH_MTU_OVERHEAD;

	if (size->bytes == 0) {
		labyrinth_nic_config_imix(config);
	} else {
		config->mix[0] = (struct labyrinth_frame_share){ size->bytes, 1 };
		config->sizes = 1;
	}
	if (mtu > config->mtu)
		config->mtu = mtu;
}

double
wire_line_rate(const struct wire_size *size, double gbps)
{
	return gbps * 1e9 / wire_bandwidth(size, 1);
}

double
wire_bandwidth(const struct wire_size *size, double pps)
{
	return pps * 8 * (size->mean + LABYRINTH_WIRE_OVERHEAD);
}
