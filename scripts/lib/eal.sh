# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# EAL arguments that touch no card of the machine and leave no files.
# Needs say.sh and hugepages.sh.

# eal_memory PREFIX MIB: fill the array EAL for a program that needs MIB of memory.
# shellcheck disable=SC2034 # EAL is the result
eal_memory() {
	EAL=(--no-pci --no-telemetry --file-prefix "$1")
	if (($(huge_free 2048) >= ($2 + 1) / 2)); then
		EAL+=(--in-memory)
		return
	fi
	# --in-memory cannot be had together with --no-huge.
	EAL+=(--no-huge -m "$2" --no-shconf)
	warn "NO HUGEPAGES for $2 MiB: plain 4 KiB pages, slower by TLB misses;" \
		"fix: scripts/setup.sh config"
}
