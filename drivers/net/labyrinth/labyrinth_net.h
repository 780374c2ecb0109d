/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_NET_H
#define LABYRINTH_NET_H

/**
 * @file
 * What a program may ask of a port of net_labyrinth beyond ethdev's own calls.
 *
 * The functions are the driver's: link with librte_net_labyrinth.so, or find them with
 * dlsym() in the file that -d named.
 */

#include <stdint.h>

#include "labyrinth_nic.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Seen outside the driver. */
#define LABYRINTH_NET_API __attribute__((visibility("default")))

/**
 * What becomes of frames without a page from now on (devargs policy=). The thread that
 * does set-up; the port may be started, and polled by others.
 *
 * @return 0; -ENODEV @p port is none of this driver; -EINVAL there is no such policy
 */
LABYRINTH_NET_API int
labyrinth_net_set_policy(uint16_t port, enum labyrinth_rx_policy policy);

/** @return the policy of @p port, of enum labyrinth_rx_policy; -ENODEV */
LABYRINTH_NET_API int
labyrinth_net_policy(uint16_t port);

#ifdef __cplusplus
}
#endif

#endif /* LABYRINTH_NET_H */
