/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_SHARED_MEMORY_H
#define RX_SHARED_MEMORY_H

/**
 * @file
 * Can EAL's memory be handed to another process? A PMD that does so (virtio-user) gives it
 * the files behind the memory, in one message that has room for a few. When there are more
 * it only logs that, and no frame ever comes. Main lcore only.
 */

#include "exit_code.h"
#include "labyrinth_base.h"

/** Files in a message of vhost-user. */
#define RX_SHARED_FILES 8u

/** Ask on behalf of @p driver. @return RX_OK; RX_ENVIRONMENT no files, or too many */
enum rx_exit
rx_shared_memory_check(const char *driver, struct labyrinth_error *error);

#endif /* RX_SHARED_MEMORY_H */
