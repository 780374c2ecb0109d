/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_version.h>

#include "bench_commit.h"
#include "machine.h"

#define HUGEPAGES "/sys/kernel/mm/hugepages/hugepages-2048kB/"

static long
read_number(const char *path)
{
	FILE *file = fopen(path, "r");
	long number;

	if (file == NULL)
		return -1;
	if (fscanf(file, "%ld", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

static void
read_cpu(char *cpu, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	snprintf(cpu, size, "unknown");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		char *name = strchr(line, ':');

		if (strncmp(line, "model name", 10) != 0 || name == NULL)
			continue;
		name[strcspn(name, "\n")] = '\0';
		snprintf(cpu, size, "%.*s", (int)size - 1, name + strspn(name, ": "));
		break;
	}
	if (file != NULL)
		fclose(file);
}

void
bench_machine_look(struct bench_machine *machine)
{
	struct utsname kernel;

	read_cpu(machine->cpu, sizeof(machine->cpu));
	machine->cores = sysconf(_SC_NPROCESSORS_ONLN);
	machine->hugepages_2m_total = read_number(HUGEPAGES "nr_hugepages");
	machine->hugepages_2m_free = read_number(HUGEPAGES "free_hugepages");
	snprintf(machine->kernel, sizeof(machine->kernel), "%s",
		uname(&kernel) == 0 ? kernel.release : "unknown");
	machine->dpdk = rte_version();
	machine->commit = BENCH_COMMIT[0] != '\0' ? BENCH_COMMIT : NULL;
	machine->tsc_hz = rte_get_tsc_hz();
}
