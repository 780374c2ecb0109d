/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>

#include "net_labyrinth.h"

static enum labyrinth_rss_fields
fields_of(uint64_t rss_hf)
{
	if (rss_hf & RTE_ETH_RSS_NONFRAG_IPV4_UDP)
		return LABYRINTH_RSS_IPV4_UDP;
	if (rss_hf & RTE_ETH_RSS_IPV4)
		return LABYRINTH_RSS_IPV4;
	return LABYRINTH_RSS_NONE;
}

static int
set_rss(struct rte_eth_dev *dev, const struct labyrinth_rss *rss)
{
	struct labyrinth_error error;
	int ret = labyrinth_nic_set_rss(lab_port_of(dev)->nic, rss, &error);

	return lab_refused(ret, &error);
}

/* Hash functions and, if there is one, the key of @p conf; the table stays. */
static int
set_hash(struct rte_eth_dev *dev, const struct rte_eth_rss_conf *conf)
{
	struct lab_port *port = lab_port_of(dev);
	struct labyrinth_rss rss;
	int ret;

	labyrinth_nic_rss(port->nic, &rss);
	rss.fields = fields_of(conf->rss_hf);
	if (conf->rss_key != NULL) {
		if (conf->rss_key_len != LABYRINTH_RSS_KEY_SIZE) {
			LAB_NET_LOG(ERR, dev->data->name,
				"an RSS key of %u bytes: give %u", conf->rss_key_len,
				LABYRINTH_RSS_KEY_SIZE);
			return -EINVAL;
		}
		memcpy(rss.key, conf->rss_key, sizeof(rss.key));
	}
	ret = set_rss(dev, &rss);
	if (ret == 0)
		port->rss_hf = conf->rss_hf;
	return ret;
}

int
lab_rss_configure(struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	const struct rte_eth_rss_conf none = { 0 };

	if (conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG)
		return set_hash(dev, &conf->rx_adv_conf.rss_conf);
	return set_hash(dev, &none);
}

int
lab_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	return set_hash(dev, conf);
}

int
lab_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct lab_port *port = lab_port_of(dev);
	struct labyrinth_rss rss;

	labyrinth_nic_rss(port->nic, &rss);
	conf->rss_hf = port->rss_hf;
	if (conf->rss_key != NULL && conf->rss_key_len >= sizeof(rss.key)) {
		memcpy(conf->rss_key, rss.key, sizeof(rss.key));
		conf->rss_key_len = sizeof(rss.key);
	}
	return 0;
}

/* ethdev has checked the size of the table and the queues in it. */
int
lab_reta_update(
	struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t size)
{
	struct labyrinth_rss rss;

	labyrinth_nic_rss(lab_port_of(dev)->nic, &rss);
	for (uint16_t i = 0; i < size; i++) {
		const struct rte_eth_rss_reta_entry64 *group =
			&reta[i / RTE_ETH_RETA_GROUP_SIZE];
		uint16_t k = i % RTE_ETH_RETA_GROUP_SIZE;

		if (group->mask >> k & 1)
			rss.reta[i] = group->reta[k];
	}
	return set_rss(dev, &rss);
}

int
lab_reta_query(
	struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t size)
{
	struct labyrinth_rss rss;

	labyrinth_nic_rss(lab_port_of(dev)->nic, &rss);
	for (uint16_t i = 0; i < size; i++) {
		struct rte_eth_rss_reta_entry64 *group =
			&reta[i / RTE_ETH_RETA_GROUP_SIZE];
		uint16_t k = i % RTE_ETH_RETA_GROUP_SIZE;

		if (group->mask >> k & 1)
			group->reta[k] = rss.reta[i];
	}
	return 0;
}
