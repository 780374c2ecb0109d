/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */

/*
 * A plugin that does what a faulty one would: an rx callback keeps frames for ever. Asked by
 * telemetry, of port 0 queue 0:
 *
 *   /keep/references,N  the next N frames are received as always, and a reference is kept
 *   /keep/frames,N      the next N frames are taken out of their bursts
 *   /keep/count         how many are kept so far
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_telemetry.h>

/* seq_cst, all: nothing here is about speed */
static atomic_uint wanted, count;
static atomic_bool whole;

static uint16_t
keep(uint16_t port, uint16_t queue, struct rte_mbuf *mbufs[], uint16_t n, uint16_t most,
	void *arg)
{
	unsigned int k = RTE_MIN(atomic_load(&wanted), (unsigned int)n);

	RTE_SET_USED(port);
	RTE_SET_USED(queue);
	RTE_SET_USED(most);
	RTE_SET_USED(arg);
	if (k == 0)
		return n;
	atomic_fetch_sub(&wanted, k);
	atomic_fetch_add(&count, k);
	if (atomic_load(&whole)) {
		memmove(mbufs, mbufs + k, (n - k) * sizeof(mbufs[0]));
		return (uint16_t)(n - k);
	}
	for (unsigned int i = 0; i < k; i++)
		rte_mbuf_refcnt_update(mbufs[i], 1);
	return n;
}

static int
begin(const char *command, const char *parameters, struct rte_tel_data *data)
{
	static const struct rte_eth_rxtx_callback *callback;

	if (parameters == NULL)
		return -EINVAL;
	atomic_store(&whole, strcmp(command, "/keep/frames") == 0);
	atomic_store(&wanted, (unsigned int)strtoul(parameters, NULL, 10));
	if (callback == NULL)
		callback = rte_eth_add_rx_callback(0, 0, keep, NULL);
	rte_tel_data_string(data, callback == NULL ? "no" : "yes");
	return 0;
}

static int
tell(const char *command, const char *parameters, struct rte_tel_data *data)
{
	RTE_SET_USED(command);
	RTE_SET_USED(parameters);
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_int(data, "kept", (int)atomic_load(&count));
	return 0;
}

RTE_INIT(keep_init)
{
	rte_telemetry_register_cmd("/keep/references", begin, "Parameters: N");
	rte_telemetry_register_cmd("/keep/frames", begin, "Parameters: N");
	rte_telemetry_register_cmd("/keep/count", tell, "How many are kept");
}
