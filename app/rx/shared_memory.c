/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_memory.h>

#include "shared_memory.h"

struct files {
	uint32_t n;
	bool none;  /**< some memory has no file */
	int fd[RX_SHARED_FILES];
};

static int
look(const struct rte_memseg_list *list, const struct rte_memseg *segment, void *arg)
{
	struct files *files = arg;
	int fd = rte_memseg_get_fd_thread_unsafe(segment);
	uint32_t i = 0;

	RTE_SET_USED(list);
	files->none = files->none || fd < 0;
	while (i < RTE_MIN(files->n, RX_SHARED_FILES) && files->fd[i] != fd)
		i++;
	if (i < files->n && i < RX_SHARED_FILES)
		return 0;
	if (files->n < RX_SHARED_FILES)
		files->fd[files->n] = fd;
	files->n++;
	return 0;
}

enum rx_exit
rx_shared_memory_check(const char *driver, struct labyrinth_error *error)
{
	struct files files = { .n = 0 };

	rte_memseg_walk(look, &files);
	if (files.none)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"%s hands EAL's memory to another process, and some of it has no "
			"file: leave out --legacy-mem and --huge-unlink",
			driver);
	if (files.n > RX_SHARED_FILES)
		return labyrinth_fail(error, RX_ENVIRONMENT,
			"%s hands EAL's memory to another process, in %u files at most, and "
			"there are more: give EAL --single-file-segments",
			driver, RX_SHARED_FILES);
	return RX_OK;
}
