/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "defaults.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <rte_config.h>

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), tail = strlen(end);

	return n >= tail && strcmp(name + n - tail, end) == 0;
}

/* EAL's folder is named after the ABI, as are its libraries: …/pmds-23.0, ….so.23.0. */
static void
abi_suffix(char *suffix, size_t size)
{
	const char *dash = strrchr(RTE_EAL_PMD_PATH, '-');

	snprintf(suffix, size, ".so.%s", dash != NULL ? dash + 1 : "");
}

/* EAL loads its drivers only if it is a library itself. */
static bool
eal_is_shared(const char *suffix)
{
	char name[64];
	void *handle;

	snprintf(name, sizeof(name), "librte_eal%s", suffix);
	handle = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
	if (handle == NULL) {
		/* the soname has the first part of the number */
		*strrchr(name, '.') = '\0';
		handle = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
	}
	if (handle != NULL)
		dlclose(handle);
	return handle != NULL;
}

/* EAL refuses libraries that anybody could have put there, and will say so. */
static bool
is_safe(const char *folder)
{
	struct stat status;

	return stat(folder, &status) == 0 && S_ISDIR(status.st_mode) &&
		(status.st_mode & S_IWOTH) == 0;
}

void
lab_load_default_drivers(void)
{
	char path[PATH_MAX], suffix[32];
	struct dirent *entry;
	struct stat status;
	DIR *folder;

	abi_suffix(suffix, sizeof(suffix));
	if (RTE_EAL_PMD_PATH[0] == '\0' || !eal_is_shared(suffix) ||
		!is_safe(RTE_EAL_PMD_PATH))
		return;
	folder = opendir(RTE_EAL_PMD_PATH);
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (!ends_with(entry->d_name, ".so") && !ends_with(entry->d_name, suffix))
			continue;
		snprintf(path, sizeof(path), "%s/%s", RTE_EAL_PMD_PATH, entry->d_name);
		/* One that cannot be loaded is EAL's to complain of. The handle is kept:
		 * a driver does not go again. */
		if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
			dlopen(path, RTLD_NOW);
	}
	closedir(folder);
}
