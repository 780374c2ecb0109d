# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Borrow hugepages for the time of a script. Needs say.sh and HERE, the scripts folder.
# The state file is the script's own: a setup.sh config that the user made stays.

# machine_begin PAGES: that many free 2 MiB pages, or go on without and say so.
machine_begin() {
	MACHINE_STATE=/run/labyrinth/${PROGRAM%.sh}-$$.state
	trap machine_end EXIT
	"$HERE/setup.sh" config --pages-2m "$1" --state "$MACHINE_STATE" && return
	warn "GOING ON WITHOUT HUGEPAGES: plain 4 KiB pages, slower by TLB misses"
}

# machine_end: as it was before; may be called twice.
machine_end() {
	[[ ! -e ${MACHINE_STATE-} ]] || "$HERE/setup.sh" reset --state "$MACHINE_STATE"
}
