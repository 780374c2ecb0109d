/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include "port.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "labyrinth_mbuf.h"
#include "labyrinth_pool.h"

/* 2 MiB pages that EAL and a pool of the tests need at most. */
#define HUGEPAGES_NEEDED 64

static long
hugepages_free(void)
{
	FILE *file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	long pages = 0;

	if (file != NULL) {
		if (fscanf(file, "%ld", &pages) != 1)
			pages = 0;
		fclose(file);
	}
	return pages;
}

/* Two lcores share a CPU, so that a machine with one CPU can run the tests too. */
int
eal_begin(void)
{
	static char prefix[32];
	char *huge[] = { "test", "--no-pci", "--no-telemetry", "--lcores", "0@0,1@0",
		"--file-prefix", prefix, "--in-memory" };
	char *plain[] = { "test", "--no-pci", "--no-telemetry", "--lcores", "0@0,1@0",
		"--file-prefix", prefix, "--no-huge", "-m", "128", "--no-shconf" };

	snprintf(prefix, sizeof(prefix), "labyrinth-test-%d", (int)getpid());
	if (hugepages_free() >= HUGEPAGES_NEEDED)
		return rte_eal_init(RTE_DIM(huge), huge) < 0 ? -1 : 0;
	printf("no hugepages (%ld free, %d needed): plain pages\n", hugepages_free(),
		HUGEPAGES_NEEDED);
	return rte_eal_init(RTE_DIM(plain), plain) < 0 ? -1 : 0;
}

/* rmdir() takes only the empty folder that EAL leaves of its run. */
void
eal_end(void)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", rte_eal_get_runtime_dir());
	rte_eal_cleanup();
	rmdir(folder);
}

struct rte_mempool *
pool_begin(uint32_t pages, uint32_t cache)
{
	struct labyrinth_mbuf_config config = {
		.name = "test_pages",
		.pages = pages,
		.cache = cache,
		.socket_id = SOCKET_ID_ANY,
		.backing = LABYRINTH_BACKING_AUTO,
		.watermarks = { .min = LABYRINTH_NO_RESERVE },
	};
	struct labyrinth_error error = { "" };
	struct rte_mempool *pool = NULL;

	if (labyrinth_mbuf_pool_create(&config, &pool, &error) != 0)
		fail_msg("no pool: %s", error.text);
	assert_non_null(pool);
	assert_int_equal(rte_mempool_avail_count(pool), pages);
	return pool;
}

void
pool_end(struct rte_mempool *pool)
{
	struct labyrinth_error error = { "" };
	struct labyrinth_pool *pages = labyrinth_mbuf_pool_pages(pool);
	struct labyrinth_pool_stats stats;

	assert_non_null(pages);
	assert_int_equal(rte_mempool_avail_count(pool), pool->size);
	labyrinth_pool_stats(pages, &stats);
	assert_int_equal(stats.owned, 0);
	assert_int_equal(stats.offered, 0);
	assert_int_equal(stats.free + stats.cached, pool->size);
	assert_int_equal(stats.alloc, stats.released);
	for (int kind = 0; kind < LABYRINTH_REFUSAL_KINDS; kind++)
		assert_int_equal(stats.refused[kind], 0);
	if (labyrinth_pool_validate(pages, &error) != 0)
		fail_msg("pool is broken: %s", error.text);
	if (labyrinth_mbuf_pool_destroy(pool, &error) != 0)
		fail_msg("pool is not destroyed: %s", error.text);
}

uint16_t
port_begin(const char *name, const char *args, struct rte_mempool *pool)
{
	struct rte_eth_conf config = { 0 };
	uint16_t port;

	assert_int_equal(rte_eal_hotplug_add("vdev", name, args), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name(name, &port), 0);
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &config), 0);
	assert_int_equal(
		rte_eth_rx_queue_setup(port, 0, 256, SOCKET_ID_ANY, NULL, pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, 256, SOCKET_ID_ANY, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	return port;
}

void
port_end(uint16_t port)
{
	struct rte_eth_dev_info info;
	struct rte_device *device;

	assert_int_equal(rte_eth_dev_info_get(port, &info), 0);
	device = info.device;
	assert_int_equal(rte_eth_dev_stop(port), 0);
	assert_int_equal(rte_eth_dev_close(port), 0);
	assert_int_equal(rte_dev_remove(device), 0);
}
