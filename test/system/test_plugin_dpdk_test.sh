#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK's own tests, as Debian built them (dpdk-test), with their mbufs and their "default"
# mempool from the page pool by the plugin: those that make mempools of the ops that EAL
# prefers. Each must pass, and really have been on the plugin.
# Arguments: the plugin, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"
# shellcheck source-path=SCRIPTDIR source=../driver/plugin.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/plugin.sh"

TESTS=(
	mempool_autotest mbuf_autotest ring_pmd_autotest
	reorder_autotest sched_autotest ipfrag_autotest distributor_autotest
	eventdev_selftest_sw event_eth_tx_adapter_autotest
	pdump_autotest latencystats_autotest bitratestats_autotest
)

run_test() {
	local name=$1 mempools objects
	RX_CODE=0
	timeout -k 5 120 dpdk-test "${EAL[@]}" -l 0,1 --log-level mempool.labyrinth:debug \
		"${ON_PLUGIN[@]}" <<<"$name" >"$WORK/$name.out" 2>&1 || RX_CODE=$?
	plugin_expect_code "$name" 0
	plugin_expect "$name" '^Test OK'
	mempools=$(grep -c '^labyrinth: mempool .* objects of' "$WORK/$name.out" || true)
	objects=$(sed -n 's/^labyrinth: mempool .*: \([0-9]*\) objects of.*/\1/p' \
		"$WORK/$name.out" | awk '{ n += $1 } END { print n + 0 }')
	((mempools > 0)) || rx_fail "$name: was not on the plugin"
	plugin_expect_not "$name" '^labyrinth: .*refused'
	echo "$name: OK on $mempools mempools, $objects objects"
}

plugin_begin dpdk-test "$2" 1024 "$1"
for name in "${TESTS[@]}"; do
	run_test "$name"
done
