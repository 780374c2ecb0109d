/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LABYRINTH_PROBE_H
#define LABYRINTH_PROBE_H

/**
 * @file
 * Static probes of user space (USDT), for bpftrace, perf and gdb: an instruction that does
 * nothing until a tracer replaces it. All are of provider "labyrinth":
 *
 *   drop       (reason, frames)             the simulated card lost frames for a
 *                                           labyrinth_reason
 *   refuse     (pool, owner, why, index)    a page was refused for a labyrinth_refusal;
 *                                           pool is its name, owner a slot
 *   watermark  (pool, mark, below, free)    the depot fell below a labyrinth_mark (below 1)
 *                                           or rose to it (0), and has so many pages now
 *
 * Without sys/sdt.h (Debian: systemtap-sdt-dev), or with meson's -Dusdt=disabled, they are
 * nothing at all. scripts/bpftrace has examples.
 */

#ifdef LABYRINTH_USDT
#include <sys/sdt.h>
#define LABYRINTH_PROBE2(name, a, b)       DTRACE_PROBE2(labyrinth, name, a, b)
#define LABYRINTH_PROBE4(name, a, b, c, d) DTRACE_PROBE4(labyrinth, name, a, b, c, d)
#else
#define LABYRINTH_PROBE2(name, a, b)       ((void)(a), (void)(b))
#define LABYRINTH_PROBE4(name, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

#endif /* LABYRINTH_PROBE_H */
