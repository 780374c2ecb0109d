/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#include <stdlib.h>

#include "rxq_map.h"

/* A number of at most 16 bits that ends with @p end. @return what follows, or NULL */
static const char *
read_number(const char *text, char end, uint16_t *number)
{
	char *after;
	unsigned long n;

	if (text == NULL || *text < '0' || *text > '9')
		return NULL;
	n = strtoul(text, &after, 10);
	if (n > UINT16_MAX || *after != end)
		return NULL;
	*number = (uint16_t)n;
	return after + 1;
}

static const char *
read_place(const char *text, struct rx_rxq_place *place)
{
	if (*text != '(')
		return NULL;
	text = read_number(text + 1, ',', &place->port);
	text = read_number(text, ',', &place->queue);
	return read_number(text, ')', &place->lcore);
}

enum rx_exit
rx_rxq_map_parse(const char *text, struct rx_rxq_map *map, struct labyrinth_error *error)
{
	const char *at = text;
	struct rx_rxq_place *place;

	map->n = 0;
	do {
		if (map->n == RX_RXQ_MAP_MAX)
			return labyrinth_fail(error, RX_USAGE,
				"--rxq-map: more than %u queues", RX_RXQ_MAP_MAX);
		place = &map->places[map->n];
		at = read_place(at, place);
		if (at == NULL)
			return labyrinth_fail(error, RX_USAGE,
				"--rxq-map '%.60s': write it as "
				"\"(port,queue,lcore),(port,queue,lcore)\"",
				text);
		if (rx_rxq_map_lcore(map, place->port, place->queue) >= 0)
			return labyrinth_fail(error, RX_USAGE,
				"--rxq-map: port %u queue %u has two lcores, give it one",
				place->port, place->queue);
		map->n++;
	} while (*at++ == ',');
	if (at[-1] == '\0')
		return RX_OK;
	return labyrinth_fail(error, RX_USAGE,
		"--rxq-map: '%.20s' after the last bracket", at - 1);
}

int
rx_rxq_map_lcore(const struct rx_rxq_map *map, uint16_t port, uint16_t queue)
{
	for (uint16_t i = 0; i < map->n; i++) {
		if (map->places[i].port == port && map->places[i].queue == queue)
			return map->places[i].lcore;
	}
	return -1;
}
