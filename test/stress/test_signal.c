/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: timer signals at more than 10 kHz, two of them that nest, whose handlers
 * use the very owner that they interrupt: for 10 s, and on a machine that delivers fewer
 * for as long as it takes to deliver 100,000.
 *
 * One thread works with an owner and a peer of it; so do the handlers. A side table says
 * who has each page; the one who gets or gives a page looks there. In the end every page
 * must be back and counted.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "labyrinth_pool.h"

#define PAGES 512u
/* An errno that nobody sets. */
#define ERRNO 4711
/* Seconds of all configurations together, and handlers that there must be. */
#define SECONDS 10.0
#define HANDLERS 100000u
/* Ends a hang, no more. */
#define HANG_SECONDS 300

#define need(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s: %m\n", __FILE__, __LINE__, \
				#condition); \
			exit(1); \
		} \
	} while (0)

/* Who runs: each of them can interrupt those before it, signals also each other. */
enum level {
	MAIN,
	SIGNAL_A,
	SIGNAL_B,
	LEVELS
};

enum who {
	OWNER,
	PEER,
	WHO
};

struct config {
	const char *name;
	uint32_t cache, min;
	bool team;           /* the two are one, and pages go by index */
};

static const struct config configs[] = {
	{ "cached", 64, LABYRINTH_NO_RESERVE, false },
	{ "mostly below min", 64, 200, false },
	{ "no cache", LABYRINTH_CACHE_NONE, 64, false },
	{ "team, by index", 64, LABYRINTH_NO_RESERVE, true },
};

#define CONFIGS (sizeof(configs) / sizeof(configs[0]))

struct hand {
	uint32_t n;
	labyrinth_page page[PAGES];
};

static const struct config *config;
static struct labyrinth_pool *pool;
static struct labyrinth_owner *owners[WHO];
static struct hand hands[LEVELS][WHO];
/* Who has the page: 1 + level * WHO + who, 0: nobody. */
static _Atomic uint32_t holder[PAGES + 1];
static uint32_t seeds[LEVELS];

static volatile sig_atomic_t running;       /* level that is interrupted */
static volatile sig_atomic_t in_call[LEVELS];
static uint64_t handlers[LEVELS], inside[LEVELS], nested;
static char failure[320];

static void
fail(enum level level, const char *what, uint32_t number)
{
	if (failure[0] == '\0')
		snprintf(failure, sizeof(failure), "%s, level %d: %s %u", config->name,
			(int)level, what, number);
}

static uint32_t
draw(enum level level, uint32_t limit)
{
	uint32_t x = seeds[level];

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	seeds[level] = x;
	return (uint32_t)((uint64_t)x * limit >> 32);
}

/* ---- the calls, each with a look at errno and at the side table ---- */

static void
begin(enum level level)
{
	errno = ERRNO;
	in_call[level] = 1;
}

static void
end(enum level level)
{
	in_call[level] = 0;
	if (errno != ERRNO)
		fail(level, "a call has set errno to", (uint32_t)errno);
}

static uint32_t
tag(enum level level, enum who who)
{
	return 1 + (uint32_t)level * WHO + who;
}

static uint32_t
alloc_index(enum level level, struct labyrinth_owner *owner, labyrinth_page *page,
	uint32_t n)
{
	uint32_t index[PAGES];

	if (draw(level, 2) == 0)
		n = labyrinth_alloc_index_bulk(owner, LABYRINTH_GFP_NOWAIT, index, n);
	else
		n = labyrinth_alloc_index_burst(owner, LABYRINTH_GFP_ATOMIC, index, n);
	for (uint32_t i = 0; i < n; i++)
		page[i] = index[i];
	return n;
}

static uint32_t
alloc(enum level level, enum who who, labyrinth_page *page, uint32_t n)
{
	struct labyrinth_owner *owner = owners[who];

	if (config->team)
		return alloc_index(level, owner, page, n);
	if (n == 1) {
		labyrinth_void_alloc_page_gfp_atomic_exclusive(owner, page);
		return *page != 0;
	}
	if (draw(level, 2) == 0)
		return labyrinth_alloc_bulk(owner, LABYRINTH_GFP_NOWAIT, page, n);
	return labyrinth_alloc_burst(owner, LABYRINTH_GFP_ATOMIC, page, n);
}

static void
take(enum level level, enum who who, uint32_t n)
{
	struct hand *hand = &hands[level][who];
	labyrinth_page *page = &hand->page[hand->n];
	uint32_t got;

	n = n < PAGES - hand->n ? n : PAGES - hand->n;
	begin(level);
	got = alloc(level, who, page, n);
	end(level);
	for (uint32_t i = 0; i < got; i++) {
		uint32_t index = labyrinth_page_index(page[i]);

		if (atomic_exchange(&holder[index], tag(level, who)) != 0)
			fail(level, "got a page that somebody has,", index);
	}
	hand->n += got;
}

static uint32_t
release(enum who who, labyrinth_page *page, uint32_t n)
{
	uint32_t index[PAGES];

	if (!config->team)
		return labyrinth_free_bulk(owners[who], page, n, NULL);
	for (uint32_t i = 0; i < n; i++)
		index[i] = labyrinth_page_index(page[i]);
	return labyrinth_free_index_bulk(owners[who], index, n, NULL);
}

/* Pages leave the hand for the table's next entry: to = 0 before they are freed. */
static void
enter_holder(enum level level, enum who from, const labyrinth_page *page, uint32_t n,
	uint32_t to)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t index = labyrinth_page_index(page[i]);

		if (atomic_exchange(&holder[index], to) != tag(level, from))
			fail(level, "gives a page that it has not,", index);
	}
}

/* Move up to n pages, picked at random, to the end of the hand. @return how many */
static uint32_t
shuffle(enum level level, struct hand *hand, uint32_t n)
{
	n = n < hand->n ? n : hand->n;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t last = hand->n - 1 - i, at = draw(level, last + 1);
		labyrinth_page page = hand->page[at];

		hand->page[at] = hand->page[last];
		hand->page[last] = page;
	}
	return n;
}

static void
give(enum level level, enum who who, uint32_t n)
{
	struct hand *hand = &hands[level][who];
	uint32_t refused;

	n = shuffle(level, hand, n);
	hand->n -= n;
	enter_holder(level, who, &hand->page[hand->n], n, 0);
	begin(level);
	refused = release(who, &hand->page[hand->n], n);
	end(level);
	if (refused != 0)
		fail(level, "its own pages are refused:", refused);
}

/* To the other of the two: in a team that needs no call. */
static void
pass(enum level level, enum who who, uint32_t n)
{
	struct hand *from = &hands[level][who], *to = &hands[level][!who];
	labyrinth_page *page;
	uint32_t refused = 0;

	n = n < PAGES - to->n ? n : PAGES - to->n;
	n = shuffle(level, from, n);
	from->n -= n;
	page = &from->page[from->n];
	enter_holder(level, who, page, n, tag(level, !who));
	memcpy(&to->page[to->n], page, n * sizeof(*page));
	to->n += n;
	begin(level);
	if (!config->team)
		refused = labyrinth_transfer_bulk(owners[who],
			labyrinth_owner_slot(owners[!who]), page, n, NULL);
	end(level);
	if (refused != 0)
		fail(level, "transfer refuses its own pages:", refused);
}

static void
flush(enum level level, enum who who)
{
	begin(level);
	labyrinth_owner_flush(owners[who]);
	end(level);
}

/* ---- what is done ---- */

/* One to three calls; most is what one of them may move. */
static void
work(enum level level, uint32_t most)
{
	enum who who = draw(level, 4) == 0 ? PEER : OWNER;
	uint32_t n = 1 + draw(level, most);

	switch (draw(level, 8)) {
	case 0:
		take(level, who, 1);
		give(level, who, 1);
		break;
	case 1:
	case 2:
	case 3:
		take(level, who, n);
		break;
	case 4:
	case 5:
		give(level, who, n);
		break;
	case 6:
		pass(level, who, n);
		give(level, who, n);
		give(level, !who, n);
		break;
	default:
		if (draw(level, 16) == 0)
			flush(level, who);
		give(level, who, draw(level, 32) == 0 ? PAGES : 1);
		break;
	}
}

static void
on_signal(enum level level, uint32_t most)
{
	enum level before = (enum level)running;
	int error = errno;

	handlers[level]++;
	inside[before] += in_call[before];
	nested += before != MAIN;
	running = (sig_atomic_t)level;
	if (failure[0] == '\0')
		work(level, most);
	running = (sig_atomic_t)before;
	errno = error;
}

static void
on_signal_a(int signal)
{
	(void)signal;
	on_signal(SIGNAL_A, 8);
}

static void
on_signal_b(int signal)
{
	(void)signal;
	on_signal(SIGNAL_B, 32);
}

/* ---- timers ---- */

/* Not blocked in each other's handlers: they nest. */
static timer_t
start_timer(int signal, void (*handler)(int signal), long interval_ns)
{
	struct sigaction action = { .sa_handler = handler };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = signal,
	};
	struct itimerspec every = {
		.it_interval.tv_nsec = interval_ns,
		.it_value.tv_nsec = interval_ns,
	};
	timer_t timer;

	event._sigev_un._tid = (int)syscall(SYS_gettid);
	need(sigaction(signal, &action, NULL) == 0);
	need(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	need(timer_settime(timer, 0, &every, NULL) == 0);
	return timer;
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- a configuration ---- */

static void
create(void)
{
	struct labyrinth_pool_config wanted = {
		.pages = PAGES,
		.cache = config->cache,
		.backing = LABYRINTH_BACKING_PLAIN,
		.numa_node = -1,
		.watermarks = { .min = config->min },
	};

	need(labyrinth_pool_create(&wanted, &pool, NULL) == 0);
	need(labyrinth_owner_register(pool, "owner", NULL, 0, &owners[OWNER]) == 0);
	need(labyrinth_owner_register(pool, "peer", config->team ? owners[OWNER] : NULL,
		0, &owners[PEER]) == 0);
	memset(hands, 0, sizeof(hands));
	memset(holder, 0, sizeof(holder));
	for (uint32_t level = 0; level < LEVELS; level++)
		seeds[level] = 1 + level * 2654435761u;
}

/* Every page is given back, by whoever it was taken. */
static void
finish(void)
{
	struct labyrinth_pool_stats stats;
	struct labyrinth_error error;

	for (enum level level = MAIN; level < LEVELS; level++)
		for (enum who who = OWNER; who < WHO; who++)
			give(level, who, PAGES);
	labyrinth_owner_flush(owners[OWNER]);
	labyrinth_owner_flush(owners[PEER]);
	labyrinth_pool_stats(pool, &stats);
	if (stats.free != PAGES)
		fail(MAIN, "pages are free in the end:", stats.free);
	if (stats.alloc != stats.released)
		fail(MAIN, "pages released too few:",
			(uint32_t)(stats.alloc - stats.released));
	for (uint32_t kind = 0; kind < LABYRINTH_REFUSAL_KINDS; kind++)
		if (stats.refused[kind] != 0)
			fail(MAIN, "refused for reason", kind);
	if (failure[0] == '\0' && labyrinth_pool_validate(pool, &error) != 0)
		snprintf(failure, sizeof(failure), "%s: %s", config->name, error.text);
	if (failure[0] == '\0')
		need(labyrinth_pool_destroy(pool, NULL) == 0);
}

/* Of all configurations. */
static double all_seconds;

static bool
run(void)
{
	double start = seconds(), took;
	uint64_t before = handlers[SIGNAL_A] + handlers[SIGNAL_B], calls = 0, count;
	timer_t a, b;

	create();
	a = start_timer(SIGRTMIN, on_signal_a, 30000);
	b = start_timer(SIGRTMIN + 1, on_signal_b, 70000);
	do {
		for (uint32_t i = 0; i < 100 && failure[0] == '\0'; i++, calls++)
			work(MAIN, 96);
		took = seconds() - start;
		count = handlers[SIGNAL_A] + handlers[SIGNAL_B] - before;
	} while (failure[0] == '\0' && (took < SECONDS / CONFIGS ||
		count < HANDLERS / CONFIGS));
	need(timer_delete(a) == 0);
	need(timer_delete(b) == 0);
	all_seconds += took;
	finish();
	printf("%-18s %9lu rounds, %7lu handlers, %.1f kHz%s\n", config->name,
		(unsigned long)calls, (unsigned long)count, (double)count / took / 1000,
		failure[0] != '\0' ? ", FAILED" : "");
	return failure[0] == '\0';
}

/* Did the handlers meet what they are there for? */
static bool
check_met(void)
{
	uint64_t all = handlers[SIGNAL_A] + handlers[SIGNAL_B];

	printf("%lu handlers in %.1f s, %.1f kHz; interrupted in a call: the thread %lu "
		"times, handlers %lu and %lu; nested %lu\n", (unsigned long)all,
		all_seconds, (double)all / all_seconds / 1000, (unsigned long)inside[MAIN],
		(unsigned long)inside[SIGNAL_A], (unsigned long)inside[SIGNAL_B],
		(unsigned long)nested);
	if (all >= HANDLERS && inside[MAIN] != 0 && inside[SIGNAL_A] != 0 &&
			inside[SIGNAL_B] != 0)
		return true;
	printf("FAIL too few handlers, or no call of some level was interrupted\n");
	return false;
}

int
main(void)
{
	alarm(HANG_SECONDS);
	for (uint32_t i = 0; i < CONFIGS; i++) {
		config = &configs[i];
		if (!run()) {
			printf("FAIL %s\n", failure);
			return 1;
		}
	}
	return check_met() ? 0 : 1;
}
