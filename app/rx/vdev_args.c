/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vdev_args.h"

#define VDEV       "--vdev"
#define POLICY_KEY "policy="

/** A changed argument. EAL and others keep pointers into argv, so none is ever freed. */
struct longer {
	struct longer *next;
	char text[];
};

static struct longer *all;

static bool
begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* The devargs of a simulated card in argv[i], "--vdev=X" or X after "--vdev", or NULL. */
static const char *
card_at(char **argv, int i)
{
	const char *args = NULL;

	if (begins_with(argv[i], VDEV "="))
		args = argv[i] + strlen(VDEV "=");
	else if (i > 0 && strcmp(argv[i - 1], VDEV) == 0)
		args = argv[i];
	return args != NULL && begins_with(args, RX_WIRE_DRIVER) ? args : NULL;
}

/* The policy that @p args has already, up to the next comma, or NULL. */
static const char *
policy_in(const char *args)
{
	const char *at = args;

	while ((at = strchr(at, ',')) != NULL) {
		at++;
		if (begins_with(at, POLICY_KEY))
			return at + strlen(POLICY_KEY);
	}
	return NULL;
}

static enum rx_exit
add_policy(char **argv, int i, const char *policy, struct labyrinth_error *error)
{
	const char *has = policy_in(card_at(argv, i));
	size_t size = strlen(argv[i]) + strlen("," POLICY_KEY) + strlen(policy) + 1;
	struct longer *longer;

	if (has != NULL) {
		size_t length = strcspn(has, ",");

		if (length == strlen(policy) && strncmp(has, policy, length) == 0)
			return RX_OK;
		return labyrinth_fail(error, RX_USAGE,
			"--policy %s: --vdev has policy=%.*s already, give one of both",
			policy, (int)(length < 40 ? length : 40), has);
	}
	longer = malloc(sizeof(*longer) + size);
	if (longer == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	snprintf(longer->text, size, "%s," POLICY_KEY "%s", argv[i], policy);
	argv[i] = longer->text;
	longer->next = all;
	all = longer;
	return RX_OK;
}

enum rx_exit
rx_vdev_args_policy(
	int argc, char **argv, const char *policy, struct labyrinth_error *error)
{
	enum rx_exit ret = RX_OK;
	int found = 0;

	if (policy == NULL)
		return RX_OK;
	for (int i = 1; i < argc && ret == RX_OK; i++) {
		if (card_at(argv, i) == NULL)
			continue;
		found++;
		ret = add_policy(argv, i, policy, error);
	}
	if (ret == RX_OK && found == 0)
		return labyrinth_fail(error, RX_USAGE,
			"--policy is what the simulated card does with a frame for which "
			"there is no page: add --vdev " RX_WIRE_DRIVER
			"0 before --, other drivers have their own");
	return ret;
}
