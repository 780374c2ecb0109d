/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "sleep_rule.h"

void
rx_sleep_rule_init(
	struct rx_sleep_rule *rule, uint64_t least, uint64_t most, uint64_t now)
{
	*rule = (struct rx_sleep_rule){
		.least = least,
		.most = most,
		.window = least,
		.idle_since = now,
	};
}

enum rx_sleep_step
rx_sleep_rule_polled(struct rx_sleep_rule *rule, uint64_t now, bool worked)
{
	bool armed = rule->armed;

	if (worked) {
		rule->idle_since = now;
		rule->armed = false;
		return armed ? RX_SLEEP_DISARM : RX_SLEEP_POLL;
	}
	if (armed)
		return RX_SLEEP_WAIT;
	if (now - rule->idle_since < rule->window)
		return RX_SLEEP_POLL;
	rule->armed = true;
	return RX_SLEEP_ARM;
}

static uint64_t
twice(uint64_t window, uint64_t most)
{
	return window > most / 2 ? most : window * 2;
}

static uint64_t
half(uint64_t window, uint64_t least)
{
	return window / 2 < least ? least : window / 2;
}

void
rx_sleep_rule_woke(struct rx_sleep_rule *rule, uint64_t now, uint64_t slept, bool called)
{
	rule->armed = false;
	if (called && slept < rule->most)
		rule->window = twice(rule->window, rule->most);
	else
		rule->window = half(rule->window, rule->least);
	/* Nothing came: what was idle long enough before is so still. */
	rule->idle_since = called ? now : now - rule->window;
}
