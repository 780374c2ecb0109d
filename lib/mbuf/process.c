/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memzone.h>

/** Who this process is. */
static struct {
	pthread_mutex_t lock;   /* guards joining and seizing, by threads of this process */
	int file;
	pid_t pid;              /* a forked child is not who its parent is */
	_Atomic unsigned int number;
} here = { PTHREAD_MUTEX_INITIALIZER, -1, 0, LAB_PROCESS_NONE };

/* ---- the kernel's word ---- */

static int
ask(int command, unsigned int process, struct flock *lock, short type)
{
	*lock = (struct flock){ .l_type = type, .l_whence = SEEK_SET,
		.l_start = (off_t)process, .l_len = 1 };
	return fcntl(here.file, command, lock);
}

static bool
lock_number(unsigned int process)
{
	struct flock lock;

	return ask(F_OFD_SETLK, process, &lock, F_WRLCK) == 0;
}

static void
unlock_number(unsigned int process)
{
	struct flock lock;

	ask(F_OFD_SETLK, process, &lock, F_UNLCK);
}

bool
lab_process_lives(unsigned int process)
{
	struct flock lock;

	if (process >= LAB_PROCESSES || here.file < 0)
		return false;
	if (process == lab_process_here())
		return true;
	return ask(F_OFD_GETLK, process, &lock, F_WRLCK) == 0 && lock.l_type != F_UNLCK;
}

/* ---- numbers ---- */

unsigned int
lab_process_here(void)
{
	/* relaxed: set once */
	return atomic_load_explicit(&here.number, memory_order_relaxed);
}

static int
open_file(const char *path, int flags, struct labyrinth_error *error)
{
	if (here.file >= 0 && here.pid == getpid())
		return 0;
	/* the parent's description, of which we have a copy, says that the parent lives */
	if (here.file >= 0)
		close(here.file);
	here.number = LAB_PROCESS_NONE;
	here.pid = getpid();
	here.file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (here.file >= 0)
		return 0;
	return labyrinth_fail(error, errno == ENOENT ? -ENOTSUP : -errno,
		"%s: %s: to share pools EAL must have files: start without --in-memory and "
		"--no-shconf, as one user", path, strerror(errno));
}

/* Of those whose last process is dead, one of which nothing is left anywhere. */
static int
find_number(struct lab_processes *table, struct labyrinth_error *error)
{
	for (unsigned int i = 1; i < LAB_PROCESSES; i++) {
		if (!lock_number(i))
			continue;
		/* acquire: pairs with who took the last bit away */
		if (atomic_load_explicit(&table->process[i].uses, memory_order_acquire) == 0)
			return (int)i;
		unlock_number(i);
	}
	return labyrinth_fail(error, -ENOSPC,
		"%u secondary processes are here, or died and were not reclaimed: end one, or "
		"call labyrinth_mbuf_reclaim() in the primary", LAB_SECONDARIES);
}

static int
join(struct lab_processes *table, struct labyrinth_error *error)
{
	int ret = open_file(table->file, 0, error);

	if (ret != 0)
		return ret;
	if (here.number != LAB_PROCESS_NONE)
		return (int)here.number;
	ret = find_number(table, error);
	if (ret < 0)
		return ret;
	atomic_store_explicit(&table->process[ret].pid, (int32_t)here.pid,
		memory_order_relaxed);
	atomic_store_explicit(&here.number, (unsigned int)ret, memory_order_relaxed);
	return ret;
}

int
lab_process_join(struct lab_processes *table, struct labyrinth_error *error)
{
	int ret;

	pthread_mutex_lock(&here.lock);
	ret = join(table, error);
	pthread_mutex_unlock(&here.lock);
	return ret;
}

/* ---- the primary ---- */

static struct lab_processes *
reserve(const char *name)
{
	char zone[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *mz;

	snprintf(zone, sizeof(zone), "labyrinth_%s", name);
	mz = rte_memzone_lookup(zone);
	if (mz != NULL)
		return mz->addr;
	mz = rte_memzone_reserve(zone, sizeof(struct lab_processes), SOCKET_ID_ANY, 0);
	if (mz != NULL)
		memset(mz->addr, 0, sizeof(struct lab_processes));
	return mz != NULL ? mz->addr : NULL;
}

/* Secondaries find EAL by this file. */
static int
check_shares(struct labyrinth_error *error)
{
	char config[PATH_MAX];

	snprintf(config, sizeof(config), "%s/config", rte_eal_get_runtime_dir());
	if (access(config, F_OK) == 0)
		return 0;
	return labyrinth_fail(error, -ENOTSUP,
		"%s: %s: no secondary process could come: start without --in-memory and "
		"--no-shconf, or share nothing", config, strerror(errno));
}

static int
create(const char *name, struct lab_processes **table, struct labyrinth_error *error)
{
	int ret = check_shares(error);
	struct lab_processes *made = ret == 0 ? reserve(name) : NULL;

	if (ret != 0)
		return ret;
	if (made == NULL)
		return labyrinth_fail(error, -ENOMEM,
			"EAL has no memory for a table of processes: give it more with -m");
	snprintf(made->file, sizeof(made->file), "%s/labyrinth_%s",
		rte_eal_get_runtime_dir(), name);
	ret = open_file(made->file, O_CREAT, error);
	if (ret != 0)
		return ret;
	if (here.number != 0 && !lock_number(0))
		return labyrinth_fail(error, -EBUSY,
			"%s: another process has the primary's lock", made->file);
	here.number = 0;
	atomic_store_explicit(&made->process[0].pid, (int32_t)here.pid,
		memory_order_relaxed);
	*table = made;
	return 0;
}

int
lab_process_create(const char *name, struct lab_processes **table,
	struct labyrinth_error *error)
{
	int ret;

	pthread_mutex_lock(&here.lock);
	ret = create(name, table, error);
	pthread_mutex_unlock(&here.lock);
	return ret;
}

/* relaxed, here and below: only the primary makes pools, and the bit says nothing of others */
int
lab_process_claim_pool(struct lab_processes *table, struct labyrinth_error *error)
{
	for (unsigned int i = 0; i < LAB_PROCESS_POOLS; i++) {
		uint64_t bit = UINT64_C(1) << i;

		if ((atomic_fetch_or_explicit(&table->pools, bit, memory_order_relaxed) &
				bit) == 0)
			return (int)i;
	}
	return labyrinth_fail(error, -ENOSPC,
		"processes share %u pools already: destroy one, or share fewer",
		LAB_PROCESS_POOLS);
}

void
lab_process_free_pool(struct lab_processes *table, uint32_t number)
{
	uint64_t bit = UINT64_C(1) << number;

	for (unsigned int i = 0; i < LAB_PROCESSES; i++)
		atomic_fetch_and_explicit(&table->process[i].uses, ~bit, memory_order_acq_rel);
	atomic_fetch_and_explicit(&table->pools, ~bit, memory_order_relaxed);
}

/* ---- the dead ---- */

/* The description is ours as a whole, so the kernel tells threads of ours not apart. */
bool
lab_process_seize(unsigned int process)
{
	if (process >= LAB_PROCESSES || process == lab_process_here())
		return false;
	pthread_mutex_lock(&here.lock);
	if (lock_number(process))
		return true;
	pthread_mutex_unlock(&here.lock);
	return false;
}

void
lab_process_release(unsigned int process)
{
	unlock_number(process);
	pthread_mutex_unlock(&here.lock);
}
