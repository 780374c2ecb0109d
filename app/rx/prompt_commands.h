/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_PROMPT_COMMANDS_H
#define RX_PROMPT_COMMANDS_H

/**
 * @file
 * The commands of the prompt, for the parser of DPDK's cmdline library, which has no place
 * for an argument of ours: so there is one state for the process. Main lcore only.
 */

#include <cmdline_parse.h>

#include "app.h"
#include "figures/snapshot.h"

/** What commands work on, and how the last one went. */
struct rx_prompt {
	struct rx_app *app;
	struct rx_snapshot *cleared;    /**< figures are told since then, NULL: all */
	enum rx_exit result;            /**< of the last command */
	struct labyrinth_error error;
	bool quit;
};

extern struct rx_prompt rx_prompt;

/** The commands, ready once rx_prompt_commands_init() was called; ends with NULL. */
extern cmdline_parse_ctx_t rx_prompt_commands[];

void
rx_prompt_commands_init(void);

/** Begin to forward. */
enum rx_exit
rx_prompt_start(struct labyrinth_error *error);

#endif /* RX_PROMPT_COMMANDS_H */
