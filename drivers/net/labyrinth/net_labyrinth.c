/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_mbuf_ptype.h>

#include <bus_vdev_driver.h>
#include <ethdev_driver.h>
#include <ethdev_vdev.h>

#include "labyrinth_net.h"
#include "net_labyrinth.h"

RTE_LOG_REGISTER_DEFAULT(lab_net_logtype, NOTICE);

static const uint32_t *
supported_ptypes(LABYRINTH_PTYPES_PARAMS(dev, n))
{
	static const uint32_t types[] = { RTE_PTYPE_L2_ETHER, RTE_PTYPE_L3_IPV4,
		RTE_PTYPE_L4_UDP, RTE_PTYPE_UNKNOWN };

	RTE_SET_USED(dev);
	LABYRINTH_PTYPES_COUNT(n, RTE_DIM(types) - 1);
	return types;
}

static const struct eth_dev_ops ops = {
	.dev_configure = lab_dev_configure,
	.dev_start = lab_dev_start,
	.dev_stop = lab_dev_stop,
	.dev_close = lab_dev_close,
	.dev_infos_get = lab_dev_info,
	.dev_set_link_up = lab_dev_set_link_up,
	.dev_set_link_down = lab_dev_set_link_down,
	.link_update = lab_link_update,
	.mtu_set = lab_mtu_set,
	.mac_addr_set = lab_mac_addr_set,
	.promiscuous_enable = lab_accept_more,
	.promiscuous_disable = lab_accept_more,
	.allmulticast_enable = lab_accept_more,
	.allmulticast_disable = lab_accept_more,
	.dev_supported_ptypes_get = supported_ptypes,
	.dev_ptypes_set = lab_ptypes_set,
	.read_clock = lab_read_clock,
	.rx_queue_setup = lab_rx_queue_setup,
	.tx_queue_setup = lab_tx_queue_setup,
	.rx_queue_release = lab_rx_queue_release,
	.tx_queue_release = lab_tx_queue_release,
	.rxq_info_get = lab_rxq_info,
	.txq_info_get = lab_txq_info,
	.rx_burst_mode_get = lab_burst_mode,
	.tx_burst_mode_get = lab_burst_mode,
	.tx_done_cleanup = lab_tx_done_cleanup,
	.reta_update = lab_reta_update,
	.reta_query = lab_reta_query,
	.rss_hash_update = lab_rss_hash_update,
	.rss_hash_conf_get = lab_rss_hash_conf_get,
	.stats_get = lab_stats_get,
	.stats_reset = lab_stats_reset,
	.xstats_get = lab_xstats_get,
	.xstats_get_names = lab_xstats_names,
	.xstats_reset = lab_stats_reset,
};

static struct lab_port *
port_of_ours(uint16_t id)
{
	if (!rte_eth_dev_is_valid_port(id) || rte_eth_devices[id].dev_ops != &ops)
		return NULL;
	return lab_port_of(&rte_eth_devices[id]);
}

int
labyrinth_net_set_policy(uint16_t id, enum labyrinth_rx_policy policy)
{
	struct lab_port *port = port_of_ours(id);
	struct labyrinth_error error;

	if (port == NULL || port->nic == NULL)
		return -ENODEV;
	return lab_refused(labyrinth_nic_set_policy(port->nic, policy, &error), &error);
}

int
labyrinth_net_policy(uint16_t id)
{
	const struct lab_port *port = port_of_ours(id);

	if (port == NULL || port->nic == NULL)
		return -ENODEV;
	return (int)labyrinth_nic_config(port->nic)->policy;
}

/*
 * Locally administered; the port's number tells several cards of a process apart. In memory
 * of its own, which ethdev frees with the port: telemetry asks for it until then.
 */
static struct rte_ether_addr *
choose_mac(uint16_t id)
{
	static const uint8_t mac[RTE_ETHER_ADDR_LEN] = { 0x02, 'L', 'a', 'b' };
	struct rte_ether_addr *made = rte_malloc("lab_mac", sizeof(*made), 0);

	if (made == NULL)
		return NULL;
	memcpy(made->addr_bytes, mac, sizeof(mac));
	made->addr_bytes[4] = (uint8_t)(id >> 8);
	made->addr_bytes[5] = (uint8_t)id;
	return made;
}

static int
create_card(struct rte_eth_dev *dev, struct lab_devargs *args)
{
	struct lab_port *port = lab_port_of(dev);
	struct labyrinth_error error;

	pthread_mutex_init(&port->lock, NULL);
	port->max_rxq = args->rxq;
	port->max_txq = args->txq;
	port->ptypes = LAB_PTYPE;
	dev->data->mac_addrs = choose_mac(dev->data->port_id);
	if (dev->data->mac_addrs == NULL)
		return -ENOMEM;
	memcpy(args->config.mac, dev->data->mac_addrs->addr_bytes, sizeof(args->config.mac));
	return lab_refused(
		labyrinth_nic_create(&args->config, &port->nic, &error), &error);
}

static int
create(struct rte_vdev_device *vdev, struct lab_devargs *args)
{
	struct rte_eth_dev *dev = rte_eth_vdev_allocate(vdev, sizeof(struct lab_port));
	int ret;

	if (dev == NULL) {
		LAB_NET_LOG(ERR, rte_vdev_device_name(vdev),
			"no room for another port of %d: use fewer", RTE_MAX_ETHPORTS);
		return -ENOMEM;
	}
	ret = create_card(dev, args);
	if (ret != 0) {
		rte_eth_dev_release_port(dev);
		return ret;
	}
	dev->data->promiscuous = 0;
	dev->data->dev_flags |= RTE_ETH_DEV_NOLIVE_MAC_ADDR;
	dev->dev_ops = &ops;
	dev->rx_queue_count = lab_rx_queue_count;
	dev->rx_descriptor_status = lab_rx_descriptor_status;
	dev->tx_descriptor_status = lab_tx_descriptor_status;
	dev->tx_pkt_burst = lab_tx_burst;
	dev->rx_pkt_burst = lab_rx_burst_function(dev);
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static int
probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	struct labyrinth_error error;
	struct lab_devargs args;
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		LAB_NET_LOG(ERR, name, "%s",
			"is for the primary process only, its wire and rings are not "
			"shared: start this process without --proc-type=secondary");
		return -ENOTSUP;
	}
	ret = lab_devargs_parse(rte_vdev_device_args(vdev), &args, &error);
	if (ret != 0) {
		LAB_NET_LOG(ERR, name, "%s", error.text);
		return ret;
	}
	args.config.name = name;
	args.config.tsc_hz = rte_get_tsc_hz();
	return create(vdev, &args);
}

static int
forget(struct rte_vdev_device *vdev)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(rte_vdev_device_name(vdev));

	if (dev == NULL)
		return 0; /* closed before */
	lab_dev_close(dev);
	return rte_eth_dev_release_port(dev);
}

static struct rte_vdev_driver driver = {
	.probe = probe,
	.remove = forget,
};

RTE_PMD_REGISTER_VDEV(net_labyrinth, driver);
RTE_PMD_REGISTER_PARAM_STRING(net_labyrinth, LAB_DEVARGS_USAGE);
