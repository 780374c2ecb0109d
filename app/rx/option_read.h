/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_OPTION_READ_H
#define RX_OPTION_READ_H

/**
 * @file
 * Readers of the values that are more than a number, for option_table.c. Each returns
 * RX_OK, or RX_USAGE with the reason and what to write instead. Any thread.
 */

#include "options.h"

enum rx_exit
rx_read_mode(const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_pipeline_mode(
	const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_portlist(
	const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_topology(
	const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_peer(const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_policy(
	const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_map(const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_ip(const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_udp(const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_pool(const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_json(const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_json_lines(
	const char *text, struct rx_options *options, struct labyrinth_error *error);

enum rx_exit
rx_read_csv(const char *text, struct rx_options *options, struct labyrinth_error *error);

#endif /* RX_OPTION_READ_H */
