#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A pool that a DPDK primary and its secondaries share: secondaries are killed at random,
# the primary is killed, others look on or ask for what must be refused.
# Arguments: the program for the library, the scripts folder, the plugin, the program for
# the plugin, liblabyrinth-dpdk.so.
set -euo pipefail
DRIVER=$(dirname "${BASH_SOURCE[0]}")/../driver
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$DRIVER/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/plugin.sh
. "$DRIVER/plugin.sh"

PROGRAM_PLUGIN=$4
LIBRARY=$5
# secondaries that are killed, and how many of them are not forked; half for the plugin
FORKED=${LABYRINTH_KILLS:-960}
REAL=${LABYRINTH_REAL_KILLS:-40}

say_case() {
	echo "== $*"
}

# with KIND: the arguments of EAL for a primary and a secondary of that kind.
with() {
	local common=(--no-pci --no-telemetry --file-prefix "$PREFIX" --huge-unlink=never -m 64
		--socket-limit 128 --log-level=5)
	[[ $1 == library ]] || common+=("${ON_PLUGIN[@]}")
	export LABYRINTH_PLUGIN=$PLUGIN
	PRIMARY=("${common[@]}" -l 0 --vdev net_null0)
	SECONDARY=("${common[@]}" -l 1 --proc-type secondary)
}

test_kills() {
	say_case "$1: $FORKED forked and $REAL other secondaries are killed"
	plugin_run kills "${PRIMARY[@]}" -- primary "$1" "$FORKED" "$REAL" "${SECONDARY[@]}"
	plugin_expect_code kills 0
	plugin_expect kills "^killed $((FORKED + REAL)), $REAL of them processes"
	grep '^killed' "$WORK/kills.out"
	plugin_expect kills '^stopped one: not dead, and not in the way$'
}

test_look() {
	say_case "$1: others look at it"
	plugin_start host "${PRIMARY[@]}" -- host "$1"
	plugin_run look "${SECONDARY[@]}" -- look "$1"
	plugin_expect_code look 0
	plugin_expect look '^process 1 sees 1999 of 2000 free$'
	local driver=$PLUGIN
	[[ $1 != library ]] || driver=$SAFE/${LIBRARY##*/}
	RX=dpdk-proc-info plugin_run info --no-pci --file-prefix "$PREFIX" -d "$driver" -- \
		--show-mempool=pool
	plugin_expect info 'ops_name labyrinth'
	plugin_expect info 'avail \(1999\), in use \(1\)'
	say_case "$1: what must be refused"
	plugin_run strange "${SECONDARY[@]}" -- strange "$1"
	plugin_expect_code strange 0
	grep -v '^EAL' "$WORK/strange.out"
	plugin_stop
	plugin_expect_code host 0
}

# expect_kept FILTER: what telemetry says of mempools that are kept, if it has a plugin.
expect_kept() {
	[[ $KIND == plugin ]] || return 0
	dpdk-telemetry.py -f "$PREFIX" <<<"/labyrinth/mempools_kept" 2>/dev/null |
		sed -n 's/^--> //; /{"\/labyrinth\/mempools_kept"/p' |
		jq -e ".\"/labyrinth/mempools_kept\" | $1" >/dev/null ||
		rx_fail "telemetry of what is kept is not: $1"
}

# Twice: the secondary is killed, and ends by itself.
test_freed() {
	local shown=() argument
	KIND=$1
	say_case "$1: the primary frees the pool under a secondary"
	for argument in "${PRIMARY[@]}"; do
		[[ $argument == --no-telemetry ]] || shown+=("$argument")
	done
	plugin_start freed "${shown[@]}" -- freed "$1" "${SECONDARY[@]}"
	expect_kept '.mempools == 1 and .names == ["pool"] and .bytes > 4000000'
	echo >&"$PLUGIN_IN"
	plugin_await freed 600 2
	expect_kept '.mempools == 1'
	echo >&"$PLUGIN_IN"
	plugin_stop
	plugin_expect_code freed 0
	plugin_expect freed '^freed under one that was killed, and one that ended'
	if [[ $1 == plugin ]]; then
		plugin_expect freed 'is freed while 1 secondary processes are attached'
	else
		plugin_expect freed 'secondary 1 .* is attached: end it'
		plugin_expect freed 'rte_mempool_free\(\) while secondaries are attached'
	fi
}

# The primary dies without a word; the secondary ends by itself.
test_orphan() {
	local host
	say_case "$1: the primary is killed"
	plugin_start host "${PRIMARY[@]}" -- host "$1"
	host=$RX_PID
	rm -f "$WORK/orphan.out"
	"$RX" "${SECONDARY[@]}" -- orphan "$1" >"$WORK/orphan.out" 2>&1 </dev/null &
	RX_PID=$!
	plugin_await orphan
	kill -KILL "$host"
	RX_CODE=0
	wait "$RX_PID" || RX_CODE=$?
	RX_PID=
	wait "$host" 2>/dev/null || true
	exec {PLUGIN_IN}>&-
	plugin_expect_code orphan 0
	plugin_expect orphan '^the primary is dead$'
}

test_kind() {
	with "$1"
	test_kills "$1"
	test_look "$1"
	test_freed "$1"
	test_orphan "$1"
}

# EAL that has no files has nothing that a secondary could find.
test_in_memory() {
	say_case "library: a primary that shares nothing"
	plugin_run alone --no-pci --no-telemetry --file-prefix "$PREFIX-alone" --in-memory -m 64 \
		--log-level=5 -l 0 -- host library
	plugin_expect_code alone 4
	plugin_expect alone 'no secondary process could come: start without --in-memory'
}

plugin_begin "$1" "$2" 256 "$3"
[[ " ${EAL[*]} " != *" --no-huge "* && -n $(huge_mount 2048) ]] ||
	rx_skip "no hugetlbfs: secondaries need hugepages with files"
cp "$LIBRARY" "$SAFE/"
test_in_memory
test_kind library
RX=$PROGRAM_PLUGIN
FORKED=$((FORKED / 2))
REAL=$((REAL / 2))
test_kind plugin
