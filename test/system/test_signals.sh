#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# SIGINT and SIGTERM end labyrinth-rx as the end of its time does: with the whole
# report, balanced, nothing leaked. Frames come in while the signal does.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../driver/rx.sh
. "$(dirname "${BASH_SOURCE[0]}")/../driver/rx.sh"

# signalled SIGNAL: the first periodic statistics say that frames flow.
signalled() {
	local name=on-$1
	"$RX" "${EAL[@]}" -l 0 --vdev net_null0 --vdev net_null1 -- --duration 300 \
		--stats-period 1 --pages 8192 --json "$WORK/$name.json" \
		>"$WORK/$name.out" 2>"$WORK/$name.err" </dev/null &
	RX_PID=$!
	rx_wait_for "$name" RX-packets
	rx_stop "$1"
	rx_expect_code "$name" 0
	rx_expect_sound "$name"
	rx_expect "$name" '.ledger.delivered > 0 and .duration_s < 300'
	grep -q RX-total: "$WORK/$name.out" || rx_fail "$name: no report on screen"
	echo "ok: SIG$1 after $(jq .ledger.delivered "$WORK/$name.json") frames"
}

rx_begin "$@"
signalled INT
signalled TERM
