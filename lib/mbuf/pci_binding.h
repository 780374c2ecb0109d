/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Labyrinth authors
 */
#ifndef LAB_PCI_BINDING_H
#define LAB_PCI_BINDING_H

/**
 * @file
 * Which driver of the kernel a PCI device is bound to; DPDK keeps it to itself.
 */

#include <stdbool.h>

/** Whether the device at @p address ("0000:3b:00.0") is bound to a VFIO driver. */
bool
lab_pci_bound_to_vfio(const char *address);

#endif /* LAB_PCI_BINDING_H */
