/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "stepper_tracee.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stepper_stage.h"

/*
 * tracee_gate(run, arg): what is stepped begins after the first trap and ends before
 * the second. tracee_syscall: where a tracee is sent to make one syscall for us, which
 * changes none of its registers but those that are set back afterwards.
 */
__asm__(
	".text\n"
	".globl tracee_gate, tracee_gate_end, tracee_syscall\n"
	"tracee_gate:\n"
	"	sub $8, %rsp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	int3\n"
	"	call *%rax\n"
	"tracee_gate_end:\n"
	"	int3\n"
	"	add $8, %rsp\n"
	"	ret\n"
	"tracee_syscall:\n"
	"	syscall\n"
	"	int3\n");

void
tracee_gate(void (*run)(void *arg), void *arg);
extern const char tracee_gate_end[], tracee_syscall[];

/* Where libc has the number of the thread: in a child where it is in us. */
static int *tid_address;

/* The signal that the tracee stopped with, the ptrace event above it. */
static int
wait_stop(pid_t pid)
{
	int status;

	need(waitpid(pid, &status, __WALL) == pid);
	need(WIFSTOPPED(status));
	return status >> 8;
}

/*
 * Let the tracee go on, with a signal or 0. We use numbers of processes up so fast that
 * signals which others send to their dead may come here: those of job control are not
 * delivered.
 */
static int
go_on(enum __ptrace_request how, pid_t pid, int signal)
{
	int stop;

	do {
		need(ptrace(how, pid, NULL, (void *)(intptr_t)signal) == 0);
		stop = wait_stop(pid);
		signal = 0;
	} while (stop == SIGSTOP || stop == SIGCONT);
	return stop;
}

static void
expect(int stop, int expected)
{
	if (stop == expected)
		return;
	fprintf(stderr, "a tracee stopped with %#x instead of %#x\n", stop, expected);
	exit(1);
}

static void
set_registers(pid_t pid, struct user_regs_struct regs)
{
	/* it is in no syscall that could be restarted */
	regs.orig_rax = UINT64_MAX;
	need(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0);
}

static void
be_traced(void (*prepare)(void *arg), void (*run)(void *arg), void *arg)
{
	prepare(arg);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(77);
	raise(SIGSTOP);
	tracee_gate(run, arg);
	_exit(0);
}

bool
tracee_start(struct tracee *trunk, void (*prepare)(void *arg), void (*run)(void *arg),
	void *arg)
{
	int status;

	if (prctl(PR_GET_TID_ADDRESS, &tid_address) != 0)
		return false;
	fflush(NULL);
	trunk->pid = fork();
	need(trunk->pid >= 0);
	if (trunk->pid == 0)
		be_traced(prepare, run, arg);
	need(waitpid(trunk->pid, &status, WUNTRACED) == trunk->pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return false;
	need(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	need(ptrace(PTRACE_SETOPTIONS, trunk->pid, NULL,
		PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK) == 0);
	expect(go_on(PTRACE_CONT, trunk->pid, 0), SIGTRAP);
	need(ptrace(PTRACE_GETREGS, trunk->pid, NULL, &trunk->regs) == 0);
	return true;
}

bool
tracee_step(struct tracee *trunk)
{
	expect(go_on(PTRACE_SINGLESTEP, trunk->pid, 0), SIGTRAP);
	need(ptrace(PTRACE_GETREGS, trunk->pid, NULL, &trunk->regs) == 0);
	return trunk->regs.rip != (uintptr_t)tracee_gate_end;
}

/* A syscall with its arguments. */
struct request {
	long number;
	uint64_t a, b, d;   /* the first, second and fourth; the others are 0 */
};

/* Send a tracee that stands in our code to make a syscall. @return what it stops with */
static int
inject(pid_t pid, struct user_regs_struct regs, struct request request)
{
	regs.rip = (uintptr_t)tracee_syscall;
	regs.rax = (uint64_t)request.number;
	regs.rdi = request.a;
	regs.rsi = request.b;
	regs.r10 = request.d;
	regs.rdx = regs.r8 = 0;
	set_registers(pid, regs);
	return go_on(PTRACE_CONT, pid, 0);
}

/*
 * The kernel forgets a child's list of robust futexes at the fork. The list itself was
 * copied with the memory, at the address that it has in us, too: register it again.
 */
static void
register_robust_list(const struct tracee *branch)
{
	void *head;
	size_t size;

	need(syscall(SYS_get_robust_list, 0, &head, &size) == 0);
	expect(inject(branch->pid, branch->regs, (struct request){ SYS_set_robust_list,
		(uintptr_t)head, size, 0 }), SIGTRAP);
}

/* A thread that has just asked for its own number is to have the right one. */
static void
correct_tid(struct user_regs_struct *regs, pid_t from, pid_t to)
{
	unsigned long long *const all[] = { &regs->rax, &regs->rbx, &regs->rcx, &regs->rdx,
		&regs->rsi, &regs->rdi, &regs->rbp, &regs->r8, &regs->r9, &regs->r10,
		&regs->r11, &regs->r12, &regs->r13, &regs->r14, &regs->r15 };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (*all[i] == (unsigned long long)from)
			*all[i] = (unsigned long long)to;
}

void
tracee_branch(struct tracee *trunk, struct tracee *branch)
{
	unsigned long pid;

	/* CLONE_PARENT: ours to wait for, and no SIGCHLD for the trunk. CLONE_CHILD_SETTID:
	 * what its libc believes to be its number. */
	expect(inject(trunk->pid, trunk->regs, (struct request){ SYS_clone,
		CLONE_PARENT | CLONE_CHILD_SETTID | SIGCHLD, 0, (uintptr_t)tid_address }),
		SIGTRAP | PTRACE_EVENT_FORK << 8);
	need(ptrace(PTRACE_GETEVENTMSG, trunk->pid, NULL, &pid) == 0);
	branch->pid = (pid_t)pid;
	branch->regs = trunk->regs;
	correct_tid(&branch->regs, trunk->pid, branch->pid);
	expect(wait_stop(branch->pid), SIGSTOP);
	expect(go_on(PTRACE_CONT, trunk->pid, 0), SIGTRAP);
	set_registers(trunk->pid, trunk->regs);
	register_robust_list(branch);
	set_registers(branch->pid, branch->regs);
}

int
tracee_finish(struct tracee *branch, int signal)
{
	/* it stands at a trap, in whose place it gets the signal */
	signal = go_on(PTRACE_CONT, branch->pid, signal);
	need(ptrace(PTRACE_GETREGS, branch->pid, NULL, &branch->regs) == 0);
	/* the trap is behind its instruction of one byte */
	return signal == SIGTRAP && branch->regs.rip == (uintptr_t)tracee_gate_end + 1 ?
		0 : signal;
}

void
tracee_kill(struct tracee *tracee)
{
	int status;

	need(kill(tracee->pid, SIGKILL) == 0);
	do
		need(waitpid(tracee->pid, &status, __WALL) == tracee->pid);
	while (!WIFSIGNALED(status));
	tracee->pid = 0;
}
