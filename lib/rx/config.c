/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>

#include "labyrinth_wire.h"
#include "wire.h"

void
labyrinth_nic_config_init(struct labyrinth_nic_config *config)
{
	*config = (struct labyrinth_nic_config){
		.name = "labyrinth",
		.rate = LABYRINTH_NIC_LINK_MBPS / 1000.0,
		.mix = { { .size = LABYRINTH_FRAME_MIN, .share = 1 } },
		.sizes = 1,
		.flows = 64,
		.mac = { 0x02, 0x4c, 0x61, 0x62, 0x01, 0x00 },
		.mtu = LABYRINTH_MTU_DEFAULT,
		.device_cpu = -1,
		.wait_us = 100,
	};
}

void
labyrinth_nic_config_imix(struct labyrinth_nic_config *config)
{
	static const struct labyrinth_frame_share imix[] = {
		{ 64, 28 },
		{ 570, 16 },
		{ 1518, 4 },
	};

	memcpy(config->mix, imix, sizeof(imix));
	config->sizes = sizeof(imix) / sizeof(imix[0]);
}

/* A value and what it may be. */
struct range {
	const char *name, *unit;
	uint64_t value, min, max;
	bool or_none; /* 0 is allowed too */
};

static int
check_ranges(const struct range *range, size_t n, struct labyrinth_error *error)
{
	for (; n > 0; n--, range++) {
		if (range->or_none && range->value == 0)
			continue;
		if (range->value < range->min || range->value > range->max)
			return labyrinth_fail(error, -EINVAL,
				"%s %" PRIu64 " is out of range: give %" PRIu64
				" to %" PRIu64 "%s%s",
				range->name, range->value, range->min, range->max,
				range->unit, range->or_none ? ", or 0 for none" : "");
	}
	return 0;
}

static int
check_mix(const struct labyrinth_nic_config *config, struct labyrinth_error *error)
{
	const struct range sizes = { "number of frame sizes", "", config->sizes, 1,
		LABYRINTH_MIX_MAX, false };
	uint64_t sum = 0;
	int ret = check_ranges(&sizes, 1, error);

	for (uint32_t i = 0; ret == 0 && i < config->sizes; i++) {
		const struct range each[] = {
			{ "frame size", " bytes, FCS included", config->mix[i].size,
				LABYRINTH_FRAME_MIN, LABYRINTH_FRAME_MAX, false },
			{ "share of a frame size", "", config->mix[i].share, 1,
				LABYRINTH_SHARE_MAX, false },
		};

		sum += config->mix[i].share;
		ret = check_ranges(each, 2, error);
	}
	if (ret == 0 && sum > LABYRINTH_SHARE_MAX)
		ret = labyrinth_fail(error, -EINVAL,
			"the shares of the frame sizes add up to %" PRIu64
			": at most %u, divide them by a common factor",
			sum, LABYRINTH_SHARE_MAX);
	return ret;
}

static int
check_window(const char *name, const struct labyrinth_window *window,
	struct labyrinth_error *error)
{
	if (window->every_us == 0 && window->for_us == 0)
		return 0;
	if (window->every_us < 2 || window->every_us > LABYRINTH_WINDOW_US_MAX ||
		window->for_us == 0 || window->for_us >= window->every_us)
		return labyrinth_fail(error, -EINVAL,
			"%s for %" PRIu32 " of every %" PRIu32
			" us is out of range: give "
			"2 to %u for the period, and less than that for it to last, or "
			"0 and 0 for never",
			name, window->for_us, window->every_us, LABYRINTH_WINDOW_US_MAX);
	return 0;
}

static int
check_pauses(const struct labyrinth_nic_config *config, struct labyrinth_error *error)
{
	if (config->on_us == 0 && config->off_us == 0)
		return 0;
	if (config->on_us == 0 || config->on_us > LABYRINTH_WINDOW_US_MAX ||
		config->off_us == 0 || config->off_us > LABYRINTH_WINDOW_US_MAX)
		return labyrinth_fail(error, -EINVAL,
			"sending for %" PRIu32 " us and pausing for %" PRIu32
			" us is out of range: give 1 to %u each, or 0 and 0 for no "
			"pauses",
			config->on_us, config->off_us, LABYRINTH_WINDOW_US_MAX);
	return 0;
}

static int
check_choices(const struct labyrinth_nic_config *config, struct labyrinth_error *error)
{
	if (config->mode > LABYRINTH_NIC_DRIVEN)
		return labyrinth_fail(error, -EINVAL,
			"mode %d is none: give inline, thread or driven", config->mode);
	if (config->policy > LABYRINTH_RX_WAIT)
		return labyrinth_fail(error, -EINVAL,
			"policy %d is none: give drop, stall or wait", config->policy);
	if (config->device_cpu < -1 || config->device_cpu >= CPU_SETSIZE)
		return labyrinth_fail(error, -EINVAL,
			"device CPU %d is out of range: give 0 to %d, or -1 for any",
			config->device_cpu, CPU_SETSIZE - 1);
	if ((config->mac[0] & 1) != 0)
		return labyrinth_fail(error, -EINVAL,
			"the card's address is one of a group: give an even first byte");
	return 0;
}

static int
check_values(const struct labyrinth_nic_config *config, struct labyrinth_error *error)
{
	const struct range values[] = {
		{ "number of flows", "", config->flows, 1, LABYRINTH_FLOWS_MAX, false },
		{ "jitter", " ns", config->jitter_ns, 1, LABYRINTH_JITTER_NS_MAX, true },
		{ "MTU", " bytes", config->mtu, LABYRINTH_MTU_MIN, LABYRINTH_MTU_MAX,
			false },
		{ "wait", " us", config->wait_us, 1, LABYRINTH_WAIT_US_MAX, false },
		{ "TSC frequency", " Hz", config->tsc_hz, LABYRINTH_CLOCK_HZ_MIN,
			LABYRINTH_CLOCK_HZ_MAX, true },
	};

	return check_ranges(values, sizeof(values) / sizeof(values[0]), error);
}

static int
check_faults(const struct labyrinth_nic_config *config, struct labyrinth_error *error)
{
	int ret = 0;

	for (int i = 0; ret == 0 && i < LABYRINTH_FAULT_COUNT; i++) {
		const struct range every = { labyrinth_fault_name(i),
			" (one of so many frames)", config->fault_every[i],
			LABYRINTH_FAULT_EVERY_MIN, LABYRINTH_FAULT_EVERY_MAX, true };

		ret = check_ranges(&every, 1, error);
	}
	if (ret == 0)
		ret = check_window("link down", &config->link_down, error);
	if (ret == 0)
		ret = check_window("stalled", &config->stalled, error);
	return ret;
}

static int
check_period(const struct labyrinth_nic_config *config, struct labyrinth_error *error)
{
	if (lab_wire_period(config) != 0)
		return 0;
	return labyrinth_fail(error, -EINVAL,
		"%" PRIu32
		" flows and the shares of the frame sizes would repeat only after "
		"more than %u frames: give fewer flows, or a number that has factors in "
		"common with the sum of the shares",
		config->flows, LAB_PERIOD_MAX);
}

int
labyrinth_nic_config_check(
	const struct labyrinth_nic_config *config, struct labyrinth_error *error)
{
	static int (*const checks[])(
		const struct labyrinth_nic_config *, struct labyrinth_error *) = {
		check_mix,
		check_values,
		check_pauses,
		check_choices,
		check_faults,
		check_period,
	};
	int ret = 0;

	/* not < and >, so that a NaN is out of range too */
	if (!(config->rate >= LABYRINTH_RATE_MIN && config->rate <= LABYRINTH_RATE_MAX))
		return labyrinth_fail(error, -EINVAL,
			"rate %g is out of range: give %g to %g Gb/s", config->rate,
			LABYRINTH_RATE_MIN, LABYRINTH_RATE_MAX);
	for (size_t i = 0; ret == 0 && i < sizeof(checks) / sizeof(checks[0]); i++)
		ret = checks[i](config, error);
	return ret;
}

double
labyrinth_nic_config_frame_rate(const struct labyrinth_nic_config *config)
{
	uint64_t bytes = 0, frames = 0;

	for (uint32_t i = 0; i < config->sizes; i++) {
		frames += config->mix[i].share;
		bytes += (uint64_t)config->mix[i].share *
			 (config->mix[i].size + LABYRINTH_WIRE_OVERHEAD);
	}
	return config->rate * 1e9 / (8.0 * (double)bytes) * (double)frames;
}

static const char *const fault_names[] = {
#define FAULT_NAME(id, name, sentence) name,
	LABYRINTH_FAULTS(FAULT_NAME)
#undef FAULT_NAME
};

const char *
labyrinth_fault_name(enum labyrinth_fault fault)
{
	if ((unsigned int)fault >= LABYRINTH_FAULT_COUNT)
		return NULL;
	return fault_names[fault];
}
