/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_PROMPT_H
#define RX_PROMPT_H

/**
 * @file
 * Commands while the program runs: typed at a prompt with history and completion, or read
 * from a file or from standard input. Main lcore only, the others poll.
 *
 * At a terminal a wrong command is told and forgotten. In a script it ends the program, so
 * that a script which has gone wrong is not taken for one that went right.
 */

#include "app.h"

/**
 * Run --cmdline-file and then, with --interactive, what comes from standard input, until
 * quit, its end, or a signal. Forwarding may go on at the end.
 *
 * @return RX_OK; RX_USAGE a wrong command in a script, or no lcore is left to poll;
 *   RX_ENVIRONMENT the file cannot be read, or a command found something missing
 */
enum rx_exit
rx_prompt_run(struct rx_app *app, struct labyrinth_error *error);

#endif /* RX_PROMPT_H */
