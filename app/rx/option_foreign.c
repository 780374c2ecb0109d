/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <string.h>

#include "option_table.h"

#define ALWAYS  "it is always counted here"
#define MEMORY  "the pool is one, where EAL has its lcores"
#define NOTHING "there is nothing of the kind here to be switched"

/* clang-format off */
const struct rx_foreign_option rx_foreign_options[] = {
	{ "record-core-cycles", false, ALWAYS },
	{ "record-burst-stats", false, ALWAYS },
	{ "numa", false, MEMORY },
	{ "no-numa", false, MEMORY },
	{ "port-numa-config", true, MEMORY },
	{ "ring-numa-config", true, MEMORY },
	{ "socket-num", true, MEMORY },
	{ "mlockall", false, "hugepages are never swapped" },
	{ "no-mlockall", false, "nothing is locked" },
	{ "no-iova-contig", false, MEMORY },
	{ "no-flush-rx", false, "rx queues are never flushed" },
	{ "no-lsc-interrupt", false, NOTHING },
	{ "no-rmv-interrupt", false, NOTHING },
	{ "disable-link-check", false, "links are not waited for" },
	{ "print-event", true, "no events are printed" },
	{ "mask-event", true, "no events are printed" },
	{ "bitrate-stats", true, "--stats-period shows rates" },
	{ "num-procs", true, NULL },
	{ "proc-id", true, NULL },
	{ "nb-ports", true, NULL },
	{ "coremask", true, NULL },
	{ "mbuf-size", true, NULL },
	{ "max-lro-pkt-size", true, NULL },
	{ "eth-peers-configfile", true, NULL },
	{ "disable-crc-strip", false, NULL },
	{ "enable-lro", false, NULL },
	{ "enable-rx-cksum", false, NULL },
	{ "enable-rx-timestamp", false, NULL },
	{ "enable-hw-vlan", false, NULL },
	{ "enable-hw-vlan-filter", false, NULL },
	{ "enable-hw-vlan-strip", false, NULL },
	{ "enable-hw-vlan-extend", false, NULL },
	{ "enable-hw-qinq-strip", false, NULL },
	{ "enable-drop-en", false, NULL },
	{ "rss-ip", false, NULL },
	{ "rss-udp", false, NULL },
	{ "rss-level-inner", false, NULL },
	{ "rss-level-outer", false, NULL },
	{ "hairpinq", true, NULL },
	{ "hairpin-mode", true, NULL },
	{ "rxpt", true, NULL },
	{ "rxht", true, NULL },
	{ "rxwt", true, NULL },
	{ "rxfreet", true, NULL },
	{ "txpt", true, NULL },
	{ "txht", true, NULL },
	{ "txwt", true, NULL },
	{ "txfreet", true, NULL },
	{ "txrst", true, NULL },
	{ "rxoffs", true, NULL },
	{ "rxpkts", true, NULL },
	{ "rxhdrs", true, NULL },
	{ "multi-rx-mempool", false, NULL },
	{ "eth-link-speed", true, NULL },
	{ "rxq-share", true, NULL },
	{ "disable-device-start", false, NULL },
	{ "latencystats", true, NULL },
	{ "flow-isolate-all", false, NULL },
	{ "tx-offloads", true, NULL },
	{ "rx-offloads", true, NULL },
	{ "hot-plug", false, NULL },
	{ "vxlan-gpe-port", true, NULL },
	{ "geneve-parsed-port", true, NULL },
	{ "mp-alloc", true, NULL },
	{ "rx-mq-mode", true, NULL },
	{ "noisy-forward-mode", true, NULL },
	{ NULL, false, NULL },
};
/* clang-format on */

const struct rx_foreign_option *
rx_foreign_option_find(const char *name, size_t length)
{
	for (const struct rx_foreign_option *o = rx_foreign_options; o->name != NULL; o++) {
		if (strlen(o->name) == length && strncmp(o->name, name, length) == 0)
			return o;
	}
	return NULL;
}
