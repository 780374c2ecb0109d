/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef HISTORY_H
#define HISTORY_H

/**
 * @file
 * Who had which page when: every thread notes each page that it was given (after the
 * call returned) and gives away (before the call), with a stamp from one clock that
 * all threads share. Between the two stamps the page was certainly the thread's, so for
 * each page these intervals must not overlap. A pool is correct page by page, hence
 * a check in linear time is complete.
 *
 * The clock is counted relaxed on purpose: it must not order the threads for TSan,
 * which is to see the order that the pool makes and no other. (The counter is one
 * variable, so its values agree with what each thread does before and after on x86,
 * where an atomic add is a full barrier.)
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** An end of an interval. */
struct history_event {
	uint64_t stamp : 62;
	uint64_t took : 1;       /**< begin, else end */
	uint32_t page;           /**< index, 1 … */
};

/** The events of one thread. */
struct history_log {
	struct history *history;
	struct history_event *event;
	uint32_t count;
	uint32_t who;
};

struct history {
	_Atomic uint64_t clock;
	uint32_t pages, logs;
	struct history_log *log;
};

/** Make a history for @p pages pages and @p logs threads; aborts without memory. */
struct history *
history_create(uint32_t pages, uint32_t logs);

/** Fail if two intervals of a page overlap; frees the history. */
void
history_end(struct history *history);

/** Is it time to stop, because there is no room for many more events? */
bool
history_is_full(const struct history_log *log);

static inline void
history_note(struct history_log *log, uint32_t page, bool took)
{
	log->event[log->count++] = (struct history_event){
		.stamp = atomic_fetch_add_explicit(&log->history->clock, 1,
			memory_order_relaxed) & ((UINT64_C(1) << 62) - 1),
		.took = took,
		.page = page,
	};
}

/** The thread was given @p page. */
static inline void
history_took(struct history_log *log, uint32_t page)
{
	history_note(log, page, true);
}

/** The thread is about to give @p page away. */
static inline void
history_drops(struct history_log *log, uint32_t page)
{
	history_note(log, page, false);
}

#endif /* HISTORY_H */
