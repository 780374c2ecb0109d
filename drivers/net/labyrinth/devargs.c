/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_kvargs.h>

#include "devargs.h"

/** Most CPUs that anybody pins to. */
#define CPU_MAX 4095u

struct key;

/** Read @p text as the value of @p key. @return 0; -EINVAL with the reason */
typedef int key_parser(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error);

/** A key, and for whole numbers where they go and what is allowed. */
struct key {
	const char *name;
	key_parser *parse;
	size_t at;  /**< in struct lab_devargs */
	uint64_t min, max;
};

/* Digits only: strtoull() would take signs, blanks and a wrapped negative number. */
static bool
read_number(const char *text, char **end, uint64_t *number)
{
	errno = 0;
	*number = strtoull(text, end, 10);
	return text[0] >= '0' && text[0] <= '9' && errno == 0;
}

static int
number_of(const struct key *key, const char *text, uint64_t *number,
	struct labyrinth_error *error)
{
	char *end;

	if (!read_number(text, &end, number) || *end != '\0' || *number < key->min ||
		*number > key->max)
		return labyrinth_fail(error, -EINVAL,
			"%s=%.40s: give a whole number from %" PRIu64 " to %" PRIu64,
			key->name, text, key->min, key->max);
	return 0;
}

static int
parse_u32(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	uint64_t number;
	uint32_t value;
	int ret = number_of(key, text, &number, error);

	value = (uint32_t)number;
	if (ret == 0)
		memcpy(RTE_PTR_ADD(args, key->at), &value, sizeof(value));
	return ret;
}

static int
parse_u64(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	uint64_t number;
	int ret = number_of(key, text, &number, error);

	if (ret == 0)
		memcpy(RTE_PTR_ADD(args, key->at), &number, sizeof(number));
	return ret;
}

static int
parse_bool(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	uint64_t number;
	int ret = number_of(key, text, &number, error);
	bool value = number != 0;

	if (ret == 0)
		memcpy(RTE_PTR_ADD(args, key->at), &value, sizeof(value));
	return ret;
}

static int
parse_rate(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	double rate;
	char *end;

	rate = strtod(text, &end);
	/* The first character keeps out blanks, signs, "inf" and "nan". */
	if (text[0] < '0' || text[0] > '9' || *end != '\0' ||
		!(rate >= LABYRINTH_RATE_MIN && rate <= LABYRINTH_RATE_MAX))
		return labyrinth_fail(error, -EINVAL, "%s=%.40s: give Gb/s from %g to %g",
			key->name, text, LABYRINTH_RATE_MIN, LABYRINTH_RATE_MAX);
	args->config.rate = rate;
	return 0;
}

/* One "SIZE" or "SIZExSHARE" at *text, which moves behind it. */
static bool
read_share(const char **text, struct labyrinth_frame_share *entry)
{
	uint64_t size, share = 1;
	char *end;

	if (!read_number(*text, &end, &size) || size < LABYRINTH_FRAME_MIN ||
		size > LABYRINTH_FRAME_MAX)
		return false;
	if (*end == 'x' && !read_number(end + 1, &end, &share))
		return false;
	if (share == 0 || share > LABYRINTH_SHARE_MAX || (*end != '+' && *end != '\0'))
		return false;
	*entry = (struct labyrinth_frame_share){ (uint32_t)size, (uint32_t)share };
	*text = end;
	return true;
}

static int
parse_size(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	struct labyrinth_nic_config *c = &args->config;
	const char *at = text;
	uint32_t n = 0, shares = 0;

	if (strcmp(text, "imix") == 0) {
		labyrinth_nic_config_imix(c);
		return 0;
	}
	while (n < LABYRINTH_MIX_MAX && read_share(&at, &c->mix[n])) {
		shares += c->mix[n++].share;
		if (*at++ == '\0')
			break;
	}
	c->sizes = n;
	if (at > text && at[-1] == '\0' && shares <= LABYRINTH_SHARE_MAX)
		return 0;
	return labyrinth_fail(error, -EINVAL,
		"%s=%.60s: give bytes from %u to %u, imix, or up to %u such as "
		"64x28+570x16 with shares that add up to %u at most",
		key->name, text, LABYRINTH_FRAME_MIN, LABYRINTH_FRAME_MAX,
		LABYRINTH_MIX_MAX, LABYRINTH_SHARE_MAX);
}

static int
parse_policy(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	if (strcmp(text, "drop") == 0)
		args->config.policy = LABYRINTH_RX_DROP;
	else if (strcmp(text, "stall") == 0)
		args->config.policy = LABYRINTH_RX_STALL;
	else if (strcmp(text, "wait") == 0)
		args->config.policy = LABYRINTH_RX_WAIT;
	else
		return labyrinth_fail(error, -EINVAL,
			"%s=%.40s: choose from drop, stall and wait", key->name, text);
	return 0;
}

static int
parse_mode(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	if (strcmp(text, "inline") == 0)
		args->config.mode = LABYRINTH_NIC_INLINE;
	else if (strcmp(text, "thread") == 0)
		args->config.mode = LABYRINTH_NIC_THREAD;
	else
		return labyrinth_fail(error, -EINVAL,
			"%s=%.40s: choose from inline and thread", key->name, text);
	return 0;
}

/* "EVERY/FOR" in µs. */
static int
parse_window(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	struct labyrinth_window window;
	uint64_t every, last;
	char *end;

	if (!read_number(text, &end, &every) || *end != '/' ||
		!read_number(end + 1, &end, &last) || *end != '\0' || last == 0 ||
		last >= every || every > LABYRINTH_WINDOW_US_MAX)
		return labyrinth_fail(error, -EINVAL,
			"%s=%.40s: give EVERY/FOR in us such as 10000/500, FOR from 1 to "
			"less than EVERY, EVERY up to %u",
			key->name, text, LABYRINTH_WINDOW_US_MAX);
	window = (struct labyrinth_window){ (uint32_t)every, (uint32_t)last };
	memcpy(RTE_PTR_ADD(args, key->at), &window, sizeof(window));
	return 0;
}

/* 0 is no fault, 1 would leave no frame. */
static int
parse_fault(const struct key *key, const char *text, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	if (strcmp(text, "1") == 0)
		return labyrinth_fail(error, -EINVAL,
			"%s=1: give 0 for none or one of every %" PRIu64 " to %" PRIu64
			" frames",
			key->name, (uint64_t)LABYRINTH_FAULT_EVERY_MIN, key->max);
	return parse_u32(key, text, args, error);
}

#define ARG(field)    offsetof(struct lab_devargs, field)
#define CONFIG(field) offsetof(struct lab_devargs, config.field)

#define FAULT_KEY(id, name, sentence)                                                    \
	{ name, parse_fault, CONFIG(fault_every[LABYRINTH_FAULT_##id]), 0,               \
		LABYRINTH_FAULT_EVERY_MAX },

/* clang-format off */
static const struct key keys[] = {
	{ "rate", parse_rate, 0, 0, 0 },
	{ "size", parse_size, 0, 0, 0 },
	{ "flows", parse_u32, CONFIG(flows), 1, LABYRINTH_FLOWS_MAX },
	{ "frames", parse_u64, CONFIG(frames), 0, INT64_MAX },
	{ "on_us", parse_u32, CONFIG(on_us), 0, LABYRINTH_WINDOW_US_MAX },
	{ "off_us", parse_u32, CONFIG(off_us), 0, LABYRINTH_WINDOW_US_MAX },
	{ "jitter_ns", parse_u32, CONFIG(jitter_ns), 0, LABYRINTH_JITTER_NS_MAX },
	{ "seed", parse_u64, CONFIG(seed), 0, UINT64_MAX },
	{ "headers_only", parse_bool, CONFIG(headers_only), 0, 1 },
	{ "policy", parse_policy, 0, 0, 0 },
	{ "wait_us", parse_u32, CONFIG(wait_us), 1, LABYRINTH_WAIT_US_MAX },
	{ "mode", parse_mode, 0, 0, 0 },
	{ "cpu", parse_u32, CONFIG(device_cpu), 0, CPU_MAX },
	{ "rxq", parse_u32, ARG(rxq), 1, LABYRINTH_NIC_QUEUES_MAX },
	{ "txq", parse_u32, ARG(txq), 1, LABYRINTH_NIC_QUEUES_MAX },
	LABYRINTH_FAULTS(FAULT_KEY)
	{ "link_down", parse_window, CONFIG(link_down), 0, 0 },
	{ "stalled", parse_window, CONFIG(stalled), 0, 0 },
};
/* clang-format on */

_Static_assert(sizeof(int) == sizeof(uint32_t), "device_cpu is written as 32 bits");

static const struct key *
find_key(const char *name)
{
	for (size_t i = 0; i < RTE_DIM(keys); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

static int
unknown_key(const char *name, struct labyrinth_error *error)
{
	char known[200] = "";

	for (size_t i = 0; i < RTE_DIM(keys); i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), " %s",
			keys[i].name);
	return labyrinth_fail(
		error, -EINVAL, "%.40s: no such key, there are:%s", name, known);
}

static bool
repeated(const struct rte_kvargs *list, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (strcmp(list->pairs[i].key, list->pairs[n].key) == 0)
			return true;
	}
	return false;
}

static int
parse_pairs(const struct rte_kvargs *list, struct lab_devargs *args,
	struct labyrinth_error *error)
{
	for (unsigned int i = 0; i < list->count; i++) {
		const struct rte_kvargs_pair *pair = &list->pairs[i];
		const struct key *key = find_key(pair->key);
		int ret;

		if (key == NULL)
			return unknown_key(pair->key, error);
		if (repeated(list, i))
			return labyrinth_fail(
				error, -EINVAL, "%s: is given twice", key->name);
		if (pair->value == NULL)
			return labyrinth_fail(error, -EINVAL,
				"%s: its value is missing, give %s=...", key->name,
				key->name);
		ret = key->parse(key, pair->value, args, error);
		if (ret != 0)
			return ret;
	}
	return 0;
}

int
lab_devargs_parse(
	const char *text, struct lab_devargs *args, struct labyrinth_error *error)
{
	struct rte_kvargs *list;
	int ret;

	labyrinth_nic_config_init(&args->config);
	args->rxq = LABYRINTH_NIC_QUEUES_MAX;
	args->txq = LABYRINTH_NIC_QUEUES_MAX;
	/* Keys are checked here: rte_kvargs does not say which one is bad. */
	list = rte_kvargs_parse(text == NULL ? "" : text, NULL);
	if (list == NULL)
		return labyrinth_fail(error, -EINVAL,
			"'%.60s': give up to %d pairs such as rate=100,size=64", text,
			RTE_KVARGS_MAX);
	ret = parse_pairs(list, args, error);
	rte_kvargs_free(list);
	if (ret != 0)
		return ret;
	return labyrinth_nic_config_check(&args->config, error);
}
