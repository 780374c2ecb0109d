/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef RX_FIGURES_REGISTRY_H
#define RX_FIGURES_REGISTRY_H

/**
 * @file
 * Each figure of a run is declared once, here: the place that it belongs to, its kind, its
 * unit, its name and what it means. Text, JSON, CSV, telemetry, metrics and screen take
 * them from here, so that no figure exists in one of them only. Read only.
 *
 * A figure may be a family, with a value for each of a set of labels: frames lost by
 * reason, time below each watermark.
 *
 * Times are in nanoseconds, but for metrics, which are in seconds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where a figure belongs. X(ID, "name of one", "name of all") */
#define RX_PLACES(X)                                                                     \
	X(RUN, "run", "run")                                                             \
	X(PORT, "port", "ports")                                                         \
	X(QUEUE, "queue", "queues")                                                      \
	X(LCORE, "lcore", "lcores")                                                      \
	X(RING, "ring", "rings") /* of a pipeline, with the lcore behind it */           \
	X(POOL, "pool", "pools")                                                         \
	X(OWNER, "owner", "owners")

enum rx_place {
#define RX_PLACE_ID(id, one, all) RX_PLACE_##id,
	RX_PLACES(RX_PLACE_ID)
#undef RX_PLACE_ID
	RX_PLACE_COUNT
};

/** What one may do with the values. */
enum rx_kind {
	RX_KIND_COUNTER,    /**< only rises while a run lasts */
	RX_KIND_GAUGE,
	RX_KIND_HISTOGRAM,  /**< counts of a histogram, which only rise */
	RX_KIND_COUNT
};

/** How a value is kept. */
enum rx_form {
	RX_FORM_UINT,
	RX_FORM_INT,
	RX_FORM_REAL,
	RX_FORM_HISTOGRAM,  /**< struct labyrinth_histogram; of a gauge, of the present alone */
};

/** Sets of labels. X(ID, "key") */
#define RX_LABELS(X)                                                                     \
	X(NONE, "")                                                                      \
	X(REASON, "reason") /* enum labyrinth_reason */                                  \
	X(CLASS, "class")   /* enum labyrinth_gfp, the class */                          \
	X(REFUSAL, "why")   /* enum labyrinth_refusal, from LABYRINTH_DOUBLE_FREE on */  \
	X(MARK, "watermark") /* enum labyrinth_mark */                                   \
	X(MODE, "mode")     /* rx_modes */                                               \
	X(WAKE, "by")        /* enum rx_wake */

enum rx_label {
#define RX_LABEL_ID(id, key) RX_LABEL_##id,
	RX_LABELS(RX_LABEL_ID)
#undef RX_LABEL_ID
	RX_LABEL_COUNT
};

/** X(ID, PLACE, KIND, FORM, LABEL, "unit", "name", "sentence") */
#define RX_FIGURES(X)                                                                    \
	X(RUN_DURATION, RUN, COUNTER, UINT, NONE, "ns", "duration",                      \
		"time of polling")                                                       \
	X(RUN_OFFERED, RUN, COUNTER, UINT, NONE, "frames", "offered",                    \
		"reached the ports, as counted by them")                                 \
	X(RUN_DELIVERED, RUN, COUNTER, UINT, NONE, "frames", "delivered",                \
		"reached the application, as counted by the lcores")                     \
	X(RUN_IN_FLIGHT, RUN, GAUGE, UINT, NONE, "frames", "in_flight",                  \
		"still in the rings, neither delivered nor lost")                        \
	X(RUN_DROPS, RUN, COUNTER, UINT, REASON, "frames", "drops", "lost, by reason")   \
	X(RUN_UNACCOUNTED, RUN, GAUGE, INT, NONE, "frames", "unaccounted",               \
		"offered less what is known of; while a run lasts, frames on their way") \
	X(RUN_TX_PACKETS, RUN, COUNTER, UINT, MODE, "frames", "tx_packets",              \
		"taken by tx queues, by the forward mode that sent them")                \
	X(RUN_TX_BYTES, RUN, COUNTER, UINT, MODE, "bytes", "tx_bytes",                   \
		"in mbufs that tx queues took, without FCS, by forward mode")            \
	X(PORT_RX_PACKETS, PORT, COUNTER, UINT, NONE, "frames", "rx_packets",            \
		"received, as counted by the PMD")                                       \
	X(PORT_RX_BYTES, PORT, COUNTER, UINT, NONE, "bytes", "rx_bytes",                 \
		"in delivered mbufs, without FCS")                                       \
	X(PORT_IMISSED, PORT, COUNTER, UINT, NONE, "frames", "imissed",                  \
		"missed by the NIC, as counted by the PMD")                              \
	X(PORT_RX_ERRORS, PORT, COUNTER, UINT, NONE, "frames", "rx_errors",              \
		"erroneous, as counted by the PMD")                                      \
	X(PORT_RX_NOMBUF, PORT, COUNTER, UINT, NONE, "attempts", "rx_nombuf",            \
		"mbufs not to be had, as counted by the PMD: frames or attempts")        \
	X(PORT_OFFERED, PORT, COUNTER, UINT, NONE, "frames", "offered",                  \
		"reached the port, as counted by it")                                    \
	X(PORT_DELIVERED, PORT, COUNTER, UINT, NONE, "frames", "delivered",              \
		"reached the application, as counted by the lcores")                     \
	X(PORT_IN_FLIGHT, PORT, GAUGE, UINT, NONE, "frames", "in_flight",                \
		"still in the rings, neither delivered nor lost")                        \
	X(PORT_DROPS, PORT, COUNTER, UINT, REASON, "frames", "drops", "lost, by reason") \
	X(PORT_UNACCOUNTED, PORT, GAUGE, INT, NONE, "frames", "unaccounted",             \
		"offered less what is known of; while a run lasts, frames on their way") \
	X(PORT_TX_PACKETS, PORT, COUNTER, UINT, NONE, "frames", "tx_packets",            \
		"sent, as counted by the PMD")                                           \
	X(PORT_TX_BYTES, PORT, COUNTER, UINT, NONE, "bytes", "tx_bytes",                 \
		"in mbufs that its tx queues took, without FCS")                         \
	X(PORT_TX_DROPPED, PORT, COUNTER, UINT, NONE, "frames", "tx_dropped",            \
		"not taken by its tx queues, received or made")                          \
	X(PORT_LINK_UP, PORT, GAUGE, UINT, NONE, "links", "link_up", "1: the link is up") \
	X(PORT_LINK_CHANGES, PORT, COUNTER, UINT, NONE, "changes", "link_changes",       \
		"how often the link went down or up, as it was seen")                    \
	X(PORT_GONE, PORT, GAUGE, UINT, NONE, "ports", "gone",                           \
		"1: its card, or the interface under it, was removed")                   \
	X(QUEUE_PACKETS, QUEUE, COUNTER, UINT, NONE, "frames", "packets", "delivered")   \
	X(QUEUE_BYTES, QUEUE, COUNTER, UINT, NONE, "bytes", "bytes",                     \
		"in delivered mbufs, without FCS")                                       \
	X(QUEUE_DROPS, QUEUE, COUNTER, UINT, REASON, "frames", "drops",                  \
		"lost, by reason, as counted by the PMD")                                \
	X(QUEUE_TX_PACKETS, QUEUE, COUNTER, UINT, NONE, "frames", "tx_packets",          \
		"of it, or made for it, that a tx queue took")                           \
	X(QUEUE_TX_BYTES, QUEUE, COUNTER, UINT, NONE, "bytes", "tx_bytes",               \
		"in those, without FCS")                                                 \
	X(QUEUE_MADE, QUEUE, COUNTER, UINT, NONE, "frames", "made",                      \
		"made here (txonly, flowgen, --tx-first), not received")                 \
	X(QUEUE_UNSENT, QUEUE, COUNTER, UINT, NONE, "frames", "unsent",                  \
		"of those, not taken by the tx queue")                                   \
	X(QUEUE_STARVED, QUEUE, COUNTER, UINT, NONE, "attempts", "starved",              \
		"bursts not made for want of mbufs, not lost frames")                    \
	X(QUEUE_HELD, QUEUE, GAUGE, UINT, NONE, "frames", "held",                        \
		"kept by the application")                                               \
	X(QUEUE_BURSTS, QUEUE, COUNTER, UINT, NONE, "polls", "bursts",                   \
		"polls that brought frames")                                             \
	X(QUEUE_FREE_POLLS, QUEUE, COUNTER, UINT, NONE, "polls", "free_polls",           \
		"polls that brought none, but freed frames that fell due")               \
	X(QUEUE_IDLE_POLLS, QUEUE, COUNTER, UINT, NONE, "polls", "idle_polls",           \
		"polls that brought nothing to do")                                      \
	X(QUEUE_BUSY_CYCLES, QUEUE, COUNTER, UINT, NONE, "cycles", "busy_cycles",        \
		"TSC ticks of polls with something to do, and of that")                  \
	X(QUEUE_IDLE_CYCLES, QUEUE, COUNTER, UINT, NONE, "cycles", "idle_cycles",        \
		"TSC ticks of idle polls")                                               \
	X(QUEUE_CYCLES_PER_PACKET, QUEUE, GAUGE, REAL, NONE, "cycles",                   \
		"cycles_per_packet", "busy cycles over frames delivered")                \
	X(QUEUE_BURST_SIZE, QUEUE, HISTOGRAM, HISTOGRAM, NONE, "frames", "burst_size",   \
		"frames that a poll brought, if any")                                    \
	X(QUEUE_LATENCY, QUEUE, HISTOGRAM, HISTOGRAM, NONE, "ns", "latency",             \
		"from the arrival of a frame to its release")                            \
	X(QUEUE_HOLD_TIME, QUEUE, HISTOGRAM, HISTOGRAM, NONE, "ns", "hold_time",         \
		"for how long frames were kept that have been freed")                    \
	X(QUEUE_HELD_AGE, QUEUE, GAUGE, HISTOGRAM, NONE, "ns", "held_age",           \
		"for how long frames have been kept that are not freed")                 \
	X(LCORE_QUEUES, LCORE, GAUGE, UINT, NONE, "queues", "queues",                    \
		"rx queues that it polls")                                               \
	X(LCORE_PACKETS, LCORE, COUNTER, UINT, NONE, "frames", "packets", "delivered")   \
	X(LCORE_BUSY_POLLS, LCORE, COUNTER, UINT, NONE, "polls", "busy_polls",           \
		"polls that brought something to do")                                    \
	X(LCORE_IDLE_POLLS, LCORE, COUNTER, UINT, NONE, "polls", "idle_polls",           \
		"polls that brought nothing to do")                                      \
	X(LCORE_BUSY_CYCLES, LCORE, COUNTER, UINT, NONE, "cycles", "busy_cycles",        \
		"TSC ticks of polls with something to do, and of that")                  \
	X(LCORE_IDLE_CYCLES, LCORE, COUNTER, UINT, NONE, "cycles", "idle_cycles",        \
		"TSC ticks of idle polls")                                               \
	X(LCORE_CYCLES_PER_PACKET, LCORE, GAUGE, REAL, NONE, "cycles",                   \
		"cycles_per_packet", "busy cycles over frames delivered")                \
	X(LCORE_BURST_SIZE, LCORE, HISTOGRAM, HISTOGRAM, NONE, "frames", "burst_size",   \
		"frames that a poll brought, if any")                                    \
	X(LCORE_WAKEUPS, LCORE, COUNTER, UINT, WAKE, "sleeps", "wakeups",                \
		"sleeps, by what ended them (--rx-intr)")                                \
	X(LCORE_ASLEEP, LCORE, COUNTER, UINT, NONE, "ns", "asleep", "time asleep")       \
	X(LCORE_WAKE_COST, LCORE, HISTOGRAM, HISTOGRAM, NONE, "ns", "wake_cost",         \
		"from running again until the first frames are done with, after a sleep") \
	X(LCORE_WAKE_LATE, LCORE, HISTOGRAM, HISTOGRAM, NONE, "ns", "wake_late",         \
		"how much later than its time a sleep ended that nothing else ended")    \
	X(RING_PACKETS, RING, COUNTER, UINT, NONE, "frames", "packets",                  \
		"taken out of it by the lcore behind it")                                \
	X(RING_BYTES, RING, COUNTER, UINT, NONE, "bytes", "bytes",                       \
		"in those, without FCS")                                                 \
	X(RING_FULL, RING, COUNTER, UINT, NONE, "frames", "full",                        \
		"lost as it had no room; also in drops of the queue that had them")      \
	X(RING_WAITING, RING, GAUGE, UINT, NONE, "frames", "waiting",                    \
		"in it now")                                                             \
	X(RING_TX_PACKETS, RING, COUNTER, UINT, NONE, "frames", "tx_packets",            \
		"of it that a tx queue took")                                            \
	X(RING_TX_BYTES, RING, COUNTER, UINT, NONE, "bytes", "tx_bytes",                 \
		"in those, without FCS")                                                 \
	X(RING_TX_FULL, RING, COUNTER, UINT, NONE, "frames", "tx_full",                  \
		"lost behind it as the tx queue had no room")                            \
	X(RING_BUSY_CYCLES, RING, COUNTER, UINT, NONE, "cycles", "busy_cycles",          \
		"TSC ticks of polls of it with something to do, and of that")            \
	X(POOL_PAGES, POOL, GAUGE, UINT, NONE, "pages", "pages",                         \
		"mbufs, with a page each")                                               \
	X(POOL_PAGE_SIZE, POOL, GAUGE, UINT, NONE, "bytes", "page_size",                 \
		"of a page, or the room of an mbuf")                                     \
	X(POOL_AVAILABLE, POOL, GAUGE, UINT, NONE, "pages", "available",                 \
		"free, be it in the depot or cached by lcores")                          \
	X(POOL_FREE, POOL, GAUGE, UINT, NONE, "pages", "free", "free in the depot")      \
	X(POOL_CACHED, POOL, GAUGE, UINT, NONE, "pages", "cached",                       \
		"free, but in rows that owners hold")                                    \
	X(POOL_OWNED, POOL, GAUGE, UINT, NONE, "pages", "owned", "handed out")           \
	X(POOL_OFFERED, POOL, GAUGE, UINT, NONE, "pages", "offered",                     \
		"offered by one owner to another")                                       \
	X(POOL_OFFLINE, POOL, GAUGE, UINT, NONE, "pages", "offline", "without memory")   \
	X(POOL_LOW_WATER, POOL, GAUGE, UINT, NONE, "pages", "low_water",                 \
		"least ever left in the depot")                                          \
	X(POOL_WATERMARK, POOL, GAUGE, UINT, MARK, "pages", "watermark",                 \
		"free pages at which the pool acts")                                     \
	X(POOL_BELOW, POOL, COUNTER, UINT, MARK, "ns", "below",                          \
		"time that the depot was below the watermark")                           \
	X(POOL_FALLS, POOL, COUNTER, UINT, MARK, "falls", "falls",                       \
		"how often the depot fell below the watermark")                          \
	X(POOL_ALLOC, POOL, COUNTER, UINT, NONE, "pages", "alloc", "handed out, ever")   \
	X(POOL_RELEASED, POOL, COUNTER, UINT, NONE, "pages", "released", "freed, ever")  \
	X(POOL_TRANSFERRED, POOL, COUNTER, UINT, NONE, "pages", "transferred",           \
		"given to another owner without being free")                             \
	X(POOL_RECLAIMED, POOL, COUNTER, UINT, NONE, "pages", "reclaimed",               \
		"brought back from owners that died")                                    \
	X(POOL_ALLOC_FAIL, POOL, COUNTER, UINT, CLASS, "attempts", "alloc_fail",         \
		"failed attempts to get pages, not lost frames")                         \
	X(POOL_REFUSED, POOL, COUNTER, UINT, REFUSAL, "pages", "refused",                \
		"refused in a free or transfer, which changed nothing")                  \
	X(POOL_STRANDED, POOL, GAUGE, UINT, NONE, "pages", "stranded",                   \
		"kept by PMDs of ports that are closed, at the end")                     \
	X(POOL_LEAKED, POOL, GAUGE, UINT, NONE, "pages", "leaked",                       \
		"neither free nor held by a port, at the end")                           \
	X(OWNER_OWNED, OWNER, GAUGE, UINT, NONE, "pages", "owned",                       \
		"handed out to it and not freed")                                        \
	X(OWNER_OFFERED, OWNER, GAUGE, UINT, NONE, "pages", "offered",                   \
		"offered by it to another owner")                                        \
	X(OWNER_CACHED, OWNER, GAUGE, UINT, NONE, "pages", "cached",                     \
		"free, but in rows that it holds")                                       \
	X(OWNER_ALLOC, OWNER, COUNTER, UINT, NONE, "pages", "alloc",                     \
		"handed out to it, ever")                                                \
	X(OWNER_RELEASED, OWNER, COUNTER, UINT, NONE, "pages", "released",               \
		"freed by it, ever")                                                     \
	X(OWNER_ALLOC_FAIL, OWNER, COUNTER, UINT, NONE, "attempts", "alloc_fail",        \
		"failed attempts to get pages, not lost frames")                         \
	X(OWNER_REFUSED, OWNER, COUNTER, UINT, NONE, "pages", "refused",                 \
		"refused in a free or transfer by it")                                   \
	X(OWNER_AGE, OWNER, GAUGE, HISTOGRAM, NONE, "ns", "age",                     \
		"for how long the pages that are out have been so (--page-ages)")

enum rx_figure_id {
#define RX_FIGURE_ID(id, ...) RX_##id,
	RX_FIGURES(RX_FIGURE_ID)
#undef RX_FIGURE_ID
	RX_FIGURE_COUNT
};

/** A figure, or a family of them. */
struct rx_figure {
	enum rx_place place;
	enum rx_kind kind;
	enum rx_form form;
	enum rx_label label;
	const char *unit;
	const char *name;
	const char *sentence;
};

/** All of them, by rx_figure_id; those of one place stand together. */
extern const struct rx_figure rx_figures[RX_FIGURE_COUNT];

/** "port", or "ports". */
const char *
rx_place_name(enum rx_place place);
const char *
rx_places_name(enum rx_place place);

/** "counter", "gauge", "histogram". */
const char *
rx_kind_name(enum rx_kind kind);

/** Key of a set of labels, "" of RX_LABEL_NONE. */
const char *
rx_label_key(enum rx_label label);

/** Values of a set of labels, 1 of RX_LABEL_NONE. */
uint32_t
rx_label_values(enum rx_label label);

/** The @p i-th of them, "" of RX_LABEL_NONE. */
const char *
rx_label_value(enum rx_label label, uint32_t i);

/** Values that a place has in all, and where among them those of a figure begin. */
uint32_t
rx_place_cells(enum rx_place place);
uint32_t
rx_figure_cell(enum rx_figure_id id);

/** First figure of a place; those of the next follow. RX_PLACE_COUNT: RX_FIGURE_COUNT. */
enum rx_figure_id
rx_place_first(enum rx_place place);

/**
 * Bounds of a histogram as metrics have it, each the end of buckets of the finer one.
 * @return the @p i-th, UINT64_MAX when there are no more
 */
uint64_t
rx_figure_bound(enum rx_figure_id id, uint32_t i);

#endif /* RX_FIGURES_REGISTRY_H */
