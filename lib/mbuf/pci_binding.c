/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pci_binding.h"

/* vfio-pci, and the variants for some cards, such as mlx5_vfio_pci. */
bool
lab_pci_bound_to_vfio(const char *address)
{
	char path[PATH_MAX], driver[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", address);
	n = readlink(path, driver, sizeof(driver) - 1);
	if (n < 0)
		return false;
	driver[n] = '\0';
	return strstr(basename(driver), "vfio") != NULL;
}
