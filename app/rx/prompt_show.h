/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_PROMPT_SHOW_H
#define RX_PROMPT_SHOW_H

/**
 * @file
 * What the show commands of the prompt print. Main lcore only.
 */

#include "prompt_commands.h"

/** What can be shown of ports: "stats", "xstats" or "info". */
void
rx_show_port(const struct rx_prompt *prompt, const char *what, const struct rx_port *port);

/** pool, owners, errors, ledger, latency, runtime, queues or fwd. */
void
rx_show(const struct rx_prompt *prompt, const char *what);

/** The words of rx_show(), with '#' between, as the cmdline library wants choices. */
#define RX_SHOW_WORDS "pool#owners#errors#ledger#latency#runtime#queues#fwd"

#endif /* RX_PROMPT_SHOW_H */
