/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stddef.h>
#include <string.h>

#include "drivers.h"

/* clang-format off */
static const struct rx_driver drivers[] = {
	{ "net_null", "simulated", .counts_by_queue = true, .nombuf_unknown = true },
	{ "net_labyrinth", "simulated-wire", .nombuf_is_lost = true, .posts_mbufs = true,
		.wire = true },
	{ "net_pcap", "pcap", .nombuf_is_lost = true, .counts_by_queue = true },
	{ "net_tap", "tap", .nombuf_is_lost = true, .counts_by_queue = true,
		.posts_mbufs = true, .imissed_unknown = true },
	{ "net_tun", "tap", .nombuf_is_lost = true, .counts_by_queue = true,
		.posts_mbufs = true, .imissed_unknown = true },
	{ "net_af_packet", "packet-socket", .counts_by_queue = true,
		.nombuf_unknown = true, .imissed_unknown = true },
	{ "net_af_xdp", "packet-socket", .counts_by_queue = true, .posts_mbufs = true,
		.nombuf_unknown = true, .imissed_unknown = true, .data_in_mbufs = true,
		.strands_posted = true },
	{ "net_ring", "ring", .counts_by_queue = true, .foreign_mbufs = true,
		.strands_frames = true },
	{ "net_memif", "memif", .counts_by_queue = true, .nombuf_unknown = true,
		.imissed_unknown = true, .bad_argument = "zero-copy=yes" },
	{ "net_vhost", "vhost", .counts_by_queue = true, .nombuf_unknown = true,
		.imissed_unknown = true },
	{ "net_virtio", "virtio", .posts_mbufs = true, .imissed_unknown = true },
	{ "net_virtio_user", "virtio", .posts_mbufs = true, .imissed_unknown = true,
		.shares_memory = true },
	{ "net_netvsc", "netvsc", .nombuf_is_lost = true, .foreign_mbufs = true },
	/* Last: any other. */
	{ NULL, "nic", .posts_mbufs = true, .hardware = true },
};
/* clang-format on */

const struct rx_driver *
rx_driver_find(const char *name)
{
	const struct rx_driver *d = drivers;

	while (d->name != NULL && (name == NULL || strcmp(d->name, name) != 0))
		d++;
	return d;
}
