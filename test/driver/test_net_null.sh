#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# labyrinth-rx on two net_null ports: each pool, one and two queues.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/rx.sh"

check() {
	local pool=$1 queues=$2 name=$1-$2
	rx_run "$name" -l 0 --vdev net_null0 --vdev net_null1 -- \
		--duration 2 --pages 8192 --rxq "$queues" --pool "$pool"
	rx_expect_code "$name" 0
	rx_expect_sound "$name"
	rx_expect "$name" '.ports | length == 2'
	rx_expect "$name" 'all(.ports[]; .driver == "net_null" and .rx_packets > 0)'
	rx_expect "$name" ".pool.ops == \"$pool\""
	echo "ok: $pool, $queues queue(s): $(jq .ledger.delivered "$WORK/$name.json") frames"
}

# The final block has testpmd's words, which scripts look for.
check_words() {
	local word
	for word in RX-packets: RX-dropped: RX-total: RX-nombufs:; do
		grep -q -- "$word" "$WORK/$1.out" || rx_fail "$1: no $word on screen"
	done
}

check_packet_limit() {
	rx_run limit -l 0 --vdev net_null0 -- --duration 100 --packets 100000 --pages 4096
	rx_expect_code limit 0
	rx_expect_sound limit
	rx_expect limit '.ledger.delivered >= 100000 and .duration_s < 100'
	echo "ok: --packets ends the run"
}

# Who keeps as many frames as there are pages gets no more; all are freed at the end.
check_hold() {
	rx_run keeps-all -l 0 --vdev net_null0 -- --duration 1 --pages 4096 --hold-packets 4096
	rx_expect_code keeps-all 0
	rx_expect_sound keeps-all
	rx_expect keeps-all '.ledger.delivered == 4096 and .pool.low_water == 0'
	rx_run keeps-some -l 0 --vdev net_null0 -- --duration 100 --packets 100000 \
		--pages 4096 --hold-packets 2000 --hold-us 1000000
	rx_expect_code keeps-some 0
	rx_expect_sound keeps-some
	rx_expect keeps-some '.ledger.delivered >= 100000 and .pool.low_water <= 2096'
	echo "ok: --hold-packets and --hold-us keep pages, no longer than they say"
}

rx_begin "$@"
for pool in labyrinth ring_mp_mc lf_stack; do
	for queues in 1 2; do
		check "$pool" "$queues"
	done
done
check_words labyrinth-1
check_packet_limit
check_hold
