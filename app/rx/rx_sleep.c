/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_log.h>

#include "frames.h"
#include "port.h"
#include "rx_loop.h"
#include "rx_sleep.h"

/** Limits of the window in which an idle lcore polls on, in us. */
#define WINDOW_LEAST_US 10
#define WINDOW_MOST_US  200

/** Events that one wait takes; others are there at the next. */
#define EVENTS 16

#define NS_PER_SECOND 1000000000

/** A queue, and how it wakes. */
struct source {
	const struct rx_queue *queue;
	/**
	 * The PMD has nothing to arm: its descriptor can be read as long as there are frames
	 * (net_tap). Others raise an event for each interrupt, once.
	 */
	bool level;
	struct rte_epoll_event event;  /**< of a level */
	bool dead;  /**< the port is gone: it would wake for ever */
};

struct rx_sleep {
	struct rx_sleep_rule rule;
	struct rx_lcore *lcore;
	struct source *sources;
	uint16_t nb_sources;
	int epoll, timer, caller;
	struct rte_epoll_event timer_event, caller_event;
	uint64_t woke_at;  /**< TSC, 0: work has been found since */
	/** It may be asleep, or is about to: who has work for it calls. */
	_Alignas(LABYRINTH_CACHE_LINE) atomic_bool asleep;
	_Alignas(LABYRINTH_CACHE_LINE) struct rx_sleep_counts counts;
};

/* ---- sources ---- */

static int
add_level(struct source *source, int epoll)
{
	const struct rx_queue *q = source->queue;
	int fd = rte_eth_dev_rx_intr_ctl_q_get_fd(q->port, q->queue);

	source->level = true;
	source->event.epdata.event = EPOLLIN;
	source->event.epdata.data = source;
	if (fd < 0)
		return -ENOTSUP;
	return rte_epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &source->event);
}

static int
add(struct source *source, int epoll)
{
	const struct rx_queue *q = source->queue;
	int ret = rte_eth_dev_rx_intr_enable(q->port, q->queue);

	if (ret == -ENOTSUP)
		return add_level(source, epoll);
	if (ret == 0)
		rte_eth_dev_rx_intr_disable(q->port, q->queue);
	if (ret != 0)
		return ret;
	return rte_eth_dev_rx_intr_ctl_q(
		q->port, q->queue, epoll, RTE_INTR_EVENT_ADD, source);
}

static void
delete(struct source *source, int epoll)
{
	const struct rx_queue *q = source->queue;

	if (source->dead)
		return;
	if (source->level) {
		rte_epoll_ctl(epoll, EPOLL_CTL_DEL, source->event.fd, &source->event);
		return;
	}
	rte_eth_dev_rx_intr_disable(q->port, q->queue);
	rte_eth_dev_rx_intr_ctl_q(q->port, q->queue, epoll, RTE_INTR_EVENT_DEL, source);
}

/* Before each sleep anew: a vhost peer that connected since then found it disabled. */
static void
arm(struct rx_sleep *sleep)
{
	for (uint16_t i = 0; i < sleep->nb_sources; i++) {
		const struct source *s = &sleep->sources[i];

		if (!s->level)
			rte_eth_dev_rx_intr_enable(s->queue->port, s->queue->queue);
	}
	/*
	 * seq_cst, as in rx_sleep_wake(): who puts something into a ring after the round
	 * that follows sees this, or that round sees what was put there.
	 */
	atomic_store_explicit(&sleep->asleep, true, memory_order_seq_cst);
	atomic_thread_fence(memory_order_seq_cst);
}

static void
disarm(struct rx_sleep *sleep)
{
	/* relaxed: a caller that still sees it set calls in vain */
	atomic_store_explicit(&sleep->asleep, false, memory_order_relaxed);
	for (uint16_t i = 0; i < sleep->nb_sources; i++) {
		const struct source *s = &sleep->sources[i];

		if (!s->level)
			rte_eth_dev_rx_intr_disable(s->queue->port, s->queue->queue);
	}
}

static enum rx_exit
refuse(const struct rx_port *port, int ret, struct labyrinth_error *error)
{
	return labyrinth_fail(error, RX_ENVIRONMENT,
		"--rx-intr: port %u (%s) has no rx interrupts (%s): leave out the option, or "
		"the port (--portmask)",
		port->id, port->driver_name, rte_strerror(-ret));
}

enum rx_exit
rx_sleep_supported(const struct rx_port *ports, uint16_t nb_ports,
	struct labyrinth_error *error)
{
	/* What the PMD lacks is told by us, in one line. */
	int type = rte_log_register("lib.ethdev"), level = rte_log_get_level((uint32_t)type);
	int epoll = epoll_create1(EPOLL_CLOEXEC), ret = epoll < 0 ? -errno : 0;
	uint16_t i = 0;

	rte_log_set_level((uint32_t)type, RTE_LOG_CRIT);
	for (; i < nb_ports && ret == 0; i++) {
		for (uint16_t q = 0; q < ports[i].nb_rxq && ret == 0; q++) {
			const struct rx_queue queue = { .port = ports[i].id, .queue = q };
			struct source source = { .queue = &queue };

			ret = add(&source, epoll);
			if (ret == 0)
				delete(&source, epoll);
		}
	}
	rte_log_set_level((uint32_t)type, (uint32_t)level);
	if (epoll >= 0)
		close(epoll);
	return ret == 0 ? RX_OK : refuse(&ports[i - 1], ret, error);
}

/* ---- the life of it ---- */

static int
add_own(struct rx_sleep *sleep, int fd, struct rte_epoll_event *event)
{
	event->epdata.event = EPOLLIN;
	event->epdata.data = event;
	return rte_epoll_ctl(sleep->epoll, EPOLL_CTL_ADD, fd, event);
}

struct rx_sleep *
rx_sleep_create(void)
{
	struct rx_sleep *sleep = aligned_alloc(LABYRINTH_CACHE_LINE, sizeof(*sleep));

	if (sleep == NULL)
		return NULL;
	*sleep = (struct rx_sleep){
		.epoll = epoll_create1(EPOLL_CLOEXEC),
		.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
		.caller = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	if (sleep->epoll >= 0 && sleep->timer >= 0 && sleep->caller >= 0 &&
		add_own(sleep, sleep->timer, &sleep->timer_event) == 0 &&
		add_own(sleep, sleep->caller, &sleep->caller_event) == 0)
		return sleep;
	rx_sleep_destroy(sleep);
	return NULL;
}

void
rx_sleep_destroy(struct rx_sleep *sleep)
{
	if (sleep == NULL)
		return;
	rx_sleep_end(sleep);
	if (sleep->epoll >= 0)
		close(sleep->epoll);
	if (sleep->timer >= 0)
		close(sleep->timer);
	if (sleep->caller >= 0)
		close(sleep->caller);
	free(sleep);
}

enum rx_exit
rx_sleep_begin(struct rx_sleep *sleep, struct rx_lcore *lcore, struct labyrinth_error *error)
{
	double us = (double)rte_get_tsc_hz() / 1e6;

	rx_sleep_rule_init(&sleep->rule, (uint64_t)(WINDOW_LEAST_US * us),
		(uint64_t)(WINDOW_MOST_US * us), rte_rdtsc());
	sleep->lcore = lcore;
	sleep->woke_at = 0;
	sleep->sources = calloc(lcore->nb_queues, sizeof(*sleep->sources));
	if (sleep->sources == NULL)
		return labyrinth_fail(error, RX_ENVIRONMENT, "out of memory");
	for (uint16_t i = 0; i < lcore->nb_queues; i++) {
		const struct rx_queue *q = lcore->queues[i];
		struct source *source = &sleep->sources[sleep->nb_sources];
		int ret;

		if (q->source != RX_FROM_PORT)
			continue;
		source->queue = q;
		ret = add(source, sleep->epoll);
		if (ret != 0)
			return labyrinth_fail(error, RX_ENVIRONMENT,
				"--rx-intr: queue %u of port %u cannot wake an lcore (%s)",
				q->queue, q->port, rte_strerror(-ret));
		sleep->nb_sources++;
	}
	return RX_OK;
}

void
rx_sleep_end(struct rx_sleep *sleep)
{
	for (uint16_t i = 0; i < sleep->nb_sources; i++)
		delete(&sleep->sources[i], sleep->epoll);
	free(sleep->sources);
	sleep->sources = NULL;
	sleep->nb_sources = 0;
	/* relaxed: a caller that still sees it set calls in vain */
	atomic_store_explicit(&sleep->asleep, false, memory_order_relaxed);
}

const struct rx_sleep_counts *
rx_sleep_counts(const struct rx_sleep *sleep)
{
	return &sleep->counts;
}

void
rx_sleep_wake(struct rx_sleep *sleep)
{
	const uint64_t one = 1;

	/*
	 * What there is to do was stored before; seq_cst, with that in arm(): either this
	 * sees that the lcore is about to sleep, or its last round sees what there is.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&sleep->asleep, memory_order_relaxed))
		return;
	/* Fails only when it is full of calls: then there is one. */
	if (write(sleep->caller, &one, sizeof(one)) < 0)
		return;
}

/* ---- on the lcore ---- */

/* A queue that makes frames has always something to do; kept ones fall due by time. */
static bool
must_poll(const struct rx_lcore *lcore)
{
	for (uint16_t i = 0; i < lcore->nb_queues; i++) {
		const struct rx_queue *q = lcore->queues[i];

		if (q->source == RX_FROM_NONE)
			return true;
		if (q->hold != NULL && q->hold->limits.ticks != UINT64_MAX &&
			rx_hold_count(q->hold) != 0)
			return true;
	}
	return false;
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SECOND + (uint64_t)ts.tv_nsec;
}

/* When the sleep that begins at @p ns, TSC @p now, ends at the latest. */
static uint64_t
latest_end(const struct rx_lcore *lcore, uint64_t ns, uint64_t now)
{
	uint64_t most = RX_SLEEP_MS * UINT64_C(1000000), due;

	if (lcore->tick_at == UINT64_MAX)
		return ns + most;
	if (lcore->tick_at <= now)
		return ns + 1;
	due = (uint64_t)((double)(lcore->tick_at - now) * 1e9 / (double)rte_get_tsc_hz());
	return ns + (due < 1 ? 1 : RTE_MIN(due, most));
}

/* epoll's own time-out may be late by a thousandth, on purpose; a timer's is not. */
static void
set_timer(const struct rx_sleep *sleep, uint64_t ns)
{
	const struct itimerspec at = {
		.it_value = { .tv_sec = (time_t)(ns / NS_PER_SECOND),
			.tv_nsec = (long)(ns % NS_PER_SECOND) },
	};

	timerfd_settime(sleep->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

/* A descriptor that has nothing but an error belongs to an interface that was deleted. */
static enum rx_wake
of_source(const struct rx_sleep *sleep, const struct rte_epoll_event *event,
	enum rx_wake wake)
{
	struct source *source = event->epdata.data;

	if (!source->level || (event->epdata.event & EPOLLIN) != 0)
		return RX_WAKE_FRAMES;
	delete(source, sleep->epoll);
	source->dead = true;
	return wake;
}

/* Sleep. @return what ended it: frames before calls, calls before time */
static enum rx_wake
sleep_now(struct rx_sleep *sleep)
{
	struct rte_epoll_event events[EVENTS];
	int n = rte_epoll_wait(sleep->epoll, events, EVENTS, -1);
	enum rx_wake wake = RX_WAKE_TIME;
	uint64_t calls;

	for (int i = 0; i < n; i++) {
		if (events[i].epdata.data == &sleep->timer_event)
			continue;
		if (events[i].epdata.data != &sleep->caller_event)
			wake = of_source(sleep, &events[i], wake);
		else if (read(sleep->caller, &calls, sizeof(calls)) > 0 &&
			wake == RX_WAKE_TIME)
			wake = RX_WAKE_CALL;
	}
	return wake;
}

static uint64_t
wait_for_work(struct rx_sleep *sleep, uint64_t now)
{
	uint64_t from = now_ns(), latest = latest_end(sleep->lcore, from, now), to, woke;
	enum rx_wake wake;

	set_timer(sleep, latest);
	wake = sleep_now(sleep);
	woke = rte_rdtsc();
	to = now_ns();
	rx_count(&sleep->counts.woken[wake], 1);
	rx_count(&sleep->counts.ns, to - from);
	if (wake == RX_WAKE_TIME && to > latest)
		labyrinth_histogram_add(&sleep->counts.late, to - latest);
	sleep->woke_at = wake == RX_WAKE_TIME ? 0 : woke;
	disarm(sleep);
	rx_sleep_rule_woke(&sleep->rule, woke, woke - now, wake != RX_WAKE_TIME);
	return woke;
}

uint64_t
rx_sleep_round(struct rx_sleep *sleep, uint64_t now, bool worked)
{
	if (worked && sleep->woke_at != 0) {
		labyrinth_histogram_add(&sleep->counts.cost, now - sleep->woke_at);
		sleep->woke_at = 0;
	}
	switch (rx_sleep_rule_polled(&sleep->rule, now, worked || must_poll(sleep->lcore))) {
	case RX_SLEEP_ARM:
		arm(sleep);
		return now;
	case RX_SLEEP_DISARM:
		disarm(sleep);
		return now;
	case RX_SLEEP_WAIT:
		return wait_for_work(sleep, now);
	default:
		return now;
	}
}
