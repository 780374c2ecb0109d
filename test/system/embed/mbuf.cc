// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026, the Labyrinth authors

// A C++ program with the mbufs of liblabyrinth-dpdk.
#include <cstdio>

#include <rte_eal.h>
#include <rte_mbuf.h>

#include <labyrinth_mbuf.h>
#include <labyrinth_mempool.h>

int
main(int argc, char **argv)
{
	labyrinth_mbuf_config config = {};
	rte_mempool *pool = nullptr;
	labyrinth_error error;

	config.name = "pages";
	config.pages = 256;
	config.socket_id = SOCKET_ID_ANY;
	config.backing = LABYRINTH_BACKING_PLAIN;
	if (rte_eal_init(argc, argv) < 0 ||
			labyrinth_mbuf_pool_create(&config, &pool, &error) != 0) {
		std::fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	rte_mbuf *m = rte_pktmbuf_alloc(pool);
	std::printf("room %u\n", m->buf_len);
	rte_pktmbuf_free(m);
	return labyrinth_mbuf_pool_destroy(pool, &error) == 0 ? 0 : 1;
}
