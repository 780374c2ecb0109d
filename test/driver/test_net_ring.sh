#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-rx on net_ring: ports that are rings, on which frames that it made or forwarded come
# back. Each frame that a ring took is received, those that still stand in it at the end too;
# what it did not take is counted.
# Arguments: labyrinth-rx, the scripts folder.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

# run NAME PORTS APP_ARGS...: what the rings took has come out of them again.
run() {
	local name=$1 vdevs=() i
	for ((i = 0; i < $2; i++)); do
		vdevs+=(--vdev "net_ring$i")
	done
	shift 2
	rx_run "$name" -l 0 "${vdevs[@]}" -- --pages 8192 "$@"
	rx_expect_code "$name" 0
	rx_expect_balanced "$name"
	rx_expect "$name" '.source.kind == "ring" and .forward.sent > 0'
	rx_expect "$name" '.ledger.offered == .forward.sent'
	# it allocates nothing and is told nothing of what comes: these are real zeroes
	rx_expect "$name" 'all(.ports[]; .rx_nombuf == 0 and .imissed == 0)'
	rx_expect "$name" '.ledger.unknown == []'
	echo "ok: $name: $(jq -c .forward "$WORK/$name.json")"
}

# Nobody receives until the end: the rings are full soon, and what stands in them is received
# when the ports are closed.
test_full() {
	run full 1 --duration 0.2 --forward-mode txonly
	rx_expect full '.forward.made == .forward.sent + .forward.unsent and .forward.unsent > 0'
	rx_expect full '.ledger.delivered == .forward.sent and .ports[0].tx_dropped == .forward.unsent'
	run full-other 1 --duration 0.2 --forward-mode txonly --pool ring_mp_mc
	rx_expect full-other '.ledger.delivered == .forward.sent and .forward.unsent > 0'
}

# From ring to ring and back, two queues each.
test_round() {
	run round 2 --duration 60 --packets 200000 --forward-mode macswap --tx-first --rxq 2
	rx_expect round '.forward.made == 128 and .ledger.delivered >= 200000'
	rx_expect round '.forward.unsent == 0 and .forward.tx_full == 0'
	rx_expect round 'all(.ports[]; .rx_packets > 0 and .tx_packets > 0)'
}

# What was received is thrown away and new frames are made, a burst for a burst.
test_flows() {
	run flows 2 --duration 60 --packets 200000 --forward-mode flowgen
	rx_expect flows '.forward.made == .forward.sent + .forward.unsent'
	rx_expect flows '.ledger.delivered == .forward.sent and .forward.sent >= 200000'
}

# Kept pages come back at the end, those in the rings too.
test_kept() {
	run kept 1 --duration 0.5 --forward-mode noisy --tx-first --noisy-tx-sw-buffer-size 8
	rx_expect kept '.forward.made == 32 and .pool.free == 8192'
}

rx_begin "$@"
test_full
test_round
test_flows
test_kept
