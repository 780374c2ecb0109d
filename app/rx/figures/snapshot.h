/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_SNAPSHOT_H
#define RX_FIGURES_SNAPSHOT_H

/**
 * @file
 * All figures at one moment: a row for each port, queue, lcore, pool and owner, with a
 * cell for each value that its place has in the registry. Filled once, then only read, by
 * any number of threads; every writer of text, JSON, metrics walks through it.
 *
 * While lcores work, figures that are read one after the other do not belong to the same
 * nanosecond. Each is a little behind; none is torn.
 */

#include "figures/registry.h"
#include "labyrinth_histogram.h"
#include "plan.h"
#include "port.h"

/** Whether a value is known. */
enum rx_known {
	RX_NONE,     /**< nobody asked for it, or there is no such thing here */
	RX_KNOWN,
	RX_UNKNOWN,  /**< it exists, but the PMD does not count it: never taken for 0 */
};

/** What is written for RX_UNKNOWN, in all formats that have words. */
#define RX_UNKNOWN_WORD "unknown"

/** A value, by the form of its figure. */
struct rx_value {
	enum rx_known known;
	union {
		uint64_t n;
		int64_t i;
		double x;
		const struct labyrinth_histogram *h;
	};
};

/** A port, queue, lcore, pool or owner. */
struct rx_row {
	enum rx_place place;
	/** "" of the run; "0" of a port or lcore; "0.1" of queue 1 of port 0; else a name. */
	char name[RTE_MEMPOOL_NAMESIZE];
	/** RTE_MAX_ETHPORTS, -1 and -1 where they mean nothing. */
	uint16_t port;
	int queue, lcore;
	struct rx_value *cell;
};

struct rx_snapshot {
	uint64_t tsc;       /**< when */
	double seconds;     /**< since the run began */
	uint32_t nb_rows;   /**< in the order of enum rx_place */
	struct rx_row *row;
};

/** What snapshots are taken of. */
struct rx_scene {
	struct rx_plan *plan;
	struct rx_port *ports;
	uint16_t nb_ports;
	const struct rte_mempool *pool;
	bool ages;          /**< the pool notes when pages are handed out */
	uint64_t start;     /**< TSC at which polling began, 0: nobody polls */
	uint64_t elapsed;   /**< ticks of polling before */
	/** A wire's counters of queues: id of the xstat of each reason, by port, queue. */
	uint64_t *wire_ids[RTE_MAX_ETHPORTS];
};

/**
 * Get ready: look up what is slow to find. Ports are set up.
 * @return RX_OK; RX_ENVIRONMENT out of memory
 */
enum rx_exit
rx_scene_make(struct rx_scene *scene, struct labyrinth_error *error);

/** Give its memory back, not what it looks at. */
void
rx_scene_free(struct rx_scene *scene);

/**
 * Take a snapshot, of open ports and of the pool as it is. Any one thread at a time, and
 * nobody may start, stop or close ports meanwhile.
 *
 * @return NULL when out of memory
 */
struct rx_snapshot *
rx_snapshot_take(const struct rx_scene *scene);

/**
 * The pool and its owners anew, with all ports closed: then what is not free has leaked, or
 * is kept by their PMDs.
 * No earlier values of them are left.
 */
void
rx_snapshot_settle(struct rx_snapshot *snapshot, const struct rx_scene *scene);

/** May be NULL. */
void
rx_snapshot_free(struct rx_snapshot *snapshot);

/** The value of a figure in a row of its place; @p label 0 unless it is a family. */
static inline struct rx_value *
rx_cell(const struct rx_row *row, enum rx_figure_id id, uint32_t label)
{
	return &row->cell[rx_figure_cell(id) + label];
}

/** The @p i-th row of a place, NULL when there are no more. */
const struct rx_row *
rx_snapshot_row(const struct rx_snapshot *snapshot, enum rx_place place, uint32_t i);

/** The row of a place with that name, NULL when there is none. */
const struct rx_row *
rx_snapshot_find(const struct rx_snapshot *snapshot, enum rx_place place, const char *name);

/** Number of a UINT cell, 0 when it is not known. */
uint64_t
rx_number(const struct rx_row *row, enum rx_figure_id id, uint32_t label);

#endif /* RX_FIGURES_SNAPSHOT_H */
