/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
/* Description: at every instruction of every call a thread may stop for ever, be
 * overtaken, or be killed, and nobody waits, and no page is lost or has two owners.
 *
 * A child process makes one call of the pool under ptrace, instruction by instruction.
 * After each one
 *
 *   stopped    two survivors make 1,000 calls, on the same rows, up to the last page;
 *   overtaken  then the child goes on to the end of its call, and all three go on
 *              working: who holds what must be what the pool says;
 *   robbed     a survivor takes all there is, and so the rows that the victim may be at
 *              work with; in turn it keeps, frees, or returns that to the depot. Then
 *              the child goes on;
 *   interrupted  a signal handler of the child uses its owner, rightly and wrongly
 *              (stepper_handler.h), then the child goes on to the end;
 *   killed     the child gets a SIGKILL there, before and (another time) after those
 *              1,000 calls: a survivor reclaims, and all pages must be there.
 *
 * Where the instruction before changed nothing in the memory that is shared, to stop and
 * to kill would be what it was there, and is not done again: the others cannot know. At
 * each instruction there is one robbery of the three kinds, and two handlers, one that
 * does all that it must not and one of the others. With -a all of it is done at each.
 *
 * stepper [-a] [-k INSTRUCTION] [-p PART/PARTS] [-x] [NAME] looks at the scenarios only
 * whose names contain NAME, with -x do not; with -p at each PARTS th, with -k at one
 * instruction only.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "stepper_check.h"
#include "stepper_handler.h"
#include "stepper_ops.h"
#include "stepper_tracee.h"

/* Calls of the survivors while the victim stands still. */
#define OPS_STOPPED 1000
/* Calls of all three after it went on. */
#define OPS_TOGETHER 60
/* States that these calls lead to: each with a seed of its own, every second after the
 * third owner, if there is one, was reclaimed. */
#define AFTERS 4u
/* Who reclaims, in which order. */
#define TURNS 4u
/* Ends a hang, no more. */
#define HANG_SECONDS 60
/* Calls to see that the mix is sound when nobody stops. */
#define OPS_ALONE 5000
/* Failures of one scenario that are printed. */
#define SHOWN 4

struct options {
	const char *name;
	bool except, all;
	uint32_t part, parts;
	uint32_t only;       /* the one instruction to look at, UINT32_MAX: all */
};

struct run {
	const struct scenario *scenario;
	struct stage *stage;
	struct tracee trunk;
	uint32_t step;       /* instructions done */
	uint32_t states;     /* of the shared memory that there were */
	const char *what;    /* is done after this one, for messages */
	bool all;            /* see above, -a */
	uint32_t killed, overtaken, robbed, interrupted, failed;
	uint64_t ops;
	struct stage_copy before;
	struct stage_copy after[AFTERS];   /* some survivors' 1,000 calls, if they went well */
	bool sound[AFTERS];
};

extern const char __executable_start[], etext[];

static struct run *watched;

static void
hang(int signal)
{
	char text[256];
	int length = snprintf(text, sizeof(text),
		"FAIL %s: %s after instruction %u: hangs\n", watched->scenario->name,
		watched->what, watched->step);

	(void)signal;
	if (write(STDERR_FILENO, text, (size_t)length) != length)
		_exit(2);
	_exit(1);
}

/* For addr2line; 0: in a library that we are linked with. */
static unsigned long
address(const struct run *run)
{
	uintptr_t start = (uintptr_t)__executable_start, at = run->trunk.regs.rip;

	return at >= start && at < (uintptr_t)etext ? at - start : 0;
}

static void
report(struct run *run, int ret, const struct labyrinth_error *error)
{
	if (ret == 0 || ++run->failed > SHOWN)
		return;
	printf("FAIL %s: %s after instruction %u, at 0x%lx: %s\n", run->scenario->name,
		run->what, run->step, address(run), error->text);
	fflush(stdout);
}

/*
 * In the place of libc's: the vDSO's begins anew when the clock ticks while it reads,
 * which for one that is stepped is always.
 */
int
clock_gettime(clockid_t clock, struct timespec *now)
{
	return (int)syscall(SYS_clock_gettime, clock, now);
}

/* ---- in the child ---- */

static void
interrupt(int signal)
{
	(void)signal;
	handler_act(watched->stage);
}

static void
bind_victim(void *arg)
{
	struct sigaction action = { .sa_handler = interrupt };
	struct run *run = arg;

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	need(labyrinth_owner_bind(run->stage->actor[STAGE_VICTIM]) == 0);
}

static void
make_call(void *arg)
{
	struct run *run = arg;

	run->stage->ret = run->scenario->call(run->stage);
}

/* ---- what is done with a child that stands there ---- */

/* Kill it, who is the victim; then everything must come back. */
static void
kill_and_check(struct run *run, struct tracee *tracee)
{
	struct labyrinth_error error;

	tracee_kill(tracee);
	run->killed++;
	report(run, check_death(run->scenario, run->stage, run->killed, &error), &error);
}

static void
branch_here(struct run *run, struct tracee *branch)
{
	tracee_branch(&run->trunk, branch);
	stage_entrust(run->stage, run->trunk.pid, branch->pid);
}

static void
kill_here(struct run *run, const char *what)
{
	struct tracee branch;

	run->what = what;
	branch_here(run, &branch);
	kill_and_check(run, &branch);
}

static int
check_returned(struct run *run, struct labyrinth_error *error)
{
	int ret = handler_settle(run->stage, error);
	uint32_t actors = run->scenario->effect == EFFECT_LEAVES ? STAGE_SURVIVORS :
		STAGE_ACTORS;

	if (ret == 0)
		ret = scenario_settle(run->scenario, run->stage, error);
	if (ret == 0)
		ret = check_rest(run->scenario, run->stage, error);
	if (ret == 0)
		ret = ops_run(run->stage, actors, OPS_TOGETHER, error);
	if (ret == 0)
		ret = check_hands(run->stage, actors, error);
	return ret == 0 ? check_cached(run->stage, actors, error) : ret;
}

/* Let a copy go on to the end of the call, with a signal first, 0: none. */
static void
go_on(struct run *run, int signal)
{
	struct labyrinth_error error = { "" };
	struct tracee branch;
	int ret;

	branch_here(run, &branch);
	ret = tracee_finish(&branch, signal);
	if (ret != 0)
		labyrinth_fail(&error, ret, "the call ends by signal %d", ret);
	else
		ret = check_returned(run, &error);
	report(run, ret, &error);
	if (ret == 0) {
		kill_and_check(run, &branch);
		return;
	}
	tracee_kill(&branch);
}

/*
 * With a handler that does the deed. Not where a handler that holds pages has the call
 * refused rightly (unregister), or where the counter may be left to be corrected by the
 * next call that fails (reclaim).
 */
static void
interrupt_here(struct run *run, enum deed deed)
{
	struct stage *stage = run->stage;

	if (run->scenario->effect == EFFECT_LEAVES || stage->third != NULL ||
			!handler_can(stage, deed))
		return;
	stage->handler.deed = deed;
	stage->seed = run->step * 2654435761u + 2;
	run->what = deed_names[deed];
	run->interrupted++;
	go_on(run, SIGUSR1);
	stage_restore(stage, &run->before);
}

enum robber {
	ROBBER_KEEPS,
	ROBBER_FREES,
	ROBBER_RETURNS,
	ROBBERS
};

static void
rob_here(struct run *run, enum robber robber)
{
	struct stage *stage = run->stage;
	struct labyrinth_owner *a = stage->actor[STAGE_A];
	struct hand *hand = &stage->hand[STAGE_A];
	uint32_t n = labyrinth_alloc_burst(a, LABYRINTH_GFP_RESCUE, &hand->page[hand->n],
		STAGE_PAGES - hand->n);

	if (robber == ROBBER_KEEPS)
		hand->n += n;
	else if (labyrinth_free_bulk(a, &hand->page[hand->n], n, NULL) != 0)
		need(false);
	if (robber == ROBBER_RETURNS)
		labyrinth_owner_flush(a);
	run->what = "robbed";
	run->robbed++;
	go_on(run, 0);
	stage_restore(stage, &run->before);
}

static void
disturb_here_in_turn(struct run *run)
{
	for (enum robber robber = 0; robber < ROBBERS; robber++)
		if (run->all || robber == run->step % ROBBERS)
			rob_here(run, robber);
	for (enum deed deed = 0; deed < DEEDS; deed++)
		if (run->all || deed == DEED_WRONG || deed == run->step % DEED_RACE)
			interrupt_here(run, deed);
}

/* The survivors work while it stands still. @return whether all went well */
static bool
work_beside(struct run *run, uint32_t which)
{
	struct stage *stage = run->stage;
	struct labyrinth_error error = { "" };
	int ret = 0;

	run->what = "stopped";
	stage->seed = (run->states * AFTERS + which) * 2654435761u + 1;
	/* a reclaimer that stands still does not keep another from reclaiming */
	if (stage->third != NULL && which % 2 == 1 &&
		labyrinth_reclaim(stage->actor[STAGE_A],
			labyrinth_owner_slot(stage->third)) == -EBUSY)
		ret = labyrinth_fail(&error, -EBUSY, "nobody else can reclaim");
	if (ret == 0)
		ret = ops_run(stage, STAGE_SURVIVORS, OPS_STOPPED, &error);
	run->ops += OPS_STOPPED;
	/* who leaves may have left it to its heir by now */
	if (ret == 0 && run->scenario->effect != EFFECT_LEAVES)
		ret = check_kept(stage, &error);
	report(run, ret, &error);
	return ret == 0;
}

/* The state in which the victim stands is new to those who share its memory. */
static void
look_at_state(struct run *run)
{
	struct stage *stage = run->stage;

	stage_save(stage, &run->before);
	run->states++;
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		kill_here(run, "killed");
		stage_restore(stage, &run->before);
	}
	for (uint32_t which = 0; which < AFTERS; which++) {
		run->sound[which] = work_beside(run, which);
		stage_save(stage, &run->after[which]);
		if (run->sound[which])
			kill_here(run, "stopped, then killed");
		stage_restore(stage, &run->before);
	}
}

static void
look_here(struct run *run)
{
	uint32_t which = run->step % AFTERS;

	alarm(HANG_SECONDS);
	if (run->all || stage_differs(run->stage, &run->before))
		look_at_state(run);
	disturb_here_in_turn(run);
	if (run->sound[which]) {
		stage_restore(run->stage, &run->after[which]);
		run->what = "overtaken";
		run->overtaken++;
		go_on(run, 0);
		stage_restore(run->stage, &run->before);
	}
}

/* ---- a scenario ---- */

/* Undisturbed the call must do what it is in the list for. */
static void
check_proof(struct run *run, struct proof before)
{
	struct proof now = scenario_proof(run->stage), want = run->scenario->proof;
	struct labyrinth_error error;

	now.rows -= before.rows;
	now.depot -= before.depot;
	run->what = "undisturbed";
	if (now.ret != want.ret || now.rows != want.rows || now.depot != want.depot)
		report(run, labyrinth_fail(&error, -EUCLEAN,
			"returned %d, rows %+d, depot %+d; on the path that is meant: "
			"%d, %+d, %+d", (int)now.ret, now.rows, now.depot, (int)want.ret,
			want.rows, want.depot), &error);
	if (run->step < run->scenario->at_least)
		report(run, labyrinth_fail(&error, -EUCLEAN, "only %u instructions",
			run->step), &error);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* @param only  the one instruction to look at, UINT32_MAX: all */
static bool
run_scenario(struct run *run, uint32_t only)
{
	struct labyrinth_error error;
	struct proof before;
	uintptr_t at = 0;
	int ret;

	scenario_begin(run->scenario, run->stage);
	handler_prepare(run->stage, run->scenario, DEEDS);
	if (!tracee_start(&run->trunk, bind_victim, make_call, run))
		return false;
	before = scenario_proof(run->stage);
	do {
		/* a string instruction is stepped round by round, all alike to the pool */
		if ((only == UINT32_MAX || only == run->step) && run->trunk.regs.rip != at)
			look_here(run);
		run->step++;
		at = run->trunk.regs.rip;
	} while (tracee_step(&run->trunk));
	check_proof(run, before);
	ret = check_returned(run, &error);
	report(run, ret, &error);
	kill_and_check(run, &run->trunk);
	return true;
}

static bool
look_at(const struct scenario *scenario, const struct options *options, struct run *sum)
{
	double start = seconds();
	struct run run = { .scenario = scenario, .all = options->all };

	watched = &run;
	run.stage = stage_create(&scenario->setting);
	if (!run_scenario(&run, options->only))
		return false;
	printf("%-44s %5u instructions, %4u states, %5u killed, %5u overtaken, %5u robbed, "
		"%5u interrupted, %5.2f s%s\n", scenario->name, run.step, run.states,
		run.killed, run.overtaken, run.robbed, run.interrupted, seconds() - start,
		run.failed != 0 ? ", FAILED" : "");
	fflush(stdout);
	if (run.failed == 0)
		stage_destroy(run.stage);
	stage_copy_free(&run.before);
	for (uint32_t which = 0; which < AFTERS; which++)
		stage_copy_free(&run.after[which]);
	sum->step += run.step;
	sum->killed += run.killed;
	sum->interrupted += run.interrupted;
	sum->ops += run.ops;
	sum->failed += run.failed;
	return true;
}

/* The mix of calls by itself: if that fails, nothing here needs to be stepped. */
static uint32_t
check_mix(void)
{
	static const struct setting settings[] = {
		{ .cache = 64 },
		{ .cache = 64, .min = 64 },
		{ .cache = LABYRINTH_CACHE_NONE },
		{ .cache = 64, .team = STAGE_VICTIM_AND_B },
	};
	uint32_t failed = 0;

	for (uint32_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct stage *stage = stage_create(&settings[i]);
		struct labyrinth_error error;
		int ret = 0;

		for (uint32_t n = 0; n < OPS_ALONE / 10 && ret == 0; n++) {
			ret = ops_run(stage, STAGE_ACTORS, 10, &error);
			if (ret == 0)
				ret = check_hands(stage, STAGE_ACTORS, &error);
			if (ret == 0)
				ret = check_cached(stage, STAGE_ACTORS, &error);
			if (ret == 0)
				ret = labyrinth_pool_validate(stage->pool, &error);
		}
		if (ret == 0)
			ret = check_end(stage, STAGE_ACTORS, &error);
		if (ret == 0)
			stage_destroy(stage);
		else
			printf("FAIL setting %u: in the mix, with nobody stopped: %s\n",
				i, error.text);
		failed += ret != 0;
	}
	return failed;
}

static struct options
parse(int argc, char **argv)
{
	struct options options = { .name = "", .parts = 1, .only = UINT32_MAX };
	int c;

	while ((c = getopt(argc, argv, "ak:p:x")) != -1) {
		if (c == 'k')
			options.only = (uint32_t)strtoul(optarg, NULL, 10);
		else if (c == 'x')
			options.except = true;
		else if (c == 'a')
			options.all = true;
		else if (c != 'p' || sscanf(optarg, "%u/%u", &options.part,
				&options.parts) != 2 || options.part >= options.parts)
			exit(2);
	}
	if (optind < argc)
		options.name = argv[optind];
	return options;
}

static bool
is_meant(uint32_t i, const struct options *options)
{
	return i % options->parts == options->part &&
		(strstr(scenarios[i].name, options->name) != NULL) != options->except;
}

int
main(int argc, char **argv)
{
	struct options options = parse(argc, argv);
	struct run sum = { .step = 0 };

	signal(SIGALRM, hang);
	if (check_mix() != 0)
		return 1;
	for (uint32_t i = 0; i < scenarios_n; i++) {
		if (!is_meant(i, &options))
			continue;
		if (!look_at(&scenarios[i], &options, &sum)) {
			printf("SKIP: this kernel or container does not permit ptrace\n");
			return 77;
		}
	}
	printf("in all %u instructions, %u killed, %u interrupted, %lu calls beside, "
		"%u failures\n", sum.step, sum.killed, sum.interrupted,
		(unsigned long)sum.ops, sum.failed);
	return sum.failed != 0 || sum.step == 0;
}
