/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_DEFAULTS_H
#define LAB_DEFAULTS_H

/**
 * @file
 * EAL loads what -d names before its own drivers. Mempools know their ops by the place in
 * a table that those got as they were registered, in each process anew, so a plugin that
 * came first would move all others by one: a secondary process without it (or the only
 * one with it) would work on its primary's mempools with other functions than those that
 * made them, and crash. And were the table full, not the plugin would be left out, but
 * whichever driver comes last, be it that of the default ring.
 */

/**
 * Load EAL's own drivers now, in the order in which EAL would in a moment. Without effect
 * where EAL would not (a static build), or has done it.
 */
void
lab_load_default_drivers(void);

#endif /* LAB_DEFAULTS_H */
