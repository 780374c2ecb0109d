/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: a signal handler that uses the very owner it interrupted, entered at every
 * instruction of every call.
 *
 * The calls are those of test/verify/stepper_scenarios.c. The trap flag of the CPU makes
 * a SIGTRAP of each instruction; the handler makes calls of its own for the same owner.
 * What it does there is one of the deeds of stepper_handler.h. Each deed is done after every instruction,
 * until the interrupted call has got so long by retries that it might never end. In
 * further runs, so that there is a call to be interrupted still, a deed is done after
 * every 17th instruction, beginning with each of the first 17: the deeds take turns, with
 * -a each has all of these runs.
 *
 * test_signal_step [-a] [-x] [NAME] looks at the scenarios only whose names contain NAME,
 * with -x do not.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "stepper_check.h"
#include "stepper_handler.h"
#include "stepper_ops.h"

/* Instructions between two handlers that act: a prime, so that loops do not evade it. */
#define STRIDE 17u
/* Handlers act until the call is so many times as long as undisturbed, and some. */
#define LONGER(n) (2 * (n) + 1000)
/* Calls of all three owners afterwards. */
#define OPS_TOGETHER 60
/* An errno that nobody sets. */
#define ERRNO 4711

static struct {
	struct stage *stage;
	enum deed deed;                /* DEEDS: none */
	uint32_t stride, phase, limit; /* it acts at which entries */
	uint32_t entries;              /* of this call */
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

static void
on_trap(int signal)
{
	(void)signal;
	trap.entries++;
	if (trap.deed != DEEDS && trap.entries % trap.stride == trap.phase &&
			trap.entries <= trap.limit)
		handler_act(trap.stage);
}

/* ---- one call ---- */

static void
make_call(void *arg)
{
	const struct scenario *scenario = arg;

	trap.stage->ret = scenario->call(trap.stage);
}

static int
check_returned(const struct scenario *scenario, struct labyrinth_error *error)
{
	struct stage *stage = trap.stage;
	uint32_t actors =
		scenario->effect == EFFECT_LEAVES ? STAGE_SURVIVORS : STAGE_ACTORS;
	int ret = handler_settle(stage, error);

	if (ret == 0)
		ret = scenario_settle(scenario, stage, error);
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
	trap.entries = 0;
	handler_prepare(trap.stage, scenario, trap.deed);
	trap.stage->seed = trap.phase * 2654435761u + trap.deed + 1;
	errno = ERRNO;
	tracing_call(make_call, (void *)(uintptr_t)scenario);
	if (errno != ERRNO)
		return labyrinth_fail(
			error, -EUCLEAN, "the call has set errno to %d", errno);
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
	struct labyrinth_error error;

	if (run_call(scenario, &error) != 0 && ++sum->failed <= 4)
		printf("FAIL %s, deed %s after each %u. instruction from %u on: %s\n",
			scenario->name, trap.deed == DEEDS ? "none" : deed_names[trap.deed],
			trap.stride, trap.phase, error.text);
	sum->entries += trap.entries;
	sum->acted += trap.stage->handler.acted;
}

struct options {
	const char *name;
	bool except, all;
};

/* After every instruction. */
static void
run_dense(const struct scenario *scenario, const struct stage_copy *begin, struct sum *sum)
{
	trap.stride = 1;
	trap.phase = 0;
	for (trap.deed = 0; trap.deed < DEEDS; trap.deed++) {
		if (!handler_can(trap.stage, trap.deed))
			continue;
		run_once(scenario, sum);
		stage_restore(trap.stage, begin);
	}
}

/* Now and then; all runs together after every instruction. */
static void
run_sparse(const struct scenario *scenario, const struct stage_copy *begin, struct sum *sum,
	bool all)
{
	trap.stride = STRIDE;
	for (trap.phase = 0; trap.phase < STRIDE; trap.phase++)
		for (uint32_t deed = 0; deed < DEEDS; deed++) {
			trap.deed = deed;
			if (!handler_can(trap.stage, deed) ||
					(!all && deed != trap.phase % DEEDS))
				continue;
			run_once(scenario, sum);
			stage_restore(trap.stage, begin);
		}
}

/* How long the call is when no handler does anything. */
static void
run_alone(const struct scenario *scenario, const struct stage_copy *begin,
	struct sum *sum)
{
	trap.deed = DEEDS;
	trap.stride = 1;
	trap.phase = trap.limit = 0;
	run_once(scenario, sum);
	stage_restore(trap.stage, begin);
	sum->alone = trap.entries;
	trap.limit = LONGER(trap.entries);
}

static uint32_t
look_at(const struct scenario *scenario, bool all)
{
	struct stage_copy begin = { .side = NULL };
	struct sum sum = { .alone = 0 };

	trap.stage = stage_create(&scenario->setting);
	scenario_begin(scenario, trap.stage);
	handler_prepare(trap.stage, scenario, DEEDS);
	stage_save(trap.stage, &begin);
	run_alone(scenario, &begin, &sum);
	run_dense(scenario, &begin, &sum);
	run_sparse(scenario, &begin, &sum, all);
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
is_meant(const struct scenario *scenario, const struct options *options)
{
	return scenario->effect != EFFECT_LEAVES &&
		strstr(scenario->name, "reclaim") == NULL &&
		(strstr(scenario->name, options->name) != NULL) != options->except;
}

static struct options
parse(int argc, char **argv)
{
	struct options options = { .name = "" };
	int c;

	while ((c = getopt(argc, argv, "ax")) != -1) {
		if (c == 'a')
			options.all = true;
		else if (c == 'x')
			options.except = true;
		else
			exit(2);
	}
	if (optind < argc)
		options.name = argv[optind];
	return options;
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_trap };
	struct options options = parse(argc, argv);
	uint32_t failed = 0;

	need(sigaction(SIGTRAP, &action, NULL) == 0);
	for (uint32_t i = 0; i < scenarios_n; i++)
		if (is_meant(&scenarios[i], &options))
			failed += look_at(&scenarios[i], options.all);
	printf("in all %lu handlers, %lu of them with calls, %u failures\n",
		(unsigned long)total.entries, (unsigned long)total.acted, failed);
	return failed != 0 || total.acted == 0;
}
