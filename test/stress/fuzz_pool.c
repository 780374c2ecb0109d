/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "fuzz_pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"
#include "owner.h"
#include "sequential_pool.h"

/* Most pages a pool has, and a call names. */
#define PAGES_MAX 300u
#define CALL_MAX 80u
/* Owners at once: so few that slots run out and are used anew. */
#define OWNERS 6u
/* Calls between two validations. */
#define VALIDATE_EVERY 32u

struct fuzz {
	const uint8_t *data;
	size_t size, at;
	struct labyrinth_pool *pool;
	struct seq_pool *model;
	struct labyrinth_owner *owner[SEQ_OWNERS];
	bool bound[SEQ_OWNERS];
	uint32_t flags;                      /* of the pool */
	uint64_t content[PAGES_MAX + 1];     /* what the first and last word must be */
	uint64_t stamps;
	char last[160];                      /* the call under way, for the report */
};

static uint64_t calls;

uint64_t
fuzz_calls(void)
{
	return calls;
}

static _Noreturn void __attribute__((format(printf, 2, 3)))
fail(const struct fuzz *fuzz, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "after %zu of %zu bytes, %s: ", fuzz->at, fuzz->size, fuzz->last);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	abort();
}

static void __attribute__((format(printf, 2, 3)))
now(struct fuzz *fuzz, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(fuzz->last, sizeof(fuzz->last), format, ap);
	va_end(ap);
	calls++;
	if (getenv("FUZZ_TRACE") != NULL)
		fprintf(stderr, "%s\n", fuzz->last);
}

static uint32_t
byte(struct fuzz *fuzz)
{
	return fuzz->at < fuzz->size ? fuzz->data[fuzz->at++] : 0;
}

static uint32_t
below(struct fuzz *fuzz, uint32_t n)
{
	uint32_t value = byte(fuzz);

	if (n > 256)
		value |= byte(fuzz) << 8;
	return value % n;
}

/* ---- what is in the pages ---- */

static void
write_words(struct fuzz *fuzz, uint32_t index, uint64_t value)
{
	uint64_t *words = labyrinth_page_address(fuzz->pool, index);

	words[0] = words[LABYRINTH_PAGE_SIZE / sizeof(*words) - 1] = value;
	fuzz->content[index] = value;
}

static void
check_words(const struct fuzz *fuzz, uint32_t index, uint64_t value, const char *when)
{
	const uint64_t *words = labyrinth_page_address(fuzz->pool, index);

	if (words[0] != value || words[LABYRINTH_PAGE_SIZE / sizeof(*words) - 1] != value)
		fail(fuzz, "page %u %s holds %#llx and not %#llx", index, when,
			(unsigned long long)words[0], (unsigned long long)value);
}

/* What a page must hold when it is handed out. */
static uint64_t
fresh_content(const struct fuzz *fuzz, uint32_t index, unsigned int gfp)
{
	if ((gfp & LABYRINTH_GFP_ZERO) != 0 ||
		(fuzz->flags & LABYRINTH_POOL_ZERO_ON_FREE) != 0)
		return 0;
	if ((fuzz->flags & LABYRINTH_POOL_POISON) != 0)
		return LABYRINTH_POISON * UINT64_C(0x0101010101010101);
	return fuzz->content[index];
}

/* ---- the model and the pool ---- */

/*
 * Pages in held rows and magazines: the caller's, and by depot all others'. Who is for any thread takes
 * from no row, not even from one that a dead member left to it.
 */
static uint32_t
count_cached(const struct fuzz *fuzz, uint32_t who, uint32_t *elsewhere)
{
	struct labyrinth_pool *pool = fuzz->pool;
	bool takes = !fuzz->model->owner[who].any_thread;
	uint32_t slot = labyrinth_owner_slot(fuzz->owner[who]), own = 0;

	memset(elsewhere, 0, LABYRINTH_NODES_MAX * sizeof(*elsewhere));
	for (uint32_t number = 0; number < pool->rows; number++) {
		struct lab_row_word word = lab_row_load(&pool->row[number]);
		uint32_t *count = &elsewhere[lab_depot_of(pool, number) - pool->depot];

		if (word.state == LAB_ROW_HELD)
			*(takes && word.holder == slot ? &own : count) +=
				inside_row_free(&pool->row[number]);
	}
	for (uint32_t page = 0; page < pool->pages; page++) {
		struct lab_page_word word = lab_word_load(pool, page);
		uint32_t depot = (uint32_t)(lab_depot_of(pool, lab_row_of(page)) - pool->depot);

		if (word.state == LAB_PAGE_CACHED)
			*(takes && word.owner == slot ? &own : &elsewhere[depot]) += 1;
	}
	return own;
}

static struct seq_stock
stock_of(const struct fuzz *fuzz, uint32_t who, unsigned int class)
{
	uint32_t elsewhere[LABYRINTH_NODES_MAX];
	struct seq_stock stock = { .own = count_cached(fuzz, who, elsewhere) };

	for (uint32_t n = 0; n < fuzz->pool->nodes; n++) {
		const struct lab_depot *depot = &fuzz->pool->depot[n];
		uint32_t free = (uint32_t)atomic_load(&depot->free);

		stock.depots += seq_above_floor(depot->watermarks.min, class, free);
		stock.at_most += seq_above_floor(depot->watermarks.min, class,
			free + elsewhere[n]);
	}
	return stock;
}

static void
compare(struct fuzz *fuzz)
{
	struct labyrinth_pool_stats stats;
	struct labyrinth_error error = { "" };
	const char *wrong;

	labyrinth_pool_stats(fuzz->pool, &stats);
	wrong = seq_compare(fuzz->model, &stats);
	if (wrong != NULL)
		fail(fuzz,
			"%s is wrong: %u free, %u cached, %u owned, %u offered; "
			"the model has %u owned, %u offered",
			wrong, stats.free, stats.cached, stats.owned, stats.offered,
			seq_count(fuzz->model, SEQ_OWNED),
			seq_count(fuzz->model, SEQ_OFFERED));
	if (stats.poison_broken != 0)
		fail(fuzz, "poison said to be broken");
	if (calls % VALIDATE_EVERY == 0 &&
		labyrinth_pool_validate(fuzz->pool, &error) != 0)
		fail(fuzz, "%s", error.text);
	for (uint32_t index = 1; index <= fuzz->model->pages; index++)
		if (fuzz->model->page[index].state != SEQ_FREE)
			check_words(fuzz, index, fuzz->content[index], "that is owned");
}

/* A place with a live owner; place 0 always has one. */
static uint32_t
someone(struct fuzz *fuzz)
{
	uint32_t who = below(fuzz, SEQ_OWNERS);
	const struct seq_owner *owner = &fuzz->model->owner[who];

	return owner->registration != 0 && !owner->dead ? who : 0;
}

/* ---- alloc ---- */

enum form {
	BULK,
	BURST,
	INDEX_BULK,
	INDEX_BURST,
	NAMED,
	WAIT,
	FORMS
};

static const char *const form_names[FORMS] = {
	"alloc_bulk",
	"alloc_burst",
	"alloc_index_bulk",
	"alloc_index_burst",
	"alloc_page",
	"alloc_wait",
};

static uint32_t
call_alloc(struct labyrinth_owner *owner, enum form form, unsigned int gfp,
	labyrinth_page *page, uint32_t n)
{
	uint32_t index[CALL_MAX], got;

	switch (form) {
	case BULK:
		return labyrinth_alloc_bulk(owner, gfp, page, n);
	case BURST:
		return labyrinth_alloc_burst(owner, gfp, page, n);
	case WAIT:
		return labyrinth_alloc_wait(owner, gfp, page, n, 0);
	case NAMED:
		labyrinth_void_alloc_page_gfp_atomic_exclusive(owner, page);
		return page[0] != 0;
	default:
		got = form == INDEX_BULK
			      ? labyrinth_alloc_index_bulk(owner, gfp, index, n)
			      : labyrinth_alloc_index_burst(owner, gfp, index, n);
		for (uint32_t i = 0; i < got && i < CALL_MAX; i++)
			page[i] = index[i];
		return got;
	}
}

static void
check_count(const struct fuzz *fuzz, struct seq_bounds bounds, uint32_t n, uint32_t got,
	bool all)
{
	if (got > bounds.most || (!all && got < bounds.least))
		fail(fuzz, "got %u of %u, allowed are %u to %u", got, n, bounds.least,
			bounds.most);
	if (all && got != n && (got != 0 || bounds.least == n))
		fail(fuzz, "got %u of %u or none, there were %u to %u", got, n,
			bounds.least, bounds.most);
}

/* Nothing was taken from below a floor: what is above it is what there was, or less. */
static void
check_floors(const struct fuzz *fuzz, unsigned int class, const uint32_t *before)
{
	for (uint32_t n = 0; n < fuzz->pool->nodes; n++) {
		const struct lab_depot *depot = &fuzz->pool->depot[n];
		uint32_t after = (uint32_t)atomic_load(&depot->free);

		if (after < before[n] && seq_above_floor(depot->watermarks.min, class,
				before[n]) < before[n] - after)
			fail(fuzz, "depot %u: %u pages left of %u", n, after, before[n]);
	}
}

static void
note_depots(const struct fuzz *fuzz, uint32_t *free)
{
	for (uint32_t n = 0; n < fuzz->pool->nodes; n++)
		free[n] = (uint32_t)atomic_load(&fuzz->pool->depot[n].free);
}

static void
do_alloc(struct fuzz *fuzz)
{
	enum form form = (enum form)below(fuzz, FORMS);
	uint32_t who = someone(fuzz), n = form == NAMED ? 1 : below(fuzz, CALL_MAX + 1);
	unsigned int class = form == NAMED ? LABYRINTH_GFP_ATOMIC : form == WAIT ?
		LABYRINTH_GFP_KERNEL : below(fuzz, LABYRINTH_GFP_CLASSES);
	unsigned int gfp =
		class | (form != NAMED && byte(fuzz) % 8 == 0 ? LABYRINTH_GFP_ZERO : 0);
	bool all = form != BURST && form != INDEX_BURST;
	struct seq_bounds bounds = seq_alloc_bounds(n, stock_of(fuzz, who, class));
	labyrinth_page page[CALL_MAX] = { 0 };
	uint32_t got, before[LABYRINTH_NODES_MAX];

	now(fuzz, "%s(%u, gfp %u, %u)", form_names[form],
		labyrinth_owner_slot(fuzz->owner[who]), gfp, n);
	note_depots(fuzz, before);
	got = call_alloc(fuzz->owner[who], form, gfp, page, n);
	check_count(fuzz, bounds, n, got, all);
	check_floors(fuzz, class, before);
	seq_attempt(fuzz->model, who, class, n, got, all);
	for (uint32_t i = 0; i < got && i < CALL_MAX; i++) {
		const char *wrong = seq_handed_out(fuzz->model, who, page[i],
			form == INDEX_BULK || form == INDEX_BURST);
		uint32_t index = labyrinth_page_index(page[i]);

		if (wrong != NULL)
			fail(fuzz, "handed out page %#llx: %s",
				(unsigned long long)page[i], wrong);
		check_words(fuzz, index, fresh_content(fuzz, index, gfp), "handed out");
		write_words(fuzz, index, ++fuzz->stamps);
	}
}

/* ---- calls on pages ---- */

static const char *const call_names[] = {
	[SEQ_FREE_HANDLE] = "free", [SEQ_FREE_INDEX] = "free_index",
	[SEQ_TRANSFER] = "transfer", [SEQ_OFFER] = "offer", [SEQ_ACCEPT] = "accept",
	[SEQ_WITHDRAW] = "withdraw",
};

/* The next page from a random one on that is out, so that most calls have a chance. */
static uint32_t
find_out(struct fuzz *fuzz)
{
	const struct seq_pool *model = fuzz->model;
	uint32_t start = below(fuzz, model->pages);

	for (uint32_t i = 0; i < model->pages; i++) {
		uint32_t index = 1 + (start + i) % model->pages;

		if (model->page[index].state != SEQ_FREE)
			return index;
	}
	return 1 + start;
}

/* By handle and by index are not to be mixed for one and the same page. */
static bool
is_mixed(const struct fuzz *fuzz, enum seq_call call, uint32_t index)
{
	const struct seq_page *page = &fuzz->model->page[index];

	return page->state != SEQ_FREE && page->vague != (call == SEQ_FREE_INDEX);
}

static labyrinth_page
choose_page(struct fuzz *fuzz, enum seq_call call)
{
	uint32_t kind = byte(fuzz), pages = fuzz->model->pages;
	uint32_t index = kind % 8 != 0 ? find_out(fuzz) : below(fuzz, pages + 2);
	uint32_t generation;

	if (index == 0 || index > pages)
		return index == 0 && kind > 200 ? UINT32_MAX : index;
	if (is_mixed(fuzz, call, index))
		return 0;
	if (call == SEQ_FREE_INDEX)
		return index;
	generation = fuzz->model->page[index].generation;
	if (kind % 8 == 7)
		generation += byte(fuzz) - 128;
	return (uint64_t)generation << 32 | index;
}

static uint32_t
make_call(struct labyrinth_owner *owner, const struct seq_request *request,
	labyrinth_page *page, uint32_t n, enum labyrinth_refusal *why)
{
	uint32_t index[CALL_MAX], refused;

	switch (request->call) {
	case SEQ_FREE_HANDLE:
		return labyrinth_free_bulk(owner, page, n, why);
	case SEQ_TRANSFER:
		return labyrinth_transfer_bulk(owner, request->peer, page, n, why);
	case SEQ_OFFER:
		return labyrinth_offer_bulk(owner, request->peer, page, n, why);
	case SEQ_ACCEPT:
		return labyrinth_accept_bulk(owner, page, n, why);
	case SEQ_WITHDRAW:
		return labyrinth_withdraw_bulk(owner, page, n, why);
	default:
		for (uint32_t i = 0; i < n && i < CALL_MAX; i++)
			index[i] = labyrinth_page_index(page[i]);
		refused = labyrinth_free_index_bulk(owner, index, n, why);
		for (uint32_t i = 0; i < refused && i < CALL_MAX; i++)
			page[i] = index[i];
		return refused;
	}
}

static void
describe(const struct fuzz *fuzz, uint32_t index)
{
	const struct seq_page *page = &fuzz->model->page[index];

	if (index == 0 || index > fuzz->model->pages)
		return;
	fprintf(stderr,
		"the model: page %u %s, team %u, offered by %u to %u, generation %#x%s\n",
		index,
		page->state == SEQ_FREE    ? "free"
		: page->state == SEQ_OWNED ? "owned"
					   : "offered",
		page->team, page->offerer, page->peer, page->generation,
		page->vague ? " or another" : "");
	inside_explain(fuzz->pool, index);
}

static _Noreturn void
fail_entry(const struct fuzz *fuzz, const struct seq_request *request, uint32_t i,
	int answer, uint32_t verdict)
{
	describe(fuzz, labyrinth_page_index(request->page));
	fail(fuzz,
		"caller's team %u: entry %u, %#llx, was answered %d; due was one of %#x",
		fuzz->model->owner[request->who].team, i,
		(unsigned long long)request->page, answer, verdict);
}

/* Are the first n pages found, in this order, among the m others? */
static bool
is_within(
	const labyrinth_page *page, uint32_t n, const labyrinth_page *others, uint32_t m)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < m && found < n; i++)
		found += others[i] == page[found];
	return found == n;
}

/*
 * What the pool answered, entry by entry. Those refused were kept, in order; which of two
 * equal entries was refused is not told, so each gets the answer that was due if it can.
 */
static void
judge(struct fuzz *fuzz, struct seq_request *request, const labyrinth_page *asked,
	uint32_t n, const labyrinth_page *kept, uint32_t refused,
	const enum labyrinth_refusal *why)
{
	uint32_t k = 0;

	if (request->call == SEQ_FREE_HANDLE || request->call == SEQ_FREE_INDEX)
		seq_works(fuzz->model, request->who);
	for (uint32_t i = 0; i < n; i++) {
		enum labyrinth_refusal answer = LABYRINTH_REFUSED_NONE;
		uint32_t verdict;

		request->page = asked[i];
		verdict = seq_verdict(fuzz->model, request);
		if (k < refused && kept[k] == asked[i] &&
				(verdict != SEQ_MAY(LABYRINTH_REFUSED_NONE) ||
				!is_within(kept + k, refused - k, asked + i + 1,
					n - i - 1)))
			answer = why[k++];
		if ((verdict & SEQ_MAY(answer)) == 0)
			fail_entry(fuzz, request, i, (int)answer, verdict);
		seq_apply(fuzz->model, request, answer);
	}
	if (k != refused)
		fail(fuzz, "kept %#llx, which was not asked for",
			(unsigned long long)kept[k]);
}

static void
do_call(struct fuzz *fuzz)
{
	struct seq_request request = { .call = (enum seq_call)below(
					       fuzz, SEQ_WITHDRAW + 1) };
	uint32_t n = below(fuzz, 24), refused;
	labyrinth_page asked[CALL_MAX], page[CALL_MAX];
	enum labyrinth_refusal why[CALL_MAX] = { LABYRINTH_REFUSED_NONE };

	request.who = someone(fuzz);
	request.peer = byte(fuzz) % 16 == 0 ? byte(fuzz) * 17 : 1 + below(fuzz, OWNERS);
	/* whether a death was noticed yet is the pool's own affair */
	request.peer_is_gone = request.peer <= fuzz->pool->owners &&
		lab_owner_is_leaving(&fuzz->pool->owner[request.peer]);
	for (uint32_t i = 0; i < n; i++)
		asked[i] = page[i] = choose_page(fuzz, request.call);
	now(fuzz, "%s(%u, peer %u, %u from %#llx)", call_names[request.call],
		labyrinth_owner_slot(fuzz->owner[request.who]), request.peer, n,
		n > 0 ? (unsigned long long)page[0] : 0);
	refused = make_call(fuzz->owner[request.who], &request, page, n, why);
	judge(fuzz, &request, asked, n, page, refused, why);
}

/* All that a team has, as a consumer that drains its queue. */
static void
do_free_all(struct fuzz *fuzz)
{
	struct seq_request request = { .call = below(fuzz, 2) == 0 ? SEQ_FREE_HANDLE :
		SEQ_FREE_INDEX, .who = someone(fuzz) };
	uint32_t team = fuzz->model->owner[request.who].team, n = 0, refused;
	labyrinth_page asked[CALL_MAX], page[CALL_MAX];
	enum labyrinth_refusal why[CALL_MAX] = { LABYRINTH_REFUSED_NONE };

	for (uint32_t index = 1; index <= fuzz->model->pages && n < CALL_MAX; index++) {
		const struct seq_page *one = &fuzz->model->page[index];

		if (one->state != SEQ_OWNED || one->team != team ||
				is_mixed(fuzz, request.call, index))
			continue;
		page[n] = request.call == SEQ_FREE_INDEX ? index :
			(uint64_t)one->generation << 32 | index;
		asked[n] = page[n];
		n++;
	}
	now(fuzz, "%s(%u, all %u)", call_names[request.call],
		labyrinth_owner_slot(fuzz->owner[request.who]), n);
	refused = make_call(fuzz->owner[request.who], &request, page, n, why);
	judge(fuzz, &request, asked, n, page, refused, why);
}

/* ---- owners ---- */

static void
expect_code(const struct fuzz *fuzz, int got, int due)
{
	if (got != due)
		fail(fuzz, "answered %d, due was %d", got, due);
}

static void
do_register(struct fuzz *fuzz)
{
	uint32_t team = below(fuzz, 2 * SEQ_OWNERS), flags = byte(fuzz) % 8 == 0 ?
		LABYRINTH_OWNER_ANY_THREAD : 0, place;
	struct labyrinth_owner *owner = NULL;
	int got;

	if (team >= SEQ_OWNERS || fuzz->model->owner[team].registration == 0)
		team = SEQ_OWNERS;
	now(fuzz, "register(team of place %u, flags %u)", team, flags);
	got = labyrinth_owner_register(fuzz->pool, "fuzz", team == SEQ_OWNERS ? NULL :
		fuzz->owner[team], flags, &owner);
	if (!seq_may_register(fuzz->model, team, got))
		fail(fuzz, "answered %d", got);
	if (got != 0)
		return;
	if (seq_place(fuzz->model, labyrinth_owner_slot(owner)) != SEQ_OWNERS)
		fail(fuzz, "slot %u is in use", labyrinth_owner_slot(owner));
	place = seq_registered(fuzz->model, team, flags, labyrinth_owner_slot(owner));
	fuzz->owner[place] = owner;
	fuzz->bound[place] = false;
}

/*
 * Would mates that are dead be without one that lives? Whose the pages of a team are that
 * dies out while its members are found dead one by one is left open.
 */
static bool
leaves_dead_mates(const struct fuzz *fuzz, uint32_t who)
{
	uint32_t dead = 0, alive = 0;

	for (uint32_t i = 0; i < SEQ_OWNERS; i++) {
		const struct seq_owner *owner = &fuzz->model->owner[i];

		if (i == who || owner->registration == 0 ||
				owner->team != fuzz->model->owner[who].team)
			continue;
		dead += owner->dead;
		alive += !owner->dead;
	}
	return dead > 0 && alive == 0;
}

static bool
has_offered(const struct fuzz *fuzz, uint32_t who)
{
	for (uint32_t index = 1; index <= fuzz->model->pages; index++)
		if (fuzz->model->page[index].state == SEQ_OFFERED &&
				fuzz->model->page[index].offerer ==
				fuzz->model->owner[who].registration)
			return true;
	return false;
}

static void
do_unregister(struct fuzz *fuzz)
{
	uint32_t who = below(fuzz, SEQ_OWNERS);

	/* place 0 stays; a dead owner may be unregistered as well as reclaimed */
	if (who == 0 || fuzz->model->owner[who].registration == 0 ||
			leaves_dead_mates(fuzz, who) || has_offered(fuzz, who))
		return;
	now(fuzz, "unregister(%u)", labyrinth_owner_slot(fuzz->owner[who]));
	expect_code(fuzz, labyrinth_owner_unregister(fuzz->owner[who], NULL),
		seq_unregister(fuzz->model, who));
}

static void *
bind_and_die(void *arg)
{
	return (void *)(intptr_t)labyrinth_owner_bind(arg);
}

static void
do_bind(struct fuzz *fuzz)
{
	uint32_t who = someone(fuzz);
	bool die = who != 0 && byte(fuzz) % 2 == 0 && !leaves_dead_mates(fuzz, who);
	pthread_t thread;
	void *ret;

	now(fuzz, "bind(%u)%s", labyrinth_owner_slot(fuzz->owner[who]),
		die ? " and die" : "");
	if (!die) {
		ret = bind_and_die(fuzz->owner[who]);
	} else {
		if (pthread_create(&thread, NULL, bind_and_die, fuzz->owner[who]) != 0)
			return;
		pthread_join(thread, &ret);
	}
	expect_code(fuzz, (int)(intptr_t)ret, fuzz->bound[who] ? -EBUSY : 0);
	if (die && !fuzz->bound[who])
		seq_died(fuzz->model, who);
	fuzz->bound[who] = true;
}

static void
reclaim_all(struct fuzz *fuzz, uint32_t who)
{
	int due = 0;

	now(fuzz, "reclaim_all(%u)", labyrinth_owner_slot(fuzz->owner[who]));
	for (uint32_t slot = 1; slot <= OWNERS; slot++) {
		int gained = seq_reclaim(fuzz->model, who, slot);

		due += gained > 0 ? gained : 0;
	}
	expect_code(fuzz, labyrinth_reclaim_all(fuzz->owner[who]), due);
}

static void
do_reclaim(struct fuzz *fuzz)
{
	uint32_t who = someone(fuzz), slot = below(fuzz, OWNERS + 2);
	int due;

	if (byte(fuzz) % 2 == 0) {
		reclaim_all(fuzz, who);
		return;
	}
	now(fuzz, "reclaim(%u, %u)", labyrinth_owner_slot(fuzz->owner[who]), slot);
	due = seq_reclaim(fuzz->model, who, slot);
	expect_code(fuzz, labyrinth_reclaim(fuzz->owner[who], slot), due);
}

static void
do_flush(struct fuzz *fuzz)
{
	uint32_t who = someone(fuzz), own, elsewhere[LABYRINTH_NODES_MAX];

	now(fuzz, "flush(%u)", labyrinth_owner_slot(fuzz->owner[who]));
	seq_works(fuzz->model, who);
	labyrinth_owner_flush(fuzz->owner[who]);
	own = count_cached(fuzz, who, elsewhere);
	if (own != 0)
		fail(fuzz, "%u pages still cached", own);
}

/* ---- a sequence ---- */

static void
create(struct fuzz *fuzz)
{
	static const uint32_t caches[] = { LABYRINTH_CACHE_NONE, 32, 64, 0 };
	static const uint32_t flags[] = { 0, 0, LABYRINTH_POOL_ZERO_ON_FREE,
		LABYRINTH_POOL_POISON };
	struct labyrinth_pool_config config = { .numa_node = -1, .owners = OWNERS,
		.backing = LABYRINTH_BACKING_PLAIN };
	struct labyrinth_error error = { "" };
	uint32_t min;

	config.pages = 1 + below(fuzz, PAGES_MAX);
	config.cache = caches[below(fuzz, 4)];
	config.flags = fuzz->flags = flags[below(fuzz, 4)];
	min = byte(fuzz) % 3 == 0 ? 0 : config.pages / 4;
	config.watermarks.min = min != 0 ? min : LABYRINTH_NO_RESERVE;
	if (labyrinth_pool_create(&config, &fuzz->pool, &error) != 0)
		fail(fuzz, "%s", error.text);
	fuzz->model =
		seq_create(config.pages, OWNERS, config.cache != LABYRINTH_CACHE_NONE);
	if ((config.flags & LABYRINTH_POOL_POISON) == 0)
		return;
	for (uint32_t index = 1; index <= config.pages; index++)
		fuzz->content[index] = LABYRINTH_POISON * UINT64_C(0x0101010101010101);
}

/* A member that lives, of the team that page index belongs to. */
static uint32_t
owner_of(const struct fuzz *fuzz, uint32_t index)
{
	for (uint32_t i = 0; i < SEQ_OWNERS; i++)
		if (fuzz->model->owner[i].registration != 0 &&
			!fuzz->model->owner[i].dead &&
			fuzz->model->owner[i].team == fuzz->model->page[index].team)
			return i;
	fail(fuzz, "page %u belongs to nobody who lives", index);
}

static void
call_one(struct fuzz *fuzz, enum seq_call call, uint32_t index)
{
	const struct seq_page *page = &fuzz->model->page[index];
	struct seq_request request = { .call = call, .who = owner_of(fuzz, index) };
	labyrinth_page asked = call == SEQ_FREE_INDEX ? index :
		(uint64_t)page->generation << 32 | index, kept = asked;
	enum labyrinth_refusal why = LABYRINTH_REFUSED_NONE;
	uint32_t refused;

	now(fuzz, "%s(%#llx) at the end", call_names[call], (unsigned long long)asked);
	refused = make_call(fuzz->owner[request.who], &request, &kept, 1, &why);
	judge(fuzz, &request, &asked, 1, &kept, refused, &why);
}

/* Bring all pages back and destroy the pool: refused before, possible then. */
static void
finish(struct fuzz *fuzz)
{
	struct labyrinth_error error = { "" };

	reclaim_all(fuzz, 0);
	compare(fuzz);
	if (seq_count(fuzz->model, SEQ_FREE) != fuzz->model->pages)
		expect_code(fuzz, labyrinth_pool_destroy(fuzz->pool, &error), -EBUSY);
	for (uint32_t index = 1; index <= fuzz->model->pages; index++) {
		const struct seq_page *page = &fuzz->model->page[index];

		if (page->state == SEQ_OFFERED)
			call_one(fuzz, SEQ_WITHDRAW, index);
		if (page->state == SEQ_OWNED)
			call_one(fuzz, page->vague ? SEQ_FREE_INDEX : SEQ_FREE_HANDLE,
				index);
	}
	compare(fuzz);
	if (labyrinth_pool_validate(fuzz->pool, &error) != 0 ||
			labyrinth_pool_destroy(fuzz->pool, &error) != 0)
		fail(fuzz, "%s", error.text);
	seq_destroy(fuzz->model);
}

static void
step(struct fuzz *fuzz)
{
	static void (*const steps[])(struct fuzz *) = {
		do_alloc,
		do_alloc,
		do_alloc,
		do_alloc,
		do_alloc,
		do_alloc,
		do_alloc,
		do_alloc,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_call,
		do_free_all,
		do_free_all,
		do_register,
		do_unregister,
		do_flush,
		do_bind,
		do_reclaim,
		do_reclaim,
	};

	steps[below(fuzz, sizeof(steps) / sizeof(steps[0]))](fuzz);
	compare(fuzz);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = { .data = data, .size = size, .last = "create" };

	if (size < FUZZ_HEADER)
		return 0;
	create(&fuzz);
	do {
		do_register(&fuzz);
	} while (fuzz.model->owner[0].registration == 0);
	while (fuzz.at < fuzz.size)
		step(&fuzz);
	finish(&fuzz);
	return 0;
}
