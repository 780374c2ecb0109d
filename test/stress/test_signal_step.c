/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: a signal handler that uses the very owner it interrupted, entered at every
 * instruction of every call.
 *
 * The calls are those of test/verify/stepper_scenarios.c. The trap flag of the CPU makes
 * a SIGTRAP of each instruction; the handler makes calls of its own for the same owner.
 * It does so after every instruction, until the interrupted call has got so long by
 * retries that it might never end, and, in further runs, after every 17th, beginning with
 * each of the first 17.
 *
 * test_signal_step [-x] [NAME] looks at the scenarios only whose names contain NAME, with
 * -x do not.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "stepper_check.h"
#include "stepper_ops.h"

/* Instructions between two handlers that act: a prime, so that loops do not evade it. */
#define STRIDE 17u
/* Handlers act until the call is so many times as long as undisturbed, and some. */
#define LONGER(n) (2 * (n) + 1000)
/* Calls of all three owners afterwards. */
#define OPS_TOGETHER 60
/* An errno that nobody sets. */
#define ERRNO 4711

/* What a handler does. */
enum deed {
	DEED_ONE,       /* takes a page and gives it back */
	DEED_KEEP,      /* takes or gives some; has pages while the call goes on */
	DEED_GREEDY,    /* takes all there are and gives them back */
	DEED_REMOTE,    /* lets another owner give pages back into the rows */
	DEEDS,
	DEED_NONE = DEEDS
};

static struct {
	struct stage *stage;
	enum deed deed;
	uint32_t stride, phase, limit; /* it acts at which entries */
	uint32_t entries, acted;       /* of this call */
	struct hand hand;              /* what the handler has */
	bool taken[STAGE_PAGES];       /* pages that cannot be had: in hands */
	struct labyrinth_error error;
	int failed;
} trap;

/*
 * tracing_call(run, arg): every instruction of run() is followed by a SIGTRAP. The kernel
 * clears the flag for the handler and sets it again when that returns.
 */
__asm__(
	".text\n"
	".globl tracing_call\n"
	"tracing_call:\n"
	"	sub $8, %rsp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	pushf\n"
	"	orq $0x100, (%rsp)\n"
	"	popf\n"
	"	call *%rax\n"
	"	pushf\n"
	"	andq $~0x100, (%rsp)\n"
	"	popf\n"
	"	add $8, %rsp\n"
	"	ret\n");

void
tracing_call(void (*run)(void *arg), void *arg);

/* ---- the handler ---- */

static struct labyrinth_owner *
self(void)
{
	return trap.stage->actor[STAGE_VICTIM];
}

static void
fail_here(const char *what, uint32_t number)
{
	if (trap.failed == 0)
		trap.failed = labyrinth_fail(&trap.error, -EUCLEAN,
			"handler at instruction %u: %s %u", trap.entries, what, number);
}

static void
take(unsigned int class, uint32_t most)
{
	struct hand *hand = &trap.hand;
	uint32_t room = STAGE_PAGES - hand->n;
	uint32_t got = labyrinth_alloc_burst(self(), class, &hand->page[hand->n],
		most < room ? most : room);

	for (uint32_t i = 0; i < got; i++) {
		uint32_t index = labyrinth_page_index(hand->page[hand->n + i]);

		if (trap.taken[index - 1])
			fail_here("got a page that is not free,", index);
		trap.taken[index - 1] = true;
	}
	hand->n += got;
}

/* The last n pages that the handler took, by the owner who has them now. */
static void
give(struct labyrinth_owner *owner, uint32_t n)
{
	struct hand *hand = &trap.hand;

	hand->n -= n;
	for (uint32_t i = 0; i < n; i++)
		trap.taken[labyrinth_page_index(hand->page[hand->n + i]) - 1] = false;
	n = labyrinth_free_bulk(owner, &hand->page[hand->n], n, NULL);
	if (n != 0)
		fail_here("its own pages refused:", n);
}

static void
give_remotely(uint32_t n)
{
	struct labyrinth_owner *other = trap.stage->actor[STAGE_A];
	struct hand *hand = &trap.hand;

	if (labyrinth_transfer_bulk(self(), labyrinth_owner_slot(other),
			&hand->page[hand->n - n], n, NULL) != 0)
		fail_here("transfer refuses its own pages:", n);
	give(other, n);
}

static void
act(void)
{
	uint32_t n = stage_random(trap.stage, 4);

	switch (trap.deed) {
	case DEED_ONE:
		take(LABYRINTH_GFP_ATOMIC, 1);
		give(self(), trap.hand.n);
		break;
	case DEED_KEEP:
		if (n < 2)
			take(LABYRINTH_GFP_ATOMIC, n + 1);
		else
			give(self(), n < trap.hand.n ? n : trap.hand.n);
		break;
	case DEED_GREEDY:
		take(LABYRINTH_GFP_RESCUE, STAGE_PAGES);
		give(self(), trap.hand.n);
		break;
	default:
		take(LABYRINTH_GFP_ATOMIC, n + 1);
		give_remotely(trap.hand.n);
		break;
	}
}

static void
on_trap(int signal)
{
	int before = errno;

	(void)signal;
	trap.entries++;
	if (trap.failed != 0 || trap.entries % trap.stride != trap.phase ||
			trap.entries > trap.limit)
		return;
	trap.acted++;
	errno = ERRNO;
	act();
	if (errno != ERRNO)
		fail_here("a call has set errno to", (uint32_t)errno);
	errno = before;
}

/* ---- one call ---- */

static void
make_call(void *arg)
{
	const struct scenario *scenario = arg;

	trap.stage->ret = scenario->call(trap.stage);
}

static void
note_taken(void)
{
	memset(trap.taken, 0, sizeof(trap.taken));
	for (uint32_t who = 0; who < STAGE_ACTORS; who++) {
		const struct hand *hand = &trap.stage->hand[who];

		for (uint32_t i = 0; i < hand->n; i++)
			trap.taken[labyrinth_page_index(hand->page[i]) - 1] = true;
	}
}

static int
check_returned(const struct scenario *scenario, struct labyrinth_error *error)
{
	struct stage *stage = trap.stage;
	uint32_t actors =
		scenario->effect == EFFECT_LEAVES ? STAGE_SURVIVORS : STAGE_ACTORS;
	int ret = scenario_settle(scenario, stage, error);

	hand_move(&trap.hand, 0, trap.hand.n, &stage->hand[STAGE_VICTIM]);
	if (ret == 0 && stage->third != NULL)
		labyrinth_reclaim(
			stage->actor[STAGE_A], labyrinth_owner_slot(stage->third));
	if (ret == 0)
		ret = check_rest(scenario, stage, error);
	if (ret == 0)
		ret = ops_run(stage, actors, OPS_TOGETHER, error);
	if (ret == 0)
		ret = check_hands(stage, actors, error);
	if (ret == 0)
		ret = check_cached(stage, actors, error);
	return ret == 0 ? check_end(stage, actors, error) : ret;
}

static int
run_call(const struct scenario *scenario, struct labyrinth_error *error)
{
	trap.entries = trap.acted = 0;
	trap.failed = 0;
	trap.hand.n = 0;
	trap.stage->seed = trap.phase * 2654435761u + trap.deed + 1;
	note_taken();
	errno = ERRNO;
	tracing_call(make_call, (void *)(uintptr_t)scenario);
	if (errno != ERRNO)
		return labyrinth_fail(
			error, -EUCLEAN, "the call has set errno to %d", errno);
	if (trap.failed != 0) {
		*error = trap.error;
		return trap.failed;
	}
	return check_returned(scenario, error);
}

/* ---- a scenario ---- */

struct sum {
	uint32_t alone;        /* instructions of the call undisturbed */
	uint64_t entries, acted;
	uint32_t failed;
};

static struct sum total;

static void
run_once(const struct scenario *scenario, struct sum *sum)
{
	static const char *const deeds[] = { "one", "keep", "greedy", "remote", "none" };
	struct labyrinth_error error;

	if (run_call(scenario, &error) != 0 && ++sum->failed <= 4)
		printf("FAIL %s, deed %s after each %u. instruction from %u on: %s\n",
			scenario->name, deeds[trap.deed], trap.stride, trap.phase,
			error.text);
	sum->entries += trap.entries;
	sum->acted += trap.acted;
}

static void
run_deed(const struct scenario *scenario, const struct stage_copy *begin, struct sum *sum)
{
	trap.stride = 1;
	trap.phase = 0;
	run_once(scenario, sum);
	stage_restore(trap.stage, begin);
	trap.stride = STRIDE;
	for (trap.phase = 0; trap.phase < STRIDE; trap.phase++) {
		run_once(scenario, sum);
		stage_restore(trap.stage, begin);
	}
}

/* How long the call is when no handler does anything. */
static void
run_alone(const struct scenario *scenario, const struct stage_copy *begin,
	struct sum *sum)
{
	trap.deed = DEED_NONE;
	trap.stride = 1;
	trap.phase = trap.limit = 0;
	run_once(scenario, sum);
	stage_restore(trap.stage, begin);
	sum->alone = trap.entries;
	trap.limit = LONGER(trap.entries);
}

static uint32_t
look_at(const struct scenario *scenario)
{
	struct stage_copy begin = { .side = NULL };
	struct sum sum = { .alone = 0 };

	trap.stage = stage_create(&scenario->setting);
	scenario->warm(trap.stage);
	stage_save(trap.stage, &begin);
	run_alone(scenario, &begin, &sum);
	for (trap.deed = 0; trap.deed < DEEDS; trap.deed++)
		run_deed(scenario, &begin, &sum);
	stage_copy_free(&begin);
	printf("%-44s %6u instructions, %8lu handlers, %7lu of them with calls%s\n",
		scenario->name, sum.alone, (unsigned long)sum.entries,
		(unsigned long)sum.acted, sum.failed != 0 ? ", FAILED" : "");
	fflush(stdout);
	if (sum.alone < scenario->at_least || sum.acted < sum.alone) {
		printf("FAIL %s: too few instructions\n", scenario->name);
		sum.failed++;
	}
	total.entries += sum.entries;
	total.acted += sum.acted;
	return sum.failed;
}

/*
 * Left out: unregister is refused rightly while a handler holds pages, and a reclaim that
 * a handler interrupts may leave it to the next failing call to correct the counter.
 */
static bool
is_meant(const struct scenario *scenario, const char *name, bool except)
{
	return scenario->effect != EFFECT_LEAVES &&
		strstr(scenario->name, "reclaim") == NULL &&
		(strstr(scenario->name, name) != NULL) != except;
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_trap };
	bool except = argc > 1 && strcmp(argv[1], "-x") == 0;
	const char *name = argc > 1 + except ? argv[1 + except] : "";
	uint32_t failed = 0;

	need(sigaction(SIGTRAP, &action, NULL) == 0);
	for (uint32_t i = 0; i < scenarios_n; i++)
		if (is_meant(&scenarios[i], name, except))
			failed += look_at(&scenarios[i]);
	printf("in all %lu handlers, %lu of them with calls, %u failures\n",
		(unsigned long)total.entries, (unsigned long)total.acted, failed);
	return failed != 0 || total.acted == 0;
}
